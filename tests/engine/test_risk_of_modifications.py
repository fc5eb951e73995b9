"""What an order is made to be worth by a modification is checked like what a new one is worth."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.engines import LiveRiskEngineConfig
from nautilus_live.model.commands import ModifyOrder
from nautilus_live.model.events import OrderModifyRejected
from nautilus_live.model.objects import Price, Quantity
from tests.engine.conftest import modify

LIMITED = LiveRiskEngineConfig(max_notional_per_order={"BTCUSDT.SIM": Decimal(50_000)})


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"quantity": "1.000"}, ""),
        ({"quantity": "1.001"}, "50050.00000000"),
        ({"price": "50000.01"}, "50000.01000000"),
        ({"quantity": "0.500", "price": "90000.00"}, ""),
        ({"quantity": "0.900", "price": "60000.00"}, "54000.00000000"),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_limited", [True, False])
def test_a_modification_makes_no_order_worth_more_than_configured(
    play: Callable[..., Any], changes: dict[str, str], value: str, is_limited: bool
) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1", price="50000.00", quantity="1.000"))
        await rig.settle()
        kinds: dict[str, Any] = {"quantity": Quantity, "price": Price}
        rig.risk.execute(modify(order, **{name: kinds[name].from_str(text) for name, text in changes.items()}))
        await rig.settle()

        if value and is_limited:
            reason = f"max_notional_per_order: must be at most 50000 USDT, was {value}"
            assert rig.last(OrderModifyRejected).reason == reason
        else:
            assert isinstance(rig.client.commands[-1], ModifyOrder)

    play(story, risk_config=LIMITED if is_limited else None)
