"""The private names of asyncio that the simulation relies on, declared in one place.

At run time these classes are asyncio's own. `tests/world/test_guards.py` checks that the names below exist and mean
what we think on every Python found, so that a change in CPython fails there and not as a strange trace.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextvars import Context
from typing import TYPE_CHECKING, Any

PRIVATE_NAMES: dict[str, tuple[str, ...]] = {
    # attributes of an instance of each class
    "BaseEventLoop": (
        "_ready",  # deque of handles to run
        "_stopping",  # set by stop()
        "_closed",
        "_debug",
        "_task_factory",
        "_check_closed",
        "_run_once",  # called by run_forever, once per cycle: replaced
        "_timer_handle_cancelled",  # called by TimerHandle.cancel: replaced
        "_asyncgens",  # set of async generators that were iterated: replaced
        "_asyncgen_finalizer_hook",  # called when such a generator dies: extended
    ),
    "Handle": ("_run", "_cancelled", "_context"),
    "TimerHandle": ("_scheduled", "_when"),
    "Task": ("_fut_waiter",),  # what a suspended task waits for
}

if TYPE_CHECKING:

    class BaseLoop(asyncio.BaseEventLoop):
        """What typeshed leaves out of BaseEventLoop."""

        _ready: deque[Handle]
        _stopping: bool
        _closed: bool
        _debug: bool
        _task_factory: Any
        _asyncgens: Any

        def _check_closed(self) -> None: ...

        def _asyncgen_finalizer_hook(self, agen: AsyncGenerator[Any, Any]) -> None: ...

    class Handle(asyncio.Handle):
        """What typeshed leaves out of Handle."""

        _context: Context

    class TimerHandle(asyncio.TimerHandle, Handle):
        """What typeshed leaves out of TimerHandle."""

        _scheduled: bool

else:
    BaseLoop = asyncio.BaseEventLoop
    Handle = asyncio.Handle
    TimerHandle = asyncio.TimerHandle
