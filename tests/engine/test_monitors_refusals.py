"""A refused command is the occasion to ask about its order at once (FIELD A13, A14)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderCancelRejected, OrderEvent, OrderModifyRejected
from nautilus_live.model.orders import Order
from tests.engine.checking import Answers, Running, filled, started, stopped, submitted, trade


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


def refuse(venue: Answers, order: Order, kind: type[OrderEvent] = OrderCancelRejected, **fields: Any) -> None:
    venue.client.emit(kind, order, reason="no such order", **{"provenance": Provenance.RESPONSE, **fields})


@pytest.mark.parametrize("kind", [OrderCancelRejected, OrderModifyRejected])
def test_the_order_of_a_refused_command_is_asked_about_at_once(stage: Running, kind: type[OrderEvent]) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage)
        filled(venue.client, order, "1.000", OrderStatus.FILLED)
        trade(venue.client, order, "1.000")
        refuse(venue, order, kind)
        await asyncio.sleep(0.01)
        assert [name for _, name in venue.orders_s] == ["O-1"]
        assert (order.status, len(order.fills)) == (OrderStatus.FILLED, 1)
        await stopped(stage)

    stage.run(story)


def test_one_question_is_under_way_however_many_commands_are_refused(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage)
        venue.on_order = lambda _: asyncio.sleep(1.0, None)
        for _ in range(3):
            refuse(venue, order)
        await asyncio.sleep(0.5)
        assert len(venue.orders_s) == 1
        await asyncio.sleep(1.0)
        refuse(venue, order)
        await asyncio.sleep(0.1)
        assert len(venue.orders_s) == 2
        await asyncio.sleep(2.0)
        assert order.status is OrderStatus.ACCEPTED, "not there, once, ends nothing"
        await stopped(stage)

    stage.run(story)


def test_our_own_refusal_and_one_after_the_end_ask_nothing(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage)
        refuse(venue, order, provenance=Provenance.LOCAL)
        await asyncio.sleep(0.1)
        venue.client.emit(OrderCanceled, order)
        refuse(venue, order)
        await asyncio.sleep(0.1)
        assert venue.orders_s == []
        await stopped(stage)

    stage.run(story)


def test_a_refusal_leads_to_a_question_without_the_in_flight_check_too(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, inflight_check_interval_ms=0)
        refuse(venue, await submitted(stage))
        await asyncio.sleep(100.0)
        assert len(venue.orders_s) == 1
        await stopped(stage)

    stage.run(story)


def test_nothing_is_asked_after_the_checks_have_stopped(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage)
        stage.node.kernel.monitors.stop()
        refuse(venue, order)
        await asyncio.sleep(0.1)
        assert venue.orders_s == []
        await stopped(stage)

    stage.run(story)
