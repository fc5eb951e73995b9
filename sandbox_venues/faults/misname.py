"""A message is about one order and names another."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from nautilus_live.model.identifiers import ClientOrderId, VenueOrderId
from nautilus_live.model.reports import PositionStatusReport
from sandbox_venues.faults.fault import Fault, Sent, Turn, map_reports
from sandbox_venues.messages import AnyReport, Message


class Misname(Fault, frozen=True, kw_only=True):
    """Reports about the orders that are meant carry other ids: the answer for another order, or a request's own id.

    Attributes:
        client_order: the client order id that they carry instead.
        venue_order: the venue order id that they carry instead.

    """

    directions = ("answer", "stream")

    client_order: str | None = None
    venue_order: str | None = None

    def __post_init__(self) -> None:
        if self.client_order is None and self.venue_order is None:
            raise ValueError("client_order or venue_order must be given, was neither")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the message under other ids."""
        ids: dict[str, Any] = {}
        if self.client_order is not None:
            ids["client_order_id"] = ClientOrderId(self.client_order)
        if self.venue_order is not None:
            ids["venue_order_id"] = VenueOrderId(self.venue_order)

        def change(report: AnyReport) -> AnyReport:
            if isinstance(report, PositionStatusReport) or not turn.matches(report):
                return report
            renamed: AnyReport = replace(report, **ids)
            return renamed

        return [(0, map_reports(message, change))]
