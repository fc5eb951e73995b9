"""Filters: which reports are none of our business. What is filtered yields nothing, wherever it comes up."""

from __future__ import annotations

from collections.abc import Sequence

from nautilus_live.core.reconciliation.types import LocalState, Policy
from nautilus_live.model.identifiers import InstrumentId, VenueOrderId
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

    def select(
        self, orders: list[OrderStatusReport], fills: list[FillReport]
    ) -> tuple[list[OrderStatusReport], list[FillReport]]:
        """Return the reports that pass. An order's fills go with it, whichever of them names the filtered id."""
        if not (self._ids or self._instruments):
            return orders, fills
        self._learn(orders)
        self._learn(fills)
        return [one for one in orders if not self._drops(one)], [one for one in fills if not self._drops(one)]

    def _learn(self, reports: Sequence[OrderStatusReport | FillReport]) -> None:
        for report in reports:
            if self._names_filtered(report):
                self._venue_ids[report.instrument_id, report.venue_order_id] = None

    def drops_instrument(self, instrument_id: InstrumentId) -> bool:
        """Whether the include list leaves `instrument_id` out."""
        return bool(self._instruments) and instrument_id not in self._instruments

    def drops_known(self, order: Order) -> bool:
        """Whether an order that we know is filtered."""
        return order.client_order_id in self._ids or self.drops_instrument(order.instrument_id)

    def _drops(self, report: OrderStatusReport | FillReport) -> bool:
        return (report.instrument_id, report.venue_order_id) in self._venue_ids or self.drops_instrument(
            report.instrument_id
        )

    def _names_filtered(self, report: OrderStatusReport | FillReport) -> bool:
        if report.client_order_id in self._ids:
            return True
        return self._local.client_order_id(report.venue_order_id, report.instrument_id) in self._ids
