"""What orders owe each other, and what the node owes those that it holds, after the storm.

May know: the kernel's public classes. Looks at how the orders stand and at what is known of the market; what led there
is nobody's excuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest

from nautilus_live.engine.cache import Cache
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import (
    BookType,
    ContingencyType,
    OrderSide,
    OrderStatus,
    OrderType,
    Provenance,
    TriggerType,
)
from nautilus_live.model.events import (
    OrderCanceled,
    OrderEmulated,
    OrderEvent,
    OrderExpired,
    OrderInitialized,
    OrderPendingCancel,
    OrderRejected,
    OrderReleased,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order
from sandbox_venues.venue import Venue
from scenarios.invariants.eventually import eventually, is_set_aside
from scenarios.invariants.rules import Calm

ZERO = Decimal(0)
OTO = ContingencyType.OTO
SIBLINGS = (ContingencyType.OCO, ContingencyType.OUO)
BY_QUOTES = (TriggerType.BID_ASK, TriggerType.DEFAULT)
LEVELS = 10
"""How many levels of a book are compared."""
ENDS = (OrderCanceled, OrderExpired, OrderRejected)
TOUCHES = (OrderType.LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)


@eventually(27, "linked orders follow")
def linked_orders_follow(calm: Calm) -> list[str]:
    """Where somebody looks after links, a filled order leaves no sibling at work, and a child no parent unfilled."""
    found = []
    for order in calm.cache.orders():
        if order.contingency_type is ContingencyType.NO_CONTINGENCY or not _is_looked_after(calm, order):
            continue
        found += [f"{order.client_order_id}: {text}" for text in _owes(calm, order)]
    return found


def _owes(calm: Calm, order: Order) -> Iterator[str]:
    cache = calm.cache
    known = [other for other in map(cache.order, order.init.linked_order_ids) if other is not None]
    # What the venue says it filled at a price that nobody tells stands as it was, and cannot be canceled any more.
    linked = [other for other in known if other.is_closed or not is_set_aside(calm, other)]
    spawned = [one for one in cache.orders_for_exec_spawn(order.client_order_id) if one is not order]
    over = order.is_closed and all(one.is_closed for one in spawned)
    filled = order.filled_qty.value + sum((one.filled_qty.value for one in spawned), ZERO)
    for other in linked:
        if order.contingency_type in SIBLINGS and order.status is OrderStatus.FILLED and not other.is_closed:
            yield f"FILLED, and its sibling {other.client_order_id} is {other.status}"
        if order.contingency_type is OTO and over and not filled and not other.is_closed:
            yield f"{order.status} with nothing filled, and its child {other.client_order_id} is {other.status}"


def _is_looked_after(calm: Calm, order: Order) -> bool:
    """Return whether the venue, the emulator or the strategy carries out what the links ask."""
    if order.strategy_id.value in calm.minds_links or _was_held(order):
        return True
    return any(_was_held(one) for one in map(calm.cache.order, order.init.linked_order_ids) if one is not None)


def _was_held(order: Order) -> bool:
    return any(type(event) in (OrderEmulated, OrderReleased) for event in order.events)


@eventually(28, "a child waits for its parent")
def children_wait(calm: Calm) -> list[str]:
    """What the node holds for a parent is let go when some of the parent was filled, and for no more than that."""
    found = []
    for child in calm.cache.orders():
        parent = None if child.parent_order_id is None else calm.cache.order(child.parent_order_id)
        if parent is None or not _was_held(child) or parent.contingency_type is not OTO:
            continue
        released = [event.ts_init for event in child.events if type(event) is OrderReleased]
        fills = [fill.ts_init for fill in _fills_of(calm.cache, parent)]
        if released and calm.is_steady and (not fills or min(fills) > released[0]):
            found.append(f"{child.client_order_id}: let go before {parent.client_order_id} had a fill")
    return found


def _fills_of(cache: Cache, order: Order) -> Iterator[OrderEvent]:
    for one in {id(one): one for one in (order, *cache.orders_for_exec_spawn(order.client_order_id))}.values():
        yield from one.fills.values()


@eventually(29, "what is held is watched")
def held_orders_are_watched(calm: Calm) -> list[str]:
    """An order that the node holds is let go when the market that it knows has come to it."""
    found = []
    for order in calm.cache.orders_emulated():
        first = order.events[0]
        if not isinstance(first, OrderInitialized) or first.emulation_trigger not in BY_QUOTES:
            continue
        if order.instrument_id in calm.uncertain:
            calm.leave_out(f"{order.client_order_id}: nothing leaves while {order.instrument_id} is uncertain")
            continue
        parent = None if order.parent_order_id is None else calm.cache.order(order.parent_order_id)
        if parent is not None or order.trigger_type not in (*BY_QUOTES, TriggerType.NO_TRIGGER):
            continue
        if order.trailing_offset is not None and not order.is_activated and order.activation_price is not None:
            continue
        tick = calm.cache.quote_tick(order.instrument_id)
        if tick is None or tick.ts_init < order.last_event.ts_init:
            continue  # nothing was heard of the market since the order came
        told = order.price if order.order_type is OrderType.LIMIT else order.trigger_price
        if told is not None and _reaches(tick, order.side, order.order_type, told):
            found.append(f"{order.client_order_id}: held, and the market is at {tick}, its trigger at {told}")
    return found + [text for order in calm.cache.orders() for text in _let_go_too_early(calm, order)]


def _reaches(tick: QuoteTick, side: OrderSide, kind: OrderType, trigger: Price) -> bool:
    price = tick.ask_price.value if side is OrderSide.BUY else tick.bid_price.value
    rising = (side is OrderSide.BUY) is not (kind in TOUCHES)
    return price >= trigger.value if rising else price <= trigger.value


def _let_go_too_early(calm: Calm, order: Order) -> Iterator[str]:
    """Yield if an order was let go while the market was elsewhere; of trailing stops and lists it does not show."""
    first = order.events[0]
    released = next((event for event in order.events if type(event) is OrderReleased), None)
    if released is None or not isinstance(first, OrderInitialized) or first.emulation_trigger not in BY_QUOTES:
        return
    is_plain = first.trailing_offset is None and first.parent_order_id is None and first.exec_algorithm_id is None
    if not is_plain or first.trigger_type not in (*BY_QUOTES, TriggerType.NO_TRIGGER):
        return
    told = first.price if first.order_type is OrderType.LIMIT else first.trigger_price
    changed = any(type(event) is OrderUpdated for event in order.events)
    ticks = [tick for tick in calm.cache.quote_ticks(order.instrument_id) if tick.ts_init <= released.ts_init]
    if told is not None and ticks and not changed:
        if not any(_reaches(tick, first.order_side, first.order_type, told) for tick in ticks):
            yield f"{order.client_order_id}: let go, and no quote of this life had come to its trigger {told}"


@eventually(30, "what is worked is no more than was ordered")
def worked_orders_add_up(calm: Calm) -> list[str]:
    """What an algorithm made of an order is, filled and at work, no more than was ordered, then or by hand since."""
    found = []
    groups: dict[ClientOrderId, list[Order]] = {}
    for order in calm.cache.orders():
        if order.exec_spawn_id is not None:
            groups.setdefault(order.exec_spawn_id, []).append(order)
    for name, orders in groups.items():
        primary = calm.cache.order(name)
        if primary is None:
            continue
        wanted = _ordered(primary, orders)
        filled = sum((order.filled_qty.value for order in orders), ZERO)
        working = sum((order.leaves_qty.value for order in orders if not order.is_closed), ZERO)
        if filled + working > wanted:
            found.append(f"{name}: {filled} filled and {working} at work of {wanted}")
    return found


def _ordered(primary: Order, parts: list[Order]) -> Decimal:
    """Return the most that was ordered at any time: at first, or by hand beside the parts that were spawned by then."""
    first = primary.events[0]
    most = first.quantity.value if isinstance(first, OrderInitialized) else primary.quantity.value
    for event in primary.events:
        if type(event) is OrderUpdated and event.is_by_hand:
            spawned = [part for part in parts if part is not primary and part.init.ts_init <= event.ts_init]
            most = max(most, event.quantity.value + sum((part.quantity.value for part in spawned), ZERO))
    return most


@eventually(31, "a book is the venue's")
def books_are_the_venues(calm: Calm) -> list[str]:
    """A book that the node keeps, once the storm is over, has the venue's best levels; one of orders, each of them."""
    found = []
    for view in calm.venues:
        for book in calm.cache.order_books():
            instrument_id = book.instrument_id
            if instrument_id.venue.value != view.name or not book.is_valid:
                continue
            for side, ours in ((OrderSide.BUY, book.bids(LEVELS)), (OrderSide.SELL, book.asks(LEVELS))):
                here = [(level.price.value, level.size()) for level in ours]
                theirs = view.venue.levels(instrument_id, side)[:LEVELS]
                if here != theirs:
                    found.append(f"{instrument_id}: {_levels(here)} to {side} here, {_levels(theirs)} at {view.name}")
                if book.book_type is BookType.L3_MBO and (other := _first_other(book, side, view.venue)):
                    found.append(f"{instrument_id}: {other} to {side} at {view.name}")
    return found


