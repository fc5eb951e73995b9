"""A list of several pages does not arrive whole."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message, Page, Trouble, VenueQuery


class PartialPages(Fault, frozen=True, kw_only=True):
    """From a certain page on, pages are missing.

    Attributes:
        page: the first one that is, counted from 1 (a list that has fewer arrives whole).
        how: `fail` answers it with an error; `lost` lets the page before claim to be the last.

    """

    directions = ("answer",)
    reads_records = False

    page: int = 2
    how: Literal["fail", "lost"] = "fail"

    def __post_init__(self) -> None:
        if self.page < 1 or (self.how == "lost" and self.page < 2):
            raise ValueError(f"page must be at least 1 (2 if lost), was {self.page}")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the page, the last one allowed, or an error."""
        if not isinstance(message, Page) or not isinstance(turn.request, VenueQuery):
            return [(0, message)]
        number = self._number(turn.request, message, turn)
        if self.how == "fail" and number >= self.page:
            return [(0, Trouble(code="502", reason=f"page {number} is not available"))]
        if self.how == "lost" and number >= self.page - 1:
            return [(0, replace(message, cursor=None))]
        return [(0, message)]

    def _number(self, request: VenueQuery, page: Page, turn: Turn) -> int:
        """Return which page this is: one more than the page that gave its cursor."""
        key = f"{turn.node} {type(request).__name__} "
        known = turn.memory.get(key + str(request.cursor), 0) if request.cursor is not None else 0
        number = (known if isinstance(known, int) else 0) + 1
        if page.cursor is not None:
            turn.memory[key + str(page.cursor)] = number
        return number
