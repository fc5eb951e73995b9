"""BEHAVIOUR.md group F: what a lookback window makes of a longer history; the number in a test's name is the row's.

Orders and their fills are facts and always kept. What an incomplete history must not do is move the position: there a
synthetic opening stands for what lies before the window, or fills are marked as not counting in the position.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core.reconciliation import Plan, reconcile
from nautilus_live.core.reconciliation.types import Policy
from nautilus_live.model.enums import OmsType, OrderStatus
from nautilus_live.model.events import OrderFilled, OrderInitialized
from nautilus_live.model.identifiers import INTERNAL_DIFF, ClientOrderId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.reports import FillReport, OrderStatusReport
from tests.adapters.test_live_client import Adapter, Sink, play
from tests.core.belief import Belief
from tests.core.conftest import STRATEGY, make_policy, mass_status
from tests.core.reconciliation.aligning import aligned, positions
from tests.core.reconciliation.settling import (
    NOW,
    OTHER_PAIR,
    PAIR,
    Settled,
    believing,
    cached,
    describe,
    held,
    price,
    reported,
    settle,
    traded,
    units,
)

OWN = "AUD/USD.SIM-S-001"
CLAIMS = {PAIR.id: STRATEGY, OTHER_PAIR.id: STRATEGY}


def history(
    *trades: str, instrument: Instrument = PAIR, ts: int | None = None, first: int = 1
) -> tuple[list[OrderStatusReport], list[FillReport]]:
    """Return filled orders O-1, O-2... with one trade each, from `quantity@price`; a day apart, or all at `ts`."""
    orders, fills = [], []
    for number, text in enumerate(trades, first):
        signed, at = text.split("@")
        quantity = signed.lstrip("-")
        fields: dict[str, Any] = {
            "client_order_id": f"O-{number}",
            "venue_order_id": f"V-{number}",
            "order_side": "SELL" if signed.startswith("-") else "BUY",
            "instrument_id": instrument.id,
        }
        at_ns = 100 * number if ts is None else ts
        orders.append(
            reported("FILLED", quantity, quantity=quantity, avg_px=at, price=f"{Decimal(at):.5f}", ts_last=at_ns,
                     ts_accepted=at_ns, **fields)
        )  # fmt: skip
        fills.append(traded(f"T-{number}", quantity, f"{Decimal(at):.5f}", ts=at_ns, **fields))
    return orders, fills


def start(*trades: str, venue: str, average: str | None, **choices: Any) -> Settled:
    """Reconcile a node that knows nothing with a window of trades and the venue's position."""
    orders, fills = history(*trades)
    return settle(believing(), orders, fills, [held(venue, average)], **{"claims": CLAIMS, **choices})


def fills_of(settled: Settled) -> dict[str, tuple[bool, int]]:
    """Return the planned fills of the window by order: whether they move the position, and when."""
    return {
        event.client_order_id.value: (event.affects_position, event.ts_event)
        for event in settled.plan.events
        if isinstance(event, OrderFilled) and event.client_order_id.value.startswith("O-")
    }


def moving(settled: Settled) -> list[str]:
    return [name for name, (moves, _) in fills_of(settled).items() if moves]


def openings(settled: Settled) -> list[str]:
    """Return the events of orders that were made up."""
    return [describe(event) for event in settled.plan.events if event.strategy_id == INTERNAL_DIFF]


def opening(side: str, quantity: int, at: str, ts: int) -> list[str]:
    return [
        f"Initialized ALIGN/ALIGN INTERNAL-DIFF['RECONCILIATION'] {side} {quantity} LIMIT GTC @ {at} at {ts}",
        f"Accepted ALIGN/ALIGN at {ts}",
        f"Filled ALIGN/ALIGN {quantity} @ {at} ALIGN position {OWN} estimated at {ts}",
    ]


def all_filled(settled: Settled, count: int) -> bool:
    """Whether the orders of the window are there, filled, each with its own trade."""
    for number in range(1, count + 1):
        order = settled.belief.orders[ClientOrderId(f"O-{number}")]
        if order.status is not OrderStatus.FILLED or [str(one) for one in order.trade_ids] != [f"T-{number}"]:
            return False
    return True


def realized(settled: Settled) -> Decimal:
    return sum((one.realized + one.realized_before for one in settled.belief.positions.values()), Decimal(0))


