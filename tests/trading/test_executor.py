"""Work given to threads: on a real event loop, for a simulated one refuses."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from nautilus_live.trading.executor import TaskExecutor
from nautilus_live.trading.log import ComponentLog


def executor(loop: asyncio.AbstractEventLoop, pool: ThreadPoolExecutor) -> TaskExecutor:
    numbers = count(1)
    return TaskExecutor(loop, ComponentLog("WORKER"), lambda: f"W-{next(numbers)}", pool)


async def ended(tasks: TaskExecutor) -> None:
    while tasks.active_ids or tasks.queued_ids:  # noqa: ASYNC110  # real threads end when they end
        await asyncio.sleep(0.001)


def test_queued_work_runs_one_after_the_other_and_an_error_ends_one_piece(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    gate = threading.Event()

    def work(name: str, *, fails: bool = False) -> None:
        if name == "first":
            assert gate.wait(5)
        done.append(name)
        if fails:
            raise ValueError(name)

    async def main() -> None:
        with ThreadPoolExecutor(2) as pool:
            tasks = executor(asyncio.get_running_loop(), pool)
            assert [tasks.queue(work, (name,), {"fails": name == "first"}) for name in ("first", "second")] == [
                "W-1",
                "W-2",
            ]
            assert (tasks.active_ids, tasks.queued_ids) == (["W-1"], ["W-2"])
            gate.set()
            await ended(tasks)

    asyncio.run(main())
    assert done == ["first", "second"]
    assert "task W-1 raised ValueError: first" in caplog.text


def test_what_is_taken_back_before_it_began_never_runs() -> None:
    done: list[str] = []
    gate = threading.Event()

    async def main() -> None:
        with ThreadPoolExecutor(1) as pool:
            tasks = executor(asyncio.get_running_loop(), pool)
            tasks.run(gate.wait, (5,), {})
            second = tasks.queue(done.append, ("queued",), {})
            third = tasks.queue(done.append, ("taken back",), {})
            tasks.cancel(third)
            assert tasks.queued_ids == []
            assert second in tasks.active_ids
            tasks.cancel_all()
            gate.set()
            await ended(tasks)

    asyncio.run(main())
    assert done == []
