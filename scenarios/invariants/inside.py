"""What a node tells, keeps and shows agrees with itself, after the storm: what was said on its bus, what its cache
has and finds, its own books and its snapshots.

May know: the kernel's public classes. The checkers hold the cache against what was heard (`heard`) and against itself,
asking no question that the node could answer by looking at the same wrong place twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from nautilus_live.model.enums import OrderStatus, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import Order
from scenarios.invariants.eventually import eventually
from scenarios.invariants.heard import Finding, Heard, prefix_of
from scenarios.invariants.rules import Calm

STANDING = frozenset(
    {
        OrderStatus.SUBMITTED,
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PENDING_UPDATE,
        OrderStatus.PENDING_CANCEL,
        OrderStatus.PARTIALLY_FILLED,
    }
)


@eventually(15, "what is known was told")
def known_was_told(calm: Calm) -> list[str]:
    """Every event that an order, a position or an account has, the bus has told, once and in its order."""
    heard = calm.heard
    if heard is None:
        return []
    found = [f"{text} was told twice" for text in heard.twice]
    found += [f"fill {event_id} was told on one topic and not on the other" for event_id in heard.fills_differ()]
    for order in calm.cache.orders():
        told = heard.orders.get(order.client_order_id.value, {})
        found += _untold(order, told, heard)
    for position in calm.cache.positions():
        last = heard.positions.get(position.id.value)
        if last is None:
            if position.events and prefix_of(position.events[-1].event_id) in heard.prefixes:
                found.append(f"position {position.id}: nothing was told of it")
        elif (last.signed_qty, last.quantity, last.side, last.avg_px_open) != (
            position.signed_qty, position.quantity, position.side, position.avg_px_open,
        ):  # fmt: skip
            found.append(f"position {position.id}: told was {last.signed_qty:f}, it is {position.signed_qty:f}")
    return found


def _untold(order: Order, told: dict[str, None], heard: Heard) -> Iterable[str]:
    known = [event.event_id for event in order.events]
    here = [event_id for event_id in known if event_id in told or prefix_of(event_id) in heard.prefixes]
    if here == list(told):
        return
    lost = [event for event in order.events if event.event_id in here and event.event_id not in told]
    if lost:
        yield f"{order.client_order_id}: {type(lost[0]).__name__} was applied and not told"
    elif set(told) - set(known):
        yield f"{order.client_order_id}: told was what it does not have"
    else:
        yield f"{order.client_order_id}: events were told in another order"


@eventually(16, "lookups agree")
def lookups_agree(calm: Calm) -> list[str]:
    """What the cache lists and finds by any name is what its orders and positions say themselves."""
    cache = calm.cache
    found = list(cache.check_integrity())
    orders = cache.orders()
    for what, listed, wanted in (
        ("open", cache.orders_open(), [order for order in orders if order.is_open]),
        ("closed", cache.orders_closed(), [order for order in orders if order.is_closed]),
        ("in flight", cache.orders_inflight(), [order for order in orders if order.is_inflight]),
    ):
        if {order.client_order_id for order in listed} != {order.client_order_id for order in wanted}:
            found.append(f"orders {what}: listed are {len(listed)}, there are {len(wanted)}")
    places = dict.fromkeys((order.instrument_id, order.strategy_id) for order in orders)
    members = {place: _names(cache.orders(instrument_id=place[0], strategy_id=place[1])) for place in places}
    for order in orders:
        name = order.client_order_id
        if name not in members[order.instrument_id, order.strategy_id]:
            found.append(f"{name}: not listed under {order.instrument_id} and {order.strategy_id}")
        if order.venue_order_id is not None and cache.venue_order_id(name) != order.venue_order_id:
            found.append(f"{name}: {cache.venue_order_id(name)} is told as its venue order id")
        if (order.is_open, order.is_closed) != (cache.is_order_open(name), cache.is_order_closed(name)):
            found.append(f"{name}: {order.status}, and told as something else")
    found += [f"{order.client_order_id}: its commissions are not its fills'" for order in orders if _miscounts(order)]
    positions = cache.positions()
    for what, shown, meant in (
        ("open", cache.positions_open(), [one for one in positions if one.is_open]),
        ("closed", cache.positions_closed(), [one for one in positions if one.is_closed]),
    ):
        if {one.id for one in shown} != {one.id for one in meant}:
            found.append(f"positions {what}: listed are {len(shown)}, there are {len(meant)}")
    return found


def _names(orders: list[Order]) -> frozenset[ClientOrderId]:
    return frozenset(order.client_order_id for order in orders)


def _miscounts(order: Order) -> bool:
    paid: dict[str, Decimal] = {}
    for fill in order.fills.values():
        if fill.commission is not None:
            code = fill.commission.currency.code
            paid[code] = paid.get(code, Decimal(0)) + fill.commission.value
    counted = {amount.currency.code: amount.value for amount in order.commissions()}
    return any(counted.get(code, Decimal(0)) != paid.get(code, Decimal(0)) for code in (*paid, *counted))


@eventually(17, "own books show the orders")
def own_books_show_orders(calm: Calm) -> list[str]:
    """An own order book has the orders that work with a price, each with its price and its rest, and no others."""
    if not calm.keeps_own_books:
        return []
    found = []
    wanted = {order.client_order_id: order for order in calm.cache.orders() if _stands(order)}
    shown = {entry.client_order_id: entry for book in calm.cache.own_order_books() for entry in book.orders()}
    found += [f"{name}: works, and is in no own book" for name in wanted if name not in shown]
    found += [f"{name}: in an own book, and does not work" for name in shown if name not in wanted]
    for name, entry in shown.items():
        order = wanted.get(name)
        if order is not None and (entry.price, entry.size, entry.side) != (order.price, order.leaves_qty, order.side):
            found.append(f"{name}: {entry.size} @ {entry.price} in the own book, is {order.leaves_qty} @ {order.price}")
    return found


def _stands(order: Order) -> bool:
    return (
        order.status in STANDING
        and order.price is not None
        and order.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK)
        and order.leaves_qty.value > Decimal(0)
    )


_UNDER_WAY = ("fill.late", "order.other_venue_order_id")


@eventually(18, "fair weather leaves no doubt")
def fair_weather_leaves_no_doubt(calm: Calm) -> list[str]:
    """Where nothing goes wrong, no alarm is raised, no doubt is left, and nothing has to be found out by asking."""
    if not calm.fair:
        return []
    found = [f"{name} is quarantined" for name in calm.quarantined]
    found += [f"{instrument_id} is uncertain" for instrument_id in calm.uncertain]
    alarms = [] if calm.heard is None else calm.heard.alarms
    findings = [] if calm.heard is None else calm.heard.found_out
    found += [one.text for one in findings if _had_to_be_asked_for(one, calm)]
    # A trade may be under way while its order is being replaced: it comes late, and is told as such. So may the
    # acknowledgement of a new leg, of which the answer to a cancel speaks already.
    return [*found, *(f"alarm {text}" for text in alarms if not text.startswith(_UNDER_WAY))]


def _had_to_be_asked_for(found: Finding, calm: Calm) -> bool:
    # Whoever asks (a strategy, or the node after a refusal) may have the answer while the stream's own word of it is
    # still on its way: nobody can know that it will come.
    is_on_its_way = found.age_ns is not None and found.age_ns <= calm.way_ns_max
    # An order that is replaced twice in one moment: which leg came last no stream can tell that may be out of order.
    return not (is_on_its_way or found.is_of_one_moment)


@eventually(19, "snapshots show what is")
def snapshots_show(calm: Calm) -> list[str]:
    """The last snapshot of an order or a position is what it is."""
    if calm.heard is None:
        return []
    found = []
    for order in calm.cache.orders():
        table = calm.heard.snapshots.get(order.client_order_id.value)
        if table is None:
            if calm.snapshots_orders and order.client_order_id.value in calm.heard.orders:
                found.append(f"{order.client_order_id}: no snapshot was taken")
            continue
        facts = {"status": order.status.name, "quantity": str(order.quantity), "filled_qty": str(order.filled_qty)}
        found += [f"{order.client_order_id}: {table.get(key)} is its {key} in the last snapshot, is {value}"
                  for key, value in facts.items() if table.get(key) != value]  # fmt: skip
    for position in calm.cache.positions():
        table = calm.heard.snapshots.get(position.id.value)
        if table is None:
            if calm.snapshots_positions and position.id.value in calm.heard.positions:
                found.append(f"{position.id}: no snapshot was taken")
        elif str(table.get("signed_qty")) != f"{position.signed_qty:f}":
            found.append(f"{position.id}: {table.get('signed_qty')} in the last snapshot, is {position.signed_qty:f}")
    return found


@eventually(20, "what is let in is applied")
def nothing_is_refused(calm: Calm) -> list[str]:
    """No event that was let in, or that followed from a plan, turned out to be impossible."""
    return [f"{calm.refused} events were refused"] if calm.refused else []


@eventually(37, "gaps end and are told")
def gaps_end(calm: Calm) -> list[str]:
    """A client that is heard again is told to be so, and nothing is held for it any more."""
    if calm.heard is None:
        return []
    found = list(calm.heard.untold_gaps())
    return found + [f"{client_id}: held still: {reason}" for client_id, reason in calm.held.items()]


@eventually(38, "surprises are told")
def surprises_are_told(calm: Calm) -> list[str]:
    """A trade after the end, one taken back, and what somebody else does to a position: people were alarmed of each."""
    return [] if calm.heard is None else list(calm.heard.untold_surprises())
