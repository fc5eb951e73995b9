"""Generated programs do the same, in the same order and at the same times, on the simulated loop and on stock asyncio.

The reference is CPython's own selector loop with its own `_run_once`. Three things about it are changed: its clock is
virtual (the selector adds the timeout it would have slept), timers with equal deadlines compare by creation, and
tasks hash by birth, for the stock loop promises no order there. Durations are small multiples of 2**-9 s, which are
exact both as floats and on the simulated loop's grid of nanoseconds, so deadlines of workers coincide all the time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.world.loop import SimulatedLoop


class SleepingSelector(selectors.DefaultSelector):
    """A selector that adds the time it would have slept to a clock."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("the program waits for ever")
        self.now_s += max(timeout, 0.0)
        return super().select(0)


class NumberedTimer(asyncio.TimerHandle):
    """A timer that compares by deadline, then by creation."""

    number: int

    def __lt__(self, other: object) -> bool:
        assert isinstance(other, NumberedTimer)
        return (self.when(), self.number) < (other.when(), other.number)


class NumberedTask(asyncio.Task[Any]):
    """A task that hashes by birth."""

    def __init__(self, number: int, coro: Any, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        self.number = number
        super().__init__(coro, loop=loop, **options)

    def __hash__(self) -> int:
        return self.number


class StockLoop(asyncio.SelectorEventLoop):
    """CPython's loop, in virtual time."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        self.sleeping_selector = SleepingSelector()
        super().__init__(self.sleeping_selector)
        task_numbers = itertools.count(1)
        self.set_task_factory(lambda loop, coro, **options: NumberedTask(next(task_numbers), coro, loop, **options))

    def time(self) -> float:
        return self.sleeping_selector.now_s

    def call_at(  # type: ignore[override]  # typeshed's signature with a type variable tuple says nothing more here
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        # What BaseEventLoop.call_at does, with a numbered timer.
        timer = NumberedTimer(when, callback, args, self, context)
        timer.number = next(self.numbers)
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]  # private
        timer._scheduled = True  # type: ignore[attr-defined]  # private
        return timer


@dataclass(frozen=True)
class Step:
    """One statement of a worker."""

    kind: str
    target: int
    duration_s: float


@dataclass
class Machine:
    """The shared objects of a program and what happened."""

    workers: list[list[Step]]
    trace: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.trace.append(f"{asyncio.get_running_loop().time():.6f} {text}")

    async def main(self) -> list[str]:
        self.events = [asyncio.Event() for _ in range(2)]
        self.queue: asyncio.Queue[int] = asyncio.Queue(maxsize=2)
        self.lock = asyncio.Lock()
        self.semaphore = asyncio.BoundedSemaphore(2)
        self.tasks = [asyncio.create_task(self.work(number)) for number in range(len(self.workers))]
        results = await asyncio.gather(*self.tasks, return_exceptions=True)
        self.note(f"results {results!r}")
        return self.trace

    async def work(self, number: int) -> int:
        try:
            for step in self.workers[number]:
                outcome = await self.guarded(number, step)
                self.note(f"worker {number} {step.kind} {step.target} {outcome}")
        except asyncio.CancelledError:
            self.note(f"worker {number} cancelled")
            raise
        finally:
            self.note(f"worker {number} ends")
        return number

    async def guarded(self, number: int, step: Step) -> str:
        try:
            async with asyncio.timeout(step.duration_s):
                return str(await self.step(number, step))
        except TimeoutError:
            return "timed out"

    async def step(self, number: int, step: Step) -> object:
        match step.kind:
            case "sleep":
                await asyncio.Event().wait()
            case "yield":
                await asyncio.sleep(0)
            case "set":
                self.events[step.target % 2].set()
            case "clear":
                self.events[step.target % 2].clear()
            case "wait":
                await self.events[step.target % 2].wait()
            case "put":
                await self.queue.put(number)
            case "get":
                return await self.queue.get()
            case "lock":
                async with self.lock:
                    await asyncio.sleep(step.duration_s / 2)
            case "semaphore":
                async with self.semaphore:
                    await self.events[step.target % 2].wait()
            case "cancel":
                return self.tasks[step.target % len(self.tasks)].cancel()
            case "wait_for":
                return await asyncio.wait_for(self.queue.get(), step.duration_s / 4)
            case "shield":
                return await asyncio.shield(asyncio.create_task(self.nested(number, step)))
            case "gather":
                return await asyncio.gather(*(self.nested(number, step, part) for part in range(3)))
            case "race":
                parts = [asyncio.create_task(self.nested(number, step, part)) for part in range(3)]
                done, pending = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                for task in parts:
                    task.cancel()
                return len(done), len(pending)
            case "group":
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(self.nested(number, step, part)) for part in range(3)]
                return [task.result() for task in tasks]
            case "callback":
                loop = asyncio.get_running_loop()
                loop.call_soon(self.note, f"callback of {number}")
                loop.call_later(step.duration_s / 2, self.note, f"timer of {number}")
            case "generator":
                return [item async for item in self.generate(number, step)]
        return None

    async def nested(self, number: int, step: Step, part: int = 0) -> int:
        try:
            await asyncio.sleep(step.duration_s * (part + 1) / 8)
            self.note(f"part {part} of {number} done")
            return part
        except asyncio.CancelledError:
            self.note(f"part {part} of {number} cancelled")
            raise

    async def generate(self, number: int, step: Step) -> Any:
        try:
            for part in range(2):
                await asyncio.sleep(step.duration_s / 16)
                yield part
        finally:
            self.note(f"generator of {number} ends")


KINDS = (
    *("sleep", "yield", "set", "clear", "wait", "put", "get", "lock", "semaphore"),
    *("cancel", "wait_for", "shield", "gather", "race", "group", "callback", "generator"),
)


# Divided by up to 16 in the steps, so still multiples of 2**-9 s.
STEPS = st.builds(Step, st.sampled_from(KINDS), st.integers(0, 4), st.integers(1, 12).map(lambda count: count / 32))
PROGRAMS = st.lists(st.lists(STEPS, min_size=1, max_size=8), min_size=1, max_size=5)


def run(workers: list[list[Step]], loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> list[str]:
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(Machine(workers).main())


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(PROGRAMS)
def test_generated_programs_do_the_same_as_on_stock_asyncio(workers: list[list[Step]]) -> None:
    assert run(workers, SimulatedLoop) == run(workers, StockLoop)


def test_the_programs_are_worth_comparing() -> None:
    """A fixed program in which every kind of step takes part and deadlines coincide."""
    calm = [kind for kind in KINDS if kind != "cancel"]
    workers = [[Step(kind, number, 1 / 8) for number, kind in enumerate([*calm, "sleep"])] for _ in range(3)]
    workers.append([Step("sleep", 0, 1 / 4), Step("cancel", 0, 1 / 8)])

    trace = run(workers, SimulatedLoop)

    assert trace == run(workers, StockLoop)
    assert len(trace) > 60
    for word in ("timed out", "cancelled", "timer of", "generator of", "part 2"):
        assert any(word in line for line in trace), word
