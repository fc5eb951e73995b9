"""Quotes and trades of synthetic instruments, made of those of their components.

Knows the bus and the cache. Promises: nothing is made before every component has a price; each quote or trade of a
component makes one, of size 1, that carries its times; a formula without a value for the prices of the moment is logged
and makes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nautilus_live.core.synthetic_ticks import make_quote, make_trade
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ConfigError
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.identifiers import InstrumentId


class _Made:
    def __init__(self, components: Sequence[InstrumentId], make: Callable[[Any], None]) -> None:
        self.components = components
        self.make = make
        self.wanted = 1


class Synthetics:
    """The synthetic feeds of one node.

    Args:
        msgbus: where components are heard.
        cache: knows the synthetic instruments and the latest prices.
        log: where to log.
        on_quote: takes the quotes that are made.
        on_trade: takes the trades that are made.

    """

    def __init__(
        self,
        msgbus: MessageBus,
        cache: Cache,
        log: logging.Logger,
        on_quote: Callable[[QuoteTick], object],
        on_trade: Callable[[TradeTick], object],
    ) -> None:
        self._msgbus = msgbus
        self._cache = cache
        self._log = log
        self._on_quote = on_quote
        self._on_trade = on_trade
        self._made: dict[tuple[str, InstrumentId], _Made] = {}

    def begin(self, kind: str, instrument_id: InstrumentId) -> Sequence[InstrumentId]:
        """Make `quotes` or `trades` of it from now on; return the components to ask for, none if they flow already.

        Raises:
            ConfigError: if it is not known.

        """
        known = self._made.get((kind, instrument_id))
        if known is not None:
            known.wanted += 1
            return ()
        synthetic = self._cache.synthetic(instrument_id)
        if synthetic is None:
            raise ConfigError(f"{instrument_id}: a synthetic instrument must be added before its {kind}, was not")
        make = partial(self._quote if kind == "quotes" else self._trade, instrument_id)
        self._made[kind, instrument_id] = made = _Made(tuple(synthetic.components), make)
        for component in made.components:
            self._msgbus.subscribe(_topic(kind, component), made.make)
        return made.components

    def end(self, kind: str, instrument_id: InstrumentId) -> Sequence[InstrumentId]:
        """Make them no longer, once nobody wants them; return the components that are not needed any more."""
        made = self._made.get((kind, instrument_id))
        if made is None:
            return ()
        made.wanted -= 1
        if made.wanted:
            return ()
        del self._made[kind, instrument_id]
        for component in made.components:
            self._msgbus.unsubscribe(_topic(kind, component), made.make)
        return made.components

    def _quote(self, instrument_id: InstrumentId, tick: QuoteTick) -> None:
        synthetic = self._cache.synthetic(instrument_id)
        ticks = [] if synthetic is None else [self._cache.quote_tick(one) for one in synthetic.components]
        quotes = [one for one in ticks if one is not None]
        if synthetic is None or len(quotes) < len(ticks):
            return
        try:
            made = make_quote(synthetic, quotes, tick)
        except ValueError as error:
            self._log.warning("%s: makes no price: %s", instrument_id, error)
            return
        self._on_quote(made)

    def _trade(self, instrument_id: InstrumentId, tick: TradeTick) -> None:
        synthetic = self._cache.synthetic(instrument_id)
        ticks = [] if synthetic is None else [self._cache.trade_tick(one) for one in synthetic.components]
        trades = [one for one in ticks if one is not None]
        if synthetic is None or len(trades) < len(ticks):
            return
        try:
            made = make_trade(synthetic, trades, tick)
        except ValueError as error:
            self._log.warning("%s: makes no price: %s", instrument_id, error)
            return
        self._on_trade(made)


def _topic(kind: str, instrument_id: InstrumentId) -> str:
    return f"data.{kind}.{instrument_id.venue.value}.{instrument_id.symbol.value}"
