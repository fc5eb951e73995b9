"""What a strategy asks the venue about one order, and when the answer may be used.

Knows the client that is asked and the cache. Promises: an answer is used only if the order has not moved since the
question. One that has been overtaken, by a command of ours or by the venue's own words, says how the order was; so the
venue is asked again, and where the order moves faster than the venue answers, its events say what it is. What the
order filled more than we know is asked for trade by trade first: a guess in their place would have a guessed commission
for good.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from nautilus_live.adapters.ports import ExecutionClient, OrderQuery, ReportsQuery
from nautilus_live.engine.cache import Cache
from nautilus_live.model.commands import QueryOrder
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.reports import FillReport, OrderStatusReport

QUESTIONS_MAX = 3


async def ask_about_order(
    client: ExecutionClient,
    command: QueryOrder,
    cache: Cache,
    on_report: Callable[[OrderStatusReport | FillReport], object],
    log: logging.Logger,
) -> None:
    """Ask until an answer is not overtaken, and pass that on; `QUESTIONS_MAX` times at most."""
    name = command.client_order_id
    for _ in range(QUESTIONS_MAX):
        events_seen = _events_of(name, cache)
        query = OrderQuery(
            instrument_id=command.instrument_id,
            client_order_id=name,
            venue_order_id=command.venue_order_id or cache.venue_order_id(name),
        )
        report = await client.generate_order_status_report(query)
        if report is None:
            log.warning("%s: the venue knows no such order", name)
            return
        trades = await _trades_behind(client, report, cache)
        if _events_of(name, cache) == events_seen:
            for trade in trades:
                on_report(trade)
            on_report(report)
            return
    log.info("%s: %d answers about it were overtaken by its events; none is used", name, QUESTIONS_MAX)


async def _trades_behind(
    client: ExecutionClient, report: OrderStatusReport, cache: Cache
) -> Sequence[FillReport]:
    """Return the trades of an order of which the report has more filled than we have."""
    order = None if report.client_order_id is None else cache.order(report.client_order_id)
    if order is None or report.filled_qty.value <= order.filled_qty.value:
        return ()
    query = ReportsQuery(instrument_id=report.instrument_id, venue_order_id=report.venue_order_id)
    return [trade for trade in await client.generate_fill_reports(query) if trade.trade_id not in order.fills]


def _events_of(client_order_id: ClientOrderId, cache: Cache) -> int:
    order = cache.order(client_order_id)
    return 0 if order is None else len(order.events)
