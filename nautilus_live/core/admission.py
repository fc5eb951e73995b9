"""Admission: what to make of an event that a venue's stream delivers.

Streams repeat themselves, overtake each other and contradict themselves; the order lifecycle knows only what is legal.
This machine stands between the two: it passes an event on, translates it, holds it, or drops it with a note. Everything
else is legal or not, and for the lifecycle to say.

- An acknowledgement of what is open already says nothing new, nor do an update that changes nothing and a trigger that
  was told or traded on. An acknowledgement under a new venue id is a replacement, and the cancel of the old order that
  we may have heard before was not the end.
- A word about a venue id that was replaced says nothing about the order; but a trade on it is a trade, and the refusal
  of a command of ours is its answer.
- The end of an order under an id that is new to us is our order's if it may have been replaced without our hearing it.
- A cancel while a modification of ours is under way may be its first half: it waits for the answer.
- An end with more filled than we know tells of a trade that got lost: it waits while the venue is asked for that. So
  does a trade, which waits for nothing. With less filled than we know, it is told and asked about: one was taken back.
- A refused submit cannot undo an order that the venue has acknowledged: the refused one was another, sent under the
  same id.
- A trade that we booked on a stranger's order, before anybody said that it was ours, is handed over.
- A trade that we have is dropped; one that we inferred takes the placeholder's place; one for an order that we do not
  know is held, and so is one too large for the order whose venue id is new to us.
- A trade that the venue takes back, or corrects, is alarmed; one that it took back before we heard of it never counts.
- An order of which only trades were seen grows with each, and is asked about.
- A late trade is taken and alarmed; so is every word that proves a conclusion of ours wrong.
"""

from __future__ import annotations

from msgspec import structs

from nautilus_live.core.admitted import Admission, note_on, speaks_of_another_id
from nautilus_live.core.fill_admission import admit_fill, admit_void
from nautilus_live.core.implied import acknowledgement, replacement
from nautilus_live.core.reconciliation.late_words import hear_event
from nautilus_live.core.reconciliation.replacing import may_end_a_leg_only, may_have_been_replaced
from nautilus_live.core.reconciliation.strangers import hand_over, holder_of
from nautilus_live.core.reconciliation.types import Level, LocalState
from nautilus_live.core.unheard import ENDS, ZERO, End, tells_of_less, unheard_qty
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    REFUSALS,
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderFillVoided,
    OrderRejected,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.orders import CLOSED_STATUSES, OPEN_STATUSES, PENDING_STATUSES, Order

CANCELED, EXPIRED, REJECTED = OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED
FILLED, PARTIALLY_FILLED, SUBMITTED = OrderStatus.FILLED, OrderStatus.PARTIALLY_FILLED, OrderStatus.SUBMITTED
TRIGGERED = OrderStatus.TRIGGERED
LOCAL, RESPONSE, STREAM = Provenance.LOCAL, Provenance.RESPONSE, Provenance.STREAM
_ENDS = (OrderCanceled, OrderExpired, OrderRejected, OrderDenied)
_BEGINNINGS = (OrderAccepted, OrderTriggered)
_SAME_END: dict[OrderStatus, type[OrderEvent]] = {
    CANCELED: OrderCanceled,
    EXPIRED: OrderExpired,
    REJECTED: OrderRejected,
}


def admit(local: LocalState, event: OrderEvent, *, allow_overfills: bool = False, overdue: bool = False) -> Admission:
    """Return what to do with `event`.

    Args:
        local: what we believe; only read.
        event: what a stream or an answer says.
        allow_overfills: take fills beyond an order's quantity.
        overdue: the event has waited long enough for an answer of the venue.

    """
    order = local.order(event.client_order_id)
    special = special_case(local, order, event, allow_overfills, overdue)
    return Admission((event,)) if special is None else special


def special_case(
    local: LocalState, order: Order | None, event: OrderEvent, allow_overfills: bool, overdue: bool
) -> Admission | None:
    """Return what to do with `event` as `admit` does; None, as nearly always, if it is only to be applied to `order`.

    `order` is the one under the event's client order id.
    """
    if type(event) is OrderFilled:
        return special_fill(local, order, event, allow_overfills)
    if order is None:
        return _unknown_order(local, event)
    # Mostly the very same objects; only what is not is compared.
    if order.instrument_id is not event.instrument_id or (
        order.account_id is not None and order.account_id is not event.account_id
    ):
        if not order.is_at(event.account_id, event.instrument_id):
            return _unknown_order(local, event)
    if event.provenance is LOCAL:
        return _after_the_end(order, event) if type(event) is OrderDenied and order.is_closed else None
    if type(event) is OrderFillVoided:
        return admit_void(order, event)
    if order.venue_order_id is not None and speaks_of_another_id(order, event):
        return _other_venue_order_id(order, event)
    if type(event) is OrderAccepted and order.status is SUBMITTED:
        return None  # what nearly every order hears
    if isinstance(event, ENDS):
        if unheard_qty(order, event):
            return _unheard(order, event, overdue)
        if tells_of_less(order, event):
            return structs.replace(_of_order(order, event, overdue) or Admission((event,)), ask_about=order)
    return _of_order(order, event, overdue)


