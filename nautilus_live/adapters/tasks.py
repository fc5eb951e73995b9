"""The tasks of a client: each tracked from birth to end, all ended together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from itertools import count
from typing import Any

from nautilus_live.errors import KernelError


class Tasks:
    """Runs coroutines beside the caller.

    What one raises is logged and goes no further: that a command failed here proves nothing about what the venue did
    with it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, log: logging.Logger) -> None:
        self._create_task = loop.create_task
        self._log = log
        self._numbers = count()
        self._running: dict[int, tuple[str, Coroutine[Any, Any, object], asyncio.Task[None]]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def start(self, coroutine: Coroutine[Any, Any, object], what: str) -> asyncio.Task[None]:
        """Start a coroutine; `what` names it in the log."""
        number = next(self._numbers)
        task = self._create_task(self._run(number, coroutine, what))
        self._running[number] = (what, coroutine, task)
        return task

    async def cancel_all(self) -> None:
        """Cancel what is running and wait until it has ended."""
        running = [entry for entry in self._running.values() if entry[2] is not asyncio.current_task()]
        if running:
            self._log.warning("cancels %d tasks: %s", len(running), ", ".join(what for what, _, _ in running))
        for _, _, task in running:
            task.cancel()
        await asyncio.gather(*(task for _, _, task in running), return_exceptions=True)
        for _, coroutine, _ in running:
            coroutine.close()  # one cancelled before its first step was never begun, nor forgotten
        self._running.clear()

    async def _run(self, number: int, coroutine: Coroutine[Any, Any, object], what: str) -> None:
        try:
            await coroutine
        except KernelError as error:
            self._log.warning("%s: outcome unknown: %s", what, error)
        except Exception as error:
            self._log.error("%s: outcome unknown after an unexpected error", what, exc_info=error)
        finally:
            self._running.pop(number, None)
