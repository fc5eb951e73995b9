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

from decimal import Decimal

from msgspec import Struct, structs

from nautilus_live.core.implied import acknowledgement, replacement
from nautilus_live.core.reconciliation.external import is_made_from_fills
from nautilus_live.core.reconciliation.fills import with_replacements
from nautilus_live.core.reconciliation.late_words import hear_event
from nautilus_live.core.reconciliation.parts import is_known_part
from nautilus_live.core.reconciliation.replacing import may_end_a_leg_only, may_have_been_replaced
from nautilus_live.core.reconciliation.strangers import hand_over, holder_of
from nautilus_live.core.reconciliation.types import Level, LocalState, Note, Plan
from nautilus_live.core.unheard import ENDS, ZERO, End, tells_of_another, tells_of_less, unheard_qty
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
from nautilus_live.model.objects import Quantity
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


class Admission(Struct, frozen=True):
    """What to do: apply `events` in this order, log `notes`, and keep `held` until its order is known.

    `waits` is an end to look at again when the venue has answered. `late` is what follows from a late word about a
    purged order, or from a trade that a stranger's order had. `ask_about` is an order that was, or may have been,
    replaced at terms which nobody has told, that may work although it was taken for full, or of which a trade got
    lost. `unheard` is what the venue says was filled of that one in all, once its end waited long enough.
    """

    events: tuple[OrderEvent, ...] = ()
    notes: tuple[Note, ...] = ()
    held: OrderFilled | OrderFillVoided | None = None
    late: Plan | None = None
    waits: End | None = None
    ask_about: Order | None = None
    unheard: Decimal = ZERO


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
    if order is None:
        return _unknown_order(local, event)
    # Mostly the very same objects; only what is not is compared.
    account_id = order.account_id
    is_its = order.instrument_id is event.instrument_id and (account_id is event.account_id or account_id is None)
    if not is_its and not order.is_at(event.account_id, event.instrument_id):
        return _unknown_order(local, event)
    if type(event) is OrderFilled:
        is_elsewhere = event.venue_order_id is not order.venue_order_id and event.venue_order_id != order.venue_order_id
        if is_elsewhere and (made := holder_of(local, order, event)) is not None:
            return Admission(late=hand_over(made, order, event.ts_init))
        return _fill(order, event, allow_overfills)
    if type(event) is OrderFillVoided:
        return _voided(order, event)
    if event.provenance is LOCAL:
        return _after_the_end(order, event) if type(event) is OrderDenied and order.is_closed else None
    if order.venue_order_id is not None and _speaks_of_another_id(order, event):
        return _other_venue_order_id(order, event)
    if isinstance(event, ENDS):
        if unheard_qty(order, event):
            return _unheard(order, event, overdue)
        if tells_of_less(order, event):
            return structs.replace(_of_order(order, event, overdue) or Admission((event,)), ask_about=order)
    return _of_order(order, event, overdue)


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
        return Admission(notes=(_note(Level.WARNING, "event.refused_while_open", text, event, alarm=True),))
    return None


def _unknown_order(local: LocalState, event: OrderEvent) -> Admission:
    if event.venue_order_id is not None:
        owner = local.client_order_id(event.venue_order_id, event.instrument_id)
        known = local.order(owner) if owner is not None else None
        if known is not None:
            renamed = structs.replace(event, client_order_id=known.client_order_id, strategy_id=known.strategy_id)
            text = f"{event.client_order_id}: known by its venue order id"
            note = _note(Level.INFO, "event.other_client_order_id", text, renamed)
            further = admit(local, renamed)
            return structs.replace(further, notes=(note, *further.notes))
    stone = local.tombstone(event.client_order_id, event.venue_order_id, event.instrument_id)
    if stone is not None:
        return Admission(late=hear_event(stone, event).plan())
    if isinstance(event, OrderFilled | OrderFillVoided):
        if local.is_forgotten(event.ts_event):
            text = f"{event.client_order_id}: trade {event.trade_id} is older than what was purged; dropped"
            return Admission(notes=(_note(Level.WARNING, "fill.forgotten_order", text, event),))
        return Admission(notes=(_note(Level.INFO, "fill.held", "held until its order is known", event),), held=event)
    text = f"{event.client_order_id}: {type(event).__name__} for an order that is not known"
    return Admission(notes=(_note(Level.WARNING, "event.unknown_order", text, event),))


