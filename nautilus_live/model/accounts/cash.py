"""Accounts that cannot borrow: what is bought is paid for, and owned; what is bet is put down."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.model.accounts.base import Account
from nautilus_live.model.enums import AccountType, OrderSide
from nautilus_live.model.events import AccountState, OrderFilled
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.position import Position


class CashAccount(Account):
    """An account that cannot borrow: what is bought is paid for, and owned.

    Args:
        event: its first state.
        calculate_account_state: must not be set, see `Account`.
        allow_borrowing: must not be set: who borrows has a margin account.

    Raises:
        ValueError: if either is set.

    """

    __slots__ = ()

    ACCOUNT_TYPE = AccountType.CASH
    allow_borrowing = False

    def __init__(
        self, event: AccountState, calculate_account_state: bool = False, allow_borrowing: bool = False
    ) -> None:
        if allow_borrowing:
            raise ValueError(f"{event.account_id}: a cash account cannot borrow, allow_borrowing was set")
        super().__init__(event, calculate_account_state)

    def to_dict(self, obj: Account | None = None) -> dict[str, Any]:
        """Return what was stated as plain values."""
        return {**super().to_dict(obj), "allow_borrowing": False}

    def calculate_balance_locked(
        self,
        instrument: Instrument,
        side: OrderSide,
        quantity: Quantity,
        price: Price,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return what an order locks: its value if it buys, its quantity of the base currency if it sells.

        What has no base currency (a share) locks its value on either side.
        """
        base = instrument.get_base_currency()
        if side is OrderSide.BUY or base is None:
            return instrument.notional_value(quantity, price, use_quote_for_inverse)
        return Money(quantity.value, base)

    def locked_by(
        self, instrument: Instrument, side: OrderSide, quantity: Decimal, price: Decimal
    ) -> tuple[Currency, Decimal] | None:
        """Return what an order locks of the balances, not rounded; None if it locks none.

        Who sells a share locks the share: unlike `calculate_balance_locked`, which has to name an amount of money, this
        says that all the money stays free.
        """
        if side is OrderSide.BUY:
            return instrument.get_cost_currency(), instrument.worth(quantity, price)
        base = instrument.get_base_currency()
        return None if base is None else (base, quantity)

    def calculate_pnls(
        self, instrument: Instrument, fill: OrderFilled, position: Position | None = None
    ) -> list[Money]:
        """Return what a fill exchanges: the base currency (where there is one), and what is paid for it."""
        sign = fill.order_side.sign
        base = instrument.get_base_currency()
        paid = instrument.notional_value(fill.last_qty, fill.last_px)
        exchanged = [Money(-sign * paid.value, paid.currency)]
        if base is not None and self.base_currency is None:
            exchanged.insert(0, Money(sign * fill.last_qty.value, base))
        return exchanged


class BettingAccount(CashAccount):
    """An account of a betting exchange: prices are decimal odds; SELL backs an outcome, BUY lays it."""

    __slots__ = ()

    ACCOUNT_TYPE = AccountType.BETTING

    def calculate_balance_locked(
        self,
        instrument: Instrument,
        side: OrderSide,
        quantity: Quantity,
        price: Price,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return what can be lost, by the ecosystem's rule: the stake for a SELL, stake x (odds - 1) for a BUY.

        Raises:
            ValueError: if `use_quote_for_inverse` is set: no bet is inverse.

        """
        if use_quote_for_inverse:
            raise ValueError(f"{instrument.id}: use_quote_for_inverse must not be set for bets, was True")
        return Money(_liability(quantity.value, price.value, side), instrument.quote_currency)

    def locked_by(
        self, instrument: Instrument, side: OrderSide, quantity: Decimal, price: Decimal
    ) -> tuple[Currency, Decimal] | None:
        """Return what can be lost, not rounded."""
        return instrument.quote_currency, _liability(quantity, price, side)

    def balance_impact(self, instrument: Instrument, quantity: Quantity, price: Price, order_side: OrderSide) -> Money:
        """Return what the bet takes off the balance, which is never positive."""
        paid = instrument.worth(quantity.value, price.value)
        if order_side is not OrderSide.SELL:
            paid *= price.value - 1
        return Money(-paid, instrument.quote_currency)


def _liability(quantity: Decimal, price: Decimal, side: OrderSide) -> Decimal:
    return quantity if side is OrderSide.SELL else quantity * (price - 1)


def stake(quantity: Quantity, price: Price) -> Decimal:
    """Return what the backer puts down: quantity x (odds - 1), by the ecosystem's rule."""
    return quantity.value * (price.value - 1)


def liability(quantity: Quantity, price: Price, side: OrderSide) -> Decimal:
    """Return what can be lost, by the ecosystem's rule: the quantity for a SELL, quantity x (odds - 1) for a BUY."""
    return _liability(quantity.value, price.value, side)


def win_payoff(quantity: Quantity, price: Price, side: OrderSide) -> Decimal:
    """Return what is made if the outcome comes about; negative for who laid it."""
    return stake(quantity, price) * side.sign


def lose_payoff(quantity: Quantity, side: OrderSide) -> Decimal:
    """Return what is made if the outcome does not come about; negative for who backed it."""
    return -quantity.value * side.sign


def exposure(quantity: Quantity, price: Price, side: OrderSide) -> Decimal:
    """Return quantity x odds; negative for who laid the outcome."""
    return quantity.value * price.value * side.sign
