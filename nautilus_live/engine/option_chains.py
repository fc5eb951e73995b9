"""The option chains that somebody watches: feeds for the options that are wanted, and slices of what they tell.

Knows the bus, the cache and the loop's timers; which options are wanted decides `core.option_chains`. Promises:

1. Quotes and greeks flow for the options that are wanted, and for no others but one, whose greeks tell where the
   underlying stands; the underlying's own quotes flow where it is an instrument here.
2. With an interval a slice is published when it is over, however much was heard; without one, with everything heard.
   Nothing is published while no option of the chain has been quoted.
3. Options that are listed later join; a chain that has expired ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from nautilus_live.adapters.ports import Clock
from nautilus_live.core.option_chains import OptionChain, series_of
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.data_requests import FeedKind
from nautilus_live.model.enums import PriceType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Symbol
from nautilus_live.model.instruments import CryptoOption, Instrument, OptionContract
from nautilus_live.model.option_chain import OptionGreeks, OptionSeriesId, StrikeRange

GREEKS: FeedKind = "option_greeks"


class Feeds(Protocol):
    """What chains need of the data engine."""

    def subscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let quotes of the instrument flow."""
        ...

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop quotes of the instrument."""
        ...

    def subscribed_quote_ticks(self) -> list[InstrumentId]:
        """Return the instruments whose quotes flow."""
        ...

    def subscribe_feed(self, kind: FeedKind, subject: Any, client_id: ClientId | None = None) -> None:
        """Let a feed flow."""
        ...

    def unsubscribe_feed(self, kind: FeedKind, subject: Any, client_id: ClientId | None = None) -> None:
        """Stop a feed."""
        ...


def chain_topic(series_id: OptionSeriesId, strike_range: StrikeRange | None, interval_ms: int | None) -> str:
    """Return the topic of a chain's slices: who wants other strikes, or another rhythm, hears another one."""
    return f"data.option_chain.{series_id}.{strike_range or 'All'}.{interval_ms or 'raw'}"


class Parts(NamedTuple):
    """What of the node chains are watched with."""

    loop: asyncio.AbstractEventLoop
    msgbus: MessageBus
    cache: Cache
    clock: Clock
    feeds: Feeds
    log: logging.Logger


