"""Trends: averages against each other, straight lines, and how long ago the extremes were.

Formulas: Appel (MACD), Chande 1995 (Aroon), Wilder 1978 (directional movement), least squares.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from nautilus_live.indicators.adaptive import MovingAverageFactory
from nautilus_live.indicators.averages import MovingAverageType
from nautilus_live.indicators.base import Indicator, PriceIndicator, faster, positive
from nautilus_live.indicators.timestamps import datetime_of
from nautilus_live.model.bars import Bar
from nautilus_live.model.enums import PriceType


class MovingAverageConvergenceDivergence(PriceIndicator):
    """A fast average minus a slow one."""

    def __init__(
        self,
        fast_period: int,
        slow_period: int,
        ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL,
        price_type: PriceType = PriceType.LAST,
    ) -> None:
        super().__init__([fast_period, slow_period, ma_type], price_type)
        faster(fast_period, slow_period)
        self.fast_period = fast_period
        self.slow_period = slow_period
        self.value = 0.0
        self._fast = MovingAverageFactory.create(fast_period, ma_type)
        self._slow = MovingAverageFactory.create(slow_period, ma_type)

    def update_raw(self, close: float) -> None:
        """Take a price."""
        self._fast.update_raw(close)
        self._slow.update_raw(close)
        self.value = self._fast.value - self._slow.value
        self.has_inputs = True
        self.initialized = self._fast.initialized and self._slow.initialized

    def _reset(self) -> None:
        self.value = 0.0
        self._fast.reset()
        self._slow.reset()


class _HighLow(Indicator):
    """Made from a bar's high and low."""

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        self.update_raw(float(bar.high.value), float(bar.low.value))

    def update_raw(self, high: float, low: float) -> None:
        """Take a high and a low."""
        raise NotImplementedError


class AroonOscillator(_HighLow):
    """How recent the last high is against the last low within `period` bars: -100 to 100."""

    def __init__(self, period: int) -> None:
        super().__init__([period])
        positive("period", period)
        self.period = period
        self.aroon_up = self.aroon_down = self.value = 0.0
        self._highs: deque[float] = deque(maxlen=period + 1)
        self._lows: deque[float] = deque(maxlen=period + 1)

    def update_raw(self, high: float, low: float) -> None:
        """Take a high and a low."""
        self._highs.appendleft(high)
        self._lows.appendleft(low)
        self.has_inputs = True
        self.initialized = len(self._highs) > self.period
        if self.initialized:
            share = 100.0 / self.period
            self.aroon_up = 100.0 - share * self._highs.index(max(self._highs))
            self.aroon_down = 100.0 - share * self._lows.index(min(self._lows))
            self.value = self.aroon_up - self.aroon_down

    def _reset(self) -> None:
        self.aroon_up = self.aroon_down = self.value = 0.0
        self._highs.clear()
        self._lows.clear()


class DirectionalMovement(_HighLow):
    """The averaged upward (`pos`) and downward (`neg`) movement of the range."""

    def __init__(self, period: int, ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL) -> None:
        super().__init__([period, ma_type])
        positive("period", period)
        self.period = period
        self.pos = self.neg = 0.0
        self._pos = MovingAverageFactory.create(period, ma_type)
        self._neg = MovingAverageFactory.create(period, ma_type)
        self._before: tuple[float, float] | None = None

    def update_raw(self, high: float, low: float) -> None:
        """Take a high and a low."""
        high_before, low_before = self._before or (high, low)
        up, down = high - high_before, low_before - low
        self._pos.update_raw(up if up > down and up > 0.0 else 0.0)
        self._neg.update_raw(down if down > up and down > 0.0 else 0.0)
        self._before = (high, low)
        self.pos, self.neg = self._pos.value, self._neg.value
        self.has_inputs = True
        self.initialized = self._neg.initialized

    def _reset(self) -> None:
        self.pos = self.neg = 0.0
        self._before = None
        self._pos.reset()
        self._neg.reset()


class LinearRegression(PriceIndicator):
    """The least-squares line through the last `period` prices: its end (`value`), slope, intercept, angle and fit."""

    def __init__(self, period: int = 0) -> None:
        super().__init__([period])
        positive("period", period)
        self.period = period
        self.value = self.slope = self.intercept = self.degree = self.cfo = self.R2 = 0.0
        self._inputs: deque[float] = deque(maxlen=period)

    def update_raw(self, close: float) -> None:
        """Take a price."""
        from math import atan, pi

        inputs = self._inputs
        inputs.append(close)
        self.has_inputs = True
        self.initialized = len(inputs) == self.period
        if not self.initialized:
            return
        count = self.period
        mean_x, mean_y = (count + 1) / 2.0, sum(inputs) / count
        places = range(1, count + 1)
        spread = sum((x - mean_x) ** 2 for x in places)
        if spread:
            self.slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(places, inputs, strict=True)) / spread
        self.intercept = mean_y - self.slope * mean_x
        residuals = [self.slope * x + self.intercept - y for x, y in zip(places, inputs, strict=True)]
        self.value = residuals[-1] + close
        self.degree = 180.0 / pi * atan(self.slope)
        self.cfo = 100.0 * residuals[-1] / close if close else 0.0
        whole = sum((y - mean_y) ** 2 for y in inputs)
        self.R2 = 1.0 - sum(residual**2 for residual in residuals) / whole if whole else 0.0

    def _reset(self) -> None:
        self.value = self.slope = self.intercept = self.degree = self.cfo = self.R2 = 0.0
        self._inputs.clear()


