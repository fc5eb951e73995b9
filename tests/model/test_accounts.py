"""Accounts: the balances and margins last stated, by currency and instrument."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core.position_keeping import take
from nautilus_live.model.accounts import (
    Account,
    BettingAccount,
    CashAccount,
    MarginAccount,
    StandardMarginModel,
    account_from,
)
from nautilus_live.model.enums import AccountType, LiquiditySide, OrderSide, PositionSide, Provenance
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, PositionId
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Quantity
from nautilus_live.model.position import Position
from tests.core.conftest import (
    ACCOUNT,
    BTC,
    LINEAR,
    OTHER_SPOT,
    SPOT,
    STRATEGY,
    TRADER,
    USDT,
    make_fill,
    make_order,
    make_perpetual,
    money,
    px,
    qty,
)


def balance(total: str, locked: str = "0", currency: Currency = USDT) -> AccountBalance:
    """Return a balance of which `locked` is not free."""
    free = Decimal(total) - Decimal(locked)
    return AccountBalance(money(total, currency), money(locked, currency), money(free, currency))


def margin(initial: str, instrument: str = "", currency: Currency = USDT) -> MarginBalance:
    """Return a margin of which half is for maintenance."""
    return MarginBalance(money(initial, currency), money(Decimal(initial) / 2, currency), instrument)


def make_state(*balances: AccountBalance, margins: tuple[MarginBalance, ...] = (), **fields: Any) -> AccountState:
    """Return a state of a cash account."""
    settings: dict[str, Any] = {"event_id": "A-1", "account_id": ACCOUNT, "account_type": AccountType.CASH, **fields}
    return AccountState(ts_event=1, ts_init=2, balances=balances, margins=margins, **settings)


@pytest.mark.parametrize(
    ("account_type", "kind", "cash", "on_margin"),
    [
        (AccountType.CASH, CashAccount, True, False),
        (AccountType.MARGIN, MarginAccount, False, True),
        (AccountType.BETTING, BettingAccount, True, False),
    ],
)
def test_an_account_is_of_the_class_of_its_type(
    account_type: AccountType, kind: type[Account], cash: bool, on_margin: bool
) -> None:
    account = account_from(make_state(account_type=account_type))

    assert type(account) is kind
    assert (account.type, account.is_cash_account, account.is_margin_account) == (account_type, cash, on_margin)


def test_every_account_type_has_a_class() -> None:
    assert {type(account_from(make_state(account_type=kind))) for kind in AccountType} == {
        CashAccount,
        MarginAccount,
        BettingAccount,
    }


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
    assert account.margin_balances() == [margin("6", str(SPOT.id)), margin("9")]
    assert account.events == [first, make_state(balance("75")), second]
    assert account.last_event is second


def test_margins_are_kept_by_instrument_and_currency() -> None:
    own = (margin("5", str(SPOT.id)), margin("1", str(SPOT.id), BTC))
    margins = (*own, margin("7", str(OTHER_SPOT.id)), margin("9"))
    account = account_from(make_state(margins=margins, account_type=AccountType.MARGIN))

    assert isinstance(account, MarginAccount)
    assert account.margin(SPOT.id) == own[0]
    assert account.margins() == {SPOT.id: own[0], OTHER_SPOT.id: margin("7", str(OTHER_SPOT.id))}
    assert account.margins_init() == {SPOT.id: money("5"), OTHER_SPOT.id: money("7")}
    assert (account.margin_init(SPOT.id), account.margin_maint(SPOT.id)) == (money("5"), money("2.5"))
    assert account.margin_balances() == list(margins)
    assert account.margin(LINEAR.id) is None


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
    account.margin_balances().clear()
    account.balances_total().clear()
    account.starting_balances().clear()

    assert account.balance_total(USDT) == money("100")
    assert account.margin_balances() == [margin("5")]
    assert account.starting_balances() == {USDT: money("100")}


# -- states in any order -----------------------------------------------------------------------------------------------


def test_each_currency_is_as_the_newest_state_says_in_whatever_order_they_come() -> None:
    account = account_from(make_state(balance("100"), balance("1", currency=BTC)))
    late = AccountState(
        event_id="A-3", ts_event=30, ts_init=31, account_id=ACCOUNT, account_type=AccountType.CASH,
        balances=(balance("80"),),
    )  # fmt: skip
    early = AccountState(
        event_id="A-2", ts_event=20, ts_init=32, account_id=ACCOUNT, account_type=AccountType.CASH,
        balances=(balance("90"), balance("2", currency=BTC)),
    )  # fmt: skip

    assert account.apply(late)
    assert account.apply(early), "what it says of the other currency is new"
    assert not account.apply(structs.replace(early, balances=(balance("70"),)))
    assert (account.balance_total(USDT), account.balance_total(BTC)) == (money("80"), money("2", BTC))
    assert [state.event_id for state in account.events] == ["A-1", "A-2", "A-3"]
    assert account.last_event is late
    assert account.event_count == 3


@pytest.mark.parametrize("answer_first", [True, False])
def test_the_streams_word_stands_over_an_answer_of_the_same_time(answer_first: bool) -> None:
    changed = make_state(balance("90"), event_id="A-2", provenance=Provenance.STREAM)
    asked = make_state(balance("100"), balance("1", currency=BTC), event_id="A-3", provenance=Provenance.RESPONSE)

    account = account_from(asked if answer_first else changed)

    assert account.apply(changed if answer_first else asked), "either says what the other does not"
    assert (account.balance_total(USDT), account.balance_total(BTC)) == (money("90"), money("1", BTC))
    assert account.last_event is changed
    assert not account.apply(structs.replace(asked, balances=asked.balances[:1]))
    assert account.apply(structs.replace(changed, balances=(balance("80"),))), "the stream tells in order"
    assert account.balance_total(USDT) == money("80")


@pytest.mark.parametrize(
    ("total", "locked", "free"), [("100", "20", "-3"), ("-5", "0", "-5"), ("100", "20", "79.99"), ("0", "7", "0")]
)
def test_odd_balances_are_believed_as_they_are(total: str, locked: str, free: str) -> None:
    odd = AccountBalance(money(total), money(locked), money(free))
    account = account_from(make_state(odd))

    assert account.balance(USDT) == odd
    assert account.balances() == {USDT: odd}


def test_a_margin_that_is_gone_is_no_margin() -> None:
    account = account_from(make_state(margins=(margin("5", str(SPOT.id)),), account_type=AccountType.MARGIN))
    account.apply(make_state(margins=(margin("0", str(SPOT.id)),), account_type=AccountType.MARGIN))

    assert isinstance(account, MarginAccount)
    assert account.margins() == {}


def test_states_are_purged_but_for_the_last() -> None:
    account = account_from(make_state(balance("1")))
    account.apply(make_state(balance("2")))
    account.purge_account_events(ts_now=10_000_000_000, lookback_secs=10)

    assert account.event_count == 2, "they are not older than ten seconds"
    account.purge_account_events(ts_now=10_000_000_000, lookback_secs=1)
    assert account.event_count == 1
    assert account.starting_balances() == {USDT: money("1")}


# -- reservations ------------------------------------------------------------------------------------------------------


def test_the_greater_of_what_the_venue_and_we_lock_is_locked() -> None:
    account = account_from(make_state(balance("100", "30"), balance("2", currency=BTC)))
    account.update_balance_locked(SPOT.id, money("20"))
    assert account.balance_free(USDT) == money("70"), "the venue knows of more"
    account.update_balance_locked(OTHER_SPOT.id, money("25"))
    assert (account.balance_locked(USDT), account.balance_free(USDT)) == (money("45"), money("55"))

    account.apply(make_state(balance("90")))
    assert account.balances_free() == {USDT: money("45"), BTC: money("2", BTC)}, "a snapshot drops no reservation"
    account.update_balance_locked(SPOT.id, money("1000"))
    assert account.balance_free(USDT) == money("0"), "no more than there is can be locked"
    account.clear_balance_locked(SPOT.id)
    account.update_balance_locked(OTHER_SPOT.id, money("0"))
    assert account.balances_locked() == {USDT: money("0"), BTC: money("0", BTC)}


def test_a_negative_reservation_is_refused() -> None:
    account = account_from(make_state(balance("100")))
    with pytest.raises(ValueError, match="must not be negative, was -1"):
        account.update_balance_locked(SPOT.id, money("-1"))


def test_commissions_are_those_of_positions_and_those_beside_them() -> None:
    account = account_from(make_state(balance("100")))
    account.update_commissions(money("1"))
    account.update_commissions(money("0.5"))
    account.paid = lambda: {USDT: Decimal(2), BTC: Decimal("0.1")}

    assert account.commissions() == {USDT: money("3.5"), BTC: money("0.1", BTC)}
    assert account.commission(USDT) == money("3.5")
    assert account.commission(BTC) == money("0.1", BTC)


# -- what trading does -------------------------------------------------------------------------------------------------


def cash() -> CashAccount:
    account = account_from(make_state(balance("100")))
    assert isinstance(account, CashAccount)
    return account


def on_margin() -> MarginAccount:
    account = account_from(make_state(balance("100"), account_type=AccountType.MARGIN))
    assert isinstance(account, MarginAccount)
    return account


def betting() -> BettingAccount:
    account = account_from(make_state(balance("100"), account_type=AccountType.BETTING))
    assert isinstance(account, BettingAccount)
    return account


def test_a_cash_order_locks_what_it_gives_away() -> None:
    lock = cash().calculate_balance_locked

    assert lock(SPOT, OrderSide.BUY, qty("2"), px("50000")) == money("100000")
    assert lock(SPOT, OrderSide.SELL, qty("2"), px("50000")) == money("2", BTC)


def test_a_bet_locks_what_can_be_lost() -> None:
    lock = betting().calculate_balance_locked

    assert lock(SPOT, OrderSide.BUY, qty("10"), px("1.5")) == money("5")
    assert lock(SPOT, OrderSide.SELL, qty("10"), px("1.5")) == money("10")
    assert betting().balance_impact(SPOT, qty("10"), px("1.5"), OrderSide.BUY) == money("-7.5")
    assert betting().balance_impact(SPOT, qty("10"), px("1.5"), OrderSide.SELL) == money("-15")
    with pytest.raises(ValueError, match="use_quote_for_inverse must not be set for bets"):
        lock(SPOT, OrderSide.BUY, qty("10"), px("1.5"), use_quote_for_inverse=True)


def test_leverage_is_set_by_instrument_or_for_all() -> None:
    account = on_margin()
    account.set_default_leverage(Decimal(5))
    account.set_leverage(LINEAR.id, Decimal(20))

    assert [account.leverage(one.id) for one in (LINEAR, SPOT)] == [20, 5]
    assert account.leverages() == {LINEAR.id: 20}
    assert not account.is_unleveraged(SPOT.id)
    assert on_margin().is_unleveraged(SPOT.id)
    with pytest.raises(ValueError, match="a leverage must be at least 1, was 0"):
        account.set_leverage(SPOT.id, Decimal(0))


def test_margins_follow_the_model() -> None:
    perpetual = make_perpetual(margin_init=Decimal("0.1"), margin_maint=Decimal("0.05"))
    account = on_margin()
    account.set_leverage(perpetual.id, Decimal(4))

    assert account.calculate_margin_init(perpetual, qty("2"), px("100")) == money("5")
    assert account.calculate_margin_maint(perpetual, PositionSide.LONG, qty("2"), px("100")) == money("2.5")
    assert account.calculate_margin_maint(perpetual, PositionSide.FLAT, qty("2"), px("100")) == money("0")
    account.set_margin_model(StandardMarginModel())
    assert account.calculate_margin_init(perpetual, qty("2"), px("100")) == money("20")
    assert account.balance_impact(perpetual, qty("2"), px("100"), OrderSide.BUY) == money("-50")


def test_commissions_of_inverse_and_quanto_contracts_are_in_what_they_settle_in() -> None:
    fees: dict[str, Any] = {"maker_fee": Decimal("-0.001"), "taker_fee": Decimal("0.002")}
    inverse = make_perpetual(inverse=True, size_precision=0, size_increment=Quantity.from_int(1), **fees)
    quanto = make_perpetual(settlement=BTC, quote_currency=Currency.from_str("USD"), base_currency=USDT, **fees)
    commission = on_margin().calculate_commission

    assert commission(inverse, qty("1000"), px("500"), LiquiditySide.TAKER) == money("0.004", BTC)
    assert commission(inverse, qty("1000"), px("500"), LiquiditySide.TAKER, use_quote_for_inverse=True) == Money(
        Decimal(2), inverse.quote_currency
    )
    assert commission(quanto, qty("1"), px("500"), LiquiditySide.MAKER) == money("-0.5", BTC)
    with pytest.raises(ValueError, match="needs the side of liquidity, was NO_LIQUIDITY_SIDE"):
        commission(quanto, qty("1"), px("500"), LiquiditySide.NO_LIQUIDITY_SIDE)


def test_a_cash_fill_exchanges_and_a_margin_fill_realises() -> None:
    buy = make_fill(make_order("O-1", "BUY", "2.000"), "2.000", "100.00")
    sell = make_fill(make_order("O-2", "SELL", "3.000"), "3.000", "110.00")
    position = Position(LINEAR, PositionId("P"), STRATEGY, TRADER, ACCOUNT)
    assert on_margin().calculate_pnls(LINEAR, buy, position) == []
    list(take(position, buy))

    assert cash().calculate_pnls(SPOT, buy) == [money("2", BTC), money("-200")]
    assert cash().calculate_pnls(SPOT, sell) == [money("-3", BTC), money("330")]
    assert on_margin().calculate_pnls(LINEAR, sell, position) == [money("20")]
    assert on_margin().calculate_pnls(LINEAR, buy, position) == []
