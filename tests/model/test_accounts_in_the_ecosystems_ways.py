"""Accounts as authors of the ecosystem use them: made by hand, as tables, margins one by one, bets by their odds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from nautilus_live.model.accounts import (
    BettingAccount,
    CashAccount,
    MarginAccount,
    account_from,
    exposure,
    liability,
    lose_payoff,
    stake,
    win_payoff,
)
from nautilus_live.model.enums import AccountType, OrderSide
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")
BUY, SELL = OrderSide.BUY, OrderSide.SELL


def money(text: str) -> Money:
    return Money(Decimal(text), Currency.from_str("USDT"))


STATE = AccountState(
    event_id="A-1",
    ts_event=1,
    ts_init=2,
    account_id=AccountId("SIM-001"),
    account_type=AccountType.MARGIN,
    balances=(AccountBalance(money("10"), money("4"), money("6")),),
    margins=(MarginBalance(money("1"), money("2"), "BTCUSDT.SIM"),),
)


@pytest.mark.parametrize(
    ("kind", "cls"),
    [(AccountType.CASH, CashAccount), (AccountType.MARGIN, MarginAccount), (AccountType.BETTING, BettingAccount)],
)
def test_an_account_is_the_same_after_a_way_through_a_table(kind: AccountType, cls: Any) -> None:
    account = account_from(msgspec.structs.replace(STATE, account_type=kind))
    account.apply(msgspec.structs.replace(STATE, account_type=kind, event_id="A-2", ts_event=5))
    read = cls.from_dict(cls.to_dict(account))

    assert (type(read), read.events, read.balances()) == (cls, account.events, account.balances())
    assert (cls.ACCOUNT_TYPE, account.to_dict()["calculate_account_state"]) == (kind, False)
    with pytest.raises(ValueError, match="an account must have a state at least"):
        cls.from_dict({"events": []})
    with pytest.raises(ValueError, match="calculate_account_state must not be set"):
        cls(STATE, calculate_account_state=True)


def test_a_cash_account_does_not_borrow() -> None:
    with pytest.raises(ValueError, match="SIM-001: a cash account cannot borrow, allow_borrowing was set"):
        CashAccount(STATE, allow_borrowing=True)
    assert CashAccount(STATE).to_dict()["allow_borrowing"] is False


def test_margins_of_an_instrument_can_be_set_one_by_one() -> None:
    account = MarginAccount(STATE)
    account.update_margin_init(BTC, money("5"))
    account.update_margin_maint(BTC, money("3"))
    assert (account.margin_init(BTC), account.margin_maint(BTC)) == (money("5"), money("3"))
    account.clear_margin_init(BTC)
    assert (account.margin_init(BTC), account.margin_maint(BTC)) == (money("0"), money("3"))
    account.clear_margin_maint(BTC)
    assert account.margin(BTC) is None
    account.clear_margin_maint(InstrumentId.from_str("ETHUSDT.SIM"))


def test_bets_win_or_lose_by_their_odds() -> None:
    quantity, odds = Quantity.from_str("10"), Price.from_str("2.5")

    assert stake(quantity, odds) == 15
    assert exposure(quantity, odds, SELL) == -25
    assert [liability(quantity, odds, side) for side in (BUY, SELL)] == [15, 10]
    assert [win_payoff(quantity, odds, side) for side in (BUY, SELL)] == [15, -15]
    assert [lose_payoff(quantity, side) for side in (BUY, SELL)] == [-10, 10]
