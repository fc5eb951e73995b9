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

UNREAD_FACTS = tuple(
    name
    for name in ("_srcfile", "logThreads", "logMultiprocessing", "logProcesses", "logAsyncioTasks")
    if hasattr(logging, name)  # the last is Python 3.12's
)
"""What the standard library finds out about every record unless it is told not to; no run asks, and it is half of the
cost of a line."""


class LogTap(logging.Handler):
    """Collects what the node logs, and puts warnings into the trace; while it listens, nobody else hears it.

    Args:
        world: the run's; in one without a trace, what is below a warning is kept only if it has a secret in it.

    """

    LOGGERS = ("nautilus_live", "sandbox_venues")

    def __init__(self, world: World) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[LogFacts] = []
        self.errors: list[str] = []
        self._secrets: tuple[str, ...] | None = None
        self._asked_level = logging.WARNING
        self._world = world

    def look_for(self, secrets: tuple[str, ...] | None) -> None:
        """Learn what nobody may log; every line is kept until that is known. Without a trace, where nothing is secret,
        nothing below a warning is taken any more: nobody would read it."""
        self._secrets = secrets
        if self._world.traced:
            return
        is_read = secrets is None or bool(secrets)
        level = self._asked_level if is_read else max(self._asked_level, logging.WARNING)
        for name in self.LOGGERS:
            logger = logging.getLogger(name)
            if logger.level != level:  # setting a level makes every logger work its own out anew
                logger.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; what `finally` blocks of a dead process still log reached nobody."""
        host = CURRENT_HOST.get()
        if host is not None and host.dead:
            return
        text = record.getMessage()
        if self._is_kept(record.levelno, text):
            self.lines.append(LogFacts(level=record.levelno, text=text))
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, KernelError | asyncio.CancelledError):
            # Nobody raises such a thing on purpose: a bug that was caught and logged is a bug all the same.
            self.errors.append(f"an unexpected error was logged: {text}: {type(error).__name__}: {error}")
        elif record.levelno >= logging.CRITICAL and record.name.startswith("nautilus_live.engine"):
            self.errors.append(f"the node contradicts itself: {text}")
        if record.levelno >= logging.WARNING:
            self._world.record(f"log {record.levelname}: {text}")

    def _is_kept(self, level: int, text: str) -> bool:
        if self._world.traced or level >= logging.WARNING or self._secrets is None:
            return True
        return any(secret in text for secret in self._secrets)

    @contextmanager
    def listening(self, level: int) -> Iterator[None]:
        """Take what is logged at `level` or above, inside the block."""
        loggers = [logging.getLogger(name) for name in self.LOGGERS]
        before = [(logger.level, logger.propagate) for logger in loggers]
        facts_before = [getattr(logging, name) for name in UNREAD_FACTS]
        for name in UNREAD_FACTS:
            setattr(logging, name, None)
        self._asked_level = level
        for logger in loggers:
            logger.addHandler(self)
            if logger.getEffectiveLevel() != level:
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
            for name, old_fact in zip(UNREAD_FACTS, facts_before, strict=True):
                setattr(logging, name, old_fact)
