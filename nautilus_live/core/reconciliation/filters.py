"""Filters: which reports are none of our business. What is filtered yields nothing, wherever it comes up."""

from __future__ import annotations

from nautilus_live.core.reconciliation.types import LocalState, Policy
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport


class Filters:
    """The policy's filters over one set of reports.

    A filtered client order id also filters the reports that name the order by its venue id only, and its fills.
    """

    __slots__ = ("_ids", "_instruments", "_local", "_venue_ids")

    def __init__(self, local: LocalState, policy: Policy) -> None:
        self._local = local
        self._ids = policy.filtered_client_order_ids
        self._instruments = policy.instrument_ids
        self._venue_ids: dict[tuple[InstrumentId, VenueOrderId], None] = {}

    @property
    def active(self) -> bool:
        """Whether anything can be filtered at all."""
        return bool(self._ids or self._instruments)

    def drops_instrument(self, instrument_id: InstrumentId) -> bool:
        """Whether the include list leaves `instrument_id` out."""
        return bool(self._instruments) and instrument_id not in self._instruments

    def drops_order(self, report: OrderStatusReport) -> bool:
        """Whether the order is filtered; remembers its venue id, for its fills."""
        if self.drops_instrument(report.instrument_id):
            return True
        if self._is_filtered(report.client_order_id, report.venue_order_id, report.instrument_id):
            self._venue_ids[report.instrument_id, report.venue_order_id] = None
            return True
        return False

    def drops_known(self, order: Order) -> bool:
        """Whether an order that we know is filtered."""
        return order.client_order_id in self._ids or self.drops_instrument(order.instrument_id)

    def drops_fill(self, report: FillReport) -> bool:
        """Whether the fill is filtered, by its own ids or its order's."""
        if self.drops_instrument(report.instrument_id):
            return True
        if (report.instrument_id, report.venue_order_id) in self._venue_ids:
            return True
        return self._is_filtered(report.client_order_id, report.venue_order_id, report.instrument_id)

    def _is_filtered(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId, instrument_id: InstrumentId
    ) -> bool:
        if not self._ids:
            return False
        if client_order_id in self._ids:
            return True
        owner = self._local.client_order_id(venue_order_id, instrument_id)
        return owner is not None and owner in self._ids
