"""Indexes of the cache: which orders and positions are where, kept up to date one change at a time.

Knows orders and positions by reference and changes none. Promises that every listing is in the order in which its
members were added, and that an update costs the same however much is remembered. Dictionaries serve as ordered sets;
their keys are the ids' texts, because a text remembers its hash.

Orders that are *active* (open or in flight) are listed apart, by instrument too, and so are emulated ones: there are
few of them and they are asked for often. All the rest is picked out of the whole when asked for; nearly all of it is
closed orders, so that an index of those would spare nothing and cost every order an entry for life.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from nautilus_live.core.reconciliation.strangers import is_mistaken, was_sent
from nautilus_live.model.enums import OrderSide, OrderStatus, PositionSide, TriggerType
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    InstrumentId,
    PositionId,
    StrategyId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.orders import CLOSED_STATUSES, IN_FLIGHT_STATUSES, OPEN_STATUSES, Order
from nautilus_live.model.position import ZERO, Position

T = TypeVar("T", Order, Position)

EMULATED, INITIALIZED, RELEASED = OrderStatus.EMULATED, OrderStatus.INITIALIZED, OrderStatus.RELEASED
NO_TRIGGER = TriggerType.NO_TRIGGER
ACTIVE_STATUSES = OPEN_STATUSES | IN_FLIGHT_STATUSES


class OrderIndex:
    """Every order by our id and by the venue's id, and which are active."""

    __slots__ = (
        "active",
        "by_id",
        "by_instrument",
        "by_venue_id",
        "clients",
        "emulated",
        "held",
        "mistaken",
        "positions",
        "spawned",
    )

    def __init__(self) -> None:
        self.by_id: dict[str, Order] = {}
        self.by_venue_id: dict[str, Order | list[Order]] = {}
        self.active: dict[str, Order] = {}
        self.by_instrument: dict[InstrumentId, dict[str, Order]] = {}  # the active ones
        self.emulated: dict[str, Order] = {}
        self.held: dict[str, Order] = {}  # by the emulator or an algorithm, primary orders that were released included
        self.mistaken: dict[str, tuple[Order, Order]] = {}  # made known as a stranger's, and whose it is
        self.positions: dict[str, PositionId] = {}  # only what the order itself does not say
        self.clients: dict[str, ClientId] = {}
        self.spawned: dict[str, list[Order]] = {}  # by the primary order's id

    def add(self, order: Order) -> None:
        """Enter a new order."""
        self.by_id[order.client_order_id.value] = order
        spawn_id = order.init.exec_spawn_id
        if spawn_id is not None and spawn_id != order.client_order_id:
            self.spawned.setdefault(spawn_id.value, []).append(order)
        for superseded in order.superseded_venue_order_ids:
            self.add_venue_id(order, superseded)
        self.update(order)

    def update(self, order: Order) -> None:
        """Put an order where it belongs after an event."""
        venue_order_id = order.venue_order_id
        if venue_order_id is not None and self.by_venue_id.get(venue_order_id.value) is not order:
            self.add_venue_id(order, venue_order_id)
        key, status, active = order.client_order_id.value, order.status, self.active
        if status in ACTIVE_STATUSES:
            if key not in active:
                active[key] = order
                self.by_instrument.setdefault(order.instrument_id, {})[key] = order
        else:
            if active.pop(key, None) is not None:
                del self.by_instrument[order.instrument_id][key]
            if status is INITIALIZED:
                init = order.init  # looked at here: nearly every order begins so, and is for nobody here
                if (init.emulation_trigger is not NO_TRIGGER or init.exec_algorithm_id) and order.is_held_here:
                    self.held[key] = order
                return
            if status is EMULATED:
                self.held[key] = self.emulated[key] = order
                return
            if status is RELEASED and order.is_primary:  # its algorithm has it now
                self.held[key] = order
                self.emulated.pop(key, None)
                return
        if self.held:  # whatever is emulated is held
            self.held.pop(key, None)
            self.emulated.pop(key, None)

    def remove(self, order: Order) -> None:
        """Forget an order."""
        key = order.client_order_id.value
        for index in (self.mistaken, self.by_id, self.active, self.emulated, self.held, self.positions, self.clients):
            index.pop(key, None)
        spawn_id = order.init.exec_spawn_id
        if spawn_id is not None and spawn_id.value in self.spawned:
            self.spawned[spawn_id.value] = [one for one in self.spawned[spawn_id.value] if one is not order]
        self.by_instrument.get(order.instrument_id, {}).pop(key, None)
        for venue_order_id in (order.venue_order_id, *order.superseded_venue_order_ids):
            if venue_order_id is not None:
                self._remove_venue_id(order, venue_order_id.value)

    def add_venue_id(self, order: Order, venue_order_id: VenueOrderId) -> None:
        """Let the venue's id lead to the order. Venues may use one id for orders of several instruments.

        An order that we sent comes before one that reports made known under its id, by mistake.
        """
        key = venue_order_id.value
        known = self.by_venue_id.get(key)
        if known is None:
            self.by_venue_id[key] = order
            return
        claimants = known if isinstance(known, list) else [known]
        if any(one is order for one in claimants):
            return
        for one in claimants:
            made, ours = (one, order) if was_sent(order) else (order, one)
            if is_mistaken(made, ours):
                self.mistaken[made.client_order_id.value] = (made, ours)
        claimants.insert(sum(map(was_sent, claimants)) if was_sent(order) else len(claimants), order)
        self.by_venue_id[key] = claimants

    def _remove_venue_id(self, order: Order, key: str) -> None:
        known = self.by_venue_id.get(key)
        if known is order:
            del self.by_venue_id[key]
        elif isinstance(known, list):
            known[:] = [one for one in known if one is not order]
            if not known:
                del self.by_venue_id[key]

    def open(self) -> list[Order]:
        """Return the orders that work at a venue, in the order they were sent."""
        return [order for order in self.active.values() if order.status in OPEN_STATUSES]

    def inflight(self) -> list[Order]:
        """Return the orders that wait for an answer, in the order they were sent."""
        return [order for order in self.active.values() if order.status in IN_FLIGHT_STATUSES]

    def closed(self) -> list[Order]:
        """Return the orders that are done, in the order they were added."""
        return [order for order in self.by_id.values() if order.status in CLOSED_STATUSES]

    def find(self, venue_order_id: VenueOrderId, instrument_id: InstrumentId | None) -> Order | None:
        """Return the order under the venue's id; without an instrument only if no other instrument has that id."""
        known = self.by_venue_id.get(venue_order_id.value)
        if known is None:
            return None
        candidates = known if isinstance(known, list) else (known,)
        if instrument_id is not None:
            return next((order for order in candidates if order.instrument_id == instrument_id), None)
        first = candidates[0]
        return first if all(one.instrument_id == first.instrument_id for one in candidates) else None


