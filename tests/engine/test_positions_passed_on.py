"""Positions that a venue names, and names again: whose they are, live and after a restart."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import ClientOrderId, PositionId, StrategyId, TradeId
from nautilus_live.model.orders import Order
from nautilus_live.store.memory import MemoryStore
from tests.engine.conftest import Rig
from tests.engine.test_cache_restart import assert_same, restarted

LEG = PositionId("LEG-LONG")


async def trade(rig: Rig, name: str, strategy: str, side: str = "BUY", position_id: str | None = "LEG-LONG") -> Order:
    order = rig.working(rig.order(name, side, strategy_id=StrategyId(strategy)), f"V-{name}")
    await rig.settle()
    rig.fill(order, "1.000", trade=f"T-{name}", position_id=position_id)
    await rig.settle()
    return order


def owner(rig: Rig, position_id: PositionId = LEG) -> str:
    position = rig.cache.position(position_id)
    assert position is not None
    return position.strategy_id.value


async def round_trip(rig: Rig, number: int, strategy: str) -> None:
    await trade(rig, f"O-{number}", strategy)
    assert owner(rig) == strategy
    await trade(rig, f"O-{number}-close", strategy, "SELL")
    assert owner(rig) == strategy, "who closes it does not matter"


def test_a_leg_that_is_used_again_is_its_openers_and_a_restart_agrees(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await round_trip(rig, 1, "S-001")
        await round_trip(rig, 2, "S-002")
        await trade(rig, "O-3", "S-001")
        assert owner(rig) == "S-001"
        await trade(rig, "O-4", "S-002", "SELL")
        assert owner(rig) == "S-001"
        assert rig.store is not None
        assert_same(restarted(rig.store), rig.cache)

    play(story, store=MemoryStore(), oms_type=OmsType.HEDGING)


def test_a_trade_given_back_leaves_the_venues_position_to_whose_it_is(play: Any) -> None:
    """Found by the campaign: what was booked on a stranger's order first turned out to be ours."""

    async def story(rig: Rig) -> None:
        stranger = await trade(rig, "EXT-1", "EXTERNAL")
        ids = (stranger.strategy_id, stranger.instrument_id, stranger.client_order_id)
        assert stranger.venue_order_id is not None
        trade_id, now = TradeId("T-EXT-1"), rig.clock.timestamp_ns()
        rig.client.generate_order_fill_voided(*ids, stranger.venue_order_id, trade_id, now)
        await rig.settle()
        await trade(rig, "O-1", "S-001")
        assert owner(rig) == "S-001"
        assert rig.store is not None
        assert_same(restarted(rig.store), rig.cache)

    play(story, store=MemoryStore(), oms_type=OmsType.HEDGING)


@pytest.mark.parametrize("opener", ["EXTERNAL", "INTERNAL-DIFF"])
def test_nobodys_order_takes_no_position_from_a_strategy(play: Any, opener: str) -> None:
    async def story(rig: Rig) -> None:
        await round_trip(rig, 1, "S-001")
        await trade(rig, "O-2", opener)
        assert owner(rig) == "S-001"

    play(story, oms_type=OmsType.HEDGING)


def test_a_position_that_is_named_after_its_strategy_stays_that_strategys(play: Any) -> None:
    async def story(rig: Rig) -> None:
        own = PositionId("BTCUSDT.SIM-S-001")
        await trade(rig, "O-1", "S-001", position_id=None)
        await trade(rig, "O-2", "S-002", "SELL", position_id=own.value)
        await trade(rig, "O-3", "S-002", "SELL", position_id=own.value)
        assert owner(rig, own) == "S-001"

    play(story)


def test_a_leg_that_was_purged_and_opened_by_another_strategy_can_be_loaded(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await round_trip(rig, 1, "S-001")
        assert rig.cache.purge_position(LEG)
        await trade(rig, "O-2", "S-002")
        assert rig.store is not None
        loaded = restarted(rig.store).position(LEG)
        assert loaded is not None
        assert (loaded.strategy_id, str(loaded.signed_qty)) == (StrategyId("S-002"), "1.000")

    play(story, store=MemoryStore(), oms_type=OmsType.HEDGING)


def test_a_leg_that_was_purged_and_opened_from_outside_is_nobodys_after_a_restart_too(play: Any) -> None:
    async def story(rig: Rig) -> None:
        await round_trip(rig, 1, "S-001")
        assert rig.cache.purge_position(LEG)
        await trade(rig, "EXT-1", "EXTERNAL")
        assert owner(rig) == "EXTERNAL"
        assert rig.store is not None
        loaded = restarted(rig.store).position(LEG)
        assert loaded is not None
        assert loaded.strategy_id.is_external()

    play(story, store=MemoryStore(), oms_type=OmsType.HEDGING)


def test_a_trade_of_an_earlier_owner_that_is_taken_back_gives_the_flat_leg_to_it_live_and_after_a_restart(
    play: Any,
) -> None:
    async def story(rig: Rig) -> None:
        await round_trip(rig, 1, "S-001")
        await round_trip(rig, 2, "S-002")
        gone = rig.cache.order(ClientOrderId("O-1"))
        assert gone is not None
        assert gone.venue_order_id is not None
        ids = (gone.strategy_id, gone.instrument_id, gone.client_order_id, gone.venue_order_id)
        rig.client.generate_order_fill_voided(*ids, TradeId("T-O-1"), rig.clock.timestamp_ns())
        await rig.settle()
        assert owner(rig) == "S-001"
        assert rig.store is not None
        assert_same(restarted(rig.store), rig.cache)

    play(story, store=MemoryStore(), oms_type=OmsType.HEDGING)
