"""Lists in answers come in another order, or with items twice."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from nautilus_live.model.instruments import Instrument
from nautilus_live.model.reports import FillReport
from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import AnyReport, Garbled, Message, Page

How = Literal["double", "reverse", "newest_first", "shuffle"]


class Rearrange(Fault, frozen=True, kw_only=True):
    """The items of an answer are doubled or reordered, page by page.

    Attributes:
        how: `double` lists every item meant by the target twice in a row; `reverse`, `newest_first` (by time) and
            `shuffle` change the order.

    """

    directions = ("answer",)

    how: How

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the page rearranged."""
        if not isinstance(message, Page):
            return [(0, message)]
        items = [item for item in message.items if not isinstance(item, Instrument | Garbled)]
        if len(items) < len(message.items):
            return [(0, message)]
        match self.how:
            case "double":
                items = [copy for item in items for copy in ([item, item] if turn.matches(item) else [item])]
            case "reverse":
                items.reverse()
            case "newest_first":
                items.sort(key=_time_of, reverse=True)
            case "shuffle":
                turn.rng.shuffle(items)
        return [(0, replace(message, items=tuple(items)))]


def _time_of(report: AnyReport) -> int:
    return report.ts_event if isinstance(report, FillReport) else report.ts_last
