"""A purger and what it purges: what the tests of it share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.config.storage import CacheConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.purging import Purger
from nautilus_live.model.identifiers import AccountId, InstrumentId, TraderId
from nautilus_live.model.orders import Order
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import StoreWriter

Play = Callable[..., Any]
BTC = InstrumentId.from_str("BTCUSDT.SIM")
ACCOUNT = AccountId("SIM-001")

EVERY_10_MINUTES = {
    "purge_closed_orders_interval_mins": 10,
    "purge_closed_positions_interval_mins": 10,
    "purge_account_events_interval_mins": 10,
}


def purger(rig: Any, **settings: Any) -> tuple[Purger, list[str]]:
    """Return a purger for the rig, and the names of the orders that it purged."""
    told: list[str] = []
    config = LiveExecEngineConfig(**{**EVERY_10_MINUTES, **settings})
    made = Purger(
        rig.cache, rig.engine.doubts, rig.clock, config, lambda order: told.append(order.client_order_id.value)
    )
    return made, told


async def round_trip(rig: Any, names: str = "1 2", **submit: Any) -> list[Order]:
    """Let one order open a position and the other close it."""
    orders = []
    for name, side in zip(names.split(), ("BUY", "SELL"), strict=True):
        order = rig.working(rig.order(f"O-{name}", side), f"V-{name}", **submit)
        await rig.settle()
        rig.fill(order, "1.000", "50000.00" if side == "BUY" else "50010.00", trade=f"T-{name}")
        await rig.settle()
        orders.append(order)
    return orders


def restarted(store: MemoryStore) -> Cache:
    cache = Cache(StoreWriter(store.connect(), TraderId("TRADER-001"), CacheConfig()))
    cache.load()
    return cache
