"""Settings of a strategy that show in what it does: its id, dates that it lets pass, and what it logs."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest

from nautilus_live.config import StrategyConfig
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.enums import OrderSide, OrderStatus, TimeInForce
from nautilus_live.model.events import OrderRejected, OrderSubmitted
from nautilus_live.model.identifiers import InstrumentId, StrategyId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.trading.strategy import Strategy

BTC = InstrumentId.from_str("BTCUSDT.SIM")
QTY = Quantity.from_str("1.000")


def test_the_id_and_its_tag_can_be_changed_until_the_strategy_is_registered(stage: Any) -> None:
    strategy = Strategy(StrategyConfig(strategy_id="MAKER", order_id_tag="001"))
    strategy.change_order_id_tag("007")
    assert (strategy.id, strategy.order_id_tag) == (StrategyId("MAKER-007"), "007")
    strategy.change_id(StrategyId("TAKER-009"))
    assert (strategy.id, strategy.order_id_tag) == (StrategyId("TAKER-009"), "009")

    stage.build()
    with pytest.raises(ProgrammerError, match="already"):
        stage.strategy.change_id(StrategyId("X-1"))
    stage.node.dispose()


@pytest.mark.parametrize(("lets_pass", "status"), [(False, OrderStatus.CANCELED), (True, OrderStatus.ACCEPTED)])
def test_a_date_can_be_let_pass(stage: Any, lets_pass: bool, status: OrderStatus) -> None:
    stage.strategy = stage.strategy.__class__(StrategyConfig(manage_gtd_expiry=True))

    async def story() -> None:
        task = await stage.running(timeout_post_stop=0.1)
        strategy = stage.strategy
        order = strategy.order_factory.limit(
            BTC,
            OrderSide.BUY,
            QTY,
            Price.from_str("1.00"),
            time_in_force=TimeInForce.GTD,
            expire_time=strategy.clock.utc_now() + timedelta(seconds=5),
        )
        strategy.submit_order(order)
        if lets_pass:
            strategy.cancel_gtd_expiry(order)
        await asyncio.sleep(6.0)
        assert order.status is status
        await stage.node.stop_async()
        await task

    stage.run(story)


@pytest.mark.parametrize(("as_warning", "level"), [(True, "WARNING"), (False, "ERROR")])
def test_a_refused_post_only_order_is_logged_as_configured(
    stage: Any, caplog: Any, as_warning: bool, level: str
) -> None:
    config = StrategyConfig(log_rejected_due_post_only_as_warning=as_warning)
    stage.strategy = stage.strategy.__class__(config)

    async def story() -> None:
        task = await stage.running(timeout_post_stop=0.1)
        strategy = stage.strategy
        stage.client.auto_accept = False
        order = strategy.order_factory.limit(BTC, OrderSide.BUY, QTY, Price.from_str("1.00"), post_only=True)
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        assert OrderSubmitted.__name__ in strategy.seen
        stage.client.emit(OrderRejected, order, reason="would cross", due_post_only=True)
        await asyncio.sleep(0.01)
        await stage.node.stop_async()
        await task

    with caplog.at_level(logging.WARNING):
        stage.run(story)
    told = [record for record in caplog.records if "would cross" in record.getMessage()]
    assert [record.levelname for record in told] == [level]
