"""Trades that the venue took back without proving it by its times: its positions, or the order's end, bear it out."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.reconciliation import Plan, reconcile, reconcile_reports
from nautilus_live.core.reconciliation.clocks import last_word_of_venue
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderCanceled, OrderFilled, OrderPendingCancel
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import PositionStatusReport
from tests.core.conftest import apply, make_event, make_placeholder
from tests.core.reconciliation.settling import (
    ACCOUNT,
    NOW,
    PAIR,
    believing,
    cached,
    fill,
    held,
    make_policy,
    mass_status,
    reported,
    settle,
    traded,
    units,
)

VOIDED, ALIGNED = "FillVoided O-1/V-1 T-0 at 200", "INFO position.aligned"
ASIDE = "WARNING! order.filled_quantity_regressed"


@pytest.mark.parametrize(
    ("positions", "choices", "events", "net", "told"),
    [
        ([held("0")], {}, [VOIDED], 0, ["WARNING! fill.voided"]),
        ([held("50", "1.0")], {}, [], 50, [ASIDE]),
        ([], {}, [], 50, [ASIDE]),
        ([held("0")], {"filter_position_reports": True}, [], 50, [ASIDE]),
        ([held("0")], {"filled_quantity_regression": "fail"}, [VOIDED], 0, ["WARNING! fill.voided"]),
        ([held("0")], {"generate_missing_orders": False}, [VOIDED], 0, ["WARNING! fill.voided"]),
    ],
    ids=["just that is missing", "nothing is", "silence", "none of our business", "no failure", "nothing is made up"],
)
def test_a_position_that_lacks_just_what_the_order_lacks_bears_it_out(
    positions: list[PositionStatusReport], choices: dict[str, Any], events: list[str], net: int, told: list[str]
) -> None:
    """A working order with nothing filled proves nothing alone: so looks a venue that leaves the quantity out."""
    belief = believing(cached("PARTIALLY_FILLED"))

    settled = settle(belief, [reported("ACCEPTED")], [], positions, **choices)

    assert (settled.events, settled.belief.net(PAIR)) == (events, net)
    assert settled.notes == told
    assert bool(settled.plan.quarantined) is (ASIDE in told)


def test_a_position_that_lacks_something_else_is_aligned_and_the_order_set_aside() -> None:
    settled = settle(believing(cached("PARTIALLY_FILLED")), [reported("ACCEPTED")], [], [held("20", "1.0")])

    assert (settled.order().filled_qty, settled.belief.net(PAIR)) == (units(50), 20)
    assert {ASIDE, ALIGNED} <= set(settled.notes)


def test_a_position_from_before_our_trade_bears_nothing_out() -> None:
    order = fill(cached(), 50, ts=190)

    settled = settle(believing(order), [reported("ACCEPTED")], [], [held("0", ts_last=189)])

    assert (settled.events, settled.belief.net(PAIR)) == ([], 50)
    assert ASIDE in settled.notes
    assert PAIR.id in settled.plan.uncertain


def test_a_report_of_the_last_words_time_is_believed_at_once_if_the_position_bears_it_out() -> None:
    order = fill(fill(cached(), 30, trade="T-1"), 20, "1.10000", trade="T-2")
    report = reported("PARTIALLY_FILLED", 20, ts_last=order.ts_last)

    settled = settle(believing(order), [report], [traded("T-2", 20, "1.10000")], [held("20", "1.1")])

    assert settled.events == [f"FillVoided O-1/V-1 T-1 at {order.ts_last}"]
    assert settled.plan.quarantined == {}


def test_a_record_that_does_not_add_up_is_not_borne_out_by_anything() -> None:
    order = fill(fill(cached(), 30, trade="T-1"), 20, trade="T-2")

    settled = settle(believing(order), [reported("PARTIALLY_FILLED", 20)], [traded("T-2", 15)], [held("20", "1.0")])

    assert ASIDE in settled.notes
    assert ALIGNED in settled.notes


def test_at_runtime_a_position_that_was_asked_for_bears_it_out() -> None:
    belief = believing(cached("PARTIALLY_FILLED"))

    def plan(*positions: PositionStatusReport) -> Plan:
        return reconcile_reports(belief, ACCOUNT, [reported("ACCEPTED")], [], make_policy(), NOW, positions)

    assert [type(event).__name__ for event in plan(held("0")).events] == ["OrderFillVoided"]
    assert plan(held("10")).quarantined.keys() == plan().quarantined.keys() == {cached().client_order_id}


@pytest.mark.parametrize("other_trade", [False, True])
def test_positions_that_are_not_aligned_bear_it_out_where_no_planned_trade_moves_them(other_trade: bool) -> None:
    belief = believing(cached("PARTIALLY_FILLED"), cached("ACCEPTED", "O-2"))
    other = {"client_order_id": "O-2", "venue_order_id": "V-2"}
    orders = [
        reported("ACCEPTED"),
        reported("PARTIALLY_FILLED" if other_trade else "ACCEPTED", 5 * other_trade, **other),
    ]
    fills = [traded("T-5", 5, **other)] if other_trade else []

    plan = reconcile(belief, mass_status(orders, fills, [held("0")]), make_policy(), NOW, aligns=False)

    events = [type(event).__name__ for event in plan.events]
    assert events == (["OrderFilled"] if other_trade else ["OrderFillVoided"])
    assert bool(plan.quarantined) is other_trade


# -- as it ended -------------------------------------------------------------------------------------------------------


def ended(order: Order, cum_qty: int | None, ts: int = 180) -> Order:
    stated = None if cum_qty is None else units(cum_qty)
    return apply(order, make_event(OrderCanceled, order, ts=ts, cum_qty=stated, venue_order_id="V-1"))


@pytest.mark.parametrize(
    ("order", "ts_last", "taken_back"),
    [
        (ended(fill(cached(), 50, ts=150), 0), 180, True),
        (ended(fill(cached(), 50, ts=150), None), 180, True),
        (ended(fill(cached(), 50, ts=150), 50), 180, False),
        (ended(fill(cached(), 50, ts=180), 0), 180, False),
        (fill(ended(cached(), 0), 50, ts=170), 180, False),
    ],
    ids=["it said so", "it did not say", "it said otherwise", "a trade of that moment", "a trade told after the end"],
)
def test_a_report_of_the_order_as_it_ended_has_all_that_was_before(
    order: Order, ts_last: int, taken_back: bool
) -> None:
    settled = settle(believing(order), [reported("CANCELED", 0, ts_last=ts_last)])

    assert settled.events == (["FillVoided O-1/V-1 T-0 at 180"] if taken_back else [])
    assert bool(settled.plan.quarantined) is not taken_back


def test_the_last_word_of_the_venue_is_none_of_ours() -> None:
    order = fill(cached(), 50)
    said = order.events[-1]
    apply(order, make_event(OrderPendingCancel, order, provenance=Provenance.LOCAL))

    assert last_word_of_venue(order.events) is said
    assert last_word_of_venue(cached("SUBMITTED").events) is None


# -- by totals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "left"),
    [(45, {"INFERRED-1": 30, "INFERRED-2": 15}), (30, {"INFERRED-1": 30}), (10, {"INFERRED-1": 10})],
)
def test_the_latest_of_what_totals_implied_gives_way_first(total: int, left: dict[str, int]) -> None:
    order = cached()
    for name, quantity in (("INFERRED-1", 30), ("INFERRED-2", 20)):
        made = make_placeholder(order, trade=name, last_qty=units(quantity), currency=PAIR.quote_currency)
        apply(order, made)

    settled = settle(believing(order), [reported("PARTIALLY_FILLED", total)])

    assert {str(one): fill.last_qty for one, fill in settled.order().fills.items()} == {
        name: units(quantity) for name, quantity in left.items()
    }
    assert settled.belief.net(PAIR) == total
    lessened = [event for event in settled.plan.events if isinstance(event, OrderFilled)]
    assert all(event.corrects == event.trade_id and event.ts_event == 200 for event in lessened)
    assert TradeId("INFERRED-2") in settled.order().fills or total <= 30


# -- alignments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at_venue", "voided", "net"), [("0", 2, 0), ("20", 1, -30)])
def test_an_alignment_goes_with_the_trade_that_it_stood_for(at_venue: str, voided: int, net: int) -> None:
    """The position was the venue's when nobody knew of the trade's end; taken back once, it is not missing twice."""
    aligned = settle(believing(fill(cached(), 50)), [], [], [held(at_venue, "1.0")]).belief
    assert aligned.net(PAIR) == int(at_venue)

    settled = settle(aligned, [reported("CANCELED", 0)])

    assert [type(event).__name__ for event in settled.plan.events].count("OrderFillVoided") == voided
    assert settled.belief.net(PAIR) == net
    assert ("INFO position.aligned_before" in settled.notes) is (voided == 2)


def test_an_alignment_goes_with_a_trade_that_shrinks_by_as_much() -> None:
    aligned = settle(believing(fill(cached(), 50)), [], [], [held("20", "1.0")]).belief

    settled = settle(aligned, [reported("CANCELED", 20)], [traded("T-0", 20)])

    assert sorted(event.split()[0] for event in settled.events) == ["Canceled", "FillVoided", "Filled"]
    assert settled.belief.net(PAIR) == 20
