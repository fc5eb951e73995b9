"""Fuzzy candlesticks: a bar in words. How large it is, its body and its wicks, against those of the bars before.

Sizes are measured in standard deviations (of the population) around the mean of the window, the bar itself included;
bodies and wicks as parts of the bar's range.
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum, unique
from math import sqrt
from typing import NamedTuple

from nautilus_live.indicators.base import Indicator, positive
from nautilus_live.model.bars import Bar


@unique
class CandleDirection(IntEnum):
    """Where a bar went."""

    DIRECTION_BEAR = -1
    DIRECTION_NONE = 0
    DIRECTION_BULL = 1


@unique
class CandleSize(IntEnum):
    """How large a bar is."""

    SIZE_NONE = 0
    SIZE_VERY_SMALL = 1
    SIZE_SMALL = 2
    SIZE_MEDIUM = 3
    SIZE_LARGE = 4
    SIZE_VERY_LARGE = 5
    SIZE_EXTREMELY_LARGE = 6


@unique
class CandleBodySize(IntEnum):
    """How much of a bar lies between its open and its close."""

    BODY_NONE = 0
    BODY_SMALL = 1
    BODY_MEDIUM = 2
    BODY_LARGE = 3
    BODY_TREND = 4


@unique
class CandleWickSize(IntEnum):
    """How much of a bar lies beyond its open and its close on one side."""

    WICK_NONE = 0
    WICK_SMALL = 1
    WICK_MEDIUM = 2
    WICK_LARGE = 3


class FuzzyCandle(NamedTuple):
    """A bar in words."""

    direction: CandleDirection
    size: CandleSize
    body_size: CandleBodySize
    upper_wick_size: CandleWickSize
    lower_wick_size: CandleWickSize


class _Window:
    """The latest values of one measure."""

    def __init__(self, period: int) -> None:
        self.values: deque[float] = deque(maxlen=period)

    def place(self, value: float, limits: tuple[float, ...]) -> int:
        """Take a value; return above how many of the limits it lies, each in deviations from the mean, plus one.

        Zero stands for nothing there at all.
        """
        values = self.values
        values.append(value)
        mean = sum(values) / len(values)
        deviation = sqrt(sum((one - mean) ** 2 for one in values) / len(values))
        return 1 + sum(value > mean + limit * deviation for limit in limits) if value else 0


class FuzzyCandlesticks(Indicator):
    """Says each bar in words: `value` is the candle, `vector` the same five as a list; both None before the first."""

    def __init__(
        self,
        period: int,
        threshold1: float = 0.5,
        threshold2: float = 1.0,
        threshold3: float = 2.0,
        threshold4: float = 3.0,
    ) -> None:
        super().__init__([period, threshold1, threshold2, threshold3, threshold4])
        positive("period", period)
        if not 0 <= threshold1 < threshold2 < threshold3 < threshold4:
            given = f"{threshold1}, {threshold2}, {threshold3}, {threshold4}"
            raise ValueError(f"thresholds must rise from 0 or more, was {given}")
        self.period = period
        self._sizes = (-threshold2, threshold1, threshold2, threshold3, threshold4)
        self._bodies = (-threshold1, threshold1, threshold2)
        self._wicks = (-threshold1, threshold2)
        self.value: FuzzyCandle | None = None
        self._reset()

    def _reset(self) -> None:
        self.value = None
        self._lengths, self._body_parts, self._uppers, self._lowers = (_Window(self.period) for _ in range(4))

    @property
    def vector(self) -> list[int] | None:
        """Direction, size, body, upper and lower wick, as numbers."""
        return None if self.value is None else list(self.value)

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        prices = (bar.open, bar.high, bar.low, bar.close)
        self.update_raw(*(float(price.value) for price in prices))

    def update_raw(self, open: float, high: float, low: float, close: float) -> None:  # noqa: A002  # the ecosystem's
        """Take an open, a high, a low and a close."""
        length = high - low
        part = 1.0 / length if length else 0.0
        self.value = FuzzyCandle(
            CandleDirection((close > open) - (close < open)),
            CandleSize(self._lengths.place(length, self._sizes)),
            CandleBodySize(self._body_parts.place(abs(close - open) * part, self._bodies)),
            CandleWickSize(self._uppers.place((high - max(open, close)) * part, self._wicks)),
            CandleWickSize(self._lowers.place((min(open, close) - low) * part, self._wicks)),
        )
        self.has_inputs = True
        self.initialized = len(self._lengths.values) >= self.period
