"""A command is answered with an error that proves nothing."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from sandbox_venues.faults.fault import Direction, Fault, Sent, Turn, reports_in
from sandbox_venues.messages import Answer, Done, Message, Trouble, VenueCommand


class Unclear(Fault, frozen=True, kw_only=True):
    """The answer to a command is an error under which the venue may or may not have acted; queries pass.

    The twins of an ambiguous 503: `before`, and the venue never heard of the command; `after`, and it has carried it
    out. What the client sees is the same.

    Attributes:
        side: before the venue acted, or after.
        code: the error's code.
        reason: its text.

    In a batch, `after` with a target that names an order blurs the answer for that order alone.

    """

    reads_records = False

    side: Literal["before", "after"] = "after"
    code: str = "503"
    reason: str = "unknown error, the status of the execution is unknown"

    def acts_on(self, direction: Direction) -> bool:
        """Requests before the venue acted, answers after."""
        return direction == ("request" if self.side == "before" else "answer")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the error, or the answer with the error in the parts that are meant."""
        trouble = Trouble(code=self.code, reason=self.reason)
        if not isinstance(message if self.side == "before" else turn.request, VenueCommand):
            return [(0, message)]
        if isinstance(message, Done) and message.results:
            results = tuple(trouble if _is_meant(part, turn) else part for part in message.results)
            return [(0, replace(message, results=results))]
        return [(0, trouble)]


def _is_meant(part: Answer, turn: Turn) -> bool:
    reports = reports_in(part)
    return any(turn.matches(report) for report in reports) if reports else False
