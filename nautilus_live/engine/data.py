"""The data engine: market data from clients into the cache and to whoever listens.

Knows clients, cache and bus. Promises: data is handled in the order it came, is in the cache before it is published,
and each client has one subscription per feed however many ask for it (`engine.subscriptions`). Order books are kept by
`engine.books`, bars made by `engine.bars`, questions about the past asked by `engine.data_requests`, and feeds that
have fallen silent found by `engine.stale`.

Topics: `data.quotes.VENUE.SYMBOL`, and so for trades, mark_prices, index_prices, funding_rates, instrument_status,
instrument_close and instrument; `data.bars.BAR_TYPE`, `data.TYPE.METADATA` for custom data; and those of books.
Endpoints: `DataEngine.process` for data, `DataEngine.response` for answers, both of whoever has them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nautilus_live.adapters.ports import Clock, DataClient
from nautilus_live.config.clients import RoutingConfig
from nautilus_live.config.engines import LiveDataEngineConfig
from nautilus_live.engine.alarms import ConnectionChange, Notices
from nautilus_live.engine.bars import Bars, bar_topic
from nautilus_live.engine.books import DELTAS, DEPTH, Books
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.conflation import Conflation, LatestQuote
from nautilus_live.engine.data_gaps import DataGaps
from nautilus_live.engine.data_requests import Answer, DataRequests
from nautilus_live.engine.external_clients import ExternalDataClient
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.queues import TypedQueue
from nautilus_live.engine.routing import Routes
from nautilus_live.engine.stale import Staleness
from nautilus_live.engine.subscriptions import BARS, INSTRUMENT, QUOTES, TRADES, Subject, Subscriptions
from nautilus_live.engine.synthetics import Synthetics
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.custom_data import CustomData, DataType
from nautilus_live.model.data import Data, OrderBookDelta, OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.data_requests import DataRequest, DataResponse, Feed
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_live.model.instruments import INSTRUMENT_KINDS, Instrument, SyntheticInstrument
from nautilus_live.model.option_chain import OptionGreeks
from nautilus_live.model.updates import (
    FundingRateUpdate,
    IndexPriceUpdate,
    InstrumentClose,
    InstrumentStatus,
    MarkPriceUpdate,
)

if TYPE_CHECKING:
    from nautilus_live.engine.option_chains import OptionChains

AHEAD_NS_MAX = 60_000_000_000
"""How far a venue's clock may be ahead of ours, in nanoseconds, for its times to say what is old."""


