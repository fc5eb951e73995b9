"""A request is never answered."""

from __future__ import annotations

from typing import Literal

from sandbox_venues.faults.fault import Direction, Fault, Sent, Turn
from sandbox_venues.messages import Message


class TimeOut(Fault, frozen=True, kw_only=True):
    """The request, or its answer, is lost, so that whoever asked waits in vain. The target names the request.

    Attributes:
        side: `before` the venue acted (it never hears of the request) or `after` it did (the answer is lost).

    """

    reads_records = False

    side: Literal["before", "after"]

    def acts_on(self, direction: Direction) -> bool:
        """Requests before the venue acted, answers after."""
        return direction == ("request" if self.side == "before" else "answer")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return nothing."""
        return []
