"""Which events of a venue's stream are passed on: acknowledgements, rejections, ends, trades, in any order."""

from __future__ import annotations

from itertools import permutations

import pytest
from msgspec import structs

from nautilus_live.core.admission import admit
from nautilus_live.core.admitted import Admission
from nautilus_live.model.enums import OrderStatus, OrderType, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId, TradeId, VenueOrderId
from nautilus_live.model.orders import Order
from tests.core.conftest import (
    OTHER_SPOT,
    OTHER_STRATEGY,
    SPOT,
    STRATEGY,
    apply,
    make_event,
    make_fill,
    make_order,
    make_placeholder,
    order_in,
    px,
    qty,
)
from tests.core.ear import POLICY, RESPONSE, Ear, both, kinds

# -- acknowledgements ------------------------------------------------------------------------------------------------


def test_the_first_acknowledgement_is_passed_on() -> None:
    _, order = both("SUBMITTED")
    event = make_event(OrderAccepted, order)
    assert admit(Ear(order), event) == Admission((event,))


@pytest.mark.parametrize("status", ["ACCEPTED", "PARTIALLY_FILLED", "PENDING_UPDATE", "PENDING_CANCEL"])
def test_an_acknowledgement_of_what_is_open_says_nothing_new(status: str) -> None:
    """D3 among others: ACCEPTED repeated after partial fills."""
    ear, order = both(status)
    filled = order.filled_qty
    assert admit(ear, make_event(OrderAccepted, order)) == Admission()
    assert (order.status, order.filled_qty) == (OrderStatus[status], filled)


@pytest.mark.parametrize("pending", [OrderPendingUpdate, OrderPendingCancel])
def test_an_order_that_was_pending_before_its_acknowledgement_learns_of_it(pending: type[OrderEvent]) -> None:
    ear, order = both("SUBMITTED")
    apply(order, pending)
    ear.hear(make_event(OrderAccepted, order, venue_order_id="V-1"))
    assert (order.status, order.venue_order_id) == (OrderStatus.ACCEPTED, VenueOrderId("V-1"))


def test_an_update_that_changes_nothing_says_nothing_new() -> None:
    ear, order = both()
    same = make_event(OrderUpdated, order, price=order.price)
    assert admit(ear, same) == Admission()
    assert admit(ear, make_event(OrderUpdated, order)) == Admission()
    for changed in ({"quantity": qty("2.000")}, {"price": px("49000.00")}, {"trigger_price": px("1.00")}):
        event = make_event(OrderUpdated, order, **changed)
        assert admit(ear, event) == Admission((event,))


def test_an_update_that_answers_a_command_is_passed_on_even_if_it_changes_nothing() -> None:
    ear, order = both("PENDING_UPDATE")
    ear.hear(make_event(OrderUpdated, order, price=order.price))
    assert order.status is OrderStatus.ACCEPTED


def test_an_answer_that_was_overtaken_by_the_next_change_and_its_trades_is_dropped() -> None:
    ear, order = both()
    ear.hear(make_event(OrderUpdated, order, quantity=qty("2.000")), make_fill(order, "1.500"))
    assert ear.hear(make_event(OrderUpdated, order, quantity=qty("1.000"))) == ["INFO event.overtaken"]
    assert order.quantity == qty("2.000")


def test_a_trigger_told_twice_or_overtaken_by_its_trades_says_nothing_new() -> None:
    order = order_in("TRIGGERED")
    ear = Ear(order)
    again = make_event(OrderTriggered, order)
    assert admit(ear, again) == Admission()
    ear.hear(make_fill(order, "0.400"))
    assert admit(ear, again) == Admission()
    first = make_event(OrderTriggered, order_in("ACCEPTED", "O-2", order_type=OrderType.STOP_LIMIT))
    assert admit(Ear(order_in("ACCEPTED", "O-2")), first) == Admission((first,))


@pytest.mark.parametrize("status", ["PENDING_UPDATE", "PENDING_CANCEL"])
def test_a_trigger_is_told_once_while_a_command_waits(status: str) -> None:
    order = order_in(status, order_type=OrderType.STOP_LIMIT)
    ear = Ear(order)
    word = make_event(OrderTriggered, order)
    ear.hear(word)
    assert (order.last_event, order.status) == (word, OrderStatus[status])
    assert admit(ear, make_event(OrderTriggered, order)) == Admission()


