"""The admission of trades: what to make of a fill that a venue's stream delivers, and of one that it takes back.

The rules are at the head of `core.admission`, which calls this for events of orders that are known.
"""

from __future__ import annotations

from msgspec import structs

from nautilus_live.core.admitted import Admission, note_on, speaks_of_another_id
from nautilus_live.core.implied import replacement
from nautilus_live.core.reconciliation.external import is_made_from_fills
from nautilus_live.core.reconciliation.fills import with_replacements
from nautilus_live.core.reconciliation.parts import is_known_part
from nautilus_live.core.reconciliation.types import Level, Note
from nautilus_live.core.unheard import tells_of_another
from nautilus_live.marks import mark
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided, OrderUpdated
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import CLOSED_STATUSES, Order

LOCAL, STREAM = Provenance.LOCAL, Provenance.STREAM


def admit_fill(order: Order, fill: OrderFilled, allow_overfills: bool) -> Admission | None:
    """Return what to do with a fill of `order`; None, as nearly always, if it is only to be applied."""
    told = fill
    if order.voided_trade_ids and fill.trade_id in order.voided_trade_ids:
        text = f"{fill.client_order_id}: trade {fill.trade_id} was taken back by the venue; dropped"
        return Admission(notes=(note_on(Level.INFO, "fill.voided_before", text, fill),))
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
        return Admission(notes=(note_on(Level.WARNING, "fill.differs", text, fill, alarm=True),), ask_about=order)
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
            return Admission(notes=(note_on(Level.INFO, "fill.held", text, fill),), held=fill, ask_about=order)
        text = (
            f"{fill.client_order_id}: trade {fill.trade_id} of {fill.last_qty} does not fit, {order.filled_qty} of"
            f" {order.quantity} are filled; neither order nor position was changed"
        )
        return Admission(notes=(note_on(Level.ERROR, "fill.overfill", text, fill, alarm=True),), ask_about=order)
    is_on_new_leg = fill.venue_order_id is not order.venue_order_id and _is_on_new_leg(order, fill)
    is_late = order.status in CLOSED_STATUSES or fill.ts_event < order.ts_last
    if fill is told and fill.cum_qty is None and not (is_on_new_leg or is_late):
        return None  # the usual case
    events: tuple[OrderEvent, ...] = (fill,)
    notes: tuple[Note, ...] = ()
    if is_on_new_leg:
        text = f"{fill.client_order_id}: a trade on {fill.venue_order_id} shows that it replaced {order.venue_order_id}"
        events, notes = (replacement(order, fill), fill), (note_on(Level.INFO, "order.replaced", text, fill),)
    if order.status in CLOSED_STATUSES and not fill.replaces:
        text = f"{fill.client_order_id}: filled {fill.last_qty} @ {fill.last_px} after it was {order.status}"
        mark("admission.late_trade")
        notes += (note_on(Level.WARNING, "fill.late", text, fill, alarm=True),)
    elif fill.ts_event < order.ts_last and fill.provenance is STREAM:
        text = f"{fill.client_order_id}: trade {fill.trade_id} is older than the order's last event"
        # Our own clock may be ahead of the venue's; only the venue's word after the trade shows that it came late.
        mark("admission.out_of_order")
        late = order.events[-1].provenance is not LOCAL
        notes += (note_on(Level.WARNING if late else Level.DEBUG, "fill.out_of_order", text, fill),)
    asks = is_on_new_leg or (fill.cum_qty is not None and tells_of_another(order, fill, fill.cum_qty))
    return Admission(events, notes, ask_about=order if asks else None)


def admit_void(order: Order, event: OrderFillVoided) -> Admission:
    """Return what to do with the word that the venue took a trade back."""
    if event.trade_id in order.voided_trade_ids:
        return Admission()
    gone = order.fills.get(event.trade_id)
    if gone is None:
        text = f"{event.client_order_id}: trade {event.trade_id} was taken back before we heard of it"
        return Admission((event,), (note_on(Level.INFO, "fill.voided_before", text, event),))
    text = f"{event.client_order_id}: the venue took trade {event.trade_id} back, {gone.last_qty} @ {gone.last_px}"
    return Admission((event,), (note_on(Level.WARNING, "fill.voided", text, event, alarm=True),))


def _corrected(order: Order, fill: OrderFilled, gone: OrderFilled, allow_overfills: bool) -> Admission:
    was = f"{fill.client_order_id}: trade {gone.trade_id} was {gone.last_qty} @ {gone.last_px}"
    excess = order.filled_qty.value + fill.last_qty.value - gone.last_qty.value > order.quantity.value
    if excess and not allow_overfills:
        text = f"{was}; corrected to {fill.last_qty} it does not fit, the order's quantity is {order.quantity}"
        return Admission(notes=(note_on(Level.ERROR, "fill.overfill", text, fill, alarm=True),))
    text = f"{was}; the venue corrects it to {fill.last_qty} @ {fill.last_px} ({fill.trade_id})"
    return Admission((fill,), (note_on(Level.WARNING, "fill.corrected", text, fill, alarm=True),))


def _is_restated(gone: OrderFilled, fill: OrderFilled) -> bool:
    """Whether a correction is one still, and not the repetition of what was corrected already."""
    return gone.trade_id != fill.trade_id or (gone.last_qty, gone.last_px, gone.commission) != (
        fill.last_qty,
        fill.last_px,
        fill.commission,
    )


def _is_on_new_leg(order: Order, fill: OrderFilled) -> bool:
    return (
        speaks_of_another_id(order, fill)
        and fill.venue_order_id not in order.superseded_venue_order_ids
        and fill.order_side is order.side
    )


def _grown(order: Order, fill: OrderFilled) -> OrderUpdated:
    quantity = Quantity(order.filled_qty.value + fill.last_qty.value, order.quantity.precision)
    grown = structs.replace(replacement(order, fill), event_id=f"{fill.event_id}-grown", quantity=quantity)
    return structs.replace(grown, venue_order_id=order.venue_order_id)
