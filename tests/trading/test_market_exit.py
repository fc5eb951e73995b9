"""Leaving the market: everything canceled, everything closed, tried again, given up; a stop that waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config import StrategyConfig
from nautilus_live.model.enums import ComponentState, OrderSide, OrderStatus, Provenance, TimeInForce
from nautilus_live.model.events import OrderAccepted, OrderRejected, OrderSubmitted
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")
QTY = Quantity.from_str("1.000")


def play(stage: Any, story: Callable[[Any], Any], **settings: Any) -> None:
    """Run a story on a strategy that holds a position and has an order in the book."""
    stage.strategy = stage.strategy.__class__(StrategyConfig(**settings))

    async def whole() -> None:
        task = await stage.running(timeout_post_stop=0.2)
        strategy = stage.strategy
        strategy.submit_order(strategy.order_factory.market(BTC, OrderSide.BUY, QTY))
        strategy.submit_order(strategy.order_factory.limit(BTC, OrderSide.BUY, QTY, Price.from_str("1.00")))
        await asyncio.sleep(0.01)
        assert strategy.cache.orders_open_count() == 1
        await story(strategy)
        await stage.node.stop_async()
        await task

    stage.run(whole)


def refuse_market_orders(client: Any) -> None:
    def submit(command: Any) -> None:
        client.calls.append(f"submit {command.order.client_order_id}")
        client.emit(OrderSubmitted, command.order, provenance=Provenance.LOCAL)
        client.emit(OrderRejected, command.order, reason="busy")

    client.submit_order = submit


def test_orders_are_canceled_and_positions_closed(stage: Any) -> None:
    async def story(strategy: Any) -> None:
        strategy.market_exit()
        assert strategy.is_exiting()
        await asyncio.sleep(0.3)
        assert not strategy.is_exiting()
        assert strategy.portfolio.is_flat(BTC)
        assert strategy.cache.orders_open() == []
        closing = strategy.cache.orders()[-1]
        assert (closing.tags, closing.is_reduce_only) == (["MARKET_EXIT"], True)
        assert strategy.state is ComponentState.RUNNING

    play(stage, story)


def test_the_closing_orders_are_as_configured(stage: Any) -> None:
    async def story(strategy: Any) -> None:
        strategy.market_exit()
        await asyncio.sleep(0.3)
        closing = strategy.cache.orders()[-1]
        assert (closing.time_in_force, closing.is_reduce_only) == (TimeInForce.IOC, False)

    play(stage, story, market_exit_time_in_force=TimeInForce.IOC, market_exit_reduce_only=False)


def test_a_refused_close_is_tried_again_at_the_interval_and_given_up_after_the_last_look(stage: Any) -> None:
    async def story(strategy: Any) -> None:
        refuse_market_orders(stage.client)
        strategy.market_exit()
        await asyncio.sleep(0.6)
        tried = [one for one in strategy.cache.orders() if one.tags]
        assert [one.status for one in tried] == [OrderStatus.REJECTED] * 2  # looks at 0 s and 0.4 s
        assert strategy.is_exiting()
        await asyncio.sleep(1.2)
        assert not strategy.is_exiting()
        assert len([one for one in strategy.cache.orders() if one.tags]) == 3
        assert not strategy.portfolio.is_flat(BTC)

    play(stage, story, market_exit_interval_ms=400, market_exit_max_attempts=3)


def test_nothing_that_could_increase_leaves_meanwhile(stage: Any) -> None:
    async def story(strategy: Any) -> None:
        refuse_market_orders(stage.client)
        strategy.market_exit()
        order = strategy.order_factory.limit(BTC, OrderSide.BUY, QTY, Price.from_str("1.00"))
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.DENIED

    play(stage, story, market_exit_max_attempts=1)


@pytest.mark.parametrize("manage_stop", [False, True])
def test_a_stop_leaves_the_market_first_only_with_manage_stop(stage: Any, manage_stop: bool) -> None:
    async def story(strategy: Any) -> None:
        strategy.stop()
        assert strategy.is_running is manage_stop
        await asyncio.sleep(0.5)
        assert strategy.is_stopped
        assert strategy.seen.count("on_stop") == 1
        assert stage.node.portfolio.is_flat(BTC) is manage_stop

    play(stage, story, manage_stop=manage_stop)


def test_the_node_stops_once_its_strategies_have_left(stage: Any) -> None:
    async def story(strategy: Any) -> None:
        await stage.node.stop_async()
        assert stage.node.portfolio.is_flat(BTC)
        assert stage.node.cache.orders_open() == []
        assert strategy.seen[-1] == "on_stop" or "on_stop" in strategy.seen
        assert stage.steps.index("leave_markets") < stage.steps.index("stop_monitors")

    play(stage, story, manage_stop=True)


def test_the_author_is_told_of_the_beginning_and_the_end(stage: Any) -> None:
    async def story(strategy: Any) -> None:
        strategy.on_market_exit = lambda: strategy.seen.append("leaving")
        strategy.post_market_exit = lambda: strategy.seen.append("left")
        strategy.market_exit()
        strategy.market_exit()  # one exit at a time
        await asyncio.sleep(0.3)
        assert [one for one in strategy.seen if one in ("leaving", "left")] == ["leaving", "left"]
        assert OrderAccepted.__name__ in strategy.seen

    play(stage, story)
