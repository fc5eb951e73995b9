"""Quantities in the quote currency, made quantities of the base before they leave (`convert_quote_qty_to_base`)."""

from __future__ import annotations

from decimal import ROUND_DOWN

from msgspec import structs

from nautilus_live.engine.risk_rules import Prices, expected_price
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Quantity, round_to
from nautilus_live.model.orders import Order


def convert(order: Order, instrument: Instrument | None, prices: Prices) -> str:
    """Give a new order, which nobody knows yet, its quantity in the base currency, rounded down to a whole increment.

    Returns why that cannot be, an empty text if it was done. The price is the order's own, else the market's. Of an
    inverse instrument the quantity counts quote currency anyway.
    """
    if instrument is None:
        return f"instrument: {order.instrument_id} is not known"
    if instrument.is_inverse:
        return ""
    price = expected_price(order, prices)
    if price is None or price.value <= 0:
        return f"quote_quantity: no price to convert {order.quantity} {instrument.quote_currency} with"
    increment = instrument.size_increment.value
    bought = order.quantity.value / (price.value * instrument.multiplier.value)
    whole = round_to("Quantity", bought / increment, 0, ROUND_DOWN) * increment
    if not whole:
        return f"quote_quantity: {order.quantity} {instrument.quote_currency} buy less than {increment} at {price}"
    quantity = Quantity(whole, instrument.size_precision)
    order.count_in(structs.replace(order.init, quantity=quantity, quote_quantity=False))
    return ""
