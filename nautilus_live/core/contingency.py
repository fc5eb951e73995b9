"""Contingent orders: what the state of one order asks of those linked to it. Pure.

- OTO (a parent and its children): what is filled of the parent is what the children may close. A parent that ends takes
  its children down to that, or with it if nothing was filled. While it works, children that are held here are armed at
  its first fill and grow with each further one (`held_here`); children at a venue are the venue's business.
- OCO: the first to be filled, even in part, or to end, cancels the others.
- OUO: what is filled of one is taken off the others; its end cancels them.
- An exit that is filled whole while its parent still works ends the parent too: what it would fill from now on would
  have no exit any more.

Quantities that somebody changes are followed: children that were as large as their parent stay so, and of OUO orders
each has as much left as the one that was changed. What was made smaller, here or at the venue, does not grow back.

What an execution algorithm spawned of an order counts as that order's own: its fills, and that it is not over yet.

Everything follows from how the orders stand, so asking again changes nothing, and a restart settles what happened
meanwhile by asking once.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from nautilus_live.model.enums import ContingencyType, OrderStatus, Provenance, TriggerType
from nautilus_live.model.events import (
    OrderEvent,
    OrderInitialized,
    OrderModifyRejected,
    OrderPendingUpdate,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import Order

ZERO = Decimal(0)
NONE, OTO, OCO = ContingencyType.NO_CONTINGENCY, ContingencyType.OTO, ContingencyType.OCO


class Orders(Protocol):
    """Where the orders are: the cache."""

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """Return the order with that id."""
        ...

    def orders_for_exec_spawn(self, exec_spawn_id: ClientOrderId) -> list[Order]:
        """Return a primary order and what was spawned of it."""
        ...


class Cancel(Struct, frozen=True):
    """The order has lost its reason."""

    order: Order


class Resize(Struct, frozen=True):
    """The order is to have another quantity, what is filled of it included."""

    order: Order
    quantity: Decimal


class Arm(Struct, frozen=True):
    """A child that waited for its parent is to work from now on, with this quantity."""

    order: Order
    quantity: Decimal


Consequence = Cancel | Resize | Arm


def consequences(order: Order, orders: Orders, *, held_here: bool = False) -> list[Consequence]:
    """Return what `order`, as it stands, asks of the orders linked to it.

    Args:
        order: the order that something happened to; of one that was spawned, its primary.
        orders: where the others are.
        held_here: whether children wait here for their parent, rather than at the venue.

    """
    linked = [one for one in _known(order.init.linked_order_ids, orders) if not one.is_closed]
    if order.contingency_type is OTO:
        found = [_of_parent(order, child, orders, held_here=held_here) for child in linked]
    else:
        found = [_of_sibling(order, other, orders) for other in linked]
        parent = None if order.parent_order_id is None else orders.order(order.parent_order_id)
        if order.status is OrderStatus.FILLED and parent is not None and not parent.is_closed:
            found.append(Cancel(parent))
    return [one for one in found if one is not None]


def changes(order: Order, orders: Orders, *, held_here: bool = False, grows: bool = False) -> list[Consequence]:
    """Return what it asks of the orders linked to `order` that somebody gave it another quantity.

    Args:
        order: the order as it is now.
        orders: where the others are.
        held_here: whether children wait here for their parent, rather than at the venue.
        grows: whether siblings may become larger. Where words about them may cross they only shrink: each would be
            made as large as the other once was, and so on for ever.

    """
    if order.is_closed or order.is_primary:
        return []
    linked = [one for one in _known(order.init.linked_order_ids, orders) if not (one.is_closed or one.is_primary)]
    if order.contingency_type is OTO:
        waits = not (held_here and filled(order, orders))
        found = [(one, order.quantity.value) for one in linked if waits and _follows(one, order)]
    elif order.contingency_type is ContingencyType.OUO:
        sizes = [(one, one.filled_qty.value + order.leaves_qty.value) for one in linked]
        found = [(one, size) for one, size in sizes if grows or size < one.quantity.value]
    else:
        found = []
    return [Resize(one, wanted) for one, wanted in found if wanted not in (one.quantity.value, one.filled_qty.value)]


def is_changed(order: Order, event: OrderEvent) -> bool:
    """Return whether an event that was just applied gave an order another quantity, and that was not our own doing."""
    if type(event) is not OrderUpdated or (event.provenance is Provenance.LOCAL and not event.is_by_hand):
        return False
    before = [one for one in order.events if one is not event and isinstance(one, OrderUpdated | OrderInitialized)]
    return bool(before) and before[-1].quantity != event.quantity


def is_waiting(order: Order, orders: Orders) -> bool:
    """Return whether the order waits for a parent of which nothing is filled yet."""
    parent = None if order.parent_order_id is None else orders.order(order.parent_order_id)
    return parent is not None and parent.contingency_type is OTO and not filled(parent, orders)


def filled(order: Order, orders: Orders) -> Decimal:
    """Return what is filled of an order, by itself and by what was spawned of it."""
    if not order.is_primary:
        return order.filled_qty.value
    return sum((one.filled_qty.value for one in orders.orders_for_exec_spawn(order.client_order_id)), ZERO)


def _spawned(order: Order, orders: Orders) -> Decimal:
    """Return what the pieces spawned of an order have filled, or may still fill: it is no longer the order's own."""
    if not order.is_primary:
        return ZERO
    pieces = [one for one in orders.orders_for_exec_spawn(order.client_order_id) if one is not order]
    return sum((one.filled_qty.value if one.is_closed else one.quantity.value for one in pieces), ZERO)


