"""EMA cross with brackets: each entry has a stop and a target, some average true ranges away."""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.config import PositiveFloat, PositiveInt
from nautilus_live.examples.strategies.ema_cross import EMACross, EMACrossConfig
from nautilus_live.indicators import AverageTrueRange
from nautilus_live.model.bars import Bar
from nautilus_live.model.enums import OrderSide, TriggerType
from nautilus_live.model.objects import Price


class EMACrossBracketConfig(EMACrossConfig, frozen=True):
    """As the plain one; further the distance of stop and target, and whether they are held here until triggered."""

    atr_period: PositiveInt = 20
    bracket_distance_atr: PositiveFloat = 3.0
    emulation_trigger: str = "NO_TRIGGER"


class EMACrossBracket(EMACross):
    """Enters at the market, leaves at the stop or the target, whichever is first; one of them ends the other."""

    def __init__(self, config: EMACrossBracketConfig) -> None:
        super().__init__(config)
        self.atr = AverageTrueRange(config.atr_period)

    def on_start(self) -> None:
        """Let the range follow the bars, too."""
        self.register_indicator_for_bars(self.config.bar_type, self.atr)
        super().on_start()

    def on_bar(self, bar: Bar) -> None:
        """Enter when the averages have crossed and nothing of the last entry is left."""
        if not self.indicators_initialized() or bar.is_single_price():
            return
        instrument_id = self.config.instrument_id
        waiting = self.cache.orders_inflight(instrument_id=instrument_id, strategy_id=self.id)
        working = self.cache.orders_open(instrument_id=instrument_id, strategy_id=self.id)
        emulated = self.cache.orders_emulated(instrument_id=instrument_id, strategy_id=self.id)
        if waiting or working or emulated or not self.portfolio.is_flat(instrument_id):
            return
        side = OrderSide.BUY if self.fast_ema.value >= self.slow_ema.value else OrderSide.SELL
        self._enter_with_bracket(side, bar.close)

    def _enter_with_bracket(self, side: OrderSide, price: Price) -> None:
        instrument = self.cache.instrument(self.config.instrument_id)
        if instrument is None:
            self.log.error(f"{self.config.instrument_id}: not known")
            return
        distance = Decimal(str(self.config.bracket_distance_atr * self.atr.value))
        away = max(distance, 2 * instrument.price_increment.value) * (1 if side is OrderSide.BUY else -1)
        self.submit_order_list(
            self.order_factory.bracket(
                instrument_id=instrument.id,
                order_side=side,
                quantity=instrument.make_qty(self.config.trade_size),
                sl_trigger_price=instrument.make_price(price.value - away),
                tp_price=instrument.make_price(price.value + away),
                emulation_trigger=TriggerType[self.config.emulation_trigger],
            )
        )

    def on_reset(self) -> None:
        """Forget the range, too."""
        super().on_reset()
        self.atr.reset()
