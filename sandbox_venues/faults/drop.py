"""A message is lost."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message


class Drop(Fault, frozen=True, kw_only=True):
    """The message never arrives; nobody is told."""

    reads_records = False

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return nothing."""
        return []
