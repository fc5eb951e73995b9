"""Accounts: the balances and margins last stated, by currency and instrument."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model.accounts import Account, BettingAccount, CashAccount, MarginAccount, account_from
from nautilus_live.model.enums import AccountType
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money
from tests.core.conftest import ACCOUNT, BTC, OTHER_SPOT, SPOT, USDT, money


def balance(total: str, locked: str = "0", currency: Currency = USDT) -> AccountBalance:
    """Return a balance of which `locked` is not free."""
    free = Decimal(total) - Decimal(locked)
    return AccountBalance(money(total, currency), money(locked, currency), money(free, currency))


def margin(initial: str, instrument: str = "", currency: Currency = USDT) -> MarginBalance:
    """Return a margin of which half is for maintenance."""
    return MarginBalance(money(initial, currency), money(Decimal(initial) / 2, currency), instrument)


def make_state(*balances: AccountBalance, margins: tuple[MarginBalance, ...] = (), **fields: Any) -> AccountState:
    """Return a state of a cash account."""
    settings: dict[str, Any] = {"account_id": ACCOUNT, "account_type": AccountType.CASH, **fields}
    return AccountState(event_id="A-1", ts_event=1, ts_init=2, balances=balances, margins=margins, **settings)


@pytest.mark.parametrize(
    ("account_type", "kind", "cash", "on_margin"),
    [
        (AccountType.CASH, CashAccount, True, False),
        (AccountType.MARGIN, MarginAccount, False, True),
        (AccountType.BETTING, BettingAccount, False, False),
    ],
)
def test_an_account_is_of_the_class_of_its_type(
    account_type: AccountType, kind: type[Account], cash: bool, on_margin: bool
) -> None:
    account = account_from(make_state(account_type=account_type))

    assert type(account) is kind
    assert (account.type, account.is_cash_account, account.is_margin_account) == (account_type, cash, on_margin)


def test_every_account_type_has_a_class() -> None:
    assert {type(account_from(make_state(account_type=kind))) for kind in AccountType} == set(Account.__subclasses__())


def test_an_account_has_the_balances_it_was_told() -> None:
    account = account_from(make_state(balance("100", "30"), balance("2", currency=BTC)))

    assert account.id == ACCOUNT
    assert account.currencies() == [USDT, BTC]
    assert account.balances() == {USDT: balance("100", "30"), BTC: balance("2", currency=BTC)}
    assert account.balance(USDT) == balance("100", "30")
    assert account.balance_total(USDT) == money("100")
    assert account.balance_locked(USDT) == money("30")
    assert account.balance_free(USDT) == money("70")


def test_an_unknown_balance_is_none_not_zero() -> None:
    account = account_from(make_state(balance("0")))

    assert account.balance_total(USDT) == money("0")
    for answer in (account.balance, account.balance_total, account.balance_free, account.balance_locked):
        assert answer(BTC) is None


@pytest.mark.parametrize("base", [USDT, None])
def test_without_a_currency_the_base_currency_is_meant(base: Currency | None) -> None:
    account = account_from(make_state(balance("100", "30"), base_currency=base))
    wanted: list[Money | None] = [money("100"), money("70"), money("30")] if base else [None, None, None]

    assert [account.balance_total(), account.balance_free(), account.balance_locked()] == wanted


def test_a_later_state_replaces_what_it_names_and_keeps_the_rest() -> None:
    first = make_state(balance("100"), balance("2", currency=BTC), margins=(margin("5", str(SPOT.id)), margin("9")))
    account = account_from(first)
    second = make_state(balance("50"), margins=(margin("6", str(SPOT.id)),))

    account.apply(make_state(balance("75")))
    account.apply(second)

    assert (account.balance_total(USDT), account.balance_total(BTC)) == (money("50"), money("2", BTC))
    assert account.margins() == [margin("6", str(SPOT.id)), margin("9")]
    assert account.events == [first, make_state(balance("75")), second]
    assert account.last_event is second


def test_margins_are_kept_by_instrument_and_currency() -> None:
    own = (margin("5", str(SPOT.id)), margin("1", str(SPOT.id), BTC))
    account = account_from(make_state(margins=(*own, margin("7", str(OTHER_SPOT.id)), margin("9"))))

    assert account.margin(SPOT.id) == list(own)
    assert account.margin(OTHER_SPOT.id) == [margin("7", str(OTHER_SPOT.id))]
    assert len(account.margins()) == 4


def test_the_state_of_another_account_is_refused_and_changes_nothing() -> None:
    account = account_from(make_state(balance("100")))

    with pytest.raises(ValueError) as caught:
        account.apply(make_state(balance("1"), account_id=AccountId("SIM-002")))

    assert str(caught.value) == "SIM-001: cannot apply the state of another account, was SIM-002"
    assert account.balance_total(USDT) == money("100")
    assert len(account.events) == 1


def test_what_an_account_answers_can_be_changed_without_changing_it() -> None:
    account = account_from(make_state(balance("100"), margins=(margin("5"),)))
    account.balances().clear()
    account.currencies().clear()
    account.margins().clear()

    assert account.balance_total(USDT) == money("100")
    assert account.margins() == [margin("5")]
