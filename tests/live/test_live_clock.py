"""The clock's timers, on virtual time."""

from __future__ import annotations

import asyncio
from datetime import timedelta, timezone
from typing import Any

import pytest

from nautilus_live.errors import ProgrammerError
from nautilus_live.live.clock import LiveClock, SystemClock
from scenarios.world.clock import EPOCH, EPOCH_NS
from scenarios.world.world import World

SECOND = 1_000_000_000


class Bench:
    def __init__(self) -> None:
        self.world = World(time_limit_s=1_000.0)
        self.fired: list[tuple[str, float]] = []

    def clock(self, host: Any = None) -> LiveClock:
        return LiveClock(self.world.clock, self.world.loop)

    def note(self, event: Any) -> None:
        self.fired.append((event.name, (event.ts_event - EPOCH_NS) / SECOND))

    def run(self, story: Any) -> None:
        self.world.run(story)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_timer_keeps_to_its_grid_and_ends_at_its_stop(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        clock.set_timer("T", timedelta(seconds=0.1), stop_time=EPOCH + timedelta(seconds=0.5), callback=bench.note)
        await asyncio.sleep(10.0)
        assert clock.timer_names == []

    bench.run(story)
    assert [round(at_s, 9) for _, at_s in bench.fired] == [0.1, 0.2, 0.3, 0.4, 0.5]


def test_timer_starts_when_told(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        clock.set_timer("T", timedelta(seconds=1), start_time=EPOCH + timedelta(seconds=5), callback=bench.note)
        assert clock.next_time_ns("T") == EPOCH_NS + 6 * SECOND
        await asyncio.sleep(7.5)
        clock.cancel_timer("T")
        await asyncio.sleep(5.0)

    bench.run(story)
    assert bench.fired == [("T", 6.0), ("T", 7.0)]


def test_alert_fires_once_and_one_in_the_past_at_once(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        await asyncio.sleep(2.0)
        clock.set_time_alert("late", EPOCH + timedelta(seconds=1), bench.note)
        clock.set_time_alert("soon", EPOCH_NS + 3 * SECOND, bench.note)
        await asyncio.sleep(10.0)

    bench.run(story)
    assert bench.fired == [("late", 1.0), ("soon", 3.0)]


def test_ticks_missed_in_a_pause_are_one_event(bench: Bench) -> None:
    async def story() -> None:
        host = bench.world.host("node")

        async def node() -> None:
            bench.clock().set_timer("T", timedelta(seconds=1), callback=bench.note)

        await host.run(node)
        await asyncio.sleep(1.5)
        host.pause()
        await asyncio.sleep(5.0)
        host.resume()
        await asyncio.sleep(2.0)
        host.crash()

    bench.run(story)
    assert bench.fired == [("T", 1.0), ("T", 2.0), ("T", 7.0), ("T", 8.0)]


def test_nothing_fires_before_its_time_when_the_wall_clock_is_set_back(bench: Bench) -> None:
    async def story() -> None:
        host = bench.world.host("node")
        at: list[float] = []

        async def node() -> None:
            clock = bench.clock()
            clock.set_time_alert("A", EPOCH_NS + 10 * SECOND, lambda event: at.append(bench.world.loop.time()))
            host.skew_ns = -2 * SECOND
            await asyncio.sleep(20.0)

        await host.run(node)
        assert at == [pytest.approx(12.0, abs=1e-4)]

    bench.run(story)


def test_misuse_is_refused(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        with pytest.raises(ProgrammerError, match="interval must be positive"):
            clock.set_timer("T", timedelta(0), callback=bench.note)
        with pytest.raises(ProgrammerError, match="a callback must be given"):
            clock.set_timer("T", timedelta(seconds=1))
        clock.set_timer("T", timedelta(seconds=1), callback=bench.note)
        with pytest.raises(ProgrammerError, match="must not be in use"):
            clock.set_timer("T", timedelta(seconds=1), callback=bench.note)
        clock.cancel_timers()
        assert clock.timer_count == 0

    bench.run(story)


def test_time_in_all_its_forms(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        await asyncio.sleep(1.5)
        assert clock.timestamp_ns() == EPOCH_NS + 1_500_000_000
        assert clock.timestamp_ms() == EPOCH_NS // 1_000_000 + 1_500
        assert clock.timestamp_us() == EPOCH_NS // 1_000 + 1_500_000
        assert clock.utc_now() == EPOCH + timedelta(seconds=1.5)

    bench.run(story)


def test_clock_of_the_system_moves() -> None:
    assert SystemClock().timestamp_ns() > EPOCH_NS // 2


def test_timer_may_fire_at_its_start_too(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        clock.set_timer_ns(
            "T", 2 * SECOND, stop_time_ns=EPOCH_NS + 4 * SECOND, callback=bench.note, fire_immediately=True
        )
        await asyncio.sleep(10.0)

    bench.run(story)
    assert bench.fired == [("T", 0.0), ("T", 2.0), ("T", 4.0)]


def test_a_timer_that_would_never_fire_is_a_mistake(bench: Bench) -> None:
    async def story() -> None:
        clock, stop_ns = bench.clock(), EPOCH_NS + SECOND
        with pytest.raises(ProgrammerError, match=f"stop_time must let it fire once, at {stop_ns + 1}, was {stop_ns}"):
            clock.set_timer_ns("T", SECOND + 1, stop_time_ns=stop_ns, callback=bench.note)
        assert clock.timer_names == []

    bench.run(story)


def test_times_in_nanoseconds_and_in_other_zones(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        clock.set_time_alert_ns("A", EPOCH_NS + 3 * SECOND, bench.note)
        await asyncio.sleep(5.0)
        tokyo = clock.local_now(timezone(timedelta(hours=9)))
        assert (tokyo.hour, tokyo) == (9, clock.utc_now())
        assert clock.local_now().utcoffset() == timedelta(0)

    bench.run(story)
    assert bench.fired == [("A", 3.0)]


def test_a_time_in_the_past_is_refused_where_it_is_not_allowed(bench: Bench) -> None:
    async def story() -> None:
        clock = bench.clock()
        await asyncio.sleep(5.0)
        with pytest.raises(ProgrammerError, match="due in the future"):
            clock.set_time_alert("A", EPOCH, bench.note, allow_past=False)
        with pytest.raises(ProgrammerError, match="due in the future"):
            clock.set_timer("T", timedelta(seconds=1), start_time=EPOCH, callback=bench.note, allow_past=False)
        assert clock.timer_count == 0

    bench.run(story)
