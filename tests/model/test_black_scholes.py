"""Values and greeks of options: against books, against each other, and at their edges.

Sources: J. C. Hull, Options, Futures, and Other Derivatives (9th edition); E. G. Haug, The Complete Guide to Option
Pricing Formulas (2nd edition), chapter 1; and `statistics.NormalDist` for a formula written anew.
"""

from __future__ import annotations

from math import exp, isfinite, log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nautilus_live.model.black_scholes import (
    black_scholes_greeks,
    imply_vol,
    imply_vol_and_greeks,
    refine_vol_and_greeks,
)

NORMAL = NormalDist()
DAYS = 365.25


@pytest.mark.parametrize(
    ("terms", "price"),
    [
        ((42, 0.10, 0.10, 0.20, True, 40, 0.5), 4.76),  # Hull, example 15.6
        ((42, 0.10, 0.10, 0.20, False, 40, 0.5), 0.81),
        ((930, 0.08, 0.05, 0.20, True, 900, 2 / 12), 51.83),  # Hull, example 17.1: an index that pays 3 %
        ((20, 0.09, 0.00, 0.25, False, 20, 4 / 12), 1.12),  # Hull, example 18.6: a future
        ((60, 0.08, 0.08, 0.30, True, 65, 0.25), 2.1334),  # Haug, 1.1.1
        ((100, 0.10, 0.05, 0.20, False, 95, 0.5), 2.4648),  # Haug, 1.1.2: a share that pays 5 %
        ((19, 0.10, 0.00, 0.28, True, 19, 0.75), 1.7011),  # Haug, 1.1.3: a future, where both cost the same
        ((19, 0.10, 0.00, 0.28, False, 19, 0.75), 1.7011),
        ((1.56, 0.06, -0.02, 0.12, True, 1.60, 0.5), 0.0291),  # Haug, 1.1.5: a currency
    ],
)
def test_values_are_those_of_the_books(
    terms: tuple[float, float, float, float, bool, float, float], price: float
) -> None:
    places = len(str(price).partition(".")[2])

    assert round(black_scholes_greeks(*terms).price, places) == price


def test_greeks_are_those_of_the_book() -> None:
    """Hull, chapter 19: a call on a share, per year and per unit of volatility there, per day and point here."""
    found = black_scholes_greeks(49, 0.05, 0.05, 0.20, True, 50, 0.3846)

    assert round(found.price, 2) == 2.40
    assert (round(found.delta, 3), round(found.gamma, 3)) == (0.522, 0.066)
    assert (round(found.vega * 100, 1), round(found.theta * DAYS, 2)) == (12.1, -4.31)


@pytest.mark.parametrize(
    ("terms", "vol"),
    [
        ((21, 0.10, 0.10, True, 20, 0.25, 1.875), 0.235),  # Hull, 15.11
        ((1.60, 0.08, -0.03, True, 1.60, 4 / 12, 0.043), 0.141),  # Hull, example 17.2: a currency
    ],
)
def test_implied_volatilities_are_those_of_the_book(
    terms: tuple[float, float, float, bool, float, float, float], vol: float
) -> None:
    assert round(imply_vol(*terms), 3) == vol


moneyness = st.floats(-0.7, 0.7)
rates = st.floats(-0.05, 0.15)
vols = st.floats(0.05, 1.5)
times = st.floats(0.01, 3.0)


@given(moneyness, rates, rates, vols, times, st.booleans())
def test_a_formula_written_anew_agrees(far: float, r: float, b: float, vol: float, t: float, is_call: bool) -> None:
    s, k = 100.0, 100.0 * exp(far)
    d1 = (log(s / k) + (b + vol * vol / 2) * t) / (vol * sqrt(t))
    call = s * exp((b - r) * t) * NORMAL.cdf(d1) - k * exp(-r * t) * NORMAL.cdf(d1 - vol * sqrt(t))
    value = call if is_call else call - s * exp((b - r) * t) + k * exp(-r * t)

    assert black_scholes_greeks(s, r, b, vol, is_call, k, t).price == pytest.approx(value, abs=1e-9)


