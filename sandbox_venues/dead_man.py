"""The dead man's switch: a venue that cancels an account's orders when nobody listens any more.

May know: the gateway. Does nothing, and costs nothing, unless the profile sets `cancel_on_disconnect_secs`.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING

from nautilus_live.model.identifiers import AccountId

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class DeadMan:
    """Watches which accounts have a stream, and cancels the orders of one that has had none for too long."""

    def __init__(self, gateway: VenueGateway) -> None:
        self._gateway = gateway
        self._after_secs = gateway.venue.profile.cancel_on_disconnect_secs
        self._alive: dict[AccountId, None] = {}
        self._timers: dict[AccountId, asyncio.TimerHandle] = {}

    def look(self) -> None:
        """Look who has a stream, after one was opened or ended."""
        if self._after_secs is None:
            return
        streams = [one for one in self._gateway.connections if one.has_stream and not one.silent]
        for account_id in self._gateway.venue.account_ids:
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
        self._gateway.do("cancel_account", account=str(account_id), reason="CANCEL_ON_DISCONNECT")
