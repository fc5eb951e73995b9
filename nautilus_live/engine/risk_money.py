"""Whether a cash account can pay for orders. Pure: (orders, account, prices) -> the problem as a text, or nothing.

A buy costs its value in the cost currency, a sale of a currency pair its quantity of the base currency; orders of one
list add up, for they may all trade. What is free is the venue's last word, so that what other orders lock is known as
far as the venue has said so. What nobody has said is not judged: without a price, or a balance in that currency, the
order passes. Orders that only reduce pass.

Margin accounts are not judged here: what an order needs depends on the venue's brackets and netting, and a wrong no
would keep an order in that the venue takes. The venue refuses what its margin does not cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from nautilus_live.engine.risk_rules import Prices, expected_price
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Money
from nautilus_live.model.orders import Order

ZERO = Decimal(0)


class FreeBalances(Protocol):
    """What can be asked of an account."""

    def balance_free(self, currency: Currency | None = None) -> Money | None:
        """Return what is free in a currency, None if that is not known."""
        ...


def balance_problem(
    orders: Sequence[Order], instrument: Instrument, account: FreeBalances, prices: Prices
) -> tuple[Order, str] | None:
    """Return the first of `orders`, of one instrument, that the account cannot pay for, and why."""
    spent: dict[Currency, Decimal] = {}
    for order in orders:
        cost = None if order.init.reduce_only else _cost(order, instrument, prices)
        if cost is None:
            continue
        currency, amount = cost
        needed = spent[currency] = spent.get(currency, ZERO) + amount
        free = account.balance_free(currency)
        if free is not None and needed > free.value:
            together = "" if needed == amount else ", the list's orders before it included"
            return order, f"free_balance: must be at most the free {free}, was {needed} {currency}{together}"
    return None


def _cost(order: Order, instrument: Instrument, prices: Prices) -> tuple[Currency, Decimal] | None:
    if order.side is OrderSide.SELL:
        base = instrument.base_currency
        if base is None or not instrument.is_spot or order.init.quote_quantity:
            return None
        return base, order.quantity.value * instrument.multiplier.value
    currency = instrument.get_cost_currency()
    if order.init.quote_quantity:
        return currency, order.quantity.value
    price = expected_price(order, prices)
    if price is None or not price.value:
        return None
    return currency, instrument.notional_value(order.quantity, price).value
