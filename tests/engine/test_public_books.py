"""Public books in the data engine: subscriptions, gaps, snapshots, quotes and intervals."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.engines import LiveDataEngineConfig
from nautilus_live.engine.books import SNAPSHOT_WAIT_S, BookStatus
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ConfigError
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import (
    F_LAST,
    F_SNAPSHOT,
    BookOrder,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
    QuoteTick,
)
from nautilus_live.model.enums import BookAction, BookType, OrderSide
from nautilus_live.model.identifiers import ClientId, InstrumentId, TraderId, Venue
from nautilus_live.model.objects import Price, Quantity
from scenarios.world.world import World

BTC = InstrumentId.from_str("BTCUSDT.SIM")
ETH = InstrumentId.from_str("ETHUSDT.SIM")
FEED = ClientId("FEED")


class Feed:
    """A data client that records what it is asked for."""

    def __init__(self) -> None:
        self.id = FEED
        self.venue = Venue("SIM")
        self.is_connected = True
        self.asked: list[str] = []

    async def connect(self) -> None:
        pass

    async def disconnect(self) -> None:
        pass

    def subscribe_order_book_deltas(self, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        self.asked.append(f"+book {instrument_id} {book_type} {depth}")

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-book {instrument_id}")

    def subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"+depth {instrument_id}")

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-depth {instrument_id}")

    def request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"snapshot {instrument_id}")


def order(side: str, price: int, size: int) -> BookOrder:
    return BookOrder(OrderSide[side], Price(Decimal(price), 0), Quantity(Decimal(size), 0))


def change(
    sequence: int, side: str, price: int, size: int, flags: int = F_LAST, previous: int | None = -1
) -> OrderBookDelta:
    before = sequence - 1 if previous == -1 else previous
    return OrderBookDelta(BTC, BookAction.UPDATE, order(side, price, size), flags, sequence, sequence, sequence, before)


def snapshot(sequence: int, bid: int = 10, ask: int = 12) -> OrderBookDeltas:
    return OrderBookDeltas(
        BTC,
        [
            OrderBookDelta.clear(BTC, sequence, sequence, sequence, F_SNAPSHOT),
            change(sequence, "BUY", bid, 1, F_SNAPSHOT, None),
            change(sequence, "SELL", ask, 1, F_SNAPSHOT | F_LAST, None),
        ],
    )


def depth(sequence: int, bid: int = 10) -> OrderBookDepth10:
    return OrderBookDepth10(BTC, [order("BUY", bid, 1)], [order("SELL", 12, 1)], [0], [0], 0, sequence, 7, 8)


class Desk:
    """A data engine with one client, and everything that was published."""

    def __init__(self, world: World, settings: dict[str, Any]) -> None:
        self.loop = asyncio.get_running_loop()
        self.cache, self.bus, self.feed = Cache(), MessageBus(TraderId("T-1")), Feed()
        self.errors: list[Exception] = []
        self.engine = DataEngine(
            loop=self.loop,
            msgbus=self.bus,
            cache=self.cache,
            clock=world.clock,
            config=LiveDataEngineConfig(**settings),
            on_error=self.errors.append,
        )
        self.heard: list[Any] = []
        self.told: list[BookStatus] = []
        self.bus.subscribe("data.*", self.heard.append)
        self.bus.subscribe("events.system.order_book", self.told.append)
        self.engine.register_client(self.feed)
        self.engine.start()

    async def take(self, *data: Any) -> None:
        for item in data:
            self.engine.process(item)
        await asyncio.sleep(0.001)

    def book(self) -> OrderBook:
        found = self.cache.order_book(BTC)
        assert found is not None
        return found

    def levels(self) -> str:
        book = self.book()
        bids = " ".join(f"{price}x{size}" for price, size in book.bids_to_dict().items())
        asks = " ".join(f"{price}x{size}" for price, size in book.asks_to_dict().items())
        return f"{bids} | {asks}" if book.is_valid else "unknown"

    def quotes(self) -> list[str]:
        ticks = [tick for tick in self.heard if isinstance(tick, QuoteTick)]
        return [f"{tick.bid_size} @ {tick.bid_price} / {tick.ask_price}" for tick in ticks]


Story = Callable[[Desk], Awaitable[None]]


@pytest.fixture
def play() -> Callable[..., None]:
    def run(story: Story, **settings: Any) -> None:
        world = World()

        async def main() -> None:
            desk = Desk(world, settings)
            await story(desk)
            desk.engine.stop()
            assert desk.errors == []

        world.run(main)

    return run


# -- subscriptions -----------------------------------------------------------------------------------------------------


def test_a_client_is_asked_once_and_the_book_is_in_the_cache_before_changes_are_told(play: Callable[..., None]) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC, depth=50)
        desk.engine.subscribe_order_book_deltas(BTC)
        assert desk.engine.subscribed_order_books() == [BTC]
        tops: list[Any] = []
        desk.bus.subscribe("data.book.deltas.SIM.BTCUSDT", lambda _: tops.append(str(desk.book().best_bid_price())))
        await desk.take(snapshot(1), change(2, "BUY", 11, 1))
        assert tops == ["10", "11"]
        assert (desk.cache.has_order_book(BTC), desk.cache.book_update_count(BTC)) == (True, 4)
        assert (desk.cache.order_books(), desk.book().depth) == ([desk.book()], 50)
        desk.engine.unsubscribe_order_book_deltas(BTC)
        assert desk.levels() == "11x1 10x1 | 12x1"
        desk.engine.unsubscribe_order_book_deltas(BTC)
        assert (desk.levels(), desk.book().unknown_because) == ("unknown", "nobody listens to it any more")
        assert desk.feed.asked == [f"+book {BTC} L2_MBP 50", f"-book {BTC}"]
        assert desk.engine.subscribed_order_books() == []

    play(story)


def test_a_node_keeps_one_book_of_an_instrument(play: Callable[..., None]) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        with pytest.raises(ConfigError, match="one book of an instrument, as L2_MBP, was asked for L3_MBO"):
            desk.engine.subscribe_order_book_deltas(BTC, BookType.L3_MBO)
        with pytest.raises(ConfigError, match="interval_ms must be > 0, was 0"):
            desk.engine.subscribe_order_book_at_interval(BTC, interval_ms=0)
        with pytest.raises(ConfigError, match="no data client"):
            desk.engine.subscribe_order_book_depth(InstrumentId.from_str("X.NOWHERE"))
        assert desk.cache.order_book(ETH) is None
        assert desk.cache.book_update_count(ETH) == 0

    play(story)


def test_depth_keeps_a_book_unless_its_changes_do(play: Callable[..., None]) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_depth(BTC)
        await desk.take(depth(5), depth(4, bid=9))
        assert (desk.levels(), desk.book().depth, len(desk.told)) == ("10x1 | 12x1", 10, 1)
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(depth(6))
        assert desk.levels() == "unknown"
        await desk.take(snapshot(7, bid=8), depth(8))
        assert desk.levels() == "8x1 | 12x1"
        desk.engine.unsubscribe_order_book_deltas(BTC)
        await desk.take(depth(9))
        assert desk.levels() == "10x1 | 12x1"
        desk.engine.unsubscribe_order_book_depth(BTC)
        assert desk.feed.asked[0] == f"+depth {BTC}"
        assert desk.feed.asked[-1] == f"-depth {BTC}"
        assert len([item for item in desk.heard if isinstance(item, OrderBookDepth10)]) == 4

    play(story)


def test_changes_of_a_book_that_nobody_keeps_are_passed_on(play: Callable[..., None]) -> None:
    async def story(desk: Desk) -> None:
        await desk.take(change(2, "BUY", 11, 1))
        assert [type(item).__name__ for item in desk.heard] == ["OrderBookDeltas"]
        assert desk.cache.order_book(BTC) is None

    play(story)


# -- gaps --------------------------------------------------------------------------------------------------------------


def test_field_h8_after_a_gap_the_book_is_unknown_until_a_snapshot_which_is_asked_for_at_once(
    play: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(snapshot(1), change(2, "BUY", 11, 1))
        heard = len(desk.heard)
        await desk.take(change(4, "BUY", 9, 4), change(5, "BUY", 8, 5))
        assert (desk.levels(), desk.feed.asked[1:]) == ("unknown", [f"snapshot {BTC}"])
        assert len(desk.heard) == heard, "nothing is told that the book was not built from"
        await desk.take(snapshot(4, bid=7))
        assert desk.levels() == "8x5 7x1 | 12x1"
        assert [item.sequence for item in desk.heard[heard:]] == [4, 5]

    play(story)
    assert "the order book is unknown: message 4 follows 3, the last one here was 2" in caplog.text


def test_each_loss_and_return_is_told(play: Callable[..., None]) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(snapshot(1), change(3, "BUY", 11, 1), snapshot(3))
        assert [(status.valid, status.reason) for status in desk.told] == [
            (True, "a snapshot was taken"),
            (False, "message 3 follows 2, the last one here was 1"),
            (True, "a snapshot was taken"),
        ]

    play(story)


def test_a_snapshot_that_does_not_arrive_is_asked_for_again_while_the_client_is_connected(
    play: Callable[..., None],
) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await asyncio.sleep(SNAPSHOT_WAIT_S * 2.5)
        assert desk.feed.asked[1:] == [f"snapshot {BTC}"] * 2
        desk.feed.is_connected = False
        await asyncio.sleep(SNAPSHOT_WAIT_S * 2)
        assert len(desk.feed.asked) == 3
        desk.feed.is_connected = True
        desk.engine.receive_connection_change(FEED, True, "back")
        await asyncio.sleep(SNAPSHOT_WAIT_S * 1.5)
        assert len(desk.feed.asked) == 4
        await desk.take(snapshot(1))
        await asyncio.sleep(SNAPSHOT_WAIT_S * 10)
        assert len(desk.feed.asked) == 4

    play(story)


def test_a_lost_connection_leaves_no_levels_and_another_clients_is_none_of_its_business(
    play: Callable[..., None],
) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(snapshot(1))
        desk.engine.receive_connection_change(ClientId("OTHER"), False, "gone")
        await asyncio.sleep(0.001)
        assert desk.levels() == "10x1 | 12x1"
        desk.engine.receive_connection_change(FEED, False, "gone")
        await asyncio.sleep(0.001)
        assert (desk.levels(), desk.told[-1].reason) == ("unknown", "the connection was lost: gone")
        desk.engine.receive_connection_change(FEED, True, "back")
        await desk.take(change(9, "BUY", 3, 3), snapshot(9, bid=4))
        assert desk.levels() == "4x1 | 12x1"

    play(story)


def test_a_book_that_crosses_is_asked_for_once_and_then_believed(
    play: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(snapshot(1), change(2, "BUY", 13, 1))
        assert (desk.levels(), desk.feed.asked[1:]) == ("unknown", [f"snapshot {BTC}"])
        await desk.take(snapshot(2, bid=13))
        assert (desk.levels(), desk.book().is_crossed) == ("13x1 | 12x1", True)
        await desk.take(change(3, "BUY", 14, 1))
        assert len(desk.feed.asked) == 2

    play(story)
    assert "the venue's snapshot is crossed" in caplog.text


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("buffers", [True, False])
def test_buffer_deltas_holds_changes_back_until_their_message_is_complete(
    play: Callable[..., None], buffers: bool
) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(*snapshot(1).deltas)
        first, last = change(2, "BUY", 9, 2, flags=0), change(2, "BUY", 11, 2, previous=None)
        heard = len(desk.heard)
        await desk.take(first)
        assert desk.levels() == ("10x1 | 12x1" if buffers else "10x1 9x2 | 12x1")
        await desk.take(last)
        assert desk.levels() == "11x2 10x1 9x2 | 12x1"
        assert [len(item.deltas) for item in desk.heard[heard:]] == ([2] if buffers else [1, 1])

    play(story, buffer_deltas=buffers)


def test_a_message_without_an_end_is_not_held_for_ever(
    play: Callable[..., None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("nautilus_live.engine.books.BUFFERED_MAX", 3)

    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(snapshot(1), *(change(2, "BUY", 5 + n, 1, flags=0, previous=None) for n in range(3)))
        assert desk.levels() == "10x1 7x1 6x1 5x1 | 12x1"

    play(story, buffer_deltas=True)
    assert "3 changes without an end" in caplog.text


@pytest.mark.parametrize("emits", [True, False])
def test_emit_quotes_from_book_says_each_new_top_once(play: Callable[..., None], emits: bool) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_deltas(BTC)
        await desk.take(snapshot(1), change(2, "BUY", 9, 2), change(3, "BUY", 11, 2), change(4, "BUY", 13, 2))
        assert desk.quotes() == (["1 @ 10 / 12", "2 @ 11 / 12"] if emits else [])
        tick = desk.cache.quote_tick(BTC)
        assert (tick is not None) is emits
        await desk.take(snapshot(4, bid=11))
        assert desk.quotes() == (["1 @ 10 / 12", "2 @ 11 / 12", "1 @ 11 / 12"] if emits else [])

    play(story, emit_quotes_from_book=emits)


@pytest.mark.parametrize("emits", [True, False])
def test_emit_quotes_from_book_depths_says_every_one(play: Callable[..., None], emits: bool) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_depth(BTC)
        await desk.take(depth(1), depth(2))
        assert desk.quotes() == (["1 @ 10 / 12"] * 2 if emits else [])

    play(story, emit_quotes_from_book_depths=emits)


# -- intervals ---------------------------------------------------------------------------------------------------------


def test_a_book_is_told_at_its_interval_while_it_is_known(play: Callable[..., None]) -> None:
    async def story(desk: Desk) -> None:
        times: list[float] = []
        desk.bus.subscribe("data.book.snapshots.SIM.BTCUSDT.250", lambda _: times.append(round(desk.loop.time(), 3)))
        desk.engine.subscribe_order_book_at_interval(BTC, interval_ms=250)
        desk.engine.subscribe_order_book_at_interval(BTC, interval_ms=250)
        began = desk.loop.time()
        await asyncio.sleep(0.6)
        assert times == []
        await desk.take(snapshot(1))
        await asyncio.sleep(0.6)
        assert [round(at - began, 2) for at in times] == [0.75, 1.0]
        desk.engine.unsubscribe_order_book_at_interval(BTC, 250)
        desk.engine.unsubscribe_order_book_at_interval(BTC, 250)
        desk.engine.unsubscribe_order_book_at_interval(BTC, 250)
        await asyncio.sleep(2.0)
        assert len(times) == 2
        assert desk.feed.asked == [f"+book {BTC} L2_MBP 0", f"-book {BTC}"]

    play(story)


def test_whoever_hears_a_book_may_end_its_interval_there_and_then(play: Callable[..., None]) -> None:
    async def story(desk: Desk) -> None:
        heard: list[Any] = []

        def once(book: OrderBook) -> None:
            heard.append(book)
            desk.engine.unsubscribe_order_book_at_interval(BTC, 100)

        desk.bus.subscribe("data.book.snapshots.SIM.BTCUSDT.100", once)
        desk.engine.subscribe_order_book_at_interval(BTC, interval_ms=100)
        await desk.take(snapshot(1))
        await asyncio.sleep(1.0)
        assert len(heard) == 1

    play(story)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_nothing_is_told_or_asked_after_the_end(play: Callable[..., None], how: str) -> None:
    async def story(desk: Desk) -> None:
        desk.engine.subscribe_order_book_at_interval(BTC, interval_ms=100)
        getattr(desk.engine, how)()
        await asyncio.sleep(SNAPSHOT_WAIT_S * 3)
        assert desk.feed.asked == [f"+book {BTC} L2_MBP 0"]

    play(story)
