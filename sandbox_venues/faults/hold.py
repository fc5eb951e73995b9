"""Messages are kept back until the script lets them go."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message


class Hold(Fault, frozen=True, kw_only=True):
    """The message waits for `release` of the entry's name; what is sent after it does not."""

    reads_records = False

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Keep the message."""
        turn.hold(message)
        return []