def test_an_order_found_at_the_venue_is_acknowledged_although_its_venue_id_was_known_before() -> None:
    order = make_order(venue_order_id=VenueOrderId("V-1"))
    event = make_event(OrderAccepted, order)
    assert admit(Ear(order), event) == Admission((event,))


def test_our_own_words_are_passed_on_whatever_the_state() -> None:
    ear, order = both("ACCEPTED")
    unchanged = make_event(OrderUpdated, order, provenance=Provenance.LOCAL)
    assert admit(ear, unchanged) == Admission((unchanged,))
    for status in ("SUBMITTED", "ACCEPTED", "FILLED"):
        ear, order = both(status)
        event = make_event(OrderPendingCancel, order)
        assert admit(ear, event) == Admission((event,))


# -- rejections ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["ACCEPTED", "PARTIALLY_FILLED", "PENDING_UPDATE", "PENDING_CANCEL"])
def test_a_refused_submit_never_rejects_an_order_that_works(status: str) -> None:
    """A7: the second of two sends is refused as a duplicate; the first one works."""
    ear, order = both(status)
    refused = make_event(OrderRejected, order, provenance=RESPONSE, venue_order_id=None, reason="duplicate id")
    assert ear.hear(refused) == ["WARNING event.refused_while_open!"]
    assert order.status is OrderStatus[status]
    assert ear.notes[0].text == "O-1: refused (duplicate id), but it works as V-O-1; dropped"


def test_a_refused_submit_rejects_an_order_that_was_not_acknowledged() -> None:
    for pending in ((), (OrderPendingCancel,)):
        ear, order = both("SUBMITTED")
        apply(order, *pending)
        assert ear.hear(make_event(OrderRejected, order, provenance=RESPONSE, venue_order_id=None)) == []
        assert order.status is OrderStatus.REJECTED


@pytest.mark.parametrize("kind", [OrderCanceled, OrderCancelRejected, OrderModifyRejected])
def test_any_other_answer_about_an_order_that_works_is_passed_on(kind: type[OrderEvent]) -> None:
    ear, order = both("PENDING_CANCEL")
    event = make_event(kind, order, provenance=RESPONSE)
    assert admit(ear, event) == Admission((event,))


def test_a_rejection_by_the_stream_is_the_venues_own_word() -> None:
    ear, order = both("ACCEPTED")
    ear.hear(make_event(OrderRejected, order))
    assert order.status is OrderStatus.REJECTED


# -- after the end ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "wanted"),
    [
        ("FILLED", OrderCanceled, "WARNING event.after_end"),  # D2
        ("FILLED", OrderExpired, "WARNING event.after_end"),
        ("FILLED", OrderRejected, "WARNING event.after_end"),
        ("FILLED", OrderAccepted, "DEBUG event.after_end"),
        ("FILLED", OrderTriggered, "DEBUG event.after_end"),
        ("CANCELED", OrderCanceled, "DEBUG event.after_end"),
        ("CANCELED", OrderAccepted, "WARNING event.after_end"),
        ("CANCELED", OrderTriggered, "WARNING event.after_end"),
        ("CANCELED", OrderExpired, "WARNING event.after_end"),
        ("EXPIRED", OrderExpired, "DEBUG event.after_end"),
        ("EXPIRED", OrderCanceled, "WARNING event.after_end"),
        ("REJECTED", OrderRejected, "DEBUG event.after_end"),
        ("REJECTED", OrderAccepted, "WARNING event.after_end"),
    ],
)
def test_an_end_that_the_venue_told_takes_no_other_word(status: str, kind: type[OrderEvent], wanted: str) -> None:
    ear, order = both(status)
    assert ear.hear(make_event(kind, order)) == [wanted]
    assert (order.status, ear.applied) == (OrderStatus[status], [])
    assert ear.notes[0].text == f"O-1: {kind.__name__} after {status}; dropped"


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "DENIED"])
def test_our_own_denial_of_what_ended_while_it_waited_is_dropped(status: str) -> None:
    ear, order = both(status)
    assert ear.hear(make_event(OrderDenied, order, provenance=Provenance.LOCAL)) == ["DEBUG event.after_end"]
    assert (order.status, ear.applied) == (OrderStatus[status], [])


