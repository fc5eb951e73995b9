"""Prices and quantities on `decimal.Decimal`.

A `Price` or `Quantity` is a number with a fixed count of decimal places. Arithmetic between two of a kind gives that
kind at the finer precision; with an int or a Decimal it gives a Decimal; with a float a float, because a float has
already lost its digits. Comparison and hashing go by the number alone, so `Price.from_str("1.0") == Decimal(1)`.
There is no negative zero: what rounds to zero is zero, and prints without a sign.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Self, overload

from msgspec import Struct
from msgspec.structs import force_setattr

from nautilus_live.model.figures import Figure

MAX_PRECISION = 16
DIGITS_MAX = 28
AS_WRITTEN = -1
"""The precision that stands for the decimal places a number is written with."""

_ZERO = Decimal(0)
_CONTEXT = Context(prec=DIGITS_MAX)  # ours, whatever the program does to the ambient one
_WIDE = Context(prec=2 * DIGITS_MAX)
UNITS = tuple(Decimal(1).scaleb(-places) for places in range(MAX_PRECISION + 1))


def unit_of(precision: int) -> Decimal:
    """Return the smallest step at `precision` decimal places, such as 0.01 for 2.

    Raises:
        ValueError: if `precision` is not within 0 to 16.

    """
    if not 0 <= precision <= MAX_PRECISION:
        raise ValueError(f"precision must be 0 to {MAX_PRECISION}, was {precision}")
    return UNITS[precision]


def precision_of(value: Decimal) -> int:
    """Return the number of decimal places that `value` is written with."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"a price, quantity or amount must be a finite number, was {value}")
    if exponent >= 0:
        return 0
    if -exponent > MAX_PRECISION:
        raise ValueError(f"{value} has {-exponent} decimal places, the most is {MAX_PRECISION}")
    return -exponent


def to_decimal(value: object) -> Decimal:
    """Return a number or its text as a Decimal; a float as the shortest text that means it.

    Raises:
        ValueError: if it is not a number.

    """
    if isinstance(value, FixedPoint):
        return value.value
    try:
        # A float by its own text, which a subclass (numpy's) may spell differently.
        return Decimal(float.__repr__(value) if isinstance(value, float) else str(value))
    except InvalidOperation:
        raise ValueError(f"a price, quantity or amount must be a number, was {value!r}") from None


