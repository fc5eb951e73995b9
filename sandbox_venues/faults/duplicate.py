"""A message arrives more than once."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn, to_ns
from sandbox_venues.messages import Message


class Duplicate(Fault, frozen=True, kw_only=True):
    """The message arrives, and again.

    Attributes:
        copies: how many times more.
        after_secs: how long after the one before each copy comes.

    """

    reads_records = False

    copies: int = 1
    after_secs: float = 0.0

    def __post_init__(self) -> None:
        if self.copies < 1 or self.after_secs < 0:
            raise ValueError(f"copies must be > 0 and after_secs >= 0, was {self.copies} and {self.after_secs}")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the message and its copies."""
        step_ns = to_ns(self.after_secs)
        return [(step_ns * number, message) for number in range(self.copies + 1)]
