"""Prices, quantities and money on `decimal.Decimal`, and the currencies money is counted in.

A `Price` or `Quantity` is a number with a fixed count of decimal places. Arithmetic between two of a kind gives that
kind at the finer precision; with an int or a Decimal it gives a Decimal; with a float a float, because a float has
already lost its digits. Comparison and hashing go by the number alone, so `Price.from_str("1.0") == Decimal(1)`.
There is no negative zero: what rounds to zero is zero, and prints without a sign.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Self, overload

from msgspec import Struct
from msgspec.structs import force_setattr

from nautilus_live.model.enums import CurrencyType

MAX_PRECISION = 16
DIGITS_MAX = 28
AS_WRITTEN = -1
"""The precision that stands for the decimal places a number is written with."""

_ZERO = Decimal(0)
_CONTEXT = Context(prec=DIGITS_MAX)  # ours, whatever the program does to the ambient one
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(MAX_PRECISION + 1))


def unit_of(precision: int) -> Decimal:
    """Return the smallest step at `precision` decimal places, such as 0.01 for 2.

    Raises:
        ValueError: if `precision` is not within 0 to 16.

    """
    if not 0 <= precision <= MAX_PRECISION:
        raise ValueError(f"precision must be 0 to {MAX_PRECISION}, was {precision}")
    return _UNITS[precision]


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
            and value.same_quantum(_UNITS[precision])
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
    def from_str(cls, text: str) -> Self:
        """Return the number written as `text`, underscores allowed, with as many decimal places as are written.

        Raises:
            ValueError: if the text is no number or a negative quantity, or has more than 16 places or 28 digits.

        """
        return cls(to_decimal(text))

    @classmethod
    def from_int(cls, value: int) -> Self:
        """Return a whole number."""
        return cls(Decimal(value), 0)

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
        return f"{type(self).__name__}('{self.value:f}')"

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
        return float(self.value) + other if isinstance(other, float) else self.value + _plain(other)

    @overload
    def __sub__(self, other: Self) -> Self: ...
    @overload
    def __sub__(self, other: int | Decimal) -> Decimal: ...
    @overload
    def __sub__(self, other: float) -> float: ...
    def __sub__(self, other: Number) -> Self | Decimal | float:
        if type(other) is type(self):
            return type(self)(self.value - other.value, max(self.precision, other.precision))
        return float(self.value) - other if isinstance(other, float) else self.value - _plain(other)

    def __radd__(self, other: int | Decimal | float) -> Decimal | float:
        return other + float(self.value) if isinstance(other, float) else other + self.value

    def __rsub__(self, other: int | Decimal | float) -> Decimal | float:
        return other - float(self.value) if isinstance(other, float) else other - self.value

    @overload
    def __mul__(self, other: FixedPoint | int | Decimal) -> Decimal: ...
    @overload
    def __mul__(self, other: float) -> float: ...
    def __mul__(self, other: Number) -> Decimal | float:
        return float(self.value) * other if isinstance(other, float) else self.value * _plain(other)

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
        return float(self.value) / other if isinstance(other, float) else self.value / _plain(other)

    def __rtruediv__(self, other: int | Decimal | float) -> Decimal | float:
        return other / float(self.value) if isinstance(other, float) else other / self.value

    def __floordiv__(self, other: Number) -> Decimal | float:
        return float(self.value) // other if isinstance(other, float) else self.value // _plain(other)

    def __rfloordiv__(self, other: int | Decimal | float) -> Decimal | float:
        return other // float(self.value) if isinstance(other, float) else other // self.value

    def __mod__(self, other: Number) -> Decimal | float:
        return float(self.value) % other if isinstance(other, float) else self.value % _plain(other)

    def __rmod__(self, other: int | Decimal | float) -> Decimal | float:
        return other % float(self.value) if isinstance(other, float) else other % self.value


Number = FixedPoint | Decimal | int | float


def _plain(other: FixedPoint | Decimal | int) -> Decimal | int:
    return other.value if isinstance(other, FixedPoint) else other


class Price(FixedPoint, frozen=True, eq=False):
    """A price per unit; negative prices exist (spreads, some energy markets)."""


class Quantity(FixedPoint, frozen=True, eq=False):
    """An amount of units, never negative.

    Raises:
        ValueError: if the number is negative or not finite.

    """


CURRENCIES: dict[str, Currency] = {}


class Currency(Struct, frozen=True, eq=False, gc=False, array_like=True):
    """A currency: its code, and the decimal places its amounts are kept with. Equal by code.

    Raises:
        ValueError: if the code is empty or has spaces, or the precision is not within 0 to 16.

    """

    code: str
    precision: int
    iso4217: int = 0
    name: str = ""
    currency_type: CurrencyType = CurrencyType.FIAT

    def __post_init__(self) -> None:
        code = self.code
        if not code.isalnum() and (not code or not code.isprintable() or " " in code):
            raise ValueError(f"a currency code must be printable text without spaces, was {code!r}")
        if not 0 <= self.precision <= MAX_PRECISION:
            unit_of(self.precision)

    @staticmethod
    def from_str(code: str, strict: bool = False) -> Currency:
        """Return the registered currency, or a crypto currency of 8 places under that code.

        Raises:
            ValueError: if the code is not registered and `strict` is set.

        """
        found = CURRENCIES.get(code)
        if found is None:
            if strict:
                raise ValueError(f"currency code must be a registered one, was {code!r}")
            found = Currency(code, 8, 0, code, CurrencyType.CRYPTO)
        return found

    @staticmethod
    def register(currency: Currency, overwrite: bool = False) -> None:
        """Make `currency` known by its code; an existing one stays unless `overwrite`."""
        if overwrite or currency.code not in CURRENCIES:
            CURRENCIES[currency.code] = currency

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Currency) and other.code == self.code)

    # Spelled out: the `__ne__` of a msgspec struct would compare identities.
    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.code)

    def __str__(self) -> str:
        return self.code

    def __repr__(self) -> str:
        return f"Currency('{self.code}')"


for _code, _precision, _iso, _name in (
    ("USD", 2, 840, "United States dollar"),
    ("EUR", 2, 978, "Euro"),
    ("GBP", 2, 826, "British pound"),
    ("JPY", 0, 392, "Japanese yen"),
    ("AUD", 2, 36, "Australian dollar"),
    ("CAD", 2, 124, "Canadian dollar"),
    ("CHF", 2, 756, "Swiss franc"),
    ("NZD", 2, 554, "New Zealand dollar"),
    ("CNH", 2, 0, "Offshore renminbi"),
    ("HKD", 2, 344, "Hong Kong dollar"),
    ("SGD", 2, 702, "Singapore dollar"),
    ("SEK", 2, 752, "Swedish krona"),
    ("NOK", 2, 578, "Norwegian krone"),
    ("MXN", 2, 484, "Mexican peso"),
    ("ZAR", 2, 710, "South African rand"),
    ("TRY", 2, 949, "Turkish lira"),
    ("INR", 2, 356, "Indian rupee"),
    ("KRW", 0, 410, "South Korean won"),
):
    Currency.register(Currency(_code, _precision, _iso, _name, CurrencyType.FIAT))
for _code, _precision, _name in (
    ("BTC", 8, "Bitcoin"),
    ("ETH", 8, "Ether"),
    ("USDT", 8, "Tether"),
    ("USDC", 8, "USD Coin"),
    ("BNB", 8, "BNB"),
    ("SOL", 8, "Solana"),
    ("XRP", 6, "XRP"),
    ("ADA", 6, "Cardano"),
    ("DOGE", 8, "Dogecoin"),
    ("LTC", 8, "Litecoin"),
    ("BUSD", 8, "Binance USD"),
    ("FDUSD", 8, "First Digital USD"),
    ("DOT", 8, "Polkadot"),
    ("LINK", 8, "Chainlink"),
):
    Currency.register(Currency(_code, _precision, 0, _name, CurrencyType.CRYPTO))


class Money(Struct, frozen=True, eq=False, gc=False, array_like=True):
    """An amount of one currency, rounded half-even to the currency's decimal places.

    Amounts of one currency add, subtract and compare; of two currencies they raise ValueError.
    """

    value: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        value = self.value
        precision = self.currency.precision
        if (
            type(value) is Decimal
            and value.same_quantum(_UNITS[precision])
            and value.adjusted() < DIGITS_MAX - precision
            and (value or not value.is_signed())
        ):
            return
        if type(value) is not Decimal:
            value = to_decimal(value)
        force_setattr(self, "value", round_to("Money", value, precision))

    @classmethod
    def from_str(cls, text: str) -> Money:
        """Return the amount written as `AMOUNT CODE`, such as `12.50 USD`.

        Raises:
            ValueError: if either is missing or malformed.

        """
        amount, space, code = text.partition(" ")
        if not space:
            raise ValueError(f"Money must be AMOUNT CODE, was {text!r}")
        return cls(to_decimal(amount), Currency.from_str(code))

    def as_decimal(self) -> Decimal:
        """Return the amount as a Decimal."""
        return self.value

    def as_double(self) -> float:
        """Return the nearest float."""
        return float(self.value)

    def to_formatted_str(self) -> str:
        """Return the amount with underscores between thousands, and the code."""
        return f"{self.value:,f}".replace(",", "_") + " " + self.currency.code

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"an amount of money goes with another one, {self} cannot with {other!r}")
        if other.currency != self.currency:
            raise ValueError(f"amounts must be of one currency, were {self} and {other}")
        return other.value

    def __str__(self) -> str:
        return f"{self.value:f} {self.currency.code}"

    def __repr__(self) -> str:
        return f"Money('{self}')"

    def __hash__(self) -> int:
        return hash((self.value, self.currency.code))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __neg__(self) -> Money:
        return Money(-self.value, self.currency)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and other.currency == self.currency and other.value == self.value

    # Spelled out: the `__ne__` of a msgspec struct would compare identities.
    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Money) -> bool:
        return self.value < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.value <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.value > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.value >= self._same(other)

    def __add__(self, other: Money) -> Money:
        return Money(self.value + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.value - self._same(other), self.currency)


class AccountBalance(Struct, frozen=True, gc=False, array_like=True):
    """One currency of an account: total = locked + free."""

    total: Money
    locked: Money
    free: Money

    def __post_init__(self) -> None:
        # Venues do send free amounts that are negative or off by a rounding; only a different currency is nonsense.
        if not self.total.currency == self.locked.currency == self.free.currency:
            raise ValueError(f"a balance must be of one currency, was {self.total}, {self.locked}, {self.free}")

    @property
    def currency(self) -> Currency:
        """The currency of all three amounts."""
        return self.total.currency


class MarginBalance(Struct, frozen=True, gc=False, array_like=True):
    """Margin required by one instrument (or the whole account where `instrument` is empty)."""

    initial: Money
    maintenance: Money
    instrument: str = ""

    @property
    def currency(self) -> Currency:
        """The currency of both amounts."""
        return self.initial.currency