def special_fill(
    local: LocalState, order: Order | None, fill: OrderFilled, allow_overfills: bool
) -> Admission | None:
    """Return what `special_case` does, of a fill."""
    if order is None:
        return _unknown_order(local, fill)
    if order.instrument_id is not fill.instrument_id or order.account_id is not fill.account_id:
        if not order.is_at(fill.account_id, fill.instrument_id):
            return _unknown_order(local, fill)
    if fill.venue_order_id is not order.venue_order_id and fill.venue_order_id != order.venue_order_id:
        if (made := holder_of(local, order, fill)) is not None:
            return Admission(late=hand_over(made, order, fill.ts_init))
    return admit_fill(order, fill, allow_overfills)


def _of_order(order: Order, event: OrderEvent, overdue: bool) -> Admission | None:
    status = order.status
    if status is SUBMITTED:
        return None if type(event) is not OrderTriggered else Admission((acknowledgement(event), event))
    if status in CLOSED_STATUSES:
        return _after_the_end(order, event)
    if status in OPEN_STATUSES:
        if isinstance(event, OrderCanceled) and not overdue and may_end_a_leg_only(order, event):
            return Admission(waits=event)
        return _while_open(order, event)
    return None


def _unheard(order: Order, end: End, overdue: bool) -> Admission:
    """Let the end of an order wait, or take it as it is, of which the venue says that more is filled than we know."""
    mark("admission.unheard_fill")
    if not overdue and order.status not in CLOSED_STATUSES:
        return Admission(waits=end, ask_about=order)
    stated = ZERO if end.cum_qty is None else end.cum_qty.value
    taken = _of_order(order, end, overdue) or Admission((end,))
    return structs.replace(taken, ask_about=order, unheard=stated)


def _while_open(order: Order, event: OrderEvent) -> Admission | None:
    if type(event) is OrderUpdated and order.status not in PENDING_STATUSES and _is_as_before(order, event):
        return Admission()
    if type(event) is OrderUpdated and event.quantity.value < order.filled_qty.value:
        # The answer to one change comes after the next change was streamed, and what traded since.
        text = f"{event.client_order_id}: updated to {event.quantity} before {order.filled_qty} were filled; dropped"
        return Admission(notes=(note_on(Level.INFO, "event.overtaken", text, event),))
    if type(event) is OrderTriggered:
        status = order.previous_status if order.status in PENDING_STATUSES else order.status
        if status is TRIGGERED or status is PARTIALLY_FILLED:
            return Admission()
    if order.venue_order_id is None:  # pending, but never acknowledged
        return None
    if type(event) is OrderAccepted:
        return Admission()  # the stream and the answer both acknowledge
    if type(event) is OrderRejected and event.provenance is RESPONSE:
        text = f"{event.client_order_id}: refused ({event.reason}), but it works as {order.venue_order_id}; dropped"
        return Admission(notes=(note_on(Level.WARNING, "event.refused_while_open", text, event, alarm=True),))
    return None


def _unknown_order(local: LocalState, event: OrderEvent) -> Admission:
    if event.venue_order_id is not None:
        owner = local.client_order_id(event.venue_order_id, event.instrument_id)
        known = local.order(owner) if owner is not None else None
        if known is not None:
            renamed = structs.replace(event, client_order_id=known.client_order_id, strategy_id=known.strategy_id)
            text = f"{event.client_order_id}: known by its venue order id"
            note = note_on(Level.INFO, "event.other_client_order_id", text, renamed)
            further = admit(local, renamed)
            return structs.replace(further, notes=(note, *further.notes))
    stone = local.tombstone(event.client_order_id, event.venue_order_id, event.instrument_id)
    if stone is not None:
        return Admission(late=hear_event(stone, event).plan())
    if isinstance(event, OrderFilled | OrderFillVoided):
        if local.is_forgotten(event.ts_event):
            text = f"{event.client_order_id}: trade {event.trade_id} is older than what was purged; dropped"
            return Admission(notes=(note_on(Level.WARNING, "fill.forgotten_order", text, event),))
        return Admission(notes=(note_on(Level.INFO, "fill.held", "held until its order is known", event),), held=event)
    text = f"{event.client_order_id}: {type(event).__name__} for an order that is not known"
    return Admission(notes=(note_on(Level.WARNING, "event.unknown_order", text, event),))


