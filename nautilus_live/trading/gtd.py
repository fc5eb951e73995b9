"""Good-till-date, kept by the strategy: orders whose date has come are canceled (`manage_gtd_expiry`).

One alert on the strategy's clock for each GTD order that is not over; `core.gtd` says what is due. At a start the
alerts of the orders in the cache are set anew; an order whose date came while the node was down is canceled at once.
Nothing but the order's end ends the watch: a cancel that was refused or lost is tried again, because the date has not
gone away.
"""

from __future__ import annotations

from collections.abc import Iterable

from nautilus_live.core.gtd import LookAt, due
from nautilus_live.model.enums import TimeInForce
from nautilus_live.model.events import OrderCancelRejected, OrderEvent, OrderReleased
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import Order
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.order_commands import OrderCommands

PREFIX = "GTD-EXPIRY:"


class GtdExpiries:
    """The dates of one strategy's orders."""

    def __init__(self, strategy: OrderCommands) -> None:
        self._strategy = strategy

    def watch(self, order: Order) -> None:
        """Cancel `order` when its date comes, unless it has ended by then."""
        found = due(order, self._strategy.clock.timestamp_ns())
        if found is not None:
            self._alert(order.client_order_id, found.due_ns if isinstance(found, LookAt) else order.expire_time_ns)

    def forget(self, order: Order) -> None:
        """Let the date of `order` pass."""
        self._strategy.clock.cancel_timer(PREFIX + order.client_order_id.value)

    def restore(self, orders: Iterable[Order]) -> None:
        """Watch the orders that an earlier run left open."""
        for order in orders:
            self.watch(order)

    def on_order_event(self, event: OrderEvent) -> None:
        """Stop watching an order that has ended; begin with one that the emulator let go of."""
        order = self._strategy.cache.order(event.client_order_id)
        if order is None or order.time_in_force is not TimeInForce.GTD:
            return
        if order.is_closed:
            self.forget(order)
        elif type(event) in (OrderReleased, OrderCancelRejected):
            self._look_again(order)

    def _look_again(self, order: Order) -> None:
        found = due(order, self._strategy.clock.timestamp_ns())
        if found is not None:
            self._alert(order.client_order_id, found.due_ns if isinstance(found, LookAt) else found.check_ns)

    def _alert(self, client_order_id: ClientOrderId, due_ns: int) -> None:
        name = PREFIX + client_order_id.value
        self._strategy.clock.set_time_alert(name, due_ns, self._on_date, override=True)

    def _on_date(self, event: TimeEvent) -> None:
        strategy = self._strategy
        order = strategy.cache.order(ClientOrderId(event.name.removeprefix(PREFIX)))
        found = None if order is None else due(order, strategy.clock.timestamp_ns())
        if order is None or found is None:
            return
        if isinstance(found, LookAt):
            self._alert(order.client_order_id, found.due_ns)
            return
        self._alert(order.client_order_id, found.check_ns)
        strategy.log.info("%s: its date has come, canceling", order.client_order_id)
        strategy.cancel_order(order)
