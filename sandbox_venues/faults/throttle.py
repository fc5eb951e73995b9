"""Requests are turned away because there were too many."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message, Trouble


class Throttle(Fault, frozen=True, kw_only=True):
    """The venue's front turns a request away and says when to come back; the venue never hears of it.

    Attributes:
        retry_after_secs: how long to stay away.
        code: the error's code: 429, or -1003 as Binance says it.

    """

    directions = ("request",)

    retry_after_secs: float = 1.0
    code: str = "-1003"

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the error."""
        reason = f"too many requests, retry after {self.retry_after_secs} s"
        return [(0, Trouble(code=self.code, reason=reason, retry_after_secs=self.retry_after_secs))]