class OptionChains:
    """The chains of one node."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._watched: dict[str, _Watched] = {}

    def begin(
        self,
        series_id: OptionSeriesId,
        strike_range: StrikeRange | None,
        interval_ms: int | None,
        client_id: ClientId | None,
    ) -> None:
        """Watch a chain from now on."""
        topic = chain_topic(series_id, strike_range, interval_ms)
        if topic in self._watched:
            self._watched[topic].listeners += 1
            return
        watched = _Watched(self._parts, OptionChain(series_id, strike_range), topic, interval_ms, client_id)
        self._watched[topic] = watched
        watched.start()

    def end(self, series_id: OptionSeriesId, strike_range: StrikeRange | None, interval_ms: int | None) -> None:
        """Watch a chain no longer, once nobody listens to it."""
        topic = chain_topic(series_id, strike_range, interval_ms)
        watched = self._watched.get(topic)
        if watched is not None:
            watched.listeners -= 1
            if not watched.listeners:
                del self._watched[topic]
                watched.stop()

    def add(self, instrument: Instrument) -> None:
        """Take note of an instrument that was listed."""
        if isinstance(instrument, OptionContract | CryptoOption):
            for watched in list(self._watched.values()):
                watched.add(instrument)

    def stop(self) -> None:
        """End all timers."""
        for watched in self._watched.values():
            watched.rest()


class _Watched:
    """One chain, and what flows for it."""

    def __init__(
        self, parts: Parts, chain: OptionChain, topic: str, interval_ms: int | None, client_id: ClientId | None
    ) -> None:
        self.listeners = 1
        self._parts = parts
        self._chain = chain
        self._topic = topic
        self._interval_ms = interval_ms
        self._client_id = client_id
        self._bus = parts.msgbus
        self._feeds = parts.feeds
        self._timer: asyncio.TimerHandle | None = None
        self._pilot: InstrumentId | None = None
        self._underlying: InstrumentId | None = None
        self._flowing: dict[InstrumentId, None] = {}

    def start(self) -> None:
        """Let flow what is wanted."""
        series_id = self._chain.series_id
        for instrument in self._parts.cache.instruments(series_id.venue, series_id.underlying):
            if isinstance(instrument, OptionContract | CryptoOption):
                self._chain.add(instrument)
        if self._chain.pilot is None:
            self._parts.log.warning("%s: no option of the series is known yet", series_id)
        self._watch_price()
        self._rebalance()
        if self._interval_ms is not None:
            self._arm(self._parts.loop.time() + self._interval_ms / 1_000)

    def add(self, option: OptionContract | CryptoOption) -> None:
        """Take an option that was listed."""
        if series_of(option) == self._chain.series_id and self._chain.add(option):
            self._watch_price()
            self._rebalance()

    def stop(self) -> None:
        """Let nothing flow any more."""
        self.rest()
        for instrument_id in list(self._flowing):
            self._close(instrument_id)
        pilot, self._pilot = self._pilot, None
        if pilot is not None:
            self._let_go_of_greeks(pilot)
        if self._underlying is not None:
            self._bus.unsubscribe(_topic("quotes", self._underlying), self._on_underlying)
            self._feeds.unsubscribe_quote_ticks(self._underlying, self._client_id)
            self._underlying = None

    def rest(self) -> None:
        """End the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- where the underlying stands -----------------------------------------------------------------------------------

    def _watch_price(self) -> None:
        """Begin to hear of the underlying, once there is an option that is on it."""
        chain = self._chain
        if self._pilot is not None or chain.pilot is None:
            return
        if chain.strike_range is not None and not chain.strike_range.follows_price:
            return
        self._pilot = chain.pilot
        self._hear_greeks(self._pilot)
        underlying_id = InstrumentId(Symbol(chain.series_id.underlying), chain.series_id.venue)
        if self._parts.cache.instrument(underlying_id) is None:
            return
        self._underlying = underlying_id
        known = self._hear_quotes(underlying_id, self._on_underlying)
        if known is not None:
            chain.take_price(float(known.extract_price(PriceType.MID)))

    def _on_underlying(self, quote: QuoteTick) -> None:
        before = self._chain.underlying_price
        self._chain.take_price(float(quote.extract_price(PriceType.MID)))
        if before is None or self._interval_ms is None:
            self._rebalance()

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def _rebalance(self) -> None:
        change = self._chain.rebalance(self._parts.clock.timestamp_ns())
        for instrument_id in change.removed:
            self._close(instrument_id)
        for instrument_id in change.added:
            self._open(instrument_id)

    def _open(self, instrument_id: InstrumentId) -> None:
        self._flowing[instrument_id] = None
        self._hear_greeks(instrument_id)
        known = self._hear_quotes(instrument_id, self._on_quote)
        if known is not None:
            self._chain.take_quote(known)

    def _hear_quotes(self, instrument_id: InstrumentId, handler: Callable[[QuoteTick], None]) -> QuoteTick | None:
        """Let quotes flow, and return the latest if they do already: one from before they ceased to says nothing."""
        is_flowing = instrument_id in self._feeds.subscribed_quote_ticks()
        self._bus.subscribe(_topic("quotes", instrument_id), handler)
        self._feeds.subscribe_quote_ticks(instrument_id, self._client_id)
        return self._parts.cache.quote_tick(instrument_id) if is_flowing else None

    def _close(self, instrument_id: InstrumentId) -> None:
        del self._flowing[instrument_id]
        self._bus.unsubscribe(_topic("quotes", instrument_id), self._on_quote)
        self._feeds.unsubscribe_quote_ticks(instrument_id, self._client_id)
        self._let_go_of_greeks(instrument_id)

    def _hear_greeks(self, instrument_id: InstrumentId) -> None:
        self._bus.subscribe(_topic(GREEKS, instrument_id), self._on_greeks)
        self._feeds.subscribe_feed(GREEKS, instrument_id, self._client_id)

    def _let_go_of_greeks(self, instrument_id: InstrumentId) -> None:
        if instrument_id not in self._flowing and instrument_id != self._pilot:
            self._bus.unsubscribe(_topic(GREEKS, instrument_id), self._on_greeks)
        self._feeds.unsubscribe_feed(GREEKS, instrument_id, self._client_id)

    # -- what is heard, and told ---------------------------------------------------------------------------------------

    def _on_quote(self, quote: QuoteTick) -> None:
        if self._chain.take_quote(quote) and self._interval_ms is None:
            self._tell()

    def _on_greeks(self, greeks: OptionGreeks) -> None:
        knew_price = self._chain.underlying_price is not None
        is_news = self._chain.take_greeks(greeks)
        if self._interval_ms is None or not knew_price:
            self._rebalance()
        if is_news and self._interval_ms is None:
            self._tell()

    def _tell(self) -> None:
        found = self._chain.slice(self._parts.clock.timestamp_ns())
        if found is not None:
            self._bus.publish(self._topic, found)

    def _arm(self, due_s: float) -> None:
        self._timer = self._parts.loop.call_at(due_s, self._tick, due_s)

    def _tick(self, due_s: float) -> None:
        assert self._interval_ms is not None, "only an interval starts the timer"
        if self._parts.clock.timestamp_ns() >= self._chain.series_id.expiration_ns:
            self._parts.log.info("%s: has expired, and is watched no longer", self._chain.series_id)
            self.stop()
            return
        self._arm(max(due_s, self._parts.loop.time()) + self._interval_ms / 1_000)  # first: whoever hears it may end it
        self._rebalance()
        self._tell()


def _topic(kind: str, instrument_id: InstrumentId) -> str:
    return f"data.{kind}.{instrument_id.venue.value}.{instrument_id.symbol.value}"
