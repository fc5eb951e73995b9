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
from nautilus_live.model.instruments.spot import Cfd, Commodity, CurrencyPair, Equity, IndexInstrument
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
    "CryptoOption",
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
    "SyntheticInstrument",
    "TickScheme",
    "TieredTickScheme",
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
)

INSTRUMENT_KINDS: tuple[type[Instrument], ...] = InstrumentAny.__args__
"""Every kind there is, for tables that have a handler a kind."""
