"""A user of the TWAP algorithm: buys and sells in turn, each time in pieces over a time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from nautilus_live.config import PositiveFloat, StrategyConfig
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import ExecAlgorithmId, InstrumentId
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.strategy import Strategy

TIMER = "next trade"


class TWAPUserConfig(StrategyConfig, frozen=True):
    """What is traded, how much, how often (seconds), and over which time each trade is spread."""

    instrument_id: InstrumentId
    trade_size: Decimal
    every_secs: PositiveFloat = 120.0
    horizon_secs: PositiveFloat = 60.0
    interval_secs: PositiveFloat = 10.0


class TWAPUser(Strategy):
    """Begins a trade at each turn of its timer, unless the last one is still being worked."""

    def __init__(self, config: TWAPUserConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        """Set the timer, and see what the market does."""
        self.subscribe_quote_ticks(self.config.instrument_id)
        self.clock.set_timer(TIMER, timedelta(seconds=self.config.every_secs), callback=self.on_turn)

    def on_turn(self, event: TimeEvent) -> None:
        """Buy when flat, sell what is held otherwise."""
        instrument_id = self.config.instrument_id
        instrument = self.cache.instrument(instrument_id)
        if instrument is None or any(not order.is_closed for order in self.cache.orders(strategy_id=self.id)):
            return
        net = self.portfolio.net_position(instrument_id)
        side = OrderSide.SELL if net > 0 else OrderSide.BUY
        self.submit_order(
            self.order_factory.market(
                instrument_id,
                side,
                instrument.make_qty(abs(net) or self.config.trade_size),
                exec_algorithm_id=ExecAlgorithmId("TWAP"),
                exec_algorithm_params={
                    "horizon_secs": self.config.horizon_secs,
                    "interval_secs": self.config.interval_secs,
                },
            )
        )

    def on_stop(self) -> None:
        """Leave the market."""
        self.clock.cancel_timers()
        self.cancel_all_orders(self.config.instrument_id)
        self.close_all_positions(self.config.instrument_id)
