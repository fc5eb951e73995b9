"""What the risk engine says of an order's own terms: dates, reduce-only, post-only, positions; and of its price."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.engines import LiveRiskEngineConfig
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.model.commands import SubmitOrder, SubmitOrderList
from nautilus_live.model.enums import AccountType, OrderStatus, OrderType, TimeInForce, TradingState, TriggerType
from nautilus_live.model.events import AccountState, OrderDenied, TradingStateChanged
from nautilus_live.model.identifiers import AccountId, ClientOrderId, OrderListId, PositionId
from nautilus_live.model.objects import AccountBalance, Currency, Money
from nautilus_live.model.orders import Order, OrderList

Story = Callable[[Any], Awaitable[None]]


def send(rig: Any, order: Order, **fields: Any) -> Order:
    rig.bus.send("RiskEngine.execute", rig.command(order, **fields))
    return order


def fund(rig: Any, kind: AccountType = AccountType.CASH, **free: str) -> None:
    balances = tuple(
        AccountBalance(money, Money(Decimal(0), money.currency), money)
        for money in (Money(Decimal(amount), Currency.from_str(code)) for code, amount in free.items())
    )
    state = AccountState(
        event_id="A", ts_event=1, ts_init=1, account_id=AccountId("SIM-001"), account_type=kind, balances=balances
    )
    rig.engine.receive_account_state(state)


async def reason_of(rig: Any, order: Order) -> str:
    await rig.settle()
    if order.status is not OrderStatus.DENIED:
        return ""
    event = order.last_event
    assert isinstance(event, OrderDenied)
    return event.reason


def test_a_date_that_has_come_is_no_date(play: Any) -> None:
    async def story(rig: Any) -> None:
        now = rig.clock.timestamp_ns()
        late = send(rig, rig.order("O-1", time_in_force=TimeInForce.GTD, expire_time_ns=now))
        good = send(rig, rig.order("O-2", time_in_force=TimeInForce.GTD, expire_time_ns=now + 1))
        assert await reason_of(rig, late) == f"expire_time: must be in the future, was {now} ns"
        assert await reason_of(rig, good) == ""

    play(story)


@pytest.mark.parametrize(
    ("side", "fields", "denied"),
    [
        ("BUY", {}, True),
        ("SELL", {}, False),
        ("BUY", {"reduce_only": False}, False),
        ("BUY", {"parent_order_id": ClientOrderId("P")}, False),  # an exit waits for what its parent opens
    ],
)
def test_an_order_that_may_only_reduce_must_not_increase(play: Any, side: str, fields: Any, denied: bool) -> None:
    async def story(rig: Any) -> None:
        opening = rig.working(rig.order("O-0"))
        rig.fill(opening, "1.000")
        await rig.settle()
        order = send(rig, rig.order("O-1", side, **{"reduce_only": True, **fields}))
        wanted = "reduce_only: BUY 1.000 would increase the position of 1.000" if denied else ""
        assert await reason_of(rig, order) == wanted

    play(story)


def test_where_nothing_is_open_the_venue_is_to_say_what_reduces(play: Any) -> None:
    async def story(rig: Any) -> None:
        order = send(rig, rig.order("O-1", "SELL", reduce_only=True))
        assert await reason_of(rig, order) == ""

    play(story)


def test_a_position_that_is_named_must_be_known(play: Any) -> None:
    async def story(rig: Any) -> None:
        order = send(rig, rig.order("O-1", "SELL", reduce_only=True), position_id=PositionId("P-9"))
        assert await reason_of(rig, order) == "reduce_only: P-9 must be a known position"

    play(story)


def test_post_only_must_be_able_to_rest(play: Any) -> None:
    async def story(rig: Any) -> None:
        market = send(rig, rig.order("O-1", price=None, post_only=True))
        immediate = send(rig, rig.order("O-2", post_only=True, time_in_force=TimeInForce.IOC))
        resting = send(rig, rig.order("O-3", post_only=True))
        assert await reason_of(rig, market) == "post_only: must be an order that can rest, was MARKET GTC"
        assert await reason_of(rig, immediate) == "post_only: must be an order that can rest, was LIMIT IOC"
        assert await reason_of(rig, resting) == ""

    play(story)


def test_a_cash_account_pays_with_what_is_free(play: Any) -> None:
    async def story(rig: Any) -> None:
        fund(rig, USDT="50000.00", BTC="0.500")
        await rig.settle()
        dear = send(rig, rig.order("O-1", price="50000.01"))
        fits = send(rig, rig.order("O-2"))
        sells_more = send(rig, rig.order("O-3", "SELL", "0.501"))
        sells = send(rig, rig.order("O-4", "SELL", "0.500"))
        unpriced = send(rig, rig.order("O-5", price=None))
        wanted = "free_balance: must be at most the free 50000.00000000 USDT, was 50000.01000000 USDT"
        assert await reason_of(rig, dear) == wanted
        assert "0.501 BTC" in await reason_of(rig, sells_more)
        for order in (fits, sells, unpriced):
            assert await reason_of(rig, order) == ""

    play(story)


def test_a_bet_is_denied_if_more_can_be_lost_than_is_free(play: Any) -> None:
    async def story(rig: Any) -> None:
        fund(rig, AccountType.BETTING, USDT="10.00")
        await rig.settle()
        orders = {
            name: send(rig, rig.order(name, side, quantity, price=price, reduce_only=reduces))
            for name, side, quantity, price, reduces in (
                ("O-1", "BUY", "5.000", "3.01", False),
                ("O-2", "BUY", "5.000", "3.00", False),
                ("O-3", "SELL", "10.001", "3.00", False),
                ("O-4", "SELL", "10.001", "3.00", True),
            )
        }
        wanted = "free_balance: must be at most the free 10.00000000 USDT, was {} USDT"
        assert await reason_of(rig, orders["O-1"]) == wanted.format("10.05000000")
        assert await reason_of(rig, orders["O-2"]) == ""
        for name in ("O-3", "O-4"):
            assert (await reason_of(rig, orders[name])).startswith("free_balance")

    play(story)


def test_the_orders_of_a_list_are_paid_together(play: Any) -> None:
    async def story(rig: Any) -> None:
        fund(rig, USDT="75000.00")
        await rig.settle()
        orders = [rig.order("O-1"), rig.order("O-2")]
        command = SubmitOrderList(
            trader_id=orders[0].trader_id,
            command_id="C",
            ts_init=0,
            strategy_id=orders[0].strategy_id,
            instrument_id=orders[0].instrument_id,
            order_list=OrderList(OrderListId("OL-1"), orders),
        )
        rig.bus.send("RiskEngine.execute", command)
        for order in orders:
            assert (await reason_of(rig, order)).startswith("O-2: free_balance: must be at most the free 75000")

    play(story)


def test_what_a_margin_account_can_carry_is_the_venues_to_say(play: Any) -> None:
    async def story(rig: Any) -> None:
        fund(rig, AccountType.MARGIN, USDT="1.00")
        await rig.settle()
        assert await reason_of(rig, send(rig, rig.order())) == ""

    play(story)


def test_bypass_lets_everything_through(play: Any) -> None:
    async def story(rig: Any) -> None:
        fund(rig, USDT="1.00")
        await rig.settle()
        assert await reason_of(rig, send(rig, rig.order(price="50000.001"))) == ""

    play(story, risk_config=LiveRiskEngineConfig(bypass=True))


def test_a_change_of_the_trading_state_is_told_on_the_bus(play: Any) -> None:
    async def story(rig: Any) -> None:
        for state in (TradingState.HALTED, TradingState.HALTED, TradingState.ACTIVE):
            rig.risk.set_trading_state(state)
        told = [event for event in rig.heard if isinstance(event, TradingStateChanged)]
        assert [event.state for event in told] == [TradingState.HALTED, TradingState.ACTIVE]

    play(story)


@pytest.mark.parametrize(
    ("converts", "price", "quantity", "quoted"),
    [(True, "50000.00", "0.019", False), (True, None, "0.020", False), (False, "50000.00", "999.0000", True)],
)
def test_a_quantity_in_quote_currency_leaves_as_one_of_the_base(
    play: Any, converts: bool, price: str | None, quantity: str, quoted: bool
) -> None:
    async def story(rig: Any) -> None:
        rig.quote("49000.00", "49500.00")
        order = send(rig, rig.order("O-1", quantity="999.0000", price=price, quote_quantity=True))
        await rig.settle()
        assert (str(order.quantity), order.is_quote_quantity) == (quantity, quoted)
        assert order.filled_qty.precision == order.quantity.precision
        (sent,) = [one.order for one in rig.client.commands if isinstance(one, SubmitOrder)]
        assert sent is order
        assert rig.cache.order(order.client_order_id).init.quote_quantity is quoted

    play(story, exec_config=LiveExecEngineConfig(convert_quote_qty_to_base=converts))


def test_without_a_price_a_quantity_in_quote_currency_is_denied(play: Any) -> None:
    async def story(rig: Any) -> None:
        none = send(rig, rig.order("O-1", quantity="999.000", price=None, quote_quantity=True))
        little = send(rig, rig.order("O-2", quantity="10.000", quote_quantity=True))
        assert await reason_of(rig, none) == "quote_quantity: no price to convert 999.000 USDT with"
        assert "buy less than 0.001 at 50000.00" in await reason_of(rig, little)

    play(story)


def test_types_that_trigger_are_priced_at_their_trigger(play: Any, new_instrument: Any) -> None:
    async def story(rig: Any) -> None:
        fund(rig, USDT="40000.00")
        await rig.settle()
        stop = rig.order(
            "O-1",
            price=None,
            order_type=OrderType.STOP_MARKET,
            trigger_price=rig.order().price,
            trigger_type=TriggerType.DEFAULT,
        )
        assert (await reason_of(rig, send(rig, stop))).startswith("free_balance")

    play(story)
