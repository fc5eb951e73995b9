"""The base class of data clients: subscriptions that are not confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from nautilus_live.adapters.data_client import LiveDataClient
from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.engine.cache import Cache
from nautilus_live.errors import VenueError, WireTimeout
from nautilus_live.model.data_requests import Feed
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from scenarios.world.world import World

BTC = InstrumentId.from_str("BTCUSDT.SIM")
FEED = Feed("funding_rates", BTC, BTC)
LOST, REFUSED = WireTimeout("no answer"), VenueError("no such feed")


class Silent:
    """Hears how the connection is, and nothing else."""

    def receive_connection_change(
        self, client_id: ClientId, connected: bool, reason: str, since_ns: int | None = None
    ) -> None:
        """Take note of nothing."""


class Source(LiveDataClient):
    """A source that answers subscriptions as it is told, then confirms, and notes when it was asked for what."""

    def __init__(self, context: DataClientContext, answers: list[Exception | None]) -> None:
        super().__init__(context, venue=Venue("SIM"))
        self.answers = answers
        self.asked: list[tuple[str, float]] = []

    def _note(self, what: str) -> None:
        self.asked.append((what, self._loop.time()))

    async def _subscribe(self, *subject: Any, **named: Any) -> None:
        self._note("+")
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer

    async def _unsubscribe(self, *subject: Any, **named: Any) -> None:
        self._note("-")

    async def _request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        self._note("snapshot")

    async def _connect(self) -> None:
        pass

    _disconnect = _connect
    _subscribe_quote_ticks = _subscribe_trade_ticks = _subscribe_order_book_deltas = _subscribe
    _subscribe_order_book_depth = _subscribe_feed = _subscribe
    _unsubscribe_quote_ticks = _unsubscribe_trade_ticks = _unsubscribe_order_book_deltas = _unsubscribe
    _unsubscribe_order_book_depth = _unsubscribe_feed = _unsubscribe


SUBSCRIPTIONS: dict[str, tuple[Any, ...]] = {
    "quote_ticks": (BTC,),
    "trade_ticks": (BTC,),
    "order_book_deltas": (BTC, BookType.L2_MBP, 0),
    "order_book_depth": (BTC,),
    "feed": (FEED,),
}


def play(answers: list[Exception | None], story: Callable[[Source], Awaitable[None]]) -> list[tuple[str, float]]:
    """Return what a connected source was asked for, and when, while it was told `story` and for a minute more."""
    world, sink = World(), cast(Any, Silent())  # all that it is ever told

    async def main() -> Source:
        context = DataClientContext(
            name="SIM", trader_id="T-1", loop=world.loop, clock=world.clock, sink=sink, cache=Cache()
        )
        source = Source(context, answers)
        await source.connect()
        await story(source)
        await asyncio.sleep(60)
        await source.disconnect()
        return source

    return world.run(main).asked


@pytest.mark.parametrize("what", SUBSCRIPTIONS)
def test_a_subscription_is_asked_for_until_it_is_confirmed(what: str) -> None:
    async def story(source: Source) -> None:
        getattr(source, f"subscribe_{what}")(*SUBSCRIPTIONS[what])

    assert play([LOST, LOST], story) == [("+", 0.0), ("+", 1.0), ("+", 3.0)]


def test_what_is_refused_is_not_asked_for_again() -> None:
    async def story(source: Source) -> None:
        source.subscribe_quote_ticks(BTC)

    assert play([LOST, REFUSED], story) == [("+", 0.0), ("+", 1.0)]


def test_what_is_wanted_no_longer_is_not_asked_for_again() -> None:
    async def story(source: Source) -> None:
        source.subscribe_quote_ticks(BTC)
        await asyncio.sleep(0.5)
        source.unsubscribe_quote_ticks(BTC)

    assert play([LOST], story) == [("+", 0.0), ("-", 0.5)]


def test_a_subscription_that_takes_the_place_of_another_is_asked_for_once_at_a_time() -> None:
    async def story(source: Source) -> None:
        source.subscribe_quote_ticks(BTC)
        await asyncio.sleep(0.5)
        source.unsubscribe_quote_ticks(BTC)
        source.subscribe_quote_ticks(BTC)

    assert play([LOST, LOST], story) == [("+", 0.0), ("-", 0.5), ("+", 0.5), ("+", 1.5)]


def test_while_the_connection_is_lost_nothing_is_asked_for() -> None:
    async def story(source: Source) -> None:
        source.subscribe_quote_ticks(BTC)
        await asyncio.sleep(0.5)
        source.report_connection_change(False, "reset by peer")

    assert play([LOST], story) == [("+", 0.0)]


def test_a_snapshot_does_not_make_a_book_known_whose_changes_may_not_flow() -> None:
    async def story(source: Source) -> None:
        source.subscribe_order_book_deltas(BTC, BookType.L2_MBP, 0)
        await asyncio.sleep(0.5)
        source.request_order_book_snapshot(BTC)
        await asyncio.sleep(1.0)
        source.request_order_book_snapshot(BTC)

    assert play([LOST], story) == [("+", 0.0), ("+", 1.0), ("snapshot", 1.5)]
