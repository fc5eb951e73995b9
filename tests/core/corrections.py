"""Trades that a venue takes back: what the tests of that share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.model.events import OrderFillVoided
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.orders import Order
from tests.core.conftest import (
    make_event,
)

D = Decimal


def void(order: Order, trade: str, **fields: Any) -> OrderFillVoided:
    event: OrderFillVoided = make_event(OrderFillVoided, order, trade_id=TradeId(trade), **fields)
    return event
