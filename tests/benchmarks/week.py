"""A week at one order a second: a whole node and a sandbox venue in one simulated world, and how their memory does.

    python tests/benchmarks/week.py [HOURS] [--buffer MINUTES] [--never-flat] [--store]

Prints a line for each simulated hour, and a verdict: from the end of the first hour on, resident memory must stay flat
within 5 %, and a week (168 hours) take less than 5 minutes. Eight of ten orders are filled at once, buys and sells in
turns, so that positions close and open again (with `--never-flat` one lot stays open, and its history would grow);
two rest and are canceled a second later. Both sides forget: the node by
its `purge_...` settings, the venue by `books_keep_secs`; the world keeps no trace. With `--store` the node also writes
everything to an in-memory database, and deletes there what it purges.

`tests/scenarios/test_memory_week.py` runs a few hours of it and counts instead of weighing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nautilus_live.config import LiveExecEngineConfig, StrategyConfig, TradingNodeConfig
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.store.memory import MemoryStore
from nautilus_live.trading.strategy import Strategy
from sandbox_venues.adapter import SandboxExecClientConfig, SandboxLiveExecClientFactory
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.profiles import profile
from sandbox_venues.venue import Venue, VenueConfig
from scenarios.market import instrument
from scenarios.world.clock import EPOCH_NS, VirtualClock
from scenarios.world.world import World

HOURS_PER_WEEK = 168
HOUR_S = 3_600
GROWTH_MAX = 0.05
WALL_S_MAX = 300.0
BTC = instrument("BTCUSDT", "SIM")
ONE = Quantity.from_str("1.000")
LOW, HIGH = Price.from_str("40000.00"), Price.from_str("60000.00")

RECOMMENDED: dict[str, Any] = {
    "purge_closed_orders_interval_mins": 10,
    "purge_closed_positions_interval_mins": 10,
    "purge_account_events_interval_mins": 10,
    "open_check_interval_secs": 60.0,
    "position_check_interval_secs": 60.0,
    "manage_own_order_books": True,
    "own_books_audit_interval_secs": 60.0,
}
"""What the guide recommends, and every check that runs beside trading, for each has books of its own."""
BUFFER_MINS = 30
"""The guide recommends 60, but those are full only after 70: too late to weigh after the first hour."""


class Trickle(Strategy):
    """Sends an order a second; with `never_flat` it begins with two buys, so that its position stays open."""

    def __init__(self, *, never_flat: bool = False) -> None:
        super().__init__(StrategyConfig(strategy_id="S-001", log_events=False, log_commands=False))
        self.sent = 0
        self._shift = -1 if never_flat else 0
        self._resting: Order | None = None

    def on_start(self) -> None:
        """Begin."""
        self.clock.set_timer("tick", timedelta(seconds=1), callback=self._tick)

    def _tick(self, _: Any) -> None:
        if self._resting is not None:
            self.cancel_order(self._resting)
            self._resting = None
        number = max(self.sent + self._shift, 0) % 10
        self.sent += 1
        rests = number >= 8
        side = OrderSide.SELL if number % 2 else OrderSide.BUY
        price = HIGH if (side is OrderSide.BUY) is not rests else LOW
        order = self.order_factory.limit(BTC.id, side, ONE, price)
        self.submit_order(order)
        if rests:
            self._resting = order


class Soak:
    """One world with one node and one venue.

    Args:
        exec_engine: the node's settings, `purge_...` above all.
        books_keep_secs: for how long the venue keeps what is over.
        store: the node's database; without, it keeps state in memory alone.
        never_flat: keep a position open all the time.

    """

    def __init__(
        self,
        exec_engine: dict[str, Any],
        books_keep_secs: float,
        store: MemoryStore | None = None,
        *,
        never_flat: bool = False,
    ) -> None:
        self.world = World(traced=False)
        made = profile("default", books_keep_secs=books_keep_secs, checks_funds=False)
        self.venue = Venue(VenueConfig(name="SIM", profile=made), [BTC], EPOCH_NS)
        self.gateway = VenueGateway(self.venue, self.world.clock)
        self.strategy = Trickle(never_flat=never_flat)
        self.store = store
        self.node = self._make_node(exec_engine)

    def _make_node(self, exec_engine: dict[str, Any]) -> TradingNode:
        self.host = self.world.host("node")
        config = TradingNodeConfig(
            exec_engine=LiveExecEngineConfig(**exec_engine),
            exec_clients={"SIM": SandboxExecClientConfig(account_id="SIM-001")},
            timeout_post_stop=1.0,
        )
        node = TradingNode(
            config,
            self.world.loop,
            VirtualClock(self.world.loop, self.host),
            None if self.store is None else self.store.connect(),
            entropy=self.world.entropy.stream("node"),
        )
        node.add_exec_client_factory("SIM", SandboxLiveExecClientFactory(self.gateway))
        node.trader.add_strategy(self.strategy)
        return node

    def run(self, intervals: int, look: Callable[[int], object], interval_s: float = HOUR_S) -> None:
        """Trade for some intervals; call `look` after each of them with its number."""

        async def life() -> int:
            self.node.build()
            return int(await self.node.run_async())

        async def main() -> None:
            self._refill()
            task = self.host.run(life, name="node")
            for number in range(1, intervals + 1):
                await asyncio.sleep(interval_s)
                self._refill()
                look(number)
            self.host.context().run(self.node.stop)
            await task

        self.world.run(main)

    def _refill(self) -> None:
        size = "1000000.000"
        self.gateway.do("set_book", instrument="BTCUSDT", bids=[("49999.00", size)], asks=[("50001.00", size)])

    def sizes(self) -> dict[str, int]:
        """Return how much there is of whatever could grow."""
        cache, venue = self.node.cache, self.venue
        accounts = cache.accounts()
        found = {
            "orders": cache.orders_total_count(),
            "order events": sum(len(order.events) for order in cache.orders()),
            "tombstones": cache.tombstone_count(),
            "positions": cache.positions_total_count(),
            "position fills": sum(len(position.fills) for position in cache.positions()),
            "account events": sum(len(account.events) for account in accounts),
            "venue orders": len(venue._orders),
            "venue fills": len(venue._fills),
            "venue position history": sum(
                len(position.history) for owner in venue._accounts.values() for position in owner.positions.values()
            ),
        }
        if self.store is not None:
            found["store keys"] = len(self.store.data)
        return found


def allocated_blocks() -> int:
    """Return how many blocks of memory Python's objects take; unlike bytes, the same on every machine."""
    gc.collect()
    return sys.getallocatedblocks()