def _is_as_before(order: Order, event: OrderUpdated) -> bool:
    return (
        event.quantity == order.quantity
        and event.price in (None, order.price)
        and event.trigger_price in (None, order.trigger_price)
    )


def _other_venue_order_id(order: Order, event: OrderEvent) -> Admission | None:
    if event.venue_order_id in order.superseded_venue_order_ids:
        if type(event) in REFUSALS:
            return None
        text = f"{order.client_order_id}: {type(event).__name__} for {event.venue_order_id}, which was replaced"
        mark("admission.superseded")
        return Admission(notes=(note_on(Level.INFO, "order.superseded", text, event),))
    if isinstance(event, OrderUpdated | OrderAccepted) and not _is_younger_leg(order, event):
        text = f"{order.client_order_id}: {type(event).__name__} for {event.venue_order_id}, which is no younger than"
        note = note_on(Level.INFO, "order.superseded", f"{text} {order.venue_order_id}; the venue is asked", event)
        return Admission(notes=(note,), ask_about=order)
    if type(event) is OrderUpdated:
        return None
    if type(event) is OrderAccepted:
        text = f"{order.client_order_id}: the venue replaced {order.venue_order_id} by {event.venue_order_id}"
        if order.status not in CLOSED_STATUSES:
            note = note_on(Level.INFO, "order.replaced", text, event)
            return Admission((replacement(order, event),), (note,), ask_about=order)
        if order.status is CANCELED or order.provisional:
            text += f", so it works although we took it for {order.status}"
            note = note_on(Level.WARNING, "order.replaced", text, event, alarm=True)
            return Admission((replacement(order, event),), (note,), ask_about=order)
    name = type(event).__name__
    if isinstance(event, _ENDS) and order.status in OPEN_STATUSES and may_have_been_replaced(order):
        text = f"{order.client_order_id}: {name} for {event.venue_order_id}, which replaced {order.venue_order_id}"
        return Admission((replacement(order, event), event), (note_on(Level.INFO, "order.replaced", text, event),))
    text = f"{order.client_order_id}: {name} for {event.venue_order_id}, the order is {order.venue_order_id}"
    # It may have been replaced without our hearing it; the venue's record says what is true of it now.
    note = note_on(Level.WARNING, "order.other_venue_order_id", text, event, alarm=True)
    return Admission(notes=(note,), ask_about=order)


def _is_younger_leg(order: Order, event: OrderEvent) -> bool:
    """Whether a venue id that is new to us came after the one that we know, and not before it unheard.

    Of the same time, the answer to a modification is about the later leg, that to the submission about the first; and a
    stream tells of one acknowledgement after the other, but may still have to tell how what we know from elsewhere came
    to be, and tells of none after the last that we asked for. What ended is not begun anew by a word of when it began.
    """
    known = next((one for one in order.events if one.venue_order_id == order.venue_order_id), None)
    if known is None or event.ts_event > known.ts_event:
        return True
    if event.ts_event < known.ts_event or order.is_closed:
        return False
    if event.provenance is RESPONSE:
        return type(event) is OrderUpdated
    return type(known) is OrderAccepted and known.provenance is STREAM and may_have_been_replaced(order)


def _after_the_end(order: Order, event: OrderEvent) -> Admission | None:
    name = type(event).__name__
    agrees = type(event) is _SAME_END.get(order.status)
    if order.provisional:
        if agrees:
            return None
        text = f"{order.client_order_id}: we had concluded {order.status}; the venue says {name}"
        mark("admission.conclusion_corrected")
        return Admission((event,), (note_on(Level.WARNING, "order.conclusion_corrected", text, event, alarm=True),))
    if isinstance(event, _ENDS) or type(event) in _BEGINNINGS:
        text = f"{order.client_order_id}: {name} after {order.status}; dropped"
        # Once more what we know, our own denial of what ended meanwhile, or a word that the trades overtook.
        expected = agrees or type(event) is OrderDenied or (type(event) in _BEGINNINGS and order.status is FILLED)
        mark("admission.word_after_end")
        return Admission(notes=(note_on(Level.DEBUG if expected else Level.WARNING, "event.after_end", text, event),))
    # More than is filled of an order that we took for full: it works, or the word is old; the venue can tell.
    outgrown = type(event) is OrderUpdated and order.status is FILLED and event.quantity.value > order.filled_qty.value
    return Admission((event,), ask_about=order) if outgrown else None
