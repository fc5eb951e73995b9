"""A message arrives and cannot be read."""

from __future__ import annotations

from sandbox_venues.describe import describe
from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Garbled, Message


class Corrupt(Fault, frozen=True, kw_only=True):
    """The client gets something that is no message."""

    directions = ("answer", "stream")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return garbage."""
        return [(0, Garbled(was=describe(message)))]
