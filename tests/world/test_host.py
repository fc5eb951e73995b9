"""Hosts that crash, pause and go on: the dead reach nobody, the living notice nothing but the silence."""

from __future__ import annotations

import asyncio
import gc
import inspect
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from scenarios.world.host import CURRENT_HOST, Host
from scenarios.world.loop import Deadlock, SimulatedLoop
from scenarios.world.world import World

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True)
def nothing_is_complained_about(caplog: pytest.LogCaptureFixture) -> Any:
    """Neither asyncio's log nor, with warnings as errors, the garbage collector has anything to say."""
    yield
    gc.collect()
    assert caplog.text == ""


def lines(world: World, host: str = "") -> list[str]:
    """What was recorded, with short times; only of one host if named."""
    entries = [line.split(" ", 1) for line in world.trace]
    return [f"{float(time):g} {what}" for time, what in entries if what.startswith(host)]


def run(world: World, scene: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return world.run(scene)


# -- crash


def test_the_host_is_inherited_by_all_that_is_started_on_it() -> None:
    world = World()
    seen: list[str] = []

    def note(where: str) -> None:
        host = CURRENT_HOST.get()
        seen.append(f"{where} {host.name if host else None}")

    async def child() -> None:
        note("child")

    async def node() -> None:
        note("node")
        asyncio.get_running_loop().call_later(1, note, "timer")
        asyncio.get_running_loop().call_soon(note, "soon")
        async with asyncio.TaskGroup() as group:
            group.create_task(child())

    async def main() -> None:
        await world.host("a").run(node, name="node of a")
        await asyncio.sleep(2)
        note("main")

    run(world, main)
    assert seen == ["node a", "soon a", "child a", "timer a", "main None"]


def test_after_a_crash_no_callback_runs_and_finally_blocks_reach_nobody() -> None:
    world = World()
    said: list[str] = []

    async def ticking() -> AsyncIterator[int]:
        try:
            while True:
                await asyncio.sleep(1)
                yield 1
        finally:
            asyncio.get_running_loop().call_soon(said.append, "generator")

    async def reader() -> None:
        try:
            async for _ in ticking():
                world.record("tick")
        finally:
            loop = asyncio.get_running_loop()
            loop.call_soon(said.append, "soon")
            loop.call_later(1, said.append, "later")
            loop.call_soon_threadsafe(said.append, "threadsafe")
            rescue = asyncio.create_task(late())
            rescue.add_done_callback(lambda _: said.append("done callback"))
            world.record("finally")
            await rescue

    async def late() -> None:
        said.append("late")

    async def lingering() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(1)
            said.append("lingered")

    async def node() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(reader())
            group.create_task(lingering())

    async def main() -> None:
        host = world.host("a")
        task = host.run(node)
        await asyncio.sleep(2.5)
        host.crash()
        host.crash()
        assert host.state == "DEAD"
        assert task.cancelled()
        # `await rescue` met a task that was dead at birth; `lingering` wanted to sleep.
        assert [type(error).__name__ for error in host.last_words] == ["CancelledError", "RuntimeError"]
        assert str(host.last_words[1]) == "coroutine ignored GeneratorExit"
        with pytest.raises(RuntimeError, match="a: cannot run a task on a host in DEAD"):
            host.run(node)
        await asyncio.sleep(10_000)

    run(world, main)
    assert lines(world) == ["1 a tick", "2 a tick"]
    assert said == []


def test_coroutines_are_closed_by_the_crash_and_not_when_they_are_collected() -> None:
    """Closing a coroutine inside a `TaskGroup` or in a `finally` block that awaits takes more than one attempt."""
    world = World()
    coroutines: list[Any] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            while True:
                await asyncio.sleep(1)
                yield 1
        finally:
            await asyncio.sleep(1)

    async def node() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                coroutines.append(numbers_of_group())
                group.create_task(coroutines[-1])
                async with asyncio.timeout(1000), asyncio.Lock():
                    await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            await asyncio.sleep(1)

    async def numbers_of_group() -> None:
        async for _ in numbers():
            await asyncio.shield(asyncio.sleep(0.1))

    async def main() -> None:
        host = world.host("a")
        coroutines.append(node())
        host.run(lambda: coroutines[0])
        await asyncio.sleep(2.35)
        host.crash()
        assert [inspect.getcoroutinestate(coroutine) for coroutine in coroutines] == [inspect.CORO_CLOSED] * 2
        assert len(host.last_words) > 1

    run(world, main)


def test_ports_are_cut_before_any_finally_block_runs() -> None:
    world = World()
    order: list[str] = []

    async def node(number: int) -> None:
        try:
            await asyncio.sleep(100)
        finally:
            order.append(f"closed {number}")

    async def main() -> None:
        host = world.host("a")
        host.add_port(lambda: order.append("cut store"))
        host.add_port(lambda: order.append("cut wire"))
        in_peace = order.clear
        host.add_port(in_peace)
        host.remove_port(in_peace)
        for number in range(12):
            host.run(lambda number=number: node(number))  # type: ignore[misc]  # mypy cannot infer the lambda
        await asyncio.sleep(1)
        host.crash()
        host.add_port(lambda: order.append("cut at once"))

    run(world, main)
    assert order == ["cut store", "cut wire", *(f"closed {number}" for number in range(12)), "cut at once"]


def test_a_dead_host_leaves_no_timers_behind() -> None:
    world = World()

    async def node() -> None:
        await asyncio.sleep(86_400)

    async def main() -> None:
        host = world.host("a")
        host.run(node)
        await asyncio.sleep(1)
        host.crash()
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match=r"nothing is scheduled at 1\.0 s"):
        run(world, main)


