"""Periodic work: small jobs of the shell that come round on a grid, beside trading.

Knows the event loop. Promises: a job runs one interval after the start for the first time, then on the grid of its
interval, however long the run before took; missed runs are not made up. What a run raises is logged with its
traceback, and the next one comes all the same. After `stop` nothing runs.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


class Periodic:
    """The jobs of one node."""

    def __init__(self, loop: asyncio.AbstractEventLoop, log: logging.Logger | None = None) -> None:
        self._loop = loop
        self._log = log or _log
        self._tasks: list[asyncio.Task[None]] = []

    def every(self, interval_s: float, name: str, job: Callable[[], object]) -> None:
        """Run `job` every `interval_s` seconds, beginning that long from now; `name` is what the log calls it."""
        self._log.debug("%s: every %s s", name, interval_s)
        self._tasks.append(self._loop.create_task(self._run(interval_s, name, job), name=name))

    def stop(self) -> list[asyncio.Task[None]]:
        """End all jobs; returns the tasks that end within the next turn of the loop."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        return tasks

    async def _run(self, interval_s: float, name: str, job: Callable[[], object]) -> None:
        def on_error() -> None:
            self._log.exception("%s: a run failed; the next one comes in its turn", name)

        await run_on_grid(self._loop, interval_s, interval_s, job, on_error)


async def run_on_grid(
    loop: asyncio.AbstractEventLoop,
    first_s: float,
    interval_s: float,
    run: Callable[[], Awaitable[object] | object],
    on_error: Callable[[], object],
) -> None:
    """Run a job, waited for if it is a coroutine, `first_s` from now and then every `interval_s`, until cancelled.

    A run begins on the grid however long the one before took; missed ones are not made up. `on_error` is called while
    what a run raised is being handled.
    """
    due_s = loop.time() + first_s
    while True:
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        try:
            outcome = run()
            if inspect.isawaitable(outcome):
                await outcome
        except Exception:
            on_error()
        due_s += max(1, math.ceil((loop.time() - due_s) / interval_s)) * interval_s
