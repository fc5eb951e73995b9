"""The value of a European option and how it moves: Black-Scholes-Merton with a cost of carry, and its inverse.

Floats in, floats out: a volatility is an estimate and no money, so that nothing here has to be exact to a last decimal.
(What is: prices, quantities and profits, which never pass through here.) Formulas: E. G. Haug, The Complete Guide to
Option Pricing Formulas (2nd edition), 1.1.6 and chapter 2. With a cost of carry `b` they are Black-Scholes (b = r),
Merton with a dividend yield q (b = r - q), Black 76 on futures (b = 0), Garman-Kohlhagen on currencies (b = r - r_f).
American options count as European ones.

Units: rates and volatilities are per year (0.05 is 5 %), times are years. Vega is per percentage point of volatility,
theta per calendar day, of which a year has 365.25; delta and gamma are per unit of the underlying's price.

Promises: no NaN and no infinity comes out of numbers that are finite. At no volatility, or no time left, values are the
limits: what the forward says, and of what lies exactly at the money half a delta, no gamma and no vega.
"""

from __future__ import annotations

from math import erfc, exp, isfinite, log, pi, sqrt
from typing import NamedTuple

DAYS_PER_YEAR = 365.25
ITERATIONS_MAX = 200
TOLERANCE = 1e-13
"""How far, as a part of itself, the last step of a volatility may have been."""
DEVIATION_MIN, DEVIATION_MAX = 1e-12, 1e4
"""Of the logarithm of the final price: less is none, and more cannot be told from what is infinite."""
ROUNDING = 1e-12
"""How large, as a part of the prices, a time value may be that is none."""


class BlackScholesGreeksResult(NamedTuple):
    """The value of one option, the volatility that it is for, and its sensitivities."""

    price: float
    vol: float
    delta: float
    gamma: float
    vega: float
    theta: float
    itm_prob: float
    """How likely the option ends in the money, as the market prices it (risk-neutral)."""


ImplyVolAndGreeksResult = BlackScholesGreeksResult


class _Terms(NamedTuple):
    """What of an option does not depend on the volatility: its side, and both legs at their value of today."""

    side: float
    spot: float
    strike: float
    log_moneyness: float

    def price(self, deviation: float) -> float:
        """Return the value at a standard deviation of the logarithm of the final price, which is not 0."""
        d1 = self.log_moneyness / deviation + deviation / 2
        return self.side * (
            self.spot * _cumulated(self.side * d1) - self.strike * _cumulated(self.side * (d1 - deviation))
        )


def black_scholes_greeks(
    s: float, r: float, b: float, vol: float, is_call: bool, k: float, t: float, multiplier: float = 1.0
) -> BlackScholesGreeksResult:
    """Return value and greeks of an option.

    Args:
        s: the price of the underlying.
        r: the interest rate, continuously compounded.
        b: the cost of carry: `r` less what holding the underlying pays; 0 for a future.
        vol: the volatility.
        is_call: a call, or a put.
        k: the strike price.
        t: years left.
        multiplier: how many units of the underlying one option is for.

    Raises:
        ValueError: if a price is not positive, or volatility or time are negative.

    """
    terms = _terms(s, r, b, is_call, k, t)
    if not 0 <= vol < float("inf"):
        raise ValueError(f"a volatility must be finite and >= 0, was {vol}")
    side, spot, strike = terms.side, terms.spot, terms.strike
    deviation = vol * sqrt(t)
    decay = 0.0
    if deviation > DEVIATION_MIN:
        d1 = terms.log_moneyness / deviation + deviation / 2
        ends, held = _cumulated(side * (d1 - deviation)), _cumulated(side * d1)
        slope = spot * exp(-d1 * d1 / 2) / sqrt(2 * pi)
        gamma, vega = slope / (s * s * deviation), slope * sqrt(t)
        decay = slope * vol / (2 * sqrt(t))
    else:
        lead = side * terms.log_moneyness
        held = ends = 1.0 if lead > 0 else 0.5 if lead == 0 else 0.0
        gamma = vega = 0.0
    theta = -decay - side * ((b - r) * spot * held + r * strike * ends)
    return BlackScholesGreeksResult(
        price=multiplier * side * (spot * held - strike * ends) + 0.0,  # of nothing, not less than it
        vol=vol,
        delta=multiplier * side * held * spot / s,
        gamma=multiplier * gamma,
        vega=multiplier * vega / 100,
        theta=multiplier * theta / DAYS_PER_YEAR,
        itm_prob=ends,
    )


