"""Keeping a stream: watched, and opened again when it is lost.

May know: asyncio, a clock port, errors, connections. Promises:

1. A stream that ends is noticed when its end is told; one that falls silent, by the sign of life that it does not give.
   A stream on which nothing happens is asked for one, and stays (no reconnecting in quiet markets).
2. A loss is told once, with the time at which the stream was last known to be alive; the return is told when everything
   that flowed before flows again (`renew`).
3. Attempts to open it again are ever further apart, up to 10 s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from nautilus_live.errors import WireError
from sandbox_venues.connection import Connection

RECONNECT_SECS_MAX = 10.0


class HasTimestamp(Protocol):
    """What a keeper needs of a clock."""

    def timestamp_ns(self) -> int:
        """Return nanoseconds since 1970."""
        ...


class Pace(Protocol):
    """How patient a keeper is, in seconds."""

    @property
    def request_timeout_secs(self) -> float:
        """How long an answer may take."""
        ...

    @property
    def heartbeat_secs(self) -> float:
        """How often the stream is asked for a sign of life; 0 for never."""
        ...

    @property
    def reconnect_secs(self) -> float:
        """How long to wait before the stream is opened again the first time."""
        ...


class Report(Protocol):
    """Where losses and returns are told."""

    def __call__(self, connected: bool, reason: str, since_ns: int | None = None) -> None:
        """Tell that the stream was lost (not heard since `since_ns`), or is back."""
        ...


class StreamKeeper:
    """Keeps one client's stream.

    Args:
        pace: how patient to be.
        clock: our time.
        start: runs a coroutine beside the caller.
        report: where losses and returns are told.
        renew: makes everything flow again on a stream that was just opened.
        log: where to log.

    """

    def __init__(
        self,
        *,
        pace: Pace,
        clock: HasTimestamp,
        start: Callable[..., object],
        report: Report,
        renew: Callable[[], Awaitable[None]],
        log: logging.Logger,
    ) -> None:
        self._pace = pace
        self._clock = clock
        self._start = start
        self._report = report
        self._renew = renew
        self._log = log
        self._connection: Connection | None = None
        self._heard_ns = 0
        self._reconnecting = False
        self._lost_again = ""

    def keep(self, connection: Connection) -> None:
        """Begin to watch the stream of a connection, which is open."""
        self._connection = connection
        self.heard()
        if self._pace.heartbeat_secs > 0:
            self._start(self._watch(), "watch the stream", stands=True)

    def let_go(self) -> None:
        """Watch no more."""
        self._connection = None

    def heard(self) -> None:
        """Learn that the stream is alive."""
        self._heard_ns = self._clock.timestamp_ns()

    def lost(self, reason: str) -> None:
        """Learn that the stream ended, or is of no use any more."""
        if self._reconnecting:
            self._lost_again = reason  # the stream that is just being made to flow: it is to be opened once more
        if self._reconnecting or self._connection is None:
            return
        self._reconnecting = True
        self._report(False, reason, self._heard_ns)
        self._start(self._reconnect(), "reconnect")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._pace.heartbeat_secs)
            if self._reconnecting or self._connection is None:
                continue
            try:
                await self._connection.probe_stream(self._pace.request_timeout_secs)
            except WireError as error:
                self.lost(str(error))
            else:
                self.heard()

    async def _reconnect(self) -> None:
        wait_secs, failures = self._pace.reconnect_secs, 0
        while self._connection is not None:
            await asyncio.sleep(wait_secs)
            wait_secs = min(wait_secs * 2, RECONNECT_SECS_MAX)
            self._lost_again = ""
            try:
                await self._connection.open_stream(self._pace.request_timeout_secs)
                await self._renew()
                if self._lost_again:
                    raise WireError(f"the stream was lost again: {self._lost_again}")
            except WireError as error:
                failures += 1
                # The first, the tenth, the hundredth: a venue may be away for a night.
                level = logging.WARNING if str(failures).rstrip("0") == "1" else logging.DEBUG
                self._log.log(level, "the stream is still closed after %d attempts: %s", failures, error)
                continue
            self._reconnecting = False
            self.heard()
            self._report(True, "the stream is open again")
            return
