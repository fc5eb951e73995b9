"""What the simulation relies on and CPython or a dependency might change: it fails here, by name."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import aiohttp
import freezegun.api
import pytest

from scenarios.world.loop import SimulatedLoop
from scenarios.world.privates import PRIVATE_NAMES
from tests import children

ROOT = Path(__file__).parents[2]


def instances() -> dict[str, object]:
    loop = asyncio.BaseEventLoop()
    handles = {
        "Handle": asyncio.Handle(print, (), loop),
        "TimerHandle": asyncio.TimerHandle(0.0, print, (), loop),
    }

    async def nothing() -> None:
        pass

    coroutine = nothing()
    task = asyncio.Task(coroutine, loop=loop)
    task.cancel()
    loop.call_soon(loop.stop)
    loop._process_events = lambda events: None  # type: ignore[attr-defined]  # a base loop has no selector of its own
    loop._selector = SelectorOfNothing()  # type: ignore[attr-defined]  # the same
    loop.run_forever()
    loop.close()
    return {"BaseEventLoop": loop, "Task": task, **handles}


class SelectorOfNothing:
    """Polls nothing."""

    def select(self, timeout: float | None) -> list[object]:
        return []


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in PRIVATE_NAMES.items() for name in names])
def test_the_private_names_of_asyncio_exist(kind: str, name: str) -> None:
    assert hasattr(instances()[kind], name)


def test_handles_have_no_private_state_we_do_not_fill() -> None:
    """`TimerHandle` is made here as `BaseEventLoop.call_at` makes it, including `_scheduled`."""
    names = set(asyncio.Handle.__slots__) | set(asyncio.TimerHandle.__slots__)

    assert names == {
        *("_callback", "_args", "_cancelled", "_loop", "_source_traceback", "_repr", "__weakref__", "_context"),
        *("_scheduled", "_when"),
    }


def test_the_base_loop_calls_what_is_replaced() -> None:
    calls: list[str] = []

    class Watched(SimulatedLoop):
        def _run_once(self) -> None:
            calls.append("_run_once")
            super()._run_once()

        def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
            calls.append("_timer_handle_cancelled")

        def default_exception_handler(self, context: dict[str, object]) -> None:
            calls.append("default_exception_handler")

    async def main() -> None:
        asyncio.get_running_loop().call_later(1, print).cancel()
        asyncio.get_running_loop().call_soon(int, "not a number")
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=Watched) as runner:
        runner.run(main())
    assert set(calls) == {"_run_once", "_timer_handle_cancelled", "default_exception_handler"}


def test_freezegun_asks_the_two_questions_we_answer() -> None:
    assert callable(freezegun.api._should_use_real_time)
    assert isinstance(freezegun.api.freeze_factories, list)
    assert freezegun.api.fake_time.__code__.co_names[0] == "_should_use_real_time"
    assert freezegun.api.get_current_time.__code__.co_names[0] == "freeze_factories"
    assert freezegun.api.real_perf_counter() != 0.0


def test_a_connector_is_closed_by_the_attribute_we_set() -> None:
    async def main() -> None:
        made = aiohttp.UnixConnector(path="/sim/venue")
        session = aiohttp.ClientSession(connector=made)
        assert not session.closed
        made._closed = True
        assert session.closed

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(main())


def test_the_loop_needs_the_standard_library_only() -> None:
    program = """if True:
        import sys
        import scenarios.world.network, scenarios.world.clock, scenarios.world.entropy
        foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__"}
        print(sorted(foreign))
    """
    # -S: without site-packages an import from there would fail.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = children.run([sys.executable, "-S", "-c", program], check=False, env=environment)
    assert result.stderr == ""
    assert result.stdout.strip() == "['scenarios']"


def test_the_loop_keeps_its_speed() -> None:
    """Not a benchmark: a bound that only a mistake of a factor of ten breaks. 400 000 steps a second are usual."""
    steps = 20_000

    async def main() -> None:
        queues: list[asyncio.Queue[int]] = [asyncio.Queue() for _ in range(100)]

        async def pass_on(number: int) -> None:
            while True:
                value = await queues[number].get()
                queues[(number + 1) % 100].put_nowait(value - 1)
                if value == 0:
                    done.set()

        done = asyncio.Event()
        tasks = [asyncio.create_task(pass_on(number)) for number in range(100)]
        queues[0].put_nowait(steps)
        await done.wait()
        for task in tasks:
            task.cancel()

    started_s = time.process_time()
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(main())
    assert steps / (time.process_time() - started_s) > 20_000
