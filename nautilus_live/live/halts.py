"""Halted venues: where nothing new is sent, because we could not find out what the venue holds.

With `reconciliation_fail_closed = false` a node starts although a venue could not be reconciled; that venue is halted
(`engine.holds` denies its orders; cancels pass). It is reconciled again in the background, ever less often, and
released by the first time that succeeds, or by hand. Both ways are alarmed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.core.reconciliation.types import Level, Note, Plan
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.reconciler import Reconciler
from nautilus_live.model.identifiers import ClientOrderId, Venue

CAUSE = "halt"
RETRY_S_MIN, RETRY_S_MAX = 5.0, 60.0
_log = logging.getLogger(__name__)


class VenueHalts:
    """The halted venues of a node.

    Args:
        loop: where they are reconciled again.
        engine: holds their clients.
        reconciler: reconciles them.
        timeout_s: how long one attempt may take.
        on_seen_ids: takes our order ids that a venue mentions.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        engine: ExecutionEngine,
        reconciler: Reconciler,
        timeout_s: float,
        on_seen_ids: Callable[[Iterable[ClientOrderId]], object],
    ) -> None:
        self._engine = engine
        self._reconciler = reconciler
        self._timeout_s = timeout_s
        self._on_seen_ids = on_seen_ids
        self._reasons: dict[Venue, str] = {}
        self._tasks = Tasks(loop, _log, meaning="the venue stays HALTED")

    def reasons(self) -> dict[Venue, str]:
        """Return the halted venues and why."""
        return dict(self._reasons)

    def halt(self, venue: Venue, reason: str) -> None:
        """Let nothing new go to `venue`, until it is reconciled or released."""
        is_new = venue not in self._reasons
        self._reasons[venue] = reason
        for client in self._clients(venue):
            self._engine.holds.hold(client.id, CAUSE, f"{venue} is HALTED: {reason}")
        self._alarm(Level.ERROR, "venue.halted", f"{venue}: HALTED, {reason}")
        if is_new:
            self._tasks.start(self._reconcile_until_released(venue), f"reconcile {venue}")

    def release(self, venue: Venue, why: str = "released by hand") -> None:
        """Let orders go to `venue` again."""
        if self._reasons.pop(venue, None) is None:
            return
        for client in self._clients(venue):
            self._engine.holds.release(client.id, CAUSE)
        self._alarm(Level.WARNING, "venue.released", f"{venue}: no longer HALTED, {why}")

    def stop(self) -> list[asyncio.Future[None]]:
        """Ask the venues no more; returns the tasks that end within the next turns of the loop."""
        return self._tasks.cancel()

    async def _reconcile_until_released(self, venue: Venue) -> None:
        wait_s, attempts = RETRY_S_MIN, 0
        while venue in self._reasons:
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RETRY_S_MAX)
            attempts += 1
            if venue in self._reasons and await self._reconciles(venue):
                self.release(venue, f"reconciled by attempt {attempts}")

    async def _reconciles(self, venue: Venue) -> bool:
        result = await self._reconciler.reconcile_again(self._clients(venue), self._timeout_s)
        self._on_seen_ids(result.seen_order_ids)
        return result.succeeded

    def _clients(self, venue: Venue) -> list[ExecutionClient]:
        return [client for client in self._engine.clients() if client.venue == venue]

    def _alarm(self, level: Level, kind: str, text: str) -> None:
        self._engine.apply_plan(Plan(notes=[Note(level=level, kind=kind, text=text, alarm=True)]))
