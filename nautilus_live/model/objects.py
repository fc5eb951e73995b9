"""Money and balances; with the prices, quantities (`fixed_point`) and currencies (`currency`) that belong to them.

An amount of money is rounded half-even to its currency's decimal places.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self, overload

from msgspec import Struct
from msgspec.structs import force_setattr

from nautilus_live.model.currency import CURRENCIES, Currency
from nautilus_live.model.fixed_point import (
    DIGITS_MAX,
    MAX_PRECISION,
    UNITS,
    FixedPoint,
    Number,
    Price,
    Quantity,
    plain_number,
    precision_of,
    round_to,
    to_decimal,
    unit_of,
)
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.keywords import AlsoCalled
from nautilus_live.model.plain import Plain
from nautilus_live.model.shown import full_line_of, line_of

__all__ = [
    "CURRENCIES",
    "DIGITS_MAX",
    "MAX_PRECISION",
    "AccountBalance",
    "Currency",
    "FixedPoint",
    "MarginBalance",
    "Money",
    "Price",
    "Quantity",
    "precision_of",
    "round_to",
    "to_decimal",
    "unit_of",
]

# The ecosystem's names for how large and how fine its numbers can be. Ours have 28 digits and know no further bound.
FIXED_PRECISION = MAX_PRECISION
FIXED_SCALAR = 10.0**MAX_PRECISION
FIXED_PRECISION_BYTES = 16
HIGH_PRECISION = True
PRICE_MAX = MONEY_MAX = 17_014_118_346_046.0
PRICE_MIN = MONEY_MIN = -PRICE_MAX
QUANTITY_MAX = 34_028_236_692_093.0
QUANTITY_MIN = 0.0


class Money(Struct, frozen=True, eq=False, gc=False, array_like=True):
    """An amount of one currency, rounded half-even to the currency's decimal places.

    Amounts of one currency add, subtract and compare; of two currencies they raise ValueError.
    """

    value: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        value: Any = self.value  # what it is made of may be another number yet
        precision = self.currency.precision
        if (
            type(value) is Decimal
            and value.same_quantum(UNITS[precision])
            and value.adjusted() < DIGITS_MAX - precision
            and (value or not value.is_signed())
        ):
            return
        if isinstance(value, Money):
            if value.currency != self.currency:
                raise ValueError(f"an amount must be of the currency that it is made in, {self.currency}, was {value}")
            value = value.value
        elif type(value) is not Decimal:
            value = to_decimal(value)
        force_setattr(self, "value", round_to("Money", value, precision))

    @staticmethod
    def from_str(value: str) -> Money:
        """Return the amount written as `AMOUNT CODE`, such as `12.50 USD`.

        Raises:
            ValueError: if either is missing or malformed.

        """
        amount, space, code = value.partition(" ")
        if not space:
            raise ValueError(f"Money must be AMOUNT CODE, was {value!r}")
        return Money(to_decimal(amount), Currency.from_str(code))

    @staticmethod
    def from_decimal(amount: Decimal, currency: Currency) -> Money:
        """Return that amount of a currency, rounded half-even to its decimal places."""
        return Money(amount, currency)

    @staticmethod
    def from_raw(raw: int, currency: Currency) -> Money:
        """Return the amount that is `raw` units of 10 to the power of -16, rounded half-even."""
        return Money(Price.from_raw(raw, MAX_PRECISION).value, currency)

    @property
    def raw(self) -> int:
        """The amount in units of 10 to the power of -16."""
        return Price(self.value, self.currency.precision).raw

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
        return f"Money({self.value:f}, {self.currency.code})"

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else str(self)

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

    def __abs__(self) -> Money:
        return Money(abs(self.value), self.currency)

    def __int__(self) -> int:
        return int(self.value)

    def __round__(self, digits: int | None = None) -> Decimal:
        return round(self.value, digits or 0)

    # Of two amounts an amount; of an amount and a mere number a number, which has no currency any more.
    @overload
    def __add__(self, other: Money) -> Money: ...
    @overload
    def __add__(self, other: FixedPoint | Decimal | int) -> Decimal: ...
    @overload
    def __add__(self, other: float) -> float: ...
    def __add__(self, other: Money | Number) -> Money | Decimal | float:
        if isinstance(other, Money):
            return Money(self.value + self._same(other), self.currency)
        return float(self.value) + other if isinstance(other, float) else self.value + plain_number(other)

    @overload
    def __sub__(self, other: Money) -> Money: ...
    @overload
    def __sub__(self, other: FixedPoint | Decimal | int) -> Decimal: ...
    @overload
    def __sub__(self, other: float) -> float: ...
    def __sub__(self, other: Money | Number) -> Money | Decimal | float:
        if isinstance(other, Money):
            return Money(self.value - self._same(other), self.currency)
        return float(self.value) - other if isinstance(other, float) else self.value - plain_number(other)

    def __radd__(self, other: Decimal | float) -> Money | Decimal | float:
        if other == 0 and isinstance(other, int):  # where `sum` begins
            return self
        return other + float(self.value) if isinstance(other, float) else other + self.value

    def __rsub__(self, other: Decimal | float) -> Decimal | float:
        return other - float(self.value) if isinstance(other, float) else other - self.value

    def __mul__(self, other: Number) -> Decimal | float:
        return float(self.value) * other if isinstance(other, float) else self.value * plain_number(other)

    def __rmul__(self, other: Decimal | float) -> Decimal | float:
        return self * other

    def __truediv__(self, other: Money | Number) -> Decimal | float:
        if isinstance(other, Money):
            return self.value / self._same(other)
        return float(self.value) / other if isinstance(other, float) else self.value / plain_number(other)

    def __rtruediv__(self, other: Decimal | float) -> Decimal | float:
        return other / float(self.value) if isinstance(other, float) else other / self.value

    def __floordiv__(self, other: Number) -> Decimal | float:
        return float(self.value) // other if isinstance(other, float) else self.value // plain_number(other)

    def __mod__(self, other: Number) -> Decimal | float:
        return float(self.value) % other if isinstance(other, float) else self.value % plain_number(other)


class AccountBalance(Struct, Plain, frozen=True, gc=False, array_like=True):
    """One currency of an account: total = locked + free."""

    total: Money
    locked: Money
    free: Money

    __str__ = line_of
    __repr__ = full_line_of

    def __post_init__(self) -> None:
        # Venues do send free amounts that are negative or off by a rounding; only a different currency is nonsense.
        if not self.total.currency == self.locked.currency == self.free.currency:
            raise ValueError(f"a balance must be of one currency, was {self.total}, {self.locked}, {self.free}")

    @property
    def currency(self) -> Currency:
        """The currency of all three amounts."""
        return self.total.currency

    def copy(self) -> AccountBalance:
        """Return the balance: nobody can change it."""
        return self

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the amounts as texts, and their currency."""
        value = self if obj is None else obj
        return {"type": "AccountBalance", **_amounts(value, "total", "locked", "free")}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_dict` has written."""
        return cls(*_moneys(values, "total", "locked", "free"))


class MarginBalance(
    Struct,
    Plain,
    frozen=True,
    gc=False,
    array_like=True,
    metaclass=AlsoCalled,
    also_called={"instrument_id": "instrument"},
):
    """Margin required by one instrument, or the whole account where `instrument` is empty. Stored with a text for it,
    as a venue may say what no instrument id is; an id, and None for the whole account, are taken as well."""

    initial: Money
    maintenance: Money
    instrument: str = ""

    __str__ = line_of
    __repr__ = full_line_of

    def __post_init__(self) -> None:
        if type(self.instrument) is not str:
            force_setattr(self, "instrument", "" if self.instrument is None else str(self.instrument))

    @property
    def currency(self) -> Currency:
        """The currency of both amounts."""
        return self.initial.currency

    @property
    def instrument_id(self) -> InstrumentId | None:
        """The instrument, None where it is the whole account's margin."""
        return InstrumentId.from_str(self.instrument) if self.instrument else None

    def copy(self) -> MarginBalance:
        """Return the margin: nobody can change it."""
        return self

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the amounts as texts, their currency and the instrument."""
        value = self if obj is None else obj
        about = {"instrument_id": value.instrument or None}
        return {"type": "MarginBalance", **_amounts(value, "initial", "maintenance"), **about}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_dict` has written."""
        initial, maintenance = _moneys(values, "initial", "maintenance")
        return cls(initial, maintenance, values["instrument_id"] or "")


def _amounts(value: AccountBalance | MarginBalance, *names: str) -> dict[str, str]:
    amounts = {name: f"{getattr(value, name).value:f}" for name in names}
    return {**amounts, "currency": value.currency.code}


def _moneys(values: Mapping[str, Any], *names: str) -> list[Money]:
    currency = Currency.from_str(values["currency"])
    return [Money(to_decimal(values[name]), currency) for name in names]
