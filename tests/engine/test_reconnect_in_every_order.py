"""Reconciliation after a gap, and what the stream tells meanwhile: in every order, the same end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderAccepted, OrderCanceled, OrderPendingUpdate, OrderUpdated
from nautilus_live.model.identifiers import VenueOrderId
from nautilus_live.model.objects import Quantity
from tests.engine.reconnecting import Running
from tests.live.conftest import BTC


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


# -- recovery and live events, in every order ------------------------------------------------------------------------

WHEN = ["while away", "before the answers", "with the answers", "after the answers"]


async def recovered(stage: Running, when: str, live: Callable[[], None]) -> None:
    """Lose the client and get it back, and let the live events happen at one of the moments."""
    stage.lose()
    if when == "while away":
        live()
    await asyncio.sleep(1.0)
    stage.answers.clear()
    stage.come_back()
    await asyncio.sleep(0.1)
    if when == "before the answers":
        live()
        await asyncio.sleep(0.1)
    stage.answers.set()
    if when == "with the answers":
        live()
    await asyncio.sleep(0.1)
    if when == "after the answers":
        live()
    await asyncio.sleep(30.0)
    assert len(stage.gaps()) == 1
    assert stage.alarms == []


@pytest.mark.parametrize("when", WHEN)
def test_a_trade_that_stream_and_answer_both_tell_counts_once(stage: Running, when: str) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.venue_order(order, OrderStatus.PARTIALLY_FILLED, "0.400")
        stage.venue_trade(order, "T-1", "0.400")
        await recovered(stage, when, lambda: stage.live_trade(order, "T-1", "0.400"))
        assert (order.status, order.filled_qty.value) == (OrderStatus.PARTIALLY_FILLED, Decimal("0.4"))
        assert stage.strategy.seen.count("OrderFilled") == 1
        assert [position.signed_qty for position in stage.node.cache.positions_open()] == [Decimal("0.4")]
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize("when", WHEN)
def test_a_cancel_meanwhile_is_not_undone_by_an_older_open_report_and_its_trades_still_find_it(
    stage: Running, when: str
) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.venue_order(order, OrderStatus.ACCEPTED)

        def cancel() -> None:
            stage.client.emit(OrderCanceled, order)
            stage.client.orders.clear()
            stage.venue_order(order, OrderStatus.CANCELED)

        await recovered(stage, when, cancel)
        assert order.status is OrderStatus.CANCELED
        assert stage.strategy.seen.count("OrderCanceled") == 1
        assert (
            stage.node.cache.client_order_id(VenueOrderId(f"V-{order.client_order_id}"), BTC) == order.client_order_id
        )
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize("when", WHEN)
def test_a_trade_on_the_old_leg_does_not_answer_a_modification(stage: Running, when: str) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.client.emit(OrderPendingUpdate, order)
        await asyncio.sleep(0.01)
        stage.venue_order(order, OrderStatus.PARTIALLY_FILLED, "0.400")
        stage.venue_trade(order, "T-1", "0.400")

        def replaced() -> None:
            name = VenueOrderId("V-NEW")
            stage.client.emit(
                OrderUpdated, order, venue_order_id=name, quantity=order.quantity, price=order.price, trigger_price=None
            )
            stage.client.orders.clear()
            stage.client.hold_order(
                str(order.client_order_id),
                OrderStatus.PARTIALLY_FILLED,
                venue_order_id=name,
                filled_qty=Quantity.from_str("0.400"),
                quantity=order.quantity,
                avg_px=Decimal(50_000),
            )

        await recovered(stage, when, replaced)
        assert order.venue_order_id == VenueOrderId("V-NEW")
        assert order.filled_qty.value == Decimal("0.4")
        assert stage.strategy.seen.count("OrderUpdated") == 1
        assert order.is_open
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize("when", WHEN)
def test_an_older_acceptance_does_not_restore_an_id_that_was_replaced(stage: Running, when: str) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.venue_order(order, OrderStatus.ACCEPTED)

        def replaced() -> None:
            stage.client.emit(OrderAccepted, order, venue_order_id=VenueOrderId("V-NEW"))
            stage.client.orders.clear()
            stage.venue_order(order, OrderStatus.ACCEPTED, venue_id="V-NEW")

        await recovered(stage, when, replaced)
        assert order.venue_order_id == VenueOrderId("V-NEW")
        assert order.status is OrderStatus.ACCEPTED
        await stage.end()

    stage.run(story)
