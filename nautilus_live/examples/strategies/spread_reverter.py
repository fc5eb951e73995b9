"""Spread reverter: against the spread of two instruments when it has gone far, out when it is back in the middle."""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.config import PositiveInt, StrategyConfig
from nautilus_live.indicators import SimpleMovingAverage
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId, Symbol
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.trading.strategy import Strategy


class SpreadReverterConfig(StrategyConfig, frozen=True):
    """The two legs, how much of each, how far the spread must be from its mean, and over how many minutes that is."""

    first_id: InstrumentId
    second_id: InstrumentId
    trade_size: Decimal
    distance: Decimal
    period: PositiveInt = 3


class SpreadReverter(Strategy):
    """Looks at minute bars of a synthetic instrument, the first leg less the second; flat when it stops."""

    def __init__(self, config: SpreadReverterConfig) -> None:
        super().__init__(config)
        self.mean = SimpleMovingAverage(config.period)

    def on_start(self) -> None:
        """Make the spread an instrument, and let its bars be made."""
        legs = [self.config.first_id, self.config.second_id]
        spread = SyntheticInstrument(
            symbol=Symbol("SPREAD"), price_precision=2, components=legs, formula=" - ".join(leg.value for leg in legs)
        )
        if self.cache.synthetic(spread.id) is None:
            self.add_synthetic(spread)
        self.subscribe_bars(BarType.from_str(f"{spread.id}-1-MINUTE-MID-INTERNAL"))

    def on_bar(self, bar: Bar) -> None:
        """Trade against what is far from the mean of the bars before, leave where it is crossed."""
        self.log.info(f"{bar.bar_type}: {bar.close}, a mean of {self.mean.value:.2f}")
        off = bar.close.as_decimal() - Decimal(str(self.mean.value))
        is_ready = self.mean.initialized
        self.mean.update_raw(bar.close.as_double())
        first_id = self.config.first_id
        if not is_ready or self.cache.orders_inflight(instrument_id=first_id):
            return
        held = self.portfolio.net_position(first_id)
        if held and (held > 0) == (off > 0):
            self.leave()
        elif not held and abs(off) >= self.config.distance:
            self.enter(OrderSide.SELL if off > 0 else OrderSide.BUY)

    def enter(self, side: OrderSide) -> None:
        """Take that side of the spread: of the first leg, and the other one of the second."""
        other = OrderSide.SELL if side is OrderSide.BUY else OrderSide.BUY
        for instrument_id, leg_side in ((self.config.first_id, side), (self.config.second_id, other)):
            instrument = self.cache.instrument(instrument_id)
            if instrument is None:
                self.log.error(f"{instrument_id}: not known")
                return
            quantity = instrument.make_qty(self.config.trade_size)
            self.submit_order(self.order_factory.market(instrument_id, leg_side, quantity))

    def leave(self) -> None:
        """Close both legs."""
        for instrument_id in (self.config.first_id, self.config.second_id):
            self.close_all_positions(instrument_id)

    def on_stop(self) -> None:
        """Leave the market."""
        self.leave()

    def on_reset(self) -> None:
        """Forget the mean."""
        self.mean.reset()
