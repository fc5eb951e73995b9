"""Contracts of classic exchanges: futures and options. Counted in whole contracts of `multiplier` units each."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import AssetClass, InstrumentClass, OptionKind
from nautilus_live.model.instruments.base import Instrument
from nautilus_live.model.instruments.dates import Dated
from nautilus_live.model.objects import Currency, Price, Quantity


class FuturesContract(Instrument, Dated, frozen=True, kw_only=True, tag=True):
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


class OptionContract(Instrument, Dated, frozen=True, kw_only=True, tag=True):
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
