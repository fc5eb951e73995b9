"""EMA cross: in the market on the side on which the fast average lies, one position at a time."""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.config import PositiveInt, StrategyConfig
from nautilus_live.indicators import ExponentialMovingAverage
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.trading.strategy import Strategy


class EMACrossConfig(StrategyConfig, frozen=True):
    """What is traded, on which bars, how much, and the periods of the two averages."""

    instrument_id: InstrumentId
    bar_type: BarType
    trade_size: Decimal
    fast_ema_period: PositiveInt = 10
    slow_ema_period: PositiveInt = 20


class EMACross(Strategy):
    """Turns its position around when the averages cross; flat when it stops."""

    def __init__(self, config: EMACrossConfig) -> None:
        if config.fast_ema_period >= config.slow_ema_period:
            raise ValueError(
                f"fast_ema_period must be less than slow_ema_period {config.slow_ema_period},"
                f" was {config.fast_ema_period}"
            )
        super().__init__(config)
        self.fast_ema = ExponentialMovingAverage(config.fast_ema_period)
        self.slow_ema = ExponentialMovingAverage(config.slow_ema_period)

    def on_start(self) -> None:
        """Let the averages follow the bars."""
        self.register_indicator_for_bars(self.config.bar_type, self.fast_ema)
        self.register_indicator_for_bars(self.config.bar_type, self.slow_ema)
        self.subscribe_bars(self.config.bar_type)

    def on_bar(self, bar: Bar) -> None:
        """Be long above the slow average, short below it."""
        if not self.indicators_initialized() or bar.is_single_price():
            return
        instrument_id = self.config.instrument_id
        if self.cache.orders_inflight(instrument_id=instrument_id):
            return  # what was asked for last time is not known yet
        if self.fast_ema.value >= self.slow_ema.value:
            if not self.portfolio.is_net_long(instrument_id):
                self.enter(OrderSide.BUY)
        elif not self.portfolio.is_net_short(instrument_id):
            self.enter(OrderSide.SELL)

    def enter(self, side: OrderSide) -> None:
        """Close what is held, and take the other side."""
        instrument = self.cache.instrument(self.config.instrument_id)
        if instrument is None:
            self.log.error(f"{self.config.instrument_id}: not known")
            return
        self.close_all_positions(instrument.id)
        quantity = instrument.make_qty(self.config.trade_size)
        self.submit_order(self.order_factory.market(instrument.id, side, quantity))

    def on_stop(self) -> None:
        """Leave the market."""
        self.cancel_all_orders(self.config.instrument_id)
        self.close_all_positions(self.config.instrument_id)

    def on_reset(self) -> None:
        """Forget what the averages have seen."""
        self.fast_ema.reset()
        self.slow_ema.reset()
