"""TWAP: an order worked in equal pieces over a time, each sent at an interval as a market order.

The order says how, in `exec_algorithm_params`: `horizon_secs`, the time in all, and `interval_secs` between two pieces.
The last piece is the order itself, with all that the pieces before it did not fill: the horizon is kept, whatever was
refused or found no market. What cannot be cut into pieces that the instrument allows is sent whole, at once. After a
restart the pieces that are left go on at the interval, the first of them at once.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, InvalidOperation

from nautilus_live.config.strategy import ExecAlgorithmConfig
from nautilus_live.model.enums import OrderType
from nautilus_live.model.identifiers import ClientOrderId, ExecAlgorithmId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.exec_algorithm import ExecAlgorithm

NANOSECONDS_PER_SECOND = 1_000_000_000


class TWAPExecAlgorithmConfig(ExecAlgorithmConfig, frozen=True):
    """The settings of the algorithm: only its id."""

    exec_algorithm_id: ExecAlgorithmId | None = ExecAlgorithmId("TWAP")


class TWAPExecAlgorithm(ExecAlgorithm):
    """Spreads market orders evenly over time."""

    def __init__(self, config: TWAPExecAlgorithmConfig | None = None) -> None:
        super().__init__(TWAPExecAlgorithmConfig() if config is None else config)
        self._pieces: dict[ClientOrderId, tuple[Quantity, int]] = {}

    def on_order(self, order: Order) -> None:
        """Begin to work an order: the first piece leaves at once."""
        problem = self._problem(order)
        if problem:
            self.log.error(f"{order.client_order_id}: {problem}; canceled")
            self.cancel_order(order)
            return
        self._work(order, int(_seconds(order, "horizon_secs") / _seconds(order, "interval_secs")))

    def on_order_restored(self, order: Order) -> None:
        """Go on with an order of an earlier life."""
        if self._problem(order):
            super().on_order_restored(order)
            return
        left = order.quantity.value / order.init_event.quantity.value
        self._work(order, int(_seconds(order, "horizon_secs") / _seconds(order, "interval_secs") * left))

    def on_reset(self) -> None:
        """Forget what was being worked."""
        self._pieces.clear()

    def _problem(self, order: Order) -> str:
        horizon, interval = _seconds(order, "horizon_secs"), _seconds(order, "interval_secs")
        if order.order_type is not OrderType.MARKET:
            return f"must be a MARKET order, was {order.order_type}"
        if not horizon or not interval:
            params = order.exec_algorithm_params
            return f"exec_algorithm_params must have horizon_secs and interval_secs, both > 0, were {params}"
        if horizon < interval:
            return f"horizon_secs must not be less than interval_secs, were {horizon} and {interval}"
        return "" if self.cache.instrument(order.instrument_id) is not None else f"{order.instrument_id} is not known"

    def _work(self, order: Order, count: int) -> None:
        instrument = self.cache.instrument(order.instrument_id)
        assert instrument is not None, "looked at before"
        piece = (order.quantity.value / max(count, 1)).quantize(instrument.size_increment.value, ROUND_DOWN)
        least = instrument.size_increment if instrument.min_quantity is None else instrument.min_quantity
        if count <= 1 or piece < least.value:
            self.submit_order(order)
            return
        self._pieces[order.client_order_id] = instrument.make_qty(piece), count
        self._send_piece(order)
        interval_ns = max(int(_seconds(order, "interval_secs") * NANOSECONDS_PER_SECOND), 1)
        self.clock.set_timer_ns(order.client_order_id.value, interval_ns, callback=self._on_interval)

    def _on_interval(self, event: TimeEvent) -> None:
        order = self.cache.order(ClientOrderId(event.name))
        if order is None or not self.is_held(order):
            self._finish(ClientOrderId(event.name))
        else:
            self._send_piece(order)

    def _send_piece(self, order: Order) -> None:
        piece, count = self._pieces[order.client_order_id]
        if count <= 1 or order.quantity.value < piece.value * 2:  # the last one takes what is left over, too
            self._finish(order.client_order_id)
            self.submit_order(order)
            return
        self._pieces[order.client_order_id] = piece, count - 1
        made = self.spawn_market(order, piece, order.time_in_force, order.is_reduce_only, order.tags)
        self.submit_order(made)

    def _finish(self, client_order_id: ClientOrderId) -> None:
        self.clock.cancel_timer(client_order_id.value)
        self._pieces.pop(client_order_id, None)


def _seconds(order: Order, name: str) -> Decimal:
    """Return a time that the order's parameters give; 0 for what is not a number of seconds above 0."""
    try:
        seconds = Decimal(str((order.exec_algorithm_params or {}).get(name)))
    except InvalidOperation:
        return Decimal(0)
    return seconds if seconds.is_finite() and seconds > 0 else Decimal(0)
