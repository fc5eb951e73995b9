"""Several messages arrive as one burst."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message


class Coalesce(Fault, frozen=True, kw_only=True):
    """So many stream messages are kept until the last of them, then arrive together, in order and in one tick.

    Attributes:
        count: how many; fewer stay kept until released.

    """

    directions = ("stream",)

    count: int = 2

    def __post_init__(self) -> None:
        if self.count < 2:
            raise ValueError(f"a burst must have at least 2 messages, was {self.count}")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return nothing until enough are together, then all of them."""
        turn.hold(message)
        if len(turn.held) < self.count:
            return []
        together, turn.held = turn.held, []
        # Without a delay they go through the lane, which keeps the order and delivers what is due in one callback.
        return [(0, held[1]) for held in together]
