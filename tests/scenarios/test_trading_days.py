"""A few dozen random trading days: every number the node has is what the venue's raw fills come to.

`tests/benchmarks/trading_days.py` plays thousands.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from nautilus_live.model.instruments import Instrument
from tests.oracles.play_days import BETS, KINDS, TradingDay
from tests.oracles.trading_day import Contract, Day, Holding, RawFill, rounded

DAYS = 24
SEEDS = range(5_006, 5_006 + DAYS)


@pytest.mark.parametrize("seed", SEEDS)
def test_positions_profits_and_balances_are_what_the_fills_come_to(seed: int) -> None:
    day = TradingDay(seed)

    assert day.play() == [], day


@pytest.mark.parametrize("seed", range(6_000, 6_006))
def test_the_whole_profit_is_right_though_reports_of_fills_get_lost(seed: int) -> None:
    day = TradingDay(seed, loses=True)

    assert day.play() == [], day


@pytest.mark.parametrize("seed", [*range(7_000, 7_010), 50_122])  # the last: a leg's liquidation is taken back whole
def test_sums_are_right_though_others_trade_on_the_account_and_trades_are_taken_back(seed: int) -> None:
    day = TradingDay(seed, crowded=True)

    assert day.play() == [], day


@pytest.mark.parametrize("seed", range(8_000, 8_008))
@pytest.mark.parametrize("way", ["", "loses", "crowded"])
def test_bets_are_paid_what_the_fills_come_to_when_the_race_is_over(seed: int, way: str) -> None:
    day = TradingDay(seed, loses=way == "loses", crowded=way == "crowded", kind=BETS)

    assert day.play() == [], day
    assert day.fill_count


def test_the_days_here_are_of_every_kind_and_fees_of_every_currency() -> None:
    days = [TradingDay(seed) for seed in SEEDS]

    assert {day.kind for day in days} == set(KINDS)
    assert {day.settings["fee_currency"] for day in days} == {"quote", "base", "received", "third"}
    assert {day.settings["oms_type"] for day in days} == {"NETTING", "HEDGING"}
    assert {len(day.accounts) for day in days} == {1, 2}
    assert {day.breaks for day in days} == {None, "crash", "stop"}


def test_a_wrong_average_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def arithmetic(_: Instrument, size: object, average: object, quantity: object, price: object) -> object:
        return (size * average + quantity * price) / (size + quantity)  # type: ignore[operator]  # four decimals

    monkeypatch.setattr(Instrument, "average", arithmetic)
    seen = [difference for seed in _inverse_seeds() for difference in TradingDay(seed).play()]

    assert any("average" in difference for difference in seen)


def _inverse_seeds() -> Iterator[int]:
    yield from [seed for seed in SEEDS if TradingDay(seed).kind == "inverse"][:4]


# -- the oracle itself, against sums that anybody can do ---------------------------------------------------------------

LINEAR = Contract("X", "BTC", "USD", "USD", Fraction(1), inverse=False, cash=False)
INVERSE = Contract("X", "BTC", "USD", "BTC", Fraction(1), inverse=True, cash=False)
SPOT = Contract("X", "BTC", "USD", "USD", Fraction(1), inverse=False, cash=True)


BET = Contract("X", "", "GBP", "GBP", Fraction(1), inverse=False, cash=False, bets=True)


def fill(contract: Contract, quantity: int, price: int, fee: str = "0", currency: str = "USD") -> RawFill:
    return RawFill(contract, "me", "", Fraction(quantity), Fraction(price), Fraction(fee), currency)


def test_the_oracle_turns_a_position_around() -> None:
    held = Holding(LINEAR)
    assert [held.take(one) for one in (fill(LINEAR, 2, 100), fill(LINEAR, 2, 200), fill(LINEAR, -5, 180, "3"))] == [
        0, 0, 120,
    ]  # fmt: skip
    assert [held.quantity, held.average, held.realised, held.unrealised(Fraction(170))] == [-1, 180, 117, 10]


@pytest.mark.parametrize(("won", "balance"), [(True, 160), (False, 90)])
def test_the_oracle_pays_who_was_right(won: bool, balance: int) -> None:
    day = Day({"GBP": 2}, {"GBP": Fraction(100)})

    day.play([fill(BET, -20, 5, "0", "GBP"), fill(BET, 10, 3, "0", "GBP")])
    assert day.balances["GBP"] == 60
    day.decide(BET, won)

    assert day.balances["GBP"] == balance


def test_the_oracle_counts_inverse_contracts_in_the_base_currency() -> None:
    held = Holding(INVERSE)
    held.take(fill(INVERSE, 100, 50))
    held.take(fill(INVERSE, 100, 25))
    assert held.average == Fraction(100, 3)
    assert held.take(fill(INVERSE, -200, 40)) == 1


def test_the_oracle_exchanges_currencies_on_cash() -> None:
    day = Day({"BTC": 8, "USD": 2}, {"USD": Fraction(1000)})
    day.play([fill(SPOT, 2, 100, "0.002", "BTC"), fill(SPOT, -1, 130, "1")])
    day.pay("USD", Fraction(-5))
    assert day.balances == {"USD": 924, "BTC": Fraction("0.998")}
    assert [day.net("X"), day.realised("X"), day.unrealised("X", Fraction(90))] == [1, 29, -10]


@pytest.mark.parametrize(("amount", "told"), [("0.125", "0.12"), ("0.135", "0.14"), ("-0.125", "-0.12"), ("7", "7")])
def test_the_oracle_rounds_half_to_even(amount: str, told: str) -> None:
    assert rounded(Fraction(amount), 2) == Fraction(told)
