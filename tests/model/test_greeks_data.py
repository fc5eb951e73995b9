"""Greeks and curves as data: forms, sums, and what lies between the points of a curve."""

from __future__ import annotations

from struct import pack
from typing import Any

import pytest

from nautilus_live.model.greeks_data import GreeksData, PortfolioGreeks, YieldCurveData
from nautilus_live.model.identifiers import InstrumentId

CALL = InstrumentId.from_str("AAPL C190.XNAS")
CURVE = YieldCurveData(0, 0, "USD", (0.1, 0.5, 1.0, 2.0, 3.0, 5.0), (0.05, 0.045, 0.04, 0.042, 0.05, 0.045))


def greeks(**changed: Any) -> GreeksData:
    numbers = {"multiplier": 100.0, "pnl": 1.0, "price": 6.0, "delta": 0.5, "gamma": 0.01, "vega": 0.2, "theta": -0.05}
    return GreeksData(5, 6, CALL, quantity=1.0, **{**numbers, **changed})


def test_greeks_are_shown_in_two_digits() -> None:
    assert repr(greeks(expiry=20240621, vol=0.2044, itm_prob=0.6398)) == (
        "GreeksData(instrument_id=AAPL C190.XNAS, expiry=20240621, itm_prob=63.98%, vol=20.44%, pnl=1.00, price=6.00,"
        " delta=0.50, gamma=0.01, vega=0.20, theta=-0.05, quantity=1.0, ts_init=1970-01-01T00:00:00.000000006Z)"
    )
    assert str(PortfolioGreeks(1, 2, pnl=-1234.5)) == (
        "PortfolioGreeks(pnl=-1,234.50, price=0.00, delta=0.00, gamma=0.00, vega=0.00, theta=0.00,"
        " ts_event=1970-01-01T00:00:00.000000001Z, ts_init=1970-01-01T00:00:00.000000002Z)"
    )


@pytest.mark.parametrize("value", [greeks(), PortfolioGreeks(1, 2, pnl=3.0, delta=1.0), CURVE])
def test_what_was_written_is_read(value: Any) -> None:
    assert type(value).from_dict(value.to_dict()) == value
    assert type(value).from_bytes(value.to_bytes()) == value
    assert value.to_dict()["type"] == type(value).__name__


def test_a_quantity_times_greeks_are_those_of_so_many_contracts() -> None:
    held = -2 * greeks()

    assert held == PortfolioGreeks(5, 6, -200.0, -1200.0, -100.0, -2.0, -40.0, 10.0)
    assert greeks().to_portfolio_greeks() == 1 * greeks()
    assert 0.5 * held + 0.5 * held == held
    assert held + greeks() == PortfolioGreeks(5, 6, -199.0, -1194.0, -99.5, -1.99, -39.8, 9.95)


def test_greeks_of_what_is_no_option_are_a_delta() -> None:
    future = GreeksData.from_delta(InstrumentId.from_str("ESM4.XCME"), 0.7, 50.0, 9)

    assert (future.delta, future.multiplier, future.quantity, future.ts_event, future.ts_init) == (0.7, 50.0, 1.0, 9, 9)
    assert (future.gamma, future.vega, future.expiry) == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("years", "rate"),
    [
        (-1.0, 0.05),
        (0.1, 0.05),  # on a point, the point
        (1.0, 0.04),
        (0.2, 0.048666666666666664),  # the parabola through the first three
        (4.5, 0.048875),  # and through the last three
        (0.6, 0.8 * 0.04388888888888889 + 0.2 * 0.04368),  # four parts of the one behind, one of the one ahead
        (5.0, 0.045),
        (9.0, 0.045),
    ],
)
def test_a_curve_is_smooth_between_its_points_and_flat_beyond(years: float, rate: float) -> None:
    assert CURVE(years) == pytest.approx(rate, abs=1e-15)


@pytest.mark.parametrize(
    ("tenors", "rates", "at", "rate"),
    [((1.0,), (0.03,), 7.0, 0.03), ((1.0, 2.0), (0.02, 0.04), 1.25, 0.025), ((1, 2, 3), (1, 4, 9), 2.5, 6.25)],
)
def test_a_curve_of_few_points_is_what_they_give(
    tenors: tuple[float, ...], rates: tuple[float, ...], at: float, rate: float
) -> None:
    assert YieldCurveData(0, 0, "EUR", tenors, rates)(at) == pytest.approx(rate)


def test_a_curve_takes_its_numbers_as_they_come() -> None:
    as_bytes = YieldCurveData(0, 0, "USD", pack("<2d", 1.0, 2.0), pack("<2d", 0.1, 0.2))

    assert (as_bytes.tenors, as_bytes.interest_rates) == ((1.0, 2.0), (0.1, 0.2))
    assert repr(as_bytes).startswith("InterestRateCurve(curve_name=USD, ts_event=1970-01-01T00:00:00.000000000Z")


@pytest.mark.parametrize(
    ("tenors", "rates", "told"),
    [
        ((), (), "a curve must have points, each with its rate, was 0 and 0"),
        ((1.0,), (0.1, 0.2), "a curve must have points, each with its rate, was 1 and 2"),
        ((1.0, 1.0), (0.1, 0.2), r"tenors must rise, was \(1.0, 1.0\)"),
    ],
)
def test_a_curve_that_is_none_is_refused(tenors: tuple[float, ...], rates: tuple[float, ...], told: str) -> None:
    with pytest.raises(ValueError, match=f"USD: {told}"):
        YieldCurveData(0, 0, "USD", tenors, rates)
