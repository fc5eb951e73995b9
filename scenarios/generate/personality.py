"""Who meets in a generated scenario: the venue's personality and the node's settings, shortened so that what is rare
in production is common here.

May know: profiles and the names of settings. Tables of (setting, percent, choices): a setting is given in so many of
100 seeds, with one of the choices; a new one is a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox_venues.profiles import VenueProfile, profile
from scenarios.generate.draws import Draws, chosen, coin
from scenarios.settings import WORLD_SETTINGS

Setting = tuple[str, int, Sequence[Any]]

PROFILES = (
    "default", "default", "default", "hedging", "replacing", "replacing", "forgetful", "tag-only", "cash",
    "binance-spot", "binance-futures", "lagging", "hedge-mode", "conditional-apart", "terse", "atomic", "dead-man",
    "token-fees",
)  # fmt: skip
QUIRKS: tuple[Setting, ...] = (
    ("modify", 10, ("cancel_new",)),
    ("lists_replaced_legs", 10, (True,)),
    ("names_replacements", 10, (False,)),
    ("client_ids", 8, ("unique_while_open", "free")),
    ("ids_per_instrument", 12, (True,)),
    ("page_size", 12, (1, 2, 3)),
    ("newest_first", 10, (True,)),
    ("reports_avg_px", 10, (False,)),
    ("reports_fills", 6, (False,)),
    ("answers_state", 10, (False,)),
    ("vague_refusals", 8, (True,)),
    ("reports_commissions", 10, (False,)),
    ("reports_flat_positions", 12, (False,)),
    ("avg_px_places", 6, (4,)),
    ("fills_before_acks", 15, (True,)),
    ("streams_fills", 5, (False,)),
    ("streams_positions", 15, (True,)),
    ("streams_account", 8, (False,)),
    ("splits_flips", 8, (True,)),
    ("reports_positions", 5, (False,)),
    ("clock_offset_secs", 10, (0.4, -0.4, 5.0, -5.0)),
    ("checks_funds", 8, (False,)),
    ("fills_lookback_secs", 5, (20.0,)),
    ("self_trade_prevention", 10, ("cancel_newest", "cancel_oldest", "cancel_both", "decrement")),
    ("self_trade_ends", 30, ("cancel",)),
    ("queue_position", 8, (True,)),
    ("keeps_rejected", 15, (False,)),
    ("market_remainder", 12, ("expire", "wait")),
    ("immediate_remainder", 8, ("expire",)),
    ("stop_in_market", 8, ("refuse",)),
    ("latency_ms", 25, (1, 40, 100)),
    ("jitter_ms", 30, (5, 30, 100)),
    ("trades_apart", 15, (True,)),
    ("fee_currency", 6, ("base", "received", "third")),
    ("maker_rate", 6, ("-0.0001",)),
    ("conditional_orders", 6, ("unlisted", "apart")),
    ("keeps_dates", 6, (False,)),
    ("liquidation_ids", 20, ("none",)),
    ("book_refresh", 10, ("changed",)),
    ("fills_lag_secs", 3, (2.0,)),
    ("positions_lag_secs", 3, (2.0,)),
    ("contingencies", 12, (False,)),
    ("oto_release", 15, ("partial",)),
    ("oco_on_partial", 15, ("keep",)),
    ("streams_trails", 30, (True,)),
    ("request_timeout_secs", 40, (0.8, 1.0, 2.0)),
    ("heartbeat_secs", 60, (4.0, 7.0)),
    ("reconnect_secs", 30, (0.05, 2.0)),
)
NODE: tuple[Setting, ...] = (
    ("reconciliation_startup_delay_secs", 100, (0.1, 0.5, 0.5, 2.0)),
    ("inflight_check_interval_ms", 100, (1_000, 2_000, 2_000, 3_000)),
    ("inflight_check_threshold_ms", 100, (300, 1_000, 2_000)),
    ("inflight_check_retries", 100, (0, 1, 2, 4)),
    ("inflight_policy", 3, ("unresolved",)),
    ("open_check_interval_secs", 85, (3.0, 5.0)),
    ("open_check_open_only", 40, (False,)),
    ("open_check_threshold_ms", 100, (100, 500, 2_000)),
    ("open_check_missing_retries", 100, (0, 0, 1, 2)),
    ("open_check_lookback_mins", 15, (1, 5)),
    ("max_single_order_queries_per_cycle", 12, (1, 2)),
    ("single_order_query_delay_ms", 15, (0, 10)),
    ("position_check_interval_secs", 75, (3.0, 6.0)),
    ("position_check_threshold_ms", 60, (100, 1_000)),
    ("position_check_retries", 40, (0, 1)),
    ("position_check_lookback_mins", 10, (1, 5)),
    ("own_books_audit_interval_secs", 12, (4.0,)),
    ("manage_own_order_books", 20, (True,)),
    ("reconciliation_lookback_mins", 12, (1, 60)),
    ("duplicate_order_ids", 20, ("dedupe",)),
    ("position_silence", 15, ("flat",)),
    ("claim_alignment_orders", 8, (True,)),
    ("early_fill_expiry_secs", 15, (0.5, 5.0)),
    ("timeout_reconciliation", 100, (2.0, 4.0)),
    ("timeout_connection", 100, (2.0, 4.0)),
    ("timeout_post_stop", 50, (0.2, 1.0)),
    ("buffer_interval_ms", 25, (20, 100, 1_000)),
    ("purge_closed_orders_interval_mins", 8, (1,)),
    ("purge_closed_orders_buffer_mins", 60, (0, 0, 1)),
    ("purge_closed_positions_interval_mins", 6, (1,)),
    ("purge_closed_positions_buffer_mins", 60, (0, 0, 1)),
    ("purge_account_events_interval_mins", 5, (1,)),
    ("purge_account_events_lookback_mins", 50, (0,)),
    ("purge_from_database", 40, (True,)),
    ("snapshot_orders", 12, (True,)),
    ("snapshot_positions", 12, (True,)),
    ("snapshot_positions_interval_secs", 20, (2.0,)),
    ("max_order_submit_rate", 8, ("1/00:00:01", "2/00:00:05")),
    ("max_order_modify_rate", 8, ("1/00:00:01",)),
    ("max_notional_per_order", 6, ({"BTCUSDT": 30_000},)),
    ("filter_unclaimed_external_orders", 5, (True,)),
    ("filter_position_reports", 3, (True,)),
    ("generate_missing_orders", 3, (False,)),
    ("allow_overfills", 3, (True,)),
    ("filtered_client_order_ids", 4, (["O-2"],)),
    ("reconciliation_instrument_ids", 4, (["BTCUSDT"],)),
    ("uncertain_after_secs", 30, (5.0, 15.0)),
    ("stall_alarm_secs", 90, (60.0,)),
    ("uncertain_policy", 12, ("warn",)),
    ("reconnect_margin_secs", 30, (0.0, 1.0, 5.0)),
)
STRATEGY: tuple[Setting, ...] = (
    ("oms_type", 15, ("HEDGING", "NETTING")),
    ("external_order_claims", 15, (["BTCUSDT"],)),
    ("manage_gtd_expiry", 20, (True,)),
    ("manage_contingent_orders", 30, (True,)),
)
LATENCY_MS = 10
"""How far away a venue is that says nothing else."""
TRADES_MAX = 40
"""How many trades there may be to read at a start, page by page."""
READ_WITHIN_MS = 1_600
"""How long that may take: less than the shortest `timeout_reconciliation`."""


def venue_table(draws: Draws, name: str) -> dict[str, Any]:
    """Return a venue's table; `name` is the seed's name for it."""
    table: dict[str, Any] = {}
    ready = draws.pick(PROFILES)
    if ready != "default":
        table["profile"] = ready
    table |= settings(QUIRKS, name)
    if ready == "forgetful":
        table.pop("reports_fills", None)  # where closed orders vanish, only trades tell what became of them,
        table.pop("fills_lookback_secs", None)  # and they must do so for longer than a node is down;
        table.pop("splits_flips", None)  # no total says whether a trade that is listed twice counts twice;
        table.pop("modify", None)  # no leg says whose it is: what somebody else amends looks like an end and a stranger
        table.pop("lists_replaced_legs", None)  # nor, of a leg that is listed as canceled, which one goes on
    if not made_profile(table).reports_avg_px:
        table.pop("splits_flips", None)  # of two parts of one size one looks like the other, and its price is not told
    if made_profile(table).page_size < (least := _least_page_size(table)):
        table["page_size"] = least
    return table


def made_profile(table: dict[str, Any]) -> VenueProfile:
    """Return the profile that a venue's table makes."""
    fields = {key: value for key, value in table.items() if key != "profile" and key not in WORLD_SETTINGS}
    return profile(table.get("profile", "default"), **fields)


def _least_page_size(table: dict[str, Any]) -> int:
    """Return how large the pages of a venue that is far away must be for a start to read them all in its time."""
    round_trip_ms = 2 * (table.get("latency_ms", LATENCY_MS) + table.get("jitter_ms", 0))
    return int(-(-TRADES_MAX * round_trip_ms // READ_WITHIN_MS))


def settings(choices: Sequence[Setting], name: str) -> dict[str, Any]:
    """Return those settings whose coin says so, each with one of its choices."""
    return {
        setting: chosen(f"{name}:{setting}", values)
        for setting, percent, values in choices
        if coin(f"{name}:{setting}", percent)
    }