# -- one life cycle ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("average", ["1.10", "1.1001", None])
def test_row_150_complete_window_is_taken_as_it_is(average: str | None) -> None:
    settled = start("100@1.00", "50@1.30", venue="150", average=average)
    assert moving(settled) == ["O-1", "O-2"]
    assert openings(settled) == []
    assert settled.notes == []
    assert positions(settled.belief) == {OWN: "LONG 150 @ 1.10000"}
    assert all_filled(settled, 2)


def test_row_151_window_that_misses_the_opening_gets_one_that_restores_quantity_and_average() -> None:
    settled = start("50@1.30", venue="150", average="1.10")
    assert openings(settled) == opening("BUY", 100, "1.00000", 99)
    assert positions(settled.belief) == {OWN: "LONG 150 @ 1.10000"}
    assert settled.notes == ["INFO position.window_incomplete"]
    assert settled.verdict == "ok"
    assert all_filled(settled, 1)
    assert moving(settled) == ["O-1"]


def test_row_151_opening_comes_before_the_fills_of_the_window() -> None:
    settled = start("50@1.30", venue="150", average="1.10")
    kinds = [describe(event).split()[0] + " " + str(event.client_order_id)[:1] for event in settled.plan.events]
    assert kinds == ["Initialized O", "Accepted O", "Initialized A", "Accepted A", "Filled A", "Filled O"]


def test_row_151_missed_opening_of_a_short_that_was_reduced_realises_what_was_really_earned() -> None:
    settled = start("40@0.90", venue="-60", average="1.00")
    assert openings(settled) == opening("SELL", 100, "1.00000", 99)
    assert positions(settled.belief) == {OWN: "SHORT 60 @ 1.00000 realized 4.00 USD"}


@pytest.mark.parametrize("average", [None, "0"])
def test_row_151_without_the_venues_average_the_rest_is_aligned_after_the_window(average: str | None) -> None:
    settled = start("50@1.30", venue="150", average=average)
    assert settled.events[-3:] == aligned("BUY", 100, "1.30000", OWN)
    assert positions(settled.belief) == {OWN: "LONG 150 @ 1.30000"}
    assert settled.notes == ["INFO position.aligned"]


def test_row_151_opening_belongs_to_the_first_fills_strategy_but_its_order_to_nobody() -> None:
    settled = start("50@1.30", venue="150", average="1.10", claims={})
    external = PositionId("AUD/USD.SIM-EXTERNAL")
    assert list(settled.belief.positions) == [external]
    assert positions(settled.belief) == {external.value: "LONG 150 @ 1.10000"}
    [init] = [
        one for one in settled.plan.events if isinstance(one, OrderInitialized) and one.tags == ("RECONCILIATION",)
    ]
    assert (init.strategy_id, init.reduce_only, init.post_only) == (INTERNAL_DIFF, False, False)


def test_row_151_opening_of_the_same_facts_has_the_same_ids_and_other_facts_others() -> None:
    def ids(average: str, *trades: str) -> list[str]:
        settled = start(*trades, venue="150", average=average)
        return [one.client_order_id.value for one in settled.plan.events if one.strategy_id == INTERNAL_DIFF]

    same = ids("1.10", "50@1.30")
    assert ids("1.1000", "50@1.30") == same
    assert ids("1.20", "50@1.30")[0] != same[0]
    assert ids("1.10", "40@1.30")[0] != same[0]


def test_row_151_with_generation_off_no_opening_is_made_up() -> None:
    settled = start("50@1.30", venue="150", average="1.10", generate_missing_orders=False)
    assert openings(settled) == []
    assert positions(settled.belief) == {OWN: "LONG 50 @ 1.30000"}
    assert settled.verdict == "uncertain AUD/USD.SIM"
    assert settled.notes == ["WARNING! position.mismatch"]
    assert settled.plan.succeeded


def test_row_152_incomplete_close_does_not_open_the_other_side() -> None:
    # 100 were bought before the window, 50 sold in it.
    settled = start("-50@1.20", venue="50", average="1.00")
    assert openings(settled) == opening("BUY", 100, "1.00000", 99)
    assert positions(settled.belief) == {OWN: "LONG 50 @ 1.00000 realized 10.00 USD"}


# -- several life cycles -----------------------------------------------------------------------------------------------


