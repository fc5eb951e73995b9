"""A question is answered with an error."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message, Trouble, VenueQuery


class FailQuery(Fault, frozen=True, kw_only=True):
    """The venue's front answers a query with an error; other requests pass.

    Attributes:
        code: the error's code.
        reason: the error's text.

    """

    directions = ("request",)

    code: str = "500"
    reason: str = "internal error"

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the error."""
        if not isinstance(message, VenueQuery):
            return [(0, message)]
        return [(0, Trouble(code=self.code, reason=self.reason))]
