"""Strategies that keep positions another way than their venue: their ids, and what the venue is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import EXTERNAL, ClientOrderId, PositionId, StrategyId
from nautilus_live.model.orders import Order

Story = Callable[[Any], Awaitable[None]]
STRATEGY = StrategyId("S-001")
NET = PositionId("BTCUSDT.SIM-S-001")
HEDGES = {"oms_type": OmsType.HEDGING}


async def trade(rig: Any, name: str, side: str, quantity: str, leg: str | None, **fields: Any) -> Order:
    order = rig.working(rig.order(name, side, quantity, **fields), f"V-{name}")
    rig.fill(order, quantity, position_id=leg, venue_order_id=f"V-{name}")
    await rig.settle()
    return order


def positions(rig: Any) -> dict[str, str]:
    return {str(one.id): str(one.net_qty) for one in rig.cache.positions()}


def test_a_strategy_that_nets_has_one_position_whatever_its_venue_calls_them(play: Any) -> None:
    async def story(rig: Any) -> None:
        rig.engine.register_strategy(STRATEGY, OmsType.NETTING)
        await trade(rig, "O-1", "BUY", "1.000", "P-1")
        await trade(rig, "O-2", "BUY", "0.500", "P-2")
        await trade(rig, "O-3", "SELL", "0.300", "P-1")
        assert positions(rig) == {str(NET): "1.200"}
        position = rig.cache.position(NET)
        assert position.legs == {PositionId("P-1"): Decimal("0.7"), PositionId("P-2"): Decimal("0.5")}
        assert [fill.venue_position_id for fill in position.fills] == [PositionId(f"P-{n}") for n in (1, 2, 1)]

    play(story, **HEDGES)


@pytest.mark.parametrize(
    ("quantity", "fields", "named", "is_kept_here"),
    [
        ("1.000", {}, "P-1", False),  # the venue's position takes all of it, and judges what reduces
        ("1.100", {}, None, True),  # none does: it opens one of its own, and the sum is right
        ("0.500", {"position_id": NET}, "P-1", False),
        ("0.500", {"leg": PositionId("P-2")}, "P-2", False),
        ("0.500", {"position_id": PositionId("P-9")}, "P-9", False),  # somebody else's, which the venue has
    ],
)
def test_what_reduces_the_sum_is_sent_to_a_position_of_the_venue(
    play: Any, quantity: str, fields: Any, named: str | None, is_kept_here: bool
) -> None:
    async def story(rig: Any) -> None:
        rig.engine.register_strategy(STRATEGY, OmsType.NETTING)
        await trade(rig, "O-1", "BUY", "1.000", "P-1")
        await trade(rig, "O-2", "BUY", "0.600", "P-2")
        rig.bus.send("RiskEngine.execute", rig.command(rig.order("O-3", "SELL", quantity), **fields))
        await rig.settle()
        command = rig.client.commands[-1]
        assert (command.order.client_order_id.value, command.is_kept_here) == ("O-3", is_kept_here)
        assert command.position_id == (None if named is None else PositionId(named))

    play(story, **HEDGES)


def test_a_strategy_without_a_way_of_its_own_follows_the_venue(play: Any) -> None:
    async def story(rig: Any) -> None:
        rig.engine.register_strategy(STRATEGY)
        await trade(rig, "O-1", "BUY", "1.000", "P-1")
        assert positions(rig) == {"P-1": "1.000"}
        assert rig.cache.position(PositionId("P-1")).legs is None

    play(story, **HEDGES)


def test_virtual_positions_are_named_after_entries(play: Any) -> None:
    async def story(rig: Any) -> None:
        rig.engine.register_strategy(STRATEGY, OmsType.HEDGING)
        await trade(rig, "E", "BUY", "1.000", None)
        await trade(rig, "X", "SELL", "0.400", None, parent_order_id=ClientOrderId("E"))
        await trade(rig, "W-E1", "BUY", "0.100", None, exec_spawn_id=ClientOrderId("W"))
        await trade(rig, "W-E2", "BUY", "0.100", None, exec_spawn_id=ClientOrderId("W"))
        assert positions(rig) == {"P-E": "0.600", "P-W": "0.200"}

    play(story)


def test_what_the_venue_closes_of_a_sum_comes_off_the_sum(play: Any) -> None:
    """A venue that liquidates names its own position; whose it is here is known by the legs."""

    async def story(rig: Any) -> None:
        rig.engine.register_strategy(STRATEGY, OmsType.NETTING)
        await trade(rig, "O-1", "BUY", "1.000", "P-1")
        await trade(rig, "O-2", "SELL", "0.400", "P-2")
        await trade(rig, "autoclose-1", "SELL", "1.000", "P-1", strategy_id=EXTERNAL)
        assert positions(rig) == {str(NET): "-0.400"}
        assert rig.cache.position(NET).legs == {PositionId("P-2"): Decimal("-0.4")}
        await trade(rig, "hand-1", "BUY", "0.100", "P-9", strategy_id=EXTERNAL)
        assert positions(rig) == {str(NET): "-0.400", "P-9": "0.100"}, "what is no leg of ours is nobody's"

    play(story, **HEDGES)
