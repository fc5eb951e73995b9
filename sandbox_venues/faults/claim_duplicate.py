"""A submission that was accepted is answered as if its id were used already."""

from __future__ import annotations

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message, PlaceOrder, Refusal


class ClaimDuplicate(Fault, frozen=True, kw_only=True):
    """The client is told that its client order id is taken, and so it is: by this very order.

    A proxy or a client library sent the request twice, the first one was accepted, and the answer to the second is
    all that came back.
    """

    directions = ("answer",)

    code: str = "DUPLICATE_ID"
    reason: str = "client order id must be new, was used already"

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the refusal in place of the answer to a submission."""
        if not isinstance(turn.request, PlaceOrder):
            return [(0, message)]
        return [(0, Refusal(code=self.code, reason=self.reason))]