def _fill(order: Order, fill: OrderFilled, allow_overfills: bool) -> Admission | None:
    told = fill
    if order.voided_trade_ids and fill.trade_id in order.voided_trade_ids:
        text = f"{fill.client_order_id}: trade {fill.trade_id} was taken back by the venue; dropped"
        return Admission(notes=(_note(Level.INFO, "fill.voided_before", text, fill),))
    known = None
    if order.fills:
        known = order.fills.get(fill.trade_id)
        gone = order.fills.get(fill.corrects) if fill.corrects is not None else None
        if gone is not None and (known is None or known is gone) and _is_restated(gone, fill):
            return _corrected(order, fill, gone, allow_overfills)
    if known is not None:
        if (known.last_qty, known.last_px) == (fill.last_qty, fill.last_px):
            mark("admission.told_twice")
            return Admission()  # told twice
        if is_known_part(order.fills, fill.trade_id, fill.last_qty):
            return Admission()
        text = (
            f"{fill.client_order_id}: trade {fill.trade_id} was {known.last_qty} @ {known.last_px} and is repeated as"
            f" {fill.last_qty} @ {fill.last_px}; the first counts, unless the venue's total says that both do"
        )
        return Admission(notes=(_note(Level.WARNING, "fill.differs", text, fill, alarm=True),), ask_about=order)
    if order.fills:
        fill = with_replacements(order, fill)
    if (
        not fill.replaces
        and not allow_overfills
        and fill.last_qty.value + order.filled_qty.value > order.quantity.value
    ):
        if is_made_from_fills(order):  # it is as large as the trades that were seen, and works perhaps: ask
            return Admission((_grown(order, fill), fill), ask_about=order)
        if _is_on_new_leg(order, fill):  # which is larger, perhaps
            text = f"{fill.client_order_id}: held until the size of {fill.venue_order_id} is known"
            return Admission(notes=(_note(Level.INFO, "fill.held", text, fill),), held=fill, ask_about=order)
        text = (
            f"{fill.client_order_id}: trade {fill.trade_id} of {fill.last_qty} does not fit, {order.filled_qty} of"
            f" {order.quantity} are filled; neither order nor position was changed"
        )
        return Admission(notes=(_note(Level.ERROR, "fill.overfill", text, fill, alarm=True),), ask_about=order)
    events: tuple[OrderEvent, ...] = (fill,)
    notes: tuple[Note, ...] = ()
    is_on_new_leg = fill.venue_order_id is not order.venue_order_id and _is_on_new_leg(order, fill)
    if is_on_new_leg:
        text = f"{fill.client_order_id}: a trade on {fill.venue_order_id} shows that it replaced {order.venue_order_id}"
        events, notes = (replacement(order, fill), fill), (_note(Level.INFO, "order.replaced", text, fill),)
    if order.status in CLOSED_STATUSES and not fill.replaces:
        text = f"{fill.client_order_id}: filled {fill.last_qty} @ {fill.last_px} after it was {order.status}"
        mark("admission.late_trade")
        notes += (_note(Level.WARNING, "fill.late", text, fill, alarm=True),)
    elif fill.ts_event < order.ts_last and fill.provenance is STREAM:
        text = f"{fill.client_order_id}: trade {fill.trade_id} is older than the order's last event"
        # Our own clock may be ahead of the venue's; only the venue's word after the trade shows that it came late.
        mark("admission.out_of_order")
        late = order.events[-1].provenance is not LOCAL
        notes += (_note(Level.WARNING if late else Level.DEBUG, "fill.out_of_order", text, fill),)
    asks = is_on_new_leg or (fill.cum_qty is not None and tells_of_another(order, fill, fill.cum_qty))
    is_usual = fill is told and not notes and not asks
    return None if is_usual else Admission(events, notes, ask_about=order if asks else None)


def _corrected(order: Order, fill: OrderFilled, gone: OrderFilled, allow_overfills: bool) -> Admission:
    was = f"{fill.client_order_id}: trade {gone.trade_id} was {gone.last_qty} @ {gone.last_px}"
    excess = order.filled_qty.value + fill.last_qty.value - gone.last_qty.value > order.quantity.value
    if excess and not allow_overfills:
        text = f"{was}; corrected to {fill.last_qty} it does not fit, the order's quantity is {order.quantity}"
        return Admission(notes=(_note(Level.ERROR, "fill.overfill", text, fill, alarm=True),))
    text = f"{was}; the venue corrects it to {fill.last_qty} @ {fill.last_px} ({fill.trade_id})"
    return Admission((fill,), (_note(Level.WARNING, "fill.corrected", text, fill, alarm=True),))


def _is_restated(gone: OrderFilled, fill: OrderFilled) -> bool:
    """Whether a correction is one still, and not the repetition of what was corrected already."""
    return gone.trade_id != fill.trade_id or (gone.last_qty, gone.last_px, gone.commission) != (
        fill.last_qty,
        fill.last_px,
        fill.commission,
    )


def _voided(order: Order, event: OrderFillVoided) -> Admission:
    if event.trade_id in order.voided_trade_ids:
        return Admission()
    gone = order.fills.get(event.trade_id)
    if gone is None:
        text = f"{event.client_order_id}: trade {event.trade_id} was taken back before we heard of it"
        return Admission((event,), (_note(Level.INFO, "fill.voided_before", text, event),))
    text = f"{event.client_order_id}: the venue took trade {event.trade_id} back, {gone.last_qty} @ {gone.last_px}"
    return Admission((event,), (_note(Level.WARNING, "fill.voided", text, event, alarm=True),))


