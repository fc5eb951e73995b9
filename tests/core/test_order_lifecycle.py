"""The lifecycle of an order: every status meets every event, as the reference has it; what must fit; updates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nautilus_live.core import order_transitions
from nautilus_live.model.enums import OrderStatus, OrderType
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
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import AccountId, VenueOrderId
from nautilus_live.model.orders import (
    CLOSED_STATUSES,
    IN_FLIGHT_STATUSES,
    LOCAL_STATUSES,
    OPEN_STATUSES,
    TRIGGERABLE_TYPES,
    Order,
)
from tests.core.conftest import apply, make_event, make_fill, make_order, order_in, px, qty
from tests.core.lifecycle_events import KINDS, assert_refused, stop_limit

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "order_lifecycle.json").read_text())
STATUSES = list(OrderStatus)
EVENTS = [*KINDS, "OrderFilled[partial]", "OrderFilled[complete]"]

HOLES_CLOSED: dict[tuple[str, str], tuple[str, str | None]] = {
    ("INITIALIZED", "OrderFilled[partial]"): ("c", "PARTIALLY_FILLED"),
    ("INITIALIZED", "OrderFilled[complete]"): ("c", "FILLED"),
    ("SUBMITTED", "OrderExpired"): ("e", "EXPIRED"),
    ("EXPIRED", "OrderFilled[partial]"): ("f", "EXPIRED"),
    ("EXPIRED", "OrderFilled[complete]"): ("f", "FILLED"),
    ("REJECTED", "OrderFilled[partial]"): ("f", "REJECTED"),
    ("REJECTED", "OrderFilled[complete]"): ("f", "FILLED"),
    ("CANCELED", "OrderFilled[partial]"): ("g", "CANCELED"),
    ("PENDING_UPDATE", "OrderTriggered"): ("i", "PENDING_UPDATE"),
    ("PENDING_CANCEL", "OrderTriggered"): ("i", "PENDING_CANCEL"),
}
"""Where we differ from the reference: the hole's letter in BEHAVIOUR section 2, and what we do instead.

