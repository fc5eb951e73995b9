"""Quotes that the node knows when it starts, stated outright: a data client that says them once, when it connects."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from nautilus_live.model.data import QuoteTick
from nautilus_live.model.data_requests import DataRequest, DataResponse, Feed
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_live.model.objects import Price, Quantity
from scenarios.format import GivenQuote
from scenarios.market import instrument
from scenarios.scripted_strategy import SYMBOL_DEFAULT
from scenarios.settings import VENUE_DEFAULT
from scenarios.world.clock import EPOCH_NS


def stated_tick(quote: GivenQuote) -> QuoteTick:
    """Return a stated quote as the node would hear it."""
    made = instrument(quote.instrument or SYMBOL_DEFAULT, quote.venue or VENUE_DEFAULT)
    size = Quantity(Decimal(1), made.size_precision)
    bid, ask = (Price(Decimal(price), made.price_precision) for price in (quote.bid, quote.ask))
    return QuoteTick(made.id, bid, ask, size, size, EPOCH_NS, EPOCH_NS)


class StatedQuotes:
    """A data client and its own factory; it answers every subscription with nothing further."""

    venue: Venue | None = None

    def __init__(self, quotes: list[QuoteTick]) -> None:
        self.id = ClientId("STATED")
        self._quotes = quotes
        self._sink: Any = None
        self._connected = False

    def create(self, loop: asyncio.AbstractEventLoop, name: str, config: Any, context: Any) -> StatedQuotes:
        """Return a client for one node."""
        client = StatedQuotes(self._quotes)
        client.id = ClientId(name)
        client._sink = context.sink
        return client

    @property
    def is_connected(self) -> bool:
        """Whether data can flow."""
        return self._connected

    async def connect(self) -> None:
        """Say the stated quotes."""
        self._connected = True
        for quote in self._quotes:
            self._sink.process(quote)

    async def disconnect(self) -> None:
        """End."""
        self._connected = False

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """There is nothing further to hear."""

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        """There was nothing to hear."""

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """There is nothing further to hear."""

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        """There was nothing to hear."""

    def subscribe_feed(self, feed: Feed) -> None:
        """There is nothing further to hear."""

    def unsubscribe_feed(self, feed: Feed) -> None:
        """There was nothing to hear."""

    def request(self, request: DataRequest) -> None:
        """Answer that nothing is known of the past."""
        error = f"{self.id}: knows stated quotes alone, was asked for {request}"
        self._sink.receive_response(DataResponse(request_id=request.request_id, error=error))
