"""Naming: which reports, of those that name no order of ours, are about orders whose acknowledgement never came.

Knows a client's question about one order, and the cache. Some venues say nothing but their own ids. An order that was
sent, and of which no answer came, is then among the reports without a name; taken for a stranger's, it would be there
twice, with two positions. So the venue is asked about each such order by our id, and what it answers names the reports.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import structs

from nautilus_live.adapters.ports import ExecutionClient, OrderQuery
from nautilus_live.core.candidates import candidate
from nautilus_live.engine.cache import Cache
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport

Key = tuple[InstrumentId, VenueOrderId]
ReportT = TypeVar("ReportT", OrderStatusReport, FillReport)


async def name_reports(client: ExecutionClient, cache: Cache, mass: ExecutionMassStatus) -> ExecutionMassStatus:
    """Return `mass` with our ids on the reports of orders in flight that the venue, asked, says are ours.

    Raises:
        KernelError: if the venue does not answer; what it listed is then unknown.

    """
    names: dict[Key, ClientOrderId] = {}
    for order in _probable(cache, mass):
        query = OrderQuery(instrument_id=order.instrument_id, client_order_id=order.client_order_id)
        report = await client.generate_order_status_report(query)
        if report is not None:
            names[report.instrument_id, report.venue_order_id] = order.client_order_id
    if not names:
        return mass
    return structs.replace(mass, orders=_named(mass.orders or [], names), fills=_named(mass.fills or [], names))


def _named(reports: list[ReportT], names: dict[Key, ClientOrderId]) -> list[ReportT]:
    """Return the reports, those of orders in `names` under our ids."""
    named = list(reports)
    for index, report in enumerate(named):
        name = names.get((report.instrument_id, report.venue_order_id))
        if name is not None:
            named[index] = structs.replace(report, client_order_id=name)
    return named


def _probable(cache: Cache, mass: ExecutionMassStatus) -> list[Order]:
    """Return our orders in flight that reports without a name may be about, each once."""
    inflight = cache.orders_inflight()
    if not inflight or not mass.is_complete:
        return []
    found: dict[ClientOrderId, Order] = {}
    for report in mass.orders or ():
        if cache.client_order_id(report.venue_order_id, report.instrument_id) is not None:
            continue
        order = candidate([one for one in inflight if one.client_order_id not in found], report)
        if order is not None:
            found[order.client_order_id] = order
    return list(found.values())
