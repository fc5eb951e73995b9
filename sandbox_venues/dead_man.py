"""The dead man's switch: a venue that cancels an account's orders when nobody listens any more.

May know: connections. Does nothing, and costs nothing, unless the profile sets `cancel_on_disconnect_secs`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextvars import Context

from nautilus_live.model.identifiers import AccountId
from sandbox_venues.connection import Connection


class DeadMan:
    """Watches which accounts have a stream, and cancels the orders of one that has had none for too long.

    Args:
        after_secs: how long that is, `None` for ever.
        account_ids: the accounts.
        cancel: cancels the orders of one of them.

    """

    def __init__(
        self, after_secs: float | None, account_ids: Iterable[AccountId], cancel: Callable[[AccountId], None]
    ) -> None:
        self._after_secs = after_secs
        self._account_ids = tuple(account_ids)
        self._cancel = cancel
        self._alive: dict[AccountId, None] = {}
        self._timers: dict[AccountId, asyncio.TimerHandle] = {}

    def look(self, connections: Iterable[Connection]) -> None:
        """Look who has a stream, after one was opened or ended."""
        if self._after_secs is None:
            return
        streams = [one for one in connections if one.has_stream and not one.silent]
        for account_id in self._account_ids:
            if any(account_id in stream.account_ids for stream in streams):
                self._alive[account_id] = None
                timer = self._timers.pop(account_id, None)
                if timer is not None:
                    timer.cancel()
            elif account_id in self._alive:
                del self._alive[account_id]
                loop = asyncio.get_running_loop()
                # At the venue's end: nobody's context, so that it strikes though the client's host is dead.
                self._timers[account_id] = loop.call_later(
                    self._after_secs, self._strike, account_id, context=Context()
                )

    def _strike(self, account_id: AccountId) -> None:
        del self._timers[account_id]
        self._cancel(account_id)
