"""Orders that a start's lists left out: asked about alone, on a whole node whose venue answers as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nautilus_live.errors import WireError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.events import OrderCanceled
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from tests.live.conftest import BTC, Stage

Story = Callable[[Stage, Order], Awaitable[None]]


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)


def silent() -> None:
    raise WireError("503")


def restarted(story: Story, answers_at_once: bool = True, **engine: Any) -> None:
    """Let a node submit an order, and let `story` happen to its next life, whose start is told of no orders."""
    first, again = Stage(), Stage()
    again.store = first.store
    if not answers_at_once:
        again.scripts["SIM"] = lambda client: client.hooks.update(mass_status=silent)

    async def live() -> None:
        task = await first.running(timeout_post_stop=0.1)
        price, quantity = Price.from_str("50000.00"), Quantity.from_str("1.000")
        first.strategy.submit_order(first.strategy.order_factory.limit(BTC, OrderSide.BUY, quantity, price))
        await asyncio.sleep(0.1)
        await first.node.stop_async()
        await task

    async def restart() -> None:
        task = await again.running(engine=engine, timeout_post_stop=0.1)
        (order,) = again.node.cache.orders()
        assert order.status is OrderStatus.ACCEPTED, "a list that leaves it out ends nothing"
        await story(again, order)
        await again.node.stop_async()
        await task

    first.run(live)
    again.run(restart)


def questions(stage: Stage) -> int:
    return stage.client.calls.count("order_status")


def test_it_is_asked_about_until_there_is_an_answer() -> None:
    async def story(stage: Stage, order: Order) -> None:
        stage.client.hooks["order_status"] = silent
        await asyncio.sleep(16.0)
        assert (questions(stage), order.status) == (2, OrderStatus.ACCEPTED)
        del stage.client.hooks["order_status"]
        stage.client.hold_order(str(order.client_order_id), OrderStatus.CANCELED)
        await asyncio.sleep(300.0)
        assert (questions(stage), order.status) == (3, OrderStatus.CANCELED)

    restarted(story)


def test_that_it_is_not_there_ends_nothing_and_is_asked_once() -> None:
    async def story(stage: Stage, order: Order) -> None:
        await asyncio.sleep(300.0)
        assert (questions(stage), order.status) == (1, OrderStatus.ACCEPTED)

    restarted(story)


def test_what_was_heard_of_meanwhile_is_not_asked_about() -> None:
    async def story(stage: Stage, order: Order) -> None:
        stage.client.emit(OrderCanceled, order)
        await asyncio.sleep(300.0)
        assert questions(stage) == 0

    restarted(story)


def test_a_venue_that_is_reconciled_later_is_asked_then() -> None:
    async def story(stage: Stage, order: Order) -> None:
        await asyncio.sleep(30.0)
        assert questions(stage) == 0, "no list has left it out yet"
        del stage.client.hooks["mass_status"]
        await asyncio.sleep(100.0)
        assert questions(stage) == 1

    restarted(story, answers_at_once=False, reconciliation_fail_closed=False)


def test_where_the_open_order_check_asks_nobody_else_does() -> None:
    async def story(stage: Stage, order: Order) -> None:
        await asyncio.sleep(100.0)
        assert questions(stage) == 0, "five lists more must leave it out before it is asked about"

    restarted(story, open_check_interval_secs=30.0)
