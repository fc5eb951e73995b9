"""Leaving the market: cancel everything, close everything, look again until it is so, and give up in the end.

Knows its strategy's commands. One look every `market_exit_interval_ms`: while orders of the strategy work, are under
way or are held here, the exit waits (and cancels again what still works); once there are none and a position is open,
it is closed (again: a close may be refused). It is done when there is neither, or after `market_exit_max_attempts`
looks, and then says what is left. Meanwhile the strategy's other orders are denied unless they only reduce.
"""

from __future__ import annotations

from collections.abc import Callable

from nautilus_live.model.identifiers import ClientOrderId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.order_commands import OrderCommands

TAG = "MARKET_EXIT"
NANOSECONDS_PER_MILLISECOND = 1_000_000


class MarketExit:
    """The exit of one strategy.

    Args:
        strategy: the strategy, as far as it gives commands.
        on_begin: called when the exit begins, before anything is canceled.
        on_end: called when it is over.

    """

    def __init__(self, strategy: OrderCommands, on_begin: Callable[[], object], on_end: Callable[[], object]) -> None:
        self.is_active = False
        self._strategy = strategy
        self._on_begin = on_begin
        self._on_end = on_end
        self._attempts = 0
        self._closing: dict[ClientOrderId, Order] = {}
        self._then: list[Callable[[], object]] = []

    def begin(self, then: Callable[[], object] | None = None) -> None:
        """Begin, unless it is under way; `then` is called once it is over."""
        if then is not None:
            self._then.append(then)
        if self.is_active:
            return
        self.is_active = True
        self._attempts = 0
        self._closing.clear()
        self._strategy.log.info("leaves the market")
        self._on_begin()
        for instrument_id in dict.fromkeys(order.instrument_id for order in self._live()):
            self._strategy.cancel_all_orders(instrument_id)
        self._look()

    def why_not(self, order: Order) -> str:
        """Return why an order must not be submitted now, an empty text if it may."""
        if not self.is_active or order.is_reduce_only or TAG in order.init.tags:
            return ""
        return "market exit: no order that could increase a position may leave while the market is left"

    def on_submitted(self, order: Order) -> None:
        """Take note of a closing order: until it is over, no other one is sent for its instrument."""
        if self.is_active and TAG in order.init.tags:
            self._closing[order.client_order_id] = order

    def _look(self) -> None:
        strategy = self._strategy
        live = self._live()
        positions = strategy.cache.positions_open(strategy_id=strategy.id)
        if not live and not positions:
            self._end("has left the market")
            return
        if self._attempts >= strategy.config.market_exit_max_attempts:
            left = ", ".join(str(one) for one in (*live, *positions))
            strategy.log.error("gives up leaving the market after %d looks, left: %s", self._attempts, left)
            self._end("has not left the market")
            return
        self._attempts += 1
        closing: dict[InstrumentId, None] = {}
        for order in live:
            if TAG in order.init.tags:
                closing[order.instrument_id] = None
            elif not (order.is_inflight or order.is_pending_cancel) and self._attempts > 1:
                strategy.cancel_order(order)
        for position in positions:
            if position.instrument_id not in closing:
                strategy.close_position(
                    position,
                    tags=[TAG],
                    time_in_force=strategy.config.market_exit_time_in_force,
                    reduce_only=strategy.config.market_exit_reduce_only,
                )
        due = strategy.clock.timestamp_ns() + strategy.config.market_exit_interval_ms * NANOSECONDS_PER_MILLISECOND
        strategy.clock.set_time_alert(f"{TAG}:{strategy.id}", due, self._on_time, override=True)

    def _on_time(self, _: TimeEvent) -> None:
        if self.is_active:
            self._look()

    def _end(self, how: str) -> None:
        self.is_active = False
        self._strategy.log.info("%s", how)
        self._on_end()
        waiting, self._then = self._then, []
        for then in waiting:
            then()

    def _live(self) -> list[Order]:
        cache, strategy_id = self._strategy.cache, self._strategy.id
        found = [
            *cache.orders_open(strategy_id=strategy_id),
            *cache.orders_inflight(strategy_id=strategy_id),
            *cache.orders_held_here(strategy_id=strategy_id),
            *cache.orders_worked_here(strategy_id=strategy_id),
            *(one for one in self._closing.values() if not one.is_closed),
        ]
        return list({order.client_order_id: order for order in found}.values())
