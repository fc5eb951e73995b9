"""Momentum: how fast and how one-sidedly prices move. Two measures that averages adapt by are in `adaptive`.

Formulas: Wilder 1978 (RSI), Lambert 1980 (CCI), Lane's stochastics, Dorsey 1993 (relative volatility index).
"""

from __future__ import annotations

from collections import deque
from math import log, sqrt

from nautilus_live.indicators.adaptive import GainsAndLosses, MovingAverageFactory
from nautilus_live.indicators.averages import MovingAverage, MovingAverageType
from nautilus_live.indicators.base import PriceIndicator, RangeIndicator, positive


class RelativeStrengthIndex(GainsAndLosses):
    """The share of gains in the averaged movement, 0 to 1."""

    def __init__(self, period: int, ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL) -> None:
        super().__init__(period, ma_type)

    def _weigh(self, gain: float, loss: float) -> float:
        return 1.0 if loss == 0.0 else 1.0 - 1.0 / (1.0 + gain / loss)


class RateOfChange(PriceIndicator):
    """The change over the last `period` prices as a fraction of the first, or as a logarithm."""

    def __init__(self, period: int, use_log: bool = False) -> None:
        super().__init__([period])
        if period < 2:
            raise ValueError(f"period must be at least 2, was {period}")
        self.period = period
        self.value = 0.0
        self._use_log = use_log
        self._prices: deque[float] = deque(maxlen=period)

    def update_raw(self, price: float) -> None:
        """Take a price."""
        self._prices.append(price)
        self.has_inputs = True
        self.initialized = len(self._prices) >= self.period
        first = self._prices[0]
        self.value = log(price / first) if self._use_log else (price - first) / first

    def _reset(self) -> None:
        self.value = 0.0
        self._prices.clear()


class PsychologicalLine(PriceIndicator):
    """The percentage of the last `period` changes that were gains."""

    def __init__(self, period: int, ma_type: MovingAverageType = MovingAverageType.SIMPLE) -> None:
        super().__init__([period, ma_type])
        positive("period", period)
        self.period = period
        self.value = 0.0
        self._average = MovingAverageFactory.create(period, ma_type)
        self._last = 0.0

    def update_raw(self, close: float) -> None:
        """Take a price."""
        if not self.has_inputs:
            self._last = close
        self._average.update_raw(1.0 if close > self._last else 0.0)
        self.value = 100.0 * self._average.value
        self.has_inputs = True
        self.initialized = self._average.initialized
        self._last = close

    def _reset(self) -> None:
        self.value = self._last = 0.0
        self._average.reset()


class StochasticsDMethod:
    """How the slower line of `Stochastics` is made of the faster."""

    RATIO = "ratio"
    MOVING_AVERAGE = "moving_average"


