"""Periodic work: the grid, failures, the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.engine.periodic import Periodic
from scenarios.world.world import World


def on_loop(story: Callable[[asyncio.AbstractEventLoop], Any]) -> Any:
    async def main() -> Any:
        return await story(asyncio.get_running_loop())

    return World().run(main)


def test_a_job_runs_on_the_grid_of_its_interval_from_one_interval_after_the_start() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[float]:
        ran: list[float] = []
        periodic = Periodic(loop)
        periodic.every(2.5, "job", lambda: ran.append(loop.time()))
        await asyncio.sleep(10.1)
        await asyncio.gather(*periodic.stop(), return_exceptions=True)
        return ran

    assert on_loop(story) == [2.5, 5.0, 7.5, 10.0]


def test_runs_that_were_missed_are_not_made_up() -> None:
    world = World()
    ran: list[float] = []

    async def main() -> None:
        host = world.host("node")

        async def start() -> None:
            Periodic(world.loop).every(1, "job", lambda: ran.append(world.loop.time()))

        await host.run(start)
        await asyncio.sleep(1.5)
        host.pause()
        await asyncio.sleep(3.2)
        host.resume()
        await asyncio.sleep(1.4)

    world.run(main)
    assert ran == [1.0, 4.7, 5.0, 6.0]


def test_a_run_that_fails_is_logged_and_concerns_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> tuple[int, int]:
        counts = [0, 0]

        def fails() -> None:
            counts[0] += 1
            raise ValueError("no luck")

        def works() -> None:
            counts[1] += 1

        periodic = Periodic(loop)
        periodic.every(1, "unlucky", fails)
        periodic.every(1, "lucky", works)
        await asyncio.sleep(3.1)
        await asyncio.gather(*periodic.stop(), return_exceptions=True)
        return counts[0], counts[1]

    assert on_loop(story) == (3, 3)
    assert caplog.text.count("unlucky: a run failed") == 3
    assert "no luck" in caplog.text


def test_after_the_stop_nothing_runs() -> None:
    async def story(loop: asyncio.AbstractEventLoop) -> list[int]:
        ran: list[int] = []
        periodic = Periodic(loop)
        periodic.every(1, "job", lambda: ran.append(1))
        await asyncio.sleep(1.1)
        tasks = periodic.stop()
        await asyncio.sleep(5)
        assert [task.cancelled() for task in tasks] == [True]
        assert periodic.stop() == []
        return ran

    assert on_loop(story) == [1]
