"""Derivatives of crypto currencies: linear (settled in the quote currency), inverse (in the base), quanto (a third)."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import AssetClass, InstrumentClass, OptionKind
from nautilus_live.model.instruments.base import Instrument
from nautilus_live.model.instruments.dates import Dated
from nautilus_live.model.objects import Currency, Price

_TERMS = """price_precision size_precision price_increment size_increment ts_event ts_init multiplier lot_size
    max_quantity min_quantity max_notional min_notional max_price min_price
    margin_init margin_maint maker_fee taker_fee tick_scheme_name info"""


class CryptoDerivative(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    also_called={"settlement_currency": "settlement", "is_inverse": "inverse"},
):
    """What the derivatives of a crypto currency share: how they settle.

    The profit of a quanto contract is quantity x multiplier x difference in price, counted in units of the settlement
    currency, whatever the quote currency is worth.
    """

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
        return self.settlement or (self.base_currency if self.inverse else None) or self.quote_currency

    @property
    def asset_class(self) -> AssetClass:
        """CRYPTOCURRENCY."""
        return AssetClass.CRYPTOCURRENCY


class CryptoPerpetual(
    CryptoDerivative,
    frozen=True,
    kw_only=True,
    tag=True,
    in_order=f"instrument_id raw_symbol base_currency quote_currency settlement_currency is_inverse {_TERMS}",
):
    """A perpetual swap."""

    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def instrument_class(self) -> InstrumentClass:
        """SWAP."""
        return InstrumentClass.SWAP


class CryptoFuture(
    CryptoDerivative,
    Dated,
    frozen=True,
    kw_only=True,
    tag=True,
    also_called={"underlying": "base_currency"},
    in_order="instrument_id raw_symbol underlying quote_currency settlement_currency is_inverse"
    f" activation_ns expiration_ns {_TERMS}",
):
    """A future on a crypto currency; `activation_ns` and `expiration_ns` say when it may be traded."""

    activation_ns: int
    expiration_ns: int
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def underlying(self) -> Currency | None:
        """The currency whose price is bet on: the base currency."""
        return self.base_currency

    @property
    def instrument_class(self) -> InstrumentClass:
        """FUTURE."""
        return InstrumentClass.FUTURE


class CryptoOption(
    CryptoDerivative,
    Dated,
    frozen=True,
    kw_only=True,
    tag=True,
    also_called={"underlying": "base_currency"},
    in_order="instrument_id raw_symbol underlying quote_currency settlement_currency is_inverse"
    f" option_kind strike_price activation_ns expiration_ns {_TERMS}",
):
    """An option on a crypto currency."""

    option_kind: OptionKind
    strike_price: Price
    activation_ns: int
    expiration_ns: int
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def underlying(self) -> Currency | None:
        """The currency that may be bought or sold: the base currency."""
        return self.base_currency

    @property
    def instrument_class(self) -> InstrumentClass:
        """OPTION."""
        return InstrumentClass.OPTION