def _is_on_new_leg(order: Order, fill: OrderFilled) -> bool:
    return (
        _speaks_of_another_id(order, fill)
        and fill.venue_order_id not in order.superseded_venue_order_ids
        and fill.order_side is order.side
    )


def _is_as_before(order: Order, event: OrderUpdated) -> bool:
    return (
        event.quantity == order.quantity
        and event.price in (None, order.price)
        and event.trigger_price in (None, order.trigger_price)
    )


def _speaks_of_another_id(order: Order, event: OrderEvent) -> bool:
    return (
        event.venue_order_id is not order.venue_order_id
        and event.venue_order_id is not None
        and order.venue_order_id is not None
        and event.venue_order_id != order.venue_order_id
    )


def _other_venue_order_id(order: Order, event: OrderEvent) -> Admission | None:
    if event.venue_order_id in order.superseded_venue_order_ids:
        if type(event) in REFUSALS:
            return None
        text = f"{order.client_order_id}: {type(event).__name__} for {event.venue_order_id}, which was replaced"
        mark("admission.superseded")
        return Admission(notes=(_note(Level.INFO, "order.superseded", text, event),))
    if isinstance(event, OrderUpdated | OrderAccepted) and not _is_younger_leg(order, event):
        text = f"{order.client_order_id}: {type(event).__name__} for {event.venue_order_id}, which is no younger than"
        note = _note(Level.INFO, "order.superseded", f"{text} {order.venue_order_id}; the venue is asked", event)
        return Admission(notes=(note,), ask_about=order)
    if type(event) is OrderUpdated:
        return None
    if type(event) is OrderAccepted:
        text = f"{order.client_order_id}: the venue replaced {order.venue_order_id} by {event.venue_order_id}"
        if order.status not in CLOSED_STATUSES:
            note = _note(Level.INFO, "order.replaced", text, event)
            return Admission((replacement(order, event),), (note,), ask_about=order)
        if order.status is CANCELED or order.provisional:
            text += f", so it works although we took it for {order.status}"
            note = _note(Level.WARNING, "order.replaced", text, event, alarm=True)
            return Admission((replacement(order, event),), (note,), ask_about=order)
    name = type(event).__name__
    if isinstance(event, _ENDS) and order.status in OPEN_STATUSES and may_have_been_replaced(order):
        text = f"{order.client_order_id}: {name} for {event.venue_order_id}, which replaced {order.venue_order_id}"
        return Admission((replacement(order, event), event), (_note(Level.INFO, "order.replaced", text, event),))
    text = f"{order.client_order_id}: {name} for {event.venue_order_id}, the order is {order.venue_order_id}"
    # It may have been replaced without our hearing it; the venue's record says what is true of it now.
    note = _note(Level.WARNING, "order.other_venue_order_id", text, event, alarm=True)
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


def _grown(order: Order, fill: OrderFilled) -> OrderUpdated:
    quantity = Quantity(order.filled_qty.value + fill.last_qty.value, order.quantity.precision)
    grown = structs.replace(replacement(order, fill), event_id=f"{fill.event_id}-grown", quantity=quantity)
    return structs.replace(grown, venue_order_id=order.venue_order_id)


def _after_the_end(order: Order, event: OrderEvent) -> Admission | None:
    name = type(event).__name__
    agrees = type(event) is _SAME_END.get(order.status)
    if order.provisional:
        if agrees:
            return None
        text = f"{order.client_order_id}: we had concluded {order.status}; the venue says {name}"
        mark("admission.conclusion_corrected")
        return Admission((event,), (_note(Level.WARNING, "order.conclusion_corrected", text, event, alarm=True),))
    if isinstance(event, _ENDS) or type(event) in _BEGINNINGS:
        text = f"{order.client_order_id}: {name} after {order.status}; dropped"
        # Once more what we know, our own denial of what ended meanwhile, or a word that the trades overtook.
        expected = agrees or type(event) is OrderDenied or (type(event) in _BEGINNINGS and order.status is FILLED)
        mark("admission.word_after_end")
        return Admission(notes=(_note(Level.DEBUG if expected else Level.WARNING, "event.after_end", text, event),))
    # More than is filled of an order that we took for full: it works, or the word is old; the venue can tell.
    outgrown = type(event) is OrderUpdated and order.status is FILLED and event.quantity.value > order.filled_qty.value
    return Admission((event,), ask_about=order) if outgrown else None


def _note(level: Level, kind: str, text: str, event: OrderEvent, *, alarm: bool = False) -> Note:
    return Note(
        level=level,
        kind=kind,
        text=text,
        instrument_id=event.instrument_id,
        client_order_id=event.client_order_id,
        venue_order_id=event.venue_order_id,
        trade_id=event.trade_id if isinstance(event, OrderFilled | OrderFillVoided) else None,
        alarm=alarm,
    )