def test_row_153_earlier_lifecycle_is_kept_with_its_profit_when_the_window_adds_up() -> None:
    settled = start("100@1.00", "-100@1.10", "30@1.20", venue="30", average="1.20")
    assert moving(settled) == ["O-1", "O-2", "O-3"]
    assert positions(settled.belief) == {OWN: "LONG 30 @ 1.20000"}
    assert realized(settled) == 10
    assert all_filled(settled, 3)
    assert (openings(settled), settled.notes) == ([], [])


def test_row_153_earlier_lifecycle_that_does_not_add_up_is_kept_but_silent() -> None:
    # 70 more were sold before the window than bought in it: the sell of 100 flipped nothing, it opened the short.
    settled = start("30@1.00", "-100@2.00", venue="-100", average="2.00")
    assert fills_of(settled) == {"O-1": (False, 100), "O-2": (True, 200)}
    assert settled.text("position.window_incomplete").endswith(": 1 of 2 leave the position alone")
    assert openings(settled) == []
    assert positions(settled.belief) == {OWN: "SHORT 100 @ 2.00000"}
    assert realized(settled) == 0
    assert all_filled(settled, 2)
    assert settled.notes == ["INFO position.window_incomplete"]


def test_row_154_lifecycles_that_do_not_add_up_are_silent_and_the_venues_position_is_stated() -> None:
    settled = start("100@1.00", "-100@1.10", "30@1.20", venue="80", average="1.30")
    assert moving(settled) == []
    assert openings(settled) == opening("BUY", 80, "1.30000", 299)
    assert settled.text("position.window_incomplete").endswith(
        "3 of 3 leave the position alone, opening with 80 @ 1.30000"
    )
    assert positions(settled.belief) == {OWN: "LONG 80 @ 1.30000"}
    assert realized(settled) == 0
    assert all_filled(settled, 3)
    assert settled.notes == ["INFO position.window_incomplete"]
    times = [event.ts_event for event in settled.plan.events if isinstance(event, OrderFilled)]
    assert times == [100, 200, 299, 300]


def test_row_154_history_that_ends_flat_is_stated_before_its_last_fill() -> None:
    settled = start("100@1.00", "-100@1.10", venue="80", average="1.30")
    assert openings(settled) == opening("BUY", 80, "1.30000", 199)
    assert positions(settled.belief) == {OWN: "LONG 80 @ 1.30000"}
    assert (moving(settled), all_filled(settled, 2)) == ([], True)


def test_row_154_with_generation_off_the_fills_count_as_they_are() -> None:
    settled = start("100@1.00", "-100@1.10", "30@1.20", venue="80", average="1.30", generate_missing_orders=False)
    assert moving(settled) == ["O-1", "O-2", "O-3"]
    assert positions(settled.belief) == {OWN: "LONG 30 @ 1.20000"}
    assert settled.verdict == "uncertain AUD/USD.SIM"


WORKING = reported("ACCEPTED", client_order_id=None, venue_order_id="V-9", price="0.90000", ts_last=50, ts_accepted=50)


@pytest.mark.parametrize("venue", ["30", "80"])
def test_row_155_working_order_is_kept_whatever_the_window_says(venue: str) -> None:
    orders, fills = history("100@1.00", "-100@1.10", "30@1.20")
    settled = settle(believing(), [*orders, WORKING], fills, [held(venue, "1.30")], claims=CLAIMS)
    assert settled.orders["EXT-V-9"] == "ACCEPTED 0/100 @ 0.90000 V-9"
    assert settled.belief.net(PAIR) == Decimal(venue)


def test_row_155_own_orders_are_reconciled_whatever_the_window_says() -> None:
    ours = cached("ACCEPTED", "O-3", quantity=units(30), price=price("1.20000"))
    orders, fills = history("100@1.00", "-100@1.10", "30@1.20")
    settled = settle(believing(ours), orders, fills, [held("80", "1.30")], claims=CLAIMS)
    assert settled.order("O-3").status is OrderStatus.FILLED
    assert settled.order("O-3").strategy_id == STRATEGY
    assert moving(settled) == []
    assert openings(settled) == opening("BUY", 80, "1.30000", 299)
    assert all_filled(settled, 3)
    assert positions(settled.belief) == {OWN: "LONG 80 @ 1.30000"}


