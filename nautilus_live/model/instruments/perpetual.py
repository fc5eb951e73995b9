"""A perpetual contract on anything: a share, an index, a metal; one on a crypto currency is a `CryptoPerpetual`."""

from __future__ import annotations

from typing import Any

from nautilus_live.model.enums import AssetClass, InstrumentClass
from nautilus_live.model.instruments.crypto import CryptoDerivative
from nautilus_live.model.objects import Currency


class PerpetualContract(
    CryptoDerivative,
    frozen=True,
    kw_only=True,
    tag=True,
    in_order="""instrument_id raw_symbol underlying asset_class quote_currency settlement_currency is_inverse
    price_precision size_precision price_increment size_increment ts_event ts_init base_currency multiplier lot_size
    max_quantity min_quantity max_notional min_notional max_price min_price
    margin_init margin_maint maker_fee taker_fee tick_scheme_name info""",
):
    """A perpetual swap on `underlying`, which need not be a currency.

    Raises:
        ValueError: if it is inverse and has no base currency, which its profit would be in.

    """

    asset_class: AssetClass
    underlying: str
    base_currency: Currency | None = None
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.inverse and self.base_currency is None:
            raise ValueError(f"{self.id}: an inverse contract must have a base_currency, was None")

    @property
    def instrument_class(self) -> InstrumentClass:
        """SWAP."""
        return InstrumentClass.SWAP
