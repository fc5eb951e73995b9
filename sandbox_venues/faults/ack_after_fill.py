"""An acknowledgement comes after the fill of its order."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message, OrderMessage

STEP_NS = 1_000


class AckAfterFill(Fault, frozen=True, kw_only=True):
    """An acknowledgement on the stream is kept until a fill of its order has gone out. Use it with `times=None`."""

    directions = ("stream",)

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Keep an acknowledgement; send it behind a fill."""
        if not isinstance(message, OrderMessage):
            return [(0, message)]
        if message.what == "ack":
            turn.hold(message)
            return []
        sent: list[Sent] = [(0, message)]
        if message.what == "fill":
            number = message.order.venue_order_id
            own = [
                held
                for held in turn.held
                if isinstance(held[1], OrderMessage) and held[1].order.venue_order_id == number
            ]
            turn.held = [held for held in turn.held if held not in own]
            sent += [(STEP_NS, held[1]) for held in own]
        return sent
