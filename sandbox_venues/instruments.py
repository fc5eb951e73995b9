"""Ready instruments, of every kind that can be traded: crypto, currencies, a share, contracts, metals, a bet.

May know: the model. Promises: the same symbol and venue give equal definitions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from nautilus_live.model.enums import AssetClass, OptionKind
from nautilus_live.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_live.model.instruments import (
    BettingInstrument,
    Cfd,
    Commodity,
    CryptoFuture,
    CryptoOption,
    CryptoPerpetual,
    CurrencyPair,
    Equity,
    FuturesContract,
    InstrumentAny,
    OptionContract,
)
from nautilus_live.model.instruments.betting import null_handicap
from nautilus_live.model.objects import Currency, Money, Price, Quantity

MAKER_FEE = Decimal("0.0002")
TAKER_FEE = Decimal("0.0004")
MARGIN_INIT = Decimal("0.05")
MARGIN_MAINT = Decimal("0.025")
LIFE: dict[str, Any] = {"activation_ns": 1_700_000_000_000_000_000, "expiration_ns": 2_000_000_000_000_000_000}
"""From November 2023 to May 2033."""
SERIES_ENDS_NS = 1_769_788_800_000_000_000
"""Friday, 30 January 2026, 16:00 UTC."""


def _common(instrument_id: InstrumentId, quote: str, price_places: int, size_places: int) -> dict[str, Any]:
    """Return what every instrument here has: increments of one unit in the last place, margins and fees."""
    return {
        "id": instrument_id,
        "raw_symbol": instrument_id.symbol,
        "quote_currency": Currency.from_str(quote),
        "price_precision": price_places,
        "size_precision": size_places,
        "price_increment": Price(Decimal(1).scaleb(-price_places), price_places),
        "size_increment": Quantity(Decimal(1).scaleb(-size_places), size_places),
        "min_quantity": Quantity(Decimal(1).scaleb(-size_places), size_places),
        "margin_init": MARGIN_INIT,
        "margin_maint": MARGIN_MAINT,
        "maker_fee": MAKER_FEE,
        "taker_fee": TAKER_FEE,
    }


def _crypto(instrument_id: InstrumentId, base: str, most: int) -> dict[str, Any]:
    """Return what instruments in USDT have: two price and three size decimals, and limits."""
    common = _common(instrument_id, "USDT", 2, 3)
    return {
        **common,
        "raw_symbol": Symbol(f"{base}USDT"),
        "base_currency": Currency.from_str(base),
        "max_quantity": Quantity(Decimal(most), 3),
        "min_notional": Money(Decimal(5), common["quote_currency"]),
        "max_price": Price(Decimal(1_000_000), 2),
        "min_price": Price(Decimal("0.01"), 2),
    }


def _spot(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    return CurrencyPair(**_crypto(instrument_id, base, 9000))


def _perpetual(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    return CryptoPerpetual(**_crypto(instrument_id, base, 1000), settlement=Currency.from_str("USDT"))


def _crypto_future(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    return CryptoFuture(**_crypto(instrument_id, base, 1000), settlement=Currency.from_str("USDT"), **LIFE)


def _inverse(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    """Return a perpetual of whole contracts of one dollar, settled in the base currency."""
    return CryptoPerpetual(**_common(instrument_id, "USD", 2, 0), base_currency=Currency.from_str(base), inverse=True)


def _quanto(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    """Return a perpetual of whole contracts that pay a millionth of a bitcoin for every dollar."""
    return CryptoPerpetual(
        **_common(instrument_id, "USD", 2, 0),
        base_currency=Currency.from_str(base),
        settlement=Currency.from_str("BTC"),
        multiplier=Quantity.from_str("0.000001"),
    )


def _currency_pair(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    common = _common(instrument_id, "USD", 5, 0)
    rules: dict[str, Any] = {
        "base_currency": Currency.from_str(base),
        "lot_size": Quantity(Decimal(1000), 0),
        "max_quantity": Quantity(Decimal(10_000_000), 0),
        "margin_init": Decimal("0.03"),
        "margin_maint": Decimal("0.03"),
        "maker_fee": Decimal("0.00002"),
        "taker_fee": Decimal("0.00002"),
    }
    return CurrencyPair(**{**common, **rules})


def _share(instrument_id: InstrumentId, _base: str) -> InstrumentAny:
    return Equity(**_common(instrument_id, "USD", 2, 0), isin="US0378331005")


def _future(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    """Return a future on an index: quarter points, fifty dollars a point."""
    common = {**_common(instrument_id, "USD", 2, 0), "price_increment": Price.from_str("0.25")}
    fifty = Quantity.from_int(50)
    return FuturesContract(**common, asset_class=AssetClass.INDEX, underlying=base, multiplier=fifty, **LIFE)


def _put(instrument_id: InstrumentId, base: str) -> InstrumentAny:
    return OptionContract(
        **_common(instrument_id, "USD", 2, 0),
        asset_class=AssetClass.INDEX,
        underlying=base,
        option_kind=OptionKind.PUT,
        strike_price=Price.from_str("4500.00"),
        multiplier=Quantity.from_int(50),
        **LIFE,
    )


def _cfd(instrument_id: InstrumentId, _base: str) -> InstrumentAny:
    return Cfd(**_common(instrument_id, "USD", 2, 1), asset_class=AssetClass.COMMODITY)


def _commodity(instrument_id: InstrumentId, _base: str) -> InstrumentAny:
    return Commodity(**_common(instrument_id, "USD", 2, 1))


def _bet(instrument_id: InstrumentId, _base: str) -> InstrumentAny:
    """Return a horse in a race: odds from 1.01 to 1000, stakes from a pound up, of which the house keeps two percent.

    Its symbol is made of the numbers of the market and the selection.
    """
    fees = {"maker_fee": Decimal("0.02"), "taker_fee": Decimal("0.02")}
    margins = {"margin_init": Decimal(1), "margin_maint": Decimal(1)}
    return BettingInstrument(
        **{**_common(instrument_id, "GBP", 2, 2), **fees, **margins},
        min_notional=Money(Decimal(1), Currency.from_str("GBP")),
        min_price=Price.from_str("1.01"),
        max_price=Price.from_str("1000.00"),
        venue_name=instrument_id.venue.value,
        event_type_id=7,
        event_type_name="Horse Racing",
        competition_id=1,
        competition_name="Sandown",
        event_id=31_201_070,
        event_name="Sandown, 14:30",
        event_country_code="GB",
        event_open_date=LIFE["activation_ns"],
        betting_type="ODDS",
        market_id="1.201070830",
        market_name="2m Handicap",
        market_start_time=SERIES_ENDS_NS,
        market_type="WIN",
        selection_id=50_214,
        selection_name="Northern Gale",
        selection_handicap=null_handicap(),
    )


_MAKERS: dict[str, tuple[Callable[[InstrumentId, str], InstrumentAny], str]] = {
    "BTCUSDT": (_spot, "BTC"),
    "ETHUSDT": (_spot, "ETH"),
    "BTCUSDT-PERP": (_perpetual, "BTC"),
    "ETHUSDT-PERP": (_perpetual, "ETH"),
    "BTCUSDT-FUTURE": (_crypto_future, "BTC"),
    "BTCUSD-INVERSE": (_inverse, "BTC"),
    "ETHUSD-INVERSE": (_inverse, "ETH"),
    "ETHUSD-QUANTO": (_quanto, "ETH"),
    "AUD/USD": (_currency_pair, "AUD"),
    "EUR/USD": (_currency_pair, "EUR"),
    "AAPL-SHARE": (_share, "AAPL"),
    "ES-FUTURE": (_future, "ES"),
    "ES-PUT": (_put, "ES"),
    "XAU-CFD": (_cfd, "XAU"),
    "GOLD-SPOT": (_commodity, "GOLD"),
    "1-201070830-50214-None": (_bet, ""),
}

SYMBOLS = tuple(_MAKERS)
"""The symbols there are, beside those of options in a series."""

_SERIES: dict[str, str] = {"ES": "ES-FUTURE", "AAPL": "AAPL-SHARE", "BTC": "BTC"}
"""What options can be had on, each with what they name as their underlying."""
_OPTION = re.compile(rf"({'|'.join(_SERIES)})-([CP])(\d+)")


def is_option(symbol: str) -> bool:
    """Return whether a symbol is that of an option in a series: `ES-C6000`, `AAPL-P190`, `BTC-C90000`."""
    return _OPTION.fullmatch(symbol) is not None


def _option(instrument_id: InstrumentId) -> InstrumentAny:
    """Return an option of the series that ends in January 2026; on a currency it is linear, in USDT."""
    match = _OPTION.fullmatch(instrument_id.symbol.value)
    assert match is not None, "somebody has looked"
    base, letter, strike = match.groups()
    terms: dict[str, Any] = {
        "option_kind": OptionKind.CALL if letter == "C" else OptionKind.PUT,
        "strike_price": Price(Decimal(strike), 2),
        "activation_ns": LIFE["activation_ns"],
        "expiration_ns": SERIES_ENDS_NS,
    }
    if base == "BTC":
        settles: dict[str, Any] = {"base_currency": Currency.from_str(base), "settlement": Currency.from_str("USDT")}
        return CryptoOption(**_common(instrument_id, "USDT", 2, 1), **settles, **terms)
    kinds = {"ES": (AssetClass.INDEX, 50), "AAPL": (AssetClass.EQUITY, 100)}
    asset_class, multiplier = kinds[base]
    contract: dict[str, Any] = {
        "underlying": _SERIES[base],
        "multiplier": Quantity.from_int(multiplier),
        "asset_class": asset_class,
    }
    return OptionContract(**_common(instrument_id, "USD", 2, 0), **contract, **terms)


def instrument(symbol: str, venue: str = "SANDBOX") -> InstrumentAny:
    """Return the ready instrument of that symbol at that venue.

    Raises:
        ValueError: if there is none.

    """
    if is_option(symbol):
        return _option(InstrumentId(Symbol(symbol), Venue(venue)))
    found = _MAKERS.get(symbol)
    if found is None:
        raise ValueError(f"a sandbox instrument must be one of {', '.join(SYMBOLS)}, was {symbol!r}")
    make, base = found
    return make(InstrumentId(Symbol(symbol), Venue(venue)), base)
