"""The order factory: complete orders, consistent in themselves, under ids that were never used."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.engine.ids import EventIds
from nautilus_live.model.enums import (
    ContingencyType,
    OrderSide,
    OrderStatus,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, StrategyId, TraderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.trading.order_factory import OrderFactory

BTC = InstrumentId.from_str("BTCUSDT.SIM")
ONE = Quantity.from_str("1.000")
BUY, SELL = OrderSide.BUY, OrderSide.SELL
NOON_NS = 1_767_225_600_000_000_000 + 12 * 3600 * 1_000_000_000


def price(text: str) -> Price:
    return Price.from_str(text)


class StillClock:
    def __init__(self) -> None:
        self.now = NOON_NS

    def timestamp_ns(self) -> int:
        return self.now


def make(taken: dict[str, None] | None = None, **options: Any) -> OrderFactory:
    if taken is not None:
        options["is_taken"] = lambda one: one.value in taken
    return OrderFactory(TraderId("TRADER-007"), StrategyId("EMACross-042"), StillClock(), EventIds("E"), **options)


# -- ids ---------------------------------------------------------------------------------------------------------------


def test_ids_carry_the_clocks_time_both_tags_and_a_count() -> None:
    factory = make()
    assert str(factory.market(BTC, BUY, ONE).client_order_id) == "O-20260101-120000-007-042-1"
    assert str(factory.market(BTC, BUY, ONE).client_order_id) == "O-20260101-120000-007-042-2"
    factory._clock.now += 61_000_000_000  # type: ignore[attr-defined]  # the test's own clock
    assert str(factory.generate_client_order_id()) == "O-20260101-120101-007-042-3"
    assert str(factory.generate_order_list_id()) == "OL-20260101-120101-007-042-1"


def test_ids_without_hyphens() -> None:
    assert str(make(use_hyphens_in_client_order_ids=False).generate_client_order_id()) == "O202601011200000070421"


def test_random_ids_come_from_the_source_given() -> None:
    uuids = iter(["aaaa-1", "aaaa-1", "bbbb-2"])
    taken: dict[str, None] = {}
    factory = make(taken, use_uuid_client_order_ids=True, uuid_source=lambda: next(uuids))
    first = factory.generate_client_order_id()
    taken[first.value] = None
    assert (str(first), str(factory.generate_client_order_id())) == ("aaaa-1", "bbbb-2")


def test_random_ids_need_a_source() -> None:
    with pytest.raises(ValueError, match="needs a uuid_source, was None"):
        make(use_uuid_client_order_ids=True)


def test_restart_within_the_same_second_goes_on_after_what_is_known() -> None:
    """C7, C8: the cache has 1 and 2; the venue still knows 3 to 5, which a flush took from the cache."""
    known = [ClientOrderId(f"O-20260101-120000-007-042-{count}") for count in (1, 2)]
    seen = [ClientOrderId(f"O-20260101-120000-007-042-{count}") for count in (3, 5)]
    factory = make(dict.fromkeys(one.value for one in (*known, *seen)))

    factory.restore_counts(known)
    factory.restore_counts(seen)

    assert str(factory.generate_client_order_id()) == "O-20260101-120000-007-042-6"


def test_ids_of_others_do_not_move_the_count() -> None:
    factory = make()
    factory.restore_counts(
        [ClientOrderId("O-20260101-120000-007-001-900"), ClientOrderId("web_1"), ClientOrderId("O-1")]
    )
    assert factory.get_client_order_id_count() == 0


def test_a_taken_id_is_skipped_even_if_the_count_was_lost() -> None:
    taken = dict.fromkeys(f"O-20260101-120000-007-042-{count}" for count in (1, 2, 3))
    assert str(make(taken).generate_client_order_id()) == "O-20260101-120000-007-042-4"


def test_the_count_never_goes_back() -> None:
    factory = make()
    factory.set_client_order_id_count(10)
    factory.set_client_order_id_count(3)
    assert factory.get_client_order_id_count() == 10


# -- types -------------------------------------------------------------------------------------------------------------


def test_every_type_is_made_with_its_own_fields() -> None:
    factory = make()
    trigger, limit = price("51000.00"), price("51010.00")
    offset = Decimal("10.5")
    made = [
        factory.market(BTC, BUY, ONE),
        factory.limit(BTC, BUY, ONE, limit, post_only=True, display_qty=Quantity.from_str("0.100")),
        factory.market_to_limit(BTC, BUY, ONE),
        factory.stop_market(BTC, BUY, ONE, trigger, TriggerType.MARK_PRICE, reduce_only=True),
        factory.stop_limit(BTC, BUY, ONE, limit, trigger, post_only=True),
        factory.market_if_touched(BTC, BUY, ONE, trigger),
        factory.limit_if_touched(BTC, BUY, ONE, limit, trigger),
        factory.trailing_stop_market(BTC, SELL, ONE, offset, trailing_offset_type=TrailingOffsetType.BASIS_POINTS),
        factory.trailing_stop_limit(BTC, SELL, ONE, Decimal(5), offset),
    ]

    assert sorted(order.order_type for order in made) == list(OrderType)
    assert {order.status for order in made} == {OrderStatus.INITIALIZED}
    assert made[3].trigger_type is TriggerType.MARK_PRICE
    assert made[3].is_reduce_only
    assert (made[4].price, made[4].trigger_price) == (limit, trigger)
    assert made[7].trailing_offset_type is TrailingOffsetType.BASIS_POINTS
    assert (made[8].limit_offset, made[8].trailing_offset) == (Decimal(5), offset)
    assert len({order.init.event_id for order in made}) == len(made)


def test_tags_and_gtd_time_are_kept() -> None:
    order = make().limit(
        BTC, BUY, ONE, price("1.00"), TimeInForce.GTD, datetime(2026, 1, 2, tzinfo=UTC), tags=["a", "b"]
    )
    assert order.tags == ["a", "b"]
    assert order.expire_time_ns == 1_767_225_600_000_000_000 + 24 * 3600 * 1_000_000_000


@pytest.mark.parametrize(
    ("build", "rule"),
    [
        (lambda f: f.limit(BTC, BUY, ONE, None), "price must be a Price, was None"),
        (lambda f: f.stop_limit(BTC, BUY, ONE, price("1.0"), None), "trigger_price must be a Price, was None"),
        (lambda f: f.market(BTC, BUY, Quantity.from_str("0")), "quantity must be a Quantity > 0, was 0"),
        (lambda f: f.market(BTC, OrderSide.NO_ORDER_SIDE, ONE), "side must be BUY or SELL, was NO_ORDER_SIDE"),
        (lambda f: f.market(BTC, BUY, ONE, TimeInForce.GTD), "a MARKET order cannot be GTD"),
        (lambda f: f.limit(BTC, BUY, ONE, price("1.0"), TimeInForce.GTD), "must have an expire_time after now"),
        (lambda f: f.limit(BTC, BUY, ONE, price("1.0"), TimeInForce.GTD, NOON_NS), "expire_time after now"),
        (
            lambda f: f.limit(BTC, BUY, ONE, price("1.0"), expire_time=NOON_NS + 1),
            "expire_time goes with GTD, not with GTC",
        ),
        (
            lambda f: f.limit(BTC, BUY, ONE, price("1.0"), TimeInForce.IOC, post_only=True),
            "post-only order must be able",
        ),
        (
            lambda f: f.limit(BTC, BUY, ONE, price("1.0"), display_qty=Quantity.from_str("2")),
            "must not exceed quantity",
        ),
        (lambda f: f.stop_market(BTC, BUY, ONE, price("1.0"), TriggerType.NO_TRIGGER), "trigger_type must say"),
        (lambda f: f.trailing_stop_market(BTC, BUY, ONE, Decimal(0)), "trailing_offset must be > 0, was 0"),
        (lambda f: f.market_to_limit(BTC, BUY, ONE, TimeInForce.AT_THE_OPEN), "cannot wait for an auction"),
        (
            lambda f: f.create(OrderType.MARKET, BTC, BUY, ONE, post_only=True),
            "post_only goes with orders that have a limit",
        ),
    ],
)
def test_contradictions_are_refused_with_rule_and_value(build: Any, rule: str) -> None:
    with pytest.raises(ValueError) as caught:
        build(make())
    assert rule in str(caught.value)
    assert str(caught.value).startswith("O-20260101-120000-007-042-1 (")


def test_options_that_a_type_does_not_have_are_refused() -> None:
    with pytest.raises(TypeError, match=r"stop_market.* unexpected keyword argument 'post_only'"):
        make().stop_market(BTC, BUY, ONE, price("1.0"), post_only=True)


def test_times_without_a_zone_are_utc_as_published_strategies_mean_them() -> None:
    naive, aware = datetime(2027, 1, 1), datetime(2027, 1, 1, tzinfo=UTC)  # noqa: DTZ001  # the point
    made = [make().limit(BTC, BUY, ONE, price("1.0"), TimeInForce.GTD, moment) for moment in (naive, aware)]
    assert made[0].expire_time_ns == made[1].expire_time_ns == 1_798_761_600_000_000_000


# -- lists -------------------------------------------------------------------------------------------------------------


def test_bracket_links_entry_and_exits() -> None:
    bracket = make().bracket(BTC, BUY, ONE, sl_trigger_price=price("49000.00"), tp_price=price("52000.00"))
    entry, stop, profit = bracket.orders

    assert [order.order_type for order in bracket.orders] == [OrderType.MARKET, OrderType.STOP_MARKET, OrderType.LIMIT]
    assert {order.order_list_id for order in bracket.orders} == {bracket.id}
    assert entry.contingency_type is ContingencyType.OTO
    assert entry.linked_order_ids == [stop.client_order_id, profit.client_order_id]
    for leg, other in ((stop, profit), (profit, stop)):
        assert leg.side is SELL
        assert leg.is_reduce_only
        assert leg.parent_order_id == entry.client_order_id
        assert leg.linked_order_ids == [other.client_order_id]
        assert leg.contingency_type is ContingencyType.OUO
    assert profit.is_post_only
    assert (stop.tags, profit.tags) == (["STOP_LOSS"], ["TAKE_PROFIT"])


def test_bracket_of_other_types() -> None:
    bracket = make().bracket(
        BTC,
        SELL,
        ONE,
        entry_order_type=OrderType.LIMIT,
        entry_price=price("50000.00"),
        tp_order_type=OrderType.MARKET_IF_TOUCHED,
        tp_trigger_price=price("49000.00"),
        sl_order_type=OrderType.TRAILING_STOP_MARKET,
        sl_trailing_offset=Decimal(100),
        contingency_type=ContingencyType.OCO,
    )
    entry, stop, profit = bracket.orders
    assert (entry.price, stop.trailing_offset, profit.trigger_price) == (
        price("50000.00"),
        Decimal(100),
        price("49000.00"),
    )
    assert not profit.is_post_only


def test_bracket_without_its_prices_is_refused() -> None:
    with pytest.raises(ValueError, match="trigger_price must be a Price"):
        make().bracket(BTC, BUY, ONE, tp_price=price("52000.00"))
    with pytest.raises(ValueError, match="sl_order_type must be one of"):
        make().bracket(BTC, BUY, ONE, sl_order_type=OrderType.LIMIT)


def test_list_of_orders_gets_an_id_that_each_carries() -> None:
    factory = make()
    orders = [factory.market(BTC, BUY, ONE), factory.limit(BTC, BUY, ONE, price("1.00"))]
    made = factory.create_list(orders)
    assert [order.order_list_id for order in orders] == [made.id, made.id]
    assert [order.events[0].order_list_id for order in orders] == [made.id, made.id]
    with pytest.raises(ValueError, match="new orders that are in no list"):
        factory.create_list(orders)
