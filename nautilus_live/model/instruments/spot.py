"""What is owned once it is bought: currencies, shares, commodities. And an index, which only has a price."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import AssetClass, CurrencyType, InstrumentClass
from nautilus_live.model.instruments.base import Instrument
from nautilus_live.model.objects import Currency, Quantity

CRYPTO = CurrencyType.CRYPTO
_SIZES = "price_precision size_precision price_increment size_increment"
_TERMS = """max_quantity min_quantity max_notional min_notional max_price min_price
    margin_init margin_maint maker_fee taker_fee tick_scheme_name info"""


class CurrencyPair(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    in_order=f"instrument_id raw_symbol base_currency quote_currency {_SIZES} ts_event ts_init"
    f" multiplier lot_size {_TERMS}",
):
    """Two currencies, spot or FX."""

    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def is_spot(self) -> bool:
        """Whether trading exchanges two currencies at once: always."""
        return True

    @property
    def asset_class(self) -> AssetClass:
        """CRYPTOCURRENCY if either currency is one, else FX."""
        crypto = any(one and one.currency_type is CRYPTO for one in (self.base_currency, self.quote_currency))
        return AssetClass.CRYPTOCURRENCY if crypto else AssetClass.FX


class Equity(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    also_called={"currency": "quote_currency"},
    in_order="""instrument_id raw_symbol currency price_precision price_increment lot_size ts_event ts_init max_quantity
    min_quantity margin_init margin_maint maker_fee taker_fee isin tick_scheme_name info""",
):
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


class TokenizedAsset(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    in_order=f"instrument_id raw_symbol asset_class base_currency quote_currency {_SIZES} ts_event ts_init isin"
    " multiplier lot_size max_quantity min_quantity max_notional min_notional max_price min_price margin_init"
    " margin_maint maker_fee taker_fee info tick_scheme_name",
):
    """A token that stands for something else, a share or a bond, and is traded like a crypto currency.

    Attributes:
        isin: the International Securities Identification Number of what it stands for.

    """

    asset_class: AssetClass
    isin: str | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def is_spot(self) -> bool:
        """Whether trading exchanges two currencies at once: always, the token is one."""
        return True


class Commodity(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    in_order=f"instrument_id raw_symbol asset_class quote_currency {_SIZES} ts_event ts_init"
    f" base_currency lot_size {_TERMS}",
):
    """A commodity that is traded for delivery at once, such as gold."""

    base_currency: Currency | None = None
    asset_class: AssetClass = AssetClass.COMMODITY
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def isin(self) -> str | None:
        """None: shares have such a number."""
        return None


class IndexInstrument(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    also_called={"currency": "quote_currency"},
    in_order=f"instrument_id raw_symbol currency {_SIZES} ts_event ts_init tick_scheme_name info",
):
    """An index: it has prices, but nobody can trade it."""

    base_currency: Currency | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def asset_class(self) -> AssetClass:
        """INDEX."""
        return AssetClass.INDEX


class Cfd(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    in_order=f"instrument_id raw_symbol asset_class quote_currency {_SIZES} ts_event ts_init"
    f" base_currency lot_size {_TERMS}",
):
    """A contract for difference: the price of something is bet on, nothing is owned."""

    base_currency: Currency | None = None
    asset_class: AssetClass = AssetClass.FX
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def isin(self) -> str | None:
        """None: shares have such a number."""
        return None

    @property
    def instrument_class(self) -> InstrumentClass:
        """CFD."""
        return InstrumentClass.CFD
