"""The data engine: market data from clients into the cache and to whoever listens.

Knows clients, cache and bus. Promises: data is handled in the order it came, is in the cache before it is published,
and each client has one subscription per instrument however many ask for it. Order books are kept by `engine.books`.

Topics: `data.quotes.VENUE.SYMBOL`, `data.trades.VENUE.SYMBOL`, `data.instrument.VENUE.SYMBOL`, and those of books.
Endpoint: `DataEngine.process`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from nautilus_live.adapters.ports import Clock, DataClient
from nautilus_live.config.clients import RoutingConfig
from nautilus_live.config.engines import LiveDataEngineConfig
from nautilus_live.engine.alarms import ConnectionChange, Notices
from nautilus_live.engine.books import DELTAS, DEPTH, SNAPSHOTS, Books
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.conflation import Conflation, LatestQuote
from nautilus_live.engine.data_gaps import DataGaps
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.queues import LiveQueue
from nautilus_live.engine.routing import Routes
from nautilus_live.errors import ConfigError
from nautilus_live.model.data import OrderBookDelta, OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_live.model.instruments import INSTRUMENT_KINDS, Instrument

QUOTES, TRADES, INSTRUMENT = "quotes", "trades", "instrument"


class DataEngine:
    """Takes market data in; the `DataSink` that clients speak to.

    Args:
        loop: drains the queue.
        msgbus: where data is published.
        cache: where it is kept.
        clock: our time.
        config: settings.
        log: where to log.
        on_error: called with an unexpected error of a handler; by default it is logged.

    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        config: LiveDataEngineConfig,
        log: logging.Logger | None = None,
        on_error: Callable[[Exception], object] | None = None,
    ) -> None:
        self.config = config
        self.data_count = 0
        self.dropped_count = 0
        self._publish = msgbus.publish
        self._cache = cache
        self._clock = clock
        self._log = log or logging.getLogger(__name__)
        self._routes: Routes[DataClient] = Routes()
        self._subscribed: dict[tuple[str, ClientId, InstrumentId], int] = {}
        self._quote_topics: dict[InstrumentId, str] = {}
        self._trade_topics: dict[InstrumentId, str] = {}
        self._in_sequence_only = config.validate_data_sequence
        self._books = Books(
            loop=loop,
            msgbus=msgbus,
            cache=cache,
            clock=clock,
            config=config,
            log=self._log,
            on_quote=self._on_quote,
        )
        self._queue = LiveQueue("DataEngine", config.qsize, self._handle, loop, on_error or self._log_error, self._log)
        self._queue.on_overflow = Notices(msgbus, clock, self._log).alarm
        self._conflation = Conflation()
        self._gaps = DataGaps(msgbus, self._venue_of, self._log)
        self._handlers: dict[type, Callable[[Any], None]] = {
            QuoteTick: self._on_quote,
            LatestQuote: lambda slot: self._on_quote(self._conflation.take(slot)),
            TradeTick: self._on_trade,
            **dict.fromkeys(INSTRUMENT_KINDS, self._on_instrument),
            OrderBookDelta: self._books.on_delta,
            OrderBookDeltas: self._books.on_deltas,
            OrderBookDepth10: self._books.on_depth,
            ConnectionChange: self._on_connection_change,
        }
        msgbus.register("DataEngine.process", self.process)

    # -- clients and subscriptions -----------------------------------------------------------------------------------

    def register_client(self, client: DataClient, routing: RoutingConfig | None = None) -> None:
        """Add a client, with the venues it serves beside its own. Raises `ConfigError` where two would serve one."""
        self._routes.add(client, routing)

    def deregister_client(self, client: DataClient) -> None:
        """Remove a client."""
        self._routes.remove(client)

    def clients(self) -> list[DataClient]:
        """Return the clients in the order they were registered."""
        return self._routes.all()

    def client(self, client_id: ClientId) -> DataClient | None:
        """Return the client with that id."""
        return self._routes.get(client_id)

    def check_connected(self) -> bool:
        """Return whether every client is connected."""
        return all(client.is_connected for client in self._routes.all())

    def check_disconnected(self) -> bool:
        """Return whether no client is connected."""
        return not any(client.is_connected for client in self._routes.all())

    def subscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let quotes of the instrument flow. Raises `ConfigError` if there is no client for it."""
        client = self._client(instrument_id, client_id)
        if self._count(QUOTES, client, instrument_id, 1) == 1:
            client.subscribe_quote_ticks(instrument_id)

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop quotes of the instrument once nobody wants them any more."""
        client = self._client(instrument_id, client_id)
        if self._count(QUOTES, client, instrument_id, -1) == 0:
            client.unsubscribe_quote_ticks(instrument_id)

    def subscribe_trade_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let trades of the instrument flow. Raises `ConfigError` if there is no client for it."""
        client = self._client(instrument_id, client_id)
        if self._count(TRADES, client, instrument_id, 1) == 1:
            client.subscribe_trade_ticks(instrument_id)

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop trades of the instrument once nobody wants them any more."""
        client = self._client(instrument_id, client_id)
        if self._count(TRADES, client, instrument_id, -1) == 0:
            client.unsubscribe_trade_ticks(instrument_id)

    def subscribe_order_book_deltas(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        client_id: ClientId | None = None,
    ) -> None:
        """Let changes of the instrument's book flow, and keep the book in the cache.

        Raises:
            ConfigError: if there is no client for it, or the book is kept as another type.

        """
        client = self._client(instrument_id, client_id)
        self._books.check_type(instrument_id, book_type)
        if self._count(DELTAS, client, instrument_id, 1) == 1:
            self._books.keep(client, instrument_id, book_type, depth)
            client.subscribe_order_book_deltas(instrument_id, book_type, depth)

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop changes of the instrument's book once nobody wants them any more."""
        client = self._client(instrument_id, client_id)
        if self._count(DELTAS, client, instrument_id, -1) == 0:
            self._books.drop(instrument_id, by_depth=False)
            if (DEPTH, client.id, instrument_id) in self._subscribed:
                self._books.keep_depth(client, instrument_id)
            client.unsubscribe_order_book_deltas(instrument_id)

    def subscribe_order_book_depth(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let the best ten levels of the instrument's book flow. Raises `ConfigError` if there is no client for it."""
        client = self._client(instrument_id, client_id)
        if self._count(DEPTH, client, instrument_id, 1) == 1:
            self._books.keep_depth(client, instrument_id)
            client.subscribe_order_book_depth(instrument_id)

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop the best levels of the instrument's book once nobody wants them any more."""
        client = self._client(instrument_id, client_id)
        if self._count(DEPTH, client, instrument_id, -1) == 0:
            self._books.drop(instrument_id, by_depth=True)
            client.unsubscribe_order_book_depth(instrument_id)

    def subscribe_order_book_at_interval(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        interval_ms: int = 1_000,
        client_id: ClientId | None = None,
    ) -> None:
        """Let the instrument's book be published every `interval_ms`, while it is known.

        Raises:
            ConfigError: if there is no client for it, the book is kept as another type, or the interval is not > 0.

        """
        if interval_ms <= 0:
            raise ConfigError(f"{instrument_id}: interval_ms must be > 0, was {interval_ms}")
        self.subscribe_order_book_deltas(instrument_id, book_type, depth, client_id)
        client = self._client(instrument_id, client_id)
        if self._count(f"{SNAPSHOTS}.{interval_ms}", client, instrument_id, 1) == 1:
            self._books.start_interval(instrument_id, interval_ms)

    def unsubscribe_order_book_at_interval(
        self, instrument_id: InstrumentId, interval_ms: int = 1_000, client_id: ClientId | None = None
    ) -> None:
        """Stop publishing the instrument's book at that interval once nobody wants it any more."""
        client = self._client(instrument_id, client_id)
        left = self._count(f"{SNAPSHOTS}.{interval_ms}", client, instrument_id, -1)
        if left < 0:
            return
        if left == 0:
            self._books.stop_interval(instrument_id, interval_ms)
        self.unsubscribe_order_book_deltas(instrument_id, client_id)

    def subscribed_order_books(self) -> list[InstrumentId]:
        """Return the instruments whose books are kept from their changes."""
        return [instrument_id for kind, _, instrument_id in self._subscribed if kind == DELTAS]

    def subscribed_quote_ticks(self) -> list[InstrumentId]:
        """Return the instruments whose quotes flow."""
        return [instrument_id for kind, _, instrument_id in self._subscribed if kind == QUOTES]

    def subscribed_trade_ticks(self) -> list[InstrumentId]:
        """Return the instruments whose trades flow."""
        return [instrument_id for kind, _, instrument_id in self._subscribed if kind == TRADES]

    def _client(self, instrument_id: InstrumentId, client_id: ClientId | None) -> DataClient:
        client = self._routes.find(instrument_id.venue, client_id)
        if client is None:
            raise ConfigError(
                f"{instrument_id}: no data client for it, was asked for {client_id or instrument_id.venue}"
            )
        return client

    def _count(self, kind: str, client: DataClient, instrument_id: InstrumentId, change: int) -> int:
        """Count who wants what; returns -1 for an end without a beginning."""
        key = (kind, client.id, instrument_id)
        wanted = self._subscribed.get(key, 0) + change
        if wanted > 0:
            self._subscribed[key] = wanted
        else:
            self._subscribed.pop(key, None)
        return wanted

    # -- life --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to handle what arrives, and what has arrived."""
        self._queue.start()

    def stop(self) -> None:
        """Handle what has arrived, then take nothing more."""
        self._queue.stop()
        self._books.stop()

    def kill(self) -> None:
        """Drop what has arrived and take nothing more."""
        self._queue.kill()
        self._books.stop()

    @property
    def data_qsize(self) -> int:
        """How many items wait."""
        return self._queue.qsize()

    def _log_error(self, error: Exception) -> None:
        self._log.error("unexpected error: %s", error, exc_info=error)

    # -- data --------------------------------------------------------------------------------------------------------

    def process(
        self, data: QuoteTick | TradeTick | OrderBookDelta | OrderBookDeltas | OrderBookDepth10 | Instrument
    ) -> None:
        """Take market data or an instrument; while the queue is full, of each instrument's quotes the latest alone."""
        item: object = data
        if type(data) is QuoteTick and self._queue.is_full:
            item = self._conflation.add(data)
        if item is not None:
            self._queue.put(item)

    async def wait_for_room(self) -> None:
        """Wait until the queue is no longer full, so that a source that can hold its sender back does so."""
        await self._queue.wait_for_room()

    @property
    def conflated_count(self) -> int:
        """How many quotes gave way to later ones because the queue was full."""
        return self._conflation.count

    def receive_connection_change(
        self, client_id: ClientId, connected: bool, reason: str, since_ns: int | None = None
    ) -> None:
        """Learn that a client's data no longer flow (since `since_ns`, by default now), or flow again."""
        since_ns = self._clock.timestamp_ns() if since_ns is None else since_ns
        change = ConnectionChange(client_id=client_id, connected=connected, reason=reason, ts=since_ns, side="data")
        self._queue.put(change)

    def _handle(self, data: Any) -> None:
        self.data_count += 1
        handler = self._handlers.get(type(data))
        if handler is None:
            self._log.error("cannot handle a %s", type(data).__name__)
        else:
            handler(data)

    def _on_quote(self, tick: QuoteTick) -> None:
        instrument_id = tick.instrument_id
        if self._in_sequence_only and self._is_old(tick, self._cache.quote_tick(instrument_id)):
            return
        self._cache.add_quote_tick(tick)
        topic = self._quote_topics.get(instrument_id)
        if topic is None:
            topic = self._quote_topics[instrument_id] = _topic(QUOTES, instrument_id)
        self._publish(topic, tick)

    def _on_trade(self, tick: TradeTick) -> None:
        instrument_id = tick.instrument_id
        if self._in_sequence_only and self._is_old(tick, self._cache.trade_tick(instrument_id)):
            return
        self._cache.add_trade_tick(tick)
        topic = self._trade_topics.get(instrument_id)
        if topic is None:
            topic = self._trade_topics[instrument_id] = _topic(TRADES, instrument_id)
        self._publish(topic, tick)

    def _is_old(self, tick: QuoteTick | TradeTick, latest: QuoteTick | TradeTick | None) -> bool:
        if latest is None or tick.ts_event >= latest.ts_event:
            return False
        self.dropped_count += 1
        self._log.warning(
            "%s: dropped a %s of %d, older than the latest of %d",
            tick.instrument_id,
            type(tick).__name__,
            tick.ts_event,
            latest.ts_event,
        )
        return True

    def _venue_of(self, client_id: ClientId) -> Venue | None:
        client = self._routes.get(client_id)
        return None if client is None else client.venue

    def _on_connection_change(self, change: ConnectionChange) -> None:
        self._gaps.hear(change)
        self._books.on_connection(change.client_id, change.connected, change.reason)

    def _on_instrument(self, instrument: Instrument) -> None:
        self._cache.add_instrument(instrument)
        self._publish(_topic(INSTRUMENT, instrument.id), instrument)


def _topic(kind: str, instrument_id: InstrumentId) -> str:
    return f"data.{kind}.{instrument_id.venue.value}.{instrument_id.symbol.value}"
