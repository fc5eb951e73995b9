"""The price function: the recorded vectors of the reference, the table of BEHAVIOUR.md section 4, and the edges."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.reconciliation.prices import differs, mid_price, positive, reconciliation_price
from tests.core.conftest import make_quote

ORACLE = Path(__file__).parents[2] / "oracles" / "price_vectors.json"
VECTORS = json.loads(ORACLE.read_text())["vectors"]

quantities = st.integers(-1_000_000, 1_000_000).map(Decimal)
averages = st.decimals("0.01", "100000", places=2)


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def price(
    current: str | None, current_avg: str | None, target: str | None, target_avg: str | None, places: int = 5
) -> Decimal | None:
    return reconciliation_price(number(current), number(current_avg), number(target), number(target_avg), places)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['id']}-{vector['category']}")
def test_price_is_the_recorded_one_within_one_tick(vector: dict[str, Any]) -> None:
    places = int(vector["price_precision"] or 0)
    found = price(
        vector["current_qty"], vector["current_avg_px"], vector["target_qty"], vector["target_avg_px"], places
    )
    expected = number(vector["expected_1231"])
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert abs(found - expected) <= Decimal(1).scaleb(-places)


@pytest.mark.parametrize(
    ("case", "current", "current_avg", "target", "target_avg", "expected"),
    [
        ("flat to open", "0", None, "100", "1.10", "1.10000"),
        ("flat to open, an old average is known", "0", "7.00", "100", "1.10", "1.10000"),
        ("increase", "100", "1.00", "150", "1.10", "1.30000"),
        ("increase of a short", "-100", "1.00", "-150", "1.10", "1.30000"),
        ("increase impossible", "100", "3", "150", "1", None),
        ("price exactly zero", "100", "2", "200", "1", None),
        ("reduce, same average", "150", "1.00", "100", "1.00", "1.00000"),
        ("reduce, another average: the bare formula", "150", "1.00", "100", "1.10", "0.80000"),
        ("close, no target average", "100", "1.00", "0", None, "1.00000"),
        ("close, target average zero", "100", "1.00", "0", "0", "1.00000"),
        ("close, target average given", "100", "1.00", "0", "1.70", "1.00000"),
        ("close, current average unknown", "100", None, "0", "1.70", None),
        ("flip", "100", "1.00", "-50", "1.20", "1.20000"),
        ("flip of a short", "-100", "1.00", "50", "1.20", "1.20000"),
        ("no change", "100", "1.00", "100", "1.20", None),
        ("both flat", "0", None, "0", None, None),
        ("target average missing", "100", "1.00", "150", None, None),
        ("target average zero", "100", "1.00", "150", "0", None),
        ("current average unknown", "100", None, "150", "1.10", "1.10000"),
        ("current average zero counts as a price", "100", "0", "150", "1.1", "3.30000"),
        ("negative target average from flat", "0", None, "100", "-1.10", "-1.10000"),
        ("dust", "100", "1", "100.0000001", "1.1", "100000001.10000"),
        ("current quantity unknown", None, "1.00", "100", "1.10", None),
        ("target quantity unknown", "100", "1.00", None, "1.10", None),
        ("rounded half to even, down", "0", None, "1", "1.000005", "1.00000"),
        ("rounded half to even, up", "0", None, "1", "1.000015", "1.00002"),
    ],
)
def test_price_by_case(
    case: str, current: str | None, current_avg: str | None, target: str | None, target_avg: str | None, expected: str
) -> None:
    assert price(current, current_avg, target, target_avg) == number(expected), case


def test_result_has_the_precision_of_the_instrument() -> None:
    found = price("0", None, "1", "1.23456789", 3)
    assert found is not None
    assert (found, found.as_tuple().exponent) == (Decimal("1.235"), -3)


def test_tiny_price_that_the_precision_cannot_show_is_no_price_for_a_fill() -> None:
    found = price("100", "2.00", "200", "1.000001", 2)  # needs 0.000002
    assert found == 0
    assert positive(found, 2) is None


@given(quantities, averages)
def test_no_change_needs_no_price(quantity: Decimal, average: Decimal) -> None:
    assert reconciliation_price(quantity, average, quantity, average, 2) is None


@given(quantities.filter(bool), averages)
def test_opening_goes_at_the_target_average(target: Decimal, average: Decimal) -> None:
    assert reconciliation_price(Decimal(0), None, target, average, 2) == average


@given(quantities.filter(bool), averages, averages)
def test_close_goes_at_the_current_average(current: Decimal, average: Decimal, other: Decimal) -> None:
    assert reconciliation_price(current, average, Decimal(0), other, 2) == average


@given(quantities.filter(bool), averages, quantities.filter(bool), averages)
def test_growing_or_flipping_at_the_price_reaches_the_target_average(
    current: Decimal, average: Decimal, target: Decimal, wanted: Decimal
) -> None:
    found = reconciliation_price(current, average, target, wanted, 10)
    if found is None or (current * target > 0 and abs(target) < abs(current)):
        return
    if current * target < 0:
        reached = found
    else:
        reached = (current * average + (target - current) * found) / target
    assert abs(reached - wanted) < Decimal("1e-6")


@given(quantities, st.none() | averages, quantities, st.none() | averages)
def test_computed_price_is_never_negative(
    current: Decimal, average: Decimal | None, target: Decimal, wanted: Decimal | None
) -> None:
    found = reconciliation_price(current, average, target, wanted, 2)
    assert found is None or found >= 0


def test_middle_of_the_market_is_between_bid_and_ask_or_unknown() -> None:
    assert mid_price(make_quote("10.00", "10.02"), 2) == Decimal("10.01")
    assert mid_price(make_quote("10.00", "10.01"), 2) == Decimal("10.00")  # half to even
    assert mid_price(make_quote("10.01", "10.02"), 2) == Decimal("10.02")
    assert mid_price(None, 2) is None
    assert mid_price(make_quote("0.00", "0.00"), 2) is None
    assert mid_price(make_quote("-2.00", "1.00"), 2) is None


@pytest.mark.parametrize(
    ("text", "places", "expected"),
    [
        ("1.005", 2, "1.00"),
        ("0.01", 2, "0.01"),
        ("0.006", 2, "0.01"),
        ("0.005", 2, None),
        ("0", 2, None),
        ("-1", 2, None),
        ("0.4", 0, None),
        ("0.6", 0, "1"),
        (None, 2, None),
    ],
)
def test_price_of_a_fill_is_rounded_and_above_zero(text: str | None, places: int, expected: str | None) -> None:
    assert positive(number(text), places) == number(expected)


def test_prices_differ_beyond_the_tolerance_of_the_larger_one() -> None:
    tolerance = Decimal("0.01")
    assert not differs(Decimal(100), Decimal(99), tolerance)
    assert differs(Decimal(100), Decimal("98.99"), tolerance)
    assert differs(Decimal(-100), Decimal(100), tolerance)
    assert not differs(Decimal(-100), Decimal(-99), tolerance)
    assert not differs(Decimal(-99), Decimal(-100), tolerance)


@given(averages, averages, st.decimals("0", "1", places=4))
def test_tolerance_is_reflexive_and_symmetric(left: Decimal, right: Decimal, tolerance: Decimal) -> None:
    assert not differs(left, left, tolerance)
    assert differs(left, right, tolerance) == differs(right, left, tolerance)
    assert differs(left, right, Decimal(0)) == (left != right)


def test_an_inverse_contract_needs_another_price_than_a_linear_one() -> None:
    """100 at 50 are worth 2 coins, 300 at 37.50 are worth 8: the 200 between must bring 6."""
    arguments = (Decimal(100), Decimal(50), Decimal(300), Decimal("37.50"), 4)

    assert reconciliation_price(*arguments, inverse=True) == Decimal("33.3333")
    assert reconciliation_price(*arguments) == Decimal("31.2500")
    assert reconciliation_price(Decimal(100), Decimal(50), Decimal(200), Decimal(100), 2, inverse=True) is None
