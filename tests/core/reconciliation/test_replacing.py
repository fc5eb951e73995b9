"""What may be about our order while nobody has answered our modification (FIELD E2, E4)."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.admission import admit
from nautilus_live.core.reconciliation import reconcile_reports
from nautilus_live.core.reconciliation.replacing import (
    HANDOVER_NS_MAX,
    is_first_half,
    may_have_been_replaced,
    replaced_legs,
)
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderUpdated,
)
from nautilus_live.model.identifiers import VenueOrderId
from nautilus_live.model.orders import Order
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, apply, make_event, make_fill, make_policy, order_in, order_report

NOW = 10_000_000_000


def hear(order: Order, *reports: dict[str, Any]) -> list[str]:
    """Reconcile reports about `order` at runtime; return the kinds of the notes."""
    belief = Belief()
    belief.add(order)
    told = [order_report(order, ts_last=NOW, **fields) for fields in reports]
    plan = reconcile_reports(belief, ACCOUNT, told, [], make_policy(), NOW)
    apply(order, *plan.events)
    return [note.kind for note in plan.notes]


def test_a_modification_without_an_answer_leaves_it_open() -> None:
    order = order_in("PENDING_UPDATE")
    assert may_have_been_replaced(order)
    apply(order, OrderPendingCancel)
    assert may_have_been_replaced(order), "a cancel of ours answers nothing"


@pytest.mark.parametrize("answer", [OrderUpdated, OrderModifyRejected, OrderAccepted])
def test_the_venues_word_about_it_settles_it(answer: type[OrderEvent]) -> None:
    order = order_in("PENDING_UPDATE")
    apply(order, make_event(answer, order, provenance=Provenance.RECONCILIATION))
    assert not may_have_been_replaced(order)


def test_the_acknowledgement_of_the_submission_does_not_answer_the_modification() -> None:
    order = apply(order_in("SUBMITTED"), OrderPendingUpdate, OrderAccepted)
    assert may_have_been_replaced(order)


@pytest.mark.parametrize("status", ["SUBMITTED", "ACCEPTED", "PENDING_CANCEL", "CANCELED"])
def test_an_order_that_we_never_modified_was_not_replaced(status: str) -> None:
    assert not may_have_been_replaced(order_in(status))
    assert not may_have_been_replaced(None)


@pytest.mark.parametrize(
    ("ours", "fields", "expected"),
    [
        ("PENDING_UPDATE", {"order_status": "CANCELED"}, True),
        ("PENDING_UPDATE", {"order_status": "CANCELED", "venue_order_id": "V-2"}, False),
        ("PENDING_UPDATE", {"order_status": "EXPIRED"}, False),
        ("PENDING_CANCEL", {"order_status": "CANCELED"}, False),
        ("ACCEPTED", {"order_status": "CANCELED"}, False),
    ],
)
def test_only_the_cancel_of_what_is_being_modified_may_be_half_of_it(
    ours: str, fields: dict[str, str], expected: bool
) -> None:
    order = order_in(ours)
    assert is_first_half(order, order_report(order, **fields)) is expected


def test_field_e2_half_a_replacement_ends_nothing_and_the_other_half_is_found() -> None:
    order = order_in("PENDING_UPDATE")
    first = str(order.venue_order_id)

    assert hear(order, {"order_status": "CANCELED"}) == ["order.maybe_replaced"]
    assert order.status is OrderStatus.PENDING_UPDATE
    hear(
        order,
        {"order_status": "CANCELED"},
        {"order_status": "ACCEPTED", "venue_order_id": "V-2", "price": "49000.00"},
    )

    assert (order.status, str(order.price)) == (OrderStatus.ACCEPTED, "49000.00")
    assert order.venue_order_id == VenueOrderId("V-2")
    assert [str(name) for name in order.superseded_venue_order_ids] == [first]


def test_field_e2_an_order_that_was_taken_for_canceled_works_on_under_another_id() -> None:
    order = order_in("PENDING_UPDATE")
    apply(order, make_event(OrderCanceled, order))

    assert hear(order, {"order_status": "ACCEPTED", "venue_order_id": "V-2"}) == ["order.replaced"]
    assert order.status is OrderStatus.ACCEPTED


def test_an_order_that_was_canceled_and_never_modified_stays_canceled() -> None:
    order = order_in("CANCELED")
    hear(order, {"order_status": "ACCEPTED", "venue_order_id": "V-2"})
    assert order.status is OrderStatus.CANCELED


@pytest.mark.parametrize(
    ("later_ns", "works"), [(0, True), (HANDOVER_NS_MAX, True), (HANDOVER_NS_MAX + 1, False), (-1, False)]
)
def test_a_leg_placed_when_the_other_was_canceled_took_over_unasked(later_ns: int, works: bool) -> None:
    order = order_in("CANCELED")
    hear(order, {"order_status": "ACCEPTED", "venue_order_id": "V-2", "ts_accepted": order.ts_closed + later_ns})
    assert order.status is (OrderStatus.ACCEPTED if works else OrderStatus.CANCELED)


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED"])
def test_field_e4_the_end_of_a_leg_that_we_never_heard_of_is_the_orders_end(status: str) -> None:
    order = order_in("PENDING_UPDATE")
    apply(order, OrderPendingCancel)
    hear(order, {"order_status": status, "venue_order_id": "V-2"})
    assert (order.status, str(order.venue_order_id)) == (OrderStatus[status], "V-2")


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired])
def test_field_e4_the_stream_says_so_too(kind: type[OrderEvent]) -> None:
    order = order_in("PENDING_UPDATE")
    apply(order, OrderPendingCancel)
    belief = Belief()
    belief.add(order)
    admission = admit(belief, make_event(kind, order, venue_order_id="V-2", provenance=Provenance.STREAM))
    assert [type(event) for event in admission.events] == [OrderUpdated, kind]
    assert [note.alarm for note in admission.notes] == [False]


def test_without_a_modification_an_end_under_another_id_is_alarmed_and_dropped() -> None:
    order = order_in("PENDING_CANCEL")
    belief = Belief()
    belief.add(order)
    admission = admit(belief, make_event(OrderCanceled, order, venue_order_id="V-2", provenance=Provenance.STREAM))
    assert admission.events == ()
    assert [note.alarm for note in admission.notes] == [True]


def test_field_e3_the_terms_of_a_leg_that_only_traded_are_asked_for() -> None:
    order = order_in("PENDING_UPDATE")
    belief = Belief()
    belief.add(order)
    assert admit(belief, make_fill(order, "0.100", venue_order_id="V-2")).ask_about is order
    assert admit(belief, make_fill(order, "0.100")).ask_about is None


def test_of_two_legs_of_one_moment_the_one_that_works_is_the_later() -> None:
    order = order_in("ACCEPTED")
    fields = {"ts_accepted": NOW, "ts_last": NOW}
    old = order_report(order, order_status="CANCELED", venue_order_id="V-1", **fields)
    new = order_report(order, order_status="ACCEPTED", venue_order_id="LEG-2", **fields)
    assert replaced_legs([old, new]) == replaced_legs([new, old]) == [old]
