"""Contracts: futures, options, spreads of them, counted in whole ones of `multiplier` units; and bets on an outcome."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import AssetClass, InstrumentClass, OptionKind
from nautilus_live.model.instruments.base import Instrument
from nautilus_live.model.instruments.dates import Dated
from nautilus_live.model.objects import Currency, Price, Quantity

_BEGIN = """instrument_id raw_symbol asset_class currency price_precision price_increment multiplier lot_size
    underlying"""
_END = """activation_ns expiration_ns ts_event ts_init margin_init margin_maint maker_fee taker_fee exchange
    tick_scheme_name info"""


class Contract(Instrument, Dated, frozen=True, kw_only=True, tag=True, also_called={"currency": "quote_currency"}):
    """What contracts of classic exchanges share: they say their currency, and have no base."""


class FuturesContract(Contract, frozen=True, kw_only=True, tag=True, in_order=f"{_BEGIN} {_END}"):
    """A future.

    Attributes:
        underlying: what is delivered, or whose price settles it.
        exchange: the market identifier code (ISO 10383) of where it is listed.

    """

    asset_class: AssetClass
    underlying: str
    activation_ns: int
    expiration_ns: int
    base_currency: Currency | None = None
    size_precision: int = 0
    size_increment: Quantity = Quantity.from_int(1)
    exchange: str | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def instrument_class(self) -> InstrumentClass:
        """FUTURE."""
        return InstrumentClass.FUTURE


class OptionContract(
    Contract, frozen=True, kw_only=True, tag=True, in_order=f"{_BEGIN} option_kind strike_price {_END}"
):
    """An option: the right to buy (CALL) or sell (PUT) the underlying at the strike price.

    Attributes:
        underlying: what may be bought or sold.
        exchange: the market identifier code (ISO 10383) of where it is listed.

    """

    asset_class: AssetClass
    underlying: str
    option_kind: OptionKind
    strike_price: Price
    activation_ns: int
    expiration_ns: int
    base_currency: Currency | None = None
    size_precision: int = 0
    size_increment: Quantity = Quantity.from_int(1)
    exchange: str | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def instrument_class(self) -> InstrumentClass:
        """OPTION."""
        return InstrumentClass.OPTION


class FuturesSpread(Contract, frozen=True, kw_only=True, tag=True, in_order=f"{_BEGIN} strategy_type {_END}"):
    """Several futures traded as one, such as a calendar spread.

    Attributes:
        underlying: what the legs are about.
        strategy_type: the exchange's code for the kind of spread.
        exchange: the market identifier code (ISO 10383) of where it is listed.

    """

    asset_class: AssetClass
    underlying: str
    strategy_type: str
    activation_ns: int
    expiration_ns: int
    base_currency: Currency | None = None
    size_precision: int = 0
    size_increment: Quantity = Quantity.from_int(1)
    exchange: str | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def instrument_class(self) -> InstrumentClass:
        """FUTURES_SPREAD."""
        return InstrumentClass.FUTURES_SPREAD


class OptionSpread(Contract, frozen=True, kw_only=True, tag=True, in_order=f"{_BEGIN} strategy_type {_END}"):
    """Several options traded as one.

    Attributes:
        underlying: what the legs are about.
        strategy_type: the exchange's code for the kind of spread.
        exchange: the market identifier code (ISO 10383) of where it is listed.

    """

    asset_class: AssetClass
    underlying: str
    strategy_type: str
    activation_ns: int
    expiration_ns: int
    base_currency: Currency | None = None
    size_precision: int = 0
    size_increment: Quantity = Quantity.from_int(1)
    exchange: str | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def instrument_class(self) -> InstrumentClass:
        """OPTION_SPREAD."""
        return InstrumentClass.OPTION_SPREAD


class BinaryOption(
    Contract,
    frozen=True,
    kw_only=True,
    tag=True,
    in_order="""instrument_id raw_symbol asset_class currency price_precision size_precision price_increment
    size_increment activation_ns expiration_ns ts_event ts_init max_quantity min_quantity maker_fee taker_fee outcome
    description tick_scheme_name info""",
):
    """A bet on an outcome: worth one unit of its currency if it comes about, nothing if not.

    Attributes:
        outcome: what is bet on.
        description: the market's own words for it.

    """

    asset_class: AssetClass
    activation_ns: int
    expiration_ns: int
    base_currency: Currency | None = None
    outcome: str | None = None
    description: str | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def instrument_class(self) -> InstrumentClass:
        """BINARY_OPTION."""
        return InstrumentClass.BINARY_OPTION
