"""Messages overtake each other."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn, to_ns
from sandbox_venues.messages import Message

STEP_NS = 1_000


class Reorder(Fault, frozen=True, kw_only=True):
    """Messages arrive in another order than they were sent.

    Attributes:
        window_secs: each is late by up to so much, drawn for each.
        count: instead, so many are kept until the last of them, then arrive latest first; fewer stay kept until
            released.

    """

    reads_records = False

    window_secs: float | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if (self.window_secs is None) == (self.count is None):
            raise ValueError(f"one of window_secs and count must be given, was {self.window_secs} and {self.count}")
        if (self.window_secs is not None and self.window_secs <= 0) or (self.count is not None and self.count < 2):
            raise ValueError(f"window_secs must be > 0 and count >= 2, was {self.window_secs} and {self.count}")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the message late, or nothing until enough are together."""
        if self.window_secs is not None:
            return [(to_ns(turn.rng.random() * self.window_secs), message)]
        turn.hold(message)
        if len(turn.held) < (self.count or 0):
            return []
        together, turn.held = turn.held, []
        # A step apart: arrivals at one instant could fire in any order.
        return [(STEP_NS * number, held[1]) for number, held in enumerate(reversed(together), 1)]
