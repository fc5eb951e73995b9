"""What an order says of itself follows from what happened to it, counted once more by somebody else, after the storm.

May know: the kernel's public classes and the venues' true books. No arithmetic of the kernel's is used: what was
filled, at which average, when and how it ended is added up from the journal of its events; its trades are held against
the venue's, field by field.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.model.enums import OrderStatus, Provenance, TimeInForce
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderInitialized,
    OrderRejected,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport
from scenarios.invariants.eventually import eventually
from scenarios.invariants.rules import Calm

ZERO = Decimal(0)
NEARLY = Decimal("1e-18")
ENDS: dict[OrderStatus, type[OrderEvent]] = {
    OrderStatus.DENIED: OrderDenied,
    OrderStatus.REJECTED: OrderRejected,
    OrderStatus.CANCELED: OrderCanceled,
    OrderStatus.EXPIRED: OrderExpired,
}
NEVER_LEFT = (OrderStatus.INITIALIZED, OrderStatus.EMULATED, OrderStatus.RELEASED, OrderStatus.DENIED)
OWN_END_RESTS_NS = 3_600_000_000_000
"""How long an order that the node ended without the venue is to be remembered at least."""
DATE_MISSED_NS = 20_000_000_000
"""How long a cancel for its date may take, refused and asked for again."""


@eventually(21, "orders add up")
def orders_add_up(calm: Calm) -> list[str]:
    """What is filled, its average, what is left and the status of an order follow from its trades and its events."""
    return [f"{order.client_order_id}: {text}" for order in calm.cache.orders() for text in _does_not_add_up(order)]


def _does_not_add_up(order: Order) -> Iterator[str]:
    fills = order.fills.values()
    filled = sum((fill.last_qty.value for fill in fills), ZERO)
    if order.filled_qty.value != filled:
        yield f"{order.filled_qty} filled, its trades are {filled}"
    elif filled:
        worth = sum((fill.last_qty.value * fill.last_px.value for fill in fills), ZERO)
        if order.average is None or abs(order.average * filled - worth) > NEARLY * worth:
            yield f"average {order.average}, its trades are worth {worth}"
    if any(fill.order_side is not order.side or fill.instrument_id != order.instrument_id for fill in fills):
        yield "a trade of another side or instrument is among its own"
    left = order.quantity.value - filled
    status, kinds = order.status, {type(event) for event in order.events}
    if status is OrderStatus.FILLED and not filled:
        yield "FILLED, without a trade"
    if status is not OrderStatus.FILLED and filled and left <= 0 and not order.voided_trade_ids:
        yield f"{status}, and nothing is left of it"
    if status is OrderStatus.PARTIALLY_FILLED and not filled > 0:
        yield "PARTIALLY_FILLED, without a trade"
    if status in (OrderStatus.ACCEPTED, OrderStatus.TRIGGERED) and filled:
        yield f"{status}, and {filled} are filled"
    if status in ENDS and ENDS[status] not in kinds and status is not OrderStatus.CANCELED:
        yield f"{status}, and no event says so"
    if bool(order.ts_closed) is not order.is_closed:
        yield f"{status}, closed at {order.ts_closed}"
    if order.ts_last < max(event.ts_event for event in order.events):
        yield f"its last time is {order.ts_last}, before its last event"
    accepted = [event.ts_event for event in order.events if type(event) is OrderAccepted]
    if accepted and order.ts_accepted not in accepted:
        yield f"accepted at {order.ts_accepted}, its events say {accepted[-1]}"
    sent = [event.ts_event for event in order.events if type(event) is OrderSubmitted]
    if sent and order.ts_submitted not in sent:
        yield f"submitted at {order.ts_submitted}, its events say {sent[-1]}"
    numbers = [event.venue_order_id for event in order.events if type(event) in (OrderAccepted, OrderUpdated)]
    known = (None, order.venue_order_id, *order.superseded_venue_order_ids)
    if lost := [number for number in numbers if number not in known]:
        yield f"it was {lost[0]} at the venue, and is not known as such any more"
    if order.is_open and status is not OrderStatus.PENDING_CANCEL and order.provisional:
        yield f"{status} and provisional"


@eventually(22, "fills are the venue's")
def fills_are_the_venues(calm: Calm) -> list[str]:
    """A trade that the node did not infer is the venue's in quantity, price, side, time, liquidity and commission."""
    found = []
    for view in calm.venues:
        profile = view.venue.profile
        if calm.misled or profile.splits_flips:
            calm.leave_out(f"{view.name}: a trade may be told as something else")
            continue
        truth: dict[tuple[object, ...], FillReport] = {}
        for fill in view.venue.fills(str(view.account_id)):
            truth[fill.instrument_id, fill.venue_order_id, fill.trade_id] = fill
        for order in calm.cache.orders(account_id=view.account_id):
            if is_alignment(order) or order.client_order_id.value in calm.orders_given:
                continue
            for ours in order.fills.values():
                theirs = truth.get((ours.instrument_id, ours.venue_order_id, ours.trade_id))
                if theirs is not None and not ours.inferred:
                    told = f"{order.client_order_id}: trade {ours.trade_id}"
                    found += [f"{told}: {text}" for text in _another_trade(ours, theirs, profile.reports_commissions)]
    return found


