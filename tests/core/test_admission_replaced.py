"""Events of a venue's stream about orders that were canceled and replaced, or that say less than all."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core.admission import admit
from nautilus_live.core.admitted import Admission
from nautilus_live.core.candidates import candidate
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderSide, OrderStatus, OrderType, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderEvent,
    OrderExpired,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderUpdated,
)
from nautilus_live.model.identifiers import VenueOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport
from tests.core.conftest import (
    LINEAR,
    OTHER_SPOT,
    SPOT,
    STRATEGY,
    apply,
    make_event,
    make_fill,
    order_in,
    order_report,
    px,
    qty,
)
from tests.core.ear import POLICY, RESPONSE, Ear, both, kinds

# -- cancel and replace ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["ACCEPTED", "PENDING_UPDATE"])
def test_a_new_acknowledgement_and_the_cancel_of_the_old_order_are_one_update(status: str) -> None:
    """E1."""
    ear, order = both(status)
    assert ear.hear(make_event(OrderAccepted, order, venue_order_id="V-2")) == ["INFO order.replaced"]
    assert ear.hear(make_event(OrderCanceled, order, venue_order_id="V-O-1")) == ["INFO order.superseded"]
    assert kinds(ear.applied) == ["OrderUpdated"]
    assert (order.status, order.venue_order_id) == (OrderStatus.ACCEPTED, VenueOrderId("V-2"))
    assert [note.text for note in ear.notes] == [
        "O-1: the venue replaced V-O-1 by V-2",
        "O-1: OrderCanceled for V-O-1, which was replaced",
    ]


def test_in_the_reverse_order_the_order_works_again_and_it_is_alarmed() -> None:
    """E1, the cancel of the old order first, and we had not asked for anything: nobody can know better at that time."""
    ear, order = both()
    ear.hear(make_event(OrderCanceled, order))
    assert ear.hear(make_event(OrderAccepted, order, venue_order_id="V-2")) == ["WARNING order.replaced!"]
    assert ear.notes[0].text == "O-1: the venue replaced V-O-1 by V-2, so it works although we took it for CANCELED"
    assert (order.status, order.venue_order_id) == (OrderStatus.ACCEPTED, VenueOrderId("V-2"))
    assert ear.hear(make_event(OrderCanceled, order, venue_order_id="V-O-1")) == ["INFO order.superseded"]
    ear.hear(make_event(OrderCanceled, order, venue_order_id="V-2"))
    assert order.status is OrderStatus.CANCELED


def test_a_cancel_while_a_modification_is_under_way_waits_for_the_answer() -> None:
    """E1, the cancel of the old order first, and it is our modification that replaces it."""
    _, order = both("PENDING_UPDATE")
    canceled = make_event(OrderCanceled, order)

    assert admit(Ear(order), canceled) == Admission(waits=canceled)
    assert admit(Ear(order), canceled, overdue=True) == Admission((canceled,))
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"))
    superseded = admit(Ear(order), canceled)
    assert (superseded.events, superseded.waits) == ((), None)
    assert [note.kind for note in superseded.notes] == ["order.superseded"]


@pytest.mark.parametrize("provenance", [RESPONSE, Provenance.RECONCILIATION, Provenance.POLICY])
def test_any_other_cancel_while_a_modification_is_under_way_is_the_end(provenance: Provenance) -> None:
    ear, order = both("PENDING_UPDATE")
    ear.hear(make_event(OrderCanceled, order, provenance=provenance))
    assert order.status is OrderStatus.CANCELED


def test_a_cancel_while_a_cancel_is_under_way_is_the_end() -> None:
    ear, order = both("PENDING_CANCEL")
    ear.hear(make_event(OrderCanceled, order))
    assert order.status is OrderStatus.CANCELED


def unnamed(order: Order, **fields: Any) -> OrderStatusReport:
    """Return a report of just such an order that names none of ours."""
    return order_report(
        order, **{"client_order_id": None, "venue_order_id": VenueOrderId("V-9"), "filled_qty": "0.000", **fields}
    )


def test_a_report_that_names_no_order_is_probably_about_the_one_in_flight_that_it_describes() -> None:
    """C15."""
    order = order_in("SUBMITTED")
    assert candidate([order_in("SUBMITTED", "O-0", "SELL"), order], unnamed(order)) is order
    assert candidate([order], unnamed(order, price=None)) is order
    stop = order_in("SUBMITTED", order_type=OrderType.STOP_LIMIT, trigger_price=px("51000.00"))
    assert candidate([stop], unnamed(stop)) is stop


@pytest.mark.parametrize(
    "other",
    [
        {"client_order_id": "O-2"},
        {"instrument_id": LINEAR.id},
        {"order_side": OrderSide.SELL},
        {"order_type": OrderType.MARKET},
        {"quantity": "1.001"},
        {"price": "50000.01"},
        {"trigger_price": "1.00"},
    ],
)
def test_a_report_that_differs_in_anything_is_about_another_order(other: dict[str, Any]) -> None:
    order = order_in("SUBMITTED")
    assert candidate([order], unnamed(order, **other)) is None


def test_an_order_that_was_acknowledged_is_no_candidate() -> None:
    order = order_in("PENDING_CANCEL")
    assert candidate([order], unnamed(order)) is None
    assert candidate([], unnamed(order)) is None


def test_an_update_under_a_new_venue_id_is_passed_on() -> None:
    ear, order = both()
    assert ear.hear(make_event(OrderUpdated, order, venue_order_id="V-2")) == []
    assert (order.venue_order_id, order.superseded_venue_order_ids) == (VenueOrderId("V-2"), (VenueOrderId("V-O-1"),))


def test_a_replacement_says_what_is_known_of_the_order() -> None:
    order = order_in("ACCEPTED", order_type=OrderType.STOP_LIMIT, trigger_price=px("51000.00"))
    told = make_event(OrderAccepted, order, venue_order_id="V-2", ts=77, provenance=RESPONSE)
    (update,) = admit(Ear(order), told).events
    assert isinstance(update, OrderUpdated)
    assert (update.quantity, update.price, update.trigger_price) == (order.quantity, order.price, order.trigger_price)
    assert (update.ts_event, update.ts_init, update.provenance) == (77, 77, RESPONSE)
    assert (update.client_order_id, update.venue_order_id) == (order.client_order_id, VenueOrderId("V-2"))
    assert (update.instrument_id, update.strategy_id, update.trader_id) == (SPOT.id, STRATEGY, order.trader_id)
    assert (update.event_id, update.account_id) == (f"{told.event_id}-replaced", told.account_id)


def test_trades_on_either_leg_around_the_acknowledgement_are_both_taken() -> None:
    """E3."""
    ear, order = both("PENDING_UPDATE")
    ear.hear(make_fill(order, "0.200", venue_order_id="V-O-1"))
    assert ear.hear(make_fill(order, "0.300", trade="T-2", venue_order_id="V-2")) == ["INFO order.replaced"]
    assert ear.notes[-1].text == "O-1: a trade on V-2 shows that it replaced V-O-1"
    ear.hear(make_event(OrderUpdated, order, venue_order_id="V-2", price=px("49000.00")))
    ear.hear(make_fill(order, "0.100", venue_order_id="V-O-1"))
    assert (order.filled_qty, ear.net(), order.price) == (qty("0.600"), qty("0.600"), px("49000.00"))
    assert order.venue_order_id == VenueOrderId("V-2")
    assert ear.hear(make_fill(order, "0.500", venue_order_id="V-2")) == ["ERROR fill.overfill!"]


def test_a_trade_on_the_new_leg_after_the_cancel_of_the_old_one_opens_the_order_and_is_alarmed() -> None:
    ear, order = both()
    ear.hear(make_event(OrderCanceled, order))
    notes = ear.hear(make_fill(order, "0.400", venue_order_id="V-2"))
    assert notes == ["INFO order.replaced", "WARNING fill.late!"]
    assert (order.status, order.venue_order_id) == (OrderStatus.PARTIALLY_FILLED, VenueOrderId("V-2"))


def test_an_older_trade_on_the_new_leg_is_told_as_both() -> None:
    ear, order = both()
    notes = ear.hear(make_fill(order, "0.400", venue_order_id="V-2", ts=1))
    assert notes == ["INFO order.replaced", "WARNING fill.out_of_order"]


def test_a_trade_too_large_for_the_order_waits_for_the_size_of_its_new_leg() -> None:
    ear, order = both(quantity="100")
    fill = make_fill(order, "120", venue_order_id="V-2")
    assert ear.hear(fill) == ["INFO fill.held"]
    assert (ear.held, ear.applied, admit(ear, fill).ask_about) == ([fill], [], order)
    ear.hear(make_event(OrderUpdated, order, venue_order_id="V-2", quantity=qty("120")), fill)
    assert (order.status, order.filled_qty, ear.net()) == (OrderStatus.FILLED, 120, 120)


def test_a_trade_on_the_wrong_side_replaces_nothing() -> None:
    ear, order = both()
    wrong = make_fill(order, "0.200", venue_order_id="V-2", order_side=OrderSide.SELL)
    assert admit(ear, wrong).events == (wrong,)
    with pytest.raises(IllegalTransition):
        ear.hear(wrong)
    assert order.venue_order_id == VenueOrderId("V-O-1")


@pytest.mark.parametrize(
    ("pending", "refused"), [(OrderPendingCancel, OrderCancelRejected), (OrderPendingUpdate, OrderModifyRejected)]
)
def test_the_refusal_of_a_command_to_a_replaced_order_is_its_answer(
    pending: type[OrderEvent], refused: type[OrderEvent]
) -> None:
    ear, order = both("PENDING_UPDATE")
    ear.hear(make_event(OrderAccepted, order, venue_order_id="V-2"))
    apply(order, pending)
    ear.hear(make_event(refused, order, venue_order_id="V-O-1"))
    assert order.status is OrderStatus.ACCEPTED


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired, OrderRejected, OrderCancelRejected, OrderModifyRejected])
def test_a_word_about_a_venue_id_that_the_order_never_had_is_dropped_and_alarmed(kind: type[OrderEvent]) -> None:
    ear, order = both()
    assert ear.hear(make_event(kind, order, venue_order_id="V-9")) == ["WARNING order.other_venue_order_id!"]
    assert ear.notes[0].text == f"O-1: {kind.__name__} for V-9, the order is V-O-1"
    asked = admit(ear, make_event(kind, order, venue_order_id="V-9")).ask_about
    assert asked is order  # it may have been replaced without our hearing it
    assert (order.status, ear.applied) == (OrderStatus.ACCEPTED, [])


@pytest.mark.parametrize("status", ["FILLED", "EXPIRED", "REJECTED"])
def test_a_new_acknowledgement_of_an_order_that_ended_otherwise_is_dropped_and_alarmed(status: str) -> None:
    ear, order = both(status)
    order.venue_order_id = VenueOrderId("V-O-1")
    notes = ear.hear(make_event(OrderAccepted, order, venue_order_id="V-9"))
    assert notes == ["WARNING order.other_venue_order_id!"]
    assert order.status is OrderStatus[status]


def test_a_new_acknowledgement_opens_an_order_that_we_took_for_rejected() -> None:
    ear, order = both("ACCEPTED")
    apply(order, make_event(OrderRejected, order, provenance=POLICY))
    assert ear.hear(make_event(OrderAccepted, order, venue_order_id="V-2")) == ["WARNING order.replaced!"]
    assert (order.status, order.provisional) == (OrderStatus.ACCEPTED, False)


def test_a_trade_before_the_answer_to_a_modification_counts_once_and_the_answer_still_counts() -> None:
    """B11."""
    ear, order = both("PENDING_UPDATE")
    ear.hear(make_fill(order, "0.400"))
    ear.hear(make_event(OrderUpdated, order, price=px("49000.00")))
    assert (order.status, order.price, ear.net()) == (OrderStatus.PARTIALLY_FILLED, px("49000.00"), qty("0.400"))


def test_a_word_about_a_namesake_in_another_instrument_does_not_reach_our_order() -> None:
    """Found by the campaign at seed 16154."""
    ear, order = both("ACCEPTED")
    foreign = make_fill(order, "0.400", instrument_id=OTHER_SPOT.id)

    assert admit(ear, foreign).held == foreign
    assert admit(ear, structs.replace(foreign, instrument_id=order.instrument_id)).held is None


@pytest.mark.parametrize("kind", [OrderAccepted, OrderUpdated])
@pytest.mark.parametrize("earlier", [0, 5])
def test_the_late_word_of_an_older_leg_replaces_nothing_and_the_venue_is_asked(
    kind: type[OrderEvent], earlier: int
) -> None:
    """Found by the campaign at seed 45405: the leg that works was known first, by a question."""
    ear, order = both("SUBMITTED")
    ear.hear(make_event(OrderPendingUpdate, order, provenance=Provenance.LOCAL))
    found = Provenance.RECONCILIATION
    newer = make_event(OrderUpdated, order, venue_order_id="V-2", price=px("49000.00"), ts=50, provenance=found)
    ear.hear(newer)
    admission = admit(ear, make_event(kind, order, venue_order_id="V-1", ts=50 - earlier))

    assert (admission.events, admission.ask_about) == ((), order)
    assert order.venue_order_id == newer.venue_order_id


@pytest.mark.parametrize("kind", [OrderAccepted, OrderUpdated])
def test_a_leg_of_the_same_moment_is_younger_as_long_as_our_modification_has_no_answer(kind: type[OrderEvent]) -> None:
    """Found by the campaign at seed 1306365: the first leg's acknowledgement was told long after the second's."""
    ear, order = both("SUBMITTED")
    ear.hear(make_event(OrderPendingUpdate, order, provenance=Provenance.LOCAL))
    ear.hear(make_event(OrderAccepted, order, venue_order_id="V-1", ts=50))
    ear.hear(make_event(kind, order, venue_order_id="V-2", ts=50))
    assert order.venue_order_id == VenueOrderId("V-2")

    admission = admit(ear, make_event(kind, order, venue_order_id="V-3", ts=50))
    assert (admission.events, admission.ask_about) == ((), order)


def test_a_late_word_of_a_larger_quantity_asks_about_an_order_that_we_took_for_full() -> None:
    ear, order = both("PENDING_UPDATE")
    ear.hear(make_fill(order, "1.000"))
    larger = make_event(OrderUpdated, order, quantity=qty("2.000"))

    assert admit(ear, larger).ask_about is order
    assert admit(ear, make_event(OrderUpdated, order, quantity=qty("1.000"))).ask_about is None
