"""Prices and quantities: made from anything, rounded half-even, kept or refused by one rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, getcontext, localcontext
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.objects import (
    DIGITS_MAX,
    MAX_PRECISION,
    Currency,
    FixedPoint,
    Money,
    Price,
    Quantity,
    precision_of,
    to_decimal,
    unit_of,
)

KINDS = [Price, Quantity]
USD = Currency.from_str("USD")

kinds = st.sampled_from(KINDS)
precisions = st.integers(0, MAX_PRECISION)
finite = st.decimals(allow_nan=False, allow_infinity=False)
# Numbers of every shape: few digits and many, all exponents, both signs of zero, and what is no finite number.
shapes = st.builds(
    lambda sign, digits, exponent: Decimal((sign, digits, exponent)),
    st.integers(0, 1),
    st.lists(st.integers(0, 9), min_size=1, max_size=32).map(tuple),
    st.integers(-20, 30),
)
specials = st.sampled_from([Decimal(text) for text in ("NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "-0", "-0.000")])


def plain(kind: type[FixedPoint], value: Decimal, precision: int) -> str | None:
    """Return what `kind` has to print by definition: `value` quantized, zero unsigned; None if it must be refused."""
    if not value.is_finite():
        return None
    wide = value.quantize(Decimal(1).scaleb(-precision), ROUND_HALF_EVEN, Context(prec=80))
    if len(wide.as_tuple().digits) > DIGITS_MAX or (wide < 0 and kind is Quantity):
        return None
    return format(wide if wide else wide.copy_abs(), "f")


@given(kind=kinds, value=shapes | specials | finite, precision=precisions)
def test_a_number_is_its_value_quantized_whatever_way_it_is_made(
    kind: type[FixedPoint], value: Decimal, precision: int
) -> None:
    wanted = plain(kind, value, precision)
    if wanted is None:
        with pytest.raises(ValueError):
            kind(value, precision)
        return
    made = kind(value, precision)

    assert str(made) == wanted
    assert made.precision == precision
    assert made.value.same_quantum(unit_of(precision))
    # What came out has the right shape already, so making it anew goes the fast way: the two must agree.
    again = kind(made.value, made.precision)
    assert (str(again), again.precision, hash(again)) == (wanted, precision, hash(made))


@given(kind=kinds, digits=st.integers(-(10**30), 10**30), precision=precisions)
def test_a_number_of_the_right_shape_is_kept_or_refused_by_the_same_rule(
    kind: type[FixedPoint], digits: int, precision: int
) -> None:
    value = Decimal(digits).scaleb(-precision, Context(prec=80))
    wanted = plain(kind, value, precision)
    if wanted is None:
        with pytest.raises(ValueError):
            kind(value, precision)
    else:
        assert str(kind(value, precision)) == wanted


@given(kind=kinds, number=st.floats(min_value=0, max_value=1e9) | st.integers(0, 10**9), precision=precisions)
def test_floats_and_ints_go_by_their_shortest_text(kind: type[FixedPoint], number: float, precision: int) -> None:
    assert str(kind(number, precision)) == plain(kind, Decimal(repr(number)), precision)  # type: ignore[arg-type]  # converted


class OddFloat(float):
    """A float that spells itself in its own way, as numpy's does."""

    def __repr__(self) -> str:
        return f"odd.float({super().__repr__()})"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.50"), "1.50"),
        (1, "1"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        ("1.50", "1.50"),
        ("1_000.5", "1000.5"),
        (Price.from_str("1.50"), "1.50"),
        (Quantity.from_str("1.50"), "1.50"),
        (OddFloat(2.5), "2.5"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_every_type_of_number_is_taken_as_it_is_written(kind: Any, value: Any, text: str) -> None:
    made = kind(value)

    assert type(made) is kind
    assert str(made) == text
    assert made.precision == precision_of(Decimal(text))


@pytest.mark.parametrize(
    ("value", "precision", "text"),
    [
        ("0.125", 2, "0.12"),
        ("0.135", 2, "0.14"),
        ("0.5", 0, "0"),
        ("1.5", 0, "2"),
        ("2.5", 0, "2"),
        ("2.500000001", 0, "3"),
        ("-2.5", 0, "-2"),
        ("-0.125", 2, "-0.12"),
        ("7", 3, "7.000"),
        (0.125, 2, "0.12"),
        (1.005, 2, "1.00"),  # its text is 1.005: a tie, not the binary value just below it
        (1.015, 2, "1.02"),
    ],
)
def test_rounding_is_half_even(value: Any, precision: int, text: str) -> None:
    assert str(Price(value, precision)) == text


@pytest.mark.parametrize(
    "make",
    [
        lambda: Price(Decimal("-0.00"), 2),
        lambda: Price(Decimal("-0.001"), 2),
        lambda: Price(to_decimal(-0.0), 2),
        lambda: Quantity(Decimal("-0.00"), 2),
        lambda: Quantity(Decimal("-0.004"), 2),
        lambda: Price.from_str("-0.00"),
    ],
)
def test_zero_has_no_sign(make: Callable[[], FixedPoint]) -> None:
    made = make()

    assert str(made) == "0.00"
    assert not made
    assert hash(made) == hash(0)


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("precision", [-1, 2])
def test_a_number_must_be_finite(kind: type[FixedPoint], text: str, precision: int) -> None:
    with pytest.raises(ValueError) as caught:
        kind(Decimal(text), precision)

    subject = kind.__name__ if precision >= 0 else "a price, quantity or amount"
    assert str(caught.value) == f"{subject} must be a finite number, was {text}"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_float_must_be_finite_too(value: Any) -> None:
    with pytest.raises(ValueError, match="must be a finite number, was"):
        Price(value)


@pytest.mark.parametrize("value", ["", "abc", "1,5", None, True, [1], object])
def test_a_number_must_be_a_number(value: Any) -> None:
    with pytest.raises(ValueError) as caught:
        Price(value)

    assert str(caught.value) == f"a price, quantity or amount must be a number, was {value!r}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", "x", "1.2.3"])
