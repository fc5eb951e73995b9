"""A venue's book order by order: each resting order by its own number, queues in their order, gaps that show."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.core.book_feed import BookFeed
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import OrderBookDeltas
from nautilus_live.model.enums import BookType, OrderSide
from nautilus_live.model.objects import Quantity
from sandbox_venues.adapter_data import SandboxDataClient
from sandbox_venues.describe import describe
from sandbox_venues.faults import Drop
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import BookOrdersMessage
from sandbox_venues.script import Target

BTC = instrument("BTCUSDT")
SIDES = (OrderSide.BUY, OrderSide.SELL)


def queue(book: OrderBook, side: OrderSide) -> list[tuple[int, Decimal, Decimal]]:
    """Return number, price and size of every order on one side, the first to trade first."""
    levels = book.bids() if side is OrderSide.BUY else book.asks()
    return [(one.order_id, one.price.value, one.size.value) for level in levels for one in level.orders()]


def texts(messages: list[Any]) -> list[str]:
    """Return what was told order by order, without the instrument, orders numbered from 1 as they turn up."""
    numbers: dict[str, str] = {}
    said = []
    for message in messages:
        if isinstance(message, BookOrdersMessage):
            words = describe(message).split()[2:]
            for place, word in enumerate(words):
                if word.startswith("#"):
                    words[place] = numbers.setdefault(word, f"#{len(numbers) + 1}")
            said.append(" ".join(words))
    return said


# What happens to O-1 (1.000 of 2.000 shown where it says so) before O-2, both bids at 50000, and what is told of it.
HAPPENINGS = [
    ({"trade": {"order": "O-1", "quantity": Decimal("0.400")}}, "BUY 0.600 @ 50000.00 #1"),
    ({"amend": {"order": "O-1", "quantity": "0.500"}}, "BUY 0.500 @ 50000.00 #1"),
    ({"amend": {"order": "O-1", "quantity": "3.000"}}, "-BUY @ 50000.00 #1 +BUY 3.000 @ 50000.00 #1"),
    ({"amend": {"order": "O-1", "price": "49999"}}, "-BUY @ 50000.00 #1 +BUY 1.000 @ 49999.00 #1"),
    ({"cancel": {"order": "O-1"}}, "-BUY @ 50000.00 #1"),
]


@pytest.mark.parametrize(("happening", "told"), HAPPENINGS, ids=[told for _, told in HAPPENINGS])
def test_each_order_comes_changes_and_leaves_under_its_number(floor, happening, told):
    venue = floor()
    venue.venue.book(BTC.id, venue.now_ns, by_order=True)
    placed = [*venue.place("O-1").messages, *venue.place("O-2", quantity="2.000").messages]
    [(action, arguments)] = happening.items()

    assert texts(placed) == ["+BUY 1.000 @ 50000.00 #1", "+BUY 2.000 @ 50000.00 #2"]
    assert texts(venue.do(action, **arguments)) == [told]


def test_an_iceberg_shows_its_tip_and_each_new_tip_lines_up_behind(floor):
    venue = floor()
    venue.place("ICE", quantity="5.000", display_qty=Quantity.from_str("1.000"))
    venue.place("O-2", quantity="2.000")
    venue.venue.book(BTC.id, venue.now_ns, by_order=True)
    ice, other = (number for number, _, _ in venue.venue.resting(BTC.id, OrderSide.BUY))
    venue.do("add_liquidity", "BTCUSDT", side="SELL", price="50000", quantity="1")

    shown = venue.venue.resting(BTC.id, OrderSide.BUY)
    assert [(number, size) for number, _, size in shown] == [(other, Decimal(2)), (ice, Decimal(1))]


def test_a_market_told_by_price_alone_says_nothing_of_single_orders(floor):
    venue = floor()
    venue.venue.book(BTC.id, venue.now_ns)

    assert texts(venue.place("O-1").messages) == []


@pytest.mark.parametrize("settings", [{}, {"queue_position": True, "book_refresh": "changed"}], ids=["whole", "queued"])
@pytest.mark.parametrize("seed", range(8))
def test_a_snapshot_and_the_changes_after_it_are_every_queue_in_its_order(floor, seed, settings):
    rng, venue = Random(seed), floor(**settings)
    feed = BookFeed(OrderBook(BTC.id, BookType.L3_MBO))

    def hear(messages: list[Any]) -> None:
        for message in messages:
            if isinstance(message, BookOrdersMessage):
                assert feed.take(message.deltas).lost == ""

    for turn in range(40):
        if turn == 5:
            feed.take(venue.venue.book(BTC.id, venue.now_ns, by_order=True).deltas)
        hear(_something(venue, rng, turn))
        if turn >= 5:
            for side in SIDES:
                assert queue(feed.book, side) == venue.venue.resting(BTC.id, side)


def _something(venue: Any, rng: Random, turn: int) -> list[Any]:
    middle, size = 50_000 + rng.randint(-3, 3), str(rng.randint(1, 5))
    opened = [str(report.client_order_id) for report in venue.venue.orders() if report.is_open]
    match rng.choice(("book", "liquidity", "place", "place", "amend", "cancel")):
        case "book":
            levels = {"bids": [(str(middle - k), size) for k in (1, 2)], "asks": [(str(middle + 1), size)]}
            return venue.do("set_book", "BTCUSDT", **levels)
        case "liquidity":
            side, price = rng.choice((("BUY", middle), ("SELL", middle)))
            return venue.do("add_liquidity", "BTCUSDT", side=side, price=str(price), quantity=size)
        case "amend" if opened:
            return venue.do("amend", order=rng.choice(opened), quantity=f"1{size}", price=str(middle))
        case "cancel" if opened:
            return venue.do("cancel", order=rng.choice(opened))
    side = rng.choice(SIDES).name
    return list(venue.place(f"O-{turn}", side=side, quantity=f"{size}.000", price=f"{middle}.00").messages)


def test_a_dropped_change_shows_as_a_gap_and_the_snapshot_asked_for_has_every_order(run):
    async def body(bench):
        client = SandboxDataClient(bench.context(DataClientContext), bench.gateway, _config())
        await client.connect()
        client.subscribe_order_book_deltas(BTC.id, BookType.L3_MBO, 0)
        await asyncio.sleep(0.1)
        feed = BookFeed(OrderBook(BTC.id, BookType.L3_MBO))
        bench.script.add(Drop(), Target(report="book_orders"))
        for _ in range(3):
            bench.gateway.do("add_liquidity", instrument="BTCUSDT", side="BUY", price="49990", quantity="1")
            await asyncio.sleep(0.1)
        client.request_order_book_snapshot(BTC.id)
        await asyncio.sleep(0.1)
        lost = [feed.take(item).lost for item in bench.node.data if isinstance(item, OrderBookDeltas)]
        client.unsubscribe_order_book_deltas(BTC.id)
        await asyncio.sleep(0.1)
        subscriptions = bench.gateway.connections[0].subscriptions
        return lost, feed.book, bench.gateway.venue.resting(BTC.id, OrderSide.BUY), subscriptions

    lost, book, resting, subscriptions = run(body)

    assert lost == ["", "message 2 follows 1, the last one here was 0", "", ""]
    assert queue(book, OrderSide.BUY) == resting
    assert len(resting) == 3
    assert subscriptions == {}


def _config() -> Any:
    from sandbox_venues.adapter import SandboxDataClientConfig

    return SandboxDataClientConfig()
