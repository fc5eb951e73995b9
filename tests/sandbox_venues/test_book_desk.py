"""The public face of a venue's books: what subscribers hear gives the levels exactly, our own orders included."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.core.book_feed import BookFeed
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import NO_ORDER, OrderBookDeltas, OrderBookDepth10
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import InstrumentId
from sandbox_venues.adapter_data import SandboxDataClient
from sandbox_venues.book_desk import levels_of
from sandbox_venues.describe import describe
from sandbox_venues.faults import Drop
from sandbox_venues.instruments import instrument
from sandbox_venues.market import RandomWalk
from sandbox_venues.messages import BookMessage, DepthMessage, GetBook, Refusal, Subscribe
from sandbox_venues.script import Target

BTC = instrument("BTCUSDT")


def texts(messages: list[Any]) -> list[str]:
    return [describe(message) for message in messages if isinstance(message, BookMessage | DepthMessage)]


def truth(venue: Any) -> dict[str, Any]:
    levels = levels_of(venue._markets[BTC.id])
    return {
        side: {line.price: size for line, size in levels.items() if line.side.name == side} for side in ("BUY", "SELL")
    }


def test_a_market_that_nobody_asked_for_is_not_told_of(floor):
    venue = floor()
    messages = venue.do("set_book", "BTCUSDT", bids=[("49990", "2")])

    assert texts(messages) == []


def test_changes_are_told_with_what_left_first_and_only_once(floor):
    venue = floor()
    venue.do("set_book", "BTCUSDT", bids=[("49990", "2"), ("49980", "1")], asks=[("50010", "3")])
    snapshot = venue.venue.book(BTC.id, venue.now_ns)
    assert describe(snapshot) == (
        "book BTCUSDT.SANDBOX snapshot +BUY 2.000 @ 49990.00 +BUY 1.000 @ 49980.00 +SELL 3.000 @ 50010.00"
    )
    placed = venue.place("O-1", quantity="1.500", price="49990.00").messages
    again = venue.do("set_price", "BTCUSDT", last="50000")
    assert texts([venue.venue.depth(BTC.id, venue.now_ns)]) == ["depth BTCUSDT.SANDBOX 2 bids 1 asks"]
    moved = venue.do("set_book", "BTCUSDT", bids=[("49985", "1")], asks=[("50010", "3")])

    assert texts(placed) == ["book BTCUSDT.SANDBOX BUY 3.500 @ 49990.00"]  # nobody has asked for the best levels yet
    assert texts(again) == []
    assert texts(moved) == [
        "book BTCUSDT.SANDBOX -BUY @ 49980.00 BUY 1.500 @ 49990.00 +BUY 1.000 @ 49985.00",
        "depth BTCUSDT.SANDBOX 2 bids 1 asks",
    ]


def test_orders_of_accounts_are_in_the_book_what_waits_for_a_trigger_is_not(floor):
    venue = floor()
    venue.venue.book(BTC.id, venue.now_ns)
    venue.place("O-1", quantity="1.000")
    venue.place("O-2", quantity="1.000", price="52000", trigger_price="51000", order_type=_stop_limit())
    assert truth(venue.venue)["BUY"] == {Decimal(50_000): Decimal(1)}
    filled = venue.do("trade", order="O-1", quantity=Decimal("0.400"))
    gone = venue.do("cancel", order="O-1")

    assert texts(filled)[0] == "book BTCUSDT.SANDBOX BUY 0.600 @ 50000.00"
    assert texts(gone)[0] == "book BTCUSDT.SANDBOX -BUY @ 50000.00"


def _stop_limit() -> Any:
    from nautilus_live.model.enums import OrderType

    return OrderType.STOP_LIMIT


def test_a_book_of_an_instrument_that_is_not_traded_is_refused(floor):
    answer = floor().venue.book(InstrumentId.from_str("NONE.SANDBOX"), 1)

    assert isinstance(answer, Refusal)
    assert answer.code == "UNKNOWN_INSTRUMENT"
    assert describe(GetBook(instrument_id=BTC.id)) == "query.book instrument_id=BTCUSDT.SANDBOX"


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_a_snapshot_and_the_changes_after_it_are_the_market(seed):
    rng = Random(seed)
    venue = _venue()
    for step, _ in zip(RandomWalk(start=Decimal(50_000)).steps(BTC, rng), range(rng.randint(0, 4)), strict=False):
        getattr(venue, step.action)(**step.arguments, now_ns=1)
    feed = BookFeed(OrderBook(BTC.id))
    feed.take(venue.book(BTC.id, 1).deltas)
    for step, _ in zip(RandomWalk(start=Decimal(50_000)).steps(BTC, rng), range(20), strict=False):
        for message in getattr(venue, step.action)(**step.arguments, now_ns=2):
            if isinstance(message, BookMessage):
                assert feed.take(message.deltas).lost == ""
                assert not feed.book.is_crossed
        assert feed.book.bids_to_dict() == truth(venue)["BUY"]
        assert feed.book.asks_to_dict() == truth(venue)["SELL"]


def _venue() -> Any:
    from sandbox_venues.venue import Venue, VenueConfig

    return Venue(VenueConfig(), [BTC])


# -- the adapter -------------------------------------------------------------------------------------------------------


async def listening(bench: Any, **config: Any) -> SandboxDataClient:
    from sandbox_venues.adapter import SandboxDataClientConfig

    client = SandboxDataClient(bench.context(DataClientContext), bench.gateway, SandboxDataClientConfig(**config))
    await client.connect()
    return client


def test_a_subscription_brings_a_snapshot_then_changes_each_with_our_time(run):
    async def body(bench):
        client = await listening(bench)
        client.subscribe_order_book_deltas(BTC.id, BookType.L2_MBP, 0)
        client.subscribe_order_book_depth(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("49990", "1")], asks=[("50010", "2")])
        await asyncio.sleep(0.1)
        client.unsubscribe_order_book_deltas(BTC.id)
        client.unsubscribe_order_book_depth(BTC.id)
        await asyncio.sleep(0.1)
        bench.gateway.do("set_book", instrument="BTCUSDT", bids=[("49991", "1")])
        await asyncio.sleep(0.1)
        return [item for item in bench.node.data if isinstance(item, OrderBookDeltas | OrderBookDepth10)]

    first, empty, second, depth = run(body)

    assert (first.is_snapshot, second.is_snapshot, second.previous_sequence, second.sequence) == (True, False, 0, 1)
    shown = [sum(level != NO_ORDER for level in side) for side in (empty.bids, depth.bids, depth.asks)]
    assert shown == [0, 1, 1]
    assert second.ts_init - second.ts_event == 10_000_000
    assert depth.ts_init - depth.ts_event == 10_000_000


def test_a_dropped_change_shows_as_a_gap_and_a_snapshot_can_be_asked_for(run):
    async def body(bench):
        client = await listening(bench)
        client.subscribe_order_book_deltas(BTC.id, BookType.L2_MBP, 0)
        await asyncio.sleep(0.1)
        bench.script.add(Drop(), Target(report="book"))
        feed = BookFeed(OrderBook(BTC.id))
        for price in ("49990", "49991", "49992"):
            bench.gateway.do("set_book", instrument="BTCUSDT", bids=[(price, "1")])
            await asyncio.sleep(0.1)
        client.request_order_book_snapshot(BTC.id)
        await asyncio.sleep(0.1)
        lost = [feed.take(item).lost for item in bench.node.data if isinstance(item, OrderBookDeltas)]
        return lost, feed.book

    lost, book = run(body)

    assert lost == ["", "message 2 follows 1, the last one here was 0", "", ""]
    assert book.is_valid
    assert book.bids_to_dict() == {Decimal(49_992): Decimal(1)}


def test_a_lost_stream_is_told_and_the_renewed_subscription_brings_a_snapshot(run):
    async def body(bench):
        client = await listening(bench)
        client.subscribe_order_book_deltas(BTC.id, BookType.L2_MBP, 0)
        await asyncio.sleep(0.1)
        bench.gateway.disconnect()
        await asyncio.sleep(0.1)
        connected = client.is_connected
        await asyncio.sleep(2.0)
        data = [item for item in bench.node.data if isinstance(item, OrderBookDeltas)]
        return connected, client.is_connected, [item.is_snapshot for item in data], bench.node.changes

    connected, back, snapshots, changes = run(body)

    assert (connected, back, snapshots) == (False, True, [True, True])
    assert [change[0] for change in changes] == [False, True]


@pytest.mark.parametrize("first", ["deltas", "depth"])
def test_the_top_and_the_best_levels_share_a_feed_until_neither_is_wanted(run, first):
    async def body(bench):
        client = await listening(bench)
        client.subscribe_order_book_deltas(BTC.id, BookType.L1_MBP, 0)
        client.subscribe_order_book_depth(BTC.id)
        await asyncio.sleep(0.1)
        ends = [client.unsubscribe_order_book_deltas, client.unsubscribe_order_book_depth]
        left = []
        for end in ends if first == "deltas" else ends[::-1]:
            end(BTC.id)
            await asyncio.sleep(0.1)
            left.append(list(bench.gateway.connections[0].subscriptions))
        return left

    assert run(body) == [[("depth", BTC.id)], []]


def test_a_book_of_an_instrument_that_is_not_traded_cannot_be_subscribed_to(run):
    async def body(bench):
        client = await listening(bench)
        request = Subscribe(what="book", instrument_id=InstrumentId.from_str("NONE.SANDBOX"))
        return (await client._ask(request)).code

    assert run(body) == "UNKNOWN_INSTRUMENT"