def _another_trade(ours: OrderFilled, theirs: FillReport, tells_commissions: bool) -> Iterator[str]:
    for name in ("last_qty", "last_px", "order_side", "liquidity_side", "ts_event"):
        here, there = getattr(ours, name), getattr(theirs, name)
        if here != there:
            yield f"{name} {here} here, {there} at the venue"
    if tells_commissions and ours.commission != theirs.commission:
        yield f"commission {ours.commission} here, {theirs.commission} at the venue"


@eventually(23, "what we conclude is told")
def conclusions_are_told(calm: Calm) -> list[str]:
    """Whatever the node concluded without the venue in this life, people were alarmed about by the order's name."""
    heard = calm.heard
    if heard is None:
        return []
    found = []
    for order in calm.cache.orders():
        name = order.client_order_id.value
        told = heard.orders.get(name, ())
        policies = [event for event in order.events if event.provenance is Provenance.POLICY]
        if any(event.event_id in told for event in policies) and not any(name in text for text in heard.alarms):
            found.append(f"{name}: {type(policies[-1]).__name__} by policy, and no alarm names it")
    return found


@eventually(24, "memory keeps what works")
def memory_keeps_what_works(calm: Calm) -> list[str]:
    """Forgotten is what is closed and has rested for the buffer; that is forgotten, and nothing else is."""
    found = []
    known = calm.cache
    for order in calm.spoken_of:
        name = order.client_order_id
        if known.order(name) is None:
            rested_ns = calm.now_ns - order.last_event.ts_init
            if calm.order_purge_ns is None:
                found.append(f"{name}: forgotten, and nothing is to be")
            elif not order.is_closed:
                found.append(f"{name}: forgotten, and it is {order.status}")
            elif rested_ns < calm.order_buffer_ns and calm.is_steady:
                found.append(f"{name}: forgotten after {rested_ns} ns")
    if calm.order_purge_ns is not None and calm.is_steady:
        for order in known.orders_closed():
            rests_ns = max(calm.order_buffer_ns, OWN_END_RESTS_NS if order.provisional else 0)
            due_ns = rests_ns + 2 * calm.order_purge_ns
            linked = bool(order.init.linked_order_ids or order.parent_order_id)
            rests_since_ns = max(order.last_event.ts_init, calm.life_began_ns)
            if calm.now_ns - rests_since_ns > due_ns and not linked and not _is_doubted(calm, order):
                found.append(f"{order.client_order_id}: {order.status} for longer than it is to be kept")
    return found


def _is_doubted(calm: Calm, order: Order) -> bool:
    name = order.client_order_id.value
    return name in calm.doubted or name in calm.quarantined


@eventually(25, "only what may leave leaves")
def only_what_may_leave_leaves(calm: Calm) -> list[str]:
    """What was denied, held or never sent came to no venue; what came there was said to be sent."""
    if calm.arrivals is None:
        calm.leave_out("a fault lets requests arrive that nobody sent")
        return []
    found = []
    for order in calm.cache.orders():
        name = order.client_order_id.value
        came = calm.arrivals.get(name, 0)
        if came and order.status in NEVER_LEFT:
            found.append(f"{name}: {order.status} here, and it came to the venue")
        known = {event.provenance for event in order.events} <= {
            Provenance.LOCAL,
            Provenance.STREAM,
            Provenance.RESPONSE,
        }
        # A life that ended between the sending and the note of it said nothing; the venue told the next one.
        told = order.init.ts_init >= calm.life_began_ns
        if came and known and told and not any(type(event) is OrderSubmitted for event in order.events):
            found.append(f"{name}: it came to the venue, and nothing says that it was sent")
    return found


