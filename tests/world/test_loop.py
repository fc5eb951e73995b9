"""The simulated loop: virtual time, the order of things, and the ways it refuses to hang."""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from scenarios.world.loop import Deadlock, EndOfTime, Livelock, SimulatedLoop


def run(main: Callable[[], Coroutine[Any, Any, Any]], seed: int = 0, **options: Any) -> Any:
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(seed, **options)) as runner:
        return runner.run(main())


def now_s() -> float:
    return asyncio.get_running_loop().time()


# -- time


def test_time_starts_at_zero_and_stands_still_while_callbacks_run() -> None:
    async def main() -> list[float]:
        times = [now_s()]
        for _ in range(1000):
            await asyncio.sleep(0)
        times.append(now_s())
        return times

    assert run(main) == [0.0, 0.0]


def test_time_jumps_to_each_deadline_exactly() -> None:
    jumps: list[float] = []

    async def main() -> float:
        await asyncio.sleep(0.1)
        await asyncio.sleep(86_400)
        await asyncio.sleep(0.000_000_001)
        return now_s()

    assert run(main, on_advance=jumps.append) == 86_400.100_000_001
    assert jumps == [0.1, 86_400.1, 86_400.100_000_001]


def test_time_does_not_drift() -> None:
    """In plain floats twenty sleeps of 0.1 s end at 2.0000000000000004 and never coincide with one of 2 s."""

    async def main() -> list[str]:
        order: list[str] = []

        async def sleep(name: str, period_s: float, times: int) -> None:
            for _ in range(times):
                await asyncio.sleep(period_s)
            order.append(f"{name} {now_s()!r}")

        await asyncio.gather(sleep("short", 0.1, 20), sleep("long", 2, 1), sleep("hour", 0.1, 36_000))
        return order

    assert run(main) == ["long 2.0", "short 2.0", "hour 3600.0"]


def test_a_positive_delay_always_takes_time() -> None:
    async def main() -> float:
        await asyncio.sleep(5e-11)
        deadline_s = now_s() + 1 / 3
        while now_s() < deadline_s:  # noqa: ASYNC110  # the idiom under test
            await asyncio.sleep(deadline_s - now_s())
        return now_s()

    assert run(main) == pytest.approx(1 / 3, abs=3e-9)


def test_a_deadline_in_the_past_runs_now() -> None:
    async def main() -> float:
        await asyncio.sleep(1)
        done = asyncio.Event()
        asyncio.get_running_loop().call_at(0.5, done.set)
        await done.wait()
        return now_s()

    assert run(main) == 1.0


def test_cancelled_timers_do_not_pile_up() -> None:
    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        for _ in range(10_000):
            async with asyncio.timeout(3600):
                await asyncio.sleep(0.001)
        return len(loop._timers)

    assert run(main) < 250


def test_cancelling_a_timer_that_is_already_due_is_harmless() -> None:
    async def main() -> list[str]:
        loop, ran = asyncio.get_running_loop(), list[str]()
        second: asyncio.TimerHandle

        def first() -> None:
            ran.append("first")
            second.cancel()

        loop.call_later(1, first)
        second = loop.call_later(1, ran.append, "second")
        for _ in range(300):
            loop.call_later(2, ran.append, "never").cancel()
        await asyncio.sleep(3)
        return ran

    assert run(main) == ["first"]


# -- order


def order_of_equal_deadlines(seed: int) -> list[int]:
    async def main() -> list[int]:
        order: list[int] = []
        for number in range(12):
            asyncio.get_running_loop().call_later(1.0, order.append, number)
        await asyncio.sleep(2)
        return order

    result = run(main, seed)
    assert isinstance(result, list)
    return result


def test_equal_deadlines_run_in_creation_order_for_seed_0() -> None:
    assert order_of_equal_deadlines(0) == list(range(12))


