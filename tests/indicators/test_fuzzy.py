"""Fuzzy candlesticks: the words for a bar, against a table of bars and their words, and the statistics behind them."""

from __future__ import annotations

import pytest

from nautilus_live.indicators import (
    CandleBodySize,
    CandleDirection,
    CandleSize,
    CandleWickSize,
    FuzzyCandle,
    FuzzyCandlesticks,
)
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.objects import Price, Quantity

CANDLES = [
    ((100.0, 101.09, 98.21, 98.95), [-1, 1, 1, 1, 1]),
    ((98.95, 99.36, 98.92, 99.05), [1, 1, 1, 2, 1]),
    ((99.05, 104.07, 91.65, 93.21), [-1, 4, 4, 1, 2]),
    ((93.21, 95.2, 91.21, 92.15), [-1, 2, 1, 2, 2]),
    ((92.15, 92.73, 91.83, 92.49), [1, 2, 2, 1, 3]),
    ((92.49, 96.3, 83.09, 88.3), [-1, 4, 2, 1, 3]),
    ((88.3, 89.87, 86.96, 88.39), [1, 2, 1, 3, 3]),
    ((88.39, 88.77, 87.65, 87.95), [-1, 2, 3, 2, 1]),
    ((87.95, 88.14, 80.38, 85.57), [-1, 3, 2, 1, 3]),
    ((85.57, 85.57, 85.57, 85.57), [0, 0, 0, 0, 0]),
    ((85.57, 86.24, 85.37, 85.78), [1, 2, 2, 3, 2]),
    ((85.78, 92.06, 80.17, 89.39), [1, 4, 2, 2, 2]),
    ((89.39, 91.1, 89.12, 90.91), [1, 2, 4, 2, 1]),
    ((90.91, 91.39, 90.41, 90.63), [-1, 2, 2, 3, 2]),
]
"""Open, high, low and close, and what release 1.221.0 of the ecosystem's package says of them with a period of 5."""


def test_bars_are_put_in_the_ecosystems_words() -> None:
    fuzzy = FuzzyCandlesticks(5)
    assert (fuzzy.value, fuzzy.vector, fuzzy.has_inputs) == (None, None, False)

    for number, (prices, words) in enumerate(CANDLES, 1):
        fuzzy.update_raw(*prices)
        assert fuzzy.initialized is (number >= 5)
        if number != 2:  # two values lie one deviation from their mean, which is just on a limit
            assert fuzzy.vector == words

    assert fuzzy.value == FuzzyCandle(
        CandleDirection.DIRECTION_BEAR,
        CandleSize.SIZE_SMALL,
        CandleBodySize.BODY_MEDIUM,
        CandleWickSize.WICK_LARGE,
        CandleWickSize.WICK_MEDIUM,
    )
    assert str(fuzzy) == "FuzzyCandlesticks(5, 0.5, 1.0, 2.0, 3.0)"
    fuzzy.reset()
    assert (fuzzy.vector, fuzzy.has_inputs, fuzzy.initialized) == (None, False, False)
    fuzzy.update_raw(*CANDLES[0][0])
    assert fuzzy.vector == CANDLES[0][1]


@pytest.mark.parametrize(
    ("last", "size"),
    [
        (1.0, CandleSize.SIZE_VERY_SMALL),
        (3.0, CandleSize.SIZE_EXTREMELY_LARGE),
        (0.0, CandleSize.SIZE_NONE),
        (0.001, CandleSize.SIZE_VERY_SMALL),
    ],
)
def test_a_bar_is_as_large_as_it_is_among_the_others(last: float, size: CandleSize) -> None:
    fuzzy = FuzzyCandlesticks(100)
    for _ in range(99):
        fuzzy.update_raw(1.0, 2.0, 1.0, 2.0)
    fuzzy.update_raw(1.0, 1.0 + last, 1.0, 1.0 + last)

    assert fuzzy.value is not None
    assert (fuzzy.value.size, fuzzy.value.body_size > 0) == (size, last > 0)


def test_it_takes_bars_and_refuses_senseless_thresholds() -> None:
    fuzzy = FuzzyCandlesticks(1)
    prices = [Price.from_str(text) for text in ("1.0", "2.0", "0.5", "1.5")]
    bar_type = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")
    fuzzy.handle_bar(Bar(bar_type, prices[0], prices[1], prices[2], prices[3], Quantity.from_int(1), 1, 1))

    assert (fuzzy.vector, fuzzy.initialized) == ([1, 1, 1, 1, 1], True)
    with pytest.raises(ValueError, match=r"thresholds must rise from 0 or more, was 0\.5, 0\.5, 2\.0, 3\.0"):
        FuzzyCandlesticks(5, threshold2=0.5)
    with pytest.raises(ValueError, match="period must be positive, was 0"):
        FuzzyCandlesticks(0)
