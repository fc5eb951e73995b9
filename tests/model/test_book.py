"""Order books: whatever is applied, the book is what a plain dictionary would be; and what can be asked of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import (
    F_LAST,
    F_SNAPSHOT,
    NO_ORDER,
    BookOrder,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
    QuoteTick,
)
from nautilus_live.model.enums import BookAction, BookType, OrderSide, RecordFlag
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")
BUY, SELL = OrderSide.BUY, OrderSide.SELL
L1, L2, L3 = BookType.L1_MBP, BookType.L2_MBP, BookType.L3_MBO


def order(side: OrderSide, price: str, size: str, order_id: int = 0) -> BookOrder:
    return BookOrder(side, Price.from_str(price), Quantity.from_str(size), order_id)


def delta(action: BookAction, one: BookOrder | None, sequence: int = 1, flags: int = 0) -> OrderBookDelta:
    return OrderBookDelta(BTC, action, one, flags, sequence, 10 + sequence, 20 + sequence)


def book_of(*orders: BookOrder, book_type: BookType = L2) -> OrderBook:
    book = OrderBook(BTC, book_type)
    for one in orders:
        book.add(one, 1)
    return book


def shown(book: OrderBook) -> str:
    bids = " ".join(f"{price}x{size}" for price, size in book.bids_to_dict().items())
    asks = " ".join(f"{price}x{size}" for price, size in book.asks_to_dict().items())
    return f"{bids} | {asks}"


LADDER = (
    order(BUY, "99", "1"),
    order(BUY, "97", "3"),
    order(BUY, "98", "2"),
    order(SELL, "103", "3"),
    order(SELL, "101", "1"),
    order(SELL, "102", "2"),
)


# -- changes -----------------------------------------------------------------------------------------------------------


def test_levels_are_best_first_however_they_came() -> None:
    book = book_of(*LADDER)

    assert shown(book) == "99x1 98x2 97x3 | 101x1 102x2 103x3"
    assert [level.price for level in book.bids(2)] == [Decimal(99), Decimal(98)]
    assert [level.price for level in book.asks(1)] == [Decimal(101)]
    assert (book.update_count, book.ts_last, book.ts_init) == (6, 1, 1)


def test_an_update_replaces_a_size_and_nothing_left_takes_the_level_out() -> None:
    book = book_of(*LADDER)
    book.update(order(BUY, "98", "5"), 2)
    book.update(order(SELL, "101", "0"), 2)
    book.delete(order(BUY, "97", "3"), 2)
    book.delete(order(BUY, "90", "3"), 2)
    book.update(order(SELL, "104", "4"), 2)

    assert shown(book) == "99x1 98x5 | 102x2 103x3 104x4"


def test_clear_empties_both_sides_or_one() -> None:
    book = book_of(*LADDER)
    book.apply(delta(BookAction.CLEAR, order(BUY, "0", "0")))
    assert shown(book) == " | 101x1 102x2 103x3"
    book.clear(5, sequence=9)
    assert (shown(book), book.sequence, book.ts_last) == (" | ", 9, 5)


def test_a_snapshot_begins_with_a_clear_and_leaves_no_ghosts() -> None:
    book = book_of(*LADDER)
    flags = int(RecordFlag.F_SNAPSHOT)
    book.apply(
        OrderBookDeltas(
            BTC,
            [
                OrderBookDelta.clear(BTC, 7, 17, 27, flags),
                delta(BookAction.ADD, order(BUY, "95", "1"), 7, flags),
                delta(BookAction.ADD, order(SELL, "96", "1"), 7, flags | F_LAST),
            ],
        )
    )

    assert (shown(book), book.sequence, book.ts_event, book.ts_init) == ("95x1 | 96x1", 7, 17, 27)


def test_a_depth_has_ten_levels_a_side_however_few_there_are() -> None:
    depth = OrderBookDepth10(BTC, [order(BUY, "50", "1")], [], [1], [], 0, 3, 4, 5)

    assert [len(side) for side in (depth.bids, depth.asks, depth.bid_counts, depth.ask_counts)] == [10] * 4
    assert (depth.bids[0].size.value, depth.bids[1], depth.asks[0]) == (Decimal(1), NO_ORDER, NO_ORDER)
    assert depth.to_quote_tick() is None


def test_depth_replaces_the_levels() -> None:
    book = book_of(*LADDER)
    bids = [order(BUY, "50", "1"), order(BUY, "49", "0")]
    book.apply(OrderBookDepth10(BTC, bids, [order(SELL, "51", "2")], [1, 0], [1], 0, 3, 4, 5))

    assert (shown(book), book.sequence, book.ts_event, book.ts_init) == ("50x1 | 51x2", 3, 4, 5)


def test_an_l1_book_has_one_price_a_side_and_takes_quotes() -> None:
    book = book_of(*LADDER, book_type=L1)
    assert (shown(book), book.depth) == ("98x2 | 102x2", 1)
    quote = QuoteTick(BTC, Price.from_str("10"), Price.from_str("11"), Quantity.from_str("1"), Quantity.zero(), 3, 4)
    book.apply(quote)

    assert (shown(book), book.ts_event, book.ts_init) == ("10x1 | ", 3, 4)
    with pytest.raises(ValueError, match="a quote makes an L1_MBP book, was L2_MBP"):
        book_of().apply(quote)


def test_an_l3_book_knows_every_order_and_its_place_in_the_queue() -> None:
    book = book_of(order(BUY, "99", "1", 1), order(BUY, "99", "2", 2), order(BUY, "98", "4", 3), book_type=L3)
    assert shown(book) == "99x3 98x4 | "
    book.update(order(BUY, "99", "5", 1), 2)
    assert [one.order_id for one in book.bids()[0].orders()] == [1, 2]
    book.update(order(BUY, "98", "5", 1), 2)
    assert [one.order_id for one in book.bids()[1].orders()] == [3, 1]
    book.delete(order(BUY, "98", "5", 3), 2)
    book.delete(order(BUY, "1", "5", 99), 2)

    assert shown(book) == "99x2 98x5 | "
    assert (book.order(1, BUY), book.order(3, BUY), book_of(*LADDER).order(0, BUY)) == (
        order(BUY, "98", "5", 1),
        None,
        None,
    )
    assert book.best_bid_size() == Quantity.from_str("2")


# -- questions ---------------------------------------------------------------------------------------------------------


def test_the_top_the_spread_and_the_middle() -> None:
    book = book_of(*LADDER)
    quote = book.to_quote_tick()

    assert (book.best_bid_price(), book.best_ask_price()) == (LADDER[0].price, LADDER[4].price)
    assert (book.best_bid_size(), book.best_ask_size()) == (LADDER[0].size, LADDER[4].size)
    assert (book.spread(), book.midpoint()) == (Decimal(2), Decimal(100))
    assert quote == QuoteTick(BTC, LADDER[0].price, LADDER[4].price, LADDER[0].size, LADDER[4].size, 1, 1)
    assert book.bids()[0].exposure() == Decimal(99)
    assert book.level_at(Price.from_str("98"), BUY) is not None
    assert book.level_at(Price.from_str("98"), SELL) is None
    assert book.pprint(1).splitlines()[5:] == [
        "╭──────┬───────┬──────╮",
        "│ bids │ price │ asks │",
        "├──────┼───────┼──────┤",
        "│      │ 101   │ [1]  │",
        "│ [1]  │ 99    │      │",
        "╰──────┴───────┴──────╯",
    ]
    assert str(book).splitlines()[:2] == ["OrderBook L2_MBP", f"instrument: {BTC}"]


def test_an_empty_book_has_no_top() -> None:
    book = book_of()
    answers = (book.best_bid_price(), book.best_ask_size(), book.spread(), book.midpoint(), book.to_quote_tick())

    assert answers == (None, None, None, None, None)
    assert book.get_avg_px_for_quantity(Quantity.from_str("1"), BUY) is None


@pytest.mark.parametrize(
    ("quantity", "side", "average"),
    [("1", BUY, "101"), ("2", BUY, "101.5"), ("100", SELL, "97.66666666666666666666666667"), ("3", SELL, "98.3333")],
)
def test_the_average_price_for_a_quantity(quantity: str, side: OrderSide, average: str) -> None:
    found = book_of(*LADDER).get_avg_px_for_quantity(Quantity.from_str(quantity), side)

    assert found is not None
    assert abs(found - Decimal(average)) < Decimal("0.0001")


@pytest.mark.parametrize(
    ("price", "side", "quantity"),
    [
        ("101", BUY, "1"),
        ("100.5", BUY, "0"),
        ("102.5", BUY, "3"),
        ("999", BUY, "6"),
        ("98", SELL, "3"),
        ("1", SELL, "6"),
    ],
)
def test_the_quantity_for_a_price(price: str, side: OrderSide, quantity: str) -> None:
    assert book_of(*LADDER).get_quantity_for_price(Price.from_str(price), side) == Decimal(quantity)


@pytest.mark.parametrize(
    ("quantity", "side", "worst"),
    [("0", BUY, None), ("1", BUY, "101"), ("1.5", BUY, "102"), ("100", BUY, "103"), ("1", SELL, "99")],
)
def test_the_worst_price_for_a_quantity(quantity: str, side: OrderSide, worst: str | None) -> None:
    found = book_of(*LADDER).get_worst_px_for_quantity(Quantity.from_str(quantity), side)
    assert found == (None if worst is None else Decimal(worst))


def test_what_stands_at_one_price_and_what_a_limit_reaches() -> None:
    book = book_of(*LADDER)
    at = [book.get_quantity_at_level(Price.from_str(price), BUY, 1) for price in ("102", "102.5", "99")]
    assert [str(quantity) for quantity in at] == ["2.0", "0.0", "0.0"]
    crossed = [(float(p), float(q)) for p, q in book.get_all_crossed_levels(BUY, Price.from_str("102.5"), 1)]
    assert crossed == [(101.0, 1.0), (102.0, 2.0)]
    assert [float(p) for p, _ in book.get_all_crossed_levels(SELL, Price.from_str("98"), 1)] == [99.0, 98.0]
    assert book.get_all_crossed_levels(BUY, Price.from_str("100"), 1) == []


def test_a_crossed_book_says_so() -> None:
    book = book_of(*LADDER)
    book.check_integrity()
    book.add(order(BUY, "101", "1"), 2)

    assert book.is_crossed
    with pytest.raises(ValueError, match="the best bid must be below the best ask, was 101 / 101"):
        book.check_integrity()


def test_an_unknown_book_is_empty_until_it_is_known_again() -> None:
    book = book_of(*LADDER)
    book.invalidate("something was missed")
    assert (book.is_valid, shown(book), book.unknown_because) == (False, " | ", "something was missed")
    assert "something was missed" in repr(book)
    book.restore()
    assert book.is_valid


def test_the_best_ten_levels_make_the_same_book() -> None:
    book = book_of(*(order(BUY, str(90 - n), "1") for n in range(12)), order(SELL, "95", "2"))
    depth = book.to_depth10()
    again = OrderBook(BTC)
    again.apply(depth)

    assert (depth.bid_counts, depth.ask_counts) == ([1] * 10, [1] + [0] * 9)
    assert again.bids_to_dict() == book.bids_to_dict(10)
    assert again.asks_to_dict() == book.asks_to_dict()


# -- the data ----------------------------------------------------------------------------------------------------------


def test_changes_refuse_what_makes_no_sense_and_travel_as_bytes() -> None:
    with pytest.raises(ValueError, match="a change ADD must have an order, had none"):
        delta(BookAction.ADD, None)
    with pytest.raises(ValueError, match="there must be at least one change, were none"):
        OrderBookDeltas(BTC, [])
    with pytest.raises(ValueError, match="at most 10 levels, was 11 bids and 0 asks"):
        OrderBookDepth10(BTC, [LADDER[0]] * 11, [], [], [], 0, 0, 0, 0)
    made = OrderBookDeltas(BTC, [OrderBookDelta.clear(BTC, 1, 2, 3, F_SNAPSHOT), delta(BookAction.ADD, LADDER[0])])

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=OrderBookDeltas) == made
    assert (made.is_snapshot, made.is_complete, made.previous_sequence, made.flags) == (True, False, None, 0)
    assert [(one.is_add, one.is_update, one.is_delete, one.is_clear) for one in made.deltas] == [
        (False, False, False, True),
        (True, False, False, False),
    ]


# -- against a plain model ---------------------------------------------------------------------------------------------

PRICES = st.integers(1, 12).map(lambda n: Price.from_str(str(n)))
SIZES = st.integers(0, 5).map(lambda n: Quantity.from_str(str(n)))
SIDES = st.sampled_from([BUY, SELL])
ACTIONS = st.sampled_from([BookAction.ADD, BookAction.UPDATE, BookAction.DELETE, BookAction.CLEAR])
CHANGES = st.lists(st.tuples(ACTIONS, SIDES, PRICES, SIZES, st.integers(1, 6)), max_size=60)


@given(CHANGES)
def test_any_changes_of_an_l2_book_are_those_of_a_dictionary(changes: list[Any]) -> None:
    book, model = OrderBook(BTC), {BUY: {}, SELL: {}}  # type: ignore[var-annotated]  # a plain table
    for action, side, price, size, _ in changes:
        book.apply(delta(action, BookOrder(side, price, size)))
        if action is BookAction.CLEAR:
            model[side].clear()
        elif action is BookAction.DELETE or not size.value:
            model[side].pop(price.value, None)
        else:
            model[side][price.value] = size.value
        assert list(book.bids_to_dict().items()) == sorted(model[BUY].items(), reverse=True)
        assert list(book.asks_to_dict().items()) == sorted(model[SELL].items())


@given(CHANGES)
def test_any_changes_of_an_l3_book_are_those_of_a_dictionary(changes: list[Any]) -> None:
    book, model = OrderBook(BTC, L3), {BUY: {}, SELL: {}}  # type: ignore[var-annotated]  # a plain table
    for action, side, price, size, number in changes:
        book.apply(delta(action, BookOrder(side, price, size, number)))
        if action is BookAction.CLEAR:
            model[side].clear()
        elif action is BookAction.DELETE or not size.value:
            model[side].pop(number, None)
        else:
            model[side][number] = (price.value, size.value)
        for chosen, found in ((BUY, book.bids_to_dict()), (SELL, book.asks_to_dict())):
            sums: dict[Decimal, Decimal] = {}
            for at, much in model[chosen].values():
                sums[at] = sums.get(at, Decimal(0)) + much
            assert found == sums
            assert list(found) == sorted(sums, reverse=chosen is BUY)
