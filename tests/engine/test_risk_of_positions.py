"""What the risk engine says of orders by the positions they change: virtual ones, sums of several, and their margin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model.commands import SubmitOrder, SubmitOrderList
from nautilus_live.model.enums import AccountType, OmsType, OrderStatus, TradingState
from nautilus_live.model.events import AccountState, OrderDenied
from nautilus_live.model.identifiers import AccountId, ClientOrderId, OrderListId, PositionId, StrategyId
from nautilus_live.model.objects import AccountBalance, Currency, Money
from nautilus_live.model.orders import Order, OrderList

Story = Callable[[Any], Awaitable[None]]
STRATEGY = StrategyId("S-001")


def send(rig: Any, order: Order, **fields: Any) -> Order:
    rig.bus.send("RiskEngine.execute", rig.command(order, **fields))
    return order


async def reason_of(rig: Any, order: Order) -> str:
    await rig.settle()
    if order.status is not OrderStatus.DENIED:
        return ""
    event = order.last_event
    assert isinstance(event, OrderDenied)
    return event.reason


async def two_virtual_positions(rig: Any) -> None:
    """A long of 1.000 (P-L) and a short of 0.400 (P-K) at a venue that nets."""
    rig.engine.register_strategy(STRATEGY, OmsType.HEDGING)
    for name, side, quantity in (("L", "BUY", "1.000"), ("K", "SELL", "0.400")):
        order = rig.working(rig.order(name, side, quantity), f"V-{name}")
        rig.fill(order, quantity, venue_order_id=f"V-{name}")
    await rig.settle()
    assert {str(one.id): one.net_qty for one in rig.cache.positions_open()} == {
        "P-L": Decimal(1), "P-K": Decimal("-0.4"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("side", "quantity", "position", "reason"),
    [
        ("SELL", "1.000", "P-L", ""),
        ("BUY", "0.400", "P-K", ""),  # the venue's net is long, and would refuse it
        ("SELL", "1.001", "P-L", "reduce_only: SELL 1.001 must be at most what its position has, was 1.000"),
        ("BUY", "0.100", "P-L", "reduce_only: BUY 0.100 must be at most what its position has, was 1.000"),
        ("SELL", "0.100", None, "reduce_only: SELL 0.100 must be at most what its position has, was 0"),
    ],
)
def test_what_reduces_a_virtual_position_is_judged_here(
    play: Any, side: str, quantity: str, position: str | None, reason: str
) -> None:
    async def story(rig: Any) -> None:
        await two_virtual_positions(rig)
        named = {} if position is None else {"position_id": PositionId(position)}
        order = send(rig, rig.order("O-1", side, quantity, reduce_only=True), **named)
        assert await reason_of(rig, order) == reason
        if not reason:
            told = rig.client.commands[-1]
            assert isinstance(told, SubmitOrder)
            assert (told.position_id, told.is_kept_here) == (None, True), "the venue knows no such position"

    play(story)


@pytest.mark.parametrize(("position", "denied"), [("P-K", False), ("P-L", True), (None, True)])
def test_in_reducing_the_named_position_counts(play: Any, position: str | None, denied: bool) -> None:
    async def story(rig: Any) -> None:
        await two_virtual_positions(rig)
        rig.risk.set_trading_state(TradingState.REDUCING)
        named = {} if position is None else {"position_id": PositionId(position)}
        order = send(rig, rig.order("O-1", "BUY", "0.400"), **named)
        assert (await reason_of(rig, order) != "") is denied

    play(story)


def test_an_exit_changes_the_position_of_its_entry(play: Any) -> None:
    async def story(rig: Any) -> None:
        rig.engine.register_strategy(STRATEGY, OmsType.HEDGING)
        rig.fill(rig.working(rig.order("E", "BUY", "1.000")), "1.000")
        await rig.settle()
        leaving = rig.working(rig.order("X", "SELL", "1.000", parent_order_id=ClientOrderId("E")), "V-2")
        rig.fill(leaving, "1.000", venue_order_id="V-2")
        await rig.settle()
        assert [(str(one.id), one.net_qty) for one in rig.cache.positions()] == [("P-E", Decimal(0))]

    play(story)


# -- margin ------------------------------------------------------------------------------------------------------------


def fund(rig: Any, **free: str) -> None:
    balances = tuple(
        AccountBalance(money, Money(Decimal(0), money.currency), money)
        for money in (Money(Decimal(amount), Currency.from_str(code)) for code, amount in free.items())
    )
    state = AccountState(
        event_id="A", ts_event=1, ts_init=1, account_id=AccountId("SIM-001"), account_type=AccountType.MARGIN,
        balances=balances,
    )  # fmt: skip
    rig.engine.receive_account_state(state)


@pytest.mark.parametrize(
    ("free", "held", "side", "quantity", "fields", "reason"),
    [
        ({"USDT": "5000.00"}, None, "BUY", "1.000", {}, ""),
        ({"USDT": "4999.99"}, None, "BUY", "1.000", {}, "free_margin: must be at most the free 4999.99"),
        ({"USDT": "1.00"}, "1.000", "SELL", "1.000", {}, ""),  # closes
        ({"USDT": "1.00"}, "1.000", "SELL", "1.001", {}, "free_margin"),  # turns, by 0.001
        ({"USDT": "1.00"}, "1.000", "SELL", "9.000", {"reduce_only": True}, ""),
        ({"USDT": "1.00"}, "1.000", "BUY", "0.100", {}, "free_margin"),
        ({"USDT": "1.00", "BTC": "1.000"}, None, "BUY", "1.000", {}, ""),  # one may stand for the other
        ({"BTC": "1.000"}, None, "BUY", "1.000", {}, ""),  # nothing was said of USDT
        ({"USDT": "1.00"}, None, "BUY", "1.000", {"parent_order_id": ClientOrderId("P")}, ""),
    ],
)
def test_a_margin_account_must_have_the_margin_free(
    play: Any, new_instrument: Any, free: Any, held: str | None, side: str, quantity: str, fields: Any, reason: str
) -> None:
    async def story(rig: Any) -> None:
        rig.cache.add_instrument(new_instrument(margin_init=Decimal("0.1")))
        if held is not None:
            rig.fill(rig.working(rig.order("O-0", "BUY", held)), held)
        fund(rig, **free)
        await rig.settle()
        assert (await reason_of(rig, send(rig, rig.order("O-1", side, quantity, **fields))))[: len(reason) or None] == (
            reason
        )

    play(story)


def test_leverage_makes_margin_go_further(play: Any, new_instrument: Any) -> None:
    async def story(rig: Any) -> None:
        rig.cache.add_instrument(new_instrument(margin_init=Decimal("0.1")))
        fund(rig, USDT="1000.00")
        await rig.settle()
        account = rig.cache.account(AccountId("SIM-001"))
        assert (await reason_of(rig, send(rig, rig.order("O-1")))).startswith("free_margin")
        account.set_default_leverage(Decimal(5))
        assert await reason_of(rig, send(rig, rig.order("O-2"))) == ""

    play(story)


# -- ids ---------------------------------------------------------------------------------------------------------------


def test_an_order_under_a_used_id_is_told_so_and_whoever_has_it_is_not(play: Any) -> None:
    async def story(rig: Any) -> None:
        first = rig.working(rig.order("O-1"))
        again, mate = rig.order("O-1"), rig.order("O-2")
        rig.bus.send(
            "RiskEngine.execute",
            SubmitOrderList(
                trader_id=again.trader_id, command_id="C", ts_init=0, strategy_id=again.strategy_id,
                instrument_id=again.instrument_id, order_list=OrderList(OrderListId("L"), [again, mate]),
            ),
        )  # fmt: skip
        assert await reason_of(rig, again) == "client_order_id: must be new, O-1 is used"
        assert await reason_of(rig, mate) == "client_order_id: must be new in all of a list, O-1 is used"
        assert (first.status, rig.cache.order(first.client_order_id)) == (OrderStatus.ACCEPTED, first)
        assert [str(event.client_order_id) for event in rig.heard if type(event) is OrderDenied] == ["O-2"]

    play(story)
