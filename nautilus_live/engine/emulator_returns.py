"""Orders that come back: released by an earlier life which died before it sent them.

Knows the bus and the cache. At a start such an order is taken for sent and asked about; when its venue has said often
enough that it never came, it is held here again (`core.inflight`). Promises: it is watched as it was before its release
from that moment on, and once its venue knows it after all it is not watched any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nautilus_live.core.conclusions import may_never_have_left
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import OrderEmulated, OrderEvent
from nautilus_live.model.identifiers import ClientOrderId, StrategyId
from nautilus_live.model.orders import Order


class Returns:
    """Waits for orders that may come back.

    Args:
        loop: holds an order again once its return was told.
        cache: the orders.
        msgbus: where their events are heard.
        take_back: holds an order again.
        forget: watches an order no longer.

    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        cache: Cache,
        msgbus: MessageBus,
        take_back: Callable[[Order], object],
        forget: Callable[[Order], object],
    ) -> None:
        self._loop = loop
        self._cache = cache
        self._msgbus = msgbus
        self._take_back = take_back
        self._forget = forget
        self._back: dict[ClientOrderId, None] = {}

    def restore(self) -> None:
        """Wait for the orders that this life found released and not sent, as far as anybody knows."""
        doubtful = (order for order in self._cache.orders_inflight() if may_never_have_left(order))
        strategies: dict[StrategyId, None] = dict.fromkeys(order.strategy_id for order in doubtful)
        for strategy_id in strategies:
            self._msgbus.subscribe(f"events.order.{strategy_id}", self._on_order_event)

    def _hold(self, order: Order) -> None:
        if order.is_emulated:
            self._take_back(order)

    def _on_order_event(self, event: OrderEvent) -> None:
        is_return = type(event) is OrderEmulated and event.provenance is Provenance.POLICY
        if not is_return and event.client_order_id not in self._back:
            return
        order = self._cache.order(event.client_order_id)
        if order is None:
            return
        if is_return and order.is_emulated:
            self._back[order.client_order_id] = None
            self._loop.call_soon(self._hold, order)  # what comes of it is told after everybody has heard of this
        elif not order.is_emulated:
            self._back.pop(order.client_order_id, None)
            self._forget(order)
