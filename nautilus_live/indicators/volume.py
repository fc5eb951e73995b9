"""Volume: prices weighed by what was traded at them. Formulas: Granville 1963 (on-balance volume), Klinger 1997."""

from __future__ import annotations

from collections import deque
from datetime import date, datetime

from nautilus_live.indicators.adaptive import MovingAverageFactory
from nautilus_live.indicators.averages import MovingAverageType
from nautilus_live.indicators.base import Indicator, faster, positive
from nautilus_live.indicators.timestamps import datetime_of
from nautilus_live.indicators.volatility import AverageTrueRange
from nautilus_live.model.bars import Bar


class VolumeWeightedAveragePrice(Indicator):
    """The day's typical prices weighed by volume; begins anew with each day (UTC)."""

    def __init__(self) -> None:
        super().__init__([])
        self.value = 0.0
        self._day: date | None = None
        self._price_volume = self._volume = 0.0

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar's typical price and volume."""
        typical = (float(bar.close.value) + float(bar.high.value) + float(bar.low.value)) / 3.0
        self.update_raw(typical, float(bar.volume.value), datetime_of(bar.ts_init))

    def update_raw(self, price: float, volume: float, timestamp: datetime) -> None:
        """Take a price, the volume traded at it, and when."""
        day = timestamp.date()
        if day != self._day:
            self._day = day
            self._price_volume = self._volume = 0.0
            self.value = price
        self.has_inputs = True
        self.initialized = True
        if volume == 0.0:
            return
        self._price_volume += price * volume
        self._volume += volume
        self.value = self._price_volume / self._volume

    def _reset(self) -> None:
        self.value = self._price_volume = self._volume = 0.0
        self._day = None


class OnBalanceVolume(Indicator):
    """Volume of rising bars minus volume of falling ones; over the last `period` bars, or all (0)."""

    def __init__(self, period: int = 0) -> None:
        super().__init__([period])
        if period < 0:
            raise ValueError(f"period must not be negative, was {period}")
        self.period = period
        self.value = 0.0
        self._changes: deque[float] = deque()

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        self.update_raw(float(bar.open.value), float(bar.close.value), float(bar.volume.value))

    def update_raw(self, open: float, close: float, volume: float) -> None:  # noqa: A002  # the ecosystem's name
        """Take an open, a close and a volume."""
        change = volume if close > open else -volume if close < open else 0.0
        self.has_inputs = True
        if not self.period:
            self.initialized = True
            self.value += change
            return
        self._changes.append(change)
        if len(self._changes) > self.period:
            self._changes.popleft()
        self.initialized = len(self._changes) >= self.period
        self.value = sum(self._changes)

    def _reset(self) -> None:
        self.value = 0.0
        self._changes.clear()


class KlingerVolumeOscillator(Indicator):
    """The trend's volume: a fast minus a slow average of it, smoothed over `signal_period`."""

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
        self.value = 0.0
        self._fast = MovingAverageFactory.create(fast_period, ma_type)
        self._slow = MovingAverageFactory.create(slow_period, ma_type)
        self._signal = MovingAverageFactory.create(signal_period, ma_type)
        self._last: float | None = None

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        prices = (float(bar.high.value), float(bar.low.value), float(bar.close.value))
        self.update_raw(*prices, float(bar.volume.value))

    def update_raw(self, high: float, low: float, close: float, volume: float) -> None:
        """Take a high, a low, a close and a volume."""
        typical = (high + low + close) / 3.0
        before = typical if self._last is None else self._last
        force = volume if typical > before else -volume if typical < before else 0.0
        self._fast.update_raw(force)
        self._slow.update_raw(force)
        if self._slow.initialized:
            self._signal.update_raw(self._fast.value - self._slow.value)
            self.value = self._signal.value
        self.has_inputs = True
        self.initialized = self._signal.initialized
        self._last = typical

    def _reset(self) -> None:
        self.value = 0.0
        self._last = None
        for average in (self._fast, self._slow, self._signal):
            average.reset()


class Pressure(Indicator):
    """The volume that moves price, against the average volume and range: positive when the close is high in the bar."""

    def __init__(
        self, period: int, ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL, atr_floor: float = 0.0
    ) -> None:
        super().__init__([period, ma_type, atr_floor])
        positive("period", period)
        self.period = period
        self.value = self.value_cumulative = 0.0
        self._range = AverageTrueRange(period, MovingAverageType.EXPONENTIAL, True, atr_floor)
        self._average = MovingAverageFactory.create(period, ma_type)

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        prices = (float(bar.high.value), float(bar.low.value), float(bar.close.value))
        self.update_raw(*prices, float(bar.volume.value))

    def update_raw(self, high: float, low: float, close: float, volume: float) -> None:
        """Take a high, a low, a close and a volume."""
        self._range.update_raw(high, low, close)
        self._average.update_raw(volume)
        self.has_inputs = True
        self.initialized = self._range.initialized
        if self._average.value == 0.0 or self._range.value == 0.0:
            self.value = 0.0
            return
        relative = volume / self._average.value
        buying = (close - low) / self._range.value * relative
        selling = (high - close) / self._range.value * relative
        self.value = buying - selling
        self.value_cumulative += self.value

    def _reset(self) -> None:
        self.value = self.value_cumulative = 0.0
        self._range.reset()
        self._average.reset()
