"""The tasks of a client or an engine: each tracked from birth to end, all ended together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

from nautilus_live.errors import KernelError, RequestNotSent

Unsent = Callable[[Any, str], object]
"""Takes what a request was about, and why it never left."""


class Tasks:
    """Runs coroutines beside the caller.

    What one raises is logged and goes no further: that a command failed here proves nothing about what the venue did
    with it. The one exception is a request that certainly never left (`RequestNotSent`): whoever started it may take
    that as its outcome.

    Args:
        loop: where they run.
        log: where to log.
        meaning: what the log says that an error means.

    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, log: logging.Logger, *, meaning: str = "outcome unknown"
    ) -> None:
        self._create_task = loop.create_task
        self._log = log
        self._meaning = meaning
        self._numbers = count()
        self._running: dict[int, tuple[str, Coroutine[Any, Any, object], asyncio.Task[None]]] = {}
        self._standing: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._running)

    def start(
        self,
        coroutine: Coroutine[Any, Any, object],
        what: str,
        on_unsent: Unsent | None = None,
        subject: Any = None,
        *,
        stands: bool = False,
    ) -> asyncio.Task[None]:
        """Start a coroutine; `what` names it, in the log too. `on_unsent` gets `subject` if its request never left.

        One that `stands` goes on until it is cancelled, which is no loss and nothing to warn of.
        """
        number = next(self._numbers)
        if stands:
            self._standing[number] = None
        task = self._create_task(self._run(number, coroutine, what, on_unsent, subject), name=what)
        self._running[number] = (what, coroutine, task)
        return task

    def cancel(self) -> list[asyncio.Future[Any]]:
        """Cancel what is running, at once; returns the tasks, which end within the next turns of the loop."""
        ending: list[asyncio.Future[Any]] = []
        for _, coroutine, task in self._running.values():
            if task is not _current():
                task.cancel()
                task.add_done_callback(lambda _, begun=coroutine: begun.close())  # type: ignore[misc]  # its own type
                ending.append(task)
        return ending

    async def cancel_all(self) -> None:
        """Cancel what is running and wait until it has ended."""
        running = [
            what
            for number, (what, _, task) in self._running.items()
            if task is not _current() and number not in self._standing
        ]
        if running:
            self._log.warning("cancels %d tasks: %s", len(running), ", ".join(running))
        # One cancelled before its first step was never begun, nor does it forget itself.
        await asyncio.gather(*self.cancel(), return_exceptions=True)
        self._running.clear()
        self._standing.clear()

    async def _run(
        self,
        number: int,
        coroutine: Coroutine[Any, Any, object],
        what: str,
        on_unsent: Unsent | None,
        subject: Any,
    ) -> None:
        try:
            await coroutine
        except KernelError as error:
            if on_unsent is not None and isinstance(error, RequestNotSent):
                self._log.warning("%s: not sent: %s", what, error)
                on_unsent(subject, f"NOT_SENT: {error}")
            else:
                self._log.warning("%s: %s: %s", what, self._meaning, error)
        except Exception as error:
            self._log.error("%s: %s after an unexpected error", what, self._meaning, exc_info=error)
        finally:
            self._running.pop(number, None)
            if self._standing:
                self._standing.pop(number, None)


def _current() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # called while no loop runs
        return None
