"""Whether an account can pay for orders. Pure: (orders, account, prices) -> the problem as a text, or nothing.

Cash: a buy costs its value in the cost currency, a sale of a currency pair its quantity of the base currency; orders of
one list add up, for they may all trade. What is free is the venue's last word, so that what other orders lock is known
as far as the venue has said so. What nobody has said is not judged: without a price, or a balance in that currency, the
order passes. Orders that only reduce pass. A bet costs what it can lose, whichever way it goes and whatever it reduces.

Margin: what an order adds to the net position needs its instrument's initial margin, less by the leverage that is set;
what only brings the net position nearer to zero needs none. A wrong no would keep an order in that the venue takes, so
nothing is said where other rules may hold: of an instrument without a margin of its own, of an account with several
currencies, which may stand for one another, and of exits that wait for their parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from nautilus_live.engine.risk_rules import Prices, expected_price
from nautilus_live.model.accounts import BettingAccount, MarginAccount
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Money, Quantity
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
        if isinstance(account, BettingAccount):
            cost = _bet(order, instrument, account, prices)
        else:
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


def margin_problem(
    orders: Sequence[Order], instrument: Instrument, account: MarginAccount, prices: Prices, net: Decimal
) -> tuple[Order, str] | None:
    """Return the first of `orders`, of one instrument, that the account has not the margin for, and why.

    Args:
        orders: of one side or both; they may all trade.
        instrument: what they are in.
        account: whose they are.
        prices: the latest prices.
        net: the position that they change, negative if short.

    """
    currency = instrument.get_cost_currency()
    free = account.balance_free(currency)
    if not instrument.margin_init or free is None or _has_others(account, currency):
        return None
    needed = ZERO
    wanted = {1: ZERO, -1: ZERO}
    for order in orders:
        init = order.init
        if init.reduce_only or init.parent_order_id is not None or init.quote_quantity:
            continue
        price = expected_price(order, prices)
        if price is None or not price.value:
            continue
        sign = order.side.sign
        before = max(wanted[sign] + net * sign, ZERO)
        wanted[sign] += order.quantity.value
        more = max(wanted[sign] + net * sign, ZERO) - before
        if more:
            quantity = Quantity(more, order.quantity.precision)
            needed += account.calculate_margin_init(instrument, quantity, price).value
        if needed > free.value:
            return order, f"free_margin: must be at most the free {free}, was {needed} {currency}"
    return None


def _has_others(account: MarginAccount, currency: Currency) -> bool:
    """Return whether the account has something in another currency."""
    return any(total.value for one, total in account.balances_total().items() if one != currency)


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


def _bet(
    order: Order, instrument: Instrument, account: BettingAccount, prices: Prices
) -> tuple[Currency, Decimal] | None:
    odds = expected_price(order, prices)
    if odds is None or not odds.value:
        return None
    locked = account.calculate_balance_locked(instrument, order.side, order.quantity, odds)
    return locked.currency, locked.value
