"""Handles of callbacks, without what a simulation does not need: half of what a run does is to make and to drop them.

May know: asyncio's handles. Promises: they are `asyncio.Handle` and `asyncio.TimerHandle` in everything that anybody
can see, but they remember neither where they were made nor what they were: that is for loops in debug mode, which make
the stock ones.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

from scenarios.world.privates import Handle, TimerHandle


class LeanHandle(Handle):
    """A callback that is ready."""

    __slots__ = ()

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], loop: Any, context: Context | None):
        # Not the stock one: it asks the loop whether it is being debugged, every time.
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None


class LeanTimer(TimerHandle):
    """A callback that waits for its time."""

    __slots__ = ()

    def __init__(
        self, when: float, callback: Callable[..., object], args: tuple[Any, ...], loop: Any, context: Context | None
    ):
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None
        self._when = when
        self._scheduled = False

    def cancel(self) -> None:
        """Do what the stock one does, and ask nothing."""
        if not self._cancelled:
            self._loop._timer_handle_cancelled(self)
            self._cancelled = True
            self._callback = self._args = None  # type: ignore[assignment]  # as in the stock one
