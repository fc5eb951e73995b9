"""The lifecycle of an order that we took for ended: what the venue's word, and our own, may make of it."""

from __future__ import annotations

import pytest

from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import (
    Order,
)
from tests.core.conftest import apply, make_event, make_fill, order_in, qty
from tests.core.lifecycle_events import KINDS, assert_refused, stop_limit

# -- ends that we concluded ------------------------------------------------------------------------------------------

POLICY = Provenance.POLICY
VENUES_WORD = [Provenance.STREAM, Provenance.RESPONSE, Provenance.RECONCILIATION, Provenance.INFERRED]


def concluded(status: str, filled: str = "") -> Order:
    """Return an order that we took for rejected or canceled because the venue was silent."""
    if status == "REJECTED":
        order = order_in("SUBMITTED")
        return apply(order, make_event(OrderRejected, order, provenance=POLICY, venue_order_id=None))
    order = order_in("ACCEPTED")
    if filled:
        apply(order, make_fill(order, filled))
    apply(order, OrderPendingCancel)
    return apply(order, make_event(OrderCanceled, order, provenance=POLICY))


REOPENINGS = [
    ("REJECTED", OrderAccepted, "ACCEPTED"),
    ("REJECTED", OrderRejected, "REJECTED"),
    ("REJECTED", OrderCanceled, "CANCELED"),
    ("REJECTED", OrderExpired, "EXPIRED"),
    ("REJECTED", OrderUpdated, "ACCEPTED"),
    ("REJECTED", "OrderFilled[partial]", "PARTIALLY_FILLED"),
    ("REJECTED", "OrderFilled[complete]", "FILLED"),
    ("CANCELED", OrderAccepted, "ACCEPTED"),
    ("CANCELED", OrderRejected, "REJECTED"),
    ("CANCELED", OrderCanceled, "CANCELED"),
    ("CANCELED", OrderExpired, "EXPIRED"),
    ("CANCELED", OrderUpdated, "ACCEPTED"),
    ("CANCELED", "OrderFilled[complete]", "FILLED"),
]


@pytest.mark.parametrize("provenance", VENUES_WORD, ids=str)
@pytest.mark.parametrize(("status", "kind", "wanted"), REOPENINGS)
def test_the_venues_word_beats_an_end_that_we_concluded(
    status: str, kind: type[OrderEvent] | str, wanted: str, provenance: Provenance
) -> None:
    order = concluded(status)
    assert order.provisional
    if isinstance(kind, str):
        event: OrderEvent = make_fill(order, "1.000" if "complete" in kind else "0.400", provenance=provenance)
    else:
        event = make_event(kind, order, provenance=provenance)
    apply(order, event)
    assert order.status is OrderStatus[wanted]
    assert not order.provisional


@pytest.mark.parametrize("status", ["REJECTED", "CANCELED"])
def test_triggered_opens_a_conditional_order_that_we_took_for_ended(status: str) -> None:
    order = stop_limit("ACCEPTED")
    apply(order, make_event(KINDS[f"Order{status.capitalize()}"], order, provenance=POLICY))
    assert apply(order, OrderTriggered).status is OrderStatus.TRIGGERED
    assert not order.provisional


@pytest.mark.parametrize("status", ["REJECTED", "CANCELED"])
def test_a_replacement_opens_an_order_that_we_took_for_ended(status: str) -> None:
    order = order_in("ACCEPTED")
    apply(order, make_event(KINDS[f"Order{status.capitalize()}"], order, provenance=POLICY))
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"))
    assert (order.status, order.provisional) == (OrderStatus.ACCEPTED, False)


def test_a_late_partial_fill_of_an_order_that_we_took_for_canceled_does_not_say_that_it_works() -> None:
    order = concluded("CANCELED")
    apply(order, make_fill(order, "0.400"))
    assert (order.status, order.provisional, order.filled_qty) == (OrderStatus.CANCELED, True, qty("0.400"))
    apply(order, OrderAccepted)
    assert (order.status, order.provisional) == (OrderStatus.PARTIALLY_FILLED, False)


@pytest.mark.parametrize("kind", [OrderModifyRejected, OrderCancelRejected])
@pytest.mark.parametrize("status", ["REJECTED", "CANCELED"])
def test_a_refused_command_leaves_open_whether_the_order_ended(kind: type[OrderEvent], status: str) -> None:
    order = apply(concluded(status), kind)
    assert (order.status, order.provisional) == (OrderStatus[status], True)
    assert apply(order, OrderAccepted).status is OrderStatus.ACCEPTED


@pytest.mark.parametrize("provenance", [Provenance.LOCAL, POLICY], ids=str)
@pytest.mark.parametrize("kind", [OrderAccepted, OrderRejected, OrderCanceled, OrderExpired])
def test_our_own_word_never_opens_it(kind: type[OrderEvent], provenance: Provenance) -> None:
    for status in ("REJECTED", "CANCELED"):
        order = concluded(status)
        assert_refused(order, make_event(kind, order, provenance=provenance))


def test_our_own_update_of_an_order_that_we_took_for_ended_proves_nothing() -> None:
    order = concluded("CANCELED")
    apply(order, make_event(OrderUpdated, order, provenance=Provenance.LOCAL))
    assert (order.status, order.provisional) == (OrderStatus.CANCELED, True)


def test_an_order_with_fills_was_not_rejected_whatever_the_venue_says_late() -> None:
    order = concluded("CANCELED", filled="0.400")
    assert_refused(order, make_event(OrderRejected, order), "0.400 of it are filled")


def test_a_partly_filled_order_that_the_venue_rejects_while_pending_keeps_its_fills() -> None:
    order = apply(order_in("PARTIALLY_FILLED"), OrderPendingUpdate, OrderRejected)
    assert (order.status, order.filled_qty) == (OrderStatus.REJECTED, qty("0.500"))


def test_an_end_that_the_venue_told_is_final() -> None:
    for status in ("REJECTED", "CANCELED"):
        order = order_in(status)
        for kind in (OrderAccepted, OrderRejected, OrderCanceled, OrderExpired):
            assert_refused(order, make_event(kind, order))


def test_the_venues_word_about_an_open_order_settles_what_we_had_concluded() -> None:
    order = order_in("PENDING_CANCEL")
    apply(order, make_event(OrderCancelRejected, order, provenance=POLICY))
    assert (order.status, order.provisional) == (OrderStatus.ACCEPTED, True)
    apply(order, make_event(OrderModifyRejected, order))
    assert not order.provisional


def test_an_event_that_was_refused_says_the_state_and_why() -> None:
    order = order_in("DENIED")
    with pytest.raises(IllegalTransition) as caught:
        apply(order, make_event(OrderAccepted, order))
    assert str(caught.value) == "O-1: cannot apply OrderAccepted in DENIED"
    assert isinstance(make_fill(order), OrderFilled)
    assert order.client_order_id == ClientOrderId("O-1")
