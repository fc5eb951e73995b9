"""A book that can be trusted, or is known not to be: gaps, snapshots, what arrives in between."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.book_feed import KEPT_MAX, BookFeed
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import (
    F_LAST,
    F_SNAPSHOT,
    BookOrder,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
)
from nautilus_live.model.enums import BookAction, OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity

BTC = InstrumentId.from_str("BTCUSDT.SIM")


def change(
    sequence: int, previous: int | None, price: int, size: int, side: str = "BUY", flags: int = F_LAST
) -> OrderBookDeltas:
    order = BookOrder(OrderSide[side], Price(Decimal(price), 0), Quantity(Decimal(size), 0))
    delta = OrderBookDelta(BTC, BookAction.UPDATE, order, flags, sequence, sequence, sequence, previous)
    return OrderBookDeltas(BTC, [delta])


def snapshot(sequence: int, bids: dict[int, int], asks: dict[int, int] | None = None) -> OrderBookDeltas:
    deltas = [OrderBookDelta.clear(BTC, sequence, sequence, sequence, F_SNAPSHOT)]
    for side, levels in (("BUY", bids), ("SELL", asks or {})):
        for price, size in levels.items():
            deltas += change(sequence, None, price, size, side, F_SNAPSHOT).deltas
    last = deltas.pop()
    return OrderBookDeltas(
        BTC,
        [*deltas, OrderBookDelta(BTC, last.action, last.order, F_SNAPSHOT | F_LAST, sequence, sequence, sequence)],
    )


def bids(feed: BookFeed) -> dict[Decimal, Decimal]:
    return feed.book.bids_to_dict()


@pytest.fixture
def feed() -> BookFeed:
    return BookFeed(OrderBook(BTC))


@pytest.fixture
def known(feed: BookFeed) -> BookFeed:
    feed.take(snapshot(5, {10: 1}))
    return feed


def test_a_book_begins_unknown_and_changes_before_a_snapshot_show_no_levels(feed: BookFeed) -> None:
    taken = feed.take(change(1, 0, 10, 1))

    assert (feed.book.is_valid, bids(feed), taken.applied) == (False, {}, ())


def test_a_snapshot_makes_it_known_and_what_came_before_it_is_old_while_what_follows_is_applied(feed: BookFeed) -> None:
    for sequence in (4, 5, 6, 7):
        feed.take(change(sequence, sequence - 1, 10 + sequence, sequence))
    taken = feed.take(snapshot(5, {10: 1}))

    assert (feed.book.is_valid, taken.restored, len(taken.applied)) == (True, True, 3)
    assert bids(feed) == {17: 7, 16: 6, 10: 1}
    assert feed.book.sequence == 7


def test_a_message_that_does_not_follow_empties_the_book(known: BookFeed) -> None:
    assert known.take(change(6, 5, 11, 1)).lost == ""
    taken = known.take(change(8, 7, 12, 1))

    assert taken.lost == "message 8 follows 7, the last one here was 6"
    assert (known.book.is_valid, bids(known), taken.applied) == (False, {}, ())
    taken = known.take(snapshot(7, {9: 9}))
    assert (taken.restored, bids(known), known.book.sequence) == (True, {12: 1, 9: 9}, 8)


def test_a_snapshot_older_than_what_waits_shows_the_gap_again(known: BookFeed) -> None:
    known.take(change(8, 7, 12, 1))
    taken = known.take(snapshot(6, {9: 9}))
    assert (taken.lost, known.book.is_valid, bids(known)) == (
        "message 8 follows 7, the last one here was 6",
        False,
        {},
    )
    assert known.take(snapshot(8, {9: 9})).restored
    assert bids(known) == {9: 9}


def test_old_messages_and_old_snapshots_change_nothing(known: BookFeed) -> None:
    known.take(change(6, 5, 11, 1))
    for old in (change(6, 5, 11, 9), change(3, 2, 11, 9), change(3, None, 11, 9), snapshot(4, {1: 1})):
        assert known.take(old).applied == ()
    assert bids(known) == {11: 1, 10: 1}


def test_parts_of_one_message_have_one_number(known: BookFeed) -> None:
    known.take(change(6, 5, 11, 1, flags=0))
    known.take(change(6, None, 12, 1))

    assert bids(known) == {12: 1, 11: 1, 10: 1}


def test_a_message_that_overlaps_what_is_known_is_applied(known: BookFeed) -> None:
    known.take(change(7, 3, 11, 1))

    assert (known.book.is_valid, known.book.sequence, bids(known)) == (True, 7, {11: 1, 10: 1})


def test_a_venue_without_numbers_is_believed(feed: BookFeed) -> None:
    feed.take(snapshot(0, {10: 1}))
    feed.take(change(0, None, 11, 1))

    assert bids(feed) == {11: 1, 10: 1}


def test_a_snapshot_in_parts_is_known_at_its_end_and_no_sooner(known: BookFeed) -> None:
    whole = snapshot(9, {1: 1, 2: 2})
    for delta in whole.deltas[:-1]:
        known.take(OrderBookDeltas(BTC, [delta]))
        assert not known.book.is_valid
    known.take(change(10, 9, 3, 3))
    taken = known.take(OrderBookDeltas(BTC, whole.deltas[-1:]))

    assert (known.book.is_valid, taken.restored, bids(known)) == (True, False, {3: 3, 2: 2, 1: 1})


def test_a_change_that_crosses_the_book_is_a_gap_but_a_crossed_snapshot_is_the_venues_word(known: BookFeed) -> None:
    known.take(change(6, 5, 12, 1, "SELL"))
    taken = known.take(change(7, 6, 12, 1))
    assert (taken.lost, known.book.is_valid) == ("bid 12 meets ask 12", False)
    known.take(snapshot(7, {12: 1}, {12: 1}))
    assert (known.book.is_valid, known.book.is_crossed) == (True, True)
    assert known.take(change(8, 7, 13, 1)).lost == ""


def test_a_snapshot_that_forgets_to_say_clear_leaves_no_ghosts(known: BookFeed) -> None:
    known.take(OrderBookDeltas(BTC, snapshot(9, {1: 1}).deltas[1:]))

    assert bids(known) == {1: 1}


def test_losing_the_connection_forgets_what_waited(known: BookFeed) -> None:
    known.take(change(9, 8, 12, 1))
    known.lose("the connection was lost")
    known.take(snapshot(3, {4: 4}))

    assert bids(known) == {4: 4}


def test_what_waits_is_bounded_and_the_loss_shows(feed: BookFeed) -> None:
    for sequence in range(1, KEPT_MAX + 3):
        feed.take(change(sequence, sequence - 1, sequence, 1))
    taken = feed.take(snapshot(1, {1: 1}))

    assert taken.lost == "message 3 follows 2, the last one here was 1"


def test_what_has_no_number_is_never_old(known: BookFeed) -> None:
    known.take(change(0, None, 11, 1))
    assert bids(known) == {11: 1, 10: 1}
    known.take(snapshot(5, {10: 1}))
    known.take(change(1, None, 11, 1))
    assert bids(known) == {10: 1}
    known.take(snapshot(0, {3: 3}))
    assert bids(known) == {3: 3}


def test_a_snapshot_of_the_same_number_is_taken(known: BookFeed) -> None:
    known.take(snapshot(5, {3: 3}))
    assert bids(known) == {3: 3}


def test_a_book_may_cross_in_the_middle_of_a_message(known: BookFeed) -> None:
    known.take(change(6, 5, 12, 1, "SELL"))
    assert known.take(change(7, 6, 12, 1, flags=0)).lost == ""
    assert known.take(change(7, None, 12, 0, "SELL")).lost == ""
    assert known.book.is_valid


def test_each_part_of_a_snapshot_is_told_and_one_that_is_cut_off_is_begun_anew(known: BookFeed) -> None:
    first = OrderBookDeltas(BTC, snapshot(9, {1: 1}).deltas[:1])
    assert known.take(first).applied == (first,)
    known.lose("the connection was lost")
    taken = known.take(snapshot(2, {2: 2}))

    assert (taken.restored, bids(known)) == (True, {2: 2})


def depth(sequence: int, price: int) -> OrderBookDepth10:
    order = BookOrder(OrderSide.BUY, Price(Decimal(price), 0), Quantity(Decimal(1), 0))
    return OrderBookDepth10(BTC, [order], [], [0], [], 0, sequence, sequence, sequence)


def test_the_best_levels_make_a_book_known_and_older_ones_are_dropped(feed: BookFeed) -> None:
    assert feed.take_depth(depth(7, 10))
    assert (feed.book.is_valid, bids(feed)) == (True, {10: 1})
    assert not feed.take_depth(depth(6, 9))
    assert bids(feed) == {10: 1}
    for sequence, price in ((7, 8), (8, 7), (0, 6)):
        assert feed.take_depth(depth(sequence, price))
        assert bids(feed) == {price: 1}
    feed.take_depth(depth(9, 9))
    feed.lose("the connection was lost")
    assert feed.take_depth(depth(2, 5)), "after a loss the venue may have begun anew"
    assert bids(feed) == {5: 1}


MESSAGES = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=30)


@given(MESSAGES, st.lists(st.integers(0, 29), max_size=6), st.lists(st.integers(0, 29), max_size=6))
def test_whatever_is_lost_or_repeated_a_book_that_is_known_is_the_venues(
    messages: list[tuple[int, int]], lost: list[int], repeated: list[int]
) -> None:
    """A venue numbers its changes; some never arrive, some arrive twice; after a gap it is asked for a snapshot."""
    truth: dict[int, int] = {}
    feed = BookFeed(OrderBook(BTC))
    feed.take(OrderBookDeltas(BTC, [_empty(0)]))
    for number, (price, size) in enumerate(messages, 1):
        truth[price] = size
        truth = {price: size for price, size in truth.items() if size}
        if number - 1 in lost:
            continue
        taken = feed.take(change(number, number - 1, price, size))
        if taken.lost:
            assert bids(feed) == {}
            feed.take(snapshot(number, truth) if truth else OrderBookDeltas(BTC, [_empty(number)]))
        if number - 1 in repeated:
            feed.take(change(number, number - 1, price, size))
        assert feed.book.is_valid
        assert bids(feed) == truth


def _empty(sequence: int) -> OrderBookDelta:
    return OrderBookDelta.clear(BTC, sequence, sequence, sequence, F_SNAPSHOT | F_LAST)
