"""The order lifecycle: one table, one interpreter.

Rules of this file:
1. Whatever decides which status follows which is in the tables of `core.order_transitions`; nothing else may set a
   status.
2. An event is checked completely before anything changes. An illegal event raises and changes nothing.
3. The table knows what happened, not who says so, with one exception: an end that we concluded ourselves
   (`Provenance.POLICY`) is provisional, and the venue's own word opens it again.

Theory. The venue owns the truth; this machine only says which sequences of its words make sense. Some kinds of words
need care:
- A fill is a fact, whenever it arrives. A closed order takes late fills and stays closed, unless the fill completes it.
- An answer to a pending command (updated, modify rejected, cancel rejected) goes back to the last status that was not
  pending.
- Accepted and triggered say "it works"; if some of it is filled already, that is PARTIALLY_FILLED, never a step back,
  and neither is an order that was triggered accepted again.
- Triggered answers no command: what is pending stays so, and goes back to triggered.
- A trade that the venue takes back was never one. An order that works goes on with less filled; one that was full is
  done all the same, with a part canceled. Nothing else lets a filled quantity fall.
- An update to no more than what is filled completes the order.
- A release ends the emulation: from then on the order is the plain one that goes to the venue. One of which we
  concluded that it never went there is held here again, as what it was before.
- An update under another venue id says that the venue replaced the order. A cancel that we heard before was the end of
  the old one only.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from msgspec import structs

from nautilus_live.core import order_fills
from nautilus_live.core.order_transitions import (
    ACCEPTED,
    COMPLETE,
    EMULATED,
    FILLED,
    LESSENED,
    PARTIAL,
    PARTIALLY_FILLED,
    PROVISIONAL,
    REPLACED,
    RESTORES,
    SUBMITTED,
    TAKEN_BACK,
    TRANSITIONS,
    TRIGGERED,
    WORKS_ON,
    Trigger,
)
from nautilus_live.core.placeholders import replace_with
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import (
    OrderStatus,
    OrderType,
    Provenance,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCancelRejected,
    OrderEmulated,
    OrderEvent,
    OrderFilled,
    OrderFillVoided,
    OrderInitialized,
    OrderModifyRejected,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import (
    CLOSED_STATUSES,
    LIMITED_TYPES,
    ORDER_CLASSES,
    PENDING_STATUSES,
    TRAILING_TYPES,
    TRIGGERABLE_TYPES,
    Order,
)

ZERO = Decimal(0)

LOCAL, POLICY = Provenance.LOCAL, Provenance.POLICY

_OWN_WORD = (LOCAL, POLICY)
_UNDECIDED = (OrderModifyRejected, OrderCancelRejected, OrderFilled, OrderFillVoided)


def apply(order: Order, event: OrderEvent, allow_overfills: bool = False) -> None:
    """Apply `event` to `order`, completely or not at all.

    Args:
        order: the order, changed in place.
        event: what happened to it.
        allow_overfills: accept a fill beyond the order's quantity (the venue says so); the excess is kept in
        `overfill_qty`.

    Raises:
        IllegalTransition: if the event does not fit the order; the message names rule, values and state. Nothing was
        changed.

    """
    # Mostly the very same objects; only what is not is compared.
    if event.client_order_id is not order.client_order_id and event.client_order_id != order.client_order_id:
        raise _refusal(order, event, f"it is of {event.client_order_id}")
    kind = type(event)
    if (
        event.venue_order_id is not order.venue_order_id
        and event.venue_order_id is not None
        and order.venue_order_id is not None
        and event.venue_order_id != order.venue_order_id
        and kind is not OrderUpdated
        and event.venue_order_id not in order.superseded_venue_order_ids
    ):
        raise _refusal(
            order, event, f"it is for venue order {event.venue_order_id}, the order is {order.venue_order_id}"
        )
    handler = _HANDLERS.get(kind)
    if handler is not None:
        handler(order, event, allow_overfills)
    else:
        _move(order, event, _next_status(order, event, kind))
    order.events.append(event)
    if order.ts_closed:
        # A list grows in steps; of an order that is done, and will be remembered long, the spare room is given back.
        order.events = order.events.copy()


def _next_status(order: Order, event: OrderEvent, trigger: Trigger) -> OrderStatus:
    status = order.status
    following = TRANSITIONS[status].get(trigger)
    if order.provisional and event.provenance not in _OWN_WORD:
        following = PROVISIONAL.get(status, {}).get(trigger, following)
    if following is None:
        pending = RESTORES.get(trigger)
        if pending is None:
            raise _refusal(order, event)
        return order.previous_status if status is pending else status
    # Accepted or triggered says that it works; what is filled stays filled, what was triggered was.
    if following is ACCEPTED or following is TRIGGERED:
        if order.filled_qty.value:
            return PARTIALLY_FILLED
        if order.previous_status is TRIGGERED and status in PENDING_STATUSES:
            return TRIGGERED
    return following


def _move(order: Order, event: OrderEvent, following: OrderStatus) -> None:
    status = order.status
    if status not in PENDING_STATUSES:
        order.previous_status = status
    if status is EMULATED and following is not EMULATED and event.provenance not in _OWN_WORD:
        _become_plain(order)  # the venue has it after all
    order.status = following
    if event.provenance is POLICY:
        order.provisional = True
    elif order.provisional and not _leaves_open_whether_it_ended(order, event):
        order.provisional = False
    if order.venue_order_id is None:
        order.venue_order_id = event.venue_order_id
    if order.account_id is None:
        order.account_id = event.account_id
    if event.ts_event > order.ts_last:
        order.ts_last = event.ts_event
    if following in CLOSED_STATUSES:
        if following is not status or event.ts_event > order.ts_closed:
            order.ts_closed = event.ts_event
    else:
        order.ts_closed = 0


def _leaves_open_whether_it_ended(order: Order, event: OrderEvent) -> bool:
    # Our own words prove nothing. Of an order that we took for ended, neither a late partial fill nor the refusal of a
    # command says whether it still works.
    return event.provenance is LOCAL or (order.status in PROVISIONAL and type(event) in _UNDECIDED)


def _apply_submitted(order: Order, event: OrderSubmitted, _: bool) -> None:
    _move(order, event, _next_status(order, event, OrderSubmitted))
    order.ts_submitted = event.ts_event


def _apply_accepted(order: Order, event: OrderAccepted, _: bool) -> None:
    is_larger = order.status is FILLED and order.leaves_qty.value and event.provenance not in _OWN_WORD
    _move(order, event, _next_status(order, event, WORKS_ON if is_larger else OrderAccepted))
    order.ts_accepted = event.ts_event


def _apply_released(order: Order, event: OrderReleased, _: bool) -> None:
    _move(order, event, _next_status(order, event, OrderReleased))
    _become_plain(order)


def _apply_emulated(order: Order, event: OrderEmulated, _: bool) -> None:
    if order.status is SUBMITTED:
        last = order.events[-1]
        if event.provenance is not POLICY or type(last) is not OrderSubmitted or last.provenance is LOCAL:
            raise _refusal(order, event, "it was sent")
        _move(order, event, _next_status(order, event, OrderEmulated))
        _become_held(order)
    else:
        _move(order, event, _next_status(order, event, OrderEmulated))


def _become_held(order: Order) -> None:
    """Let an order be again what it was before its release."""
    first = order.events[0]
    if type(first) is not OrderInitialized or first.emulation_trigger is TriggerType.NO_TRIGGER:
        return
    order.init = first
    order.__class__ = ORDER_CLASSES[first.order_type]
    order.trigger_price = first.trigger_price
    for event in order.events:
        if type(event) is OrderUpdated and event.trigger_price is not None:
            order.trigger_price = event.trigger_price


def _become_plain(order: Order) -> None:
    """Let a triggered order be what the venue gets of it: a LIMIT order if it had a limit behind its trigger."""
    if order.init.emulation_trigger is TriggerType.NO_TRIGGER:
        return  # it is plain already, or was held for its parent alone
    limited = order.order_type in LIMITED_TYPES
    time_in_force, expires_ns = order.time_in_force, order.expire_time_ns
    if not limited and time_in_force is TimeInForce.GTD:  # a market order is over before any date
        time_in_force, expires_ns = TimeInForce.GTC, 0
    order.init = structs.replace(
        order.init,
        order_type=OrderType.LIMIT if limited else OrderType.MARKET,
        price=order.price if limited else None,
        post_only=order.init.post_only and limited,
        display_qty=order.init.display_qty if limited else None,
        time_in_force=time_in_force,
        expire_time_ns=expires_ns,
        trigger_price=None,
        trigger_type=TriggerType.NO_TRIGGER,
        activation_price=None,
        trailing_offset=None,
        limit_offset=None,
        trailing_offset_type=TrailingOffsetType.NO_TRAILING_OFFSET,
        emulation_trigger=TriggerType.NO_TRIGGER,
        trigger_instrument_id=None,
    )
    order.__class__ = ORDER_CLASSES[order.order_type]
    order.price, order.trigger_price = order.init.price, None


def _apply_triggered(order: Order, event: OrderTriggered, _: bool) -> None:
    if order.order_type not in TRIGGERABLE_TYPES:
        raise _refusal(order, event, f"a {order.order_type} order has no triggered state")
    _move(order, event, _next_status(order, event, OrderTriggered))
    if order.status in PENDING_STATUSES:
        order.previous_status = PARTIALLY_FILLED if order.filled_qty.value else TRIGGERED


def _apply_rejected(order: Order, event: OrderRejected, _: bool) -> None:
    if order.provisional and order.filled_qty.value:
        raise _refusal(order, event, f"{order.filled_qty} of it are filled")
    _move(order, event, _next_status(order, event, OrderRejected))


def _apply_updated(order: Order, event: OrderUpdated, _: bool) -> None:
    if event.quantity.value < order.filled_qty.value:
        raise _refusal(order, event, f"quantity {event.quantity} is below the filled {order.filled_qty}")
    trails = order.order_type in TRAILING_TYPES  # whose first trigger the market gives
    if event.trigger_price is not None and order.trigger_price is None and not trails:
        raise _refusal(order, event, f"a {order.order_type} order has no trigger price")
    known = order.venue_order_id
    told = event.venue_order_id or known
    if told in order.superseded_venue_order_ids:
        raise _refusal(order, event, f"it is for venue order {told}, which {known} replaced")
    if known is None or told == known:
        _move(order, event, _next_status(order, event, OrderUpdated))
    else:
        _move(order, event, _next_status(order, event, REPLACED))
        order.superseded_venue_order_ids += (known,)
        order.venue_order_id = told
    if order.init.quote_quantity and event.provenance is not LOCAL and event.quantity != order.quantity:
        # The venue has counted what the amount of money buys: from now on all quantities are the instrument's.
        order.init = structs.replace(order.init, quote_quantity=False)
        order.filled_qty = Quantity(order.filled_qty.value, event.quantity.precision)
    order.quantity = event.quantity
    if event.price is not None:
        order.price = event.price
    if event.trigger_price is not None:
        order.trigger_price = event.trigger_price
    if event.is_activated:
        order.is_activated = True
    if order.filled_qty.value == event.quantity.value and LESSENED in TRANSITIONS[order.status]:
        _move(order, event, TRANSITIONS[order.status][LESSENED])


def _apply_filled(order: Order, fill: OrderFilled, allow_overfills: bool) -> None:
    last_qty = fill.last_qty.value
    gone = order.fills.get(fill.corrects) if fill.corrects is not None else None
    if fill.trade_id in order.fills and (gone is None or gone.trade_id != fill.trade_id):
        raise _refusal(order, fill, f"trade {fill.trade_id} is applied already")
    if order.voided_trade_ids and fill.trade_id in order.voided_trade_ids:
        raise _refusal(order, fill, f"trade {fill.trade_id} was taken back by the venue")
    if fill.order_side is not order.side:
        raise _refusal(order, fill, f"its side is {fill.order_side}, the order's is {order.side}")
    if not last_qty:
        raise _refusal(order, fill, "its quantity is zero")
    replaced = ZERO if gone is None else gone.last_qty.value
    placeholders: list[OrderFilled] = []
    left: list[OrderFilled | None] = []
    if fill.replaces:
        if gone is not None:
            raise _refusal(order, fill, "it corrects a trade, so that it cannot stand for placeholders")
        placeholders = [_placeholder(order, fill, trade_id) for trade_id in fill.replaces]
        if len(set(fill.replaces)) < len(placeholders):
            raise _refusal(order, fill, "it names a placeholder twice")
        left, replaced = replace_with(placeholders, fill)
    quantity = order.quantity.value
    filled = order.filled_qty.value + last_qty - replaced
    if filled > quantity and not allow_overfills:
        raise _refusal(
            order, fill, f"filled {order.filled_qty} + {last_qty - replaced} would exceed quantity {order.quantity}"
        )
    if gone is not None and filled < quantity:
        following = _status_without(order, filled)
    else:
        following = _next_status(order, fill, COMPLETE if filled >= quantity else PARTIAL)

    _move(order, fill, following)
    if gone is not None:
        order_fills.uncount(order, gone)
    order_fills.count(order, fill)
    if placeholders:
        for placeholder, rest in zip(placeholders, left, strict=True):
            order_fills.shrink(order, placeholder, rest)
    if fill.corrects is not None and fill.corrects != fill.trade_id:
        order_fills.void(order, fill.corrects)
    # The common cases share the venue's own objects instead of making new ones.
    if filled == last_qty:
        order.filled_qty = fill.last_qty
    elif filled == quantity:
        order.filled_qty = order.quantity
    else:  # an order for "2" may be filled by 0.4 and 0.3
        precision = max(order.quantity.precision, order.filled_qty.precision, fill.last_qty.precision)
        order.filled_qty = Quantity(filled, precision)
    if fill.position_id is not None:
        order.position_id = fill.position_id


def _placeholder(order: Order, fill: OrderFilled, trade_id: TradeId) -> OrderFilled:
    found = order.fills.get(trade_id)
    if found is None or not found.inferred:
        raise _refusal(order, fill, f"{trade_id} is not a placeholder of the order")
    return found


def _apply_voided(order: Order, event: OrderFillVoided, _: bool) -> None:
    gone = order.fills.get(event.trade_id)
    if gone is None:  # the word overtook the trade, which is not to count when it comes
        _move(order, event, order.status)
    else:
        filled = order.filled_qty.value - gone.last_qty.value
        is_full = filled >= order.quantity.value  # it was filled beyond its quantity
        _move(order, event, order.status if is_full else _status_without(order, filled))
        order_fills.uncount(order, gone)
        order.filled_qty = Quantity(filled, max(order.quantity.precision, order.filled_qty.precision))
    order_fills.void(order, event.trade_id)


def _status_without(order: Order, filled: Decimal) -> OrderStatus:
    """Return the status once a trade was taken back and `filled` is left, less than the order's quantity."""
    following = TRANSITIONS[order.status].get(TAKEN_BACK, order.status)
    if filled:
        return following
    if order.previous_status is PARTIALLY_FILLED:
        order.previous_status = ACCEPTED
    return ACCEPTED if following is PARTIALLY_FILLED else following


_HANDLERS: dict[type[OrderEvent], Callable[..., None]] = {
    OrderSubmitted: _apply_submitted,
    OrderEmulated: _apply_emulated,
    OrderReleased: _apply_released,
    OrderAccepted: _apply_accepted,
    OrderTriggered: _apply_triggered,
    OrderRejected: _apply_rejected,
    OrderUpdated: _apply_updated,
    OrderFilled: _apply_filled,
    OrderFillVoided: _apply_voided,
}


def _refusal(order: Order, event: OrderEvent, because: str = "") -> IllegalTransition:
    reason = f": {because}" if because else ""
    return IllegalTransition(f"{order.client_order_id}: cannot apply {type(event).__name__} in {order.status}{reason}")
