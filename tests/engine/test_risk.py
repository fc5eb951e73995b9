"""The risk engine: each rule at its boundary."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.engines import LiveRiskEngineConfig
from nautilus_live.model.commands import CancelOrder, ModifyOrder, SubmitOrderList
from nautilus_live.model.enums import OrderStatus, TradingState
from nautilus_live.model.events import OrderDenied, OrderModifyRejected
from nautilus_live.model.identifiers import OrderListId
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.orders import Order, OrderList
from tests.engine.conftest import modify

Play = Callable[..., Any]
USDT = Currency.from_str("USDT")


def check(play: Play, make: Callable[[Any], Order], **options: Any) -> str:
    """Return why the order is denied; nothing if it reaches the venue."""
    reasons: list[str] = []

    async def story(rig: Any) -> None:
        order = make(rig)
        rig.risk.execute(rig.command(order))
        await rig.settle()
        if order.status is OrderStatus.DENIED:
            assert rig.client.commands == []
            reasons.append(rig.last(OrderDenied).reason)
        else:
            assert [command.order for command in rig.client.commands] == [order]

    play(story, **options)
    return reasons[0] if reasons else ""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"price": "50000.01"}, ""),
        ({"price": "50000.010"}, ""),
        ({"price": "50000.015"}, "price: must have at most 2 decimal places, was 50000.015"),
        ({"price": "0.00"}, "price: must be positive, was 0.00"),
        ({"price": "-0.01"}, "price: must be positive, was -0.01"),
        ({"price": "60000.00"}, ""),
        ({"price": "60000.01"}, "price: must be at most max_price 60000.00, was 60000.01"),
        ({"price": "100.00"}, ""),
        ({"price": "99.99"}, "price: must be at least min_price 100.00, was 99.99"),
        ({"quantity": "0.0015"}, "quantity: must be a multiple of 0.001, was 0.0015"),
        ({"quantity": "0.000"}, "quantity: must be positive, was 0.000"),
        ({"quantity": "10.000", "price": "1000.00"}, ""),
        ({"quantity": "10.001"}, "quantity: must be at most max_quantity 10.000, was 10.001"),
        ({"quantity": "0.002"}, ""),
        ({"quantity": "0.001"}, "quantity: must be at least min_quantity 0.002, was 0.001"),
        ({"price": "1000.00", "quantity": "0.005"}, ""),
        (
            {"price": "1000.00", "quantity": "0.004"},
            "notional: must be at least min_notional 5.00000000 USDT, was 4.00000000 USDT",
        ),
        ({"price": "1000.00", "quantity": "0.004", "reduce_only": True}, ""),
        (
            {"price": "50000.00", "quantity": "8.001"},
            "notional: must be at most max_notional 400000.00000000 USDT, was 400050.00000000 USDT",
        ),
        ({"price": "50000.00", "quantity": "8.000"}, ""),
        (
            {"trigger_price": Price.from_str("50000.005")},
            "trigger_price: must have at most 2 decimal places, was 50000.005",
        ),
    ],
)
def test_an_order_must_fit_its_instrument(
    play: Play, new_instrument: Callable[..., Any], fields: dict[str, Any], reason: str
) -> None:
    limits = new_instrument(
        max_price=Price.from_str("60000.00"),
        min_price=Price.from_str("100.00"),
        max_quantity=Quantity.from_str("10.000"),
        min_quantity=Quantity.from_str("0.002"),
        max_notional=Money(Decimal(400_000), USDT),
        min_notional=Money(Decimal(5), USDT),
    )

    def make(rig: Any) -> Order:
        rig.cache.add_instrument(limits)
        order: Order = rig.order(**fields)
        return order

    assert check(play, make) == reason


def test_a_price_must_be_on_the_tick(play: Play, new_instrument: Callable[..., Any]) -> None:
    import msgspec

    halves = msgspec.structs.replace(new_instrument(), price_increment=Price.from_str("0.50"))

    def make(rig: Any) -> Order:
        rig.cache.add_instrument(halves)
        order: Order = rig.order(price="100.25")
        return order

    assert check(play, make) == "price: must be a multiple of 0.50, was 100.25"


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [("2.000", ""), ("2.001", "max_notional_per_order: must be at most 200 USDT, was 200.10000000")],
)
@pytest.mark.parametrize("price", ["100.00", None])
def test_an_order_is_worth_no_more_than_configured(play: Play, price: str | None, quantity: str, reason: str) -> None:
    config = LiveRiskEngineConfig(max_notional_per_order={"BTCUSDT.SIM": Decimal(200)})

    def make(rig: Any) -> Order:
        rig.quote("99.00", "100.00")
        order: Order = rig.order(price=price, quantity=quantity)
        return order

    assert check(play, make, risk_config=config) == reason


def test_the_value_of_a_market_order_without_any_price_is_not_judged(play: Play) -> None:
    config = LiveRiskEngineConfig(max_notional_per_order={"BTCUSDT.SIM": Decimal(200)})

    assert check(play, lambda rig: rig.order(price=None, quantity="500.000"), risk_config=config) == ""


def test_an_order_of_an_unknown_instrument_is_denied(play: Play, new_instrument: Callable[..., Any]) -> None:
    other = new_instrument("ETHUSDT.SIM")

    assert check(play, lambda rig: rig.order(instrument_id=other.id)) == "instrument: ETHUSDT.SIM is not known"


def test_bypass_lets_everything_through(play: Play) -> None:
    assert check(play, lambda rig: rig.order(price="0.001"), risk_config=LiveRiskEngineConfig(bypass=True)) == ""


@pytest.mark.parametrize(
    ("state", "side", "quantity", "denied"),
    [
        (TradingState.ACTIVE, "BUY", "5.000", False),
        (TradingState.HALTED, "SELL", "1.000", True),
        (TradingState.REDUCING, "SELL", "1.000", False),
        (TradingState.REDUCING, "SELL", "1.001", True),
        (TradingState.REDUCING, "BUY", "0.001", True),
    ],
)
def test_the_trading_state_decides_what_may_leave(
    play: Play, state: TradingState, side: str, quantity: str, denied: bool
) -> None:
    async def story(rig: Any) -> None:
        rig.fill(rig.working(rig.order("O-1", "BUY")), "1.000")
        await rig.settle()
        rig.risk.set_trading_state(state)
        order = rig.order("O-2", side, quantity)
        rig.risk.execute(rig.command(order))
        await rig.settle()
        assert (order.status is OrderStatus.DENIED) is denied
        if denied:
            assert rig.last(OrderDenied).reason.startswith("trading_state: ")

    play(story)


def test_submits_beyond_the_rate_are_denied_until_the_window_has_passed(play: Play) -> None:
    async def story(rig: Any) -> None:
        async def denied(name: str) -> bool:
            order = rig.order(name)
            rig.risk.execute(rig.command(order))
            await rig.settle()
            return order.status is OrderStatus.DENIED

        assert [await denied(f"O-{number}") for number in range(3)] == [False, False, True]
        assert rig.last(OrderDenied).reason == "max_order_submit_rate: more than 2/00:00:01"
        await asyncio.sleep(0.9969)  # the first submit is 0.9999 s ago
        assert await denied("O-10")
        assert not await denied("O-11")  # one place became free, one
        assert not await denied("O-12")
        assert await denied("O-13")

    play(story, risk_config=LiveRiskEngineConfig(max_order_submit_rate="2/00:00:01"))


def test_a_list_is_denied_whole(play: Play) -> None:
    async def story(rig: Any) -> None:
        orders = [rig.order("O-1"), rig.order("O-2", price="0.001")]
        command = SubmitOrderList(
            trader_id=orders[0].trader_id,
            command_id="C",
            ts_init=0,
            strategy_id=orders[0].strategy_id,
            instrument_id=orders[0].instrument_id,
            order_list=OrderList(OrderListId("OL-1"), orders),
        )
        rig.risk.execute(command)
        await rig.settle()
        assert [order.status for order in orders] == [OrderStatus.DENIED, OrderStatus.DENIED]
        assert rig.client.commands == []

    play(story)


def test_a_used_id_does_not_deny_the_order_that_has_it(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.order()
        rig.risk.execute(rig.command(order))
        rig.risk.set_trading_state(TradingState.HALTED)
        rig.risk.execute(rig.command(order))
        await rig.settle()
        assert order.status is OrderStatus.INITIALIZED
        assert len(rig.client.commands) == 1

    play(story)


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"price": Price.from_str("49999.99")}, TradingState.ACTIVE, ""),
        (
            {"price": Price.from_str("49999.995")},
            TradingState.ACTIVE,
            "price: must have at most 2 decimal places, was 49999.995",
        ),
        (
            {"quantity": Quantity.from_str("0.0005")},
            TradingState.ACTIVE,
            "quantity: must be a multiple of 0.001, was 0.0005",
        ),
        (
            {"quantity": Quantity.from_str("1.001")},
            TradingState.REDUCING,
            "trading_state: quantity 1.001 is more than 1.000 in REDUCING",
        ),
        ({"quantity": Quantity.from_str("0.999")}, TradingState.REDUCING, ""),
        (
            {"quantity": Quantity.from_str("0.999")},
            TradingState.HALTED,
            "trading_state: no order may be modified in HALTED",
        ),
    ],
)
def test_a_modification_must_fit_too(play: Play, changes: dict[str, Any], state: TradingState, reason: str) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        rig.risk.set_trading_state(state)
        rig.risk.execute(modify(order, **changes))
        await rig.settle()
        assert order.status is OrderStatus.ACCEPTED
        if reason:
            assert rig.last(OrderModifyRejected).reason == reason
            assert len(rig.client.commands) == 1
        else:
            assert isinstance(rig.client.commands[-1], ModifyOrder)

    play(story)


def test_modifications_have_a_rate_of_their_own_and_cancels_none(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        for price in ("49999.99", "49999.98"):
            rig.risk.execute(modify(order, price=Price.from_str(price)))
        await rig.settle()
        assert rig.last(OrderModifyRejected).reason == "max_order_modify_rate: more than 1/00:00:01"
        rig.risk.set_trading_state(TradingState.HALTED)
        rig.risk.execute(
            CancelOrder(
                trader_id=order.trader_id,
                command_id="C",
                ts_init=0,
                strategy_id=order.strategy_id,
                instrument_id=order.instrument_id,
                client_order_id=order.client_order_id,
            )
        )
        await rig.settle()
        assert [type(command).__name__ for command in rig.client.commands] == [
            "SubmitOrder",
            "ModifyOrder",
            "CancelOrder",
        ]

    play(story, risk_config=LiveRiskEngineConfig(max_order_modify_rate="1/00:00:01"))
