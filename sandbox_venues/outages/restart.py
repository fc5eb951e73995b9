"""The venue restarts: what is asked of it meanwhile is refused or lost."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Literal

from sandbox_venues.messages import Answer, Request, Trouble
from sandbox_venues.outages.disconnect import Disconnect
from sandbox_venues.outages.outage import Outage

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class Restart(Outage, frozen=True, kw_only=True):
    """The venue closes its streams and is back after a while, with all that it knew (FIELD H5).

    Attributes:
        for_secs: how long it is away.
        requests: what becomes of requests that arrive meanwhile: `refused` with an error that proves nothing, or
            `lost`, so that nobody answers.

    """

    for_secs: float
    requests: Literal["refused", "lost"] = "refused"

    def begin(self, gateway: VenueGateway) -> int:
        """Go away, and arrange to come back."""
        gateway.restart = self
        asyncio.get_running_loop().call_later(self.for_secs, self._come_back, gateway, context=Context())
        return Disconnect(for_secs=self.for_secs, reason="the venue restarts").begin(gateway)

    def answer(self, request: Request) -> Answer | None:
        """Return what a request gets that arrives meanwhile, `None` for nothing."""
        if self.requests == "lost":
            return None
        return Trouble(code="503", reason=f"restarting, {request.label} may or may not have been executed")

    def _come_back(self, gateway: VenueGateway) -> None:
        if gateway.restart is self:
            gateway.restart = None
