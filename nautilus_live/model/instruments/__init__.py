"""Instruments: ticks, lots, limits, fees and margins, and the arithmetic that follows from them."""

from __future__ import annotations

from nautilus_live.model.instruments.base import Instrument, without_noise
from nautilus_live.model.instruments.betting import BettingInstrument
from nautilus_live.model.instruments.contracts import (
    BinaryOption,
    FuturesContract,
    FuturesSpread,
    OptionContract,
    OptionSpread,
)
from nautilus_live.model.instruments.crypto import CryptoFuture, CryptoOption, CryptoPerpetual
from nautilus_live.model.instruments.crypto_spreads import CryptoFuturesSpread, CryptoOptionSpread
from nautilus_live.model.instruments.perpetual import PerpetualContract
from nautilus_live.model.instruments.spot import Cfd, Commodity, CurrencyPair, Equity, IndexInstrument, TokenizedAsset
from nautilus_live.model.instruments.synthetic import SyntheticInstrument
from nautilus_live.model.instruments.tick_scheme import (
    FixedTickScheme,
    TickScheme,
    TieredTickScheme,
    register_tick_scheme,
)

__all__ = [
    "INSTRUMENT_KINDS",
    "BettingInstrument",
    "BinaryOption",
    "Cfd",
    "Commodity",
    "CryptoFuture",
    "CryptoFuturesSpread",
    "CryptoOption",
    "CryptoOptionSpread",
    "CryptoPerpetual",
    "CurrencyPair",
    "Equity",
    "FixedTickScheme",
    "FuturesContract",
    "FuturesSpread",
    "IndexInstrument",
    "Instrument",
    "InstrumentAny",
    "OptionContract",
    "OptionSpread",
    "PerpetualContract",
    "SyntheticInstrument",
    "TickScheme",
    "TieredTickScheme",
    "TokenizedAsset",
    "register_tick_scheme",
    "without_noise",
]

InstrumentAny = (
    CurrencyPair
    | CryptoPerpetual
    | CryptoFuture
    | CryptoOption
    | Equity
    | FuturesContract
    | OptionContract
    | Cfd
    | Commodity
    | IndexInstrument
    | BinaryOption
    | BettingInstrument
    | FuturesSpread
    | OptionSpread
    | CryptoFuturesSpread
    | CryptoOptionSpread
    | PerpetualContract
    | TokenizedAsset
)

INSTRUMENT_KINDS: tuple[type[Instrument], ...] = InstrumentAny.__args__
"""Every kind there is, for tables that have a handler a kind."""