class DataEngine(Subscriptions):
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
        self.dropped_count = 0
        self._publish = msgbus.publish
        self._keep_quote = cache.add_quote_tick
        self._cache = cache
        self._clock = clock
        self._log = log or logging.getLogger(__name__)
        self._detail = logging.INFO if config.debug else logging.DEBUG
        self._routes = Routes()
        for external_id in config.external_clients or ():
            self._routes.add(ExternalDataClient(external_id, msgbus, clock))
        self._subscribed = {}
        self._topics: dict[tuple[type, InstrumentId], str] = {}
        self._quote_topics: dict[InstrumentId, str] = {}
        self._in_sequence_only = config.validate_data_sequence
        parts: dict[str, Any] = {"loop": loop, "msgbus": msgbus, "cache": cache, "clock": clock}
        self._bars = Bars(**parts, config=config, on_bar=self._on_bar)
        self._books = Books(**parts, config=config, log=self._log, on_quote=self._on_quote)
        notices = Notices(msgbus, clock, self._log)
        self._stale = Staleness(
            **parts, deadline_secs=config.stale_data_secs, renew=self._renew, notices=notices, log=self._log
        )
        self._synthetics = Synthetics(msgbus, cache, self._log, self._on_quote, self._on_trade)
        self._requests = DataRequests(self._routes, cache, self._bars, clock, self._log)
        self._loop, self._msgbus = loop, msgbus
        self._conflation = Conflation()
        self._gaps = DataGaps(msgbus, self._venue_of, self._log)
        handlers = self._handlers()
        self._queue = TypedQueue("DataEngine", config.qsize, handlers, loop, on_error or self._log_error, self._log)
        self._queue.on_overflow = notices.alarm
        self._waiting, self._qsize, self._put = self._queue.items, config.qsize, self._queue.put
        msgbus.register("DataEngine.process", self.process)
        msgbus.register("DataEngine.response", self.receive_response)

    def _handlers(self) -> dict[type, Callable[[Any], object]]:
        on_quote = self._on_quote_in_order if self._in_sequence_only else self._on_quote
        return {
            QuoteTick: on_quote,
            LatestQuote: lambda slot: on_quote(self._conflation.take(slot)),
            TradeTick: self._on_trade,
            Bar: self._on_bar,
            OrderBookDelta: self._books.on_delta,
            OrderBookDeltas: self._books.on_deltas,
            OrderBookDepth10: self._books.on_depth,
            MarkPriceUpdate: lambda update: self._on_update("mark_prices", update, self._cache.add_mark_price),
            IndexPriceUpdate: lambda update: self._on_update("index_prices", update, self._cache.add_index_price),
            FundingRateUpdate: lambda update: self._on_update("funding_rates", update, self._cache.add_funding_rate),
            InstrumentStatus: lambda update: self._on_update(
                "instrument_status", update, self._cache.add_instrument_status
            ),
            InstrumentClose: lambda update: self._on_update("instrument_close", update),
            OptionGreeks: lambda update: self._on_update("option_greeks", update, self._cache.add_option_greeks),
            CustomData: lambda data: self._publish(custom_topic(data.data_type), data.data),
            ConnectionChange: self._on_connection_change,
            DataResponse: self._on_response,
            **dict.fromkeys((*INSTRUMENT_KINDS, SyntheticInstrument), self._on_instrument),
        }

    # -- clients -----------------------------------------------------------------------------------------------------

    def register_client(self, client: DataClient, routing: RoutingConfig | None = None) -> None:
        """Add a client, with the venues it serves beside its own. Raises `ConfigError` where two would serve one."""
        self._routes.add(client, routing)

    def deregister_client(self, client: DataClient) -> None:
        """Remove a client."""
        self._routes.remove(client)

    def clients(self) -> list[DataClient]:
        """Return the clients of this node in the order they were registered."""
        return [client for client in self._routes.all() if not isinstance(client, ExternalDataClient)]

    def client(self, client_id: ClientId) -> DataClient | None:
        """Return the client with that id."""
        return self._routes.get(client_id)

    def check_connected(self) -> bool:
        """Return whether every client is connected."""
        return all(client.is_connected for client in self.clients())

    def check_disconnected(self) -> bool:
        """Return whether no client is connected."""
        return not any(client.is_connected for client in self.clients())

    def request(self, request: DataRequest, answer: Answer, client_id: ClientId | None = None) -> None:
        """Ask for the past; `answer` takes what becomes of it, later. Raises `ConfigError` if nobody can be asked."""
        self._requests.ask(request, answer, client_id)
        self._log.log(self._detail, "%s: asked for", request)

    # -- life --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to handle what arrives, and what has arrived."""
        self._queue.start()

    def stop(self) -> None:
        """Handle what has arrived, then take nothing more."""
        self._queue.stop()
        self._end()

    def kill(self) -> None:
        """Drop what has arrived and take nothing more."""
        self._queue.kill()
        self._end()

    def _end(self) -> None:
        self._books.stop()
        self._bars.stop()
        self._stale.stop()
        if self._chains is not None:
            self._chains.stop()
        self._requests.end()

    @property
    def data_qsize(self) -> int:
        """How many items wait."""
        return self._queue.qsize()

    @property
    def data_count(self) -> int:
        """How many items were handled."""
        return self._queue.handled_count

    def _log_error(self, error: Exception) -> None:
        self._log.error("unexpected error: %s", error, exc_info=error)

    # -- what clients deliver ----------------------------------------------------------------------------------------

    def process(self, data: Data | Instrument) -> None:
        """Take market data or an instrument; while the queue is full, of each instrument's quotes the latest alone."""
        if len(self._waiting) >= self._qsize and type(data) is QuoteTick:
            slot = self._conflation.add(data)
            if slot is not None:
                self._put(slot)
            return
        self._put(data)

    def receive_response(self, response: DataResponse) -> None:
        """Take the answer to a request, behind the data that came before it."""
        self._queue.put(response)

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

    # -- handling ----------------------------------------------------------------------------------------------------

    def _on_quote(self, tick: QuoteTick) -> None:
        instrument_id = tick.instrument_id
        self._keep_quote(tick)
        topic = self._quote_topics.get(instrument_id)
        if topic is None:
            topic = self._quote_topics[instrument_id] = _topic(QUOTES, instrument_id)
        self._publish(topic, tick)

    def _on_quote_in_order(self, tick: QuoteTick) -> None:
        if not self._is_old(tick, tick.instrument_id, self._cache.quote_tick(tick.instrument_id)):
            self._on_quote(tick)

    def _on_trade(self, tick: TradeTick) -> None:
        instrument_id = tick.instrument_id
        if self._in_sequence_only and self._is_old(tick, instrument_id, self._cache.trade_tick(instrument_id)):
            return
        self._on_update(TRADES, tick, self._cache.add_trade_tick)

    def _on_bar(self, bar: Bar) -> None:
        if self._in_sequence_only and self._is_old(bar, bar.bar_type, self._cache.bar(bar.bar_type)):
            return
        self._cache.add_bar(bar)
        self._publish(bar_topic(bar.bar_type), bar)

    def _on_update(self, kind: str, update: Any, keep: Callable[[Any], object] | None = None) -> None:
        if keep is not None:
            keep(update)
        key = (type(update), update.instrument_id)
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = _topic(kind, update.instrument_id)
        self._publish(topic, update)

    def _is_old(self, data: Any, subject: InstrumentId | BarType, latest: Any) -> bool:
        if latest is None or data.ts_event >= latest.ts_event:
            return False
        if latest.ts_event > self._clock.timestamp_ns() + AHEAD_NS_MAX:
            return False  # a mistake of its sender: it must not silence the feed until its time has come
        self.dropped_count += 1
        self._log.warning(
            "%s: dropped a %s of %d, older than the latest of %d",
            subject,
            type(data).__name__,
            data.ts_event,
            latest.ts_event,
        )
        return True

    def _on_response(self, response: DataResponse) -> None:
        if not self._stale.take_answer(response):
            self._requests.take(response)

    def _renew(self, kind: str, client: DataClient, subject: Subject) -> None:
        """Ask a client once more for what it should be sending."""
        if isinstance(subject, InstrumentId) and kind == QUOTES:
            client.subscribe_quote_ticks(subject)
        elif isinstance(subject, InstrumentId) and kind == TRADES:
            client.subscribe_trade_ticks(subject)
        elif isinstance(subject, InstrumentId) and kind == DELTAS:
            book = self._cache.order_book(subject)
            book_type, depth = (BookType.L2_MBP, 0) if book is None else (book.book_type, book.depth)
            client.subscribe_order_book_deltas(subject, book_type, depth)
        elif isinstance(subject, InstrumentId) and kind == DEPTH:
            client.subscribe_order_book_depth(subject)
        elif kind != BARS or (isinstance(subject, BarType) and subject.is_externally_aggregated()):
            about = subject.instrument_id if isinstance(subject, BarType) else subject
            client.subscribe_feed(Feed(kind, subject, about))  # type: ignore[arg-type]  # what is watched is a feed

    def _new_chains(self) -> OptionChains:
        from nautilus_live.engine.option_chains import OptionChains, Parts  # few nodes trade options

        return OptionChains(Parts(self._loop, self._msgbus, self._cache, self._clock, self, self._log))

    def _venue_of(self, client_id: ClientId) -> Venue | None:
        client = self._routes.get(client_id)
        return None if client is None else client.venue

    def _on_connection_change(self, change: ConnectionChange) -> None:
        self._gaps.hear(change)
        self._books.on_connection(change.client_id, change.connected, change.reason)

    def _on_instrument(self, instrument: Instrument) -> None:
        self._cache.add_instrument(instrument)
        if self._chains is not None:
            self._chains.add(instrument)
        self._publish(_topic(INSTRUMENT, instrument.id), instrument)


def _topic(kind: str, instrument_id: InstrumentId) -> str:
    return f"data.{kind}.{instrument_id.venue.value}.{instrument_id.symbol.value}"


def custom_topic(data_type: DataType) -> str:
    """Return the topic that custom data of a type are published on."""
    return f"data.{data_type.topic.removesuffix('*')}"