def test_a_host_may_crash_itself_in_the_middle_of_a_callback() -> None:
    world = World()

    async def node(host: Host) -> None:
        try:
            host.crash()
            asyncio.get_running_loop().call_soon(pytest.fail, "a dead host scheduled a callback")
            await asyncio.sleep(1)
            pytest.fail("a dead host went on")
        finally:
            asyncio.create_task(asyncio.sleep(1))  # noqa: RUF006  # nobody will hold it, it is dead at birth

    async def main() -> None:
        host = world.host("a")
        task = host.run(lambda: node(host))
        await asyncio.wait([task])
        assert task.cancelled()
        assert world.loop.tasks() == [asyncio.current_task()]

    run(world, main)


def test_async_generators_held_elsewhere_are_closed_with_their_host() -> None:
    world = World()
    kept: list[AsyncIterator[int]] = []
    ends: list[str] = []

    async def numbers(name: str) -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            ends.append(name)
            await asyncio.sleep(1)
            ends.append(f"{name} slept")

    async def node() -> None:
        for name in ("first", "second"):
            kept.append(numbers(name))
            await anext(kept[-1])
        await asyncio.sleep(100)

    async def main() -> None:
        host = world.host("a")
        host.run(node)
        await asyncio.sleep(1)
        host.crash()
        assert ends == ["first", "second"]
        kept.clear()
        gc.collect()
        await asyncio.sleep(10)

    run(world, main)
    assert ends == ["first", "second"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="a plain task tells its context from Python 3.12 on")
def test_plain_tasks_die_with_their_host_too() -> None:
    heard: list[str] = []

    async def forever(name: str) -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            asyncio.get_running_loop().call_soon(heard.append, name)

    async def node() -> None:
        eager: Any = asyncio.Task
        loop = asyncio.get_running_loop()
        await asyncio.gather(*[eager(forever(name), loop=loop, eager_start=True) for name in "bcd"])

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        host = Host("a", loop)
        host.run(node)
        await asyncio.sleep(1)
        assert len(loop.tasks()) == 5
        host.crash()
        assert loop.tasks() == [asyncio.current_task()]
        await asyncio.sleep(1)

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(main())
    assert heard == []


async def tick(world: World, periods_s: list[float]) -> None:
    async def one(number: int, period_s: float) -> None:
        while True:
            await asyncio.sleep(period_s)
            world.record(f"tick {number}")

    await asyncio.gather(*(one(number, period_s) for number, period_s in enumerate(periods_s)))


def ticks_of_b(end_a: Callable[[Host], object] | None) -> list[str]:
    """Two hosts with coinciding timers; something may happen to host a at 2.5 s."""
    world = World()

    async def main() -> None:
        hosts = [world.host(name) for name in "aba"]
        for host in hosts:
            host.run(lambda: tick(world, [0.5, 1.0, 0.1, 0.5]))
        await asyncio.sleep(2.5)
        if end_a is not None:
            end_a(hosts[0])
        await asyncio.sleep(2.5)
        for host in hosts:
            host.crash()

    run(world, main)
    return lines(world, "b ")


