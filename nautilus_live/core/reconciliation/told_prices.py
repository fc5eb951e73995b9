"""The prices of an order as its venue tells them: which of them are news. Pure.

A price that the venue leaves out, or one that the order's type does not have, is none. Of some orders it is the venue
that says the first one: what is left of a market-to-limit order rests at a price that the market gave, and so does a
trailing stop get its trigger and its limit, if nobody said where it begins.
"""

from __future__ import annotations

from collections.abc import Container

from nautilus_live.model.enums import OrderType
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import TRAILING_TYPES, Order
from nautilus_live.model.reports import OrderStatusReport

PRICED_BY_VENUE = (OrderType.MARKET_TO_LIMIT, OrderType.TRAILING_STOP_LIMIT)
"""Orders that may be placed without a price and get one from the venue; a trigger, trailing stops get as well."""


def tells_new_prices(order: Order, report: OrderStatusReport) -> bool:
    """Return whether a report says another price or trigger of an order than we know."""
    # Of an order made from the report they are the very same objects; only what is not is compared.
    return (order.price is not report.price and _is_new(report, order.price, report.price, PRICED_BY_VENUE)) or (
        order.trigger_price is not report.trigger_price
        and _is_new(report, order.trigger_price, report.trigger_price, TRAILING_TYPES)
    )


def _is_new(
    report: OrderStatusReport, ours: Price | None, theirs: Price | None, named_by_venue: Container[OrderType]
) -> bool:
    if theirs is None:
        return False
    if ours is None:
        return report.is_open and report.order_type in named_by_venue  # where an order rested that ended is no news
    return ours.value != theirs.value
