"""Prices and quantities compared and reckoned with, in both directions, with every other kind of number."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.objects import Currency, Money, Price, Quantity, unit_of

USD = Currency.from_str("USD")

# -- comparison --------------------------------------------------------------------------------------------------------

COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


def forms(number: Decimal) -> Iterator[Any]:
    """Yield `number` as every type that a price may meet; the float is exact for the numbers used here."""
    yield number
    yield float(number)
    yield Price(number)
    yield Price(number, 8)
    if number >= 0:
        yield Quantity(number, 4)
    if number == int(number):
        yield int(number)


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("left", ["-1.5", "0", "1", "1.5", "2"])
@pytest.mark.parametrize("right", ["-1.5", "0", "1", "1.5", "2"])
def test_comparison_goes_by_the_number_in_both_directions(
    compare: Callable[[Any, Any], bool], left: str, right: str
) -> None:
    wanted = compare(Decimal(left), Decimal(right))
    for other in forms(Decimal(right)):
        assert compare(Price.from_str(left), other) is wanted
    for other in forms(Decimal(left)):
        assert compare(other, Price.from_str(right)) is wanted


@given(left=st.integers(-(10**6), 10**6), right=st.integers(-(10**6), 10**6), precision=st.integers(0, 6))
def test_what_is_equal_has_one_hash(left: int, right: int, precision: int) -> None:
    unit = unit_of(precision)
    one, other = Price(left * unit, precision), Price(right * unit, 8)

    assert (one == other) is (left == right)
    for form in forms(one.value):
        if form == one:
            assert hash(form) == hash(one)


@pytest.mark.parametrize("other", ["1.5", None, object(), [1.5], Money(Decimal("1.5"), USD)])
def test_a_number_is_not_equal_to_what_is_none(other: Any) -> None:
    price = Price.from_str("1.5")

    assert price != other
    assert other != price
    assert operator.eq(price, other) is operator.eq(other, price) is False


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
@pytest.mark.parametrize("other", ["1.5", None, Money(Decimal("1.5"), USD)])
def test_a_number_has_no_order_with_what_is_none(compare: Callable[[Any, Any], bool], other: Any) -> None:
    with pytest.raises(TypeError):
        compare(Price.from_str("1.5"), other)
    with pytest.raises(TypeError):
        compare(other, Price.from_str("1.5"))


# -- arithmetic --------------------------------------------------------------------------------------------------------

OPERATIONS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
]


@pytest.mark.parametrize("kind", [Price, Quantity])
def test_two_of_a_kind_add_up_to_that_kind_at_the_finer_precision(kind: Any) -> None:
    coarse, fine = kind.from_str("1.5"), kind.from_str("0.250")

    for made, text in ((coarse + fine, "1.750"), (fine + coarse, "1.750"), (coarse - fine, "1.250")):
        assert type(made) is kind
        assert (str(made), made.precision) == (text, 3)


def test_a_price_can_go_below_zero_and_a_quantity_becomes_a_mere_number() -> None:
    assert str(Price.from_str("1.0") - Price.from_str("1.5")) == "-0.5"
    missing = Quantity.from_str("1.0") - Quantity.from_str("1.5")
    assert (isinstance(missing, Decimal), missing) == (True, Decimal("-0.5"))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("other", [3, Decimal("2.5")])
def test_with_an_int_or_a_decimal_it_is_a_decimal(operation: Callable[[Any, Any], Any], other: Any) -> None:
    price = Price.from_str("7.25")

    for made, wanted in (
        (operation(price, other), operation(price.value, other)),
        (operation(other, price), operation(other, price.value)),
    ):
        assert type(made) is Decimal
        assert made == wanted


@pytest.mark.parametrize("operation", OPERATIONS)
def test_with_a_float_it_is_a_float(operation: Callable[[Any, Any], Any]) -> None:
    price = Price.from_str("7.25")

    for made, wanted in ((operation(price, 2.5), operation(7.25, 2.5)), (operation(2.5, price), operation(2.5, 7.25))):
        assert type(made) is float
        assert made == wanted


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_price_and_a_quantity_make_a_plain_number(operation: Callable[[Any, Any], Any]) -> None:
    price, quantity = Price.from_str("50000.10"), Quantity.from_str("1.500")

    for left, right in ((price, quantity), (quantity, price)):
        made = operation(left, right)
        assert type(made) is Decimal
        assert made == operation(left.value, right.value)


@pytest.mark.parametrize("operation", [operator.mul, operator.truediv, operator.floordiv, operator.mod])
def test_products_and_ratios_of_a_kind_are_plain_numbers(operation: Callable[[Any, Any], Any]) -> None:
    assert type(operation(Price.from_str("7.25"), Price.from_str("2.5"))) is Decimal


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("other", ["x", None, [1], USD])
def test_there_is_no_reckoning_with_what_is_no_number(operation: Callable[[Any, Any], Any], other: Any) -> None:
    price = Price.from_str("1.5")

    with pytest.raises(TypeError):
        operation(price, other)
    if not (operation is operator.mod and isinstance(other, str)):  # "%" of a text is formatting
        with pytest.raises(TypeError):
            operation(other, price)


def test_a_sum_of_prices_starts_at_zero() -> None:
    assert sum([Price.from_str("1.5"), Price.from_str("2.5")]) == 4


def test_a_sum_beyond_28_digits_is_refused_not_rounded() -> None:
    with pytest.raises(ValueError, match="Price must have at most 28 digits"):
        Price(Decimal("9" * 28), 0) + Price(Decimal(1), 0)
