"""Tasks that are born in order, and the closing of tasks and async generators at a defined point.

May know: asyncio's tasks, coroutines and async generators. Promises:

1. A task made by the loop hashes to its birth number, so sets of tasks (`TaskGroup`, `asyncio.wait`) iterate in the
   same order in every run. A plain task hashes to its address.
2. `put_down` ends a task now: its coroutine is closed inside the task's own context and the task counts as cancelled,
   so neither the garbage collector nor "Task was destroyed but it is pending" gets a say.

A library may call `asyncio.Task` itself and so get a plain task (`routing.py` prevents it while a world runs). Those
are found, ordered by creation behind the others, and put down with their host as well.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import weakref
from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, Any

from scenarios.world.host import CURRENT_HOST, Host

if TYPE_CHECKING:
    TaskOfAny = asyncio.Task[Any]
else:
    TaskOfAny = asyncio.Task

# A coroutine that still awaits after that many times is left alone; it catches everything, for ever.
CLOSE_ATTEMPTS_MAX = 100
_ASYNCIO_FOLDER = os.path.dirname(asyncio.__file__)


class SimulatedTask(TaskOfAny):
    """A task that hashes to its birth number and knows its context and host (`Task.get_context` needs Python 3.12)."""

    __slots__ = ("birth", "context")

    def __init__(
        self,
        coro: Any,
        *,
        loop: asyncio.AbstractEventLoop,
        birth: int,
        name: object,
        context: contextvars.Context | None,
        **options: Any,
    ) -> None:
        # Before Task.__init__, which puts the task into a set and so hashes it.
        self.birth = birth
        self.context = contextvars.copy_context() if context is None else context
        # asyncio numbers unnamed tasks per process; per loop, a name is the same in every run.
        name_text = f"Task-{birth}" if name is None else str(name)
        super().__init__(coro, loop=loop, name=name_text, context=self.context, **options)

    def __hash__(self) -> int:
        return self.birth


def birth_order(task: TaskOfAny) -> tuple[int, int, str]:
    """The key that sorts tasks by birth; plain ones behind, by the number in the name that asyncio gave them."""
    if isinstance(task, SimulatedTask):
        return 0, task.birth, ""
    name = task.get_name()
    number = name.removeprefix("Task-")
    return (1, int(number), "") if number.isdecimal() else (2, 0, name)


def context_of(task: TaskOfAny) -> contextvars.Context:
    """The context a task runs in; for a plain task only Python 3.12 and later tell."""
    if isinstance(task, SimulatedTask):
        return task.context
    context: contextvars.Context = getattr(task, "get_context", contextvars.Context)()
    return context


def host_of(task: TaskOfAny) -> Host | None:
    """The host a task belongs to."""
    return context_of(task).get(CURRENT_HOST)


class GeneratorRegistry:
    """The async generators being iterated, in order of birth: what `BaseEventLoop._asyncgens` is, but ordered.

    (A `WeakSet` iterates by address, and `shutdown_asyncgens` closes in that order.)
    """

    def __init__(self) -> None:
        self._births = 0
        self._entries: dict[int, tuple[weakref.ref[AsyncGenerator[Any, Any]], contextvars.Context]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[AsyncGenerator[Any, Any]]:
        for reference, _ in list(self._entries.values()):
            generator = reference()
            if generator is not None:
                yield generator

    def add(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Remember a generator that is iterated for the first time."""
        self._births += 1
        birth, entries = self._births, self._entries
        reference = weakref.ref(generator, lambda _: entries.pop(birth, None))
        entries[birth] = (reference, contextvars.copy_context())

    def discard(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Nothing to do: the weak reference removed the entry before the generator's finaliser ran."""

    def clear(self) -> None:
        """Forget all of them."""
        self._entries.clear()

    def put_down(self, host: Host | None = None) -> list[BaseException]:
        """Close the generators, all or those of a host, in order of birth. Returns what they raised."""
        last_words: list[BaseException] = []
        for birth, (reference, context) in list(self._entries.items()):
            generator = reference()
            if generator is not None and (host is None or context.get(CURRENT_HOST) is host):
                self._entries.pop(birth, None)
                last_words.extend(put_down_generator(generator, context))
        return last_words


def put_down(task: TaskOfAny) -> list[BaseException]:
    """End a task now; it counts as cancelled. Returns what its `finally` blocks raised, for nobody can catch it."""
    coroutine = task.get_coro()
    last_words = [] if coroutine is None else close_coroutine(coroutine, context_of(task))
    waiter = getattr(task, "_fut_waiter", None)
    if waiter is not None and waiter.done() and not waiter.cancelled():
        waiter.exception()  # read in the task's place, or asyncio logs that nobody did
    # Task.cancel asks the coroutine; Future.cancel settles it and tells those who wait for the task.
    asyncio.Future.cancel(task)
    return last_words


def close_coroutine(coroutine: Any, context: contextvars.Context) -> list[BaseException]:
    """Close a coroutine, again if it awaits while it is closed (`TaskGroup` does). Returns what it raised."""
    last_words: list[BaseException] = []
    handed_over = _coroutines_handed_to(coroutine)
    for _ in range(CLOSE_ATTEMPTS_MAX):
        try:
            # A copy of the context can always be entered, and the host in it is already dead: what a `finally` block
            # schedules is dropped. Closed in the caller's context it would reach the living.
            context.copy().run(coroutine.close)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # such as "coroutine ignored GeneratorExit"; nobody is left to handle it
            last_words.append(error)
        if getattr(coroutine, "cr_frame", None) is None:
            break
    for inner in handed_over:
        last_words.extend(close_coroutine(inner, context))
    return last_words


def _coroutines_handed_to(coroutine: Any) -> list[Any]:
    """The coroutines among the arguments of one that never began: nobody will await them, and Python would complain."""
    if not inspect.iscoroutine(coroutine) or inspect.getcoroutinestate(coroutine) != inspect.CORO_CREATED:
        return []
    frame = coroutine.cr_frame
    return [] if frame is None else [value for value in frame.f_locals.values() if inspect.iscoroutine(value)]


def put_down_generator(generator: AsyncGenerator[Any, Any], context: contextvars.Context) -> list[BaseException]:
    """Close an async generator now; what its `finally` blocks await is closed too. Returns what they raised."""
    if generator.ag_running:  # type: ignore[attr-defined]  # typeshed has it on AsyncGeneratorType only
        # Suspended under an await that was closed, which until Python 3.12 leaves it "running" for good. It cannot be
        # closed any more and dies with its last reference; what it awaits must not wait for that.
        awaited = generator.ag_await  # type: ignore[attr-defined]  # the same
        return close_coroutine(awaited, context) if hasattr(awaited, "close") else []
    closing = generator.aclose()
    inside = context.copy()
    last_words: list[BaseException] = []
    try:
        inside.run(closing.send, None)
        for _ in range(CLOSE_ATTEMPTS_MAX):
            inside.run(closing.throw, GeneratorExit)
    except (StopIteration, StopAsyncIteration, GeneratorExit):
        return []
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # what a `finally` block raised; nobody is left to handle it
        last_words.append(error)
    return last_words


def describe(task: TaskOfAny) -> str:
    """The task's name and the chain of functions it waits in; no addresses, so it reads the same in every run."""
    places: list[str] = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            file_name = frame.f_code.co_filename
            module = os.path.basename(file_name)
            # Lines of asyncio itself differ between Python versions.
            where = module if os.path.dirname(file_name) == _ASYNCIO_FOLDER else f"{module}:{frame.f_lineno}"
            places.append(f"{frame.f_code.co_name} ({where})")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    host = host_of(task)
    name = task.get_name() if isinstance(task, SimulatedTask) else "plain task"  # numbered per process
    prefix = f"{host.name} [{host.state}] " if host is not None else ""
    return f"{prefix}{name}: {' > '.join(places) or 'not started'}"
