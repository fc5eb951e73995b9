"""W8: resident bytes per closed order (4 events each, every order with its own ids) held in the cache."""

from __future__ import annotations

import gc
import os
import time

from common import ACCOUNT, AUDUSD, PX, QTY, TRADER, USD, ZERO_COMM, arg_n, emit, rss_mb

from nautilus_live.core import order_lifecycle
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.ids import EventIds, short_text
from nautilus_live.live.clock import LiveClock, SystemClock
from nautilus_live.model.enums import LiquiditySide, OrderSide
from nautilus_live.model.events import OrderAccepted, OrderFilled, OrderSubmitted
from nautilus_live.model.identifiers import StrategyId, TradeId, VenueOrderId
from nautilus_live.trading.order_factory import OrderFactory

CLOCK = SystemClock()
IDS = EventIds(short_text(CLOCK.timestamp_ns() // 1_000_000))
FACTORY = OrderFactory(TRADER, StrategyId("S-001"), LiveClock(CLOCK), IDS)


def add(cache: Cache, index: int) -> None:
    """Let one order live its life."""
    order = FACTORY.limit(AUDUSD.id, OrderSide.BUY if index % 2 == 0 else OrderSide.SELL, QTY, PX)
    cache.add_order(order)
    common = {
        "trader_id": TRADER,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id,
        "account_id": ACCOUNT,
    }
    venue_order_id = VenueOrderId(f"V-{index}")
    now = CLOCK.timestamp_ns()
    for event in (
        OrderSubmitted(**common, event_id=IDS.next(), ts_event=now, ts_init=now),
        OrderAccepted(**common, event_id=IDS.next(), ts_event=now, ts_init=now, venue_order_id=venue_order_id),
        OrderFilled(
            **common,
            event_id=IDS.next(),
            ts_event=now,
            ts_init=now,
            venue_order_id=venue_order_id,
            trade_id=TradeId(f"T-{index}"),
            order_side=order.side,
            order_type=order.order_type,
            last_qty=QTY,
            last_px=PX,
            currency=USD,
            commission=ZERO_COMM,
            liquidity_side=LiquiditySide.MAKER,
        ),
    ):
        order_lifecycle.apply(order, event)
        cache.update_order(order)


def main() -> None:
    n = arg_n(100_000)
    cache = Cache()
    cache.add_instrument(AUDUSD)
    for index in range(100):
        add(cache, -1 - index)  # warm
    gc.collect()
    before_mb, began = rss_mb(), time.perf_counter()
    for index in range(n):
        add(cache, index)
    seconds = time.perf_counter() - began
    gc.collect()
    assert len(cache.orders_closed()) == n + 100
    emit("W8", n, seconds, bytes_per_order=round((rss_mb() - before_mb) * 1e6 / n), rss_mb=round(rss_mb(), 1))
    os._exit(0)


main()
