"""Moving averages that adapt to the market, what they measure it by, and the factory of averages of all kinds.

They are one idea and stand together: an average that follows Chande's oscillator is made of one, and the oscillator is
made of averages, of any kind. Formulas: Kaufman 1995 (efficiency ratio, adaptive average), Chande 1992 (variable index
dynamic average) and 1994 (oscillator).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

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
from nautilus_live.indicators.base import PriceIndicator, positive
from nautilus_live.model.enums import PriceType


class EfficiencyRatio(PriceIndicator):
    """The net movement over the last `period` changes as a share of the whole, 0 to 1."""

    def __init__(self, period: int) -> None:
        super().__init__([period])
        if period < 2:
            raise ValueError(f"period must be at least 2, was {period}")
        self.period = period
        self.value = 0.0
        self._inputs: deque[float] = deque(maxlen=period + 1)
        self._moves: deque[float] = deque(maxlen=period)

    def update_raw(self, price: float) -> None:
        """Take a price."""
        if self._inputs:
            self._moves.append(abs(price - self._inputs[-1]))
        self._inputs.append(price)
        self.has_inputs = True
        self.initialized = len(self._moves) >= self.period
        whole = sum(self._moves)
        self.value = abs(self._inputs[0] - self._inputs[-1]) / whole if whole > 0.0 else 0.0

    def _reset(self) -> None:
        self.value = 0.0
        self._inputs.clear()
        self._moves.clear()


class AdaptiveMovingAverage(MovingAverage):
    """Kaufman's average: fast in a trend, slow in noise, by the efficiency of the last `period_er` prices."""

    def __init__(
        self,
        period_er: int,
        period_alpha_fast: int,
        period_alpha_slow: int,
        price_type: PriceType = PriceType.LAST,
    ) -> None:
        super().__init__(period_er, [period_er, period_alpha_fast, period_alpha_slow], price_type)
        positive("period_alpha_fast", period_alpha_fast)
        if period_alpha_slow <= period_alpha_fast:
            raise ValueError(f"period_alpha_slow must be more than {period_alpha_fast}, was {period_alpha_slow}")
        self.period_er = period_er
        self.period_alpha_fast = period_alpha_fast
        self.period_alpha_slow = period_alpha_slow
        self.alpha_fast = 2.0 / (period_alpha_fast + 1.0)
        self.alpha_slow = 2.0 / (period_alpha_slow + 1.0)
        self.alpha_diff = self.alpha_fast - self.alpha_slow
        self._efficiency = EfficiencyRatio(period_er)

    def update_raw(self, value: float) -> None:
        """Take a price."""
        if not self.has_inputs:
            self.value = value
        self._efficiency.update_raw(value)
        smoothing = (self._efficiency.value * self.alpha_diff + self.alpha_slow) ** 2
        self.value += smoothing * (value - self.value)
        self._count_input()
        self.initialized = self._efficiency.initialized

    def _reset(self) -> None:
        self._efficiency.reset()


class GainsAndLosses(PriceIndicator):
    """Made from the averaged gains and losses between prices; subclasses say how they are weighed in `_weigh`."""

    def __init__(self, period: int, ma_type: MovingAverageType) -> None:
        super().__init__([period, ma_type])
        positive("period", period)
        self.period = period
        self.value = 0.0
        self._gain = MovingAverageFactory.create(period, ma_type)
        self._loss = MovingAverageFactory.create(period, ma_type)
        self._last = 0.0

    def update_raw(self, value: float) -> None:
        """Take a price."""
        if not self.has_inputs:
            self._last = value
            self.has_inputs = True
        change = value - self._last
        self._gain.update_raw(max(change, 0.0))
        self._loss.update_raw(max(-change, 0.0))
        self._last = value
        self.initialized = self._gain.initialized
        self.value = self._weigh(self._gain.value, self._loss.value)

    def _weigh(self, gain: float, loss: float) -> float:
        raise NotImplementedError

    def _reset(self) -> None:
        self.value = self._last = 0.0
        self._gain.reset()
        self._loss.reset()


class ChandeMomentumOscillator(GainsAndLosses):
    """Gains minus losses over their sum, -100 to 100; 0 until there are enough prices."""

    def __init__(self, period: int, ma_type: MovingAverageType = MovingAverageType.WILDER) -> None:
        super().__init__(period, ma_type)

    def update_raw(self, close: float) -> None:
        """Take a price."""
        super().update_raw(close)

    def _weigh(self, gain: float, loss: float) -> float:
        whole = gain + loss
        return 100.0 * (gain - loss) / whole if whole and self.initialized else 0.0


class VariableIndexDynamicAverage(MovingAverage):
    """Exponential, with an alpha that follows the momentum's strength (Chande's oscillator)."""

    def __init__(
        self,
        period: int,
        price_type: PriceType = PriceType.LAST,
        cmo_ma_type: MovingAverageType = MovingAverageType.SIMPLE,
    ) -> None:
        super().__init__(period, [period, cmo_ma_type], price_type)
        self.alpha = 2.0 / (period + 1.0)
        self.cmo_pct = 0.0
        self._momentum = ChandeMomentumOscillator(period, cmo_ma_type)

    def update_raw(self, value: float) -> None:
        """Take a price."""
        self._momentum.update_raw(value)
        self.cmo_pct = abs(self._momentum.value / 100.0)
        if self.initialized:
            share = self.alpha * self.cmo_pct
            self.value = share * value + (1.0 - share) * self.value
        self.count += 1
        self.has_inputs = True
        if not self.initialized and self._momentum.initialized:
            self.initialized = True
            self.value = value

    def _reset(self) -> None:
        self._momentum.reset()
        self.cmo_pct = 0.0


class MovingAverageFactory:
    """Makes moving averages by their kind."""

    @staticmethod
    def create(period: int, ma_type: MovingAverageType, **options: Any) -> MovingAverage:
        """Return a moving average of `period`.

        Raises:
            ValueError: for kinds that need more than a period and were not given it.

        """
        if ma_type is MovingAverageType.ADAPTIVE:
            return AdaptiveMovingAverage(
                period, int(options.get("period_alpha_fast", 2)), int(options.get("period_alpha_slow", 30))
            )
        if ma_type is MovingAverageType.WEIGHTED:
            return WeightedMovingAverage(period, options.get("weights"))
        if ma_type is MovingAverageType.VARIABLE_INDEX_DYNAMIC:
            return VariableIndexDynamicAverage(period, cmo_ma_type=options.get("cmo_ma_type", MovingAverageType.SIMPLE))
        return _BY_TYPE[ma_type](period)


_BY_TYPE: dict[MovingAverageType, Callable[[int], MovingAverage]] = {
    MovingAverageType.SIMPLE: SimpleMovingAverage,
    MovingAverageType.EXPONENTIAL: ExponentialMovingAverage,
    MovingAverageType.WILDER: WilderMovingAverage,
    MovingAverageType.DOUBLE_EXPONENTIAL: DoubleExponentialMovingAverage,
    MovingAverageType.HULL: HullMovingAverage,
}