(i) is not listed there: a trigger, told while a command waits for its answer, is no answer. (a) and (b) are about the
events that restore and (d) about orders with fills, see below; (h) is about overfills, see
`test_order_lifecycle_fills.py`.
"""

REFERENCE: dict[tuple[str, str], str] = {
    (row["state"], row["event"]): row["next"] for row in ORACLE["legal_transitions"]
}


def event_named(name: str, order: Order) -> OrderEvent:
    if name == "OrderFilled[partial]":
        left = order.leaves_qty.value
        return make_fill(order, left / 2 if left else "0.500")
    if name == "OrderFilled[complete]":
        return make_fill(order, order.leaves_qty.value or "1.000")
    made: OrderEvent = make_event(KINDS[name], order)
    return made


@pytest.mark.parametrize("status", STATUSES, ids=str)
@pytest.mark.parametrize("name", EVENTS)
def test_every_pair_is_as_in_the_reference_except_where_a_hole_is_closed(status: OrderStatus, name: str) -> None:
    order = stop_limit(status)
    event = event_named(name, order)
    _, wanted = HOLES_CLOSED.get((status.name, name), ("", REFERENCE.get((status.name, name))))
    if wanted is None:
        assert_refused(order, event)
    else:
        apply(order, event)
        assert order.status is OrderStatus[wanted]
        assert order.last_event is event


def test_the_table_knows_every_status_and_nothing_that_the_reference_lacks_but_the_holes() -> None:
    assert list(ORACLE["statuses"]) == [status.name for status in sorted(STATUSES)]
    assert {status.name: int(status) for status in STATUSES} == ORACLE["statuses"]
    assert set(order_transitions.TRANSITIONS) == set(STATUSES)
    ours = {
        (status.name, trigger if isinstance(trigger, str) else trigger.__name__): following.name
        for status, row in order_transitions.TRANSITIONS.items()
        for trigger, following in row.items()
    }
    added = {pair: following for pair, following in ours.items() if pair not in REFERENCE}
    assert [pair for pair in REFERENCE if pair not in ours] == []
    assert added == {
        **{pair: to for pair, (letter, to) in HOLES_CLOSED.items() if letter in "cefi" and pair not in REFERENCE},
        # Not holes of the reference, but facts that it does not know: room made by a late update, a replaced order.
        ("FILLED", "OrderFilled[partial]"): "FILLED",
        ("FILLED", "OrderFilled[complete]"): "FILLED",
        ("FILLED", order_transitions.TAKEN_BACK): "CANCELED",
        ("FILLED", order_transitions.WORKS_ON): "PARTIALLY_FILLED",
        ("CANCELED", order_transitions.REPLACED): "ACCEPTED",
        ("PARTIALLY_FILLED", order_transitions.LESSENED): "FILLED",
        ("PENDING_UPDATE", order_transitions.LESSENED): "FILLED",
        ("PENDING_CANCEL", order_transitions.LESSENED): "FILLED",
        # Released by an earlier life, and never sent: held here again.
        ("SUBMITTED", "OrderEmulated"): "EMULATED",
    }
    changed = {pair: following for pair, following in ours.items() if REFERENCE.get(pair, following) != following}
    assert changed == {
        ("CANCELED", "OrderFilled[partial]"): "CANCELED",
        ("PENDING_UPDATE", "OrderTriggered"): "PENDING_UPDATE",
    }


def test_the_categories_of_statuses_are_the_references() -> None:
    def named(name: str) -> set[OrderStatus]:
        return {OrderStatus[one] for one in ORACLE["categories"][name]}

    assert named("local_active") == LOCAL_STATUSES
    assert named("in_flight") == IN_FLIGHT_STATUSES
    assert named("open (only when the order has no emulation trigger)") == OPEN_STATUSES
    assert named("closed") == CLOSED_STATUSES


@pytest.mark.parametrize("pending", [OrderPendingUpdate, OrderPendingCancel])
def test_accepted_never_takes_a_partly_filled_order_back(pending: type[OrderEvent]) -> None:
    """Hole (d)."""
    order = apply(order_in("PARTIALLY_FILLED"), pending, OrderAccepted)
    assert order.status is OrderStatus.PARTIALLY_FILLED


@pytest.mark.parametrize(
    ("pending", "refusal"), [(OrderPendingUpdate, OrderModifyRejected), (OrderPendingCancel, OrderCancelRejected)]
)
@pytest.mark.parametrize(("first", "back"), [("ACCEPTED", "TRIGGERED"), ("PARTIALLY_FILLED", "PARTIALLY_FILLED")])
def test_a_trigger_answers_no_command(
    pending: type[OrderEvent], refusal: type[OrderEvent], first: str, back: str
) -> None:
    """Hole (i)."""
    order = apply(stop_limit(first), pending)
    waits_in = order.status
    apply(order, OrderTriggered)
    assert order.status is waits_in
    assert apply(order.copy(), OrderAccepted).status is OrderStatus[back]
    assert apply(order, refusal).status is OrderStatus[back]


# -- answers to pending commands -------------------------------------------------------------------------------------

ANSWERS: dict[str, type[OrderEvent]] = {
    "OrderModifyRejected": OrderModifyRejected,
    "OrderCancelRejected": OrderCancelRejected,
    "OrderUpdated": OrderUpdated,
}
GAPS_CLOSED = {
    ("PENDING_CANCEL<SUBMITTED", "OrderCancelRejected"): ("a", "SUBMITTED"),
    ("PENDING_CANCEL<TRIGGERED", "OrderCancelRejected"): ("a", "TRIGGERED"),
    ("PENDING_UPDATE<SUBMITTED", "OrderModifyRejected"): ("b", "SUBMITTED"),
    ("PENDING_UPDATE<SUBMITTED", "OrderUpdated"): ("b", "SUBMITTED"),
}


def order_that_came(path: str) -> Order:
    """Return an order in the state that the oracle calls `path`, such as PENDING_CANCEL<PENDING_UPDATE<ACCEPTED."""
    if path == "CANCELED(filled10)":
        return apply(order_in("PARTIALLY_FILLED"), OrderCanceled)
    *pendings, first = path.split("<")
    order = stop_limit(first)
    for pending in reversed(pendings):
        apply(order, {"PENDING_UPDATE": OrderPendingUpdate, "PENDING_CANCEL": OrderPendingCancel}[pending])
    return order


@pytest.mark.parametrize(
    "row", ORACLE["restore_previous_semantics"]["observed"], ids=lambda row: f"{row['state']}-{row['event']}"
)
def test_an_answer_goes_back_to_the_last_status_that_was_not_pending(row: dict[str, Any]) -> None:
    order = order_that_came(row["state"])
    was_provisional = order.provisional
    _, wanted = GAPS_CLOSED.get((row["state"], row["event"]), ("", str(row.get("next"))))
    apply(order, ANSWERS[row["event"]])
    assert order.status is OrderStatus[wanted]
    assert order.provisional is was_provisional


def test_the_gaps_are_those_that_the_oracle_lists() -> None:
    refused = {
        (row["state"], row["event"]) for row in ORACLE["restore_previous_semantics"]["observed"] if "error" in row
    }
    assert refused == {pair for pair, (letter, _) in GAPS_CLOSED.items() if letter == "a"}


def test_a_command_repeated_while_pending_keeps_the_way_back() -> None:
    order = apply(order_in("TRIGGERED"), OrderPendingUpdate, OrderPendingUpdate, OrderPendingCancel, OrderPendingCancel)
    assert apply(order, OrderCancelRejected).status is OrderStatus.TRIGGERED


# -- what must fit ---------------------------------------------------------------------------------------------------


def test_an_event_of_another_order_is_refused() -> None:
    event = make_event(OrderAccepted, order_in("SUBMITTED", "O-2"), venue_order_id="V-1")
    assert_refused(order_in("SUBMITTED", "O-1"), event, ": it is of O-2")


@pytest.mark.parametrize("kind", [OrderCanceled, OrderExpired, OrderRejected, OrderModifyRejected, OrderCancelRejected])
def test_an_event_of_another_venue_order_is_refused(kind: type[OrderEvent]) -> None:
    order = order_in("ACCEPTED")
    assert_refused(
        order, make_event(kind, order, venue_order_id="V-9"), ": it is for venue order V-9, the order is V-O-1"
    )


def test_a_fill_of_another_venue_order_is_refused() -> None:
    order = order_in("ACCEPTED")
    assert_refused(order, make_fill(order, venue_order_id="V-9"), "V-9")


def test_an_event_without_venue_order_id_fits() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_event(OrderCanceled, order, venue_order_id=None))
    assert order.status is OrderStatus.CANCELED
    assert order.venue_order_id == VenueOrderId("V-O-1")


@pytest.mark.parametrize("order_type", list(OrderType), ids=str)
def test_only_orders_that_become_limit_orders_are_triggered(order_type: OrderType) -> None:
    order = order_in("ACCEPTED", order_type=order_type, trigger_price=px("51000.00"))
    event = make_event(OrderTriggered, order)
    if order_type in TRIGGERABLE_TYPES:
        assert apply(order, event).status is OrderStatus.TRIGGERED
    else:
        assert_refused(order, event, f"a {order_type} order has no triggered state")


def test_the_ids_that_an_event_brings_are_learned_once() -> None:
    order = order_in("INITIALIZED")
    assert (order.venue_order_id, order.account_id) == (None, None)
    apply(order, make_event(OrderSubmitted, order, account_id=None))
    assert (order.venue_order_id, order.account_id) == (None, None)
    apply(order, make_event(OrderAccepted, order, venue_order_id="V-1"))
    assert (order.venue_order_id, order.account_id) == (VenueOrderId("V-1"), AccountId("SIM-001"))
    apply(order, make_event(OrderCanceled, order, account_id=AccountId("SIM-002")))
    assert order.account_id == AccountId("SIM-001")


def test_times_are_those_of_the_events() -> None:
    order = make_order(ts=10)
    assert (order.ts_submitted, order.ts_accepted, order.ts_last, order.ts_closed) == (0, 0, 10, 0)
    apply(order, make_event(OrderSubmitted, order, ts=11))
    assert (order.ts_submitted, order.ts_accepted, order.ts_last) == (11, 0, 11)
    apply(order, make_event(OrderAccepted, order, ts=13))
    assert (order.ts_submitted, order.ts_accepted, order.ts_last) == (11, 13, 13)
    apply(order, make_fill(order, "0.500", ts=12))
    assert order.ts_last == 13  # an older event does not turn the clock back
    assert order.ts_closed == 0
    apply(order, make_event(OrderCanceled, order, ts=20))
    assert (order.ts_last, order.ts_closed) == (20, 20)
    apply(order, make_fill(order, "0.200", ts=15))
    assert order.ts_closed == 20  # it was canceled when it was canceled
    apply(order, make_fill(order, "0.100", ts=22))
    assert order.ts_closed == 22
    apply(order, make_fill(order, "0.200", ts=18))
    assert (order.status, order.ts_closed) == (OrderStatus.FILLED, 18)


def test_the_event_list_holds_what_was_applied_in_order() -> None:
    order = order_in("CANCELED")
    kinds = [type(event).__name__ for event in order.events]
    assert kinds == ["OrderInitialized", "OrderSubmitted", "OrderAccepted", "OrderCanceled"]
    assert order.event_count == 4


# -- updates ---------------------------------------------------------------------------------------------------------


def test_an_update_sets_what_it_names_and_keeps_the_rest() -> None:
    order = stop_limit("PENDING_UPDATE")
    apply(order, make_event(OrderUpdated, order, quantity=qty("2.000")))
    assert (order.quantity, order.price, order.trigger_price) == (qty("2.000"), px("50000.00"), px("51000.00"))
    apply(order, make_event(OrderUpdated, order, price=px("49000.00"), trigger_price=px("49500.00")))
    assert (order.quantity, order.price, order.trigger_price) == (qty("2.000"), px("49000.00"), px("49500.00"))


def test_an_update_may_lower_the_quantity_to_what_is_filled_but_not_below() -> None:
    order = order_in("PARTIALLY_FILLED")
    assert_refused(
        order, make_event(OrderUpdated, order, quantity=qty("0.499")), "quantity 0.499 is below the filled 0.500"
    )
    apply(order, make_event(OrderUpdated, order, quantity=qty("0.500")))
    assert order.leaves_qty == 0


def test_an_update_cannot_give_a_trigger_to_an_order_without_one() -> None:
    order = order_in("ACCEPTED")
    event = make_event(OrderUpdated, order, trigger_price=px("49500.00"))
    assert_refused(order, event, "a LIMIT order has no trigger price")


def test_an_update_under_another_venue_id_replaces_the_order() -> None:
    order = order_in("PENDING_UPDATE")
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"))
    assert order.venue_order_id == VenueOrderId("V-2")
    assert order.superseded_venue_order_ids == (VenueOrderId("V-O-1"),)
    assert order.status is OrderStatus.ACCEPTED
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-3"))
    assert order.superseded_venue_order_ids == (VenueOrderId("V-O-1"), VenueOrderId("V-2"))


def test_an_update_under_the_same_or_the_first_or_no_venue_id_replaces_nothing() -> None:
    order = order_in("SUBMITTED")
    for told in (None, "V-1", "V-1", None):
        apply(order, make_event(OrderUpdated, order, venue_order_id=told))
    assert order.venue_order_id == VenueOrderId("V-1")
    assert order.superseded_venue_order_ids == ()


def test_an_update_never_goes_back_to_an_id_that_was_replaced() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"))
    late = make_event(OrderUpdated, order, venue_order_id="V-O-1", quantity=qty("9.000"))
    assert_refused(order, late, "it is for venue order V-O-1, which V-2 replaced")


def test_fills_and_refusals_under_a_replaced_id_still_fit() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"), OrderPendingCancel)
    apply(order, make_event(OrderCancelRejected, order, venue_order_id="V-O-1"))
    apply(order, make_fill(order, "0.400", venue_order_id="V-O-1"))
    assert (order.status, order.filled_qty) == (OrderStatus.PARTIALLY_FILLED, qty("0.400"))
    assert order.venue_order_id == VenueOrderId("V-2")


@pytest.mark.parametrize(("status", "wanted"), [("ACCEPTED", "ACCEPTED"), ("PARTIALLY_FILLED", "PARTIALLY_FILLED")])
def test_a_replacement_after_the_cancel_of_the_old_order_says_that_it_works(status: str, wanted: str) -> None:
    order = apply(order_in(status), OrderPendingUpdate, OrderCanceled)
    assert order.ts_closed
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"))
    assert order.status is OrderStatus[wanted]
    assert order.ts_closed == 0
    assert order.venue_order_id == VenueOrderId("V-2")


@pytest.mark.parametrize("status", ["DENIED", "REJECTED", "EXPIRED", "FILLED"])
def test_a_replacement_opens_no_order_that_ended_otherwise(status: str) -> None:
    order = order_in(status)
    order.venue_order_id = VenueOrderId("V-1")
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"))
    assert order.status is OrderStatus[status]


def test_room_made_by_a_late_update_is_filled_while_the_order_stays_filled() -> None:
    order = order_in("FILLED")
    apply(order, make_event(OrderUpdated, order, quantity=qty("2.000")))
    apply(order, make_fill(order, "0.500"))
    assert (order.status, order.filled_qty) == (OrderStatus.FILLED, qty("1.500"))


def test_a_quantity_of_money_becomes_one_of_the_instrument_when_the_venue_says_which() -> None:
    order = order_in("ACCEPTED", quantity=qty("1000.0000"), quote_quantity=True)
    apply(order, make_event(OrderUpdated, order, quantity=qty("1000.0000"), price=px("50001.00")))
    assert order.is_quote_quantity, "another price says nothing of the quantity"
    apply(order, make_event(OrderUpdated, order, quantity=qty("0.020")))

    assert (order.is_quote_quantity, str(order.leaves_qty), str(order.filled_qty)) == (False, "0.020", "0.000")
