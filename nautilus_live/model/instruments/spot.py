"""What is owned once it is bought: currencies, shares, commodities. And an index, which only has a price."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import AssetClass, InstrumentClass
from nautilus_live.model.instruments.base import Instrument
from nautilus_live.model.objects import Currency, Quantity


class CurrencyPair(Instrument, frozen=True, kw_only=True, tag=True):
    """Two currencies, spot or FX."""

    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def is_spot(self) -> bool:
        """Whether trading exchanges two currencies at once: always."""
        return True

    @property
    def asset_class(self) -> AssetClass:
        """FX; crypto spot is an FX pair of crypto currencies."""
        return AssetClass.FX


class Equity(Instrument, frozen=True, kw_only=True, tag=True):
    """A share, counted in whole ones unless `size_precision` says otherwise.

    Attributes:
        isin: its International Securities Identification Number.

    """

    base_currency: Currency | None = None
    size_precision: int = 0
    size_increment: Quantity = Quantity.from_int(1)
    isin: str | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def asset_class(self) -> AssetClass:
        """EQUITY."""
        return AssetClass.EQUITY


class Commodity(Instrument, frozen=True, kw_only=True, tag=True):
    """A commodity that is traded for delivery at once, such as gold."""

    base_currency: Currency | None = None
    asset_class: AssetClass = AssetClass.COMMODITY
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None


class IndexInstrument(Instrument, frozen=True, kw_only=True, tag=True):
    """An index: it has prices, but nobody can trade it."""

    base_currency: Currency | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def asset_class(self) -> AssetClass:
        """INDEX."""
        return AssetClass.INDEX


class Cfd(Instrument, frozen=True, kw_only=True, tag=True):
    """A contract for difference: the price of something is bet on, nothing is owned."""

    base_currency: Currency | None = None
    asset_class: AssetClass = AssetClass.FX
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def instrument_class(self) -> InstrumentClass:
        """CFD."""
        return InstrumentClass.CFD
