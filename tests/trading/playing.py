"""A strategy on a whole node: what the tests of it share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")
BUY = OrderSide.BUY
ONE = Quantity.from_str("1.000")
PRICE = Price.from_str("50000.00")


def limit(strategy: Any, **options: Any) -> Any:
    return strategy.order_factory.limit(BTC, BUY, ONE, PRICE, **options)


def play(stage: Any, story: Callable[[], Any], code: int = 0, **settings: Any) -> None:
    """Run `story` while the node runs, then stop it."""

    async def whole() -> None:
        settings.setdefault("timeout_post_stop", 0.1)
        task = await stage.running(**settings)
        assert stage.node.is_running(), stage.node.failure
        await story()
        await stage.node.stop_async()
        assert await task == code

    stage.run(whole)


def boom(_: Any) -> None:
    raise RuntimeError("my bug")
