"""Actors and order books, on a whole node and a sandbox venue: what is subscribed to arrives, and ends when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config import LiveExecEngineConfig, TradingNodeConfig
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import OrderBookDeltas, OrderBookDepth10
from nautilus_live.model.enums import BookType, OrderSide
from nautilus_live.trading.actor import Actor
from sandbox_venues.adapter import SandboxDataClientConfig
from sandbox_venues.adapter_data import SandboxLiveDataClientFactory
from sandbox_venues.faults import Drop
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.instruments import instrument
from sandbox_venues.script import Target
from sandbox_venues.venue import Venue, VenueConfig
from scenarios.world.world import World

BTC = instrument("BTCUSDT")


class Watcher(Actor):
    """Writes down what it hears of a book, and what the cache had by then."""

    def __init__(self) -> None:
        super().__init__()
        self.deltas: list[tuple[bool, str]] = []
        self.depths: list[int] = []
        self.tops: list[str] = []

    def on_start(self) -> None:
        self.subscribe_order_book_deltas(BTC.id)
        self.subscribe_order_book_depth(BTC.id)
        self.subscribe_order_book_at_interval(BTC.id, interval_ms=500)

    def on_order_book_deltas(self, deltas: OrderBookDeltas) -> None:
        book = self.cache.order_book(BTC.id)
        assert book is not None
        self.deltas.append((deltas.is_snapshot, str(book.best_bid_price())))

    def on_order_book_depth(self, depth: OrderBookDepth10) -> None:
        self.depths.append(sum(bool(level.size.value) for level in depth.bids))

    def on_order_book(self, order_book: OrderBook) -> None:
        self.tops.append(f"{order_book.best_bid_price()} / {order_book.best_ask_price()}")


class QueueWatcher(Watcher):
    """Wants the book order by order, and writes down what each look at it at its interval shows."""

    def on_start(self) -> None:
        self.subscribe_order_book_deltas(BTC.id, book_type=BookType.L3_MBO)
        self.subscribe_order_book_at_interval(BTC.id, book_type=BookType.L3_MBO, interval_ms=500)

    def on_order_book(self, order_book: OrderBook) -> None:
        self.tops.append(" + ".join(str(order.size) for level in order_book.bids() for order in level.orders()))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Watcher]:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)

    def run(story: Callable[[Watcher, VenueGateway], Awaitable[None]], kind: type[Watcher] = Watcher) -> Watcher:
        world, watcher = World(), kind()

        async def main() -> None:
            gateway = VenueGateway(Venue(VenueConfig(), [BTC], world.clock.timestamp_ns()), world.clock)
            config = TradingNodeConfig(
                trader_id="TESTER-001",
                data_clients={"SANDBOX": SandboxDataClientConfig()},
                exec_engine=LiveExecEngineConfig(reconciliation=False),
            )
            node = TradingNode(config, clock=world.clock, entropy=world.entropy.stream("node"))
            node.add_data_client_factory("SANDBOX", SandboxLiveDataClientFactory(gateway))
            node.build()
            node.trader.add_actor(watcher)
            task = asyncio.create_task(node.run_async())
            await asyncio.sleep(1.0)
            assert node.is_running(), node.failure
            await story(watcher, gateway)
            node.stop()
            assert await task == ExitCode.OK, node.failure

        world.run(main)
        return watcher

    return run


def move(gateway: VenueGateway, bid: str, ask: str) -> None:
    gateway.do("set_book", instrument="BTCUSDT", bids=[(bid, "1")], asks=[(ask, Decimal(2))])


def test_changes_depth_and_the_book_at_its_interval_arrive(watched: Callable[..., Watcher]) -> None:
    async def story(watcher: Watcher, gateway: VenueGateway) -> None:
        before = len(watcher.tops)
        move(gateway, "49990", "50010")
        await asyncio.sleep(1.2)
        assert watcher.tops[before:] == ["49990.00 / 50010.00"] * 3

    watcher = watched(story)

    assert watcher.deltas == [(True, "None"), (False, "49990.00")]
    assert watcher.depths == [0, 1]


def test_what_is_no_longer_wanted_ends(watched: Callable[..., Watcher]) -> None:
    async def story(watcher: Watcher, gateway: VenueGateway) -> None:
        watcher.unsubscribe_order_book_deltas(BTC.id)
        watcher.unsubscribe_order_book_depth(BTC.id)
        move(gateway, "49990", "50010")
        await asyncio.sleep(1.1)
        assert watcher.tops[-1] == "49990.00 / 50010.00", "whoever wants the book at an interval still has it"
        watcher.unsubscribe_order_book_at_interval(BTC.id, interval_ms=500)
        heard: tuple[Any, ...] = (len(watcher.deltas), len(watcher.depths), len(watcher.tops))
        await asyncio.sleep(0.1)
        move(gateway, "49991", "50010")
        await asyncio.sleep(2.0)
        assert (len(watcher.deltas), len(watcher.depths), len(watcher.tops)) == heard
        book = watcher.cache.order_book(BTC.id)
        assert book is not None
        assert not book.is_valid
        assert gateway.connections[0].subscriptions == {}

    watcher = watched(story)

    assert watcher.deltas == [(True, "None")]
    assert watcher.depths == [0]


def test_a_book_order_by_order_is_the_venues_and_a_gap_in_it_is_repaired(watched: Callable[..., Watcher]) -> None:
    async def story(watcher: Watcher, gateway: VenueGateway) -> None:
        for size in ("1.000", "2.000"):
            gateway.do("add_liquidity", instrument="BTCUSDT", side="BUY", price="49990", quantity=size)
        await asyncio.sleep(0.6)
        gateway.script.add(Drop(), Target(report="book_orders"))
        for size in ("3.000", "4.000"):
            gateway.do("add_liquidity", instrument="BTCUSDT", side="BUY", price="49990", quantity=size)
        await asyncio.sleep(0.6)
        book = watcher.cache.order_book(BTC.id)
        assert book is not None
        known = [(one.order_id, one.price.value, one.size.value) for one in book.bids()[0].orders()]
        assert known == gateway.venue.resting(BTC.id, OrderSide.BUY)

    watcher = watched(story, QueueWatcher)

    assert watcher.tops[-2:] == ["1.000 + 2.000", "1.000 + 2.000 + 3.000 + 4.000"]
    assert [is_snapshot for is_snapshot, _ in watcher.deltas] == [True, False, False, True]
