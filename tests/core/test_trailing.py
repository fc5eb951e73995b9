"""Trailing stops: where the trigger belongs, whatever the market does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.trailing import Trailing
from nautilus_live.model.enums import OrderSide, TrailingOffsetType

D = Decimal
TICK = D("0.05")
SIDES = st.sampled_from([OrderSide.BUY, OrderSide.SELL])
PRICES = st.integers(2_000, 40_000).map(lambda ticks: ticks * TICK)


def trailing(side: OrderSide = OrderSide.SELL, kind: str = "PRICE", offset: str = "10", **fields: Decimal) -> Trailing:
    return Trailing(side=side, offset_type=TrailingOffsetType[kind], offset=D(offset), tick=TICK, **fields)


@pytest.mark.parametrize(
    ("side", "kind", "offset", "trigger"),
    [
        (OrderSide.SELL, "PRICE", "10", "90.00"),
        (OrderSide.BUY, "PRICE", "10", "110.00"),
        (OrderSide.SELL, "BASIS_POINTS", "33", "99.65"),  # 99.67, on the tick below
        (OrderSide.BUY, "BASIS_POINTS", "33", "100.35"),  # 100.33, on the tick above
        (OrderSide.SELL, "TICKS", "7", "99.65"),
        (OrderSide.BUY, "TICKS", "7", "100.35"),
    ],
)
def test_offsets_count_in_price_basis_points_and_ticks(side: OrderSide, kind: str, offset: str, trigger: str) -> None:
    assert trailing(side, kind, offset).trigger_for(D("100.00"), None) == D(trigger)


def test_the_limit_lies_behind_the_market_by_an_offset_of_its_own() -> None:
    assert trailing(OrderSide.SELL, limit_offset=D(3)).limit_for(D(100)) == D(97)
    assert trailing(OrderSide.BUY, limit_offset=D(12)).limit_for(D(100)) == D(112)
    assert trailing().limit_for(D(100)) is None


@given(SIDES, st.lists(PRICES, min_size=1, max_size=30), st.integers(1, 500), st.sampled_from(["PRICE", "TICKS"]))
def test_a_trigger_never_moves_away_and_is_never_closer_than_asked_for(
    side: OrderSide, prices: list[Decimal], offset: int, kind: str
) -> None:
    stop = trailing(side, kind, str(offset))
    distance = offset * TICK if kind == "TICKS" else D(offset)
    trigger: Decimal | None = None
    for price in prices:
        wanted = stop.trigger_for(price, trigger)
        if wanted is None:
            continue
        if trigger is not None:
            assert (wanted - trigger) * side.sign < 0  # towards the market: up for a sell, down for a buy
        assert (wanted - price) * side.sign >= distance
        assert wanted % TICK == 0
        trigger = wanted
    best = max(prices) if side is OrderSide.SELL else min(prices)
    assert trigger == stop.trigger_for(best, None)


def test_it_follows_from_its_activation_price_on() -> None:
    sells = trailing(OrderSide.SELL, activation_price=D(120))
    buys = trailing(OrderSide.BUY, activation_price=D(80))

    assert [sells.activates(D(price)) for price in (119, 120, 121)] == [False, True, True]
    assert [buys.activates(D(price)) for price in (81, 80, 79)] == [False, True, True]
    assert trailing().activates(D(1))