@given(moneyness, rates, rates, vols, times)
def test_a_call_less_a_put_is_the_forward(far: float, r: float, b: float, vol: float, t: float) -> None:
    s, k = 100.0, 100.0 * exp(far)
    call, put = (black_scholes_greeks(s, r, b, vol, is_call, k, t) for is_call in (True, False))

    assert call.price - put.price == pytest.approx(s * exp((b - r) * t) - k * exp(-r * t), abs=1e-9)
    assert call.delta - put.delta == pytest.approx(exp((b - r) * t), abs=1e-12)
    assert (call.gamma, call.vega) == pytest.approx((put.gamma, put.vega))
    assert call.itm_prob + put.itm_prob == pytest.approx(1.0)


@given(moneyness, rates, rates, st.floats(0.1, 1.0), st.floats(0.1, 2.0), st.booleans())
def test_greeks_are_the_slopes_of_the_value(
    far: float, r: float, b: float, vol: float, t: float, is_call: bool
) -> None:
    s, k, step = 100.0, 100.0 * exp(far), 1e-3

    def value(*, s: float = s, vol: float = vol, t: float = t) -> float:
        return black_scholes_greeks(s, r, b, vol, is_call, k, t).price

    found = black_scholes_greeks(s, r, b, vol, is_call, k, t)
    up, down = value(s=s + step), value(s=s - step)
    assert found.delta == pytest.approx((up - down) / (2 * step), abs=1e-6)
    assert found.gamma == pytest.approx((up - 2 * found.price + down) / step**2, abs=1e-5)
    tiny = 1e-5
    assert found.vega * 100 == pytest.approx((value(vol=vol + tiny) - value(vol=vol - tiny)) / (2 * tiny), abs=1e-5)
    assert found.theta * DAYS == pytest.approx((value(t=t - tiny) - value(t=t + tiny)) / (2 * tiny), abs=1e-5)


@given(st.floats(-1.5, 1.5), rates, rates, st.floats(0.01, 3.0), st.floats(1 / DAYS, 5.0), st.booleans())
def test_a_volatility_is_found_from_its_own_value(
    far: float, r: float, b: float, vol: float, t: float, is_call: bool
) -> None:
    s, k = 100.0, 100.0 * exp(far)
    known = black_scholes_greeks(s, r, b, vol, is_call, k, t)
    assume(known.vega > 1e-7)  # elsewhere the value does not depend on it, as far as floats can tell

    found = imply_vol_and_greeks(s, r, b, is_call, k, t, known.price)

    told = 4e-16 * max(s, k) / (100 * known.vega)  # what a value's last digit says of the volatility
    assert found.vol == pytest.approx(vol, rel=1e-10, abs=100 * told)
    assert found.price == pytest.approx(known.price, rel=1e-12, abs=1e-12)
    assert refine_vol_and_greeks(s, r, b, is_call, k, t, known.price, 0.2) == found


@given(
    st.floats(1e-3, 1e6), st.floats(1e-3, 1e6), rates, rates, st.floats(0.0, 50.0), st.floats(0.0, 30.0), st.booleans()
)
def test_numbers_stay_numbers(s: float, k: float, r: float, b: float, vol: float, t: float, is_call: bool) -> None:
    found = black_scholes_greeks(s, r, b, vol, is_call, k, t)

    assert all(map(isfinite, found))
    assert found.price >= -1e-9 * (s + k)
    assert 0.0 <= found.itm_prob <= 1.0


