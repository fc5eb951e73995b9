"""What an order must be for its instrument. Pure: each rule returns the problem as a text, or nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from nautilus_live.model.commands import ModifyOrder
from nautilus_live.model.enums import OrderSide, OrderType, PriceType, TimeInForce
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order

HAS_NO_PRICE = (
    OrderType.MARKET,
    OrderType.MARKET_TO_LIMIT,
    OrderType.STOP_MARKET,
    OrderType.MARKET_IF_TOUCHED,
    OrderType.TRAILING_STOP_MARKET,
)
IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)


class Prices(Protocol):
    """Where the latest prices are."""

    def price(self, instrument_id: InstrumentId, price_type: PriceType) -> Price | None:
        """Return the latest price of that type."""
        ...


def order_problem(order: Order, instrument: Instrument, prices: Prices, max_notional: Decimal | None) -> str:
    """Return what is wrong with a new order; limits are inclusive."""
    price = order.price
    if price is not None:
        problem = price_problem("price", price, instrument)
        if problem:
            return problem
    trigger_price = order.trigger_price
    if trigger_price is not None:
        problem = price_problem("trigger_price", trigger_price, instrument)
        if problem:
            return problem
    init = order.init
    if init.post_only and (init.order_type in HAS_NO_PRICE or init.time_in_force in IMMEDIATE):
        return f"post_only: must be an order that can rest, was {init.order_type} {init.time_in_force}"
    if not init.quote_quantity:
        problem = quantity_problem(order.quantity, instrument)
        if problem:
            return problem
    if max_notional is None and instrument.max_notional is None and instrument.min_notional is None:
        return ""
    return notional_problem(order, instrument, prices, max_notional)


def increase_problem(order: Order, quantity: Decimal, net: Decimal, closing: Decimal = Decimal(0)) -> str:
    """Return what is wrong with `quantity` more on the order's side where only closing is allowed.

    Args:
        order: says on which side.
        quantity: how much more could trade.
        net: the position, negative if short.
        closing: how much of the position other orders on that side may close already.

    """
    if net * order.side.sign < 0 and quantity + closing <= abs(net):
        return ""
    on_its_way = f", of which other orders may close {closing}" if closing else ""
    return f"{order.side} {quantity} does not reduce the position of {net}{on_its_way}"


def price_problem(name: str, price: Price, instrument: Instrument) -> str:
    """Return what is wrong with a price."""
    value = price.value
    if value <= 0:
        return f"{name}: must be positive, was {price}"
    if value % instrument.price_increment.value:
        if price.precision > instrument.price_precision:
            return f"{name}: must have at most {instrument.price_precision} decimal places, was {price}"
        return f"{name}: must be a multiple of {instrument.price_increment}, was {price}"
    if instrument.max_price is not None and value > instrument.max_price.value:
        return f"{name}: must be at most max_price {instrument.max_price}, was {price}"
    if instrument.min_price is not None and value < instrument.min_price.value:
        return f"{name}: must be at least min_price {instrument.min_price}, was {price}"
    return ""


def quantity_problem(quantity: Quantity, instrument: Instrument) -> str:
    """Return what is wrong with a quantity in units of the instrument."""
    value = quantity.value
    if not value:
        return f"quantity: must be positive, was {quantity}"
    if value % instrument.size_increment.value:
        return f"quantity: must be a multiple of {instrument.size_increment}, was {quantity}"
    if instrument.max_quantity is not None and value > instrument.max_quantity.value:
        return f"quantity: must be at most max_quantity {instrument.max_quantity}, was {quantity}"
    if instrument.min_quantity is not None and value < instrument.min_quantity.value:
        return f"quantity: must be at least min_quantity {instrument.min_quantity}, was {quantity}"
    return ""


def modification_problem(command: ModifyOrder, instrument: Instrument | None) -> str:
    """Return what is wrong with the prices and the quantity that an order is to have."""
    if instrument is None:
        return f"instrument: {command.instrument_id} is not known"
    for name, price in (("price", command.price), ("trigger_price", command.trigger_price)):
        problem = price_problem(name, price, instrument) if price is not None else ""
        if problem:
            return problem
    return quantity_problem(command.quantity, instrument) if command.quantity is not None else ""


def notional_problem(order: Order, instrument: Instrument, prices: Prices, max_notional: Decimal | None) -> str:
    """Return what is wrong with an order's value. Without any price the value is not known, and not judged."""
    if order.init.quote_quantity:
        value = order.quantity.value
    else:
        price = expected_price(order, prices)
        if price is None or not price.value:
            return ""
        value = instrument.notional_value(order.quantity, price).value
    problem = _too_much(value, instrument, max_notional)
    if problem:
        return problem
    # What only closes a position may be small: the rest of it must not be stuck.
    if instrument.min_notional is not None and value < instrument.min_notional.value and not order.init.reduce_only:
        currency = instrument.get_cost_currency()
        return f"notional: must be at least min_notional {instrument.min_notional}, was {value} {currency}"
    return ""


def modified_notional_problem(
    command: ModifyOrder, order: Order, instrument: Instrument, prices: Prices, max_notional: Decimal | None
) -> str:
    """Return what is wrong with the value that an order is to have: what may not be sent may not come about either."""
    price = command.price or order.price or command.trigger_price or expected_price(order, prices)
    if order.init.quote_quantity or price is None or not price.value:
        return ""
    value = instrument.notional_value(command.quantity or order.quantity, price).value
    return _too_much(value, instrument, max_notional)


def _too_much(value: Decimal, instrument: Instrument, max_notional: Decimal | None) -> str:
    currency = instrument.get_cost_currency()
    if max_notional is not None and value > max_notional:
        return f"max_notional_per_order: must be at most {max_notional} {currency}, was {value}"
    if instrument.max_notional is not None and value > instrument.max_notional.value:
        return f"notional: must be at most max_notional {instrument.max_notional}, was {value} {currency}"
    return ""


def expected_price(order: Order, prices: Prices) -> Price | None:
    """Return the price an order would trade at: its own, else the other side of the market, else the last trade."""
    if order.price is not None:
        return order.price
    if order.trigger_price is not None:
        return order.trigger_price
    touch = PriceType.ASK if order.side is OrderSide.BUY else PriceType.BID
    return prices.price(order.instrument_id, touch) or prices.price(order.instrument_id, PriceType.LAST)
