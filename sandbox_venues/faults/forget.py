"""A venue's record has holes: items that are there are left out of its answers."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from nautilus_live.model.instruments import Instrument
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from sandbox_venues.faults.fault import Fault, Sent, Turn, to_ns
from sandbox_venues.messages import AnyReport, Garbled, Message, Page


class Forget(Fault, frozen=True, kw_only=True):
    """Reports are missing from answers to queries, without notice.

    Attributes:
        what: which: orders, closed_orders, open_orders, fills, positions, or everything.
        older_than_secs: only those whose last change lies further back.
        newer_than_secs: only those whose last change is more recent: a record that lags behind.

    """

    directions = ("answer",)

    what: Literal["orders", "closed_orders", "open_orders", "fills", "positions", "everything"] = "everything"
    older_than_secs: float | None = None
    newer_than_secs: float | None = None

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the answer without what is forgotten."""
        if not isinstance(message, Page):
            return [(0, message)]
        kept = tuple(
            item
            for item in message.items
            if isinstance(item, Instrument | Garbled) or not self._forgets(item, turn)
        )
        return [(0, replace(message, items=kept))]

    def _forgets(self, report: AnyReport, turn: Turn) -> bool:
        if not turn.matches(report) or not self._is_meant(report):
            return False
        changed_ns = report.ts_event if isinstance(report, FillReport) else report.ts_last
        age_ns = turn.now_ns - changed_ns
        if self.older_than_secs is not None and age_ns <= to_ns(self.older_than_secs):
            return False
        return self.newer_than_secs is None or age_ns < to_ns(self.newer_than_secs)

    def _is_meant(self, report: AnyReport) -> bool:
        match self.what:
            case "orders":
                return isinstance(report, OrderStatusReport)
            case "closed_orders":
                return isinstance(report, OrderStatusReport) and not report.is_open
            case "open_orders":
                return isinstance(report, OrderStatusReport) and report.is_open
            case "fills":
                return isinstance(report, FillReport)
            case "positions":
                return isinstance(report, PositionStatusReport)
        return True
