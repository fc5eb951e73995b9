"""Transport `direct`: a node's source of market data at a sandbox venue.

May know: the kernel's adapter port and base classes, this package's gateway and messages. Promises: what was subscribed
flows again after the stream was lost, a book with a new snapshot; data keep the venue's time and get ours at receipt.
The venue tells of whole books by price (L2_MBP) and order by order (L3_MBO); their tops (L1_MBP) are taken from its
best levels.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from nautilus_live.adapters.client import LiveDataClient
from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.errors import VenueError, WireError
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.data import (
    F_LAST,
    F_SNAPSHOT,
    BookOrder,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
)
from nautilus_live.model.data_requests import DataRequest, Feed
from nautilus_live.model.enums import BookAction, BookType, OrderSide
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from sandbox_venues.adapter_config import SandboxDataClientConfig
from sandbox_venues.feed_messages import FeedMessage, GetHistory, History
from sandbox_venues.gateway import Connection, VenueGateway
from sandbox_venues.messages import (
    BookMessage,
    DepthMessage,
    Done,
    GetBook,
    GetInstruments,
    Message,
    QuoteMessage,
    Refusal,
    Request,
    Subscribe,
    TradeMessage,
)
from sandbox_venues.paging import read_pages
from sandbox_venues.public_desk import BARS
from sandbox_venues.stream_keeper import StreamKeeper

FEED_OF_BOOK = {BookType.L1_MBP: "depth", BookType.L2_MBP: "book", BookType.L3_MBO: "book_orders"}
"""What each type of book is made of. The best levels are whole each time, so that the top is taken from them."""


class SandboxDataClient(LiveDataClient):
    """Quotes, trades, books and instruments of a sandbox venue."""

    def __init__(self, context: DataClientContext, gateway: VenueGateway, config: SandboxDataClientConfig) -> None:
        super().__init__(context, venue=Venue(gateway.venue.name))
        self._gateway = gateway
        self._config = config
        self._connection: Connection | None = None
        self._subscribed: dict[tuple[str, InstrumentId], None] = {}
        self._book_types: dict[InstrumentId, BookType] = {}
        self._depths: dict[InstrumentId, None] = {}
        self._keeper = StreamKeeper(
            pace=config,
            clock=context.clock,
            start=self._tasks.start,
            report=self.report_connection_change,
            renew=self._renew,
            log=self._log,
        )

    async def _connect(self) -> None:
        name = f"{self.id}-DATA"
        self._connection = await self._gateway.connect(name, (), self, self._config.request_timeout_secs)
        for instrument in await read_pages(GetInstruments(), self._ask):
            self._sink.process(instrument)
        self._keeper.keep(self._connection)

    async def _disconnect(self) -> None:
        self._keeper.let_go()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def on_message(self, message: Message) -> None:
        """Take a stream message."""
        self._keeper.heard()
        if isinstance(message, QuoteMessage | TradeMessage):
            self._sink.process(replace(message.tick, ts_init=self._clock.timestamp_ns()))
        elif isinstance(message, BookMessage):
            self._take_book(message.deltas)
        elif isinstance(message, DepthMessage):
            depth = replace(message.depth, ts_init=self._clock.timestamp_ns())
            if self._book_types.get(depth.instrument_id) is BookType.L1_MBP:
                self._sink.process(top_of(depth))
            self._sink.process(depth)
        elif isinstance(message, FeedMessage):
            self._take_feed(message)

    def _take_feed(self, message: FeedMessage) -> None:
        data: Any = replace(message.data, ts_init=self._clock.timestamp_ns())
        if isinstance(data, Bar) and not message.final:
            if not self._config.handle_revised_bars:
                return
            data = replace(data, is_revision=True)
        self._sink.process(data)

    def _take_book(self, deltas: OrderBookDeltas) -> None:
        self._sink.process(self._received(deltas))

    def _received(self, deltas: OrderBookDeltas) -> OrderBookDeltas:
        now = self._clock.timestamp_ns()
        return OrderBookDeltas(deltas.instrument_id, [replace(delta, ts_init=now) for delta in deltas.deltas])

    def on_stream_lost(self, reason: str) -> None:
        """Learn that the stream ended without being asked to."""
        self._keeper.lost(reason)

    async def _renew(self) -> None:
        """Subscribe again to everything; what is not confirmed makes the stream as good as closed."""
        for what, instrument_id in list(self._subscribed):
            await self._ask_to_subscribe(what, instrument_id, True)

    async def _subscribe(self, what: str, instrument_id: InstrumentId, on: bool) -> None:
        # Remembered first: a subscription that could not be asked for now is asked for with the next stream.
        if on:
            self._subscribed[what, instrument_id] = None
        else:
            self._subscribed.pop((what, instrument_id), None)
        await self._ask_to_subscribe(what, instrument_id, on)

    async def _ask_to_subscribe(self, what: str, instrument_id: InstrumentId, on: bool) -> None:
        answer = await self._ask(Subscribe(what=what, instrument_id=instrument_id, on=on))
        if isinstance(answer, Refusal):
            self._subscribed.pop((what, instrument_id), None)
            raise VenueError(f"{self.id}: {what} of {instrument_id}: {answer.code}: {answer.reason}")
        if not isinstance(answer, Done):
            raise WireError(f"{self.id}: a subscription to {what} {instrument_id} must be confirmed, was {answer.kind}")

    async def _subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        await self._subscribe("quote", instrument_id, True)

    async def _unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        await self._subscribe("quote", instrument_id, False)

    async def _subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        await self._subscribe("trade", instrument_id, True)

    async def _unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        await self._subscribe("trade", instrument_id, False)

    async def _subscribe_order_book_deltas(self, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        self._book_types[instrument_id] = book_type
        await self._subscribe(FEED_OF_BOOK[book_type], instrument_id, True)

    async def _unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        feed = FEED_OF_BOOK[self._book_types.pop(instrument_id, BookType.L2_MBP)]
        if feed != "depth" or instrument_id not in self._depths:
            await self._subscribe(feed, instrument_id, False)

    async def _subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        self._depths[instrument_id] = None
        await self._subscribe("depth", instrument_id, True)

    async def _unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        self._depths.pop(instrument_id, None)
        if self._book_types.get(instrument_id) is not BookType.L1_MBP:
            await self._subscribe("depth", instrument_id, False)

    async def _subscribe_feed(self, feed: Feed) -> None:
        await self._subscribe(_feed_name(self.id, feed), feed.instrument, True)

    async def _unsubscribe_feed(self, feed: Feed) -> None:
        await self._subscribe(_feed_name(self.id, feed), feed.instrument, False)

    async def _request(self, request: DataRequest) -> Sequence[Any]:
        instrument_id = request.instrument_id
        if request.kind in ("instrument", "instruments"):
            return await read_pages(GetInstruments(instrument_id=instrument_id), self._ask)
        if request.kind == "bars" and request.bar_type is not None:
            instrument_id = request.bar_type.instrument_id
        if instrument_id is None or request.kind in ("data", "depth", "deltas"):
            raise VenueError(f"{self.id}: the venue has no history of {request.kind}")
        if request.kind == "book":
            return [self._received((await self._ask_for_book(instrument_id, by_order=False)).deltas)]
        what = _bars_name(request.bar_type) if request.kind == "bars" else request.kind
        query = GetHistory(
            what=what,
            instrument_id=instrument_id,
            start_ns=request.start_ns,
            end_ns=request.end_ns,
            limit=request.limit,
        )
        answer = await self._ask(query)
        if isinstance(answer, Refusal):
            raise VenueError(f"{self.id}: {answer.code}: {answer.reason}")
        if not isinstance(answer, History):
            raise WireError(f"{self.id}: a question about the past must be answered with it, was {answer.kind}")
        return answer.items

    async def _request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        book_type = self._book_types.get(instrument_id, BookType.L2_MBP)
        answer = await self._ask_for_book(instrument_id, by_order=book_type is BookType.L3_MBO)
        book = self._received(answer.deltas)
        self._sink.process(_top_of_book(book) if book_type is BookType.L1_MBP else book)

    async def _ask_for_book(self, instrument_id: InstrumentId, *, by_order: bool) -> BookMessage:
        answer = await self._ask(GetBook(instrument_id=instrument_id, by_order=by_order))
        if not isinstance(answer, BookMessage):
            raise WireError(f"{self.id}: a snapshot of {instrument_id} must be answered with one, was {answer.kind}")
        return answer

    async def _ask(self, request: Request) -> Any:
        if self._connection is None:
            raise WireError(f"{self.id}: a request needs a connection, was {request.label} without one")
        return await self._connection.request(request, self._config.request_timeout_secs)


def top_of(depth: OrderBookDepth10) -> OrderBookDeltas:
    """Return the best bid and ask as a snapshot of an L1_MBP book."""
    orders = [levels[0] for levels in (depth.bids, depth.asks) if levels[0].size.value]
    return _top(depth.instrument_id, orders, depth.sequence, depth.ts_event, depth.ts_init)


def _top_of_book(book: OrderBookDeltas) -> OrderBookDeltas:
    """Return the same of a snapshot, each of whose sides begins with its best price."""
    best: dict[OrderSide, BookOrder] = {}
    for delta in book.deltas:
        if delta.order is not None and not delta.is_clear:
            best.setdefault(delta.order.side, delta.order)
    return _top(book.instrument_id, list(best.values()), book.sequence, book.ts_event, book.ts_init)


def _top(
    instrument_id: InstrumentId, orders: list[BookOrder], sequence: int, ts_event: int, ts_init: int
) -> OrderBookDeltas:
    rest = (F_SNAPSHOT, sequence, ts_event, ts_init)
    deltas = [OrderBookDelta(instrument_id, BookAction.CLEAR, None, *rest)]
    deltas += [OrderBookDelta(instrument_id, BookAction.ADD, order, *rest) for order in orders]
    deltas[-1] = replace(deltas[-1], flags=F_SNAPSHOT | F_LAST)
    return OrderBookDeltas(instrument_id, deltas)


def _feed_name(client_id: ClientId, feed: Feed) -> str:
    if feed.kind == "data":
        raise VenueError(f"{client_id}: the venue has no custom data, was asked for {feed.subject}")
    return _bars_name(feed.bar_type) if feed.kind == "bars" else feed.kind


def _bars_name(bar_type: BarType | None) -> str:
    assert bar_type is not None, "a question about bars names their type"
    return f"{BARS}{bar_type.spec}"


class SandboxLiveDataClientFactory:
    """Makes data clients of one venue; give the node an instance."""

    def __init__(self, gateway: VenueGateway) -> None:
        self.gateway = gateway

    def create(
        self, loop: asyncio.AbstractEventLoop, name: str, config: SandboxDataClientConfig, context: DataClientContext
    ) -> SandboxDataClient:
        """Return a new client, not yet connected."""
        return SandboxDataClient(context, self.gateway, config)
