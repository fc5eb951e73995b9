"""Bars completed by a direction: moves of the price, and trading that is one-sided."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.directional_bars import SIDED_AGGREGATORS, UNTIMED_AGGREGATORS, SidedBarAggregator
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import TradeTick
from nautilus_live.model.enums import AggressorSide, BarAggregation
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import Price, Quantity
from tests.engine.data_rig import BTC, pair

SIDES = {"B": AggressorSide.BUYER, "S": AggressorSide.SELLER, "?": AggressorSide.NO_AGGRESSOR}


def aggregator(text: str) -> Any:
    kind = BarType.from_str(f"BTCUSDT.SIM-{text}-LAST-INTERNAL")
    return UNTIMED_AGGREGATORS[kind.spec.aggregation](pair(), kind)


def shown(bars: list[Bar]) -> list[str]:
    return [f"{bar.open}/{bar.high}/{bar.low}/{bar.close} x{bar.volume}" for bar in bars]


def trade(side: str, size: str, price: str = "10.00", ts: int = 0) -> TradeTick:
    return TradeTick(BTC, Price.from_str(price), Quantity(Decimal(size), 3), SIDES[side], TradeId("T"), ts, ts)


def renko(text: str, *prices: str) -> list[str]:
    made = aggregator(text)
    return shown([bar for price in prices for bar in made.update(Price.from_str(price), Decimal(2), 0)])


def test_a_brick_ends_where_the_next_begins_and_has_no_wicks() -> None:
    assert renko("10-RENKO", "10.00", "10.09", "9.95", "10.10", "10.19", "10.00", "9.99") == [
        "10.00/10.10/10.00/10.10 x8.000",
        "10.10/10.10/10.00/10.00 x4.000",
    ]


def test_a_jump_makes_several_bricks_and_its_volume_counts_once() -> None:
    assert renko("10-RENKO", "10.00", "9.65") == [
        "10.00/10.00/9.90/9.90 x4.000",
        "9.90/9.90/9.80/9.80 x0.000",
        "9.80/9.80/9.70/9.70 x0.000",
    ]


def test_bricks_are_made_of_the_closes_of_bars() -> None:
    made = aggregator("10-RENKO")
    part = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")
    low, high, size = Price.from_str("10.00"), Price.from_str("10.30"), Quantity.from_str("3.000")
    assert made.update_bar(Bar(part, low, high, low, low, size, 1, 1)) == []
    assert len(made.update_bar(Bar(part, low, high, low, high, size, 2, 2))) == 3


# What each trade is, as `side size`, and the volumes of the bars.
TRADED = {
    "2-TICK_IMBALANCE": ("B 1, S 1, B 1, B 1, S 5, S 1", "4.000, 6.000"),
    "2-TICK_RUNS": ("B 1, S 2, S 3, B 4, S 5, B 6, B 7", "5.000, 13.000"),
    "10-VOLUME_IMBALANCE": ("B 8, S 5, B 7, S 25", "20.000, 10.000, 10.000"),
    "10-VOLUME_RUNS": ("B 8, S 4, S 7, S 9, B 12", "10.000, 10.000, 10.000"),
    "50-VALUE_IMBALANCE": ("B 3, S 1, B 4, S 6", "7.000, 7.000"),
    "50-VALUE_RUNS": ("S 3, B 4, B 2", "5.000"),
}


@pytest.mark.parametrize("text", TRADED)
def test_one_sided_trading_completes_a_bar(text: str) -> None:
    traded, volumes = TRADED[text]
    made = aggregator(text)
    pairs = [one.split() for one in traded.split(", ")]
    bars = [bar for side, size in pairs for bar in made.update_trade(trade(side, size))]
    assert [str(bar.volume) for bar in bars] == volumes.split(", ")


def test_a_trade_of_nobody_is_in_the_bar_and_counts_for_no_side() -> None:
    made = aggregator("2-TICK_IMBALANCE")
    assert made.update_trade(trade("B", "1")) == []
    assert made.update_trade(trade("?", "3", "11.00")) == []
    assert shown(made.update_trade(trade("B", "1"))) == ["10.00/11.00/10.00/10.00 x5.000"]


def test_a_run_that_breaks_off_leaves_nothing_in_the_next_bar() -> None:
    made = aggregator("2-TICK_RUNS")
    for one in (trade("B", "1", "99.00"), trade("S", "1", "10.00")):
        assert made.update_trade(one) == []
    assert shown(made.update_trade(trade("S", "1", "9.00"))) == ["10.00/10.00/9.00/9.00 x2.000"]


def test_what_is_left_of_a_trade_begins_the_next_run() -> None:
    made = aggregator("10-VOLUME_RUNS")
    assert len(made.update_trade(trade("B", "14"))) == 1
    assert shown(made.update_trade(trade("B", "6", "11.00"))) == ["10.00/11.00/10.00/11.00 x10.000"]


trades = st.lists(st.tuples(st.sampled_from("BS?"), st.integers(1, 30_000), st.integers(900, 1100)), max_size=50)


@pytest.mark.parametrize("kind", ["3-TICK_IMBALANCE", "20-VOLUME_IMBALANCE", "100-VALUE_IMBALANCE"])
@given(given_trades=trades)
def test_imbalances_lose_nothing_and_never_reach_the_step(kind: str, given_trades: list[tuple[str, int, int]]) -> None:
    made = aggregator(kind)
    total = told = Decimal(0)
    for side, units, cents in given_trades:
        size = Decimal(units) / 1000
        total += size
        told += sum(bar.volume.value for bar in made.update_trade(trade(side, str(size), f"{cents / 100:.2f}")))
        assert abs(made.standing) < made.step
    assert told + made.builder.volume == total


def test_every_aggregation_can_be_made() -> None:
    timed = [
        one for one in BarAggregation if BarType.from_str(f"A.SIM-1-{one.name}-LAST-INTERNAL").spec.is_time_aggregated()
    ]
    assert {*UNTIMED_AGGREGATORS, *timed} == set(BarAggregation)
    assert all(issubclass(one, SidedBarAggregator) for one in SIDED_AGGREGATORS.values())