def round_to(kind: str, value: Decimal, precision: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return `value` at `precision` decimal places; zero without a sign.

    Raises:
        ValueError: if `value` is not finite or needs more than 28 digits; the message begins with `kind`.

    """
    if not value.is_finite():
        raise ValueError(f"{kind} must be a finite number, was {value}")
    unit = unit_of(precision)
    try:
        rounded = value.quantize(unit, rounding, _CONTEXT)
    except InvalidOperation:
        raise ValueError(f"{kind} must have at most {DIGITS_MAX} digits, was {value} at {precision} places") from None
    return rounded if rounded else rounded.copy_abs()


class FixedPoint(Struct, frozen=True, eq=False, gc=False, array_like=True):
    """A finite number with a fixed count of decimal places.

    Args:
        value: the number; a float, int or str is converted and rounded half-even to `precision`.
        precision: decimal places, 0 to 16; by default those that `value` is written with.

    Raises:
        ValueError: if it is not a finite number, or needs more than 28 digits.

    """

    value: Decimal
    precision: int = AS_WRITTEN

    def __post_init__(self) -> None:
        value, precision = self.value, self.precision
        # Nearly all are made from numbers that have the right shape already: four C calls tell.
        if (
            0 <= precision <= MAX_PRECISION
            and type(value) is Decimal
            and value.same_quantum(UNITS[precision])
            and value.adjusted() < DIGITS_MAX - precision
            and not value.is_signed()
        ):
            return
        kind = type(self).__name__
        if type(value) is not Decimal:
            value = to_decimal(value)
        if precision == AS_WRITTEN:
            precision = precision_of(value)
        value = round_to(kind, value, precision)
        if value < 0 and isinstance(self, Quantity):
            raise ValueError(f"{kind} must be a number >= 0, was {value}")
        force_setattr(self, "value", value)
        force_setattr(self, "precision", precision)

    @classmethod
    def from_str(cls, value: str) -> Self:
        """Return the number written as `value`, underscores allowed, with as many decimal places as are written.

        Raises:
            ValueError: if the text is no number or a negative quantity, or has more than 16 places or 28 digits.

        """
        return cls(to_decimal(value))

    @classmethod
    def from_decimal(cls, value: Decimal) -> Self:
        """Return the number with as many decimal places as it is written with."""
        return cls(value)

    @classmethod
    def from_int(cls, value: int) -> Self:
        """Return a whole number."""
        return cls(Decimal(value), 0)

    @classmethod
    def from_raw(cls, raw: int, precision: int) -> Self:
        """Return the number that is `raw` units of 10 to the power of -16, rounded half-even to `precision`."""
        return cls(Decimal(raw).scaleb(-MAX_PRECISION, _WIDE), precision)

    @property
    def raw(self) -> int:
        """The number in units of 10 to the power of -16."""
        return int(self.value.scaleb(MAX_PRECISION, _WIDE))

    @classmethod
    def zero(cls, precision: int = 0) -> Self:
        """Return zero at `precision`."""
        return cls(_ZERO, precision)

    def as_decimal(self) -> Decimal:
        """Return the number as a Decimal."""
        return self.value

    def as_double(self) -> float:
        """Return the nearest float."""
        return float(self.value)

    def to_formatted_str(self) -> str:
        """Return the number with underscores between thousands."""
        return f"{self.value:,f}".replace(",", "_")

    def __str__(self) -> str:
        return format(self.value, "f")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value:f})"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else str(self)

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __neg__(self) -> Decimal:
        return -self.value

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Decimal:
        return abs(self.value)

    def __round__(self, digits: int | None = None) -> Decimal:
        return round(self.value, digits or 0)

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, FixedPoint) else other)

    # Spelled out: the `__ne__` of a msgspec struct would compare identities.
    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Number) -> bool:
        return self.value < (other.value if isinstance(other, FixedPoint) else other)

    def __le__(self, other: Number) -> bool:
        return self.value <= (other.value if isinstance(other, FixedPoint) else other)

    def __gt__(self, other: Number) -> bool:
        return self.value > (other.value if isinstance(other, FixedPoint) else other)

    def __ge__(self, other: Number) -> bool:
        return self.value >= (other.value if isinstance(other, FixedPoint) else other)

    @overload
    def __add__(self, other: Self) -> Self: ...
    @overload
    def __add__(self, other: int | Decimal) -> Decimal: ...
    @overload
    def __add__(self, other: float) -> float: ...
    def __add__(self, other: Number) -> Self | Decimal | float:
        if type(other) is type(self):
            return type(self)(self.value + other.value, max(self.precision, other.precision))
        return float(self.value) + other if isinstance(other, float) else self.value + plain_number(other)

    @overload
    def __sub__(self, other: Self) -> Self: ...
    @overload
    def __sub__(self, other: int | Decimal) -> Decimal: ...
    @overload
    def __sub__(self, other: float) -> float: ...
    def __sub__(self, other: Number) -> Self | Decimal | float:
        if type(other) is type(self):
            return type(self)(self.value - other.value, max(self.precision, other.precision))
        return float(self.value) - other if isinstance(other, float) else self.value - plain_number(other)

    def __radd__(self, other: int | Decimal | float) -> Decimal | float:
        return other + float(self.value) if isinstance(other, float) else other + self.value

    def __rsub__(self, other: int | Decimal | float) -> Decimal | float:
        return other - float(self.value) if isinstance(other, float) else other - self.value

    @overload
    def __mul__(self, other: FixedPoint | int | Decimal) -> Decimal: ...
    @overload
    def __mul__(self, other: float) -> float: ...
    def __mul__(self, other: Number) -> Decimal | float:
        return float(self.value) * other if isinstance(other, float) else self.value * plain_number(other)

    @overload
    def __rmul__(self, other: int | Decimal) -> Decimal: ...
    @overload
    def __rmul__(self, other: float) -> float: ...
    def __rmul__(self, other: int | Decimal | float) -> Decimal | float:
        return self * other

    @overload
    def __truediv__(self, other: FixedPoint | int | Decimal) -> Decimal: ...
    @overload
    def __truediv__(self, other: float) -> float: ...
    def __truediv__(self, other: Number) -> Decimal | float:
        return float(self.value) / other if isinstance(other, float) else self.value / plain_number(other)

    def __rtruediv__(self, other: int | Decimal | float) -> Decimal | float:
        return other / float(self.value) if isinstance(other, float) else other / self.value

    def __floordiv__(self, other: Number) -> Decimal | float:
        return float(self.value) // other if isinstance(other, float) else self.value // plain_number(other)

    def __rfloordiv__(self, other: int | Decimal | float) -> Decimal | float:
        return other // float(self.value) if isinstance(other, float) else other // self.value

    def __mod__(self, other: Number) -> Decimal | float:
        return float(self.value) % other if isinstance(other, float) else self.value % plain_number(other)

    def __rmod__(self, other: int | Decimal | float) -> Decimal | float:
        return other % float(self.value) if isinstance(other, float) else other % self.value


Number = FixedPoint | Decimal | int | float


def plain_number(other: FixedPoint | Decimal | int) -> Decimal | int:
    """Return the number of a price or quantity; a mere number as it is."""
    return other.value if isinstance(other, FixedPoint) else other


class Price(FixedPoint, frozen=True, eq=False):
    """A price per unit; negative prices exist (spreads, some energy markets)."""


class Quantity(FixedPoint, frozen=True, eq=False):
    """An amount of units, never negative.

    Raises:
        ValueError: if the number is negative or not finite.

    """

    if not TYPE_CHECKING:  # checkers shall see the quantity that it is as a rule

        def __sub__(self, other):
            """Return what is left; a mere number, which goes with floats, where that is less than nothing."""
            left = self.value - other.value if type(other) is Quantity else _ZERO
            return Figure(left) if left < 0 else super().__sub__(other)

    def saturating_sub(self, other: Quantity) -> Quantity:
        """Return what is left when `other` is taken away; zero if that is more than there is."""
        return Quantity(max(self.value - other.value, _ZERO), max(self.precision, other.precision))

    @staticmethod
    def raw_to_f64(raw: int) -> float:
        """Return the nearest float of so many units of 10 to the power of -16."""
        return Quantity.from_raw(raw, MAX_PRECISION).as_double()
