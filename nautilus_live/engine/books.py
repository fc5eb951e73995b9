"""The public order books that the node keeps: from subscription to cache to listeners.

Knows clients, cache, bus and the loop's timers; whether a book can be trusted decides `core.book_feed`. Promises:

1. A book in the cache is the venue's as far as was heard, or it is empty and not `is_valid`. Whoever listens hears the
   changes that it was built from, and nothing else: after a gap a snapshot comes first.
2. A book that is unknown is asked for at once, and again until a snapshot arrives, while its client is connected.
3. Each loss and each return is logged, and published on `events.system.order_book` as a `BookStatus`.

Topics: `data.book.deltas.VENUE.SYMBOL`, `data.book.depth.VENUE.SYMBOL`, `data.book.snapshots.VENUE.SYMBOL.INTERVAL_MS`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from msgspec import Struct

from nautilus_live.adapters.ports import Clock, DataClient
from nautilus_live.config.engines import LiveDataEngineConfig
from nautilus_live.core.book_feed import BookFeed, Taken
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ConfigError
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import OrderBookDelta, OrderBookDeltas, OrderBookDepth10, QuoteTick
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId
from nautilus_live.model.objects import Price, Quantity

BOOK_STATUS_TOPIC = "events.system.order_book"
DELTAS, DEPTH, SNAPSHOTS = "book.deltas", "book.depth", "book.snapshots"
SNAPSHOT_WAIT_S = 5.0
"""How long a snapshot may take before it is asked for again."""
BUFFERED_MAX = 10_000
"""Changes held back for the end of their message (`buffer_deltas`); with more they are applied as they are."""

Top = tuple[Price, Quantity, Price, Quantity]


class BookStatus(Struct, frozen=True, kw_only=True):
    """The book of an instrument is unknown (`valid` False, and why), or known again; `ts` is our time."""

    instrument_id: InstrumentId
    valid: bool
    reason: str
    ts: int


def book_topic(kind: str, instrument_id: InstrumentId) -> str:
    """Return the topic of that kind of book data; kinds are `book.deltas`, `book.depth` and `book.snapshots`."""
    return f"data.{kind}.{instrument_id.venue.value}.{instrument_id.symbol.value}"


class _Kept:
    """One book that is kept, and who wants it."""

    def __init__(self, feed: BookFeed, client: DataClient, *, by_depth: bool) -> None:
        self.feed = feed
        self.client = client
        self.by_depth = by_depth
        self.topic = book_topic(DELTAS, feed.book.instrument_id)
        self.buffer: list[OrderBookDelta] = []
        self.quoted: Top | None = None
        self.ask_again: asyncio.TimerHandle | None = None


class Books:
    """Keeps the public books of one node.

    Args:
        loop: runs the timers.
        msgbus: where changes are published.
        cache: where books are kept.
        clock: our time.
        config: `buffer_deltas`, `emit_quotes_from_book` and `emit_quotes_from_book_depths`.
        log: where to log.
        on_quote: takes the quotes that books make.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        config: LiveDataEngineConfig,
        log: logging.Logger,
        on_quote: Callable[[QuoteTick], object],
    ) -> None:
        self._loop = loop
        self._publish = msgbus.publish
        self._cache = cache
        self._clock = clock
        self._config = config
        self._log = log
        self._on_quote = on_quote
        self._kept: dict[InstrumentId, _Kept] = {}
        self._intervals: dict[tuple[InstrumentId, int], asyncio.TimerHandle] = {}

    # -- who wants what ----------------------------------------------------------------------------------------------

    def keep(self, client: DataClient, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        """Keep a book from changes that `client` is about to be asked for.

        Raises:
            ConfigError: if the instrument's book is kept as another type.

        """
        kept = self._kept.get(instrument_id)
        if kept is not None and not kept.by_depth:
            self.check_type(instrument_id, book_type)
            return
        kept = self._begin(client, OrderBook(instrument_id, book_type, depth), by_depth=False)
        self._ask_later(kept)

    def keep_depth(self, client: DataClient, instrument_id: InstrumentId) -> None:
        """Keep a book from the best ten levels, unless it is kept from its changes already."""
        if instrument_id not in self._kept:
            self._begin(client, OrderBook(instrument_id, BookType.L2_MBP, 10), by_depth=True)

    def check_type(self, instrument_id: InstrumentId, book_type: BookType) -> None:
        """Raise `ConfigError` if the instrument's book is kept as another type."""
        kept = self._kept.get(instrument_id)
        if kept is not None and not kept.by_depth and kept.feed.book.book_type is not book_type:
            raise ConfigError(
                f"{instrument_id}: a node keeps one book of an instrument, as {kept.feed.book.book_type},"
                f" was asked for {book_type}"
            )

    def drop(self, instrument_id: InstrumentId, *, by_depth: bool) -> None:
        """Keep the book no longer: nobody wants it any more."""
        kept = self._kept.get(instrument_id)
        if kept is not None and kept.by_depth is by_depth:
            del self._kept[instrument_id]
            self._stop_asking(kept)
            kept.feed.lose("nobody listens to it any more")

    def _begin(self, client: DataClient, book: OrderBook, *, by_depth: bool) -> _Kept:
        kept = self._kept[book.instrument_id] = _Kept(BookFeed(book), client, by_depth=by_depth)
        self._cache.add_order_book(book)
        return kept

    def start_interval(self, instrument_id: InstrumentId, interval_ms: int) -> None:
        """Publish the book every `interval_ms` from now on, while it is known."""
        self._tick(instrument_id, interval_ms, self._loop.time() + interval_ms / 1_000, first=True)

    def stop_interval(self, instrument_id: InstrumentId, interval_ms: int) -> None:
        """Publish the book no longer at that interval."""
        timer = self._intervals.pop((instrument_id, interval_ms), None)
        if timer is not None:
            timer.cancel()

    def _tick(self, instrument_id: InstrumentId, interval_ms: int, due_s: float, *, first: bool = False) -> None:
        if not first:
            book = self._cache.order_book(instrument_id)
            if book is not None and book.is_valid:
                self._publish(f"{book_topic(SNAPSHOTS, instrument_id)}.{interval_ms}", book)
            if (instrument_id, interval_ms) not in self._intervals:
                return  # whoever heard it wants no more
            due_s = max(due_s, self._loop.time()) + interval_ms / 1_000
        self._intervals[instrument_id, interval_ms] = self._loop.call_at(
            due_s, self._tick, instrument_id, interval_ms, due_s
        )

    def stop(self) -> None:
        """End all timers."""
        for timer in self._intervals.values():
            timer.cancel()
        self._intervals.clear()
        for kept in self._kept.values():
            self._stop_asking(kept)

    # -- data --------------------------------------------------------------------------------------------------------

    def on_delta(self, delta: OrderBookDelta) -> None:
        """Take one change."""
        self.on_deltas(OrderBookDeltas(delta.instrument_id, [delta]))

    def on_deltas(self, deltas: OrderBookDeltas) -> None:
        """Take changes; with `buffer_deltas` they wait for the end of their message."""
        kept = self._kept.get(deltas.instrument_id)
        if kept is None:
            self._publish(book_topic(DELTAS, deltas.instrument_id), deltas)
            return
        if self._config.buffer_deltas and (kept.buffer or not deltas.is_complete):
            kept.buffer += deltas.deltas
            if not deltas.is_complete and len(kept.buffer) < BUFFERED_MAX:
                return
            if not deltas.is_complete:
                self._log.warning("%s: %d changes without an end", deltas.instrument_id, len(kept.buffer))
            deltas, kept.buffer = OrderBookDeltas(deltas.instrument_id, kept.buffer), []
        taken = kept.feed.take(deltas)
        for applied in taken.applied:
            self._publish(kept.topic, applied)
        if taken.lost or taken.restored:
            self._on_validity(kept, taken)
        if self._config.emit_quotes_from_book and taken.applied:
            self._quote(kept)

    def on_depth(self, depth: OrderBookDepth10) -> None:
        """Take the best levels as they are."""
        kept = self._kept.get(depth.instrument_id)
        if kept is not None and kept.by_depth:
            was_valid = kept.feed.book.is_valid
            if not kept.feed.take_depth(depth):
                return
            if not was_valid:
                self._tell(kept, "the levels were told anew")
        self._publish(book_topic(DEPTH, depth.instrument_id), depth)
        quote = depth.to_quote_tick() if self._config.emit_quotes_from_book_depths else None
        if quote is not None:
            self._on_quote(quote)

    def on_connection(self, client_id: ClientId, connected: bool, reason: str) -> None:
        """Learn that a client's data no longer flow, or flow again: what was said in between was missed."""
        for kept in self._kept.values():
            if kept.client.id != client_id:
                continue
            if connected:
                self._ask_later(kept)  # the renewed subscription brings a snapshot, unless that is lost too
                continue
            self._stop_asking(kept)
            kept.buffer.clear()
            if kept.feed.book.is_valid:
                kept.feed.lose(f"the connection was lost: {reason}")
                self._tell(kept, kept.feed.book.unknown_because)
            else:
                kept.feed.lose(kept.feed.book.unknown_because)

    def _quote(self, kept: _Kept) -> None:
        book = kept.feed.book
        tick = None if book.is_crossed else book.to_quote_tick()
        if tick is None:
            return
        top = (tick.bid_price, tick.bid_size, tick.ask_price, tick.ask_size)
        if top != kept.quoted:
            kept.quoted = top
            self._on_quote(tick)

    # -- what is missing ---------------------------------------------------------------------------------------------

    def _on_validity(self, kept: _Kept, taken: Taken) -> None:
        if taken.lost:
            self._tell(kept, taken.lost)
            self._ask(kept)
            return
        self._stop_asking(kept)
        self._tell(kept, "a snapshot was taken")
        if kept.feed.book.is_crossed:
            self._log.warning("%s: the venue's snapshot is crossed", kept.feed.book)

    def _tell(self, kept: _Kept, reason: str) -> None:
        book = kept.feed.book
        if book.is_valid:
            self._log.info("%s: the order book is known: %s", book.instrument_id, reason)
        else:
            kept.quoted = None
            self._log.warning("%s: the order book is unknown: %s", book.instrument_id, reason)
        now = self._clock.timestamp_ns()
        status = BookStatus(instrument_id=book.instrument_id, valid=book.is_valid, reason=reason, ts=now)
        self._publish(BOOK_STATUS_TOPIC, status)

    def _ask(self, kept: _Kept) -> None:
        if not kept.by_depth and kept.client.is_connected:
            kept.client.request_order_book_snapshot(kept.feed.book.instrument_id)
            self._ask_later(kept)

    def _ask_later(self, kept: _Kept) -> None:
        self._stop_asking(kept)
        kept.ask_again = self._loop.call_later(SNAPSHOT_WAIT_S, self._on_no_snapshot, kept)

    def _on_no_snapshot(self, kept: _Kept) -> None:
        kept.ask_again = None
        if not kept.feed.book.is_valid and kept.client.is_connected:
            self._log.warning(
                "%s: no snapshot within %s s, asks for one", kept.feed.book.instrument_id, SNAPSHOT_WAIT_S
            )
            self._ask(kept)

    def _stop_asking(self, kept: _Kept) -> None:
        if kept.ask_again is not None:
            kept.ask_again.cancel()
            kept.ask_again = None