def test_a_text_that_is_no_number_is_a_value_error(kind: type[FixedPoint], text: str) -> None:
    with pytest.raises(ValueError, match="must be a number, was"):
        kind.from_str(text)


@pytest.mark.parametrize("precision", [-2, 17, 100])
def test_the_precision_lies_between_0_and_16(precision: int) -> None:
    with pytest.raises(ValueError) as caught:
        Price(Decimal(1), precision)

    assert str(caught.value) == f"precision must be 0 to 16, was {precision}"


def test_a_text_with_more_than_16_places_is_refused() -> None:
    assert Price.from_str("0." + "0" * 15 + "1").precision == 16

    with pytest.raises(ValueError, match=r"^1E-17 has 17 decimal places, the most is 16$"):
        Price.from_str("0." + "0" * 16 + "1")


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_has_at_most_28_digits(kind: type[FixedPoint]) -> None:
    assert str(kind(Decimal("9" * 26 + ".99"), 2)) == "9" * 26 + ".99"

    for value in (Decimal("9" * 27 + ".99"), Decimal("1E+26"), Decimal("9" * 26 + ".999")):
        with pytest.raises(ValueError) as caught:
            kind(value, 2)
        assert str(caught.value) == f"{kind.__name__} must have at most 28 digits, was {value} at 2 places"


def test_a_quantity_is_never_negative() -> None:
    for value in (Decimal("-1"), Decimal("-1.00"), -1, -0.5, "-3"):
        with pytest.raises(ValueError, match="Quantity must be a number >= 0, was -"):
            Quantity(value)  # type: ignore[arg-type]  # converted
    assert str(Price(Decimal("-37.63"), 2)) == "-37.63"  # oil, April 2020
    assert +Price.from_str("1.5") == Price.from_str("1.5")


def test_a_difference_of_quantities_is_a_mere_number_where_it_is_less_than_nothing() -> None:
    more, less = Quantity.from_str("2.5"), Quantity.from_str("1.50")
    left, missing = more - less, less - more
    assert (type(left), str(left)) == (Quantity, "1.00")
    assert (isinstance(missing, Decimal), missing, missing * 0.5) == (True, Decimal("-1.00"), -0.5)
    assert less - more + more == less


