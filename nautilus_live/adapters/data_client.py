"""The base class of data clients: what every source of market data needs and no venue is different in.

Knows the ports and asyncio. An adapter implements `_connect` and `_disconnect`, and the hooks of what its source has;
the port's own methods start one task each and return at once. An exception in a hook is logged; so is the call of a
hook that the source does not have.

A subscription whose outcome is not known is asked for again, ever less often, until it is confirmed, refused, or wanted
no longer: data that do not come look like a market in which nothing happens. The hook of one may be called twice, and
must let the data flow once. While the connection is lost nothing is asked for; the adapter subscribes anew with the
next stream.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.adapters.tasks import Tasks
from nautilus_live.errors import KernelError, WireError
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.data_requests import DataRequest, DataResponse, Feed
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue

SUBSCRIBE_RETRY_S_MIN, SUBSCRIBE_RETRY_S_MAX = 1.0, 60.0
Hook = Callable[[], Awaitable[None]]


class LiveDataClient:
    """A connection to a source of market data; implements `ports.DataClient`."""

    def __init__(self, context: DataClientContext, *, venue: Venue | None) -> None:
        self.id = ClientId(context.name)
        self.venue = venue
        self._log = logging.getLogger(f"{type(self).__module__}.{context.name}")
        self._loop = context.loop
        self._clock = context.clock
        self._sink = context.sink
        self._cache = context.cache
        self._tasks = Tasks(context.loop, self._log)
        self._connected = False
        self._unconfirmed: dict[tuple[str, object], Hook] = {}

    @property
    def is_connected(self) -> bool:
        """Whether data can flow."""
        return self._connected

    def report_connection_change(self, connected: bool, reason: str, since_ns: int | None = None) -> None:
        """Tell the engine that data no longer flows, or flows again; `since_ns` says since when (by default now)."""
        self._connected = connected
        self._sink.receive_connection_change(self.id, connected, reason, since_ns)

    async def deliver(self, data: QuoteTick | TradeTick) -> None:
        """Hand data to the engine, and wait while it has too much waiting.

        For a task that reads a socket: while it waits it reads nothing, so that the venue's own sender is held back. A
        client that is called with data instead gives them to the sink as they come.
        """
        self._sink.process(data)
        await self._sink.wait_for_room()

    async def connect(self) -> None:
        """Connect and load instruments."""
        await self._connect()
        self._connected = True

    async def disconnect(self) -> None:
        """Disconnect; cancels what is outstanding."""
        self._connected = False
        await self._tasks.cancel_all()
        await self._disconnect()

    # -- subscriptions -----------------------------------------------------------------------------------------------

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Let quotes of the instrument flow to the sink."""
        self._begin("quotes", instrument_id, partial(self._subscribe_quote_ticks, instrument_id))

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """Stop quotes of the instrument."""
        self._end("quotes", instrument_id, self._unsubscribe_quote_ticks(instrument_id))

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Let trades of the instrument flow to the sink."""
        self._begin("trades", instrument_id, partial(self._subscribe_trade_ticks, instrument_id))

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """Stop trades of the instrument."""
        self._end("trades", instrument_id, self._unsubscribe_trade_ticks(instrument_id))

    def subscribe_order_book_deltas(self, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        """Let a snapshot of the instrument's book flow to the sink, then its changes; `depth` 0 is the whole book."""
        ask = partial(self._subscribe_order_book_deltas, instrument_id, book_type, depth)
        self._begin("book", instrument_id, ask)

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        """Stop changes of the instrument's book."""
        self._end("book", instrument_id, self._unsubscribe_order_book_deltas(instrument_id))

    def subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        """Let the best ten levels of the instrument's book flow to the sink."""
        self._begin("depth", instrument_id, partial(self._subscribe_order_book_depth, instrument_id))

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        """Stop the best levels of the instrument's book."""
        self._end("depth", instrument_id, self._unsubscribe_order_book_depth(instrument_id))

    def subscribe_feed(self, feed: Feed) -> None:
        """Let a feed flow to the sink."""
        self._begin(feed.kind, feed.subject, partial(self._subscribe_feed, feed))

    def unsubscribe_feed(self, feed: Feed) -> None:
        """Stop a feed."""
        self._end(feed.kind, feed.subject, self._unsubscribe_feed(feed))

    def _begin(self, kind: str, subject: object, ask: Hook) -> None:
        self._unconfirmed[kind, subject] = ask
        what = f"subscribe {kind} {subject}"
        self._tasks.start(self._until_confirmed((kind, subject), ask, what), what)

    def _end(self, kind: str, subject: object, end: Coroutine[Any, Any, None]) -> None:
        self._unconfirmed.pop((kind, subject), None)
        self._tasks.start(end, f"unsubscribe {kind} {subject}")

    async def _until_confirmed(self, key: tuple[str, object], ask: Hook, what: str) -> None:
        wait_s = SUBSCRIBE_RETRY_S_MIN
        try:
            while self._unconfirmed.get(key) is ask:
                try:
                    await ask()
                    return
                except WireError as error:
                    self._log.warning("%s: outcome unknown: %s", what, error)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, SUBSCRIBE_RETRY_S_MAX)
                if not self._connected:
                    return
        finally:
            if self._unconfirmed.get(key) is ask:
                del self._unconfirmed[key]

    # -- questions ---------------------------------------------------------------------------------------------------

    def request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        """Ask for a snapshot of a book that is subscribed to; it arrives at the sink.

        Not while the subscription is not confirmed: a book whose changes may not flow is not known by a snapshot, and
        what is asked for then brings one.
        """
        if ("book", instrument_id) in self._unconfirmed:
            return
        self._tasks.start(self._request_order_book_snapshot(instrument_id), f"snapshot of {instrument_id}")

    def request(self, request: DataRequest) -> None:
        """Ask for the past; whatever becomes of it, one answer arrives at the sink."""
        self._tasks.start(self._answer(request), f"request {request}")

    async def _answer(self, request: DataRequest) -> None:
        error = "the connection ended"
        try:
            items = await self._request(request)
        except asyncio.CancelledError:
            raise
        except KernelError as reason:
            error = str(reason)
        except NotImplementedError:
            error = f"{self.id} has no history of {request.kind}"
        except Exception as reason:
            error = f"{type(reason).__name__}: {reason}"
            raise
        else:
            self._sink.receive_response(DataResponse(request_id=request.request_id, data=tuple(items)))
            error = ""
        finally:
            if error:
                self._sink.receive_response(DataResponse(request_id=request.request_id, error=error))

    async def _connect(self) -> None:
        raise NotImplementedError

    async def _disconnect(self) -> None:
        raise NotImplementedError

    async def _subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _subscribe_order_book_deltas(self, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        raise NotImplementedError

    async def _unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        raise NotImplementedError

    async def _subscribe_feed(self, feed: Feed) -> None:
        raise NotImplementedError

    async def _unsubscribe_feed(self, feed: Feed) -> None:
        raise NotImplementedError

    async def _request(self, request: DataRequest) -> Sequence[Any]:
        """Return all items asked for, oldest first; raise a `KernelError` where that cannot be known."""
        raise NotImplementedError
