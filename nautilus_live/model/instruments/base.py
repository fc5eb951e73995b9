"""What every instrument has: ticks, lots, limits, fees and margins, and the arithmetic that follows from them.

Knows values only. Promises: all arithmetic is in Decimal; what a division cannot write to the end is cut far behind any
currency's last place, and `settle` drops that remainder before it rounds, so an amount is right to its last decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Self

from msgspec import Struct

from nautilus_live.model.data import Data
from nautilus_live.model.enums import AssetClass, InstrumentClass
from nautilus_live.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_live.model.instruments.tick_scheme import FixedTickScheme, TickScheme, get_tick_scheme
from nautilus_live.model.keywords import AlsoCalled
from nautilus_live.model.objects import Currency, Money, Price, Quantity, round_to, to_decimal
from nautilus_live.model.plain import Plain, plain
from nautilus_live.model.shown import full_line_of, line_of
from nautilus_live.model.spread_ids import generic_spread_id_to_list, is_generic_spread_id

_ZERO = Decimal(0)
_ONE = Decimal(1)
_SPREADS = (InstrumentClass.FUTURES_SPREAD, InstrumentClass.OPTION_SPREAD)
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_DEEPEST = Decimal(1).scaleb(-18)


class Instrument(
    Struct,
    Plain,
    Data,
    frozen=True,
    kw_only=True,
    tag=True,
    array_like=True,
    metaclass=AlsoCalled,
    also_called={"instrument_id": "id"},
):
    """What is traded, and by which rules. Stored as an array, so a new field goes last and has a default.

    Each kind is made by the names of its fields, or as the ecosystem makes it (`in_order`, `also_called`).

    Fees and margins are fractions of the notional value (0.0004 is 4 basis points). Limits that are `None` do not
    exist. An instrument that is no pair of currencies (a share, a contract) has no base currency.

    Raises:
        ValueError: if increments and precisions contradict each other, a limit pair is upside down, the multiplier is
            zero, or nobody has registered the tick scheme.

    """

    id: InstrumentId
    raw_symbol: Symbol
    base_currency: Currency | None
    quote_currency: Currency
    price_precision: int
    size_precision: int
    price_increment: Price
    size_increment: Quantity
    multiplier: Quantity = Quantity(_ONE, 0)
    lot_size: Quantity | None = None
    max_quantity: Quantity | None = None
    min_quantity: Quantity | None = None
    max_notional: Money | None = None
    min_notional: Money | None = None
    max_price: Price | None = None
    min_price: Price | None = None
    margin_init: Decimal = _ZERO
    margin_maint: Decimal = _ZERO
    maker_fee: Decimal = _ZERO
    taker_fee: Decimal = _ZERO
    ts_event: int = 0
    ts_init: int = 0

    def __post_init__(self) -> None:
        if self.price_increment.value <= 0 or self.price_increment.precision != self.price_precision:
            raise ValueError(
                f"{self.id}: price_increment must be positive at precision {self.price_precision},"
                f" was {self.price_increment}"
            )
        if self.size_increment.value <= 0 or self.size_increment.precision != self.size_precision:
            raise ValueError(
                f"{self.id}: size_increment must be positive at precision {self.size_precision},"
                f" was {self.size_increment}"
            )
        if not self.multiplier.value:
            raise ValueError(f"{self.id}: multiplier must be positive, was {self.multiplier}")
        for name in ("quantity", "notional", "price"):
            least, most = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if least is not None and most is not None and most < least:
                raise ValueError(f"{self.id}: max_{name} {most} must not be below min_{name} {least}")
        if self.tick_scheme_name is not None:
            get_tick_scheme(self.tick_scheme_name)

    def __hash__(self) -> int:
        return hash(self.id)

    __str__ = line_of
    __repr__ = full_line_of

    # -- what it is --------------------------------------------------------------------------------------------------

    @property
    def symbol(self) -> Symbol:
        """The symbol part of the id."""
        return self.id.symbol

    @property
    def venue(self) -> Venue:
        """The venue part of the id."""
        return self.id.venue

    @property
    def asset_class(self) -> AssetClass:
        """What the instrument is about."""
        return AssetClass.ALTERNATIVE

    @property
    def instrument_class(self) -> InstrumentClass:
        """The legal form of the instrument."""
        return InstrumentClass.SPOT

    @property
    def is_inverse(self) -> bool:
        """Whether the quantity counts quote currency and the profit is in the base currency."""
        return False

    @property
    def is_quanto(self) -> bool:
        """Whether the settlement currency is neither base nor quote."""
        return False

    @property
    def is_spot(self) -> bool:
        """Whether trading exchanges two currencies at once."""
        return False

    @property
    def settlement_currency(self) -> Currency:
        """The currency that profit and loss are counted in."""
        return self.quote_currency

    @property
    def tick_scheme_name(self) -> str | None:
        """The name of the tick scheme; None if every price increment is a tick."""
        return None

    @property
    def info(self) -> dict[str, Any] | None:
        """What the venue said of it, as it came; None if nothing was kept."""
        return None

    def set_tick_scheme(self, tick_scheme_name: str) -> None:
        """Refuse: an instrument does not change. `msgspec.structs.replace` makes another one.

        Raises:
            TypeError: always.

        """
        text = "an instrument does not change; make it with tick_scheme_name"
        raise TypeError(f"{self.id}: {text}, was to be {tick_scheme_name}")

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the fields as plain values, under the ecosystem's names."""
        value = self if obj is None else obj
        kind = type(value)
        theirs = {ours: name for name, ours in kind.also_called.items() if ours != "id"}
        table = {theirs.get(name, name): plain(getattr(value, name)) for name in kind.__struct_fields__}
        return {"type": kind.__name__, **table, "info": value.info}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_dict` has written."""
        ours = {cls.also_called.get(name, name): value for name, value in values.items() if name != "type"}
        return super().from_dict(ours)

    @staticmethod
    def base_to_dict(obj: Instrument) -> dict[str, Any]:
        """Return the fields of an instrument of any kind as plain values."""
        return obj.to_dict()

    @staticmethod
    def base_from_dict(values: Mapping[str, Any]) -> Instrument:
        """Return an instrument of the kind that `type` names.

        Raises:
            ValueError: if there is no such kind.

        """
        waiting: list[type[Instrument]] = [Instrument]
        for kind in waiting:
            if kind.__name__ == values["type"]:
                return kind.from_dict(values)
            waiting.extend(kind.__subclasses__())
        raise ValueError(f"an instrument must be of a kind there is, was {values['type']!r}")

    def get_base_currency(self) -> Currency | None:
        """Return the base currency, None if there is none."""
        return self.base_currency

    def get_settlement_currency(self) -> Currency:
        """Return the currency that profit and loss are counted in."""
        return self.settlement_currency

    def get_cost_currency(self) -> Currency:
        """Return the currency that a notional value is counted in."""
        return self.settlement_currency if self.is_quanto or self.is_inverse else self.quote_currency

    # -- prices and quantities ---------------------------------------------------------------------------------------

    def make_price(self, value: Decimal | float | int | str | Price) -> Price:
        """Return `value` as a price at this instrument's precision, rounded half-even."""
        return Price(_nearest(value, self.price_precision), self.price_precision)

    def make_qty(self, value: Decimal | float | int | str | Quantity, round_down: bool = False) -> Quantity:
        """Return `value` as a quantity at this instrument's precision, rounded half-even or down.

        Raises:
            ValueError: if a positive value would round to zero, or the value is negative or no finite number.

        """
        number, precision = to_decimal(value), self.size_precision
        near = round_to("Quantity", number, precision, ROUND_DOWN) if round_down else _nearest(value, precision)
        made = Quantity(near, precision)
        if number > 0 and not made.value:
            raise ValueError(f"{self.id}: {value} rounds to zero at size precision {precision}")
        return made

    def next_bid_price(self, value: Decimal | float | int | str | Price, num_ticks: int = 0) -> Price | None:
        """Return the tick at or below `value`, or the one `num_ticks` further down; None if there is none."""
        ticks = self.next_bid_prices(value, num_ticks + 1)
        return Price(ticks[num_ticks], self.price_precision) if num_ticks < len(ticks) else None

    def next_ask_price(self, value: Decimal | float | int | str | Price, num_ticks: int = 0) -> Price | None:
        """Return the tick at or above `value`, or the one `num_ticks` further up; None if there is none."""
        ticks = self.next_ask_prices(value, num_ticks + 1)
        return Price(ticks[num_ticks], self.price_precision) if num_ticks < len(ticks) else None

    def next_bid_prices(self, value: Decimal | float | int | str | Price, num_ticks: int = 100) -> list[Decimal]:
        """Return the ticks at or below `value`, nearest first; fewer than `num_ticks` where they end."""
        found = self._ticks().down(to_decimal(value), num_ticks)
        return [tick for tick in found if self.min_price is None or tick >= self.min_price.value]

    def next_ask_prices(self, value: Decimal | float | int | str | Price, num_ticks: int = 100) -> list[Decimal]:
        """Return the ticks at or above `value`, nearest first; fewer than `num_ticks` where they end."""
        found = self._ticks().up(to_decimal(value), num_ticks)
        return [tick for tick in found if self.max_price is None or tick <= self.max_price.value]

    def _ticks(self) -> TickScheme:
        name = self.tick_scheme_name
        return (
            FixedTickScheme(str(self.id), increment=self.price_increment.value)
            if name is None
            else get_tick_scheme(name)
        )

    def is_on_tick(self, price: Price) -> bool:
        """Whether `price` is one of the tick scheme, or a whole number of price increments if there is none."""
        if self.tick_scheme_name is None:
            return not price.value % self.price_increment.value
        return price.value in self._ticks().down(price.value, 1)

    def is_on_lot(self, quantity: Quantity) -> bool:
        """Whether `quantity` is a whole number of size increments."""
        return not quantity.value % self.size_increment.value

    # -- money -------------------------------------------------------------------------------------------------------

    def calculate_base_quantity(self, quantity: Quantity, last_px: Price) -> Quantity:
        """Return how much of the base a quantity of quote currency buys at `last_px`, rounded half-even."""
        return Quantity(quantity.value / last_px.value, self.size_precision)

    def notional_value(
        self,
        quantity: Quantity,
        price: Price,
        use_quote_for_inverse: bool = False,
        target_currency: Currency | None = None,
        conversion_price: Price | None = None,
    ) -> Money:
        """Return quantity x multiplier x price in the cost currency.

        Of an inverse instrument it is quantity x multiplier / price in the base currency, or, with
        `use_quote_for_inverse`, quantity x multiplier in the quote currency, which needs no price. With a
        `target_currency` and a `conversion_price`, both of them, it is that times the latter in the former.
        """
        worth, currency = quantity.value * self.multiplier.value, self.get_cost_currency()
        if not self.is_inverse:
            worth *= price.value
        elif use_quote_for_inverse:
            currency = self.quote_currency
        else:
            worth = without_noise(worth / price.value)
        if target_currency is None or conversion_price is None:
            return Money(worth, currency)
        return Money(Money(worth, currency).value * conversion_price.value, target_currency)

    def is_spread(self) -> bool:
        """Return whether it is several contracts that are traded as one."""
        return self.instrument_class in _SPREADS

    def allows_negative_price(self) -> bool:
        """Return whether its price may fall below zero."""
        return self.is_spread() or self.instrument_class is InstrumentClass.OPTION

    def legs(self) -> list[tuple[InstrumentId, int]]:
        """Return what one of it is made of, each with its ratio: itself, or what a spread's id names."""
        named = self.is_spread() and is_generic_spread_id(self.id)
        return generic_spread_id_to_list(self.id) if named else [(self.id, 1)]

    def calculate_notional_value(self, quantity: Quantity, price: Price, use_quote_for_inverse: bool = False) -> Money:
        """Return the notional value (another of the ecosystem's names)."""
        return self.notional_value(quantity, price, use_quote_for_inverse)

    def worth(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the notional value of `quantity` units as a plain number, not rounded, negative for short."""
        units = quantity * self.multiplier.value
        return units / price if self.is_inverse else units * price

    def pnl(self, quantity: Decimal, open_price: Decimal, close_price: Decimal) -> Decimal:
        """Return the profit of `quantity` units (negative for short) from open to close, in the settlement currency."""
        if self.is_inverse:
            return quantity * self.multiplier.value * (_ONE / open_price - _ONE / close_price)
        return quantity * self.multiplier.value * (close_price - open_price)

    def average(self, size: Decimal, average: Decimal, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the average price of `size` units at `average` and `quantity` more at `price`, all sizes positive.

        It is the price at which all of them together would have cost what they did: of an inverse instrument, whose
        cost is its size divided by the price, the harmonic mean.
        """
        if self.is_inverse:
            return (size + quantity) / (size / average + quantity / price)
        return (size * average + quantity * price) / (size + quantity)

    def settle(self, amount: Decimal) -> Money:
        """Return an amount of profit as money of the settlement currency.

        A division such as the one behind an average leaves an error in the last of 28 digits. Those digits are dropped
        first: else half a cent that is exact on paper would be rounded as if it were a little less.
        """
        return Money(amount.quantize(_DEEPEST, ROUND_HALF_EVEN, _WIDE), self.settlement_currency)


def without_noise(amount: Decimal) -> Decimal:
    """Return `amount` at 18 decimal places: what lies behind is what the error of a division has put there."""
    return amount.quantize(_DEEPEST, ROUND_HALF_EVEN, _WIDE)


def _nearest(value: Decimal | float | int | str | Price | Quantity, precision: int) -> Decimal:
    """Return a float as the nearest number of so many decimals, by its bits: 1.115 is less than the tie that it looks
    like, and becomes 1.11. Anything else is the number that it says.
    """
    return to_decimal(round(float(value), precision) if isinstance(value, float) else value)
