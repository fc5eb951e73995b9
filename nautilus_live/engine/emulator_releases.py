"""How triggered orders leave the order emulator, or wait until they may.

Knows the execution engine's holds, the bus and the dates. Promises: an order whose trigger was reached is sent once;
while its venue cannot be reached, or must not get orders, it is kept and an alarm says so; what is due is tried again
whenever something that kept it back may be over; one whose date has come is not sent any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal

from nautilus_live.engine.alarms import CONNECTION_TOPIC, STREAM_GAP_TOPIC, UNCERTAIN_TOPIC, Notices
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.deadlines import Deadlines
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.local_orders import RISK, LocalOrders
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.events import OrderReleased
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order

LAST = -10


class Releases:
    """Lets triggered orders go.

    Args:
        msgbus: tells of what may end a wait, and takes the orders that leave.
        cache: the orders.
        execution: knows which clients are held.
        orders: speaks about orders.
        deadlines: the dates of orders.
        notices: where alarms go.
        forget: watches an order no longer.
        expire: ends an order whose date has come.
        log: where to log.

    """

    def __init__(
        self,
        *,
        msgbus: MessageBus,
        cache: Cache,
        execution: ExecutionEngine,
        orders: LocalOrders,
        deadlines: Deadlines,
        notices: Notices,
        forget: Callable[[Order], object],
        expire: Callable[[Order], object],
        log: logging.Logger,
    ) -> None:
        self._msgbus = msgbus
        self._cache = cache
        self._execution = execution
        self._orders = orders
        self._deadlines = deadlines
        self._notices = notices
        self._forget = forget
        self._expire = expire
        self._log = log
        self._due: dict[ClientOrderId, tuple[Decimal, int]] = {}
        for topic in (CONNECTION_TOPIC, STREAM_GAP_TOPIC, UNCERTAIN_TOPIC):
            msgbus.subscribe(topic, self._try_again, priority=LAST)

    def release(self, order: Order, price: Decimal, precision: int) -> None:
        """Send an order that was triggered at `price`, or keep it until it may be sent."""
        if self._deadlines.is_over(order):
            self._expire(order)
            return
        reason = self._held_by(order)
        if reason:
            if order.client_order_id not in self._due:
                text = f"{order.client_order_id}: triggered at {price}, and not sent yet: {reason}"
                self._notices.alarm("emulator.cannot_release", text, client_order_id=order.client_order_id)
            self._due[order.client_order_id] = price, precision
            return
        self._forget(order)
        if self._orders.say(order, OrderReleased, released_price=Price(price, precision)):
            self._log.info("%s: triggered at %s, released as %s", order.client_order_id, price, order.order_type)
            self.send_on(order)

    def send_on(self, order: Order) -> None:
        """Let an order that is held here no more go where it belongs: to its algorithm, or on its way to the venue."""
        algorithm = order.exec_algorithm_id
        endpoint = RISK if algorithm is None else f"{algorithm}.execute"
        if not self._msgbus.is_registered(endpoint):
            self._orders.deny(order, f"exec_algorithm_id: {algorithm} is not there")
            return
        self._orders.send_on(order, endpoint)

    def drop(self, order: Order) -> None:
        """Do not try to send an order again."""
        self._due.pop(order.client_order_id, None)

    def clear(self) -> None:
        """Try nothing again."""
        self._due.clear()

    def _held_by(self, order: Order) -> str:
        client = self._execution.client_for(order.instrument_id, self._cache.client_id(order.client_order_id))
        return "" if client is None else self._execution.holds.against_orders(client.id, [order])

    def _try_again(self, _: object) -> None:
        for client_order_id, (price, precision) in list(self._due.items()):
            order = self._cache.order(client_order_id)
            if order is not None and order.is_emulated:
                self.release(order, price, precision)