class Bias(PriceIndicator):
    """The price's distance from its average, as a fraction of the average."""

    def __init__(self, period: int, ma_type: MovingAverageType = MovingAverageType.SIMPLE) -> None:
        super().__init__([period, ma_type])
        positive("period", period)
        self.period = period
        self.value = 0.0
        self._average = MovingAverageFactory.create(period, ma_type)

    def update_raw(self, close: float) -> None:
        """Take a price."""
        self._average.update_raw(close)
        self.value = close / self._average.value - 1.0 if self._average.value else 0.0
        self.has_inputs = True
        self.initialized = self._average.initialized

    def _reset(self) -> None:
        self.value = 0.0
        self._average.reset()


class ArcherMovingAveragesTrends(PriceIndicator):
    """Whether a fast and a slow average have moved apart over `signal_period`: `long_run`, `short_run` (1 or 0)."""

    def __init__(
        self,
        fast_period: int,
        slow_period: int,
        signal_period: int,
        ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL,
    ) -> None:
        super().__init__([fast_period, slow_period, signal_period, ma_type])
        faster(fast_period, slow_period)
        positive("signal_period", signal_period)
        self.fast_period = fast_period
        self.slow_period = slow_period
        self.signal_period = signal_period
        self.long_run = self.short_run = 0
        self._fast = MovingAverageFactory.create(fast_period, ma_type)
        self._slow = MovingAverageFactory.create(slow_period, ma_type)
        self._pairs: deque[tuple[float, float]] = deque(maxlen=signal_period + 1)

    def update_raw(self, close: float) -> None:
        """Take a price."""
        self._fast.update_raw(close)
        self._slow.update_raw(close)
        self.has_inputs = True
        if not self._slow.initialized:
            return
        fast, slow = self._fast.value, self._slow.value
        self._pairs.append((fast, slow))
        fast_before, slow_before = self._pairs[0]
        up, down, slow_up = fast > fast_before, fast < fast_before, slow > slow_before
        self.long_run = int(up and not slow_up) or int(up and slow_up)
        self.short_run = int(down and slow_up) or int(down and not slow_up)
        self.initialized = len(self._pairs) > self.signal_period

    def _reset(self) -> None:
        self.long_run = self.short_run = 0
        self._fast.reset()
        self._slow.reset()
        self._pairs.clear()


class Swings(Indicator):
    """The swings of a market: a high of `period` bars ends a swing down, a low ends a swing up."""

    def __init__(self, period: int) -> None:
        super().__init__([period])
        positive("period", period)
        self.period = period
        self.direction = 0
        self.changed = False
        self.high_price = self.low_price = self.length = 0.0
        self.high_datetime: datetime | None = None
        self.low_datetime: datetime | None = None
        self.duration = self.since_high = self.since_low = 0
        self._highs: deque[float] = deque(maxlen=period)
        self._lows: deque[float] = deque(maxlen=period)

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        self.update_raw(float(bar.high.value), float(bar.low.value), datetime_of(bar.ts_init))

    def update_raw(self, high: float, low: float, timestamp: datetime) -> None:
        """Take a high and a low, and when they were."""
        self._highs.append(high)
        self._lows.append(low)
        highest, lowest = max(self._highs), min(self._lows)
        is_high, is_low = high >= highest and low >= lowest, low <= lowest and high <= highest
        self.has_inputs = True
        self.changed = False
        if is_high and not is_low:
            if self.direction == -1:
                self.changed = True
            self.high_price, self.high_datetime = high, timestamp
            self.direction, self.since_high = 1, 0
        else:
            self.since_high += 1
        if is_low and not is_high:
            if self.direction == 1:
                self.changed = True
            self.low_price, self.low_datetime = low, timestamp
            self.direction, self.since_low = -1, 0
        else:
            self.since_low += 1
        if self.high_price and self.low_price:
            self.initialized = True
            self.length = self.high_price - self.low_price
            self.duration = self.since_low if self.direction == 1 else self.since_high

    def _reset(self) -> None:
        self.direction = 0
        self.changed = False
        self.high_price = self.low_price = self.length = 0.0
        self.high_datetime = self.low_datetime = None
        self.duration = self.since_high = self.since_low = 0
        self._highs.clear()
        self._lows.clear()