@pytest.mark.parametrize(
    ("value", "spec", "shown"),
    [
        (Price.from_str("101.50") - Price.from_str("100.25"), ".4f", "1.2500"),
        (Price.from_str("1234567.5"), ",.2f", "1,234,567.50"),
        (Quantity.from_str("0.25"), ".0%", "25%"),
        (Quantity.from_str("2.50"), "", "2.50"),
        (Money(Decimal("1.5"), USD), "", "1.50 USD"),
        (Money(Decimal("1.5"), USD), ".1f", "1.5"),
    ],
)
def test_a_number_is_written_as_wished(value: object, spec: str, shown: str) -> None:
    assert format(value, spec) == shown


def test_the_rules_do_not_depend_on_the_programs_decimal_context() -> None:
    with localcontext() as context:
        context.prec = 6
        context.rounding = "ROUND_UP"

        assert str(Price(Decimal("123456789.125"), 2)) == "123456789.12"
        assert str(Money(Decimal("123456789.125"), USD)) == "123456789.12 USD"
    assert getcontext().prec == 28


# -- named constructors and conversions --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_named_constructors_make_that_kind(kind: type[FixedPoint]) -> None:
    for made, text, precision in (
        (kind.from_str("1_000.50"), "1000.50", 2),
        (kind.from_int(7), "7", 0),
        (kind.zero(), "0", 0),
        (kind.zero(3), "0.000", 3),
    ):
        assert type(made) is kind
        assert (str(made), made.precision) == (text, precision)


def test_a_number_converts_without_surprises() -> None:
    price = Price.from_str("-1234567.8950")

    assert price.as_decimal() == Decimal("-1234567.8950")
    assert price.as_double() == float(price) == -1234567.895
    assert int(price) == -1234567
    assert price.to_formatted_str() == "-1_234_567.8950"
    assert repr(price) == "Price(-1234567.8950)"
    assert str(Price.from_str("0.00000001")) == "0.00000001"  # never 1E-8
    assert (-price, abs(price)) == (Decimal("1234567.8950"), Decimal("1234567.8950"))
    assert (round(price), round(price, 2)) == (Decimal(-1234568), Decimal("-1234567.90"))
    assert (bool(price), bool(Price.zero(2))) == (True, False)


def test_a_number_cannot_be_changed() -> None:
    price = Price.from_str("1.5")
    with pytest.raises(AttributeError):
        price.value = Decimal(2)  # type: ignore[misc]  # that it cannot is the test


@pytest.mark.parametrize("codec", [msgspec.msgpack, msgspec.json])
@given(kind=kinds, digits=st.integers(0, 10**20), precision=precisions)
def test_a_number_survives_encoding_with_its_places(
    codec: Any, kind: type[FixedPoint], digits: int, precision: int
) -> None:
    made = kind(Decimal(digits).scaleb(-precision), precision)
    read = codec.decode(codec.encode(made), type=kind)

    assert (type(read), str(read), read.precision) == (kind, str(made), precision)


def test_what_is_read_is_checked_again() -> None:
    with pytest.raises(msgspec.ValidationError, match="Quantity must be a number >= 0, was -1"):
        msgspec.msgpack.decode(msgspec.msgpack.encode(["-1", 0]), type=Quantity)


# -- helpers -----------------------------------------------------------------------------------------------------------


def test_units_and_precisions_belong_together() -> None:
    for precision in range(MAX_PRECISION + 1):
        assert precision_of(unit_of(precision)) == precision
    assert unit_of(2) == Decimal("0.01")
    assert precision_of(Decimal("1E+5")) == 0
    with pytest.raises(ValueError, match="precision must be 0 to 16, was 17"):
        unit_of(17)
    with pytest.raises(ValueError, match="must be a finite number, was NaN"):
        precision_of(Decimal("NaN"))


@pytest.mark.parametrize(
    ("value", "number"), [(1, "1"), (0.1, "0.1"), ("1.50", "1.50"), (Price.from_str("2.0"), "2.0"), (Decimal(3), "3")]
)
def test_to_decimal_takes_every_number(value: Any, number: str) -> None:
    assert str(to_decimal(value)) == number