def imply_vol(s: float, r: float, b: float, is_call: bool, k: float, t: float, price: float) -> float:
    """Return the volatility at which an option is worth `price`; 0 if it is worth no more than without any.

    Raises:
        ValueError: if no volatility makes it worth so much, or an argument makes no sense.

    """
    terms = _terms(s, r, b, is_call, k, t)
    # An option out of the money has the same time value and better figures: its price is nothing else.
    if terms.side * terms.log_moneyness > 0:
        price -= terms.side * (terms.spot - terms.strike)
        terms = terms._replace(side=-terms.side)
    if t == 0:
        if price > ROUNDING * (s + k):
            raise ValueError(f"with no time left an option must have no time value, was {price}")
        return 0.0
    return _implied(terms, price, sqrt(2 * abs(terms.log_moneyness))) / sqrt(t)


def imply_vol_and_greeks(
    s: float, r: float, b: float, is_call: bool, k: float, t: float, price: float, multiplier: float = 1.0
) -> BlackScholesGreeksResult:
    """Return the greeks at the volatility that `price` (of one unit of the underlying) implies.

    Raises:
        ValueError: as `imply_vol`.

    """
    return black_scholes_greeks(s, r, b, imply_vol(s, r, b, is_call, k, t, price), is_call, k, t, multiplier)


def refine_vol_and_greeks(
    s: float, r: float, b: float, is_call: bool, k: float, t: float, target_price: float, initial_vol: float
) -> BlackScholesGreeksResult:
    """Return the same as `imply_vol_and_greeks`, for who has a volatility from before.

    The search takes a handful of steps from anywhere, and the answer must not depend on where it began: `initial_vol`
    is checked, and is no more than that.

    Raises:
        ValueError: as `imply_vol`.

    """
    if not initial_vol >= 0:
        raise ValueError(f"a volatility must be >= 0, was {initial_vol}")
    return imply_vol_and_greeks(s, r, b, is_call, k, t, target_price)


def _terms(s: float, r: float, b: float, is_call: bool, k: float, t: float) -> _Terms:
    if not (0 < s < float("inf") and 0 < k < float("inf")):
        raise ValueError(f"prices of underlying and strike must be positive, was {s} and {k}")
    if not 0 <= t < float("inf"):
        raise ValueError(f"the time left must be >= 0 years, was {t}")
    if not (isfinite(r) and isfinite(b)):
        raise ValueError(f"interest and cost of carry must be finite, was {r} and {b}")
    return _Terms(1.0 if is_call else -1.0, s * exp((b - r) * t), k * exp(-r * t), log(s / k) + b * t)


def _implied(terms: _Terms, price: float, start: float) -> float:
    """Return the standard deviation at which an option out of (or at) the money is worth `price`.

    Newton's steps begin at the inflection, where the value rises most steeply (Manaster and Koehler, 1982); below it
    they are taken in the logarithm of the value, which is flat where the value itself is all but zero. Where one leaves
    the interval that is known to hold the answer, its middle is taken instead.
    """
    bound = terms.spot if terms.side > 0 else terms.strike
    if not price < bound:
        raise ValueError(f"no volatility makes an option worth so much: its time value must be < {bound}, was {price}")
    if price <= 0:
        return 0.0
    low, high = 0.0, DEVIATION_MAX
    guess = start or price * sqrt(2 * pi) / terms.spot
    for _ in range(ITERATIONS_MAX):
        value = terms.price(guess)
        if value == price:
            break
        low, high = (guess, high) if value < price else (low, guess)
        d1 = terms.log_moneyness / guess + guess / 2
        slope = terms.spot * exp(-d1 * d1 / 2) / sqrt(2 * pi)
        off = value - price if value > price / 2 and guess >= start else value * log(value / price) if value > 0 else 0
        stepped = guess - off / slope if slope > 0 and value > 0 else high
        before, guess = guess, stepped if low < stepped < high else (low + high) / 2
        if abs(guess - before) <= TOLERANCE * guess:
            break
    return guess


def _cumulated(x: float) -> float:
    """Return the standard normal distribution's probability of at most `x`, exact far out, too."""
    return erfc(-x / sqrt(2)) / 2
