"""Tasks that a library makes behind the loop's back, led through the loop.

May know: asyncio and the simulated loop. On Python 3.12 and 3.13 aiohttp calls `asyncio.Task(..., eager_start=True)`
itself, where on 3.11 it asks the loop. Such a task hashes to its address and runs its first step at once, so the same
seed would give another order of events on another Python. While a world runs, `asyncio.Task` therefore asks a simulated
loop for the task; on any other loop, and for `isinstance`, it is what it always was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scenarios.world.loop import SimulatedLoop

_StockTask = asyncio.Task
if TYPE_CHECKING:
    TaskOfAny = asyncio.Task[Any]
else:
    TaskOfAny = asyncio.Task


class _Routing(type):
    """The metaclass of the stand-in: a call makes a task of the right kind, the rest is the real one's."""

    def __call__(cls, coro: Any, *, loop: asyncio.AbstractEventLoop | None = None, **options: Any) -> asyncio.Task[Any]:
        loop = asyncio.get_running_loop() if loop is None else loop
        if isinstance(loop, SimulatedLoop):
            return loop.create_task(coro, **options)
        return _StockTask(coro, loop=loop, **options)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _StockTask)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _StockTask)


class _RoutedTask(TaskOfAny, metaclass=_Routing):
    """What `asyncio.Task` is while a world runs."""


@contextmanager
def tasks_through_the_loop() -> Iterator[None]:
    """Let `asyncio.Task(...)` ask the simulated loop. For one world at a time, like everything that is global.

    So is asked which tasks there are: the stock answer looks at every task of every world that is not collected yet.
    """
    asyncio.Task = _RoutedTask  # type: ignore[misc]  # the point of this module
    asyncio.all_tasks = asyncio.tasks.all_tasks = _all_tasks
    if _REGISTRY is not None:  # whom nobody asks while the answer above stands; entering and leaving it is not cheap
        _REGISTRY.add = _forget
    try:
        yield
    finally:
        asyncio.Task = _StockTask  # type: ignore[misc]  # the same
        asyncio.all_tasks = asyncio.tasks.all_tasks = _stock_all_tasks
        if _REGISTRY is not None:
            del _REGISTRY.add


_stock_all_tasks = asyncio.tasks.all_tasks
_REGISTRY: Any = getattr(asyncio.tasks, "_all_tasks", None)
"""The weak set of all tasks of the process that Python 3.11 has."""


def _forget(_: object) -> None:
    """Enter a task nowhere: the loop that made it knows it."""


def _all_tasks(loop: asyncio.AbstractEventLoop | None = None) -> set[asyncio.Task[Any]]:
    loop = asyncio.get_running_loop() if loop is None else loop
    return set(loop.tasks()) if isinstance(loop, SimulatedLoop) else _stock_all_tasks(loop)
