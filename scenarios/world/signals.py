"""The signal handlers of simulated processes: one table per host, as there is one per process.

May know: hosts and handles. Promises: a handler is the host's that added it, runs when its turn comes and not when
the signal is sent, and dies with its host.
"""

from __future__ import annotations

import inspect
import signal
from collections.abc import Callable
from typing import Any

from scenarios.world.host import CURRENT_HOST, Host
from scenarios.world.privates import Handle


class SignalHandlers:
    """The handlers of every host; code outside any host (None) has a table, too."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[Host | None, int], Handle] = {}

    def add(self, sig: int, callback: Callable[..., object], args: tuple[Any, ...], loop: Any) -> None:
        """Register a handler of the current host.

        Raises:
            TypeError: if it is a coroutine or makes one: as in asyncio, a handler is a plain function.

        """
        if inspect.iscoroutine(callback) or inspect.iscoroutinefunction(callback):
            raise TypeError(f"{_name(sig)}: a signal handler must be a plain function, was {callback!r}")
        self._handlers[CURRENT_HOST.get(), sig] = Handle(callback, args, loop, None)

    def remove(self, sig: int) -> bool:
        """Forget a handler of the current host. Returns whether there was one."""
        return self._handlers.pop((CURRENT_HOST.get(), sig), None) is not None

    def handler(self, sig: int, host: Host | None) -> Handle:
        """Return what a signal to the host calls.

        Raises:
            LookupError: if the host has no such handler; a real process would die.

        """
        handle = self._handlers.get((host, sig))
        if handle is None:
            known = ", ".join(_name(number) for owner, number in self._handlers if owner is host)
            receiver = host.name if host is not None else "no host"
            raise LookupError(f"{receiver}: no handler for {_name(sig)}, handlers: {known or 'none'}")
        return handle

    def bury(self, host: Host) -> None:
        """Forget the handlers of a dead host."""
        for key in [key for key in self._handlers if key[0] is host]:
            del self._handlers[key]

    def clear(self) -> None:
        """Forget all of them."""
        self._handlers.clear()


def _name(sig: int) -> str:
    return signal.Signals(sig).name