@pytest.mark.parametrize("status", ["FILLED", "CANCELED"])
@pytest.mark.parametrize("kind", [OrderCancelRejected, OrderModifyRejected])
def test_the_refusal_of_a_command_after_the_end_reaches_the_strategy_and_opens_nothing(
    status: str, kind: type[OrderEvent]
) -> None:
    """D4."""
    ear, order = both(status)
    assert ear.hear(make_event(kind, order)) == []
    assert (order.status, kinds(ear.applied)) == (OrderStatus[status], [kind.__name__])


def concluded(kind: type[OrderEvent]) -> tuple[Ear, Order]:
    order = order_in("SUBMITTED" if kind is OrderRejected else "PENDING_CANCEL")
    ear = Ear(apply(order, make_event(kind, order, provenance=POLICY)))
    return ear, order


@pytest.mark.parametrize("end", [OrderRejected, OrderCanceled])
@pytest.mark.parametrize("kind", [OrderAccepted, OrderExpired, OrderRejected, OrderCanceled])
def test_the_venues_word_against_our_conclusion_is_applied_and_alarmed(
    end: type[OrderEvent], kind: type[OrderEvent]
) -> None:
    ear, order = concluded(end)
    was = order.status
    notes = ear.hear(make_event(kind, order))
    if kind is end:
        assert notes == []
    else:
        assert notes == ["WARNING order.conclusion_corrected!"]
        assert ear.notes[0].text == f"O-1: we had concluded {was}; the venue says {kind.__name__}"
    assert not order.provisional
    assert type(order.last_event) is kind


def test_a_trade_after_a_rejection_of_ours_opens_the_order_and_moves_the_position() -> None:
    """BEHAVIOUR 182: order and position together."""
    ear, order = concluded(OrderRejected)
    assert ear.hear(make_fill(order, "0.400")) == ["WARNING fill.late!"]
    assert (order.status, ear.net()) == (OrderStatus.PARTIALLY_FILLED, qty("0.400"))


# -- trades ----------------------------------------------------------------------------------------------------------


def test_a_trade_told_again_is_dropped_however_late() -> None:
    """C1, C6, BEHAVIOUR 213."""
    ear, order = both()
    fill = make_fill(order, "0.400", trade="T-1")
    ear.hear(fill)
    later = structs.replace(fill, event_id="E-later", ts_event=fill.ts_event + 2_400_000_000_000)
    for again in (fill, later):
        assert admit(ear, again) == Admission()
    ear.hear(make_event(OrderCanceled, order))
    assert admit(ear, later) == Admission()
    assert (order.filled_qty, ear.net()) == (qty("0.400"), qty("0.400"))


@pytest.mark.parametrize(("quantity", "price"), [("0.300", "50000.00"), ("0.400", "50001.00")])
def test_a_trade_told_differently_is_dropped_and_alarmed(quantity: str, price: str) -> None:
    ear, order = both()
    ear.hear(make_fill(order, "0.400", "50000.00", "T-1"))
    assert ear.hear(make_fill(order, quantity, price, "T-1")) == ["WARNING fill.differs!"]
    note = ear.notes[-1]
    assert note.text == (
        f"O-1: trade T-1 was 0.400 @ 50000.00 and is repeated as {quantity} @ {price}; the first counts, unless the"
        " venue's total says that both do"
    )
    assert (note.instrument_id, note.client_order_id) == (SPOT.id, ClientOrderId("O-1"))
    assert (note.venue_order_id, note.trade_id) == (VenueOrderId("V-O-1"), TradeId("T-1"))
    assert order.filled_qty == qty("0.400")


def test_a_real_trade_takes_the_place_of_the_placeholder_that_came_first() -> None:
    """C5 and BEHAVIOUR 208 to 210, for events."""
    for later_ns in (-10, 0, 10):
        ear, order = both(quantity="100")
        placeholder = make_placeholder(order, "100", trade="P-1", ts=1000)
        ear.apply([placeholder])
        fill = make_fill(order, "100", "50010.00", "T-1", ts=1000 + later_ns)
        ear.hear(fill)
        assert (order.trade_ids, order.filled_qty) == ([TradeId("T-1")], qty("100"))
        assert (order.avg_px, ear.net()) == (50010, 100)


def test_a_later_trade_beside_a_placeholder_is_new_if_there_is_room() -> None:
    ear, order = both(quantity="100")
    ear.apply([make_placeholder(order, "40", trade="P-1", ts=1000)])
    ear.hear(make_fill(order, "40", trade="T-1", ts=1000))
    assert order.filled_qty == 40
    ear.hear(make_fill(order, "40", trade="T-2", ts=1010))
    assert (order.filled_qty, ear.net()) == (80, 80)


