"""Instruments: ticks, lots, limits, fees and margins, and the arithmetic that follows from them."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from msgspec import Struct

from nautilus_live.model.enums import AssetClass
from nautilus_live.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_live.model.objects import Currency, Money, Price, Quantity, round_to, to_decimal

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Instrument(Struct, frozen=True, kw_only=True, tag=True, cache_hash=True, array_like=True):
    """What is traded, and by which rules. Stored as an array, so a new field goes last and has a default.

    Fees and margins are fractions of the notional value (0.0004 is 4 basis points). Limits that are `None` do not
    exist.

    Raises:
        ValueError: if increments and precisions contradict each other, a limit pair is upside down, or the multiplier
            is zero.

    """

    id: InstrumentId
    raw_symbol: Symbol
    base_currency: Currency
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

    @property
    def symbol(self) -> Symbol:
        """The symbol part of the id."""
        return self.id.symbol

    @property
    def venue(self) -> Venue:
        """The venue part of the id."""
        return self.id.venue

    @property
    def is_inverse(self) -> bool:
        """Whether the quantity counts quote currency and the profit is in the base currency."""
        return False

    @property
    def settlement_currency(self) -> Currency:
        """The currency that profit and loss are counted in."""
        return self.quote_currency

    @property
    def is_spot(self) -> bool:
        """Whether trading exchanges two currencies at once."""
        return False

    def get_base_currency(self) -> Currency:
        """Return the base currency."""
        return self.base_currency

    def get_settlement_currency(self) -> Currency:
        """Return the currency that profit and loss are counted in."""
        return self.settlement_currency

    def get_cost_currency(self) -> Currency:
        """Return the currency that a notional value is counted in."""
        return self.base_currency if self.is_inverse else self.quote_currency

    def make_price(self, value: Decimal | float | int | str | Price) -> Price:
        """Return `value` as a price at this instrument's precision."""
        return Price(to_decimal(value), self.price_precision)

    def make_qty(self, value: Decimal | float | int | str | Quantity, round_down: bool = False) -> Quantity:
        """Return `value` as a quantity at this instrument's precision, rounded half-even or down.

        Raises:
            ValueError: if a positive value would round to zero, or the value is negative or no finite number.

        """
        number = to_decimal(value)
        precision = self.size_precision
        made = Quantity(round_to("Quantity", number, precision, ROUND_DOWN) if round_down else number, precision)
        if number > 0 and not made.value:
            raise ValueError(f"{self.id}: {value} rounds to zero at size precision {precision}")
        return made

    def notional_value(self, quantity: Quantity, price: Price) -> Money:
        """Return quantity x multiplier x price in the cost currency (for inverse: divided by the price)."""
        if self.is_inverse:
            return Money(quantity.value * self.multiplier.value / price.value, self.base_currency)
        return Money(quantity.value * self.multiplier.value * price.value, self.quote_currency)

    def calculate_notional_value(self, quantity: Quantity, price: Price) -> Money:
        """Return the notional value (the ecosystem's name)."""
        return self.notional_value(quantity, price)

    def pnl(self, quantity: Decimal, open_price: Decimal, close_price: Decimal) -> Decimal:
        """Return the profit of `quantity` units (negative for short) from open to close, in the settlement currency."""
        if self.is_inverse:
            return quantity * self.multiplier.value * (_ONE / open_price - _ONE / close_price)
        return quantity * self.multiplier.value * (close_price - open_price)

    def is_on_tick(self, price: Price) -> bool:
        """Whether `price` is a whole number of price increments."""
        return not price.value % self.price_increment.value

    def is_on_lot(self, quantity: Quantity) -> bool:
        """Whether `quantity` is a whole number of size increments."""
        return not quantity.value % self.size_increment.value


class CurrencyPair(Instrument, frozen=True, kw_only=True, tag=True, cache_hash=True):
    """Two currencies, spot or FX."""

    @property
    def is_spot(self) -> bool:
        """Whether trading exchanges two currencies at once: always."""
        return True

    @property
    def asset_class(self) -> AssetClass:
        """FX; crypto spot is an FX pair of crypto currencies."""
        return AssetClass.FX


class CryptoPerpetual(Instrument, frozen=True, kw_only=True, tag=True, cache_hash=True):
    """A perpetual swap: linear (settled in the quote currency), inverse (in the base) or quanto (in a third)."""

    settlement: Currency | None = None
    inverse: bool = False

    @property
    def is_inverse(self) -> bool:
        """Whether the quantity counts quote currency and the profit is in the base currency."""
        return self.inverse

    @property
    def is_quanto(self) -> bool:
        """Whether the settlement currency is neither base nor quote."""
        return self.settlement is not None and self.settlement not in (self.base_currency, self.quote_currency)

    @property
    def settlement_currency(self) -> Currency:
        """The currency that profit and loss are counted in."""
        return self.settlement or (self.base_currency if self.inverse else self.quote_currency)

    @property
    def asset_class(self) -> AssetClass:
        """CRYPTOCURRENCY."""
        return AssetClass.CRYPTOCURRENCY


InstrumentAny = CurrencyPair | CryptoPerpetual
