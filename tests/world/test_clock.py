"""What time it is: the clock port, the wall clock of dependencies, and seeded randomness."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import fakeredis
import msgspec
import pytest
from freezegun import freeze_time

from scenarios.world import frozen
from scenarios.world.clock import EPOCH, EPOCH_NS, VirtualClock
from scenarios.world.entropy import Entropy, seeded_global_random
from scenarios.world.world import World


class SetTime:
    """A stand-in for a loop."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def time(self) -> float:
        return self.now_s


# -- the clock port


def test_the_clock_adds_integers_to_the_epoch() -> None:
    loop = SetTime(0.0)
    clock = VirtualClock(loop)

    assert int(EPOCH.timestamp()) * 1_000_000_000 == EPOCH_NS
    assert clock.timestamp_ns() == EPOCH_NS
    loop.now_s = 100 * 86_400 + 0.123_456_789
    assert clock.timestamp_ns() == EPOCH_NS + 100 * 86_400 * 1_000_000_000 + 123_456_789
    assert clock.timestamp_ms() == EPOCH_NS // 1_000_000 + 100 * 86_400 * 1_000 + 123
    assert clock.timestamp() == pytest.approx(EPOCH_NS / 1e9 + loop.now_s)
    assert clock.utc_now() == datetime(2026, 4, 11, 0, 0, 0, 123_456, tzinfo=UTC)


def test_another_epoch() -> None:
    clock = VirtualClock(SetTime(1.5), epoch_ns=0)

    assert clock.timestamp_ns() == 1_500_000_000
    assert clock.utc_now() == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)


def test_each_host_sees_its_own_skew() -> None:
    world = World()
    ahead, behind = world.host("ahead", skew_ns=1_000_000_000), world.host("behind", skew_ns=-5)

    async def read() -> int:
        return world.clock.timestamp_ns() - EPOCH_NS

    async def main() -> list[int]:
        await asyncio.sleep(2)
        seen = [await read(), await ahead.run(read), await behind.run(read)]
        ahead.skew_ns = 0
        return [*seen, await ahead.run(read), VirtualClock(world.loop, behind).timestamp_ns() - EPOCH_NS]

    assert world.run(main) == [2_000_000_000, 3_000_000_000, 1_999_999_995, 2_000_000_000, 1_999_999_995]


# -- the wall clock as dependencies see it


def test_inside_the_simulation_every_clock_is_virtual() -> None:
    async def main() -> list[Any]:
        await asyncio.sleep(86_400.5)
        now_s = EPOCH.timestamp() + 86_400.5
        assert time.time() == now_s
        assert time.time_ns() == int(now_s * 1e9)
        assert datetime.now(UTC) == datetime(2026, 1, 2, 0, 0, 0, 500_000, tzinfo=UTC)
        assert time.gmtime()[:6] == (2026, 1, 2, 0, 0, 0)
        assert time.strftime("%Y", time.gmtime()) == "2026"
        started_s, started_ns, started_counter = time.monotonic(), time.monotonic_ns(), time.perf_counter()
        await asyncio.sleep(10)
        return [time.monotonic() - started_s, time.monotonic_ns() - started_ns, time.perf_counter() - started_counter]

    assert World().run(main) == [10.0, 10_000_000_000, 10.0]


def test_outside_the_simulation_every_clock_is_real() -> None:
    World()
    real_s = frozen.real_perf_counter()
    counter_s, monotonic_s, wall_s, now = time.perf_counter(), time.monotonic(), time.time(), datetime.now(UTC)
    threading.Event().wait(0.01)

    assert abs(counter_s - real_s) < 1.0
    assert time.perf_counter() > counter_s
    assert time.monotonic() > monotonic_s
    assert time.time() > wall_s
    assert datetime.now(UTC) > now
    assert abs(now.timestamp() - wall_s) < 1.0


def test_on_the_stock_loop_and_in_other_threads_time_is_real() -> None:
    World()

    async def on_stock_loop() -> tuple[float, float]:
        started_s = time.time()
        await asyncio.sleep(0.01)
        return time.time() - started_s, started_s

    took_s, started_s = asyncio.run(on_stock_loop())
    assert took_s > 0.005

    async def simulated() -> float:
        await asyncio.sleep(1000)
        seen: list[float] = []
        thread = threading.Thread(target=lambda: seen.append(time.time()))
        thread.start()
        thread.join()
        return seen[0]

    assert abs(World().run(simulated) - started_s) < 100


