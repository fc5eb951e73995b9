"""A strategy that shows its gauges: what indicators say after each bar, and what the cache holds of a market."""

from __future__ import annotations

from nautilus_live.config import StrategyConfig
from nautilus_live.indicators import (
    AroonOscillator,
    AverageTrueRange,
    BollingerBands,
    DonchianChannel,
    DoubleExponentialMovingAverage,
    ExponentialMovingAverage,
    HullMovingAverage,
    Indicator,
    KeltnerChannel,
    MovingAverageConvergenceDivergence,
    RateOfChange,
    RelativeStrengthIndex,
    SimpleMovingAverage,
    Stochastics,
    VolumeWeightedAveragePrice,
    WeightedMovingAverage,
)
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.identifiers import InstrumentId
from scenarios.scripted_strategy import ScriptedStrategy


class GaugesConfig(StrategyConfig, frozen=True):
    """Settings of `Gauges`.

    Attributes:
        instrument_id: the market.
        bars: which of its bars, as in `1-MINUTE-LAST-EXTERNAL`.
        warm_up: whether past bars are asked for at the start.

    """

    instrument_id: InstrumentId
    bars: str
    warm_up: bool = True


class Gauges(ScriptedStrategy):
    """Logs, after each bar, every gauge that is warm; what is not says so."""

    def __init__(self, config: GaugesConfig) -> None:
        super().__init__(config)
        self.gauges: dict[str, tuple[Indicator, str]] = {
            "SMA": (SimpleMovingAverage(3), "value"),
            "EMA": (ExponentialMovingAverage(3), "value"),
            "WMA": (WeightedMovingAverage(3), "value"),
            "HMA": (HullMovingAverage(3), "value"),
            "DEMA": (DoubleExponentialMovingAverage(3), "value"),
            "MACD": (MovingAverageConvergenceDivergence(2, 3), "value"),
            "RSI": (RelativeStrengthIndex(3), "value"),
            "ATR": (AverageTrueRange(3), "value"),
            "BB": (BollingerBands(3, 2.0), "upper"),
            "DC": (DonchianChannel(3), "upper"),
            "KC": (KeltnerChannel(3, 2.0), "upper"),
            "STOCH": (Stochastics(3, 2), "value_k"),
            "VWAP": (VolumeWeightedAveragePrice(), "value"),
            "AROON": (AroonOscillator(3), "value"),
            "ROC": (RateOfChange(3), "value"),
        }

    def on_start(self) -> None:
        """Ask for the past first, so that the gauges are warm when the first bar comes."""
        super().on_start()
        bar_type = BarType.from_str(f"{self.config.instrument_id}-{self.config.bars}")
        for gauge, _ in self.gauges.values():
            self.register_indicator_for_bars(bar_type, gauge)
        if self.config.warm_up:
            self.request_bars(bar_type)
        self.subscribe_bars(bar_type)

    def on_bar(self, bar: Bar) -> None:
        """Show the gauges."""
        cache, instrument_id = self.cache, self.config.instrument_id
        shown = [
            f"{name}={getattr(gauge, figure):.4f}" if gauge.initialized else f"{name}=cold"
            for name, (gauge, figure) in self.gauges.items()
        ]
        self.log.info(f"gauges {' '.join(shown)}")
        counts = (
            cache.quote_tick_count(instrument_id),
            cache.trade_tick_count(instrument_id),
            cache.bar_count(bar.bar_type),
        )
        self.log.info(f"cache {counts[0]} quotes {counts[1]} trades {counts[2]} bars")
