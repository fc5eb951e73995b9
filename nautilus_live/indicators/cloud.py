"""The cloud: middles of ranges, two of them told for later, and the close told for earlier.

Formula: Hosoda 1969 (Ichimoku Kinko Hyo).
"""

from __future__ import annotations

from collections import deque

from nautilus_live.indicators.base import RangeIndicator, positive
from nautilus_live.indicators.volatility import DonchianChannel


class IchimokuCloud(RangeIndicator):
    """Five lines; `senkou_span_a`, `senkou_span_b` and `chikou_span` are what was worked out `displacement` bars ago.

    Initialized, it has seen `senkou_period` bars: the first two lines mean something. The other three are 0 until
    another `displacement` bars have come.

    Attributes:
        tenkan_sen: the middle of the last `tenkan_period` bars.
        kijun_sen: the middle of the last `kijun_period` bars.
        senkou_span_a: the mean of those two.
        senkou_span_b: the middle of the last `senkou_period` bars.
        chikou_span: the close.

    Raises:
        ValueError: if a period is not positive, or one is longer than the next.

    """

    def __init__(
        self, tenkan_period: int = 9, kijun_period: int = 26, senkou_period: int = 52, displacement: int = 26
    ) -> None:
        super().__init__([tenkan_period, kijun_period, senkou_period, displacement])
        positive("tenkan_period", tenkan_period)
        positive("displacement", displacement)
        if not tenkan_period <= kijun_period <= senkou_period:
            periods = f"{tenkan_period}, {kijun_period}, {senkou_period}"
            raise ValueError(f"tenkan, kijun and senkou periods must not fall, was {periods}")
        self.tenkan_period = tenkan_period
        self.kijun_period = kijun_period
        self.senkou_period = senkou_period
        self.displacement = displacement
        self._tenkan = DonchianChannel(tenkan_period)
        self._kijun = DonchianChannel(kijun_period)
        self._senkou = DonchianChannel(senkou_period)
        self._told: deque[tuple[float, float, float]] = deque(maxlen=displacement + 1)
        self._reset()

    def update_raw(self, high: float, low: float, close: float) -> None:
        """Take a high, a low and a close."""
        self.has_inputs = True
        for channel in (self._tenkan, self._kijun, self._senkou):
            channel.update_raw(high, low)
        self.initialized = self._senkou.initialized
        if self._tenkan.initialized:
            self.tenkan_sen = self._tenkan.middle
        if self._kijun.initialized:
            self.kijun_sen = self._kijun.middle
        if self.initialized:
            self._told.append(((self.tenkan_sen + self.kijun_sen) / 2.0, self._senkou.middle, close))
        if len(self._told) > self.displacement:
            self.senkou_span_a, self.senkou_span_b, self.chikou_span = self._told[0]

    def _reset(self) -> None:
        for channel in (self._tenkan, self._kijun, self._senkou):
            channel.reset()
        self._told.clear()
        self.tenkan_sen = self.kijun_sen = self.senkou_span_a = self.senkou_span_b = self.chikou_span = 0.0