def test_every_run_starts_at_the_epoch() -> None:
    async def main() -> tuple[float, float]:
        started_s = time.time()
        await asyncio.sleep(100)
        return started_s, time.time()

    epoch_s = EPOCH.timestamp()
    assert [World(seed).run(main) for seed in range(3)] == [(epoch_s, epoch_s + 100)] * 3


def test_real_perf_counter_stays_real_inside() -> None:
    async def main() -> float:
        started_s = frozen.real_perf_counter()
        await asyncio.sleep(86_400)
        return frozen.real_perf_counter() - started_s

    assert 0 < World().run(main) < 10


def test_starting_twice_costs_nothing_and_stopping_takes_everything_back() -> None:
    frozen.start()
    started_s = frozen.real_perf_counter()
    for _ in range(1000):
        frozen.start()
    assert frozen.real_perf_counter() - started_s < 0.1
    frozen.stop()
    try:
        frozen.stop()
        assert "fake" not in repr(time.time)
        assert "fake" not in repr(time.perf_counter)
        assert datetime.__module__ == "datetime"
    finally:
        frozen.start()
    assert time.time is frozen._time


def test_a_freeze_of_ones_own_still_works() -> None:
    frozen.start()
    with freeze_time("2020-02-02", real_asyncio=True):
        assert time.gmtime()[:3] == (2020, 2, 2)
        assert datetime.now(UTC).year == 2020
    assert time.gmtime()[0] != 2020


def test_logs_inside_the_simulation_carry_virtual_time(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        await asyncio.sleep(60)
        logging.getLogger("simulated").warning("late")

    World().run(main)
    assert caplog.records[0].created == EPOCH.timestamp() + 60


def test_dates_of_the_clock_port_are_plain_and_those_of_datetime_are_not() -> None:
    """msgspec encodes exact types only: `datetime.now()` gives freezegun's subclass, the clock port a plain date."""
    world = World()

    async def main() -> bytes:
        with pytest.raises(TypeError, match="FakeDatetime"):
            msgspec.json.encode(datetime.now(UTC))
        return msgspec.json.encode(world.clock.utc_now())

    assert world.run(main) == b'"2026-01-01T00:00:00Z"'


def test_fakeredis_lives_in_virtual_time() -> None:
    async def main() -> list[Any]:
        redis = fakeredis.FakeAsyncRedis(server=fakeredis.FakeServer(), decode_responses=True)
        seen: list[Any] = [await redis.xadd("stream", {"a": "1"})]
        await asyncio.sleep(5)
        seen.append(await redis.xadd("stream", {"a": "2"}))
        await redis.set("key", "value", ex=10)
        await asyncio.sleep(9)
        seen.append(await redis.get("key"))
        await asyncio.sleep(51)
        seen.append(await redis.get("key"))
        await redis.aclose()
        return seen

    expected = ["1767225600000-0", "1767225605000-0", "value", None]
    assert [World(seed).run(main) for seed in range(3)] == [expected] * 3


# -- randomness


def test_streams_do_not_shift_each_other() -> None:
    alone = Entropy(7).stream("b")
    entropy = Entropy(7)
    entropy.stream("a").random()
    beside = entropy.stream("b")

    assert [alone.random() for _ in range(5)] == [beside.random() for _ in range(5)]
    assert entropy.stream("b") is beside
    assert entropy.stream("a").random() != Entropy(8).stream("a").random()


def test_streams_are_the_same_on_every_python() -> None:
    assert Entropy(0).stream("network:/sim/binance").getrandbits(64) == 18_262_185_161_123_054_095
    assert Entropy(4711).stream("").getrandbits(64) == 10_316_600_872_544_547_424


def test_the_global_random_is_seeded_inside_and_put_back_after() -> None:
    random.seed(1)
    expected = random.random()
    random.seed(1)

    async def main() -> float:
        return random.random()

    drawn = [World(seed).run(main) for seed in (5, 5, 6)]
    with seeded_global_random(5):
        assert random.random() == drawn[0]
    assert drawn[0] == drawn[1] != drawn[2]
    assert random.random() == expected


def test_what_entropy_does_not_cover() -> None:
    """`os.urandom` is not replaced: ids from `uuid4` differ between runs, so nothing in a trace may come from it."""

    async def main() -> str:
        return str(uuid.uuid4())

    assert World(1).run(main) != World(1).run(main)
