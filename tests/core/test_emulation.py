"""Which word of a market releases an order that is held here, which lets it trail, and which means nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.emulation import FEEDS, Feed, Release, Seen, Trail, Watch, Watchlist, watched_by
from nautilus_live.model.enums import OrderSide, OrderType, TrailingOffsetType, TriggerType
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order
from tests.core.conftest import make_order

D = Decimal
TICK = D("0.01")
PRICES = st.integers(9_000, 11_000).map(lambda cents: cents * TICK)


def held(
    kind: OrderType = OrderType.STOP_MARKET,
    side: OrderSide = OrderSide.SELL,
    trigger: str | None = "100.00",
    watched: TriggerType = TriggerType.BID_ASK,
    **fields: Any,
) -> Order:
    price = Price.from_str(trigger) if kind is OrderType.LIMIT and trigger else None
    stop = Price.from_str(trigger) if kind is not OrderType.LIMIT and trigger else None
    return make_order(
        order_type=kind, order_side=side, price=price, trigger_price=stop, emulation_trigger=watched, **fields
    )


def quote(bid: str | Decimal, ask: str | Decimal | None = None, ts: int = 1) -> Seen:
    return Seen(Feed.QUOTES, D(bid), D(bid if ask is None else ask), ts)


def last(price: str, ts: int = 1) -> Seen:
    return Seen(Feed.TRADES, D(price), D(price), ts)


STOPS = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
TOUCHES = (OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED, OrderType.LIMIT)


@given(st.sampled_from(STOPS + TOUCHES), st.sampled_from([OrderSide.BUY, OrderSide.SELL]), st.lists(PRICES))
def test_it_is_triggered_exactly_by_the_first_price_that_reaches_it(
    kind: OrderType, side: OrderSide, prices: list[Decimal]
) -> None:
    watch = Watch(held(kind, side), TICK)
    rising = (side is OrderSide.BUY) == (kind in STOPS)
    reached = [price for price in prices if (price >= 100 if rising else price <= 100)]

    first = next((found for found in map(watch.observe, map(quote, prices)) if found is not None), None)

    assert first == (Release(watch.client_order_id, reached[0]) if reached else None)


def test_a_buy_looks_at_the_ask_and_a_sell_at_the_bid() -> None:
    buys, sells = Watch(held(side=OrderSide.BUY), TICK), Watch(held(side=OrderSide.SELL), TICK)

    assert buys.observe(quote("99.00", "99.99")) is None
    assert sells.observe(quote("100.01", "101.00")) is None
    assert isinstance(buys.observe(quote("99.00", "100.00")), Release)
    assert isinstance(sells.observe(quote("100.00", "101.00")), Release)


@pytest.mark.parametrize(
    ("kind", "words", "released_at"),
    [
        (TriggerType.LAST_PRICE, [quote("99.00"), last("99.00")], 1),
        (TriggerType.LAST_OR_BID_ASK, [last("101.00"), quote("99.00")], 1),
        (TriggerType.LAST_OR_BID_ASK, [quote("101.00"), last("99.00")], 1),
        (TriggerType.DOUBLE_LAST, [last("99.00"), last("101.00"), last("99.00"), last("99.50")], 3),
        (TriggerType.DOUBLE_BID_ASK, [quote("99.00"), last("99.00"), quote("99.00")], 2),
        (TriggerType.MID_POINT, [quote("99.00", "101.01"), quote("99.00", "101.00")], 1),
        (TriggerType.MARK_PRICE, [quote("99.00"), Seen(Feed.MARK, D(99), D(99), 1)], 1),
        (TriggerType.INDEX_PRICE, [quote("99.00"), Seen(Feed.INDEX, D(99), D(99), 1)], 1),
    ],
)
def test_each_trigger_type_listens_to_its_own_prices(kind: TriggerType, words: list[Seen], released_at: int) -> None:
    watch = Watch(held(watched=kind), TICK)

    released = [isinstance(watch.observe(word), Release) for word in words]

    assert released == [number == released_at for number in range(len(words))]
    assert set(FEEDS[kind]) <= set(Feed)


def test_default_leaves_the_choice_to_the_orders_own_trigger_type() -> None:
    assert watched_by(held(watched=TriggerType.DEFAULT)) is TriggerType.BID_ASK
    assert watched_by(held(watched=TriggerType.DEFAULT, trigger_type=TriggerType.MARK_PRICE)) is TriggerType.MARK_PRICE
    assert watched_by(held(watched=TriggerType.LAST_PRICE)) is TriggerType.LAST_PRICE


@pytest.mark.parametrize("word", [quote("99.00", "98.00"), quote("0", "0"), quote("-1", "1"), quote("99.00", ts=4)])
def test_a_price_that_cannot_be_true_or_is_late_means_nothing(word: Seen) -> None:
    market = Watchlist()
    market.add(Watch(held(), TICK))
    market.add(Watch(held(OrderType.TRAILING_STOP_MARKET, trigger="50.00", name="O-2", **TRAILS), TICK))
    market.observe(quote("101.00", ts=5))

    assert market.observe(word) == []
    assert [watch.trigger for watch in market] == [D("100.00"), D("91.00")]


TRAILS = {"trailing_offset": D(10), "trailing_offset_type": TrailingOffsetType.PRICE}


def trailing(**fields: Any) -> Order:
    kind = fields.pop("kind", OrderType.TRAILING_STOP_MARKET)
    return held(kind, trigger=fields.pop("trigger", None), **{**TRAILS, **fields})


def test_a_trailing_stop_takes_its_first_trigger_from_the_market_and_follows_it() -> None:
    order = trailing(kind=OrderType.TRAILING_STOP_LIMIT, limit_offset=D(1))
    watch = Watch(order, TICK)

    assert watch.observe(quote("100.00")) == Trail(order.client_order_id, D("90.00"), D("99.00"))
    assert watch.observe(quote("95.00")) is None
    assert watch.observe(quote("101.00")) == Trail(order.client_order_id, D("91.00"), D("100.00"))
    assert watch.observe(quote("91.00")) == Release(order.client_order_id, D("91.00"))


def test_before_its_activation_a_trailing_stop_neither_trails_nor_triggers() -> None:
    watch = Watch(trailing(trigger="95.00", activation_price=Price.from_str("120.00")), TICK)

    assert watch.observe(quote("90.00")) is None
    assert watch.observe(quote("119.99")) is None
    assert watch.observe(quote("120.00")) == Trail(watch.client_order_id, D("110.00"), None)
    assert isinstance(watch.observe(quote("110.00")), Release)


def test_an_activation_survives_a_restart() -> None:
    order = trailing(trigger="95.00", activation_price=Price.from_str("120.00"))
    order.is_activated = True

    assert isinstance(Watch(order, TICK).observe(quote("95.00")), Release)


@given(st.lists(PRICES, min_size=1, max_size=40), st.sampled_from([OrderSide.BUY, OrderSide.SELL]))
def test_a_trailing_stop_is_triggered_exactly_when_the_market_gave_back_the_offset(
    prices: list[Decimal], side: OrderSide
) -> None:
    watch = Watch(trailing(side=side), TICK)
    best = prices[0]
    for price in prices:
        gave_back = (price - best) * side.sign >= 10
        best = best if (price - best) * side.sign >= 0 else price
        found = watch.observe(quote(price))
        assert isinstance(found, Release) == gave_back
        if gave_back:
            return


def test_a_modified_trigger_counts_from_then_on() -> None:
    order = held()
    watch = Watch(order, TICK)
    order.trigger_price = Price.from_str("98.00")
    watch.read(order)

    assert watch.observe(quote("99.00")) is None
    assert isinstance(watch.observe(quote("98.00")), Release)


LIMIT_TRAILS = {
    "trailing_offset": D("10"), "limit_offset": D("5"), "trailing_offset_type": TrailingOffsetType.PRICE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("101.00", Trail(ClientOrderId("O-1"), D("99.00"), D("96.00"))),
        ("98.00", Release(ClientOrderId("O-1"), D("98.00"), D("93.00"))),
    ],
)
def test_an_order_that_has_a_trigger_and_no_limit_gets_it_from_the_first_word(word: str, expected: object) -> None:
    order = held(OrderType.TRAILING_STOP_LIMIT, trigger="99.00", **LIMIT_TRAILS)
    watch = Watch(order, TICK)
    assert watch.observe(quote(word)) == expected
    if isinstance(expected, Trail):
        assert watch.observe(quote("100.00")) is None, "it has one now"
        assert watch.observe(quote("99.00")) == Release(ClientOrderId("O-1"), D("99.00"))


def test_a_limit_is_a_price_of_the_orders_own_instrument_whichever_market_it_follows() -> None:
    order = held(OrderType.TRAILING_STOP_LIMIT, trigger=None, **LIMIT_TRAILS)
    watch = Watch(order, TICK, limit_tick=D("0.5"))

    assert watch.observe(quote("110.13")) == Trail(ClientOrderId("O-1"), D("100.13"), D("105.0"))
