"""Accounts: the balances and margins last stated, and what trading would do to them."""

from __future__ import annotations

from nautilus_live.model.accounts.base import Account
from nautilus_live.model.accounts.cash import (
    BettingAccount,
    CashAccount,
    exposure,
    liability,
    lose_payoff,
    stake,
    win_payoff,
)
from nautilus_live.model.accounts.margin import LeveragedMarginModel, MarginAccount, MarginModel, StandardMarginModel
from nautilus_live.model.enums import AccountType
from nautilus_live.model.events import AccountState

__all__ = [
    "Account",
    "BettingAccount",
    "CashAccount",
    "LeveragedMarginModel",
    "MarginAccount",
    "MarginModel",
    "StandardMarginModel",
    "account_from",
    "exposure",
    "liability",
    "lose_payoff",
    "stake",
    "win_payoff",
]

_CLASSES: dict[AccountType, type[Account]] = {
    AccountType.CASH: CashAccount,
    AccountType.MARGIN: MarginAccount,
    AccountType.BETTING: BettingAccount,
}


def account_from(state: AccountState) -> Account:
    """Return a new account of the class that belongs to the state's account type."""
    return _CLASSES[state.account_type](state)