def test_an_overfill_changes_neither_order_nor_position() -> None:
    """BEHAVIOUR 218."""
    ear, order = both(quantity="100")
    ear.hear(make_fill(order, "80"))
    assert ear.hear(make_fill(order, "80", trade="T-2")) == ["ERROR fill.overfill!"]
    assert (order.status, order.filled_qty, ear.net()) == (OrderStatus.PARTIALLY_FILLED, 80, 80)
    assert admit(ear, make_fill(order, "20.001")).events == ()
    assert ear.hear(make_fill(order, "20")) == []
    assert ear.notes[0].text == (
        "O-1: trade T-2 of 80.000 does not fit, 80.000 of 100.000 are filled; neither order nor position was changed"
    )


def test_an_overfill_that_is_allowed_changes_both() -> None:
    order = order_in("ACCEPTED", quantity="100")
    ear = Ear(order, allow_overfills=True)
    ear.hear(make_fill(order, "80"), make_fill(order, "80"))
    assert (order.status, order.filled_qty, ear.net()) == (OrderStatus.FILLED, 160, 160)


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "REJECTED"])
def test_a_late_trade_is_taken_and_alarmed_and_opens_nothing(status: str) -> None:
    """D1, BEHAVIOUR 216."""
    ear, order = both(status)
    assert ear.hear(make_fill(order, "0.400", "50000.00")) == ["WARNING fill.late!"]
    assert ear.notes[0].text == f"O-1: filled 0.400 @ 50000.00 after it was {status}"
    assert (order.status, order.is_closed, ear.net()) == (OrderStatus[status], True, qty("0.400"))


def test_a_trade_that_replaces_a_placeholder_after_the_end_alarms_nobody() -> None:
    ear, order = both()
    ear.apply([make_placeholder(order, "0.400", trade="P-1"), make_event(OrderCanceled, order)])
    assert ear.hear(make_fill(order, "0.400", "50001.00", "T-1", ts=order.ts_last)) == []
    ear.apply([make_placeholder(order, "0.100", trade="P-2")])
    assert ear.hear(make_fill(order, "0.100", "50001.00", "T-2", ts=1)) == ["WARNING fill.out_of_order"]
    assert (order.status, order.trade_ids) == (OrderStatus.CANCELED, [TradeId("T-1"), TradeId("T-2")])


def test_a_trade_older_than_the_venues_last_word_is_taken_with_a_warning() -> None:
    """BEHAVIOUR 214 and 215."""
    ear, order = both()
    ear.hear(make_fill(order, "0.400", "50000.00", "T-2", ts=200))
    assert ear.hear(make_fill(order, "0.300", "50000.00", "T-1", ts=100)) == ["WARNING fill.out_of_order"]
    assert ear.notes[0].text == "O-1: trade T-1 is older than the order's last event"
    assert order.filled_qty == qty("0.700")
    assert ear.hear(make_fill(order, "0.100", ts=200)) == []


def test_a_trade_older_than_our_own_last_word_is_ordinary() -> None:
    ear, order = both()
    apply(order, make_event(OrderPendingCancel, order, ts=1000))
    assert ear.hear(make_fill(order, "0.400", ts=900)) == ["DEBUG fill.out_of_order"]
    assert ear.hear(make_fill(order, "0.100", ts=800, provenance=Provenance.RECONCILIATION)) == []


# -- who is meant ----------------------------------------------------------------------------------------------------


def test_a_trade_for_a_submitted_order_is_matched_by_our_id() -> None:
    """B10 and BEHAVIOUR 212."""
    ear, order = both("SUBMITTED")
    ear.hear(make_fill(order, "0.400", venue_order_id="V-9"))
    assert (order.status, order.venue_order_id) == (OrderStatus.PARTIALLY_FILLED, VenueOrderId("V-9"))