def test_row_155_partly_filled_working_order_keeps_its_fill_and_goes_on() -> None:
    orders, fills = history("100@1.00", "-100@1.10")
    orders.append(
        reported("PARTIALLY_FILLED", "30", avg_px="1.20", client_order_id="O-3", venue_order_id="V-3", ts_last=300)
    )
    fills.append(traded("T-3", "30", "1.20000", ts=300, client_order_id="O-3", venue_order_id="V-3"))
    settled = settle(believing(), orders, fills, [held("80", "1.30")], claims=CLAIMS)
    assert settled.orders["O-3"] == "PARTIALLY_FILLED 30/100 @ 1.00000 avg 1.2 V-3"
    assert positions(settled.belief) == {OWN: "LONG 80 @ 1.30000"}


def test_row_156_venue_is_flat_and_what_the_window_leaves_is_closed_at_its_average() -> None:
    settled = start("100@1.00", "-40@1.10", venue="0", average=None)
    assert moving(settled) == ["O-1", "O-2"]
    assert settled.events[-3:] == aligned("SELL", 60, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: "FLAT realized 4.00 USD"}
    assert settled.notes == ["INFO position.aligned"]


@pytest.mark.parametrize(
    ("trades", "first_that_counts"),
    [
        (("10@1.0", "-10@1.1", "20@1.2", "-20@1.3", "30@1.4", "-30@1.5", "40@1.6", "-40@1.7", "50@1.8"), 9),
        (("-10@1.0", "10@1.1", "20@1.2", "-20@1.3", "-7@1.8"), 5),
    ],
    ids=["five", "alternating sides"],
)
def test_row_158_the_current_lifecycle_begins_at_the_last_landing_on_zero(
    trades: tuple[str, ...], first_that_counts: int
) -> None:
    signed, at = trades[-1].split("@")
    complete = start(*trades, venue=signed, average=at)
    assert len(moving(complete)) == len(trades)
    larger = str(Decimal(signed) * 2)
    stated = start(*trades, venue=larger, average="2.00")
    side = "SELL" if signed.startswith("-") else "BUY"
    quantity = abs(int(larger))
    assert openings(stated) == opening(side, quantity, "2.00000", 100 * first_that_counts - 1)
    assert moving(stated) == []


def test_row_158_identical_times_go_by_venue_order_id() -> None:
    orders, fills = history("100@1.00", "-100@1.10", "30@1.20", ts=500)
    settled = settle(believing(), orders, fills, [held("30", "1.20")], claims=CLAIMS)
    assert moving(settled) == ["O-1", "O-2", "O-3"]
    assert positions(settled.belief) == {OWN: "LONG 30 @ 1.20000"}


@pytest.mark.parametrize(("trade", "venue"), [("50@1.30", "150"), ("200@1.30", "50")])
def test_row_159_opening_before_a_fill_at_the_beginning_of_time_saturates_at_zero(trade: str, venue: str) -> None:
    orders, fills = history(trade, ts=0)
    settled = settle(believing(), orders, fills, [held(venue, "1.10")], claims=CLAIMS)
    assert [event.ts_event for event in settled.plan.events if event.strategy_id == INTERNAL_DIFF] == [0, 0, 0]
    assert positions(settled.belief) == {OWN: f"LONG {venue} @ 1.10000"}


# -- where it does not apply -------------------------------------------------------------------------------------------


def test_row_160_hedging_is_left_to_the_alignment() -> None:
    orders, fills = history("100@1.00", "-100@1.10", "30@1.20")
    settled = settle(
        believing(oms_type=OmsType.HEDGING),
        orders,
        [structs.replace(fill, venue_position_id=PositionId("P-1")) for fill in fills],
        [held("80", "1.30", venue_position_id="P-1")],
        claims=CLAIMS,
        oms_type=OmsType.HEDGING,
    )
    assert moving(settled) == ["O-1", "O-2", "O-3"]
    assert settled.belief.positions[PositionId("P-1")].signed_qty == 80
    assert "position.window_incomplete" not in str(settled.notes)


def test_row_160_hedging_without_position_ids_gets_no_opening_either() -> None:
    orders, fills = history("50@1.30")
    hedging = {"oms_type": OmsType.HEDGING, "claims": CLAIMS}
    settled = settle(believing(oms_type=OmsType.HEDGING), orders, fills, [held("150", "1.10")], **hedging)
    assert settled.notes == ["INFO position.aligned"]
    assert settled.belief.net(PAIR) == 150


def test_row_151_opening_goes_to_the_position_that_the_venue_names_in_the_fill() -> None:
    orders, fills = history("50@1.30")
    named = [structs.replace(fill, venue_position_id=PositionId("P-7")) for fill in fills]
    settled = settle(believing(), orders, named, [held("150", "1.10")], claims=CLAIMS)
    assert positions(settled.belief) == {"P-7": "LONG 150 @ 1.10000"}


