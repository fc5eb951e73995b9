"""Indicators that strategies register or feed themselves: incremental, constant memory, never NaN."""

from __future__ import annotations

from nautilus_live.indicators.adaptive import (
    AdaptiveMovingAverage,
    ChandeMomentumOscillator,
    EfficiencyRatio,
    MovingAverageFactory,
    VariableIndexDynamicAverage,
)
from nautilus_live.indicators.averages import (
    DoubleExponentialMovingAverage,
    ExponentialMovingAverage,
    HullMovingAverage,
    MovingAverage,
    MovingAverageType,
    SimpleMovingAverage,
    WeightedMovingAverage,
    WilderMovingAverage,
)
from nautilus_live.indicators.base import Indicator
from nautilus_live.indicators.book import BookImbalanceRatio
from nautilus_live.indicators.cloud import IchimokuCloud
from nautilus_live.indicators.fuzzy import (
    CandleBodySize,
    CandleDirection,
    CandleSize,
    CandleWickSize,
    FuzzyCandle,
    FuzzyCandlesticks,
)
from nautilus_live.indicators.momentum import (
    CommodityChannelIndex,
    PsychologicalLine,
    RateOfChange,
    RelativeStrengthIndex,
    RelativeVolatilityIndex,
    Stochastics,
    StochasticsDMethod,
)
from nautilus_live.indicators.spread_analyzer import SpreadAnalyzer
from nautilus_live.indicators.trend import (
    ArcherMovingAveragesTrends,
    AroonOscillator,
    Bias,
    DirectionalMovement,
    LinearRegression,
    MovingAverageConvergenceDivergence,
    Swings,
)
from nautilus_live.indicators.volatility import (
    AverageTrueRange,
    BollingerBands,
    DonchianChannel,
    KeltnerChannel,
    KeltnerPosition,
    VerticalHorizontalFilter,
    VolatilityRatio,
)
from nautilus_live.indicators.volume import (
    KlingerVolumeOscillator,
    OnBalanceVolume,
    Pressure,
    VolumeWeightedAveragePrice,
)

__all__ = [
    "AdaptiveMovingAverage",
    "ArcherMovingAveragesTrends",
    "AroonOscillator",
    "AverageTrueRange",
    "Bias",
    "BollingerBands",
    "BookImbalanceRatio",
    "CandleBodySize",
    "CandleDirection",
    "CandleSize",
    "CandleWickSize",
    "ChandeMomentumOscillator",
    "CommodityChannelIndex",
    "DirectionalMovement",
    "DonchianChannel",
    "DoubleExponentialMovingAverage",
    "EfficiencyRatio",
    "ExponentialMovingAverage",
    "FuzzyCandle",
    "FuzzyCandlesticks",
    "HullMovingAverage",
    "IchimokuCloud",
    "Indicator",
    "KeltnerChannel",
    "KeltnerPosition",
    "KlingerVolumeOscillator",
    "LinearRegression",
    "MovingAverage",
    "MovingAverageConvergenceDivergence",
    "MovingAverageFactory",
    "MovingAverageType",
    "OnBalanceVolume",
    "Pressure",
    "PsychologicalLine",
    "RateOfChange",
    "RelativeStrengthIndex",
    "RelativeVolatilityIndex",
    "SimpleMovingAverage",
    "SpreadAnalyzer",
    "Stochastics",
    "StochasticsDMethod",
    "Swings",
    "VariableIndexDynamicAverage",
    "VerticalHorizontalFilter",
    "VolatilityRatio",
    "VolumeWeightedAveragePrice",
    "WeightedMovingAverage",
    "WilderMovingAverage",
]