@pytest.mark.parametrize("end_a", [Host.crash, Host.pause, lambda host: host.crash_after(host.callbacks + 7)])
def test_other_hosts_go_on_in_unchanged_order(end_a: Callable[[Host], object]) -> None:
    calm = ticks_of_b(None)

    assert len(calm) > 70
    assert ticks_of_b(end_a) == calm


def test_crash_after_counts_callbacks_of_this_host_only() -> None:
    world = World()
    counts: list[int] = []

    async def main() -> None:
        host, other = world.host("a"), world.host("b")
        host.on_callback = counts.append
        host.crash_after(5)
        host.run(lambda: tick(world, [1.0]))
        other.run(lambda: tick(world, [0.5]))
        await asyncio.sleep(100)
        assert host.dead
        assert host.callbacks == 5
        with pytest.raises(ValueError, match="a: cannot crash after 3 callbacks, has run 5"):
            host.crash_after(3)
        at_once = world.host("c")
        at_once.crash_after(0)
        assert at_once.dead
        assert repr(host) == "<Host a DEAD after 5 callbacks>"

    run(world, main)
    assert counts == [1, 2, 3, 4, 5]


# -- pause


def test_a_paused_host_catches_up_in_order() -> None:
    world = World()

    async def main() -> None:
        host = world.host("a")
        host.run(lambda: tick(world, [1.0, 1.5]))
        await asyncio.sleep(1.75)
        host.pause()
        assert host.state == "PAUSED"
        await asyncio.sleep(10)
        host.resume()
        await asyncio.sleep(1.3)
        with pytest.raises(RuntimeError, match="a: cannot resume a host in RUNNING"):
            host.resume()
        host.pause()
        host.crash()
        with pytest.raises(RuntimeError, match="a: cannot pause a host in DEAD"):
            host.pause()

    run(world, main)
    # Timers that became due meanwhile run on resume, in the order of their deadlines; then the sleeps start anew.
    assert lines(world) == [
        "1 a tick 0",
        "1.5 a tick 1",
        "11.75 a tick 0",
        "11.75 a tick 1",
        "12.75 a tick 0",
    ]


def test_a_host_stands_still_until_it_has_run_something_after_a_pause() -> None:
    world = World()
    stood: list[float] = []

    async def main() -> None:
        host = world.host("a")
        host.run(lambda: tick(world, [1.0]))
        await asyncio.sleep(1.5)
        stood.append(host.stood_still_s)
        host.pause()
        await asyncio.sleep(2)
        stood.append(host.stood_still_s)
        host.resume()
        stood.append(host.stood_still_s)
        await asyncio.sleep(0.1)
        stood.append(host.stood_still_s)

    run(world, main)
    assert stood == [0.0, 2.0, 2.0, 0.0]


def test_deadlock_names_the_paused_host() -> None:
    world = World()

    async def main() -> None:
        host = world.host("a")
        task = host.run(lambda: asyncio.sleep(1), name="node")
        host.pause()
        await task

    with pytest.raises(Deadlock, match=r"a \[PAUSED\] node: "):
        run(world, main)


# -- signals belong to hosts


def test_each_host_has_its_own_signal_handlers() -> None:
    world = World()

    async def node() -> None:
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        await stopped.wait()
        world.record("stopped")

    async def main() -> None:
        a, b = world.host("a"), world.host("b")
        tasks = [a.run(node), b.run(node)]
        await asyncio.sleep(1)
        world.loop.deliver_signal(signal.SIGTERM, b)
        await asyncio.sleep(1)
        assert [task.done() for task in tasks] == [False, True]
        a.crash()
        with pytest.raises(LookupError, match="a: no handler for SIGTERM, handlers: none"):
            world.loop.deliver_signal(signal.SIGTERM, a)

    run(world, main)
    assert lines(world) == ["1 b stopped"]


def test_a_host_without_a_loop_takes_the_running_one() -> None:
    async def main() -> None:
        host = Host("a")
        with pytest.raises(RuntimeError, match="a: a host has a loop once it ran a task"):
            _ = host.loop
        await host.run(lambda: asyncio.sleep(1))
        assert isinstance(host.loop, SimulatedLoop)

    run(World(), main)

    async def on_stock_loop() -> None:
        with pytest.raises(RuntimeError, match="this needs a SimulatedLoop"):
            Host("a").run(lambda: asyncio.sleep(1))

    asyncio.run(on_stock_loop())