@pytest.mark.parametrize("kind", [OrderCanceled, OrderFilled])
def test_an_event_under_a_foreign_client_id_is_matched_by_the_venue_id(kind: type[OrderEvent]) -> None:
    """B10, the reverse."""
    ear, order = both()
    made = make_fill(order, "0.400") if kind is OrderFilled else make_event(kind, order)
    foreign = structs.replace(made, client_order_id=ClientOrderId("X-9"), strategy_id=OTHER_STRATEGY)
    assert ear.hear(foreign)[0] == "INFO event.other_client_order_id"
    assert ear.notes[0].text == "X-9: known by its venue order id"
    assert (ear.applied[0].client_order_id, ear.applied[0].strategy_id) == (ClientOrderId("O-1"), STRATEGY)
    assert type(order.last_event) is kind


def test_a_venue_id_is_looked_up_within_its_instrument() -> None:
    ear, order = both()
    foreign = structs.replace(
        make_event(OrderCanceled, order), client_order_id=ClientOrderId("X-9"), instrument_id=OTHER_SPOT.id
    )
    assert ear.hear(foreign) == ["WARNING event.unknown_order"]
    assert order.status is OrderStatus.ACCEPTED


def test_a_trade_for_an_order_that_nobody_knows_is_held_until_it_appears() -> None:
    """B10, D6 and BEHAVIOUR 211."""
    order = order_in("SUBMITTED")
    ear = Ear()
    assert ear.hear(make_fill(order, "0.400", venue_order_id="V-1")) == ["INFO fill.held"]
    assert ear.notes[0].text == "held until its order is known"
    assert ear.net() == 0
    ear.order_appears(order)
    assert (order.filled_qty, ear.net(), ear.held) == (qty("0.400"), qty("0.400"), [])
    ear.hear(make_event(OrderAccepted, order, venue_order_id="V-1"))
    assert order.status is OrderStatus.PARTIALLY_FILLED


def test_any_other_event_of_an_order_that_nobody_knows_is_told() -> None:
    for venue_order_id in ("V-1", None):
        ear = Ear(order_in("SUBMITTED", "O-2"))  # which has no venue id yet, and so is not meant by an event without
        event = make_event(OrderCanceled, order_in("ACCEPTED"), venue_order_id=venue_order_id)
        assert ear.hear(event) == ["WARNING event.unknown_order"]
        assert ear.notes[0].text == "O-1: OrderCanceled for an order that is not known"


def test_an_order_that_was_purged_does_not_come_back() -> None:
    ear = Ear()
    ear.purged["O-1"] = None
    for event in (make_fill(order_in("ACCEPTED")), make_event(OrderCanceled, order_in("ACCEPTED"))):
        assert ear.hear(event) == []
    assert (ear.held, ear.applied) == ([], [])


# -- any order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order_of_arrival", list(permutations(["ACK", "FILL1", "FILL2", "CLOSE"])), ids=" ".join)
@pytest.mark.parametrize(
    ("quantity", "close", "wanted"),
    [
        ("3.000", OrderCanceled, OrderStatus.CANCELED),
        ("3.000", OrderExpired, OrderStatus.EXPIRED),
        ("2.000", OrderCanceled, OrderStatus.FILLED),
    ],
)
def test_acknowledgement_trades_and_end_give_the_same_state_in_any_order(
    order_of_arrival: tuple[str, ...], quantity: str, close: type[OrderEvent], wanted: OrderStatus
) -> None:
    """D8."""
    order = apply(make_order(quantity=quantity), OrderSubmitted)
    ear = Ear(order)
    fields = {"venue_order_id": "V-1", "commission": "0.10"}
    told: dict[str, OrderEvent] = {
        "ACK": make_event(OrderAccepted, order, venue_order_id="V-1", ts=100),
        "FILL1": make_fill(order, "1.000", "50000.00", "T-1", ts=101, **fields),
        "FILL2": make_fill(order, "1.000", "50010.00", "T-2", ts=102, **fields),
        "CLOSE": make_event(close, order, venue_order_id="V-1", ts=103),
    }
    ear.hear(*(told[name] for name in order_of_arrival))
    assert (order.status, order.filled_qty, order.avg_px) == (wanted, qty("2.000"), 50005)
    assert sorted(order.trade_ids) == [TradeId("T-1"), TradeId("T-2")]
    assert (order.venue_order_id, order.provisional) == (VenueOrderId("V-1"), False)
    assert order.commissions()[0].value * 10 == 2
    assert (ear.net(), ear.orders_open()) == (2, [])
    if wanted is not OrderStatus.FILLED:
        assert order.ts_closed == 103
    (position,) = ear.positions.values()
    assert (position.avg_px_open, position.realized * 10) == (50005, -2)
