"""Synthetic instruments: what a formula may say, and the price it makes."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.model.instruments.formula import compile_formula

D = Decimal
IDS = [InstrumentId.from_str("BTC-USDT.SIM"), InstrumentId.from_str("ETH/USD.SIM")]


def make(formula: str, precision: int = 4) -> SyntheticInstrument:
    return SyntheticInstrument(symbol=Symbol("MIX"), price_precision=precision, components=IDS, formula=formula)


def value(formula: str) -> Decimal:
    return compile_formula(formula, ("a", "b"))([D(6), D(4)])


def test_it_is_at_the_venue_for_synthetic_instruments() -> None:
    made = make("(BTC-USDT.SIM + ETH/USD.SIM) / 2")

    assert (str(made.id), made.venue, str(made.price_increment)) == ("MIX.SYNTH", Venue("SYNTH"), "0.0001")
    assert str(made.calculate([1, 2.5])) == "1.7500"


def test_ids_may_be_written_with_underscores() -> None:
    assert str(make("BTC_USDT.SIM - ETH/USD.SIM", 0).calculate([D(10), D(3)])) == "7"


def test_the_formula_can_be_changed_but_not_for_nonsense() -> None:
    made = make("BTC-USDT.SIM")
    made.change_formula("BTC-USDT.SIM * 2")
    with pytest.raises(ValueError, match="must be a number, a component or one of"):
        made.change_formula("BTC-USDT.SIM + nobody")

    assert made.formula == "BTC-USDT.SIM * 2"
    assert made.calculate([3, 0]) == 6


def test_it_survives_being_stored() -> None:
    made = make("min(BTC-USDT.SIM, ETH/USD.SIM)")
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=SyntheticInstrument)

    assert read == made
    assert read.calculate([3, 2]) == 2


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a + b * 2", "14"),
        ("(a + b) * 2", "20"),
        ("a - b - 1", "1"),
        ("a / b / 2", "0.75"),
        ("2 ^ 3 ^ 2", "512"),
        ("-a + +b", "-2"),
        ("-2 ^ 2", "4"),
        ("a % b", "2"),
        ("1.5e1 + .5", "15.5"),
        ("max(a, b, 9) - min(a, b)", "5"),
        ("abs(b - a) + floor(1.7) + ceil(1.2) + round(2.5)", "7"),
        ("sqrt(b) + log10(100) + ln(exp(1)) - 1", "4"),
    ],
)
def test_formulas_follow_the_rules_of_arithmetic(formula: str, wanted: str) -> None:
    assert abs(value(formula) - D(wanted)) < D("1e-20")


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ("", "must be a number, a component or one of"),
        ("a +", "must be a number, a component or one of"),
        ("(a", "must have ')' here, was its end"),
        ("a b", "must end here, was b"),
        ("a)", "must end here, was )"),
        ("sqrt(a, b)", "must give sqrt 1 argument(s), were 2"),
        ("sqrt a", "must have '(' here, was a"),
        ("ab", "must be a number, a component or one of"),
        ("__import__('os')", "must be a number, a component or one of"),
        ("(" * 200 + "a" + ")" * 200, "must not be nested deeper than 50 brackets"),
    ],
)
def test_what_is_no_formula_is_refused(formula: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        value(formula)

    assert problem in str(caught.value)


@pytest.mark.parametrize("formula", ["a / (b - b)", "sqrt(-a)", "ln(0)", "10 ^ 10 ^ 10"])
def test_where_there_is_no_value_it_says_so(formula: str) -> None:
    with pytest.raises(ValueError, match="must have a value, had none for a = 6, b = 4"):
        value(formula)


def test_prices_and_components_must_be_as_many() -> None:
    with pytest.raises(ValueError, match=r"MIX\.SYNTH: there must be 2 prices, were 1"):
        make("BTC-USDT.SIM").calculate([1])
    with pytest.raises(ValueError, match=r"MIX\.SYNTH: there must be two components at least, were 1"):
        SyntheticInstrument(symbol=Symbol("MIX"), price_precision=2, components=IDS[:1], formula="BTC-USDT.SIM")


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_sums_and_products_are_exact(first: int, second: int, third: int) -> None:
    made = compile_formula("a * b + c - a", ("a", "b", "c"))

    assert made([D(first), D(second), D(third)]) == first * second + third - first
