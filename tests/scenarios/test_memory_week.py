"""Memory that stays flat: three hours of the soak of `tests/benchmarks/week.py`, counted instead of weighed."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from week import Soak, allocated_blocks, purging

from nautilus_live.store.memory import MemoryStore
from scenarios.world.world import World

QUARTER_S = 900
GROWTH_MAX = 0.02


@pytest.fixture(scope="module")
def three_hours() -> tuple[list[dict[str, int]], list[int], Soak]:
    """Sizes and allocated blocks after each quarter of three hours at an order a second."""
    soak = Soak(purging(10), books_keep_secs=600.0)
    sizes: list[dict[str, int]] = []
    blocks: list[int] = []

    def look(_: int) -> None:
        sizes.append(soak.sizes())
        blocks.append(allocated_blocks())

    logging.disable(logging.CRITICAL)  # pytest keeps every record that it captures: that growth is not ours
    try:
        soak.run(12, look, interval_s=QUARTER_S)
    finally:
        logging.disable(logging.NOTSET)
    return sizes, blocks, soak


def test_whatever_could_grow_is_as_large_after_three_hours_as_after_one(
    three_hours: tuple[list[dict[str, int]], list[int], Soak],
) -> None:
    sizes, _, soak = three_hours
    assert soak.strategy.sent == 10_800
    later = sizes[4:]
    # The purges come round every ten minutes: what there is moves between as much as rests and that much more.
    for name in sizes[0]:
        assert max(size[name] for size in later) <= max(size[name] for size in sizes[:4]) * 1.5 + 1, name
    assert max(size["orders"] for size in later) <= 1_203
    assert max(size["tombstones"] for size in later) <= 2_400
    assert max(size["account events"] for size in later) <= 1_500
    assert max(size["venue orders"] for size in later) <= 720


def test_the_process_has_no_more_blocks_of_memory_than_it_had(
    three_hours: tuple[list[dict[str, int]], list[int], Soak],
) -> None:
    _, blocks, _ = three_hours
    # Like with like: every second quarter has the purges at the same distance.
    assert blocks[-1] <= blocks[5] * (1 + GROWTH_MAX)
    assert blocks[-2] <= blocks[4] * (1 + GROWTH_MAX)


def test_node_and_venue_agree_at_the_end(three_hours: tuple[list[dict[str, int]], list[int], Soak]) -> None:
    _, _, soak = three_hours
    soak.venue.check()
    cache = soak.node.cache
    assert cache.check_integrity() == []
    held = sum(position.signed_qty for position in cache.positions_open())
    assert held == sum(report.signed_qty for report in soak.venue.positions())
    working = {str(order.client_order_id) for order in cache.orders_open()}
    assert working == {str(report.client_order_id) for report in soak.venue.orders() if report.is_open}


def test_with_purge_from_database_the_store_stays_small_too() -> None:
    soak = Soak(purging(10, from_database=True), books_keep_secs=600.0, store=MemoryStore())
    keys: list[int] = []
    soak.run(4, lambda _: keys.append(soak.sizes()["store keys"]), interval_s=QUARTER_S)
    assert max(keys[2:]) <= 1_210


def test_the_history_of_a_position_that_is_never_flat_does_not_grow() -> None:
    soak = Soak(purging(10), books_keep_secs=600.0, never_flat=True)
    fills: list[int] = []
    soak.run(4, lambda _: fills.append(soak.sizes()["position fills"]), interval_s=QUARTER_S)
    assert not soak.node.portfolio.is_completely_flat()
    assert max(fills) <= 1_200 * 8 // 10


def test_without_purging_memory_grows_so_that_the_soak_proves_something() -> None:
    soak = Soak({}, books_keep_secs=600.0)
    counts: list[int] = []
    soak.run(2, lambda _: counts.append(soak.sizes()["orders"]), interval_s=QUARTER_S / 2)
    assert counts == [449, 899]


def test_a_world_without_a_trace_keeps_none() -> None:
    async def main() -> None:
        for world in (traced, untraced):
            world.record("a line")

    traced, untraced = World(), World(traced=False)
    untraced.run(main)
    assert (len(traced.trace), untraced.trace) == (1, [])
