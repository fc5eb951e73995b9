"""Work beside the event loop: what a component hands to threads so that nothing else waits for it.

May know: asyncio's executor, which in a simulation refuses with `Escape`, for threads have no virtual time; scenarios
register one of their own, which needs none. Promises:
queued work runs one piece after the other in the order it was given, work run directly at once; an error is logged and
ends that piece alone; what is cancelled before it began never runs (a thread that works cannot be stopped).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from nautilus_live.trading.log import ComponentLog

Work = Callable[[], Any]


class TaskExecutor:
    """The work that one component has given away.

    Args:
        loop: hands work to threads.
        log: where errors go.
        new_id: makes the ids of the pieces.
        executor: the threads; None for the loop's own.

    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        log: ComponentLog,
        new_id: Callable[[], str],
        executor: Executor | None = None,
    ) -> None:
        self._loop = loop
        self._log = log
        self._new_id = new_id
        self._executor = executor
        self._queued: deque[tuple[str, Work]] = deque()
        self._active: dict[str, asyncio.Future[Any]] = {}
        self._in_turn: str | None = None
        self._taken_back: dict[str, None] = {}

    def queue(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """Run the function when everything queued before has ended; returns the id of the piece."""
        task_id = self._new_id()
        self._queued.append((task_id, partial(function, *args, **kwargs)))
        self._next()
        return task_id

    def run(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """Run the function at once; returns the id of the piece."""
        task_id = self._new_id()
        self._begin(task_id, partial(function, *args, **kwargs))
        return task_id

    def cancel(self, task_id: str) -> None:
        """Take a piece back, if it has not ended."""
        self._queued = deque(entry for entry in self._queued if entry[0] != task_id)
        future = self._active.get(task_id)
        if future is not None:
            # Said to the thread as well: that its future is canceled it would learn a turn of the loop later.
            self._taken_back[task_id] = None
            future.cancel()

    def cancel_all(self) -> None:
        """Take every piece back that has not ended."""
        self._queued.clear()
        for task_id in list(self._active):
            self.cancel(task_id)

    @property
    def queued_ids(self) -> list[str]:
        """The pieces that wait."""
        return [task_id for task_id, _ in self._queued]

    @property
    def active_ids(self) -> list[str]:
        """The pieces that run."""
        return list(self._active)

    def _next(self) -> None:
        if self._in_turn is None and self._queued:
            task_id, work = self._queued.popleft()
            self._in_turn = task_id
            try:
                self._begin(task_id, work)
            except BaseException:
                self._in_turn = None
                raise

    def _begin(self, task_id: str, work: Work) -> None:
        # Work is given away on purpose; a simulated loop refuses.
        guarded = partial(self._unless_taken_back, task_id, work)
        if self._executor is None:
            future = self._loop.run_in_executor(None, guarded)  # sim-ok: the one place, see above
        else:
            future = asyncio.wrap_future(self._executor.submit(guarded), loop=self._loop)
        self._active[task_id] = future
        future.add_done_callback(partial(self._end, task_id))

    def _unless_taken_back(self, task_id: str, work: Work) -> Any:
        return None if self._taken_back.pop(task_id, False) is None else work()

    def _end(self, task_id: str, future: asyncio.Future[Any]) -> None:
        self._active.pop(task_id, None)
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self._log.error("task %s raised %s: %s", task_id, type(error).__name__, error, exc_info=error)
        if self._in_turn == task_id:
            self._in_turn = None
            self._next()