def _first_other(book: OrderBook, side: OrderSide, venue: Venue) -> str:
    """Return the first order of one side that stands elsewhere in the venue's book, in words; empty if none does."""
    levels = book.bids() if side is OrderSide.BUY else book.asks()
    here = [(one.order_id, one.price.value, one.size.value) for level in levels for one in level.orders()]
    theirs = venue.resting(book.instrument_id, side)
    pairs = zip_longest(here, theirs)
    return next((f"order {_queued(ours)} here is {_queued(true)}" for ours, true in pairs if ours != true), "")


def _queued(order: tuple[int, Decimal, Decimal] | None) -> str:
    return "none" if order is None else "{0} of {2} @ {1}".format(*order)


def _levels(levels: list[tuple[Decimal, Decimal]]) -> str:
    return " ".join(f"{size} @ {price}" for price, size in levels) or "nothing"


@eventually(33, "no end without a reason")
def nothing_is_canceled_without_reason(calm: Calm) -> list[str]:
    """The node cancels a linked order because it was told to, or because of what became of an order linked to it."""
    if calm.cancels is None:
        return []
    found = []
    for order in calm.cache.orders():
        is_linked = order.contingency_type is not ContingencyType.NO_CONTINGENCY
        if not is_linked or order.client_order_id.value in calm.cancels or not _canceled_here(order):
            continue
        related = [calm.cache.order(name) for name in (order.parent_order_id, *order.init.linked_order_ids) if name]
        spawned = calm.cache.orders_for_exec_spawn(order.client_order_id)
        known = [one for one in (*related, *spawned) if one is not None and one is not order]
        known += [leg for one in known for leg in calm.cache.orders_for_exec_spawn(one.client_order_id)]
        if known and not any(_ended_or_traded(one, calm.cancels) for one in (*known, order)):
            found.append(f"{order.client_order_id}: canceled here, and nothing became of what it is linked to")
    return found


def _ended_or_traded(order: Order, cancels: frozenset[str]) -> bool:
    """Return whether something became of an order that the node did not do for no reason.

    What the node concluded after enough answers was a reason, even if the venue, whose lists lag, proved it wrong.
    """
    told = order.client_order_id.value in cancels
    concluded = any(type(event) in ENDS and event.provenance is Provenance.POLICY for event in order.events)
    return bool(order.filled_qty.value) or told or concluded or (order.is_closed and not _canceled_here(order))


def _canceled_here(order: Order) -> bool:
    words = (OrderPendingCancel, OrderCanceled)
    return any(type(event) in words and event.provenance is Provenance.LOCAL for event in order.events)