@pytest.mark.parametrize(
    ("s", "is_call", "price", "delta", "itm_prob"),
    [
        (110, True, 10.0, 1.0, 1.0),
        (110, False, 0.0, 0.0, 0.0),
        (100, True, 0.0, 0.5, 0.5),
        (100, False, 0.0, -0.5, 0.5),
        (90, False, 10.0, -1.0, 1.0),
    ],
)
@pytest.mark.parametrize(("vol", "t"), [(0.2, 0.0), (0.0, 0.0)])
def test_at_the_end_an_option_is_worth_what_it_pays(  # and the last half of a delta is a coin in the air
    s: float, is_call: bool, price: float, delta: float, itm_prob: float, vol: float, t: float
) -> None:
    found = black_scholes_greeks(s, 0.0, 0.0, vol, is_call, 100, t)

    assert (found.price, found.delta, found.itm_prob) == (price, delta, itm_prob)
    assert (found.gamma, found.vega) == (0.0, 0.0)


def test_without_volatility_the_forward_decides() -> None:
    found = black_scholes_greeks(100, 0.05, 0.05, 0.0, True, 90, 1.0)

    assert found.price == pytest.approx(100 - 90 * exp(-0.05))
    assert (found.delta, found.theta * DAYS) == pytest.approx((1.0, -0.05 * 90 * exp(-0.05)))


def test_numbers_are_per_unit_unless_a_contract_is_for_more() -> None:
    one = black_scholes_greeks(100, 0.05, 0.05, 0.2, True, 100, 1.0)
    fifty = black_scholes_greeks(100, 0.05, 0.05, 0.2, True, 100, 1.0, 50)

    assert [fifty.price, fifty.delta, fifty.gamma] == pytest.approx([50 * one.price, 50 * one.delta, 50 * one.gamma])
    assert [fifty.vega, fifty.theta] == pytest.approx([50 * one.vega, 50 * one.theta])
    assert (fifty.vol, fifty.itm_prob) == (one.vol, one.itm_prob)


@pytest.mark.parametrize("price", [0.0, -1.0, 9.0, 10.0])
def test_what_costs_no_more_than_without_volatility_has_none(price: float) -> None:
    assert imply_vol(110, 0.0, 0.0, True, 100, 1.0, price) == 0.0
    assert imply_vol_and_greeks(110, 0.0, 0.0, True, 100, 1.0, price).delta == 1.0


def test_with_no_time_left_there_is_no_volatility_to_be_found() -> None:
    assert imply_vol(110, 0.0, 0.0, True, 100, 0.0, 10.0) == 0.0
    with pytest.raises(ValueError, match=r"with no time left an option must have no time value, was 1\.0"):
        imply_vol(110, 0.0, 0.0, True, 100, 0.0, 11.0)


@pytest.mark.parametrize(("is_call", "price"), [(True, 100.0), (True, 150.0), (False, 90.0), (False, float("nan"))])
def test_no_volatility_makes_an_option_worth_more_than_what_it_is_for(is_call: bool, price: float) -> None:
    with pytest.raises(ValueError, match="no volatility makes an option worth so much: its time value must be < "):
        imply_vol(100, 0.0, 0.0, is_call, 90, 1.0, price)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"s": 0.0}, "prices of underlying and strike must be positive, was 0.0 and 90"),
        ({"k": float("nan")}, "prices of underlying and strike must be positive, was 100 and nan"),
        ({"vol": -0.1}, "a volatility must be finite and >= 0, was -0.1"),
        ({"vol": float("inf")}, "a volatility must be finite and >= 0, was inf"),
        ({"t": -1.0}, "the time left must be >= 0 years, was -1.0"),
        ({"r": float("nan")}, "interest and cost of carry must be finite, was nan and 0.0"),
    ],
)
def test_arguments_that_make_no_sense_are_told(changed: dict[str, float], told: str) -> None:
    terms = {"s": 100, "r": 0.0, "b": 0.0, "vol": 0.2, "is_call": True, "k": 90, "t": 1.0, **changed}
    with pytest.raises(ValueError, match=told):
        black_scholes_greeks(**terms)  # type: ignore[arg-type]  # a table of arguments


def test_a_guess_must_be_a_volatility() -> None:
    with pytest.raises(ValueError, match="a volatility must be >= 0, was -1"):
        refine_vol_and_greeks(100, 0.0, 0.0, True, 90, 1.0, 12.0, -1.0)
