"""Trades taken back and corrected, through order, position, store and bus (FIELD C17)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.config.storage import CacheConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.events import OrderFilled, OrderFillVoided, PositionClosed, PositionOpened
from nautilus_live.model.identifiers import PositionId, TradeId, VenueOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import StoreWriter
from tests.engine.conftest import TRADER

Play = Callable[..., Any]
NETTING_ID = PositionId("BTCUSDT.SIM-S-001")
D = Decimal


def void(rig: Any, order: Order, trade: str) -> None:
    rig.client.generate_order_fill_voided(
        order.strategy_id,
        order.instrument_id,
        order.client_order_id,
        order.venue_order_id or VenueOrderId("V-1"),
        TradeId(trade),
        rig.clock.timestamp_ns(),
        "busted",
    )


def test_a_trade_taken_back_changes_order_and_position_together_and_everybody_hears(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "1.000", trade="T-1", commission="5.00")
        await rig.settle()
        void(rig, order, "T-1")
        await rig.settle()
        assert (order.status, order.filled_qty.value) == (OrderStatus.CANCELED, 0)

    rig = play(story)
    position = rig.cache.position(NETTING_ID)
    assert (position.signed_qty, position.realized, position.is_closed) == (0, 0, True)
    assert rig.told()[-1] == "PositionClosed"
    assert [event.reason for event in rig.heard if isinstance(event, OrderFillVoided)] == ["busted"]
    closed = next(event for event in rig.heard if isinstance(event, PositionClosed))
    assert closed.signed_qty == 0
    assert [alarm.kind for alarm in rig.alarms] == ["fill.voided"]


def test_the_word_may_come_before_the_trade_and_before_the_order(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.order()
        void(rig, order, "T-1")
        rig.fill(order, "0.400", trade="T-1")
        rig.fill(order, "0.300", trade="T-2")
        await rig.settle()
        rig.working(order)
        await rig.settle()
        assert (order.status, order.filled_qty.value) == (OrderStatus.PARTIALLY_FILLED, D("0.300"))

    rig = play(story)
    assert rig.cache.position(NETTING_ID).signed_qty == D("0.3")
    assert [event.trade_id.value for event in rig.heard if isinstance(event, OrderFilled)][:1] == ["T-2"]


def test_a_word_for_an_order_that_never_appears_is_alarmed(play: Play) -> None:
    async def story(rig: Any) -> None:
        void(rig, rig.order("O-9"), "T-1")
        await asyncio.sleep(rig.engine.config.early_fill_expiry_secs + 1)

    rig = play(story)
    assert [(alarm.kind, "taken back waited" in alarm.text) for alarm in rig.alarms] == [("fill.unclaimed", True)]


def test_a_position_that_opens_by_a_word_is_told_as_opened(play: Play) -> None:
    async def story(rig: Any) -> None:
        bought, sold = rig.working(rig.order("O-1")), rig.working(rig.order("O-2", "SELL"), "V-2")
        rig.fill(bought, "1.000", trade="T-1")
        rig.fill(sold, "1.000", "50100.00", trade="T-2", venue_order_id="V-2")
        await rig.settle()
        void(rig, bought, "T-1")
        await rig.settle()

    rig = play(story)
    position = rig.cache.position(NETTING_ID)
    assert (position.signed_qty, position.avg_px_open, position.realized) == (D(-1), D("50100.00"), 0)
    assert [type(event) for event in rig.heard if isinstance(event, PositionOpened | PositionClosed)] == [
        PositionOpened,
        PositionClosed,
        PositionOpened,
    ]


def test_a_correction_is_told_as_a_fill_and_keeps_its_position(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.400", trade="T-1", position_id="P-7")
        rig.fill(order, "0.400", "49999.00", trade="T-2", position_id="P-7")
        await rig.settle()
        correct(rig, order, "0.300", "49990.00", "T-1.1", "T-1")
        await rig.settle()
        assert (order.filled_qty.value, order.avg_px) == (D("0.700"), (D("0.3") * 49990 + D("0.4") * 49999) / D("0.7"))

    rig = play(story)
    position = rig.cache.position(PositionId("P-7"))
    assert position.signed_qty == D("0.7")
    assert [fill.trade_id.value for fill in position.fills] == ["T-1.1", "T-2"]
    told = [event for event in rig.heard if isinstance(event, OrderFilled) and event.corrects == TradeId("T-1")]
    assert len(told) == 2, "to who follows the orders, and to who follows the instrument's fills"
    assert told[0].position_id == PositionId("P-7")


def correct(rig: Any, order: Order, quantity: str, price: str, trade: str, old: str) -> None:
    before = rig.client.generate_order_filled

    def with_correction(*arguments: Any) -> None:
        before(*arguments, corrects=TradeId(old))

    rig.client.generate_order_filled = with_correction
    rig.fill(order, quantity, price, trade)
    rig.client.generate_order_filled = before


def test_a_correction_that_the_order_refuses_changes_nothing(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.400", trade="T-1")
        await rig.settle()
        correct(rig, order, "1.200", "50000.00", "T-1", "T-1")
        await rig.settle()
        assert order.filled_qty.value == D("0.4")

    rig = play(story)
    assert rig.cache.position(NETTING_ID).signed_qty == D("0.4")
    assert [alarm.kind for alarm in rig.alarms] == ["fill.overfill"]


@pytest.mark.parametrize("later", ["same cycle", "next cycle"])
def test_a_restart_brings_corrections_back(play: Play, later: str) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        first, second = rig.working(rig.order("O-1")), rig.working(rig.order("O-2", "SELL"), "V-2")
        rig.fill(first, "0.500", "50000.00", trade="T-1", commission="1.00")
        rig.fill(first, "0.500", "50010.00", trade="T-2", commission="1.00")
        rig.fill(second, "0.900", "50020.00", trade="T-3", venue_order_id="V-2", commission="1.00")
        if later == "next cycle":
            rig.fill(second, "0.100", "50020.00", trade="T-4", venue_order_id="V-2")
            third = rig.working(rig.order("O-3"), "V-3")
            rig.fill(third, "0.700", "50030.00", trade="T-5", venue_order_id="V-3")
        await rig.settle()
        correct(rig, first, "0.400", "50001.00", "T-2", "T-2")
        void(rig, first, "T-1")
        await rig.settle()
        assert rig.writer.flush()

    rig = play(story, store=store)
    again = Cache(rig.writer)
    again.load()
    for one, other in zip(rig.cache.positions(), again.positions(), strict=True):
        assert (one.signed_qty, one.avg_px_open, one.realized, one.realized_before, one.paid) == (
            other.signed_qty,
            other.avg_px_open,
            other.realized,
            other.realized_before,
            other.paid,
        )
    for ours, theirs in zip(rig.cache.orders(), again.orders(), strict=True):
        assert (ours.status, ours.filled_qty, ours.voided_trade_ids) == (
            theirs.status,
            theirs.filled_qty,
            theirs.voided_trade_ids,
        )
    assert not rig.errors


def test_a_correction_that_overtakes_its_trade_is_an_ordinary_fill_and_the_trade_is_none(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        correct(rig, order, "0.300", "49990.00", "T-1.2", "T-1.1")
        rig.fill(order, "0.400", trade="T-1.1")
        await rig.settle()
        assert (order.filled_qty.value, order.avg_px) == (D("0.3"), D("49990.00"))

    assert play(story).cache.position(NETTING_ID).signed_qty == D("0.3")


def test_a_trade_that_left_the_position_alone_leaves_it_alone_when_it_is_taken_back(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.400", trade="T-1")
        await rig.settle()
        silent = structs.replace(
            order.fills[TradeId("T-1")], event_id="E-S", trade_id=TradeId("T-2"), affects_position=False
        )
        rig.engine.process(silent)
        await rig.settle()
        assert order.filled_qty.value == D("0.8")
        void(rig, order, "T-2")
        await rig.settle()
        assert order.filled_qty.value == D("0.4")

    assert play(story).cache.position(NETTING_ID).signed_qty == D("0.4")


def test_what_was_taken_back_is_stored_with_its_position_before_it_is_told(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        seen: list[Any] = []

        def look(event: Any) -> None:
            if isinstance(event, OrderFillVoided):
                again = Cache(StoreWriter(store.connect(), TRADER, CacheConfig(), loop=rig.loop))
                again.load()
                seen.append((again.orders()[0].filled_qty.value, again.positions()[0].signed_qty))

        rig.bus.subscribe("events.order.*", look)
        order = rig.working(rig.order())
        rig.fill(order, "0.400", trade="T-1")
        rig.fill(order, "0.100", trade="T-2")
        await rig.settle()
        void(rig, order, "T-1")
        await rig.settle()
        assert seen == [(D("0.1"), D("0.1"))]

    play(story, store=store, cache_config=CacheConfig(buffer_interval_ms=None))


def test_a_correction_that_the_order_refuses_is_counted_and_alarmed(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        rig.fill(order, "0.400", trade="T-1")
        await rig.settle()
        refused = structs.replace(
            order.fills[TradeId("T-1")], event_id="E-R", corrects=TradeId("T-1"), last_qty=Quantity.from_str("0.300")
        )
        refused = structs.replace(refused, order_side=OrderSide.SELL)
        rig.engine.process(refused)
        await rig.settle()
        assert order.filled_qty.value == D("0.4")
        assert rig.engine.refused_count == 1

    rig = play(story)
    assert "fill.refused" in [alarm.kind for alarm in rig.alarms]
