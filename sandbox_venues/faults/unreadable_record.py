"""One record in a list cannot be read."""

from __future__ import annotations

from msgspec.structs import replace

from nautilus_live.model.instruments import Instrument
from sandbox_venues.describe import describe_item
from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Garbled, Message, Page


class UnreadableRecord(Fault, frozen=True, kw_only=True):
    """Records about what is meant carry a word that no client knows, such as a new status; the others are fine."""

    directions = ("answer",)

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the page with unreadable records in it."""
        if not isinstance(message, Page):
            return [(0, message)]
        items = tuple(
            Garbled(was=describe_item(item))
            if not isinstance(item, Instrument | Garbled) and turn.matches(item)
            else item
            for item in message.items
        )
        return [(0, replace(message, items=items))]
