"""Two orders carry one client order id in a list."""

from __future__ import annotations

from msgspec.structs import replace

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import VenueOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.reports import OrderStatusReport
from sandbox_venues.faults.fault import Fault, Sent, Turn
from sandbox_venues.messages import Message, Page


class ReuseClientOrderId(Fault, frozen=True, kw_only=True):
    """Lists show each order meant by the target a second time, as another order under the same client order id.

    Attributes:
        venue_order_id: the venue order id of the other one; by default the first one's with `-2` behind it.
        status: its status, by default the first one's; what it has filled follows from it.

    """

    directions = ("answer",)

    venue_order_id: str | None = None
    status: str | None = None

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the page with the other orders behind the real ones."""
        if not isinstance(message, Page):
            return [(0, message)]
        others = [
            self._other(item)
            for item in message.items
            if isinstance(item, OrderStatusReport) and item.client_order_id is not None and turn.matches(item)
        ]
        return [(0, replace(message, items=(*message.items, *others)))]

    def _other(self, report: OrderStatusReport) -> OrderStatusReport:
        number = VenueOrderId(self.venue_order_id or f"{report.venue_order_id}-2")
        if self.status is None:
            return replace(report, venue_order_id=number)
        status = OrderStatus[self.status]
        filled = report.quantity if status is OrderStatus.FILLED else Quantity.zero(report.quantity.precision)
        average = (report.avg_px or (report.price.value if report.price else None)) if filled else None
        return replace(report, venue_order_id=number, order_status=status, filled_qty=filled, avg_px=average)
