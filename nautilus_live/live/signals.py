"""Operating system signals: the first asks the node to stop, the second forces it.

May know: the event loop and the `signal` module. Where the loop has no signal handlers (Windows), Ctrl+C alone is
caught, with a plain handler that hands the request to the loop. Whatever was installed before is put back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGABRT)

_log = logging.getLogger(__name__)


class SignalHandling:
    """Catches SIGINT, SIGTERM and SIGABRT while installed.

    Args:
        loop: the loop that the handlers run on.
        on_stop: called with the signal's name at the first signal.
        on_force: called with the signal's name at every further one.

    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_stop: Callable[[str], object],
        on_force: Callable[[str], object],
    ) -> None:
        self._loop = loop
        self._on_stop = on_stop
        self._on_force = on_force
        self._count = 0
        self._installed: list[signal.Signals] = []
        self._previous: Any = None
        self._plain = False

    def install(self) -> None:
        """Begin to catch signals; where that is impossible (another thread than the main one), say so and go on."""
        try:
            for number in SIGNALS:
                self._loop.add_signal_handler(number, self._receive, number)
                self._installed.append(number)
        except NotImplementedError:
            self._install_plain()
        except (ValueError, RuntimeError) as error:
            _log.warning("signals are not caught: %s", error)

    def remove(self) -> None:
        """Put back what was there before."""
        for number in self._installed:
            with contextlib.suppress(
                NotImplementedError, RuntimeError
            ):  # the loop was closed first: nothing is left to undo
                self._loop.remove_signal_handler(number)
        self._installed.clear()
        if self._plain:
            self._plain = False
            signal.signal(signal.SIGINT, self._previous)

    def _install_plain(self) -> None:
        try:
            self._previous = signal.signal(signal.SIGINT, self._receive_plain)
        except ValueError as error:  # not in the main thread
            _log.warning("signals are not caught: %s", error)
        else:
            self._plain = True

    def _receive_plain(self, number: int, _frame: FrameType | None) -> None:
        # Runs between two bytecodes of whatever is executing: only hand it over.
        self._loop.call_soon_threadsafe(self._receive, signal.Signals(number))

    def _receive(self, number: signal.Signals) -> None:
        self._count += 1
        if self._count == 1:
            self._on_stop(number.name)
        else:
            self._on_force(number.name)
