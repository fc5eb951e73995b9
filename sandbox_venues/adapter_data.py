"""Transport `direct`: a node's source of market data at a sandbox venue.

May know: the kernel's adapter port and base classes, this package's gateway and messages. Promises: what was subscribed
flows again after the stream was lost, a book with a new snapshot; data keep the venue's time and get ours at receipt.
The venue tells of whole books by price (L2_MBP).
"""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec.structs import replace

from nautilus_live.adapters.client import LiveDataClient
from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.errors import VenueError, WireError
from nautilus_live.model.data import OrderBookDeltas
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import InstrumentId, Venue
from sandbox_venues.adapter_config import SandboxDataClientConfig
from sandbox_venues.gateway import Connection, VenueGateway
from sandbox_venues.messages import (
    BookMessage,
    DepthMessage,
    Done,
    GetBook,
    GetInstruments,
    Message,
    QuoteMessage,
    Request,
    Subscribe,
    TradeMessage,
)
from sandbox_venues.paging import read_pages
from sandbox_venues.stream_keeper import StreamKeeper


class SandboxDataClient(LiveDataClient):
    """Quotes, trades, books and instruments of a sandbox venue."""

    def __init__(self, context: DataClientContext, gateway: VenueGateway, config: SandboxDataClientConfig) -> None:
        super().__init__(context, venue=Venue(gateway.venue.name))
        self._gateway = gateway
        self._config = config
        self._connection: Connection | None = None
        self._subscribed: dict[tuple[str, InstrumentId], None] = {}
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
            self._sink.process(replace(message.depth, ts_init=self._clock.timestamp_ns()))

    def _take_book(self, deltas: OrderBookDeltas) -> None:
        now = self._clock.timestamp_ns()
        received = [replace(delta, ts_init=now) for delta in deltas.deltas]
        self._sink.process(OrderBookDeltas(deltas.instrument_id, received))

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
        if book_type is not BookType.L2_MBP:
            raise VenueError(f"{self.id}: a book must be asked for as L2_MBP, was {book_type}")
        await self._subscribe("book", instrument_id, True)

    async def _unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        await self._subscribe("book", instrument_id, False)

    async def _subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        await self._subscribe("depth", instrument_id, True)

    async def _unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        await self._subscribe("depth", instrument_id, False)

    async def _request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        answer = await self._ask(GetBook(instrument_id=instrument_id))
        if not isinstance(answer, BookMessage):
            raise WireError(f"{self.id}: a snapshot of {instrument_id} must be answered with one, was {answer.kind}")
        self._take_book(answer.deltas)

    async def _ask(self, request: Request) -> Any:
        if self._connection is None:
            raise WireError(f"{self.id}: a request needs a connection, was {request.label} without one")
        return await self._connection.request(request, self._config.request_timeout_secs)


class SandboxLiveDataClientFactory:
    """Makes data clients of one venue; give the node an instance."""

    def __init__(self, gateway: VenueGateway) -> None:
        self.gateway = gateway

    def create(
        self, loop: asyncio.AbstractEventLoop, name: str, config: SandboxDataClientConfig, context: DataClientContext
    ) -> SandboxDataClient:
        """Return a new client, not yet connected."""
        return SandboxDataClient(context, self.gateway, config)
