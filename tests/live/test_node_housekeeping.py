"""What a whole node does beside trading: purges and snapshots by its settings, from its start to its stop."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.portfolio import PortfolioConfig
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.objects import Price, Quantity
from tests.live.conftest import BTC

PURGES = ("purge_closed_orders_interval_mins", "purge_closed_positions_interval_mins")


def keys(stage: Any, kind: str) -> list[str]:
    return [key.rpartition(kind)[2] for key in stage.store.data if f":{kind}" in key]


async def working(stage: Any) -> Any:
    strategy = stage.strategy
    order = strategy.order_factory.limit(BTC, OrderSide.BUY, Quantity.from_str("1.000"), Price.from_str("50000.00"))
    strategy.submit_order(order)
    await asyncio.sleep(0.1)
    assert order.status is OrderStatus.ACCEPTED
    return order


async def filled(stage: Any) -> Any:
    order = await working(stage)
    stage.client.fill(order)
    await asyncio.sleep(0.1)
    assert order.status is OrderStatus.FILLED
    return order


def test_a_node_purges_while_it_runs_and_not_after_its_stop(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running(engine=dict.fromkeys(PURGES, 1))
        order = await filled(stage)
        cache = stage.node.cache
        assert cache.order_exists(order.client_order_id)
        await asyncio.sleep(60)
        assert not cache.order_exists(order.client_order_id)
        assert cache.tombstone_count() == 1
        another = await working(stage)
        stage.client.fill(another)
        stage.node.stop()
        await task
        await asyncio.sleep(600)
        assert cache.order_exists(another.client_order_id)

    stage.run(story)


@pytest.mark.parametrize(
    ("engine", "wanted"),
    [
        ({}, ([], [])),
        ({"snapshot_orders": True}, (["orders"], [])),
        ({"snapshot_positions": True}, ([], ["positions"])),
    ],
    ids=["none", "orders", "positions"],
)
def test_a_node_writes_the_snapshots_that_it_is_set_to(
    stage: Any, engine: dict[str, Any], wanted: tuple[list[str], list[str]]
) -> None:
    async def story() -> None:
        task = await stage.running(engine=engine)
        order = await filled(stage)
        stage.node.stop()
        await task
        assert keys(stage, "snapshots:orders:") == [order.client_order_id.value for _ in wanted[0]]
        assert len(keys(stage, "snapshots:positions:")) == len(wanted[1])

    stage.run(story)


def test_a_node_writes_positions_and_portfolio_by_the_clock(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running(
            engine={"snapshot_positions": True, "snapshot_positions_interval_secs": 10.0},
            portfolio=PortfolioConfig(snapshot_interval_ms=5_000),
        )
        told: list[Any] = []
        stage.node.kernel.msgbus.subscribe("snapshots:*", told.append)
        await filled(stage)
        told.clear()
        await asyncio.sleep(20)
        portfolio = [table for table in told if "balances" in table]
        positions = [table for table in told if "signed_qty" in table]
        assert (len(portfolio), len(positions)) == (4, 2)
        assert {Decimal(table["signed_qty"]) for table in positions} == {Decimal(1)}
        stage.node.stop()
        await task
        told.clear()
        await asyncio.sleep(60)
        assert told == []

    stage.run(story)
