"""What the node logs during a run: collected for expectations, warnings put into the trace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from nautilus_live.errors import KernelError
from scenarios.expect import LogFacts
from scenarios.world.host import CURRENT_HOST
from scenarios.world.world import World


class LogTap(logging.Handler):
    """Collects what the node logs, and puts warnings into the trace; while it listens, nobody else hears it."""

    LOGGERS = ("nautilus_live", "sandbox_venues")

    def __init__(self, world: World) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[LogFacts] = []
        self.errors: list[str] = []
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; what `finally` blocks of a dead process still log reached nobody."""
        host = CURRENT_HOST.get()
        if host is not None and host.dead:
            return
        text = record.getMessage()
        self.lines.append(LogFacts(level=record.levelno, text=text))
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, KernelError | asyncio.CancelledError):
            # Nobody raises such a thing on purpose: a bug that was caught and logged is a bug all the same.
            self.errors.append(f"an unexpected error was logged: {text}: {type(error).__name__}: {error}")
        elif record.levelno >= logging.CRITICAL and record.name.startswith("nautilus_live.engine"):
            self.errors.append(f"the node contradicts itself: {text}")
        if record.levelno >= logging.WARNING:
            self._world.record(f"log {record.levelname}: {text}")

    @contextmanager
    def listening(self, level: int) -> Iterator[None]:
        """Take what is logged at `level` or above, inside the block."""
        loggers = [logging.getLogger(name) for name in self.LOGGERS]
        before = [(logger.level, logger.propagate) for logger in loggers]
        for logger in loggers:
            logger.addHandler(self)
            if logger.getEffectiveLevel() != level:  # setting a level makes every logger work its own out anew
                logger.setLevel(level)
            logger.propagate = False
        try:
            yield
        finally:
            for logger, (old_level, propagate) in zip(loggers, before, strict=True):
                logger.removeHandler(self)
                if logger.level != old_level:
                    logger.setLevel(old_level)
                logger.propagate = propagate
