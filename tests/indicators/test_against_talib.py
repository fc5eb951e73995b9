"""Values against TA-Lib, the industry's reference, to 1e-9.

Windowed indicators agree as soon as the window is full. Exponential ones begin elsewhere (ours at the first price,
TA-Lib's at a mean), so they are compared once the beginning has decayed below the tolerance.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import talib

from nautilus_live import indicators

COUNT = 3_000
SETTLED = 1_500
"""Inputs after which a beginning has decayed, for the periods used here."""
Row = tuple[float, float, float, float, float]


def market() -> Iterator[Row]:
    """Yield open, high, low, close and volume of a random walk."""
    rng, close = random.Random(20261122), 100.0
    for _ in range(COUNT):
        start = close
        high, low = start + 2 * rng.random(), start - 2 * rng.random()
        close = low + (high - low) * rng.random()
        close += (100.0 - close) * 0.01
        yield start, max(high, close), min(low, close), close, 50.0 * rng.random()


ROWS = list(market())
OPEN, HIGH, LOW, CLOSE, VOLUME = (np.array(column) for column in zip(*ROWS, strict=True))

Feed = Callable[[Any, Row], None]


def closes(indicator: Any, row: Row) -> None:
    indicator.update_raw(row[3])


def ranges(indicator: Any, row: Row) -> None:
    indicator.update_raw(row[1], row[2])


def bars(indicator: Any, row: Row) -> None:
    indicator.update_raw(row[1], row[2], row[3])


def all_closes(indicator: Any, row: Row) -> None:
    indicator.update_raw(row[3], row[3], row[3])


CASES: list[tuple[str, Any, Feed, str, Any, int]] = [
    ("SMA", indicators.SimpleMovingAverage(14), closes, "value", talib.SMA(CLOSE, 14), 14),
    ("WMA", indicators.WeightedMovingAverage(5, [1, 2, 3, 4, 5]), closes, "value", talib.WMA(CLOSE, 5), 5),
    ("EMA", indicators.ExponentialMovingAverage(14), closes, "value", talib.EMA(CLOSE, 14), SETTLED),
    ("DEMA", indicators.DoubleExponentialMovingAverage(10), closes, "value", talib.DEMA(CLOSE, 10), SETTLED),
    (
        "MACD",
        indicators.MovingAverageConvergenceDivergence(12, 26),
        closes,
        "value",
        talib.EMA(CLOSE, 12) - talib.EMA(CLOSE, 26),
        SETTLED,
    ),
    (
        "RSI",
        indicators.RelativeStrengthIndex(10, indicators.MovingAverageType.WILDER),
        closes,
        "value",
        talib.RSI(CLOSE, 10) / 100.0,
        SETTLED,
    ),
    ("CMO", indicators.ChandeMomentumOscillator(10), closes, "value", talib.CMO(CLOSE, 10), SETTLED),
    ("KAMA", indicators.AdaptiveMovingAverage(10, 2, 30), closes, "value", talib.KAMA(CLOSE, 10), SETTLED + 1_000),
    ("ROC", indicators.RateOfChange(6), closes, "value", talib.ROCP(CLOSE, 5), 6),
    ("AROON", indicators.AroonOscillator(14), ranges, "value", talib.AROONOSC(HIGH, LOW, 14), 15),
    ("CCI", indicators.CommodityChannelIndex(14), bars, "value", talib.CCI(HIGH, LOW, CLOSE, 14), 14),
    ("ATR", indicators.AverageTrueRange(1), bars, "value", talib.TRANGE(HIGH, LOW, CLOSE), 2),
    (
        "ATR Wilder",
        indicators.AverageTrueRange(10, indicators.MovingAverageType.WILDER),
        bars,
        "value",
        talib.ATR(HIGH, LOW, CLOSE, 10),
        SETTLED,
    ),
    (
        "ATR simple",
        indicators.AverageTrueRange(10),
        bars,
        "value",
        talib.SMA(talib.TRANGE(HIGH, LOW, CLOSE), 10),
        11,
    ),
    ("Bollinger", indicators.BollingerBands(20, 2.0), all_closes, "upper", talib.BBANDS(CLOSE, 20, 2, 2)[0], 20),
    ("Bollinger", indicators.BollingerBands(20, 2.0), all_closes, "middle", talib.BBANDS(CLOSE, 20, 2, 2)[1], 20),
    ("Bollinger", indicators.BollingerBands(20, 2.0), all_closes, "lower", talib.BBANDS(CLOSE, 20, 2, 2)[2], 20),
    ("Donchian", indicators.DonchianChannel(10), ranges, "upper", talib.MAX(HIGH, 10), 10),
    ("Donchian", indicators.DonchianChannel(10), ranges, "lower", talib.MIN(LOW, 10), 10),
    ("Stochastics", indicators.Stochastics(14, 3), bars, "value_k", talib.STOCHF(HIGH, LOW, CLOSE, 14, 1)[0], 14),
    ("LinearRegression", indicators.LinearRegression(14), closes, "value", talib.LINEARREG(CLOSE, 14), 14),
    ("LinearRegression", indicators.LinearRegression(14), closes, "slope", talib.LINEARREG_SLOPE(CLOSE, 14), 14),
    ("LinearRegression", indicators.LinearRegression(14), closes, "degree", talib.LINEARREG_ANGLE(CLOSE, 14), 14),
    (
        "OBV",
        indicators.OnBalanceVolume(),
        lambda indicator, row: indicator.update_raw(row[0], row[3], row[4]),
        "value",
        np.cumsum(np.sign(CLOSE - OPEN) * VOLUME),
        1,
    ),
]


@pytest.mark.parametrize(
    ("name", "indicator", "feed", "attribute", "expected", "settled"),
    CASES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_are_those_of_talib(
    name: str, indicator: Any, feed: Feed, attribute: str, expected: Any, settled: int
) -> None:
    compared = 0
    for index, row in enumerate(ROWS):
        feed(indicator, row)
        value = getattr(indicator, attribute)
        assert value == value, f"{name} is NaN at input {index + 1}"  # what NaN is
        if index + 1 >= settled:
            assert value == pytest.approx(float(expected[index]), rel=1e-9, abs=1e-9), f"{name} at input {index + 1}"
            compared += 1
    assert compared >= 400
