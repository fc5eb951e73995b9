"""A world: one seed, one run, nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings
from typing import Any

import pytest

from scenarios.world.loop import Deadlock, EndOfTime, Escape
from scenarios.world.tasks import SimulatedTask
from scenarios.world.world import World

pytestmark = pytest.mark.filterwarnings("error")


async def nothing() -> None:
    pass


def test_run_returns_the_result_and_the_trace_has_times_and_hosts() -> None:
    world = World(3)
    host = world.host("venue")

    async def main() -> str:
        async def speak() -> None:
            world.record("hello")

        await asyncio.sleep(1.5)
        await host.run(speak)
        world.record("done")
        host.crash()
        host.context().run(world.record, "the dead record nothing")
        return "result"

    assert world.run(main) == "result"
    assert world.trace == ["1.500000000 venue hello", "1.500000000 done"]
    assert world.hosts == [host]
    assert world.loop.is_closed()


def test_a_world_runs_once() -> None:
    world = World(12)
    world.run(nothing)

    with pytest.raises(RuntimeError, match="a world runs once, seed 12 has run"):
        world.run(nothing)


def test_a_world_that_never_runs_leaves_nothing_either() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        World()
        gc.collect()


def test_what_is_left_behind_is_cancelled_in_order_of_birth(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    ends: list[str] = []

    async def linger(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            ends.append(f"{number} at {world.loop.time()}")
            if number == 3:
                raise LookupError("from the end")

    async def main() -> None:
        tasks = [asyncio.create_task(linger(number)) for number in range(5)]
        await asyncio.sleep(1)
        assert not any(task.done() for task in tasks)

    world.run(main)
    gc.collect()
    assert ends == [f"{number} at 2.0" for number in range(5)]
    assert "a task left behind raised when it was cancelled" in caplog.text
    assert "from the end" in caplog.text


def test_hosts_left_running_are_switched_off_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    left_open: list[object] = []

    async def node(path: str) -> None:
        await asyncio.start_unix_server(lambda reader, writer: left_open.append(writer), path)
        reader, writer = await asyncio.open_unix_connection(path)
        try:
            await reader.read()
        finally:
            world.record("node ends")
            writer.close()

    async def main() -> None:
        world.host("a").run(lambda: node("/sim/a"))
        world.host("b").run(lambda: node("/sim/b"))
        left_open.append(await asyncio.open_unix_connection("/sim/a"))
        await asyncio.sleep(1)

    world.run(main)
    left_open.clear()
    gc.collect()
    assert world.trace == []
    assert [host.state for host in world.hosts] == ["DEAD", "DEAD"]
    assert caplog.text == ""


def test_the_first_failure_is_told_even_if_tasks_ignore_their_cancellation(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                world.record("stays")

    async def main() -> None:
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        assert not task.done()
        raise LookupError("first")

    with pytest.raises(LookupError, match="first"):
        world.run(main)
    gc.collect()
    assert world.loop.is_closed()
    assert caplog.text == ""


def test_tasks_made_behind_the_loops_back_are_led_through_it() -> None:
    """aiohttp does so on Python 3.12 and 3.13, with an eager start."""
    stock = asyncio.Task
    world = World()

    async def child() -> str:
        world.record("child")
        return "result"

    async def main() -> str:
        make: Any = asyncio.Task
        task = make(child(), loop=asyncio.get_running_loop(), eager_start=True)
        world.record("main")
        assert isinstance(task, asyncio.Task)
        assert isinstance(task, SimulatedTask)
        assert isinstance(asyncio.current_task(), asyncio.Task)
        assert issubclass(SimulatedTask, asyncio.Task)
        assert not isinstance(asyncio.Event(), asyncio.Task)
        result: str = await task
        return result

    assert world.run(main) == "result"
    assert [line.split(" ")[1] for line in world.trace] == ["main", "child"]
    assert asyncio.Task is stock


def test_tasks_nobody_refers_to_are_not_collected() -> None:
    world = World()

    async def background() -> None:
        await asyncio.Event().wait()

    async def main() -> int:
        for number in range(300):
            asyncio.create_task(background())  # noqa: RUF006  # the point
            await asyncio.create_task(asyncio.sleep(number))
        gc.collect()
        return len(world.loop.tasks())

    assert world.run(main) == 301


def test_a_world_has_a_time_limit() -> None:
    async def main() -> None:
        await asyncio.sleep(11)

    with pytest.raises(EndOfTime):
        World(time_limit_s=10).run(main)


def test_a_swallowed_escape_still_fails_the_run() -> None:
    async def main() -> str:
        try:
            await asyncio.to_thread(print)
        except BaseException:
            return "as if nothing had happened"
        return "ran"

    with pytest.raises(Escape, match="run_in_executor"):
        World().run(main)


def test_an_escape_is_told_rather_than_what_came_of_it() -> None:
    async def main() -> None:
        try:
            await asyncio.to_thread(print)
        except Escape:
            await asyncio.Event().wait()

    with pytest.raises(Escape) as caught:
        World().run(main)
    assert isinstance(caught.value.__context__, Deadlock)


@pytest.mark.parametrize("seed", [0, 1])
def test_thousands_of_worlds_are_cheap(seed: int) -> None:
    World().run(nothing)
    gc.collect()
    count = 500
    started_s = time.process_time()
    for _ in range(count):
        World(seed).run(nothing)
    per_world_ms = (time.process_time() - started_s) / count * 1000

    # 0.1 to 0.3 ms are usual; processor time, so that a busy machine does not matter.
    assert per_world_ms < 1.0


def test_worlds_do_not_disturb_each_other() -> None:
    def run(seed: int) -> list[str]:
        world = World(seed, jitter_s=0.02)

        async def main() -> Any:
            async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                while line := await reader.readline():
                    writer.write(line)
                writer.close()

            await asyncio.start_unix_server(echo, "/sim/echo")
            reader, writer = await asyncio.open_unix_connection("/sim/echo")
            for number in range(5):
                writer.write(b"%d\n" % number)
                world.record((await reader.readline()).decode().strip())
            writer.close()
            await writer.wait_closed()

        world.run(main)
        return world.trace

    first = [run(seed) for seed in range(4)]
    assert first == [run(seed) for seed in range(4)]
    assert len({tuple(trace) for trace in first}) == 4
