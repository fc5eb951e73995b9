"""Ready instruments: crypto spot, linear perpetuals and a currency pair.

May know: the model. Promises: the same symbol and venue give equal definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from nautilus_live.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_live.model.instruments import CryptoPerpetual, CurrencyPair, InstrumentAny
from nautilus_live.model.objects import Currency, Money, Price, Quantity

MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.0004")
MARGIN_INIT = Decimal("0.05")
MARGIN_MAINT = Decimal("0.025")


def _spot(instrument_id: InstrumentId, base: str, size_places: int) -> InstrumentAny:
    usdt = Currency.from_str("USDT")
    return CurrencyPair(
        id=instrument_id,
        raw_symbol=Symbol(f"{base}USDT"),
        base_currency=Currency.from_str(base),
        quote_currency=usdt,
        price_precision=2,
        size_precision=size_places,
        price_increment=Price(Decimal("0.01"), 2),
        size_increment=Quantity(Decimal(1).scaleb(-size_places), size_places),
        max_quantity=Quantity(Decimal(9000), size_places),
        min_quantity=Quantity(Decimal(1).scaleb(-size_places), size_places),
        min_notional=Money(Decimal(5), usdt),
        max_price=Price(Decimal(1_000_000), 2),
        min_price=Price(Decimal("0.01"), 2),
        margin_init=MARGIN_INIT,
        margin_maint=MARGIN_MAINT,
        maker_fee=MAKER_FEE,
        taker_fee=TAKER_FEE,
    )


def _perpetual(instrument_id: InstrumentId, base: str, size_places: int) -> InstrumentAny:
    usdt = Currency.from_str("USDT")
    return CryptoPerpetual(
        id=instrument_id,
        raw_symbol=Symbol(f"{base}USDT"),
        base_currency=Currency.from_str(base),
        quote_currency=usdt,
        settlement=usdt,
        price_precision=2,
        size_precision=size_places,
        price_increment=Price(Decimal("0.01"), 2),
        size_increment=Quantity(Decimal(1).scaleb(-size_places), size_places),
        max_quantity=Quantity(Decimal(1000), size_places),
        min_quantity=Quantity(Decimal(1).scaleb(-size_places), size_places),
        min_notional=Money(Decimal(5), usdt),
        max_price=Price(Decimal(1_000_000), 2),
        min_price=Price(Decimal("0.01"), 2),
        margin_init=MARGIN_INIT,
        margin_maint=MARGIN_MAINT,
        maker_fee=MAKER_FEE,
        taker_fee=TAKER_FEE,
    )


def _currency_pair(instrument_id: InstrumentId, base: str, _size_places: int) -> InstrumentAny:
    usd = Currency.from_str("USD")
    return CurrencyPair(
        id=instrument_id,
        raw_symbol=Symbol(f"{base}/USD"),
        base_currency=Currency.from_str(base),
        quote_currency=usd,
        price_precision=5,
        size_precision=0,
        price_increment=Price(Decimal("0.00001"), 5),
        size_increment=Quantity(Decimal(1), 0),
        lot_size=Quantity(Decimal(1000), 0),
        max_quantity=Quantity(Decimal(10_000_000), 0),
        min_quantity=Quantity(Decimal(1), 0),
        margin_init=Decimal("0.03"),
        margin_maint=Decimal("0.03"),
        maker_fee=Decimal("0.00002"),
        taker_fee=Decimal("0.00002"),
    )


_MAKERS: dict[str, tuple[Callable[[InstrumentId, str, int], InstrumentAny], str, int]] = {
    "BTCUSDT": (_spot, "BTC", 3),
    "ETHUSDT": (_spot, "ETH", 3),
    "BTCUSDT-PERP": (_perpetual, "BTC", 3),
    "ETHUSDT-PERP": (_perpetual, "ETH", 3),
    "AUD/USD": (_currency_pair, "AUD", 0),
    "EUR/USD": (_currency_pair, "EUR", 0),
}

SYMBOLS = tuple(_MAKERS)
"""The symbols there are."""


def instrument(symbol: str, venue: str = "SANDBOX") -> InstrumentAny:
    """Return the ready instrument of that symbol at that venue.

    Raises:
        ValueError: if there is none.

    """
    found = _MAKERS.get(symbol)
    if found is None:
        raise ValueError(f"a sandbox instrument must be one of {', '.join(SYMBOLS)}, was {symbol!r}")
    make, base, size_places = found
    return make(InstrumentId(Symbol(symbol), Venue(venue)), base, size_places)
