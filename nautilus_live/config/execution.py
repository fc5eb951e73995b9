"""The execution engine, with reconciliation, the runtime checks and memory. Numbers behind the names are defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.engines import QUEUE_SIZE_DEFAULT
from nautilus_live.config.kinds import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from nautilus_live.model.identifiers import ClientId, ClientOrderId, InstrumentId

_Fraction = Annotated[Decimal, Meta(ge=0, lt=1)]


class ExecEngineConfig(NautilusConfig, frozen=True, kw_only=True):
    """The execution engine.

    Attributes:
        load_cache (True): Whether the state of the last run is loaded at start.
        manage_own_order_books (False): Whether a book of the node's own orders is kept for each instrument.
        convert_quote_qty_to_base (True): Whether an order's quantity in quote currency is converted before it is
            sent. Only releases 1.221 to 1.224 of the reference have it.
        snapshot_orders (False): Whether an order is written out whole after each of its events.
        snapshot_positions (False): Whether a position is written out whole after each of its events.
        snapshot_positions_interval_secs (None): Seconds between further snapshots of the open positions, with
            `snapshot_positions`; None takes none.
        external_clients (None): Execution clients served by other nodes; commands for them go out on the bus only.
            Accepted and validated; takes effect with the external streams.
        debug (False): Whether each command and event that the engine takes is logged, at INFO.
        allow_overfills (False): Whether a fill beyond an order's quantity is applied, with a warning, rather than
            refused. Later addition (1.222).
        purge_closed_orders_interval_mins (None): Minutes between purges of closed orders from memory (10 to 15 is
            usual); None purges none. Later addition here (1.231); the live engine always had it.
        purge_closed_orders_buffer_mins (None): Minutes an order must have been closed (60 is usual); None or 0 asks
            no wait. What the node ended without the venue rests for 60 at least. Later addition here (1.231).
        purge_closed_positions_interval_mins (None): Minutes between purges of closed positions from memory; None
            purges none. Later addition here (1.231).
        purge_closed_positions_buffer_mins (None): Minutes a position must have been closed; None or 0 asks no wait.
            Later addition here (1.231).
        purge_account_events_interval_mins (None): Minutes between purges of account events from memory; None purges
            none. Later addition here (1.231).
        purge_account_events_lookback_mins (None): Minutes an account event must lie back; None or 0 asks no wait. Later
            addition here (1.231).
        purge_from_database (False): Whether a purge deletes from the database too, for good. Later addition here
            (1.231).

    """

    load_cache: bool = True
    manage_own_order_books: bool = False
    convert_quote_qty_to_base: bool = True
    snapshot_orders: bool = False
    snapshot_positions: bool = False
    snapshot_positions_interval_secs: PositiveFloat | None = None
    external_clients: list[ClientId] | None = None
    debug: bool = False
    allow_overfills: bool = False
    purge_closed_orders_interval_mins: PositiveInt | None = None
    purge_closed_orders_buffer_mins: NonNegativeInt | None = None
    purge_closed_positions_interval_mins: PositiveInt | None = None
    purge_closed_positions_buffer_mins: NonNegativeInt | None = None
    purge_account_events_interval_mins: PositiveInt | None = None
    purge_account_events_lookback_mins: NonNegativeInt | None = None
    purge_from_database: bool = False


class LiveExecEngineConfig(ExecEngineConfig, frozen=True, kw_only=True):
    """The execution engine of a live node: reconciliation and the checks that run beside trading.

    Three marks are used below. "Later addition" names the reference's release that brought a setting the guide does
    not have. "Own addition" is ours. Zero or None disables a check wherever the text says so, at construction and in
    a file alike.

    Attributes:
        reconciliation (True): Whether orders and positions are aligned with the venue at start.
        reconciliation_lookback_mins (None): Minutes of the venue's history that are asked for; None or 0 asks for all
            it has.
        reconciliation_instrument_ids (None): The only instruments to reconcile; None or empty means all. It says what
            of the venue's lists is looked at; an order that the node sent and waits for is asked about in any.
        filter_unclaimed_external_orders (False): Whether orders that no strategy claims are left out; alignment
            orders never are.
        filter_position_reports (False): Whether the venue's position reports are left out, for nodes that share an
            account.
        filtered_client_order_ids (None): Orders that are left out wherever a report of them arrives, not at start
            alone.
        generate_missing_orders (True): Whether orders are made up (strategy INTERNAL-DIFF) so that positions meet the
            venue's.
        inflight_check_interval_ms (2000): Milliseconds between looks at orders that wait for the venue; 0 disables the
            check.
        inflight_check_threshold_ms (5000): Milliseconds an order may wait before the venue is asked about it.
        inflight_check_retries (5): How often the venue must answer that it has no such order before the order is
            resolved without it; unanswered questions do not count, and it is asked at least once.
        own_books_audit_interval_secs (None): Seconds between audits of the own order books, against the orders and
            against the venues' public books where those are subscribed to (after `open_check_threshold_ms` of quiet);
            None or 0 disables them. The reference refuses 0.
        open_check_interval_secs (None): Seconds between polls of the open orders (5 to 10 is usual); None or 0 disables
            them, and what a start's lists leave out is asked about alone, until it is answered. The guide allows 0, the
            reference's parser refuses it.
        open_check_open_only (True): Whether a poll asks for open orders alone rather than for the whole history.
        open_check_lookback_mins (60): Minutes of history that a poll asks for. Later addition (1.221).
        open_check_threshold_ms (5000): Milliseconds an order must have been quiet before a poll may find it missing.
            Later addition (1.221).
        open_check_missing_retries (5): Polls in a row that must miss an order before it is resolved. Later addition
            (1.221).
        max_single_order_queries_per_cycle (10): Questions about single orders in one poll, so that rate limits hold.
            Later addition (1.221).
        single_order_query_delay_ms (100): Milliseconds between such questions, and between those of second looks. Later
            addition (1.221).
        reconciliation_startup_delay_secs (10.0): Seconds after the start before the runtime checks begin. Later
            addition (1.221).
        qsize (100000): Commands and events that each queue of the engine holds. More orders are denied and more
            modifications rejected; cancels, events and reports are taken all the same, with an alarm.
        graceful_shutdown_on_exception (False): Whether an unexpected error stops the node in order instead of ending
            the process.
        position_check_interval_secs (None): Seconds between comparisons of positions with the venue's; None or 0
            disables them, and so does `filter_position_reports`. Later addition (1.222).
        position_check_lookback_mins (60): Minutes of trades that are asked for when positions differ, and the period in
            which one position is aligned three times at most. Later addition (1.222).
        position_check_threshold_ms (5000): Milliseconds a position must have been quiet before a difference counts.
            Later addition (1.222).
        position_check_retries (3): Comparisons in a row that must differ, with no trade that explains it, before the
            position is aligned or, with nothing to be made up, given up as uncertain; one at least. Later addition
            (1.224).
        duplicate_order_ids ('fail'): What two reports under one client order id lead to: `fail` (the guide:
            reconciliation fails) or `dedupe` (the most advanced one is kept, with a warning). The legs of an order that
            the venue replaced are one order, and no duplicates. Own addition.
        reconciliation_fail_closed (True): Whether a venue that gave no full answer keeps the node from starting;
            otherwise it starts with that venue halted. Own addition, under a name that later reference docs use.
        inflight_policy ('resolve'): What happens to a pending update or cancel when the questions are used up:
            `resolve` (the guide: canceled) or `unresolved` (left pending until the venue speaks). Own addition.
        position_silence ('unknown'): What a venue's report says about an open position that it leaves out: `unknown`
            (nothing) or `flat` (that it is closed). Own addition.
        filled_quantity_regression ('quarantine'): What a report of less filled than is known leads to: `quarantine`
            (the order is set aside with a warning) or `fail` (reconciliation fails). Own addition.
        claim_alignment_orders (False): Whether `external_order_claims` covers alignment orders too, as the reference
            has it; the guide says they cannot be claimed. Own addition.
        fill_price_tolerance_ticks (1): Price increments by which a reported fill may differ from the known one
            unremarked. Own addition.
        fill_commission_tolerance (0.0001): Relative difference of commissions that goes unremarked, 0 up to but not
            including 1; kept as a decimal. Own addition.
        early_fill_expiry_secs (60.0): Seconds a fill is kept that arrived before its order; then an alarm. Own
            addition.
        reconcile_on_reconnect (True): Whether a client whose stream was lost and came back is asked for what was
            missed; until that is known, nothing new goes to it. Own addition.
        reconnect_margin_secs (60.0): Seconds before the loss that are asked about again: the venue's clock is not ours.
            Own addition.
        disconnected_alarm_secs (60.0): Seconds a client may stay disconnected before an alarm; None for ever. Own
            addition.
        uncertain_policy ('hold'): What an instrument leads to whose position may not be the venue's: `hold` (orders
            that could add to the exposure are denied; what closes, and cancels, pass) or `warn` (only told). Own
            addition.
        uncertain_after_secs (60.0): Seconds an order may wait for the venue before its instrument counts as uncertain;
            None for ever. Own addition.

    """

    reconciliation: bool = True
    reconciliation_lookback_mins: NonNegativeInt | None = None
    reconciliation_instrument_ids: list[InstrumentId] | None = None
    filter_unclaimed_external_orders: bool = False
    filter_position_reports: bool = False
    filtered_client_order_ids: list[ClientOrderId] | None = None
    generate_missing_orders: bool = True
    inflight_check_interval_ms: NonNegativeInt = 2_000
    inflight_check_threshold_ms: NonNegativeInt = 5_000
    inflight_check_retries: NonNegativeInt = 5
    own_books_audit_interval_secs: NonNegativeFloat | None = None
    open_check_interval_secs: NonNegativeFloat | None = None
    open_check_open_only: bool = True
    open_check_lookback_mins: PositiveInt = 60
    open_check_threshold_ms: NonNegativeInt = 5_000
    open_check_missing_retries: NonNegativeInt = 5
    max_single_order_queries_per_cycle: PositiveInt = 10
    single_order_query_delay_ms: NonNegativeInt = 100
    reconciliation_startup_delay_secs: PositiveFloat = 10.0
    qsize: PositiveInt = QUEUE_SIZE_DEFAULT
    graceful_shutdown_on_exception: bool = False
    position_check_interval_secs: NonNegativeFloat | None = None
    position_check_lookback_mins: PositiveInt = 60
    position_check_threshold_ms: NonNegativeInt = 5_000
    position_check_retries: NonNegativeInt = 3
    duplicate_order_ids: Literal["fail", "dedupe"] = "fail"
    reconciliation_fail_closed: bool = True
    inflight_policy: Literal["resolve", "unresolved"] = "resolve"
    position_silence: Literal["unknown", "flat"] = "unknown"
    filled_quantity_regression: Literal["quarantine", "fail"] = "quarantine"
    claim_alignment_orders: bool = False
    fill_price_tolerance_ticks: NonNegativeInt = 1
    fill_commission_tolerance: _Fraction = Decimal("0.0001")
    early_fill_expiry_secs: PositiveFloat = 60.0
    reconcile_on_reconnect: bool = True
    reconnect_margin_secs: NonNegativeFloat = 60.0
    disconnected_alarm_secs: PositiveFloat | None = 60.0
    uncertain_policy: Literal["hold", "warn"] = "hold"
    uncertain_after_secs: PositiveFloat | None = 60.0
