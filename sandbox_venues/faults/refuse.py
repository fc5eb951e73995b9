"""A command is refused."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message, Refusal, Trouble, VenueCommand


class Refuse(Fault, frozen=True, kw_only=True):
    """The venue's front refuses a command, and the venue never hears of it; queries pass.

    Attributes:
        code: the refusal's code.
        reason: its text.
        ambiguous: the text proves nothing: an error instead of a refusal.

    """

    directions = ("request",)

    code: str = "REFUSED"
    reason: str = "refused by the script"
    ambiguous: bool = False

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the refusal."""
        if not isinstance(message, VenueCommand):
            return [(0, message)]
        if self.ambiguous:
            return [(0, Trouble(code=self.code, reason=self.reason))]
        return [(0, Refusal(code=self.code, reason=self.reason))]