def test_equal_deadlines_are_shuffled_by_the_seed() -> None:
    orders = [order_of_equal_deadlines(seed) for seed in range(1, 6)]

    assert len({tuple(order) for order in orders}) == 5
    assert all(sorted(order) == list(range(12)) for order in orders)
    assert orders == [order_of_equal_deadlines(seed) for seed in range(1, 6)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_only_equal_deadlines_are_shuffled(seed: int) -> None:
    async def main() -> list[int]:
        loop, order = asyncio.get_running_loop(), list[int]()
        for number in range(20):
            loop.call_later(2.0 - number / 10, order.append, 100 - number)
        for number in range(20):
            loop.call_soon(order.append, number)
        await asyncio.sleep(3)
        return order

    assert run(main, seed) == [*range(20), *range(81, 101)]


def orders_over_runs(main: Callable[[], Coroutine[Any, Any, list[str]]]) -> set[tuple[str, ...]]:
    litter: list[list[object]] = []  # so that tasks get other addresses in each run
    orders = set()
    for number in range(10):
        litter.append([object() for _ in range(number * 37)])
        orders.add(tuple(run(main)))
    return orders


def test_a_task_group_cancels_in_order_of_birth() -> None:
    async def main() -> list[str]:
        order: list[str] = []

        async def child(number: int) -> None:
            try:
                await asyncio.sleep(100)
            finally:
                order.append(f"child {number}")

        async def failing() -> None:
            await asyncio.sleep(1)
            raise LookupError

        try:
            async with asyncio.TaskGroup() as group:
                for number in range(12):
                    group.create_task(child(number))
                group.create_task(failing())
        except* LookupError:
            order.append("failed")
        return order

    assert orders_over_runs(main) == {(*(f"child {number}" for number in range(12)), "failed")}


def test_done_sets_iterate_in_order_of_birth() -> None:
    async def main() -> list[str]:
        tasks = [asyncio.create_task(asyncio.sleep(1 + number % 3)) for number in range(12)]
        done, _ = await asyncio.wait(tasks)
        return [task.get_name() for task in done]

    assert orders_over_runs(main) == {tuple(f"Task-{number}" for number in range(2, 14))}


def test_async_generators_are_shut_down_in_order_of_birth() -> None:
    closed: list[int] = []

    async def numbers(number: int) -> AsyncIterator[int]:
        try:
            yield number
        finally:
            closed.append(number)

    async def main() -> list[str]:
        closed.clear()
        generators = [numbers(number) for number in range(12)]
        for generator in generators:
            await anext(generator)
        await asyncio.get_running_loop().shutdown_asyncgens()
        return [str(number) for number in closed]

    assert orders_over_runs(main) == {tuple(str(number) for number in range(12))}


# -- nothing waits for ever


def test_deadlock_lists_the_waiting_tasks_in_order_of_birth() -> None:
    async def waiter(event: asyncio.Event) -> None:
        await event.wait()

    async def main() -> None:
        event = asyncio.Event()
        await asyncio.sleep(1.5)
        async with asyncio.TaskGroup() as group:
            group.create_task(waiter(event), name="second")
            group.create_task(waiter(event), name="first")

    with pytest.raises(Deadlock) as caught:
        run(main)

    lines = str(caught.value).splitlines()
    assert lines[0] == "nothing is scheduled at 1.5 s, the main future is not done, tasks waiting:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["Task-1", "second", "first"]
    assert lines[2].startswith("  second: waiter (test_loop.py:")
    assert lines[2].endswith(" > wait (locks.py)")


def test_a_timer_that_is_never_due_is_a_deadlock() -> None:
    async def main() -> None:
        await asyncio.sleep(math.inf)

    with pytest.raises(Deadlock, match=r"Task-1: main \(test_loop.py:\d+\) > sleep"):
        run(main)


def test_finally_blocks_run_after_a_deadlock() -> None:
    ends: list[str] = []

    async def main() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(5)
            ends.append(f"ended at {now_s()}")

    with pytest.raises(Deadlock):
        run(main)
    assert ends == ["ended at 5.0"]


def test_the_time_limit_ends_a_run_that_polls() -> None:
    ends: list[float] = []

    async def main() -> None:
        try:
            while True:  # noqa: ASYNC110  # a poller is what the limit is for
                await asyncio.sleep(7)
        finally:
            await asyncio.sleep(10)
            ends.append(now_s())

    with pytest.raises(EndOfTime, match=r"must end by 100\.0 s, the next deadline was 105\.0 s"):
        run(main, time_limit_s=100.0)
    assert ends == [110.0]


def test_the_time_limit_itself_is_still_reached() -> None:
    async def main() -> float:
        await asyncio.sleep(100)
        return now_s()

    assert run(main, time_limit_s=100.0) == 100.0


def test_callbacks_that_run_on_without_time_passing_are_a_livelock() -> None:
    async def main() -> None:
        while True:  # noqa: ASYNC110  # a busy loop is what is to be caught
            await asyncio.sleep(0)

    with pytest.raises(Livelock, match=r"1001 cycles ran at 0\.0 s"):
        run(main, livelock_cycles_max=1000)


def test_tasks_that_ignore_cancellation_are_closed_with_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    ends: list[str] = []

    async def stubborn(name: str) -> None:
        try:
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    ends.append(f"{name} stays")
        finally:
            ends.append(f"{name} closed")

    async def main() -> None:
        tasks = [asyncio.create_task(stubborn(name)) for name in ("a", "b")]
        await asyncio.gather(*tasks)

    with pytest.raises(Deadlock):
        run(main)
    gc.collect()
    assert ends == ["a stays", "b stays", "a closed", "b closed"]
    assert caplog.text == ""


# -- the rest


def test_debug_mode_works() -> None:
    async def main() -> float:
        await asyncio.sleep(1)
        return now_s()

    with asyncio.Runner(debug=True, loop_factory=SimulatedLoop) as runner:
        assert runner.run(main()) == 1.0


def test_unnamed_tasks_are_numbered_per_loop() -> None:
    async def main() -> list[str]:
        names = list[str]()
        loop = asyncio.get_running_loop()

        async def child() -> None:
            names.append(asyncio.current_task().get_name())  # type: ignore[union-attr]  # runs in a task

        task: asyncio.Task[None] = loop.create_task(child(), name="given")
        await task
        await asyncio.create_task(child())
        return names

    assert run(main) == ["given", "Task-3"]
