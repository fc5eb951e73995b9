"""A message takes longer, and is overtaken."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn, to_ns
from sandbox_venues.messages import Message


class Delay(Fault, frozen=True, kw_only=True):
    """The message arrives late; what was sent after it does not wait.

    Attributes:
        by_secs: how much later.
        jitter_secs: how much later still, at most; drawn for each message.

    """

    reads_records = False

    by_secs: float
    jitter_secs: float = 0.0

    def __post_init__(self) -> None:
        if self.by_secs < 0 or self.jitter_secs < 0:
            raise ValueError(f"a delay must be at least 0 s, was {self.by_secs} and {self.jitter_secs}")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the message with its delay."""
        extra_secs = turn.rng.random() * self.jitter_secs if self.jitter_secs else 0.0
        return [(to_ns(self.by_secs + extra_secs), message)]
