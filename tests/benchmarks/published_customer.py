"""A customer of an execution algorithm: now and then it gives it an order to work, one at a time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from nautilus_live.config import StrategyConfig
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import ExecAlgorithmId, InstrumentId
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.strategy import Strategy

EVERY = timedelta(seconds=20)
PATIENCE_NS = 120_000_000_000
"""After which an order that its algorithm leaves lying is taken back."""
PARAMS = {"horizon_secs": 30.0, "interval_secs": 5.0}


class CustomerConfig(StrategyConfig, frozen=True):
    """What is traded, how much each time, and by which algorithm."""

    instrument_id: InstrumentId
    trade_size: Decimal
    exec_algorithm_id: ExecAlgorithmId


class Customer(Strategy):
    """Buys when flat, sells what it holds otherwise; waits while an order is being worked."""

    def __init__(self, config: CustomerConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        """Take back what no algorithm works any more; hear quotes, which an order may need, and set the timer."""
        for order in self.cache.orders(strategy_id=self.id):
            if not order.is_closed:
                self.cancel_order(order)
        self.subscribe_quote_ticks(self.config.instrument_id)
        self.clock.set_timer("next order", EVERY, callback=self.on_turn)

    def on_turn(self, event: TimeEvent) -> None:
        """Give the algorithm an order."""
        instrument_id = self.config.instrument_id
        instrument = self.cache.instrument(instrument_id)
        open_orders = [order for order in self.cache.orders(strategy_id=self.id) if not order.is_closed]
        for order in open_orders:
            if event.ts_event - order.ts_init > PATIENCE_NS and not order.is_pending_cancel:
                self.cancel_order(order)
        if instrument is None or open_orders:
            return
        net = self.portfolio.net_position(instrument_id)
        order = self.order_factory.market(
            instrument_id,
            OrderSide.SELL if net > 0 else OrderSide.BUY,
            instrument.make_qty(abs(net) or self.config.trade_size),
            exec_algorithm_id=self.config.exec_algorithm_id,
            exec_algorithm_params=PARAMS,
        )
        self.submit_order(order)
