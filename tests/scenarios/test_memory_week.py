"""Memory that stays flat: ninety minutes of the soak of `tests/benchmarks/week.py`, counted instead of weighed.

All that is over is kept for five minutes, and purged every five: half of what the benchmark has, in half of its time.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from week import Soak, allocated_blocks, purging

from nautilus_live.store.memory import MemoryStore
from scenarios.world.world import World

TWELFTH_S = 450
"""As long as one and a half rounds of purging."""
GROWTH_MAX = 0.02
SOON = {
    "purge_closed_orders_interval_mins": 5,
    "purge_closed_positions_interval_mins": 5,
    "purge_account_events_interval_mins": 5,
}
BOOKS_KEEP_S = 300.0


@pytest.fixture(scope="module")
def ninety_minutes() -> tuple[list[dict[str, int]], list[int], Soak]:
    """Sizes and allocated blocks after each twelfth of ninety minutes at an order a second."""
    soak = Soak({**purging(5), **SOON}, books_keep_secs=BOOKS_KEEP_S)
    sizes: list[dict[str, int]] = []
    blocks: list[int] = []

    def look(_: int) -> None:
        sizes.append(soak.sizes())
        blocks.append(allocated_blocks())

    logging.disable(logging.CRITICAL)  # pytest keeps every record that it captures: that growth is not ours
    try:
        soak.run(12, look, interval_s=TWELFTH_S)
    finally:
        logging.disable(logging.NOTSET)
    return sizes, blocks, soak


def test_whatever_could_grow_is_as_large_at_the_end_as_in_the_first_forty_minutes(
    ninety_minutes: tuple[list[dict[str, int]], list[int], Soak],
) -> None:
    sizes, _, soak = ninety_minutes
    assert soak.strategy.sent == 5_399  # the last second is the stop's
    first, later = sizes[:5], sizes[5:]  # tombstones are kept for half an hour
    # The purges come round every five minutes: what there is moves between as much as rests and that much more.
    for name in sizes[0]:
        assert max(size[name] for size in later) <= max(size[name] for size in first) * 1.5 + 1, name
    assert max(size["orders"] for size in later) <= 603
    assert max(size["tombstones"] for size in later) <= 1_800
    assert max(size["account events"] for size in later) <= 750
    assert max(size["venue orders"] for size in later) <= 360


def test_the_process_has_no_more_blocks_of_memory_than_it_had(
    ninety_minutes: tuple[list[dict[str, int]], list[int], Soak],
) -> None:
    _, blocks, _ = ninety_minutes
    # Like with like: every second quarter has the purges at the same distance.
    assert blocks[-1] <= blocks[5] * (1 + GROWTH_MAX)
    assert blocks[-2] <= blocks[4] * (1 + GROWTH_MAX)


def test_node_and_venue_agree_at_the_end(ninety_minutes: tuple[list[dict[str, int]], list[int], Soak]) -> None:
    _, _, soak = ninety_minutes
    soak.venue.check()
    cache = soak.node.cache
    assert cache.check_integrity() == []
    held = sum(position.signed_qty for position in cache.positions_open())
    assert held == sum(report.signed_qty for report in soak.venue.positions())
    working = {str(order.client_order_id) for order in cache.orders_open()}
    assert working == {str(report.client_order_id) for report in soak.venue.orders() if report.is_open}


def test_with_purge_from_database_the_store_stays_small_too() -> None:
    soak = Soak({**purging(5, from_database=True), **SOON}, books_keep_secs=BOOKS_KEEP_S, store=MemoryStore())
    keys: list[int] = []
    soak.run(4, lambda _: keys.append(soak.sizes()["store keys"]), interval_s=TWELFTH_S)
    assert max(keys[2:]) <= 610


def test_the_history_of_a_position_that_is_never_flat_does_not_grow() -> None:
    soak = Soak({**purging(5), **SOON}, books_keep_secs=BOOKS_KEEP_S, never_flat=True)
    fills: list[int] = []
    soak.run(4, lambda _: fills.append(soak.sizes()["position fills"]), interval_s=TWELFTH_S)
    assert not soak.node.portfolio.is_completely_flat()
    assert max(fills) <= 600 * 8 // 10


def test_without_purging_memory_grows_so_that_the_soak_proves_something() -> None:
    soak = Soak({}, books_keep_secs=BOOKS_KEEP_S)
    counts: list[int] = []
    soak.run(2, lambda _: counts.append(soak.sizes()["orders"]), interval_s=TWELFTH_S)
    assert counts == [449, 899]


def test_a_world_without_a_trace_keeps_none() -> None:
    async def main() -> None:
        for world in (traced, untraced):
            world.record("a line")

    traced, untraced = World(), World(traced=False)
    untraced.run(main)
    assert (len(traced.trace), untraced.trace) == (1, [])
