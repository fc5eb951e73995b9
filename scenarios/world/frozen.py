"""The wall clock as dependencies see it: virtual inside a simulated loop, real everywhere else.

May know: freezegun, and which loop runs. fakeredis, loggers and HTTP libraries call `time.time()` and
`datetime.now()`; left alone, a key with `ex=10` would outlive 60 virtual seconds and stream ids would differ in every
run.

freezegun patches every loaded module, which costs 8 to 40 ms, so `start()` does it once per process. Its two
decisions, "is this call to be faked" and "what time is it", are then answered from the running loop: a
`SimulatedLoop` means `EPOCH + loop.time()`, anything else means the real clock. So nothing has to tick or to be
rewound between runs, a test on the stock loop (or another thread) in the same process keeps real time, and so do
`time.monotonic` and `time.perf_counter` outside the simulation: pytest's durations, a subprocess' timeout, the wall
time the CLI prints. Inside, they are virtual like the rest.

Not covered: `datetime.now()` returns freezegun's subclass, in and out of the simulation, and msgspec encodes exact
types only (the clock port's dates are plain); outside the simulation a naive `datetime.now()` is UTC (freezegun knows
one offset only); C code that asks the operating system itself; host skew, which is in `VirtualClock` alone because a
process has one wall clock.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import freezegun.api
from freezegun import freeze_time

from scenarios.world import extensions
from scenarios.world.clock import EPOCH
from scenarios.world.loop import SimulatedLoop

_EPOCH_NAIVE = EPOCH.replace(tzinfo=None)  # freezegun counts in naive UTC
_EPOCH_S = EPOCH.timestamp()
_freezer = freeze_time(_EPOCH_NAIVE, real_asyncio=True)
_should_use_real_time_stock = freezegun.api._should_use_real_time
_started = False


class _RunningLoopTime(freezegun.api.FrozenDateTimeFactory):
    """What time it is: asked by freezegun at every call."""

    def __init__(self) -> None:
        super().__init__(_EPOCH_NAIVE)

    def __call__(self) -> datetime:
        loop = asyncio._get_running_loop()
        if isinstance(loop, SimulatedLoop):
            return _EPOCH_NAIVE + timedelta(seconds=loop.time())
        return freezegun.api.real_datetime.now(UTC).replace(tzinfo=None)


def _is_real() -> bool:
    """Whether this call sees the real clock: asked by freezegun at every call, instead of inspecting the stack."""
    if not isinstance(freezegun.api.freeze_factories[-1], _RunningLoopTime):
        return False  # inside somebody's own `with freeze_time(...)`
    return not isinstance(asyncio._get_running_loop(), SimulatedLoop)


def _time() -> float:
    """Return seconds since 1970: `time.time` itself, which is asked for every line that is logged."""
    loop = asyncio._get_running_loop()
    if isinstance(loop, SimulatedLoop) and isinstance(freezegun.api.freeze_factories[-1], _RunningLoopTime):
        return round(_EPOCH_S + loop.time(), 6)
    return freezegun.api.fake_time()


def start() -> None:
    """Let simulated loops rule the wall clock of this process. The first call costs 8 to 40 ms, others nothing."""
    global _started
    if _started:
        return
    freezegun.api._should_use_real_time = _is_real
    _freezer.start()
    freezegun.api.freeze_factories[-1] = _RunningLoopTime()
    time.time = _time
    extensions.watch()
    _started = True


def stop() -> None:
    """Take the patches out again, in a process that is done with simulating."""
    global _started
    if not _started:
        return
    extensions.unwatch()
    _freezer.stop()
    freezegun.api._should_use_real_time = _should_use_real_time_stock
    _started = False


def real_perf_counter() -> float:
    """Real seconds for measuring speed, inside a simulation as well."""
    return freezegun.api.real_perf_counter()
