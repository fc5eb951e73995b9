"""Good-till-date, kept by the strategy: orders whose date has come are canceled (`manage_gtd_expiry`).

One alert on the strategy's clock for each open GTD order. At a start the alerts of the orders in the cache are set
anew; an order whose date came while the node was down is canceled at once. A refused cancel is tried again, because
the date has not gone away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nautilus_live.model.enums import TimeInForce
from nautilus_live.model.events import OrderCancelRejected, OrderEvent
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import Order
from nautilus_live.trading.clock import TimeEvent

if TYPE_CHECKING:
    from nautilus_live.trading.strategy import Strategy

RETRY_AFTER_NS = 5_000_000_000
PREFIX = "GTD-EXPIRY:"


class GtdExpiries:
    """The dates of one strategy's orders."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy

    def watch(self, order: Order) -> None:
        """Cancel `order` when its date comes, unless it has ended by then."""
        if order.time_in_force is TimeInForce.GTD and not order.is_closed:
            self._alert(order.client_order_id, order.expire_time_ns)

    def restore(self, orders: Iterable[Order]) -> None:
        """Watch the orders that an earlier run left open."""
        for order in orders:
            self.watch(order)

    def on_order_event(self, event: OrderEvent) -> None:
        """Stop watching an order that has ended; go on watching one whose cancel was refused."""
        order = self._strategy.cache.order(event.client_order_id)
        if order is None or order.time_in_force is not TimeInForce.GTD:
            return
        if order.is_closed:
            self._strategy.clock.cancel_timer(PREFIX + event.client_order_id.value)
        elif type(event) is OrderCancelRejected:
            now = self._strategy.clock.timestamp_ns()
            self._alert(event.client_order_id, max(order.expire_time_ns, now + RETRY_AFTER_NS))

    def _alert(self, client_order_id: ClientOrderId, due_ns: int) -> None:
        name = PREFIX + client_order_id.value
        self._strategy.clock.set_time_alert(name, due_ns, self._on_date, override=True)

    def _on_date(self, event: TimeEvent) -> None:
        strategy = self._strategy
        order = strategy.cache.order(ClientOrderId(event.name.removeprefix(PREFIX)))
        if order is None or order.is_closed:
            return
        if order.is_inflight and not order.is_open:
            # Not accepted yet: there is nothing the venue could cancel.
            self._alert(order.client_order_id, strategy.clock.timestamp_ns() + RETRY_AFTER_NS)
            return
        strategy.log.info("%s: its date has come, canceling", order.client_order_id)
        strategy.cancel_order(order)
