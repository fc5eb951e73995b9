"""Bars made of ticks and of smaller bars: nothing lost, nothing changed afterwards, and round times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.bar_aggregation import (
    THRESHOLD_AGGREGATORS,
    BarAggregator,
    TimeBarAggregator,
    interval_end,
    interval_start,
)
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.identifiers import InstrumentId, Symbol
from nautilus_live.model.instruments import CurrencyPair
from nautilus_live.model.objects import Currency, Price, Quantity

BTCUSDT = CurrencyPair(
    id=InstrumentId.from_str("BTCUSDT.SIM"),
    raw_symbol=Symbol("BTCUSDT"),
    base_currency=Currency.from_str("BTC"),
    quote_currency=Currency.from_str("USDT"),
    price_precision=2,
    size_precision=3,
    price_increment=Price.from_str("0.01"),
    size_increment=Quantity.from_str("0.001"),
)
SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS


def bar_type(text: str) -> BarType:
    return BarType.from_str(f"BTCUSDT.SIM-{text}")


def price(value: int) -> Price:
    return Price(Decimal(value) / 100, 2)


def size(units: int) -> Decimal:
    return Decimal(units) / 1000


def fed(text: str, given_ticks: list[tuple[int, int]]) -> tuple[list[Bar], BarAggregator]:
    kind = bar_type(text)
    aggregator = THRESHOLD_AGGREGATORS[kind.spec.aggregation](BTCUSDT, kind)
    bars: list[Bar] = []
    for index, (cents, units) in enumerate(given_ticks):
        bars += aggregator.update(price(cents), size(units), index)
    return bars, aggregator


ticks = st.lists(st.tuples(st.integers(9_000, 11_000), st.integers(1, 30_000)), min_size=1, max_size=60)


@pytest.mark.parametrize("text", ["3-TICK-LAST-INTERNAL", "10-VOLUME-LAST-INTERNAL", "1000-VALUE-LAST-INTERNAL"])
@given(given_ticks=ticks)
def test_nothing_is_lost_and_prices_span_the_ticks(text: str, given_ticks: list[tuple[int, int]]) -> None:
    kind = bar_type(text)
    bars, aggregator = fed(text, given_ticks)
    total = sum((size(units) for _, units in given_ticks), Decimal(0))
    assert sum((bar.volume.value for bar in bars), aggregator.builder.volume) == total
    assert all(bar.bar_type == kind for bar in bars)
    if bars:
        assert bars[0].open == price(given_ticks[0][0])
        assert max(bar.high.value for bar in bars) <= max(price(cents).value for cents, _ in given_ticks)


@given(given_ticks=ticks)
def test_tick_bars_have_their_number_of_ticks(given_ticks: list[tuple[int, int]]) -> None:
    bars = fed("4-TICK-LAST-INTERNAL", given_ticks)[0]
    assert len(bars) == len(given_ticks) // 4
    for number, bar in enumerate(bars):
        cents = [value for value, _ in given_ticks[4 * number : 4 * number + 4]]
        assert (bar.open, bar.close) == (price(cents[0]), price(cents[-1]))
        assert (bar.high, bar.low) == (price(max(cents)), price(min(cents)))


@given(given_ticks=ticks)
def test_volume_bars_have_exactly_their_volume(given_ticks: list[tuple[int, int]]) -> None:
    bars, aggregator = fed("7-VOLUME-LAST-INTERNAL", given_ticks)
    assert all(bar.volume.value == 7 for bar in bars)
    assert aggregator.builder.volume < 7


@given(given_ticks=ticks)
def test_value_bars_come_within_a_unit_of_their_value(given_ticks: list[tuple[int, int]]) -> None:
    kind = bar_type("1000-VALUE-LAST-INTERNAL")
    aggregator = THRESHOLD_AGGREGATORS[kind.spec.aggregation](BTCUSDT, kind)
    for index, (cents, units) in enumerate(given_ticks):
        for bar in aggregator.update(price(cents), size(units), index):
            assert bar.volume.value * bar.high.value >= 1000 - bar.high.value * Decimal("0.001")


def test_a_large_trade_is_spread_over_volume_bars() -> None:
    kind = bar_type("10-VOLUME-LAST-INTERNAL")
    aggregator = THRESHOLD_AGGREGATORS[kind.spec.aggregation](BTCUSDT, kind)
    assert aggregator.update(price(10_000), Decimal(4), 1) == []
    bars = aggregator.update(price(10_100), Decimal(27), 2)
    assert [(str(bar.open), str(bar.close), str(bar.volume)) for bar in bars] == [
        ("100.00", "101.00", "10.000"),
        ("101.00", "101.00", "10.000"),
        ("101.00", "101.00", "10.000"),
    ]
    assert aggregator.builder.volume == 1


@pytest.mark.parametrize("text", [f"{step}-LAST-INTERNAL@1-MINUTE-EXTERNAL" for step in ("10-VOLUME", "1000-VALUE")])
@given(given_ticks=ticks)
def test_nothing_of_smaller_bars_is_lost_either(text: str, given_ticks: list[tuple[int, int]]) -> None:
    kind = bar_type(text)
    aggregator = THRESHOLD_AGGREGATORS[kind.spec.aggregation](BTCUSDT, kind)
    bars: list[Bar] = []
    for index, (cents, units) in enumerate(given_ticks):
        at = price(cents)
        bars += aggregator.update_bar(Bar(kind.composite(), at, at, at, at, Quantity(size(units), 3), index, index))
    total = sum((size(units) for _, units in given_ticks), Decimal(0))
    assert sum((bar.volume.value for bar in bars), aggregator.builder.volume) == total
    ticked, plain = fed(text.partition("@")[0], given_ticks)
    assert [(bar.close, bar.volume) for bar in bars] == [(bar.close, bar.volume) for bar in ticked]
    assert aggregator.builder.volume == plain.builder.volume


def minute(aggregator: TimeBarAggregator, number: int) -> list[Bar]:
    return aggregator.close(number * 60 * SECOND_NS)


def times(bars: list[Bar]) -> list[tuple[int, str]]:
    return [(bar.ts_event // SECOND_NS, str(bar.close)) for bar in bars]


def test_time_bars_carry_their_close_or_their_open() -> None:
    for on_close, expected in ((True, 60), (False, 0)):
        aggregator = TimeBarAggregator(BTCUSDT, bar_type("1-MINUTE-LAST-INTERNAL"), 0, timestamp_on_close=on_close)
        aggregator.update(price(10_000), Decimal(1), 5)
        assert times(minute(aggregator, 1)) == [(expected, "100.00")]
        assert aggregator.next_close_ns == 120 * SECOND_NS


def test_an_interval_without_updates_repeats_the_last_price_or_is_left_out() -> None:
    for with_no_updates, expected in ((True, [(120, "100.00"), (180, "100.00")]), (False, [])):
        aggregator = TimeBarAggregator(
            BTCUSDT, bar_type("1-MINUTE-LAST-INTERNAL"), 0, build_with_no_updates=with_no_updates
        )
        assert minute(aggregator, 0) == []
        aggregator.update(price(10_000), Decimal(1), 5)
        assert len(minute(aggregator, 1)) == 1
        bars = minute(aggregator, 3)
        assert times(bars) == expected
        assert all(bar.volume.value == 0 for bar in bars)


def test_without_any_price_there_is_no_bar() -> None:
    aggregator = TimeBarAggregator(BTCUSDT, bar_type("1-MINUTE-LAST-INTERNAL"), 0)
    assert minute(aggregator, 5) == []
    assert aggregator.next_close_ns == 360 * SECOND_NS


def test_the_bar_under_way_at_the_subscription_can_be_skipped() -> None:
    for skips, expected in ((True, [120]), (False, [60, 120])):
        aggregator = TimeBarAggregator(
            BTCUSDT, bar_type("1-MINUTE-LAST-INTERNAL"), 20 * SECOND_NS, skip_first_non_full_bar=skips
        )
        found = []
        for number in (1, 2):
            aggregator.update(price(10_000 + number), Decimal(1), number)
            found += [bar.ts_event // SECOND_NS for bar in minute(aggregator, number)]
        assert found == expected


def test_a_subscription_on_the_round_time_skips_nothing() -> None:
    aggregator = TimeBarAggregator(
        BTCUSDT, bar_type("1-MINUTE-LAST-INTERNAL"), 60 * SECOND_NS, skip_first_non_full_bar=True
    )
    aggregator.update(price(10_000), Decimal(1), 61 * SECOND_NS)
    assert len(minute(aggregator, 2)) == 1


@pytest.mark.parametrize(("is_left_open", "volumes"), [(True, ["3.000", "4.000"]), (False, ["1.000", "6.000"])])
def test_an_update_at_the_close_belongs_to_the_side_that_is_closed(is_left_open: bool, volumes: list[str]) -> None:
    aggregator = TimeBarAggregator(BTCUSDT, bar_type("1-MINUTE-LAST-INTERNAL"), 0, is_left_open=is_left_open)
    bars = aggregator.update(price(10_000), Decimal(1), 5)
    bars += aggregator.update(price(10_100), Decimal(2), 60 * SECOND_NS)
    bars += aggregator.update(price(10_200), Decimal(4), 61 * SECOND_NS)
    bars += minute(aggregator, 2)
    assert [str(bar.volume) for bar in bars] == volumes


def five_minutes(*, on_close: bool = True, source: str = "EXTERNAL") -> TimeBarAggregator:
    kind = bar_type(f"5-MINUTE-LAST-INTERNAL@1-MINUTE-{source}")
    return TimeBarAggregator(BTCUSDT, kind, 0, timestamp_on_close=on_close)


def part(aggregator: TimeBarAggregator, stamp_ns: int, low: int = 90, high: int = 110, close: int = 100) -> list[Bar]:
    prices = (price(10_000), price(high * 100), price(low * 100), price(close * 100))
    ts_init = stamp_ns + SECOND_NS
    kind = aggregator.bar_type.composite()
    return aggregator.update_bar(Bar(kind, *prices, Quantity.from_str("2.000"), stamp_ns, ts_init))


def test_a_bar_of_smaller_ones_has_all_of_them_and_is_over_with_the_last() -> None:
    aggregator = five_minutes()
    found = [part(aggregator, 60 * number * SECOND_NS, 80 + number, 129 + number) for number in range(1, 6)]
    assert found[:4] == [[]] * 4
    (bar,) = found[4]
    assert bar.bar_type == aggregator.bar_type.standard()
    assert [str(value) for value in (bar.open, bar.high, bar.low, bar.close, bar.volume)] == [
        "100.00",
        "134.00",
        "81.00",
        "100.00",
        "10.000",
    ]
    assert (bar.ts_event, bar.ts_init) == (300 * SECOND_NS, 301 * SECOND_NS)
    assert aggregator.next_close_ns == 600 * SECOND_NS


@pytest.mark.parametrize(
    ("stamps_s", "options"),
    [
        ([59.999, 119.999, 179.999, 239.999, 299.999, 359.999], {}),
        ([60.001, 120.001, 180.001, 240.001, 300.001, 360.001], {}),
        ([0.0, 60.0, 120.0, 180.0, 240.0, 300.0], {"on_close": False, "source": "INTERNAL"}),
    ],
    ids=["a millisecond early", "a millisecond late", "at the open"],
)
def test_a_smaller_bar_belongs_where_most_of_it_lies(stamps_s: list[float], options: dict[str, Any]) -> None:
    aggregator = five_minutes(**options)
    found = [len(part(aggregator, round(stamp_s * SECOND_NS))) for stamp_s in stamps_s]
    assert found == [0, 0, 0, 0, 1, 0]


def test_a_bar_whose_last_part_is_missing_is_over_with_the_first_of_the_next() -> None:
    aggregator = five_minutes()
    for number in range(1, 5):
        assert part(aggregator, 60 * number * SECOND_NS) == []
    (bar,) = part(aggregator, 360 * SECOND_NS)
    assert str(bar.volume) == "8.000"
    assert [str(bar.volume) for bar in aggregator.close(600 * SECOND_NS)] == ["2.000"]


def moment_ns(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp()) * SECOND_NS  # type: ignore[misc]  # year, month, day ...


@pytest.mark.parametrize(
    ("text", "now", "start", "end"),
    [
        ("15-SECOND", (2026, 11, 22, 9, 40, 17), (2026, 11, 22, 9, 40, 15), (2026, 11, 22, 9, 40, 30)),
        ("4-HOUR", (2026, 11, 22, 9, 40), (2026, 11, 22, 8), (2026, 11, 22, 12)),
        ("1-DAY", (2026, 11, 22, 9, 40), (2026, 11, 22), (2026, 11, 23)),
        ("1-WEEK", (2026, 11, 22, 9, 40), (2026, 11, 16), (2026, 11, 23)),
        ("1-MONTH", (2028, 2, 29, 23), (2028, 2, 1), (2028, 3, 1)),
        ("3-MONTH", (2026, 11, 22), (2026, 10, 1), (2027, 1, 1)),
        ("1-YEAR", (2026, 11, 22), (2026, 1, 1), (2027, 1, 1)),
    ],
)
def test_intervals_begin_and_end_on_round_times(
    text: str, now: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...]
) -> None:
    kind = bar_type(f"{text}-LAST-INTERNAL")
    assert interval_start(kind, moment_ns(*now)) == moment_ns(*start)
    assert interval_end(kind, moment_ns(*start)) == moment_ns(*end)


@given(st.integers(0, 60_000), st.sampled_from([1, 2, 3, 6]))
def test_months_follow_the_calendar(day: int, step: int) -> None:
    kind = bar_type(f"{step}-MONTH-LAST-INTERNAL")
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=interval_start(kind, day * DAY_NS) // SECOND_NS)
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    assert (start.year, start.month, start.day) == (date.year, date.month - (date.month - 1) % step, 1)


@given(st.integers(0, 10**18), st.integers(-3600, 3600), st.sampled_from(["5-MINUTE", "1-DAY", "1-WEEK", "1-MONTH"]))
def test_intervals_follow_each_other_without_a_gap(now_ns: int, offset_s: int, text: str) -> None:
    kind, offset_ns = bar_type(f"{text}-LAST-INTERNAL"), offset_s * SECOND_NS
    starts = [interval_start(kind, now_ns, offset_ns)]
    for _ in range(4):
        starts.append(interval_end(kind, starts[-1], offset_ns))
    assert starts[0] <= now_ns < starts[1]
    for before, after in pairwise(starts):
        assert interval_start(kind, before, offset_ns) == before
        assert interval_start(kind, after - 1, offset_ns) == before
