"""Books of single orders (L3) and of the best prices alone (L1), kept by the data engine from what a client says."""

from __future__ import annotations

import asyncio

from nautilus_live.model.data import F_LAST, F_SNAPSHOT, BookOrder, OrderBookDelta, OrderBookDeltas
from nautilus_live.model.enums import BookAction, BookType, OrderSide
from nautilus_live.model.objects import Price, Quantity
from tests.engine.data_rig import BTC, DataRig, play

ADD, UPDATE, DELETE = BookAction.ADD, BookAction.UPDATE, BookAction.DELETE


def changes(sequence: int, *entries: tuple[BookAction, str, str, int], before: int | None = None) -> OrderBookDeltas:
    """Return bids (price, size, order id) as one message; the first is a snapshot, as it has none before."""
    flags = F_SNAPSHOT if before is None else 0
    deltas = [OrderBookDelta.clear(BTC, sequence, sequence, sequence, flags)] if before is None else []
    for number, (action, price, size, order_id) in enumerate(entries, start=1):
        order = BookOrder(OrderSide.BUY, Price.from_str(price), Quantity.from_str(size), order_id)
        ends = F_LAST if number == len(entries) else 0
        deltas.append(OrderBookDelta(BTC, action, order, flags | ends, sequence, sequence, sequence, before))
    return OrderBookDeltas(BTC, deltas)


def test_a_book_of_single_orders_follows_each_of_them_and_a_gap_makes_it_unknown() -> None:
    async def story(rig: DataRig) -> None:
        rig.engine.subscribe_order_book_deltas(BTC, BookType.L3_MBO)
        rig.engine.process(changes(1, (ADD, "100.00", "1", 7), (ADD, "100.00", "2", 8), (ADD, "99.00", "5", 9)))
        rig.engine.process(changes(2, (UPDATE, "100.00", "4", 8), (DELETE, "100.00", "0", 7), before=1))
        await asyncio.sleep(0.1)
        book = rig.cache.order_book(BTC)
        assert book is not None
        assert (book.is_valid, str(book.best_bid_price()), str(book.best_bid_size())) == (True, "100.00", "4")
        rig.engine.process(changes(5, (DELETE, "100.00", "0", 8), before=4))
        await asyncio.sleep(0.1)
        assert not book.is_valid
        assert rig.feed.asked[-1] == f"snapshot {BTC}"
        rig.engine.process(changes(6, (ADD, "98.00", "1", 11)))
        await asyncio.sleep(0.1)
        assert (book.is_valid, str(book.best_bid_price())) == (True, "98.00")

    play(story)


def test_a_book_of_the_best_prices_has_one_level() -> None:
    async def story(rig: DataRig) -> None:
        rig.engine.subscribe_order_book_deltas(BTC, BookType.L1_MBP)
        for sequence, price in ((1, "100.00"), (2, "101.00"), (3, "99.00")):
            rig.engine.process(changes(sequence, (ADD, price, "1", 0)))
            await asyncio.sleep(0.1)
            book = rig.cache.order_book(BTC)
            assert book is not None
            assert [str(level.price) for level in book.bids()] == [price]

    play(story)