def test_row_161_instruments_are_looked_at_each_for_itself() -> None:
    orders, fills = history("50@1.30")
    others, other_fills = history("20@0.50", "10@0.80", instrument=OTHER_PAIR, first=2)
    settled = settle(
        believing(),
        orders + others,
        fills + other_fills,
        [held("150", "1.10"), held("30", "0.60", OTHER_PAIR)],
        claims=CLAIMS,
    )
    assert openings(settled) == opening("BUY", 100, "1.00000", 99)
    assert positions(settled.belief) == {OWN: "LONG 150 @ 1.10000", "NZD/USD.SIM-S-001": "LONG 30 @ 0.60000"}
    assert moving(settled) == ["O-1", "O-2", "O-3"]


def test_position_that_we_hold_already_needs_no_opening() -> None:
    ours = cached("FILLED", "O-1")
    settled = settle(
        believing(ours),
        *history("50@1.30", first=2),
        [held("200", None)],
        claims=CLAIMS,
    )
    assert moving(settled) == ["O-2"]
    assert "INFO position.window_incomplete" not in settled.notes
    assert settled.belief.net(PAIR) == 200


def test_orders_whose_fills_we_know_in_part_are_no_window() -> None:
    # Bought and sold again, all known: nothing is held, and yet this is not the first we hear of the order.
    ours = cached("PARTIALLY_FILLED", "O-1")
    other = cached("PARTIALLY_FILLED", "O-5", side="SELL")
    belief = believing(ours, other)
    assert belief.net(PAIR) == 0
    report = reported("FILLED", "100", avg_px="1.00", ts_last=300)
    settled = settle(belief, [report], [traded("T-9", "50", ts=300)], [held("80", "1.30")], claims=CLAIMS)
    assert "INFO position.window_incomplete" not in settled.notes
    assert settled.belief.net(PAIR) == 80
    more, further = history("7@1.10", first=2)
    both = settle(belief, [report, *more], [traded("T-9", "50", ts=300), *further], [held("80", "1.30")], claims=CLAIMS)
    assert "INFO position.window_incomplete" not in both.notes
    assert both.belief.net(PAIR) == 80


def test_real_trade_of_a_silent_placeholder_is_as_silent() -> None:
    orders, fills = history("100@1.00", "-100@1.10", "30@1.20")
    stated = settle(believing(), orders, fills[1:], [held("80", "1.30")], claims=CLAIMS)  # the first trade is inferred
    assert positions(stated.belief) == {OWN: "LONG 80 @ 1.30000"}
    later = settle(stated.belief, orders, fills, [held("80", "1.30")], claims=CLAIMS)
    assert later.events == ["Filled O-1/V-1 100 @ 1.00000 T-1 TAKER replacing silent at 100"]
    assert positions(later.belief) == {OWN: "LONG 80 @ 1.30000"}
    assert all_filled(later, 3)


# -- the question itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "asked_since_ns"), [(10, 600_000_000_000), (None, None), (0, None)])
def test_row_162_lookback_says_since_when_orders_and_fills_are_asked_for(
    minutes: int | None, asked_since_ns: int | None
) -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        asked_at = client._clock.timestamp_ns()
        status = await client.generate_mass_status(minutes)
        since = None if asked_since_ns is None else asked_at - asked_since_ns
        assert status.start_ns == since
        assert client.queries["orders"].start_ns == since
        assert client.queries["fills"].start_ns == since
        assert client.queries["positions"].start_ns is None  # what is held now is held, since whenever

    play(story)


def test_row_163_position_of_orders_older_than_the_window_is_aligned() -> None:
    settled = settle(believing(), positions=[held("100", "1.10")], claims=CLAIMS)
    assert settled.events == aligned("BUY", 100, "1.10000")
    assert positions(settled.belief) == {"AUD/USD.SIM-INTERNAL-DIFF": "LONG 100 @ 1.10000"}


def test_two_starts_of_a_node_without_a_store_plan_the_same() -> None:
    def plan(policy: Policy, belief: Belief) -> Plan:
        orders, fills = history("100@1.00", "-100@1.10", "30@1.20")
        return reconcile(belief, mass_status(orders, fills, [held("80", "1.30")]), policy, NOW)

    policy = make_policy(claims=CLAIMS)
    assert plan(policy, believing()).events == plan(policy, believing()).events