@eventually(26, "positions hold the fills")
def positions_hold_the_fills(calm: Calm) -> list[str]:
    """What positions hold in all is what the orders' fills, as far as they change positions, add up to."""
    if calm.purges or calm.positions_given or calm.orders_given:
        calm.leave_out("what was forgotten or stated outright is in no order's fills")
        return []
    total: dict[tuple[AccountId | None, InstrumentId], Decimal] = {}
    for order in calm.cache.orders():
        for fill in order.fills.values():
            if fill.affects_position:
                key: tuple[AccountId | None, InstrumentId] = (order.account_id, fill.instrument_id)
                total[key] = total.get(key, ZERO) + fill.last_qty.value * fill.order_side.sign
    for position in calm.cache.positions():
        key = (position.account_id, position.instrument_id)
        total[key] = total.get(key, ZERO) - position.signed_qty
    return [
        f"{instrument_id}: positions and fills differ by {left}" for (_, instrument_id), left in total.items() if left
    ]


@eventually(32, "limits are kept")
def limits_are_kept(calm: Calm) -> list[str]:
    """No more orders leave in a time, and none larger, than the node is allowed to send."""
    if not (calm.limits.count or calm.limits.notionals):
        return []
    sent = sorted(
        (
            (event.ts_init, order)
            for order in calm.cache.orders()
            for event in order.events
            if type(event) is OrderSubmitted and event.provenance is Provenance.LOCAL and _is_of_this_life(calm, event)
        ),
        key=lambda pair: pair[0],
    )
    found = []
    count, span_ns = calm.limits.count, calm.limits.span_ns
    for index in range(count, len(sent)) if count else ():
        passed_ns = sent[index][0] - sent[index - count][0]
        if passed_ns < span_ns and calm.is_steady:
            found.append(f"{count + 1} orders left within {passed_ns} ns, {count} may within {span_ns}")
    for _, order in sent:
        most, first = calm.limits.notionals.get(order.instrument_id), order.events[0]
        if most is not None and isinstance(first, OrderInitialized) and first.price is not None:
            worth = first.quantity.value * first.price.value
            if worth > most:
                found.append(f"{order.client_order_id}: left, worth {worth}, {most} is allowed")
    return found


def _is_of_this_life(calm: Calm, event: OrderEvent) -> bool:
    return calm.heard is not None and event.event_id in calm.heard.orders.get(event.client_order_id.value, ())


@eventually(34, "dates are kept")
def dates_are_kept(calm: Calm) -> list[str]:
    """Where a strategy looks after good-till dates, no order works long after its own."""
    found = []
    for order in calm.cache.orders_open():
        late_ns = calm.now_ns - order.expire_time_ns
        minded = order.time_in_force is TimeInForce.GTD and order.strategy_id.value in calm.minds_dates
        if minded and calm.is_steady and late_ns > DATE_MISSED_NS and not order.is_held_here:
            found.append(f"{order.client_order_id}: {order.status} {late_ns} ns after its date")
    return found


@eventually(35, "no guess against better knowledge")
def nothing_is_guessed_against_better_knowledge(calm: Calm) -> list[str]:
    """No fill is inferred at one price and corrected to another in the same moment: what told it was known before."""
    busted = {
        (fill.instrument_id, fill.venue_order_id): None
        for view in calm.venues
        for fill in view.venue.fills(str(view.account_id), busted=True)
    }
    found = []
    for order in calm.cache.orders():
        if (order.instrument_id, order.venue_order_id) in busted:
            calm.leave_out(f"{order.client_order_id}: its venue corrected a trade, perhaps in the moment it was made")
            continue
        for before, event in pairwise(order.events):
            if type(before) is OrderFilled and type(event) is OrderFilled and before.inferred:
                if event.corrects == before.trade_id and event.ts_init == before.ts_init:
                    found.append(f"{order.client_order_id}: {before.last_px} guessed, and {event.last_px} was known")
    return found
