"""The venue restarts: what is asked of it meanwhile is refused or lost."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Literal

from sandbox_venues.messages import Answer, Request, Trouble
from sandbox_venues.outages.disconnect import Disconnect
from sandbox_venues.outages.outage import Outage
from sandbox_venues.switchboard import Switchboard


class Restart(Outage, frozen=True, kw_only=True):
    """The venue closes its streams and is back after a while, with all that it knew (FIELD H5).

    Attributes:
        for_secs: how long it is away.
        requests: what becomes of requests that arrive meanwhile: `refused` with an error that proves nothing, or
            `lost`, so that nobody answers.

    """

    for_secs: float
    requests: Literal["refused", "lost"] = "refused"

    def begin(self, switchboard: Switchboard) -> int:
        """Go away, and arrange to come back."""
        switchboard.stand_in = self
        asyncio.get_running_loop().call_later(self.for_secs, self._come_back, switchboard, context=Context())
        return Disconnect(for_secs=self.for_secs, reason="the venue restarts").begin(switchboard)

    def answer(self, request: Request) -> Answer | None:
        """Return what a request gets that arrives meanwhile, `None` for nothing."""
        if self.requests == "lost":
            return None
        return Trouble(code="503", reason=f"restarting, {request.label} may or may not have been executed")

    def _come_back(self, switchboard: Switchboard) -> None:
        if switchboard.stand_in is self:
            switchboard.stand_in = None