def purging(buffer_mins: int, *, from_database: bool = False) -> dict[str, Any]:
    """Return the node's settings: what is over is kept for `buffer_mins`."""
    buffers = (
        "purge_closed_orders_buffer_mins",
        "purge_closed_positions_buffer_mins",
        "purge_account_events_lookback_mins",
    )
    return {**RECOMMENDED, **dict.fromkeys(buffers, buffer_mins), "purge_from_database": from_database}


def wall_s() -> float:
    """Return a real clock, which the simulation's frozen one does not reach."""
    return os.times().elapsed


def cpu_s() -> float:
    """Return the processor time that the process took; on a busy machine, less than passed on the wall."""
    times = os.times()
    return times.user + times.system


def rss_mb() -> float:
    """Return the resident memory in megabytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def main() -> int:
    """Run the week; returns 0 if it was flat and fast."""
    parser = argparse.ArgumentParser(description="A simulated week at one order a second.")
    parser.add_argument("hours", nargs="?", type=int, default=HOURS_PER_WEEK)
    parser.add_argument("--buffer", type=int, default=BUFFER_MINS, help="minutes that what is over is kept")
    parser.add_argument("--never-flat", action="store_true", help="keep a position open all the time")
    parser.add_argument("--store", action="store_true", help="keep state in a database too, and purge it there")
    given = parser.parse_args()
    hours: int = given.hours
    logging.getLogger().setLevel(logging.ERROR)
    store = MemoryStore() if given.store else None
    settings = purging(given.buffer, from_database=given.store)
    soak = Soak(settings, books_keep_secs=given.buffer * 60, store=store, never_flat=given.never_flat)
    began, cpu_before = wall_s(), cpu_s()
    weights: list[float] = []

    def look(hour: int) -> None:
        blocks = allocated_blocks()
        weights.append(rss_mb())
        sizes = ", ".join(f"{name} {size}" for name, size in soak.sizes().items())
        print(
            f"hour {hour:3}: {weights[-1]:7.1f} MB, {blocks:8} blocks, {wall_s() - began:6.1f} s wall; {sizes}",
            flush=True,
        )

    soak.run(hours, look)
    took_s = wall_s() - began
    after_first, highest, last = weights[0], max(weights), weights[-1]
    growth = highest / after_first - 1
    is_flat = growth <= GROWTH_MAX
    is_fast = took_s * HOURS_PER_WEEK / hours <= WALL_S_MAX
    print(
        f"{soak.strategy.sent} orders in {hours} h: {after_first:.1f} MB after hour 1, at most {highest:.1f} MB,"
        f" {last:.1f} MB at the end ({growth:+.1%}), {took_s:.1f} s wall, {cpu_s() - cpu_before:.1f} s of processor:"
        f" {'flat' if is_flat else 'NOT FLAT'}, {'fast' if is_fast else 'TOO SLOW'}"
    )
    return 0 if is_flat and is_fast else 1


if __name__ == "__main__":
    sys.exit(main())
