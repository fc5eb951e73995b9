"""Linked orders at a venue that looks after them itself: one triggers others, one cancels others, sizes follow.

May know: orders, and of their venue what `Floor` says. A venue without this (`contingencies = false`) takes linked
orders as plain ones, and whoever linked them has to manage them. Promises:
1. OTO: an order with a parent is accepted and held, neither matched nor triggered, until its parent is filled (or, by
   profile, for as much as its parent is filled). It ends with a parent that ends without. On hedging accounts it is for
   the position that its parent opened, unless it names another.
2. OCO: as soon as one trades (by profile: has traded whole) or ends, the others are canceled.
3. OUO: what is left of the others follows what is left of the one; as soon as one is over, the others are canceled.
4. All of that happens between two trades: nothing trades that should have been canceled by the trade before it, unless
   one fill-or-kill order swept up both.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from nautilus_live.model.enums import ContingencyType, OrderStatus
from nautilus_live.model.identifiers import AccountId, ClientOrderId
from sandbox_venues.messages import Refusal
from sandbox_venues.orders import ZERO, VenueOrder
from sandbox_venues.profiles import VenueProfile

MATES = (ContingencyType.OCO, ContingencyType.OUO)


class Floor(Protocol):
    """What looking after linked orders takes: finding them, and three things to do to them."""

    profile: VenueProfile

    def _owners(self, account_id: AccountId, client_order_id: ClientOrderId | None) -> list[VenueOrder]: ...

    def _resize(self, order: VenueOrder, quantity: Decimal, now_ns: int) -> None: ...

    def _end(self, order: VenueOrder, status: OrderStatus, reason: str, now_ns: int) -> None: ...

    def _release(self, order: VenueOrder, now_ns: int) -> None: ...


class Contingencies:
    """Looks after the linked orders of one venue."""

    def __init__(self, venue: Floor) -> None:
        self._venue = venue
        self._by_parts = venue.profile.oto_release == "partial"
        self._partial_cancels = venue.profile.oco_on_partial == "cancel"
        self._touched: dict[int, VenueOrder] = {}
        self._children: dict[tuple[AccountId, ClientOrderId], list[VenueOrder]] = {}
        self._granted: dict[int, Decimal] = {}

    # -- coming in

    def judge(self, order: VenueOrder) -> Refusal | None:
        """Decide whether an order is held when it comes in. Return why it cannot come in at all, `None` if it can."""
        parent_id = order.request.parent_order_id
        if parent_id is not None:
            if not self._venue._owners(order.account_id, parent_id):
                return Refusal(code="UNKNOWN_PARENT", reason=f"a parent must be known here, was {parent_id}")
            order.held = True
        elif any(not mate.is_open for mate in self._mates(order)):
            order.held = True
        return None

    def join(self, order: VenueOrder) -> None:
        """Take an accepted order in."""
        parent_id = order.request.parent_order_id
        if parent_id is not None:
            self._children.setdefault((order.account_id, parent_id), []).append(order)
            self._granted[order.sequence] = ZERO
            self.note(self._venue._owners(order.account_id, parent_id)[-1])
        for mate in self._mates(order):
            self.note(mate)

    def _mates(self, order: VenueOrder) -> list[VenueOrder]:
        """Return the orders that an OCO or OUO order names, as far as they are here."""
        request = order.request
        if request.contingency_type not in MATES:
            return []
        owners = (self._venue._owners(order.account_id, name) for name in request.linked_order_ids)
        return [found[-1] for found in owners if found and found[-1] is not order]

    # -- what follows

    def note(self, order: VenueOrder) -> None:
        """Note that something happened to an order."""
        request = order.request
        if request.contingency_type is not ContingencyType.NO_CONTINGENCY or self._children_of(order):
            self._touched[order.sequence] = order
        if request.parent_order_id is not None and not order.is_open:
            # Perhaps the last child: then there is nothing left to remember of its parent.
            for parent in self._venue._owners(order.account_id, request.parent_order_id)[-1:]:
                self._touched[parent.sequence] = parent

    def settle(self, now_ns: int) -> None:
        """Do what follows from what happened, until nothing more does."""
        while self._touched:
            order = self._touched.pop(next(iter(self._touched)))
            children = self._children_of(order)
            for child in children:
                self._see_to_child(order, child, now_ns)
            if not order.is_open and not any(child.is_open for child in children):
                self._forget(order, children)
            if order.request.contingency_type in MATES and not (order.held and order.is_open):
                self._see_to_mates(order, now_ns)

    def _children_of(self, order: VenueOrder) -> list[VenueOrder]:
        if order.client_order_id is None:
            return []
        return self._children.get((order.account_id, order.client_order_id), [])

    def _forget(self, order: VenueOrder, children: list[VenueOrder]) -> None:
        for child in children:
            self._granted.pop(child.sequence, None)
        if order.client_order_id is not None:
            self._children.pop((order.account_id, order.client_order_id), None)

    def _see_to_child(self, parent: VenueOrder, child: VenueOrder, now_ns: int) -> None:
        if not child.is_open:
            return
        if child.position_id is None:
            child.position_id = parent.position_id
        filled = parent.status is OrderStatus.FILLED
        if self._by_parts and parent.filled and not filled:
            self._grant(child, self._share(parent, child), now_ns)
        elif filled:
            self._grant(child, child.request.quantity.value, now_ns)
        elif not parent.is_open and child.held:
            self._venue._end(child, OrderStatus.CANCELED, "OTO", now_ns)

    def _share(self, parent: VenueOrder, child: VenueOrder) -> Decimal:
        """Return how much of a child the filled part of its parent allows, in whole lots."""
        lot = child.instrument.size_increment.value
        share = child.request.quantity.value * min(parent.filled / parent.quantity, Decimal(1))
        return share // lot * lot

    def _grant(self, child: VenueOrder, allowed: Decimal, now_ns: int) -> None:
        """Let a child work with as much as it is allowed; what it lost to its mates meanwhile stays lost."""
        more = allowed - self._granted[child.sequence]
        if more <= 0:
            return
        self._granted[child.sequence] += more
        if not child.held:
            self._venue._resize(child, child.quantity + more, now_ns)
            self.note(child)
            return
        if child.quantity == child.request.quantity.value and more != child.quantity:
            self._venue._resize(child, more, now_ns)
        self._venue._release(child, now_ns)

    def _see_to_mates(self, order: VenueOrder, now_ns: int) -> None:
        kind = order.request.contingency_type
        if not order.is_open and order.cancel_reason == kind.name:
            return  # a mate ended it, and may go on itself
        partly = kind is ContingencyType.OCO and bool(order.filled) and self._partial_cancels
        for mate in self._mates(order):
            if not mate.is_open:
                continue
            if not order.is_open or partly:
                self._venue._end(mate, OrderStatus.CANCELED, kind.name, now_ns)
            elif kind is ContingencyType.OUO and not mate.held and mate.leaves != order.leaves:
                self._venue._resize(mate, mate.filled + order.leaves, now_ns)
