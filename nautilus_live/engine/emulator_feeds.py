"""What the order emulator hears of markets: subscriptions, and each word of a market in one form.

Knows the data engine, the cache and the bus. Quotes, trades, mark and index prices are subscribed to; a book that
somebody keeps is heard as well, while it is valid. Nothing is concluded here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from nautilus_live.core.emulation import Feed, Seen
from nautilus_live.engine.alarms import ConnectionChange
from nautilus_live.engine.books import DELTAS, book_topic
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.data import OrderBookDeltas, QuoteTick, TradeTick
from nautilus_live.model.identifiers import InstrumentId, Venue

FIRST = 10
"""Whatever a price leads to here happens before strategies hear of it: a stop must not be late."""

_KINDS: dict[Feed, Literal["quotes", "trades", "mark_prices", "index_prices"]] = {
    Feed.QUOTES: "quotes",
    Feed.TRADES: "trades",
    Feed.MARK: "mark_prices",
    Feed.INDEX: "index_prices",
}

Observer = Callable[[InstrumentId, Seen], None]


class EmulatorFeeds:
    """The emulator's ears.

    Args:
        data: the data engine.
        cache: the latest prices.
        msgbus: where data are published.
        observe: takes each word of a market.

    """

    def __init__(self, data: DataEngine, cache: Cache, msgbus: MessageBus, observe: Observer) -> None:
        self._data = data
        self._cache = cache
        self._msgbus = msgbus
        self._observe = observe
        self._silent: dict[Venue, None] = {}
        self._heard: dict[tuple[Feed, InstrumentId], None] = {}

    def listen(self, feed: Feed, instrument_id: InstrumentId) -> None:
        """Hear a market.

        Raises:
            ConfigError: if nobody offers that feed; nothing has changed.

        """
        if (feed, instrument_id) in self._heard:
            return
        kind = _KINDS[feed]
        if kind == "quotes":
            self._data.subscribe_quote_ticks(instrument_id)
        elif kind == "trades":
            self._data.subscribe_trade_ticks(instrument_id)
        else:
            self._data.subscribe_feed(kind, instrument_id)
        self._heard[feed, instrument_id] = None
        self._msgbus.subscribe(_topic(kind, instrument_id), self._handler(feed), priority=FIRST)
        if feed is Feed.QUOTES:
            self._msgbus.subscribe(book_topic(DELTAS, instrument_id), self._on_book, priority=FIRST)

    def hear_no_more(self, feed: Feed, instrument_id: InstrumentId) -> None:
        """End it."""
        if (feed, instrument_id) not in self._heard:
            return
        del self._heard[feed, instrument_id]
        kind = _KINDS[feed]
        self._msgbus.unsubscribe(_topic(kind, instrument_id), self._handler(feed))
        if feed is Feed.QUOTES:
            self._msgbus.unsubscribe(book_topic(DELTAS, instrument_id), self._on_book)
        if kind == "quotes":
            self._data.unsubscribe_quote_ticks(instrument_id)
        elif kind == "trades":
            self._data.unsubscribe_trade_ticks(instrument_id)
        else:
            self._data.unsubscribe_feed(kind, instrument_id)

    def hear_connection(self, change: ConnectionChange) -> Venue | None:
        """Take note that data flow or do not; returns the venue that this is about, None if it is not about data."""
        client = self._data.client(change.client_id) if change.side == "data" else None
        venue = None if client is None else client.venue
        if venue is not None and change.connected:
            self._silent.pop(venue, None)
        elif venue is not None:
            self._silent[venue] = None
        return venue

    def is_silent(self, venue: Venue) -> bool:
        """Return whether the venue's markets are not heard, so that what they last said proves nothing."""
        return venue in self._silent

    def heard(self, feed: Feed) -> list[InstrumentId]:
        """Return the instruments that are heard by `feed`."""
        return [instrument_id for kind, instrument_id in self._heard if kind is feed]

    def latest(self, feed: Feed, instrument_id: InstrumentId) -> Seen | None:
        """Return the last word of a market, None if there was none."""
        if feed is Feed.QUOTES:
            quote = self._cache.quote_tick(instrument_id)
            return None if quote is None else _of_quote(quote)
        if feed is Feed.TRADES:
            trade = self._cache.trade_tick(instrument_id)
            return None if trade is None else _of_price(feed, trade.price, trade.ts_event)
        return None  # a mark or index price is not looked back at: the next one comes soon

    def _handler(self, feed: Feed) -> Callable[[Any], None]:
        handlers: dict[Feed, Callable[[Any], None]] = {
            Feed.QUOTES: self._on_quote,
            Feed.TRADES: self._on_trade,
            Feed.MARK: self._on_mark,
            Feed.INDEX: self._on_index,
        }
        return handlers[feed]

    def _on_quote(self, tick: QuoteTick) -> None:
        self._observe(tick.instrument_id, _of_quote(tick))

    def _on_trade(self, tick: TradeTick) -> None:
        self._observe(tick.instrument_id, _of_price(Feed.TRADES, tick.price, tick.ts_event))

    def _on_mark(self, update: Any) -> None:
        self._observe(update.instrument_id, _of_price(Feed.MARK, update.value, update.ts_event))

    def _on_index(self, update: Any) -> None:
        self._observe(update.instrument_id, _of_price(Feed.INDEX, update.value, update.ts_event))

    def _on_book(self, deltas: OrderBookDeltas) -> None:
        book = self._cache.order_book(deltas.instrument_id)
        if book is None or not book.is_valid:
            return
        bid, ask = book.best_bid_price(), book.best_ask_price()
        if bid is not None and ask is not None:
            self._observe(deltas.instrument_id, Seen(Feed.QUOTES, bid.value, ask.value, deltas.ts_event))


def _of_quote(tick: QuoteTick) -> Seen:
    return Seen(Feed.QUOTES, tick.bid_price.value, tick.ask_price.value, tick.ts_event)


def _of_price(feed: Feed, price: Any, ts_event: int) -> Seen:
    return Seen(feed, price.value, price.value, ts_event)


def _topic(kind: str, instrument_id: InstrumentId) -> str:
    return f"data.{kind}.{instrument_id.venue.value}.{instrument_id.symbol.value}"
