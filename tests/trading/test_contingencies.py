"""Contingent orders that the strategy manages: brackets, OCO, OUO, and what happened while the node was down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config import StrategyConfig
from nautilus_live.model.enums import ContingencyType, OrderSide, OrderStatus, OrderType, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderFilled,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.identifiers import InstrumentId, TradeId
from nautilus_live.model.objects import Currency, Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")


def bracket(strategy: Any, contingency: ContingencyType) -> Any:
    return strategy.order_factory.bracket(
        BTC,
        OrderSide.BUY,
        Quantity.from_str("1.000"),
        entry_order_type=OrderType.LIMIT,
        entry_price=Price.from_str("50000.00"),
        tp_price=Price.from_str("52000.00"),
        sl_trigger_price=Price.from_str("49000.00"),
        contingency_type=contingency,
    )


def fill(stage: Any, order: Any, quantity: str, trade: str) -> None:
    stage.client.emit(
        OrderFilled,
        order,
        trade_id=TradeId(trade),
        order_side=order.side,
        order_type=order.order_type,
        last_qty=Quantity.from_str(quantity),
        last_px=Price.from_str("50000.00"),
        currency=Currency.from_str("USDT"),
    )


def play(stage: Any, story: Callable[[Any], Any], contingency: ContingencyType = ContingencyType.OUO) -> None:
    """Run a story on a bracket that the venue has accepted."""
    stage.strategy = stage.strategy.__class__(StrategyConfig(manage_contingent_orders=True))

    async def whole() -> None:
        task = await stage.running(timeout_post_stop=0.1)
        orders = bracket(stage.strategy, contingency)
        stage.strategy.submit_order_list(orders)
        await asyncio.sleep(0.01)
        for order in orders.orders:
            stage.client.emit(OrderSubmitted, order, provenance=Provenance.LOCAL)
            stage.client.emit(OrderAccepted, order)
        await asyncio.sleep(0.01)
        assert {order.status for order in orders.orders} == {OrderStatus.ACCEPTED}
        await story(orders.orders)
        await stage.node.stop_async()
        await task

    stage.run(whole)


def test_parent_that_ends_unfilled_takes_its_children_with_it(stage: Any) -> None:
    async def story(orders: Any) -> None:
        stage.client.emit(OrderCanceled, orders[0])
        await asyncio.sleep(0.1)
        assert [order.status for order in orders] == [OrderStatus.CANCELED] * 3

    play(stage, story)


def test_parent_that_ends_partly_filled_shrinks_its_children(stage: Any) -> None:
    async def story(orders: Any) -> None:
        fill(stage, orders[0], "0.400", "T-1")
        stage.client.emit(OrderCanceled, orders[0])
        await asyncio.sleep(0.01)
        assert [order.status for order in orders[1:]] == [OrderStatus.PENDING_UPDATE] * 2
        for order in orders[1:]:
            stage.client.emit(OrderUpdated, order, quantity=Quantity.from_str("0.400"))
        await asyncio.sleep(0.01)
        assert [call.partition(" ")[0] for call in stage.client.calls].count("modify") == 2
        assert [str(order.quantity) for order in orders[1:]] == ["0.400"] * 2

    play(stage, story)


def test_oco_partial_fill_of_one_cancels_the_other(stage: Any) -> None:
    async def story(orders: Any) -> None:
        entry, stop, profit = orders
        fill(stage, entry, "1.000", "T-1")
        fill(stage, profit, "0.100", "T-2")
        await asyncio.sleep(0.1)
        assert stop.status is OrderStatus.CANCELED

    play(stage, story, ContingencyType.OCO)


def test_ouo_fill_of_one_is_taken_off_the_other_and_its_end_cancels_it(stage: Any) -> None:
    async def story(orders: Any) -> None:
        entry, stop, profit = orders
        fill(stage, entry, "1.000", "T-1")
        fill(stage, profit, "0.300", "T-2")
        await asyncio.sleep(0.01)
        assert stop.status is OrderStatus.PENDING_UPDATE
        stage.client.emit(OrderUpdated, stop, quantity=Quantity.from_str("0.700"))
        await asyncio.sleep(0.01)
        assert (stop.status, str(stop.quantity)) == (OrderStatus.ACCEPTED, "0.700")
        fill(stage, profit, "0.700", "T-3")
        await asyncio.sleep(0.1)
        assert stop.status is OrderStatus.CANCELED

    play(stage, story)


def test_a_refused_cancel_is_asked_for_again_a_while_later_and_not_at_once(stage: Any) -> None:
    def cancels() -> int:
        return [call.partition(" ")[0] for call in stage.client.calls].count("cancel")

    async def story(orders: Any) -> None:
        stage.client.answers_cancels = False
        stage.client.emit(OrderCanceled, orders[0])
        await asyncio.sleep(0.1)
        assert cancels() == 2
        for order in orders[1:]:
            stage.client.emit(OrderCancelRejected, order, reason="busy", provenance=Provenance.RESPONSE)
        await asyncio.sleep(4.0)
        assert cancels() == 2
        stage.client.answers_cancels = True
        await asyncio.sleep(2.0)
        assert cancels() == 4
        assert [order.status for order in orders] == [OrderStatus.CANCELED] * 3

    play(stage, story)


def test_sibling_that_was_filled_while_the_node_was_down_is_settled_at_the_start(make_stage: Any) -> None:
    kept: dict[str, Any] = {}

    async def leave(orders: Any) -> None:
        fill(first, orders[0], "1.000", "T-1")
        await asyncio.sleep(0.01)
        kept["stop"], kept["profit"] = orders[1].client_order_id, orders[2].client_order_id

    first = make_stage()
    play(first, leave, ContingencyType.OCO)
    second = make_stage()
    second.store = first.store
    second.strategy = second.strategy.__class__(StrategyConfig(manage_contingent_orders=True))

    async def restart() -> None:
        node = second.build(engine={"reconciliation": False}, timeout_post_stop=0.1)

        def fill_before_the_trader_starts(step: str) -> None:
            if step == "take_instruments":
                order = node.cache.order(kept["profit"])
                fill(second, order, "1.000", "T-9")

        def look(strategy: Any) -> None:
            kept["at start"] = [strategy.cache.order(kept[name]).status for name in ("profit", "stop")]

        second.strategy.at_start = look
        second.step_hook = fill_before_the_trader_starts
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(0.2)
        assert kept["at start"] == [OrderStatus.FILLED, OrderStatus.PENDING_CANCEL]
        assert node.cache.order(kept["stop"]).status is OrderStatus.CANCELED
        await node.stop_async()
        await task

    second.run(restart)


@pytest.mark.parametrize(("links", "waits"), [(False, True), (True, False)])
def test_children_wait_here_where_the_venue_links_nothing(stage: Any, links: bool, waits: bool) -> None:
    stage.strategy = stage.strategy.__class__(StrategyConfig(manage_contingent_orders=True))

    async def story() -> None:
        task = await stage.running(timeout_post_stop=0.1)
        stage.client.links_orders = links
        stage.client.auto_accept = True
        orders = bracket(stage.strategy, ContingencyType.OUO)
        stage.strategy.submit_order_list(orders)
        await asyncio.sleep(0.01)
        entry, stop, profit = orders.orders
        wanted = OrderStatus.EMULATED if waits else OrderStatus.INITIALIZED  # on its way, with its entry
        assert [order.status for order in (stop, profit)] == [wanted] * 2
        if waits:
            fill(stage, entry, "0.400", "T-1")
            await asyncio.sleep(0.01)
            assert [(order.status, str(order.quantity)) for order in (stop, profit)] == [
                (OrderStatus.ACCEPTED, "0.400")
            ] * 2
        await stage.node.stop_async()
        await task

    stage.run(story)
