"""What the tests of a node's start and stop share: adapters that hang or fail, and runs to the end."""

from __future__ import annotations

import asyncio
from typing import Any

from nautilus_live.errors import WireError
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")
TWO = ("SIM", "OTHER")


def hang() -> Any:
    return asyncio.Event().wait()


def fail() -> Any:
    raise WireError("the venue is down")


def limit(strategy: Any, price: str = "50000.00") -> Any:
    return strategy.order_factory.limit(BTC, OrderSide.BUY, Quantity.from_str("1.000"), Price.from_str(price))