class Stochastics(RangeIndicator):
    """Where the close lies in the range of `period_k` bars, in percent (k), and the same pooled over `period_d` (d).

    Args:
        period_k: bars of the range.
        period_d: bars that the slower line pools.
        slowing: the period of an average of k, which is then shown in its place; 1 for none.
        ma_type: the kind of averages; exponential ones if it is not given.
        d_method: one of `StochasticsDMethod`: d is pooled, or an average of k.

    """

    def __init__(
        self,
        period_k: int,
        period_d: int,
        slowing: int = 1,
        ma_type: MovingAverageType | None = None,
        d_method: str = StochasticsDMethod.RATIO,
    ) -> None:
        kind = MovingAverageType.EXPONENTIAL if ma_type is None else ma_type
        is_plain = slowing == 1 and d_method == StochasticsDMethod.RATIO
        super().__init__([period_k, period_d] if is_plain else [period_k, period_d, slowing, kind, d_method])
        positive("period_k", period_k)
        positive("period_d", period_d)
        positive("slowing", slowing)
        if d_method not in (StochasticsDMethod.RATIO, StochasticsDMethod.MOVING_AVERAGE):
            raise ValueError(f"d_method must be one of StochasticsDMethod, was {d_method!r}")
        self.period_k = period_k
        self.period_d = period_d
        self.slowing = slowing
        self.ma_type = kind
        self.d_method = d_method
        self._slow = MovingAverageFactory.create(slowing, kind) if slowing > 1 else None
        averages = d_method == StochasticsDMethod.MOVING_AVERAGE
        self._d_average = MovingAverageFactory.create(period_d, kind) if averages else None
        self.value_k = 0.0
        self.value_d = 0.0
        self._highs: deque[float] = deque(maxlen=period_k)
        self._lows: deque[float] = deque(maxlen=period_k)
        self._above: deque[float] = deque(maxlen=period_d)
        self._ranges: deque[float] = deque(maxlen=period_d)

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        self.has_inputs = True
        self._highs.append(high)
        self._lows.append(low)
        highest, lowest = max(self._highs), min(self._lows)
        if highest != lowest:  # else nothing moved: where it lies in no range is where it lay before
            self._above.append(close - lowest)
            self._ranges.append(highest - lowest)
            self.value_k = self._average(self._slow, 100.0 * (close - lowest) / (highest - lowest))
            pooled = 100.0 * sum(self._above) / sum(self._ranges)
            self.value_d = pooled if self._d_average is None else self._average(self._d_average, self.value_k)
        averages = (self._slow, self._d_average)
        warm = all(average is None or average.initialized for average in averages)
        self.initialized = self.initialized or (warm and len(self._highs) == self.period_k)

    @staticmethod
    def _average(average: MovingAverage | None, value: float) -> float:
        if average is None:
            return value
        average.update_raw(value)
        return average.value

    def _reset(self) -> None:
        self.value_k = self.value_d = 0.0
        for average in (self._slow, self._d_average):
            if average is not None:
                average.reset()
        for window in (self._highs, self._lows, self._above, self._ranges):
            window.clear()


class CommodityChannelIndex(RangeIndicator):
    """The typical price's distance from its average, in mean deviations times `scalar`."""

    def __init__(
        self, period: int, scalar: float = 0.015, ma_type: MovingAverageType = MovingAverageType.SIMPLE
    ) -> None:
        super().__init__([period, scalar, ma_type])
        positive("period", period)
        self.period = period
        self.scalar = scalar
        self.value = 0.0
        self._average = MovingAverageFactory.create(period, ma_type)
        self._prices: deque[float] = deque(maxlen=period)

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        typical = (high + low + close) / 3.0
        self._prices.append(typical)
        self._average.update_raw(typical)
        mean = self._average.value
        deviation = sum(abs(price - mean) for price in self._prices) / len(self._prices)
        self.has_inputs = True
        self.initialized = self._average.initialized
        if self.initialized:
            self.value = (typical - mean) / (self.scalar * deviation) if deviation else 0.0

    def _reset(self) -> None:
        self.value = 0.0
        self._average.reset()
        self._prices.clear()


class RelativeVolatilityIndex(PriceIndicator):
    """The share of the standard deviation that falls on rising prices, times `scalar`."""

    def __init__(
        self, period: int, scalar: float = 100.0, ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL
    ) -> None:
        super().__init__([period, scalar, ma_type])
        positive("period", period)
        self.period = period
        self.scalar = scalar
        self.value = 0.0
        self._up = MovingAverageFactory.create(period, ma_type)
        self._down = MovingAverageFactory.create(period, ma_type)
        self._prices: deque[float] = deque(maxlen=period)
        self._last = 0.0

    def update_raw(self, close: float) -> None:
        """Take a price."""
        before = self._last if self.has_inputs else close
        prices = self._prices
        prices.append(close)
        if len(prices) == self.period:
            mean = sum(prices) / self.period
            deviation = sqrt(sum((price - mean) ** 2 for price in prices) / self.period)
            self._up.update_raw(deviation if close > before else 0.0)
            self._down.update_raw(deviation if close < before else 0.0)
            whole = self._up.value + self._down.value
            self.value = self.scalar * self._up.value / whole if whole else 0.0
        self.has_inputs = True
        self.initialized = self._up.initialized
        self._last = close

    def _reset(self) -> None:
        self.value = self._last = 0.0
        self._prices.clear()
        self._up.reset()
        self._down.reset()
