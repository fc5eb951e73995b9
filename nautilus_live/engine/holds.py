"""Holds: where nothing new is sent, because we do not know what the venue holds.

Knows the cache, the doubts and the clients held; the router of commands asks. Two kinds:

1. A client is held (halted, disconnected, or back and not reconciled yet): no new order goes to it, nothing is
   modified. Cancels pass: they reduce risk, and the venue may well hear them.
2. An instrument is uncertain (`engine.doubts`) and `uncertain_policy` is `hold`: no order goes out that could add to
   the exposure. What closes a position passes, and so do cancels.

Nothing costs anything while there is nothing to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nautilus_live.engine.cache import Cache
from nautilus_live.engine.doubts import Doubts
from nautilus_live.engine.risk_rules import increase_problem
from nautilus_live.model.commands import ModifyOrder
from nautilus_live.model.identifiers import ClientId
from nautilus_live.model.orders import Order

ZERO = Decimal(0)


class Holds:
    """The held clients and instruments of one engine.

    Args:
        cache: positions and orders.
        doubts: the uncertain instruments.
        holds_uncertain: whether an uncertain instrument takes no new exposure.

    """

    def __init__(self, cache: Cache, doubts: Doubts, *, holds_uncertain: bool) -> None:
        self._cache = cache
        self._doubts = doubts
        self._holds_uncertain = holds_uncertain
        self.clients: dict[ClientId, dict[str, str]] = {}
        """The held clients, each with its reasons by cause."""

    def hold(self, client_id: ClientId, cause: str, reason: str) -> None:
        """Let nothing new go to a client; each cause has a reason of its own, and is released on its own."""
        self.clients.setdefault(client_id, {})[cause] = reason

    def release(self, client_id: ClientId, cause: str) -> bool:
        """End a hold; returns whether there was one. Other causes go on holding."""
        causes = self.clients.get(client_id, {})
        held = causes.pop(cause, None) is not None
        if not causes:
            self.clients.pop(client_id, None)
        return held

    def reason(self, client_id: ClientId) -> str:
        """Return why a client is held, an empty text if it is not."""
        return "; ".join(self.clients.get(client_id, {}).values())

    def against_orders(self, client_id: ClientId, orders: Sequence[Order]) -> str:
        """Return why new orders must not leave, an empty text if they may."""
        if self.clients:
            reason = self.reason(client_id)
            if reason:
                return reason
        if self._doubts.reasons and self._holds_uncertain:
            for order in orders:
                problem = self._exposure_problem(order, order.quantity.value)
                if problem:
                    return problem
        return ""

    def against_modification(self, client_id: ClientId, command: ModifyOrder, order: Order) -> str:
        """Return why an order must not be modified, an empty text if it may."""
        if self.clients:
            reason = self.reason(client_id)
            if reason:
                return reason
        if self._doubts.reasons and self._holds_uncertain and command.quantity is not None:
            more = command.quantity.value - order.quantity.value
            if more > 0:
                return self._exposure_problem(order, more)
        return ""

    def _exposure_problem(self, order: Order, quantity: Decimal) -> str:
        doubt = self._doubts.reason(order.instrument_id)
        if not doubt or order.init.reduce_only:  # the venue itself sees to it that such an order only closes
            return ""
        net = sum((one.signed_qty for one in self._cache.positions_open(instrument_id=order.instrument_id)), ZERO)
        problem = increase_problem(order, quantity, net, self._closing(order))
        if not problem:
            return ""
        return (
            f"{order.instrument_id} is uncertain ({doubt}), and {problem}; it is released by the venue's answer or by"
            " clear_uncertain()"
        )

    def _closing(self, order: Order) -> Decimal:
        """Return how much of our other orders may still trade on this side, those we only believe ended included."""
        cache, instrument_id = self._cache, order.instrument_id
        working = [
            *cache.orders_open(instrument_id=instrument_id),
            *cache.orders_inflight(instrument_id=instrument_id),
            *self._doubts.orders_of(instrument_id),
        ]
        others = {one.client_order_id: one for one in working if one is not order and one.side is order.side}
        return sum((one.quantity.value - one.filled_qty.value for one in others.values()), ZERO)
