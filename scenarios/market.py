"""The instruments that scenarios trade.

A symbol says what it is: `AUD/USD` is a currency pair with five price and no size decimals; `BTCUSD-INVERSE`,
`ETHUSD-QUANTO`, `BTCUSDT-FUTURE`, `AAPL-SHARE`, `ES-FUTURE`, `ES-PUT`, `XAU-CFD`, `GOLD-SPOT` and the horse
`1-201070830-50214-None` are ready instruments of the sandbox; `ES-C6000`, `ES-P6000`, `AAPL-C190`, `BTC-C90000` and the
like are options on `ES-FUTURE`, `AAPL-SHARE` and BTC that expire at the end of January 2026; `SPX-INDEX` and the like
are indices in USD; everything else is a linear perpetual in USDT with two price and three size decimals. Pairs and
those perpetuals are without limits, so that a file may use the guide's plain numbers.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from nautilus_live.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_live.model.instruments import CryptoPerpetual, CurrencyPair, IndexInstrument, InstrumentAny
from nautilus_live.model.objects import Currency, Price, Quantity
from sandbox_venues.instruments import SYMBOLS, is_option
from sandbox_venues.instruments import instrument as ready_instrument

QUOTES = ("USDT", "USDC", "USD", "BTC")
MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.0004")
MARGIN = Decimal("0.05")
READY = ("-INVERSE", "-QUANTO", "-FUTURE", "-SHARE", "-PUT", "-CFD", "-SPOT", "-None")
"""How the symbols of the sandbox's ready instruments end that are meant here too."""


@cache
def instrument(symbol: str, venue: str, spot: bool = False) -> InstrumentAny:
    """Return the instrument of that symbol at that venue; `spot` for accounts that hold no positions."""
    if (symbol in SYMBOLS and symbol.endswith(READY)) or is_option(symbol):
        return ready_instrument(symbol, venue)
    if symbol.endswith("-INDEX"):
        return _index(symbol, venue)
    pair = "/" in symbol
    price_places, size_places = (5, 0) if pair else (2, 3)
    base, quote = symbol.split("/", 1) if pair else _currencies(symbol)
    common = {
        "id": InstrumentId(Symbol(symbol), Venue(venue)),
        "raw_symbol": Symbol(symbol),
        "base_currency": Currency.from_str(base),
        "quote_currency": Currency.from_str(quote),
        "price_precision": price_places,
        "size_precision": size_places,
        "price_increment": Price(Decimal(1).scaleb(-price_places), price_places),
        "size_increment": Quantity(Decimal(1).scaleb(-size_places), size_places),
        "margin_init": MARGIN,
        "margin_maint": MARGIN / 2,
        "maker_fee": MAKER_FEE,
        "taker_fee": TAKER_FEE,
    }
    if pair or spot:
        return CurrencyPair(**common)  # type: ignore[arg-type]  # a table of fields
    return CryptoPerpetual(**common, settlement=Currency.from_str(quote))  # type: ignore[arg-type]  # the same


def _index(symbol: str, venue: str) -> InstrumentAny:
    return IndexInstrument(
        id=InstrumentId(Symbol(symbol), Venue(venue)),
        raw_symbol=Symbol(symbol),
        quote_currency=Currency.from_str("USD"),
        price_precision=2,
        size_precision=0,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_int(1),
    )


def _currencies(symbol: str) -> tuple[str, str]:
    name = symbol.removesuffix("-PERP")
    for quote in QUOTES:
        if name.endswith(quote) and name != quote:
            return name.removesuffix(quote), quote
    return name, "USDT"
