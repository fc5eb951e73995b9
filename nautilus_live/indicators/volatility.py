"""Volatility: ranges, and channels around a price.

Formulas: Wilder 1978 (average true range), Bollinger 1983, Donchian, Keltner 1960 with Raschke's average true range.
"""

from __future__ import annotations

from collections import deque
from math import sqrt

from nautilus_live.indicators.adaptive import MovingAverageFactory
from nautilus_live.indicators.averages import MovingAverageType
from nautilus_live.indicators.base import Indicator, PriceIndicator, RangeIndicator, faster, positive
from nautilus_live.model.bars import Bar
from nautilus_live.model.data import QuoteTick, TradeTick


class AverageTrueRange(RangeIndicator):
    """The average of the true range: a bar's range, with the gap to the close before where `use_previous`.

    `value_floor` is the least value it gives.
    """

    def __init__(
        self,
        period: int,
        ma_type: MovingAverageType = MovingAverageType.SIMPLE,
        use_previous: bool = True,
        value_floor: float = 0.0,
    ) -> None:
        super().__init__([period, ma_type, use_previous, value_floor])
        positive("period", period)
        self.period = period
        self.value = 0.0
        self._average = MovingAverageFactory.create(period, ma_type)
        self._use_previous = use_previous
        self._floor = value_floor
        self._close: float | None = None

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        before = close if self._close is None else self._close
        true_range = max(before, high) - min(low, before) if self._use_previous else high - low
        self._close = close
        self._average.update_raw(true_range)
        self.value = max(self._average.value, self._floor)
        self.has_inputs = True
        self.initialized = self._average.initialized

    def _reset(self) -> None:
        self.value = 0.0
        self._close = None
        self._average.reset()


class BollingerBands(RangeIndicator):
    """An average of the typical price, and bands `k` standard deviations (of the population) around it."""

    def __init__(self, period: int, k: float, ma_type: MovingAverageType = MovingAverageType.SIMPLE) -> None:
        super().__init__([period, k, ma_type])
        positive("period", period)
        positive("k", k)
        self.period = period
        self.k = k
        self.upper = self.middle = self.lower = 0.0
        self._average = MovingAverageFactory.create(period, ma_type)
        self._prices: deque[float] = deque(maxlen=period)

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take a quote's bid, ask and mid."""
        bid, ask = float(tick.bid_price.value), float(tick.ask_price.value)
        self.update_raw(ask, bid, (ask + bid) / 2.0)

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take a trade's price."""
        price = float(tick.price.value)
        self.update_raw(price, price, price)

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        typical = (high + low + close) / 3.0
        self._prices.append(typical)
        self._average.update_raw(typical)
        mean = sum(self._prices) / len(self._prices)
        distance = self.k * sqrt(sum((price - mean) ** 2 for price in self._prices) / len(self._prices))
        self.middle = self._average.value
        self.upper, self.lower = self.middle + distance, self.middle - distance
        self.has_inputs = True
        self.initialized = len(self._prices) >= self.period

    def _reset(self) -> None:
        self.upper = self.middle = self.lower = 0.0
        self._average.reset()
        self._prices.clear()


class DonchianChannel(Indicator):
    """The highest high and the lowest low of the last `period` inputs, and the middle between them."""

    def __init__(self, period: int) -> None:
        super().__init__([period])
        positive("period", period)
        self.period = period
        self.upper = self.middle = self.lower = 0.0
        self._highs: deque[float] = deque(maxlen=period)
        self._lows: deque[float] = deque(maxlen=period)

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take a quote's ask as the high and its bid as the low."""
        self.update_raw(float(tick.ask_price.value), float(tick.bid_price.value))

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take a trade's price."""
        price = float(tick.price.value)
        self.update_raw(price, price)

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        self.update_raw(float(bar.high.value), float(bar.low.value))

    def update_raw(self, high: float, low: float) -> None:
        """Take a high and a low."""
        self._highs.append(high)
        self._lows.append(low)
        self.has_inputs = True
        self.initialized = len(self._highs) >= self.period
        self.upper, self.lower = max(self._highs), min(self._lows)
        self.middle = (self.upper + self.lower) / 2.0

    def _reset(self) -> None:
        self.upper = self.middle = self.lower = 0.0
        self._highs.clear()
        self._lows.clear()


