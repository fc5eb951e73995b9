"""Trades that a venue takes back or corrects: the order, and what is passed on."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.admission import admit
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderPendingCancel
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.orders import Order
from tests.core.belief import Belief
from tests.core.conftest import (
    USDT,
    apply,
    make_event,
    make_fill,
    money,
    order_in,
    qty,
    snapshot,
)
from tests.core.corrections import D, void


def believing(*orders: Order) -> Belief:
    belief = Belief()
    belief.orders = {order.client_order_id: order for order in orders}
    return belief


# -- the order ---------------------------------------------------------------------------------------------------------


def test_a_working_order_goes_on_with_less_filled() -> None:
    order = order_in("ACCEPTED", quantity="3.000")
    apply(order, make_fill(order, "1.000", "100.00", "T-1", commission="0.10"))
    apply(order, make_fill(order, "1.000", "102.00", "T-2", commission="0.20"))

    apply(order, void(order, "T-1"))

    assert (order.status, order.filled_qty, order.avg_px) == (OrderStatus.PARTIALLY_FILLED, qty("1.000"), D("102.00"))
    assert order.commission(USDT) == money("0.20")
    assert (order.trade_ids, order.voided_trade_ids) == ([TradeId("T-2")], (TradeId("T-1"),))


def test_a_working_order_without_any_fill_left_is_accepted() -> None:
    order = order_in("ACCEPTED", quantity="3.000")
    apply(order, make_fill(order, "1.000", "100.00", "T-1"), void(order, "T-1"))

    assert (order.status, order.filled_qty, order.average) == (OrderStatus.ACCEPTED, qty("0.000"), None)
    apply(order, make_fill(order, "1.000", "101.00", "T-2"))
    assert order.avg_px == D("101.00")


def test_an_order_that_was_full_stays_closed_with_a_part_canceled() -> None:
    order = order_in("ACCEPTED", quantity="2.000")
    apply(order, make_fill(order, "1.000", "100.00", "T-1"), make_fill(order, "1.000", "102.00", "T-2"))

    apply(order, void(order, "T-2"))

    assert (order.status, order.filled_qty, order.avg_px) == (OrderStatus.CANCELED, qty("1.000"), D("100.00"))


def test_an_order_that_is_full_without_its_trade_stays_full() -> None:
    order = order_in("ACCEPTED", quantity="1.000")
    for trade in ("T-1", "T-2"):
        apply(order, make_fill(order, "1.000", "100.00", trade), allow_overfills=True)

    apply(order, void(order, "T-2"))

    assert (order.status, order.filled_qty, order.overfill_qty) == (OrderStatus.FILLED, qty("1.000"), 0)


@pytest.mark.parametrize("end", ["CANCELED", "EXPIRED"])
def test_an_order_that_ended_stays_as_it_ended(end: str) -> None:
    order = order_in(end)
    apply(order, make_fill(order, "0.400", "100.00", "T-1"))

    apply(order, void(order, "T-1"))

    assert (order.status.name, order.filled_qty) == (end, qty("0.000"))


def test_a_refused_cancel_goes_back_to_where_the_order_stands_without_its_trade() -> None:
    order = order_in("ACCEPTED", quantity="3.000")
    apply(order, make_fill(order, "1.000", "100.00", "T-1"), OrderPendingCancel)

    apply(order, void(order, "T-1"))
    assert order.status is OrderStatus.PENDING_CANCEL
    apply(order, make_event(_cancel_rejected(), order))

    assert order.status is OrderStatus.ACCEPTED


def _cancel_rejected() -> Any:
    from nautilus_live.model.events import OrderCancelRejected

    return OrderCancelRejected


def test_a_trade_that_was_taken_back_before_we_heard_of_it_never_counts() -> None:
    order = order_in("ACCEPTED")

    apply(order, void(order, "T-1"))

    assert (order.status, order.filled_qty) == (OrderStatus.ACCEPTED, qty("0.000"))
    with pytest.raises(IllegalTransition, match="trade T-1 was taken back by the venue"):
        apply(order, make_fill(order, "0.400", "100.00", "T-1"))
    assert order.filled_qty == qty("0.000")


def test_a_trade_taken_back_twice_is_remembered_once() -> None:
    order = apply(order_in("ACCEPTED"), void(order_in("ACCEPTED"), "T-1"), void(order_in("ACCEPTED"), "T-1"))

    assert order.voided_trade_ids == (TradeId("T-1"),)


@pytest.mark.parametrize("new_id", ["T-1", "T-1.02"])
def test_a_corrected_trade_stands_in_the_place_of_the_old_one(new_id: str) -> None:
    order = order_in("ACCEPTED", quantity="3.000")
    apply(order, make_fill(order, "1.000", "100.00", "T-1", commission="0.10"))
    apply(order, make_fill(order, "1.000", "102.00", "T-2"))

    apply(order, make_fill(order, "0.500", "90.00", new_id, commission="0.05", corrects=TradeId("T-1")))

    assert order.filled_qty == qty("1.500")
    assert order.avg_px == D("98")
    assert order.commission(USDT) == money("0.05")
    assert order.status is OrderStatus.PARTIALLY_FILLED
    assert order.voided_trade_ids == (() if new_id == "T-1" else (TradeId("T-1"),))


def test_a_correction_can_complete_an_order_and_open_none_that_was_full() -> None:
    order = order_in("ACCEPTED", quantity="1.000")
    apply(order, make_fill(order, "0.400", "100.00", "T-1"))

    apply(order, make_fill(order, "1.000", "100.00", "T-1", corrects=TradeId("T-1")))
    assert order.status is OrderStatus.FILLED
    apply(order, make_fill(order, "0.600", "100.00", "T-1", corrects=TradeId("T-1")))

    assert (order.status, order.filled_qty) == (OrderStatus.CANCELED, qty("0.600"))


def test_a_correction_that_overtakes_its_trade_counts_and_the_trade_does_not() -> None:
    order = order_in("ACCEPTED", quantity="1.000")

    apply(order, make_fill(order, "0.500", "99.00", "T-1.02", corrects=TradeId("T-1.01")))

    with pytest.raises(IllegalTransition, match="taken back"):
        apply(order, make_fill(order, "0.400", "100.00", "T-1.01"))
    assert (order.filled_qty, order.avg_px) == (qty("0.500"), D("99.00"))


@pytest.mark.parametrize(
    ("fill", "because"),
    [
        ({"quantity": "1.100", "corrects": TradeId("T-1")}, "would exceed quantity"),
        ({"quantity": "0.100", "trade": "T-2", "corrects": TradeId("T-1")}, "trade T-2 is applied already"),
        ({"quantity": "0.100", "trade": "T-3", "corrects": TradeId("T-1"), "replaces": ("T-2",)}, "corrects a trade"),
    ],
)
def test_a_correction_that_does_not_fit_changes_nothing(fill: dict[str, Any], because: str) -> None:
    order = order_in("ACCEPTED", quantity="1.000")
    apply(order, make_fill(order, "0.300", "100.00", "T-1"), make_fill(order, "0.100", "100.00", "T-2"))
    before = snapshot(order)

    with pytest.raises(IllegalTransition, match=because):
        apply(order, make_fill(order, **{"price": "100.00", "trade": "T-1", **fill}))

    assert snapshot(order) == before


def test_our_own_conclusion_stays_provisional_when_a_trade_is_taken_back() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_fill(order, "0.400", "100.00", "T-1"))
    apply(order, make_event(OrderCanceled, order, provenance=Provenance.POLICY))

    apply(order, void(order, "T-1"))

    assert (order.status, order.provisional) == (OrderStatus.CANCELED, True)


# -- admission ---------------------------------------------------------------------------------------------------------


def test_a_trade_taken_back_or_corrected_is_alarmed_and_its_repetition_is_not() -> None:
    order = order_in("ACCEPTED", quantity="3.000")
    apply(order, make_fill(order, "1.000", "100.00", "T-1"))
    belief = believing(order)
    correction = make_fill(order, "1.000", "101.00", "T-1", corrects=TradeId("T-1"))

    corrected = admit(belief, correction)
    assert corrected.events == (correction,)
    assert [(note.kind, note.alarm) for note in corrected.notes] == [("fill.corrected", True)]
    apply(order, correction)
    assert admit(belief, correction).events == ()

    event = void(order, "T-1")
    voided = admit(belief, event)
    assert voided.events == (event,)
    assert [(note.kind, note.alarm) for note in voided.notes] == [("fill.voided", True)]
    apply(order, event)
    assert (admit(belief, event).events, admit(belief, event).notes) == ((), ())
    late = admit(belief, make_fill(order, "1.000", "100.00", "T-1"))
    assert (late.events, [note.kind for note in late.notes]) == ((), ["fill.voided_before"])


def test_a_word_about_a_trade_that_we_have_not_heard_of_is_taken_and_alarms_nobody() -> None:
    order = order_in("ACCEPTED")
    event = void(order, "T-1")

    taken = admit(believing(order), event)

    assert (taken.events, [(note.kind, note.alarm) for note in taken.notes]) == (
        (event,),
        [("fill.voided_before", False)],
    )


def test_a_correction_may_complete_the_order_and_not_name_a_trade_that_we_have_otherwise() -> None:
    order = order_in("ACCEPTED", quantity="1.000")
    apply(order, make_fill(order, "0.300", "100.00", "T-1"), make_fill(order, "0.400", "100.00", "T-2"))
    whole = make_fill(order, "0.600", "100.00", "T-1", corrects=TradeId("T-1"))
    other = make_fill(order, "0.200", "100.00", "T-2", corrects=TradeId("T-1"))

    assert admit(believing(order), whole).events == (whole,)
    refused = admit(believing(order), other)
    assert (refused.events, [note.kind for note in refused.notes]) == ((), ["fill.differs"])


def test_a_word_about_a_trade_of_an_order_that_nobody_knows_waits_like_the_trade() -> None:
    event = void(order_in("ACCEPTED"), "T-1")

    assert admit(Belief(), event).held is event


def test_a_correction_that_does_not_fit_is_refused_and_alarmed() -> None:
    order = order_in("ACCEPTED", quantity="1.000")
    apply(order, make_fill(order, "0.400", "100.00", "T-1"))
    correction = make_fill(order, "1.001", "100.00", "T-1", corrects=TradeId("T-1"))

    refused = admit(believing(order), correction)

    assert (refused.events, [(note.kind, note.alarm) for note in refused.notes]) == ((), [("fill.overfill", True)])
    assert admit(believing(order), correction, allow_overfills=True).events == (correction,)