def is_over(order: Order, orders: Orders) -> bool:
    """Return whether an order is done, and so is all that was spawned of it."""
    if not order.is_primary:
        return order.is_closed
    return all(one.is_closed for one in orders.orders_for_exec_spawn(order.client_order_id))


def is_all_over(primary: Order, orders: Orders) -> bool:
    """Return whether everything that was spawned of a primary order is done; the primary itself need not be."""
    spawned = orders.orders_for_exec_spawn(primary.client_order_id)
    return all(one.is_closed for one in spawned if one is not primary)


def quantity_for(child: Order, parent: Order, orders: Orders) -> Decimal:
    """Return what a child may be for in all: what its parent has filled, less what its siblings closed of it."""
    closed = sum((filled(one, orders) for one in _known(child.init.linked_order_ids, orders)), ZERO)
    return min(_whole(child, parent, orders), filled(parent, orders)) - closed


def _whole(child: Order, parent: Order, orders: Orders) -> Decimal:
    """Return what a child may be for at most: what somebody said last, of it or its mates, or as it was made."""
    mates = _known(child.init.linked_order_ids, orders) if child.contingency_type is ContingencyType.OUO else []
    by_hand = [event for one in (child, *mates) for event in _said_by_hand(one)]
    if by_hand:
        return max(by_hand, key=lambda event: event.ts_init).quantity.value
    return parent.quantity.value if _follows(child, parent) else child.init.quantity.value


def _said_by_hand(order: Order) -> list[OrderUpdated]:
    """Return the events that gave an order another quantity, and that its links did not call for."""
    found: list[OrderUpdated] = []
    quantity, is_ours = order.init.quantity, False
    for event in order.events:
        if type(event) is OrderPendingUpdate:
            is_ours = event.is_by_link
        elif type(event) is OrderModifyRejected:
            is_ours = False
        elif type(event) is OrderUpdated:
            is_new = event.quantity != quantity
            if event.is_by_hand or (is_new and not is_ours and event.provenance is not Provenance.LOCAL):
                found.append(event)
            quantity, is_ours = event.quantity, is_ours and not is_new
    return found


def _follows(child: Order, parent: Order) -> bool:
    """Return whether a child is as large as its parent, whatever quantity that is given."""
    return not parent.is_primary and child.init.quantity == parent.init.quantity


def _of_parent(parent: Order, child: Order, orders: Orders, *, held_here: bool) -> Consequence | None:
    if held_here and _waits(child):
        quantity = min(quantity_for(child, parent, orders), child.quantity.value)
        if quantity > 0:
            return Arm(child, quantity)
        return Cancel(child) if is_over(parent, orders) else None
    spawned = _spawned(child, orders)
    if held_here:
        quantity = quantity_for(child, parent, orders) - spawned
        if quantity > child.quantity.value:
            return Resize(child, quantity)
    return _shrink(child, filled(parent, orders) - spawned) if is_over(parent, orders) else None


def _waits(child: Order) -> bool:
    # What has no trigger of its own is held here for its parent alone.
    is_parked = child.status is OrderStatus.EMULATED and child.emulation_trigger is TriggerType.NO_TRIGGER
    return is_parked or child.status is OrderStatus.INITIALIZED


def _of_sibling(order: Order, other: Order, orders: Orders) -> Consequence | None:
    done = filled(order, orders)
    if is_over(order, orders) or (done and order.contingency_type is OCO):
        return Cancel(other)
    if not done:
        return None
    closes = order.quantity.value if not order.is_primary else order.init.quantity.value
    return _shrink(other, other.filled_qty.value + max(closes - done, ZERO))


def _shrink(order: Order, quantity: Decimal) -> Consequence | None:
    if quantity <= order.filled_qty.value:
        return Cancel(order)
    return Resize(order, quantity) if quantity < order.quantity.value else None


def linked_order(event: OrderEvent, orders: Orders) -> Order | None:
    """Return the linked order that an event is about, None if it has no links.

    What happens to an order that an algorithm spawned happens to its primary one.
    """
    order = orders.order(event.client_order_id)
    if order is not None and order.is_spawned and order.exec_spawn_id is not None:
        order = orders.order(order.exec_spawn_id)
    return order if order is not None and order.is_contingency else None


def relatives(order: Order, orders: Orders) -> list[Order]:
    """Return an order's parent and the orders that it is linked to."""
    ids = (order.parent_order_id, *order.init.linked_order_ids)
    return _known([one for one in ids if one is not None], orders)


def _known(client_order_ids: Iterable[ClientOrderId], orders: Orders) -> list[Order]:
    found = map(orders.order, client_order_ids)
    return [order for order in found if order is not None and order.contingency_type is not NONE]
