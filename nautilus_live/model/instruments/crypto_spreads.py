"""Spreads of crypto derivatives that a venue trades as one: of futures, of options. Their price may be negative."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import InstrumentClass
from nautilus_live.model.instruments.crypto import CryptoDerivative
from nautilus_live.model.instruments.dates import Dated
from nautilus_live.model.objects import Currency

_ORDER = """instrument_id raw_symbol underlying quote_currency settlement_currency is_inverse strategy_type
    activation_ns expiration_ns price_precision size_precision price_increment size_increment ts_event ts_init
    multiplier lot_size max_quantity min_quantity max_notional min_notional max_price min_price
    margin_init margin_maint maker_fee taker_fee tick_scheme_name info"""


class CryptoSpread(
    CryptoDerivative, Dated, frozen=True, kw_only=True, tag=True, also_called={"underlying": "base_currency"}
):
    """What both share.

    Attributes:
        strategy_type: what the venue calls such a spread: a calendar, a butterfly.

    """

    strategy_type: str
    activation_ns: int
    expiration_ns: int
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def underlying(self) -> Currency | None:
        """The currency whose price is bet on: the base currency."""
        return self.base_currency


class CryptoFuturesSpread(CryptoSpread, frozen=True, kw_only=True, tag=True, in_order=_ORDER):
    """Futures on a crypto currency, bought and sold together."""

    @property
    def instrument_class(self) -> InstrumentClass:
        """FUTURES_SPREAD."""
        return InstrumentClass.FUTURES_SPREAD


class CryptoOptionSpread(CryptoSpread, frozen=True, kw_only=True, tag=True, in_order=_ORDER):
    """Options on a crypto currency, bought and sold together."""

    @property
    def instrument_class(self) -> InstrumentClass:
        """OPTION_SPREAD."""
        return InstrumentClass.OPTION_SPREAD