class KeltnerChannel(RangeIndicator):
    """An average of the typical price, and a channel of `k_multiplier` average true ranges around it."""

    def __init__(
        self,
        period: int,
        k_multiplier: float,
        ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL,
        ma_type_atr: MovingAverageType = MovingAverageType.SIMPLE,
        use_previous: bool = True,
        atr_floor: float = 0.0,
    ) -> None:
        super().__init__([period, k_multiplier, ma_type, ma_type_atr, use_previous, atr_floor])
        positive("period", period)
        positive("k_multiplier", k_multiplier)
        self.period = period
        self.k_multiplier = k_multiplier
        self.upper = self.middle = self.lower = 0.0
        self._average = MovingAverageFactory.create(period, ma_type)
        self._range = AverageTrueRange(period, ma_type_atr, use_previous, atr_floor)

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        self._average.update_raw((high + low + close) / 3.0)
        self._range.update_raw(high, low, close)
        distance = self._range.value * self.k_multiplier
        self.middle = self._average.value
        self.upper, self.lower = self.middle + distance, self.middle - distance
        self.has_inputs = True
        self.initialized = self._average.initialized

    def _reset(self) -> None:
        self.upper = self.middle = self.lower = 0.0
        self._average.reset()
        self._range.reset()


class KeltnerPosition(RangeIndicator):
    """The close's distance from the middle of a Keltner channel, in half widths: -1 to 1 inside."""

    def __init__(
        self,
        period: int,
        k_multiplier: float,
        ma_type: MovingAverageType = MovingAverageType.EXPONENTIAL,
        ma_type_atr: MovingAverageType = MovingAverageType.SIMPLE,
        use_previous: bool = True,
        atr_floor: float = 0.0,
    ) -> None:
        super().__init__([period, k_multiplier, ma_type, ma_type_atr, use_previous, atr_floor])
        self.period = period
        self.k_multiplier = k_multiplier
        self.value = 0.0
        self._channel = KeltnerChannel(period, k_multiplier, ma_type, ma_type_atr, use_previous, atr_floor)

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        channel = self._channel
        channel.update_raw(high, low, close)
        half = (channel.upper - channel.lower) / 2.0
        self.value = (close - channel.middle) / half if half > 0.0 else 0.0
        self.has_inputs = True
        self.initialized = channel.initialized

    def _reset(self) -> None:
        self.value = 0.0
        self._channel.reset()


class VolatilityRatio(RangeIndicator):
    """A slow average true range over a fast one."""

    def __init__(
        self,
        fast_period: int,
        slow_period: int,
        ma_type: MovingAverageType = MovingAverageType.SIMPLE,
        use_previous: bool = True,
        value_floor: float = 0.0,
    ) -> None:
        super().__init__([fast_period, slow_period, ma_type, use_previous, value_floor])
        faster(fast_period, slow_period)
        self.fast_period = fast_period
        self.slow_period = slow_period
        self.value = 0.0
        self._fast = AverageTrueRange(fast_period, ma_type, use_previous, value_floor)
        self._slow = AverageTrueRange(slow_period, ma_type, use_previous, value_floor)

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        self._fast.update_raw(high, low, close)
        self._slow.update_raw(high, low, close)
        if self._fast.value > 0.0:  # nothing moved in the fast window: the last ratio stands
            self.value = self._slow.value / self._fast.value
        self.has_inputs = True
        self.initialized = self._fast.initialized and self._slow.initialized

    def _reset(self) -> None:
        self.value = 0.0
        self._fast.reset()
        self._slow.reset()


class VerticalHorizontalFilter(PriceIndicator):
    """The range of the last `period` closes over the average move between them: high in a trend."""

    def __init__(self, period: int, ma_type: MovingAverageType = MovingAverageType.SIMPLE) -> None:
        super().__init__([period, ma_type])
        positive("period", period)
        self.period = period
        self.value = 0.0
        self._average = MovingAverageFactory.create(period, ma_type)
        self._prices: deque[float] = deque(maxlen=period)
        self._last: float | None = None

    def update_raw(self, close: float) -> None:
        """Take a price."""
        before = close if self._last is None else self._last
        self._prices.append(close)
        self._average.update_raw(abs(close - before))
        self.has_inputs = True
        self.initialized = self._average.initialized
        if self.initialized and self._average.value:
            self.value = (max(self._prices) - min(self._prices)) / self.period / self._average.value
        self._last = close

    def _reset(self) -> None:
        self.value = 0.0
        self._last = None
        self._average.reset()
        self._prices.clear()
