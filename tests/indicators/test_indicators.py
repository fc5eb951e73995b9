"""What every indicator promises, and the ones that no library has, against their formulas computed from all inputs."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nautilus_live import indicators
from nautilus_live.indicators import MovingAverageType
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide, PriceType
from nautilus_live.model.identifiers import InstrumentId, TradeId
from nautilus_live.model.objects import Price, Quantity

BTCUSDT = InstrumentId.from_str("BTCUSDT.SIM")
BAR_TYPE = BarType.from_str("BTCUSDT.SIM-15-MINUTE-LAST-EXTERNAL")
MINUTE_NS = 60_000_000_000


def bars(count: int = 120, seed: int = 3) -> list[Bar]:
    rng, close, made = random.Random(seed), 100.0, []
    for index in range(count):
        start, high, low = close, close + 2 * rng.random(), close - 2 * rng.random()
        close = round(low + (high - low) * rng.random(), 2)
        prices = [Price.from_str(f"{value:.2f}") for value in (start, max(high, close), min(low, close), close)]
        time_ns = index * 15 * MINUTE_NS
        made.append(Bar(BAR_TYPE, *prices, Quantity.from_str(f"{50 * rng.random():.3f}"), time_ns, time_ns))
    return made


BARS = bars()
CLOSES = [float(bar.close) for bar in BARS]
TYPICALS = [(float(bar.high) + float(bar.low) + float(bar.close)) / 3 for bar in BARS]

MAKERS: dict[str, tuple[Callable[[], Any], int]] = {
    "SimpleMovingAverage(10)": (lambda: indicators.SimpleMovingAverage(10), 10),
    "ExponentialMovingAverage(10)": (lambda: indicators.ExponentialMovingAverage(10), 10),
    "WilderMovingAverage(10)": (lambda: indicators.WilderMovingAverage(10), 10),
    "DoubleExponentialMovingAverage(10)": (lambda: indicators.DoubleExponentialMovingAverage(10), 10),
    "WeightedMovingAverage(3, [1, 2, 3])": (lambda: indicators.WeightedMovingAverage(3, [1, 2, 3]), 3),
    "HullMovingAverage(9)": (lambda: indicators.HullMovingAverage(9), 9),
    "AdaptiveMovingAverage(10, 2, 30)": (lambda: indicators.AdaptiveMovingAverage(10, 2, 30), 11),
    "VariableIndexDynamicAverage(9, SIMPLE)": (lambda: indicators.VariableIndexDynamicAverage(9), 9),
    "RelativeStrengthIndex(10, EXPONENTIAL)": (lambda: indicators.RelativeStrengthIndex(10), 10),
    "ChandeMomentumOscillator(10, WILDER)": (lambda: indicators.ChandeMomentumOscillator(10), 10),
    "RateOfChange(5)": (lambda: indicators.RateOfChange(5), 5),
    "EfficiencyRatio(10)": (lambda: indicators.EfficiencyRatio(10), 11),
    "PsychologicalLine(10, SIMPLE)": (lambda: indicators.PsychologicalLine(10), 10),
    "Stochastics(14, 3)": (lambda: indicators.Stochastics(14, 3), 14),
    "Stochastics(5, 3, 3, SIMPLE, moving_average)": (
        lambda: indicators.Stochastics(5, 3, 3, indicators.MovingAverageType.SIMPLE, "moving_average"),
        5,
    ),
    "IchimokuCloud(3, 5, 8, 4)": (lambda: indicators.IchimokuCloud(3, 5, 8, 4), 8),
    "CommodityChannelIndex(10, 0.015, SIMPLE)": (lambda: indicators.CommodityChannelIndex(10), 10),
    "RelativeVolatilityIndex(10, 100.0, EXPONENTIAL)": (lambda: indicators.RelativeVolatilityIndex(10), 19),
    "AverageTrueRange(10, SIMPLE, True, 0.0)": (lambda: indicators.AverageTrueRange(10), 10),
    "BollingerBands(20, 2.0, SIMPLE)": (lambda: indicators.BollingerBands(20, 2.0), 20),
    "DonchianChannel(10)": (lambda: indicators.DonchianChannel(10), 10),
    "KeltnerChannel(10, 2.5, EXPONENTIAL, SIMPLE, True, 0.0)": (lambda: indicators.KeltnerChannel(10, 2.5), 10),
    "KeltnerPosition(10, 2.5, EXPONENTIAL, SIMPLE, True, 0.0)": (lambda: indicators.KeltnerPosition(10, 2.5), 10),
    "VolatilityRatio(5, 10, SIMPLE, True, 0.0)": (lambda: indicators.VolatilityRatio(5, 10), 10),
    "VerticalHorizontalFilter(10, SIMPLE)": (lambda: indicators.VerticalHorizontalFilter(10), 10),
    "MovingAverageConvergenceDivergence(5, 12, EXPONENTIAL)": (
        lambda: indicators.MovingAverageConvergenceDivergence(5, 12),
        12,
    ),
    "AroonOscillator(10)": (lambda: indicators.AroonOscillator(10), 11),
    "DirectionalMovement(10, EXPONENTIAL)": (lambda: indicators.DirectionalMovement(10), 10),
    "LinearRegression(10)": (lambda: indicators.LinearRegression(10), 10),
    "Bias(10, SIMPLE)": (lambda: indicators.Bias(10), 10),
    "ArcherMovingAveragesTrends(5, 10, 4, EXPONENTIAL)": (lambda: indicators.ArcherMovingAveragesTrends(5, 10, 4), 14),
    "OnBalanceVolume(20)": (lambda: indicators.OnBalanceVolume(20), 20),
    "KlingerVolumeOscillator(5, 10, 4, EXPONENTIAL)": (lambda: indicators.KlingerVolumeOscillator(5, 10, 4), 13),
    "Pressure(10, EXPONENTIAL, 0.0)": (lambda: indicators.Pressure(10), 10),
    "VolumeWeightedAveragePrice()": (indicators.VolumeWeightedAveragePrice, 1),
}


def values(indicator: Any) -> dict[str, float]:
    shown = {name: getattr(indicator, name) for name in dir(indicator) if not name.startswith("_")}
    return {name: value for name, value in shown.items() if isinstance(value, float | int)}


@pytest.mark.parametrize("name", MAKERS)
def test_an_indicator_is_named_ready_when_it_says_and_never_nan(name: str) -> None:
    make, ready_after = MAKERS[name]
    indicator = make()
    assert str(indicator) == name
    assert not indicator.has_inputs
    for count, bar in enumerate(BARS, start=1):
        indicator.handle_bar(bar)
        assert indicator.initialized == (count >= ready_after), f"after {count} bars"
        assert all(math.isfinite(value) for value in values(indicator).values())
    assert indicator.has_inputs


@pytest.mark.parametrize("name", MAKERS)
def test_a_reset_indicator_is_a_new_one(name: str) -> None:
    make, _ = MAKERS[name]
    indicator, new = make(), make()
    for bar in bars(60, seed=9):
        indicator.handle_bar(bar)
    indicator.reset()
    assert values(indicator) == values(new)
    for bar in BARS:
        indicator.handle_bar(bar)
        new.handle_bar(bar)
    assert values(indicator) == values(new)


@pytest.mark.parametrize("name", MAKERS)
def test_a_market_that_does_not_move_breaks_no_indicator(name: str) -> None:
    indicator = MAKERS[name][0]()
    price = Price.from_str("100.00")
    for index in range(40):
        indicator.handle_bar(Bar(BAR_TYPE, price, price, price, price, Quantity.from_str("0"), index, index))
        assert all(math.isfinite(value) for value in values(indicator).values())


def fed(indicator: Any) -> Any:
    for bar in BARS:
        indicator.handle_bar(bar)
    return indicator


def weighted(prices: list[float]) -> float:
    weights = range(1, len(prices) + 1)
    return sum(w * p for w, p in zip(weights, prices, strict=True)) / sum(weights)


def ema(inputs: list[float], alpha: float) -> list[float]:
    made = inputs[:1]
    for value in inputs[1:]:
        made.append(alpha * value + (1 - alpha) * made[-1])
    return made


def test_hull_is_a_weighted_average_of_twice_the_half_minus_the_whole() -> None:
    raw = [
        2 * weighted(CLOSES[max(0, i - 3) : i + 1]) - weighted(CLOSES[max(0, i - 8) : i + 1])
        for i in range(8, len(CLOSES))
    ]
    assert fed(indicators.HullMovingAverage(9)).value == pytest.approx(weighted(raw[-3:]), rel=1e-9)


def test_efficiency_is_the_net_move_over_the_whole_way() -> None:
    window = CLOSES[-11:]
    way = sum(abs(b - a) for a, b in itertools.pairwise(window))
    expected = abs(window[-1] - window[0]) / way
    assert fed(indicators.EfficiencyRatio(10)).value == pytest.approx(expected, rel=1e-9)


def test_the_psychological_line_counts_gains() -> None:
    gains = [b > a for a, b in itertools.pairwise(CLOSES)]
    assert fed(indicators.PsychologicalLine(10)).value == pytest.approx(100 * sum(gains[-10:]) / 10, rel=1e-9)


def test_stochastics_d_pools_the_windows() -> None:
    above, whole = 0.0, 0.0
    for end in range(len(BARS) - 2, len(BARS) + 1):
        window = BARS[end - 14 : end]
        low, high = min(float(b.low) for b in window), max(float(b.high) for b in window)
        above, whole = above + float(window[-1].close) - low, whole + high - low
    assert fed(indicators.Stochastics(14, 3)).value_d == pytest.approx(100 * above / whole, rel=1e-9)


def test_stochastics_may_be_slowed_and_averaged() -> None:
    kind = indicators.MovingAverageType.SIMPLE
    slow = fed(indicators.Stochastics(5, 3, 3, kind, indicators.StochasticsDMethod.MOVING_AVERAGE))
    raw = []
    for end in range(len(BARS) - 4, len(BARS) + 1):
        window = BARS[end - 5 : end]
        low, high = min(float(b.low) for b in window), max(float(b.high) for b in window)
        raw.append(100 * (float(window[-1].close) - low) / (high - low))
    slowed = [sum(raw[n : n + 3]) / 3 for n in range(3)]
    assert (slow.value_k, slow.value_d) == pytest.approx((slowed[-1], sum(slowed) / 3), rel=1e-9)
    with pytest.raises(ValueError, match="d_method must be one of StochasticsDMethod, was 'median'"):
        indicators.Stochastics(5, 3, d_method="median")


def test_the_cloud_tells_its_spans_later() -> None:
    def middle(period: int, back: int = 0) -> float:
        window = BARS[len(BARS) - period - back : len(BARS) - back]
        return (max(float(b.high) for b in window) + min(float(b.low) for b in window)) / 2

    cloud = fed(indicators.IchimokuCloud(3, 5, 8, 4))
    assert (cloud.tenkan_sen, cloud.kijun_sen) == pytest.approx((middle(3), middle(5)))
    assert cloud.senkou_span_a == pytest.approx((middle(3, 4) + middle(5, 4)) / 2)
    assert (cloud.senkou_span_b, cloud.chikou_span) == pytest.approx((middle(8, 4), CLOSES[-5]))
    early = indicators.IchimokuCloud(3, 5, 8, 4)
    for bar in BARS[:11]:
        early.handle_bar(bar)
    assert (early.initialized, early.senkou_span_b) == (True, 0.0)
    with pytest.raises(ValueError, match="periods must not fall, was 9, 5, 52"):
        indicators.IchimokuCloud(9, 5)


def test_keltner_lies_around_the_typical_price_and_the_position_is_in_half_widths() -> None:
    middle = ema(TYPICALS, 2 / 11)[-1]
    true_ranges = [
        max(float(bar.high), before) - min(float(bar.low), before)
        for bar, before in zip(BARS[1:], CLOSES, strict=False)
    ]
    half = 2.5 * sum(true_ranges[-10:]) / 10
    channel = fed(indicators.KeltnerChannel(10, 2.5))
    assert (channel.upper, channel.middle, channel.lower) == pytest.approx((middle + half, middle, middle - half))
    assert fed(indicators.KeltnerPosition(10, 2.5)).value == pytest.approx((CLOSES[-1] - middle) / half)
    slow, fast = sum(true_ranges[-10:]) / 10, sum(true_ranges[-5:]) / 5
    assert fed(indicators.VolatilityRatio(5, 10)).value == pytest.approx(slow / fast)


def test_the_filter_is_the_range_over_the_way() -> None:
    window = CLOSES[-10:]
    moves = [abs(b - a) for a, b in zip(CLOSES[-11:], window, strict=False)]
    expected = (max(window) - min(window)) / sum(moves)
    assert fed(indicators.VerticalHorizontalFilter(10)).value == pytest.approx(expected, rel=1e-9)


def test_directional_movement_averages_the_larger_side() -> None:
    ups, downs = [0.0], [0.0]
    for before, bar in itertools.pairwise(BARS):
        up, down = float(bar.high) - float(before.high), float(before.low) - float(bar.low)
        ups.append(up if up > max(down, 0) else 0.0)
        downs.append(down if down > max(up, 0) else 0.0)
    movement = fed(indicators.DirectionalMovement(10))
    assert (movement.pos, movement.neg) == pytest.approx((ema(ups, 2 / 11)[-1], ema(downs, 2 / 11)[-1]))


def test_bias_is_the_distance_from_the_average() -> None:
    assert fed(indicators.Bias(10)).value == pytest.approx(CLOSES[-1] / (sum(CLOSES[-10:]) / 10) - 1, rel=1e-9)


def test_variable_index_averages_faster_the_more_one_sided_the_market() -> None:
    value, changes = CLOSES[8], [0.0, *(b - a for a, b in itertools.pairwise(CLOSES))]
    for index in range(9, len(CLOSES)):
        window = changes[index - 8 : index + 1]
        share = 0.2 * abs(sum(window)) / sum(map(abs, window))
        value = share * CLOSES[index] + (1 - share) * value
    assert fed(indicators.VariableIndexDynamicAverage(9)).value == pytest.approx(value, rel=1e-9)


def test_klinger_smooths_the_difference_of_two_averages_of_signed_volume() -> None:
    forces = [0.0]
    for before, now, bar in zip(TYPICALS, TYPICALS[1:], BARS[1:], strict=False):
        forces.append(math.copysign(float(bar.volume), now - before) if now != before else 0.0)
    differences = [a - b for a, b in zip(ema(forces, 2 / 6), ema(forces, 2 / 11), strict=True)][9:]
    expected = ema(differences, 2 / 5)[-1]
    assert fed(indicators.KlingerVolumeOscillator(5, 10, 4)).value == pytest.approx(expected, rel=1e-9)


def test_pressure_adds_up() -> None:
    pressure, total = indicators.Pressure(10), 0.0
    for bar in BARS:
        pressure.handle_bar(bar)
        total += pressure.value
    assert pressure.value_cumulative == pytest.approx(total)
    assert pressure.value != 0.0


def test_the_volume_weighted_price_begins_anew_with_each_day() -> None:
    vwap = fed(indicators.VolumeWeightedAveragePrice())
    today = [bar for bar in BARS if bar.ts_init // (24 * 60 * MINUTE_NS) == BARS[-1].ts_init // (24 * 60 * MINUTE_NS)]
    volume = sum(float(bar.volume) for bar in today)
    worth = sum(float(bar.volume) * (float(bar.high) + float(bar.low) + float(bar.close)) / 3 for bar in today)
    assert 0 < len(today) < len(BARS)
    assert vwap.value == pytest.approx(worth / volume, rel=1e-9)


def test_the_balance_over_a_window_is_of_that_window() -> None:
    signs = [
        math.copysign(float(bar.volume), float(bar.close) - float(bar.open)) if bar.close != bar.open else 0.0
        for bar in BARS
    ]
    assert fed(indicators.OnBalanceVolume(20)).value == pytest.approx(sum(signs[-20:]))


def test_trends_run_long_while_the_fast_average_rises() -> None:
    trend = indicators.ArcherMovingAveragesTrends(3, 6, 2)
    for price in range(1, 30):
        trend.update_raw(float(price))
    assert (trend.long_run, trend.short_run) == (1, 0)
    for price in range(30, 1, -1):
        trend.update_raw(float(price))
    assert (trend.long_run, trend.short_run) == (0, 1)


def test_swings_turn_at_new_extremes() -> None:
    swings = indicators.Swings(3)
    turned = []
    for index, price in enumerate([1, 2, 3, 4, 3, 2, 1, 2, 3, 4, 5]):
        swings.update_raw(price + 0.5, price - 0.5, datetime(2026, 1, 1, index, tzinfo=UTC))
        if swings.changed:
            turned.append(index)
    assert turned == [4, 7]
    assert swings.initialized
    assert (swings.direction, swings.high_price, swings.low_price, swings.length) == (1, 5.5, 0.5, 5.0)
    assert swings.duration == swings.since_low == 4
    assert swings.low_datetime == datetime(2026, 1, 1, 6, tzinfo=UTC)
    swings.reset()
    assert not swings.initialized
    assert swings.low_datetime is None


def quote(bid: str, ask: str, instrument_id: InstrumentId = BTCUSDT) -> QuoteTick:
    size = Quantity.from_str("1")
    return QuoteTick(instrument_id, Price.from_str(bid), Price.from_str(ask), size, size, 0, 0)


def trade(price: str) -> TradeTick:
    one = Quantity.from_str("1")
    return TradeTick(BTCUSDT, Price.from_str(price), one, AggressorSide.BUYER, TradeId("T-1"), 0, 0)


def test_averages_take_the_side_of_the_quote_that_was_chosen() -> None:
    found = {}
    for price_type in (PriceType.BID, PriceType.ASK, PriceType.MID, PriceType.LAST):
        average = indicators.SimpleMovingAverage(1, price_type)
        average.handle_quote_tick(quote("99.0", "101.0"))
        found[price_type.name] = average.value
    assert found == {"BID": 99.0, "ASK": 101.0, "MID": 100.0, "LAST": 100.0}


def test_trades_and_quotes_feed_what_can_be_made_from_them() -> None:
    average, donchian, bands = (
        indicators.ExponentialMovingAverage(2),
        indicators.DonchianChannel(5),
        indicators.BollingerBands(5, 1.0),
    )
    for indicator in (average, donchian, bands):
        indicator.handle_trade_tick(trade("100.0"))
    donchian.handle_quote_tick(quote("98.0", "103.0"))
    bands.handle_quote_tick(quote("99.0", "101.0"))
    assert average.value == 100.0
    assert (donchian.upper, donchian.middle, donchian.lower) == (103.0, 100.5, 98.0)
    assert (bands.upper, bands.middle, bands.lower) == (100.0, 100.0, 100.0)


def test_what_cannot_be_made_from_a_kind_of_data_says_so() -> None:
    with pytest.raises(NotImplementedError, match="AverageTrueRange: cannot be fed with quotes"):
        indicators.AverageTrueRange(5).handle_quote_tick(quote("1", "2"))
    with pytest.raises(NotImplementedError, match="AroonOscillator: cannot be fed with trades"):
        indicators.AroonOscillator(5).handle_trade_tick(trade("1"))
    with pytest.raises(NotImplementedError, match="SpreadAnalyzer: cannot be fed with bars"):
        indicators.SpreadAnalyzer(BTCUSDT, 5).handle_bar(BARS[0])


def test_the_spread_is_analysed_for_one_instrument() -> None:
    analyzer = indicators.SpreadAnalyzer(BTCUSDT, 2)
    for ask in ("100.1", "100.2", "100.4"):
        analyzer.handle_quote_tick(quote("100.0", ask))
    assert analyzer.initialized
    assert (analyzer.current, analyzer.average) == pytest.approx((0.4, 0.3))
    with pytest.raises(ValueError, match=r"takes quotes of BTCUSDT\.SIM, was ETHUSDT\.SIM"):
        analyzer.handle_quote_tick(quote("1", "2", InstrumentId.from_str("ETHUSDT.SIM")))
    analyzer.reset()
    assert (analyzer.current, analyzer.initialized) == (0.0, False)


@pytest.mark.parametrize("ma_type", list(MovingAverageType))
def test_the_factory_makes_every_kind(ma_type: MovingAverageType) -> None:
    average = indicators.MovingAverageFactory.create(10, ma_type)
    for price in CLOSES:
        average.update_raw(price)
    assert average.initialized
    assert min(CLOSES) * 0.9 < average.value < max(CLOSES) * 1.1


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: indicators.SimpleMovingAverage(0), "period must be positive, was 0"),
        (lambda: indicators.WeightedMovingAverage(3, [1.0]), "must be 3 weights, one for each price, were 1"),
        (lambda: indicators.AdaptiveMovingAverage(10, 30, 2), "period_alpha_slow must be more than 30, was 2"),
        (lambda: indicators.RateOfChange(1), "at least 2, was 1"),
        (lambda: indicators.MovingAverageConvergenceDivergence(12, 12), "less than slow_period 12, was 12"),
        (lambda: indicators.BollingerBands(20, 0), "k must be positive, was 0"),
        (lambda: indicators.OnBalanceVolume(-1), "must not be negative, was -1"),
    ],
)
def test_wrong_parameters_are_refused(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def test_an_indicator_of_a_users_own_says_how_far_it_is() -> None:
    class Rising(indicators.Indicator):
        def __init__(self, period: int) -> None:
            super().__init__(params=[period])
            self.period, self.seen = period, 0

        def update_raw(self, value: float) -> None:
            self.seen += 1
            self._set_has_inputs(True)
            self._set_initialized(self.seen >= self.period)

        def _reset(self) -> None:
            self.seen = 0

    rising = Rising(2)
    states = []
    feeds: list[Callable[[], None]] = [lambda: rising.update_raw(1.0), lambda: rising.update_raw(2.0), rising.reset]
    for feed in feeds:
        feed()
        states.append((rising.seen, rising.has_inputs, rising.initialized))
    assert states == [(1, True, False), (2, True, True), (0, False, False)]
    assert str(rising) == "Rising(2)"