class PositionIndex:
    """Every position by its id, which are open and closed, and what those of an instrument and account made so far."""

    __slots__ = ("by_id", "by_instrument", "closed", "open", "open_by_instrument", "profits")

    def __init__(self) -> None:
        self.by_id: dict[str, Position] = {}
        self.open: dict[str, Position] = {}
        self.closed: dict[str, Position] = {}
        self.by_instrument: dict[InstrumentId, dict[str, Position]] = {}
        self.open_by_instrument: dict[InstrumentId, dict[str, Position]] = {}
        self.profits: dict[InstrumentId, dict[AccountId, Decimal]] = {}

    def add(self, position: Position) -> None:
        """Enter a new position."""
        key = position.id.value
        self.by_id[key] = position
        self.by_instrument.setdefault(position.instrument_id, {})[key] = position
        position.counted = ZERO
        self.update(position)

    def update(self, position: Position) -> None:
        """Put a position where it belongs after a fill, and count what it made."""
        key = position.id.value
        made = position.realized + position.realized_before
        if made != position.counted:
            self._count(position, made)
        if position.net_qty:
            if key not in self.open:
                self.open[key] = position
                self.open_by_instrument.setdefault(position.instrument_id, {})[key] = position
                self.closed.pop(key, None)
        elif position.ts_opened and key not in self.closed:
            self.closed[key] = position
            self._no_longer_open(position)

    def remove(self, position: Position) -> None:
        """Forget a position."""
        key = position.id.value
        self.by_id.pop(key, None)
        self.closed.pop(key, None)
        self.by_instrument.get(position.instrument_id, {}).pop(key, None)
        self._no_longer_open(position)
        self._count(position, ZERO)

    def _no_longer_open(self, position: Position) -> None:
        key = position.id.value
        if self.open.pop(key, None) is not None:
            del self.open_by_instrument[position.instrument_id][key]

    def _count(self, position: Position, made: Decimal) -> None:
        profits = self.profits.setdefault(position.instrument_id, {})
        profits[position.account_id] = profits.get(position.account_id, ZERO) + made - position.counted
        position.counted = made


def select(
    items: Iterable[T],
    venue: Venue | None,
    instrument_id: InstrumentId | None,
    strategy_id: StrategyId | None,
    side: OrderSide | PositionSide | None,
    account_id: AccountId | None,
) -> list[T]:
    """Return the orders or positions that meet all the criteria given; `NO_..._SIDE` means any side."""
    found = list(items)
    if instrument_id is not None:
        found = [item for item in found if item.instrument_id == instrument_id]
    if venue is not None:
        found = [item for item in found if item.instrument_id.venue == venue]
    if strategy_id is not None:
        found = [item for item in found if item.strategy_id == strategy_id]
    if side:
        found = [item for item in found if item.side is side]
    if account_id is not None:
        found = [item for item in found if item.account_id == account_id]
    return found
