"""Transport `direct`: a node's source of market data at a sandbox venue.

May know: the kernel's adapter port and base classes, this package's gateway and messages. Promises: what was subscribed
flows again after the stream was lost; quotes and trades keep the venue's time and get ours at receipt.
"""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec.structs import replace

from nautilus_live.adapters.client import LiveDataClient
from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.errors import WireError
from nautilus_live.model.identifiers import InstrumentId, Venue
from sandbox_venues.adapter_config import RECONNECT_SECS_MAX, SandboxDataClientConfig
from sandbox_venues.gateway import Connection, VenueGateway
from sandbox_venues.messages import Done, GetInstruments, Message, QuoteMessage, Request, Subscribe, TradeMessage
from sandbox_venues.paging import read_pages


class SandboxDataClient(LiveDataClient):
    """Quotes, trades and instruments of a sandbox venue."""

    def __init__(self, context: DataClientContext, gateway: VenueGateway, config: SandboxDataClientConfig) -> None:
        super().__init__(context, venue=Venue(gateway.venue.name))
        self._gateway = gateway
        self._config = config
        self._connection: Connection | None = None
        self._subscribed: dict[tuple[str, InstrumentId], None] = {}
        self._reconnecting = False

    async def _connect(self) -> None:
        name = f"{self.id}-DATA"
        self._connection = await self._gateway.connect(name, (), self, self._config.request_timeout_secs)
        for instrument in await read_pages(GetInstruments(), self._ask):
            self._sink.process(instrument)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def on_message(self, message: Message) -> None:
        """Take a stream message."""
        if isinstance(message, QuoteMessage | TradeMessage):
            self._sink.process(replace(message.tick, ts_init=self._clock.timestamp_ns()))

    def on_stream_lost(self, reason: str) -> None:
        """Learn that the stream ended without being asked to."""
        if self._reconnecting or self._connection is None:
            return
        self._reconnecting = True
        self._connected = False
        self._log.warning("%s: the market data stream was lost: %s", self.id, reason)
        self._tasks.start(self._reconnect(), "reconnect market data")

    async def _reconnect(self) -> None:
        wait_secs = self._config.reconnect_secs
        while self._connection is not None:
            await asyncio.sleep(wait_secs)
            wait_secs = min(wait_secs * 2, RECONNECT_SECS_MAX)
            try:
                await self._connection.open_stream(self._config.request_timeout_secs)
                for what, instrument_id in list(self._subscribed):
                    await self._ask(Subscribe(what=what, instrument_id=instrument_id))
            except WireError as error:
                self._log.warning("%s: the market data stream is still closed: %s", self.id, error)
                continue
            self._reconnecting = False
            self._connected = True
            return

    async def _subscribe(self, what: str, instrument_id: InstrumentId, on: bool) -> None:
        # Remembered first: a subscription that could not be asked for now is asked for with the next stream.
        if on:
            self._subscribed[what, instrument_id] = None
        else:
            self._subscribed.pop((what, instrument_id), None)
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
