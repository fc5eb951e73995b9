"""Moving averages whose weights are fixed; those that adapt, and the factory of all kinds, are in `adaptive`.

Until `period` inputs have come, an average is the one over those that have. Exponential ones begin at the first input.
Formulas: Wilder 1978 (smoothing by 1/period), Mulloy 1994 (double exponential), Hull 2005.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, unique
from math import sqrt
from typing import Any

from nautilus_live.indicators.base import PriceIndicator, positive
from nautilus_live.model.enums import PriceType


@unique
class MovingAverageType(Enum):
    """The kinds of moving average."""

    SIMPLE = 0
    EXPONENTIAL = 1
    DOUBLE_EXPONENTIAL = 2
    WILDER = 3
    HULL = 4
    ADAPTIVE = 5
    WEIGHTED = 6
    VARIABLE_INDEX_DYNAMIC = 7


class MovingAverage(PriceIndicator):
    """What the moving averages have in common: `period`, `count` of inputs and `value`."""

    def __init__(self, period: int, params: list[Any] | None = None, price_type: PriceType = PriceType.LAST) -> None:
        positive("period", period)
        super().__init__(params or [period], price_type)
        self.period = period
        self.count = 0
        self.value = 0.0

    def _count_input(self) -> None:
        self.count += 1
        if not self.initialized:
            self.has_inputs = True
            self.initialized = self.count >= self.period

    def reset(self) -> None:
        """Forget everything that was fed."""
        self.count = 0
        self.value = 0.0
        super().reset()


class SimpleMovingAverage(MovingAverage):
    """The mean of the last `period` prices."""

    def __init__(self, period: int, price_type: PriceType = PriceType.LAST) -> None:
        super().__init__(period, price_type=price_type)
        self._inputs: deque[float] = deque(maxlen=period)

    def update_raw(self, value: float) -> None:
        """Take a price."""
        self._inputs.append(value)
        self.value = sum(self._inputs) / len(self._inputs)
        self._count_input()

    def _reset(self) -> None:
        self._inputs.clear()


class ExponentialMovingAverage(MovingAverage):
    """Weights that fall by 1 - alpha with each step back, alpha = 2 / (period + 1)."""

    def __init__(self, period: int, price_type: PriceType = PriceType.LAST) -> None:
        super().__init__(period, price_type=price_type)
        self.alpha = 2.0 / (period + 1.0)

    def update_raw(self, value: float) -> None:
        """Take a price."""
        self.value = self.alpha * value + (1.0 - self.alpha) * self.value if self.has_inputs else value
        self._count_input()


class WilderMovingAverage(ExponentialMovingAverage):
    """Exponential, with alpha = 1 / period."""

    def __init__(self, period: int, price_type: PriceType = PriceType.LAST) -> None:
        super().__init__(period, price_type)
        self.alpha = 1.0 / period


class DoubleExponentialMovingAverage(MovingAverage):
    """Twice the exponential average minus its own exponential average: less lag."""

    def __init__(self, period: int, price_type: PriceType = PriceType.LAST) -> None:
        super().__init__(period, price_type=price_type)
        self._first = ExponentialMovingAverage(period)
        self._second = ExponentialMovingAverage(period)

    def update_raw(self, value: float) -> None:
        """Take a price."""
        self._first.update_raw(value)
        self._second.update_raw(self._first.value)
        self.value = 2.0 * self._first.value - self._second.value
        self._count_input()

    def _reset(self) -> None:
        self._first.reset()
        self._second.reset()


class WeightedMovingAverage(MovingAverage):
    """A mean with `weights`, the last of which is the newest price's; None weighs all alike."""

    def __init__(self, period: int, weights: list[float] | None = None, price_type: PriceType = PriceType.LAST) -> None:
        super().__init__(period, [period, weights], price_type)
        if weights is not None and len(weights) != period:
            raise ValueError(f"there must be {period} weights, one for each price, were {len(weights)}")
        self.weights = None if weights is None else [float(weight) for weight in weights]
        self._inputs: deque[float] = deque(maxlen=period)

    def update_raw(self, value: float) -> None:
        """Take a price."""
        inputs = self._inputs
        inputs.append(value)
        if self.weights is None:
            self.value = sum(inputs) / len(inputs)
        else:
            used = self.weights[-len(inputs) :]
            self.value = sum(weight * price for weight, price in zip(used, inputs, strict=True)) / sum(used)
        self._count_input()

    def _reset(self) -> None:
        self._inputs.clear()


class HullMovingAverage(MovingAverage):
    """Linearly weighted: twice the average over half the period minus the whole, smoothed over its square root."""

    def __init__(self, period: int, price_type: PriceType = PriceType.LAST) -> None:
        super().__init__(period, price_type=price_type)
        self._half = _linear(max(1, period // 2))
        self._whole = _linear(period)
        self._smooth = _linear(max(1, int(sqrt(period))))

    def update_raw(self, value: float) -> None:
        """Take a price."""
        self._half.update_raw(value)
        self._whole.update_raw(value)
        self._smooth.update_raw(2.0 * self._half.value - self._whole.value)
        self.value = self._smooth.value
        self._count_input()

    def _reset(self) -> None:
        self._half.reset()
        self._whole.reset()
        self._smooth.reset()


def _linear(period: int) -> WeightedMovingAverage:
    return WeightedMovingAverage(period, [float(weight) for weight in range(1, period + 1)])
