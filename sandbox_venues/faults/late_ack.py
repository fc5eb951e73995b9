"""What the faults that let an acknowledgement come late have in common."""

from __future__ import annotations

from typing import ClassVar

from sandbox_venues.faults.fault import Direction, Fault, Sent, Turn
from sandbox_venues.messages import Message, OrderMessage

STEP_NS = 1_000


class LateAck(Fault, frozen=True, kw_only=True):
    """An acknowledgement on the stream is kept until its order is spoken of in another word. Give it no `times`."""

    directions: ClassVar[tuple[Direction, ...]] = ("stream",)
    after: ClassVar[str] = ""
    """The word, as in `OrderMessage.what`."""

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Keep an acknowledgement; send it behind the word that it waits for."""
        if not isinstance(message, OrderMessage):
            return [(0, message)]
        if message.what == "ack":
            turn.hold(message)
            return []
        sent: list[Sent] = [(0, message)]
        if message.what == self.after:
            number = message.order.venue_order_id
            own = [
                held
                for held in turn.held
                if isinstance(held[1], OrderMessage) and held[1].order.venue_order_id == number
            ]
            turn.held = [held for held in turn.held if held not in own]
            sent += [(STEP_NS, held[1]) for held in own]
        return sent
