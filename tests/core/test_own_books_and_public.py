"""Own order books against the venue's public book: what two audits must see before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.own_books import ANSWERS_MAX, Finding, PublicBookCheck
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import BookOrder, OrderBookDelta
from nautilus_live.model.enums import BookAction, BookType, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import INTERNAL_DIFF, ClientOrderId, VenueOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from tests.core.conftest import SPOT, apply, make_event, make_fill, order_in, px, qty
from tests.core.own_book_statuses import ACCEPTED, PARTIALLY_FILLED, SUBMITTED

S = 1_000_000_000


# -- against the venue's public book -----------------------------------------------------------------------------------


class Public:
    """A venue's book, and audits of it every ten seconds."""

    def __init__(self, book_type: BookType = BookType.L2_MBP, depth: int = 0, **settings: Any) -> None:
        self.book: OrderBook | None = OrderBook(SPOT.id, book_type, depth)
        self.check = PublicBookCheck(**settings)
        self.now = 0

    def show(self, order: Order, size: str, price: str | None = None, order_id: int = 0) -> None:
        """Let the venue show that much at the order's price, as of now."""
        assert self.book is not None
        assert order.price is not None
        entry = BookOrder(order.side, px(price) if price else order.price, Quantity.from_str(size), order_id)
        self.book.apply(OrderBookDelta(SPOT.id, BookAction.UPDATE, entry, 0, 0, self.now, self.now))

    def touch(self) -> None:
        """Let something else happen in the book, far away."""
        assert self.book is not None
        entry = BookOrder(order_in(ACCEPTED).side, px("1"), Quantity.from_str("1"), 999)
        self.book.apply(OrderBookDelta(SPOT.id, BookAction.UPDATE, entry, 0, 0, self.now, self.now))

    def audit(self, *orders: Order, after_s: float = 10.0) -> list[Finding]:
        self.now += round(after_s * S)
        open_orders = [order for order in orders if order.is_open]
        return self.check.compare(open_orders, lambda _: self.book, self.now)


@pytest.fixture
def public() -> Public:
    made = Public()
    made.now = 100 * S
    made.touch()
    return made


def test_row_239_a_level_that_two_audits_miss_is_told_once_and_asked_about(public: Public) -> None:
    order = order_in(ACCEPTED)
    assert public.audit(order) == []
    (finding,) = public.audit(order)

    assert finding.order is order
    assert finding.note is not None
    assert (finding.note.level, finding.note.kind, finding.note.alarm) == (
        Level.ERROR,
        "own_books.public_mismatch",
        True,
    )
    assert finding.note.text == (
        "O-1: ACCEPTED here, BUY 1.000 @ 50000.00, but the venue's book shows nothing at that price; the venue is asked"
    )
    (again,) = public.audit(order)
    assert (again.order, again.note) == (order, None), "asked until it is answered, told once"
    assert public.check.answered(order, Outcome.UNANSWERED) is None
    assert len(public.audit(order)) == 1


@pytest.mark.parametrize(
    ("outcome", "says"), [(Outcome.FOUND, "that it works"), (Outcome.NOT_THERE, "that it has no such order")]
)
def test_an_answer_that_changes_nothing_ends_the_questions_and_concludes_nothing(
    public: Public, outcome: Outcome, says: str
) -> None:
    order = order_in(ACCEPTED)
    public.audit(order)
    for _ in range(ANSWERS_MAX - 1):
        assert len(public.audit(order)) == 1
        assert public.check.answered(order, outcome) is None, "one answer alone may wait for its trades"
    assert len(public.audit(order)) == 1
    note = public.check.answered(order, outcome)

    assert note is not None
    assert (note.level, note.alarm) == (Level.WARNING, False)
    assert note.text.endswith(f"the venue answers {says}; left as it is")
    assert public.audit(order) == []
    assert order.status is ACCEPTED


def test_an_answer_that_brings_news_needs_no_words(public: Public) -> None:
    order = order_in(ACCEPTED)
    public.audit(order)
    public.audit(order)
    apply(order, make_fill(order, "0.400"))

    assert public.check.answered(order, Outcome.FOUND) is None


def test_a_level_with_enough_is_agreement_and_one_with_less_is_not(public: Public) -> None:
    order = order_in(ACCEPTED)
    public.show(order, "1.000")
    assert [public.audit(order), public.audit(order)] == [[], []]
    public.show(order, "0.999")
    public.audit(order)
    (finding,) = public.audit(order)

    assert finding.note is not None
    assert "shows 0.999 at that price" in finding.note.text


def test_our_orders_at_one_price_are_added_up(public: Public) -> None:
    first, second = order_in(ACCEPTED, "O-1"), order_in(PARTIALLY_FILLED, "O-2")
    public.show(first, "1.500")
    public.audit(first, second)
    assert public.audit(first, second) == []
    public.show(first, "1.499")
    public.audit(first, second)
    findings = public.audit(first, second)

    assert [str(finding.order.client_order_id) for finding in findings] == ["O-1", "O-2"]
    assert findings[0].note is not None
    assert "(with 1 more of ours)" in findings[0].note.text


def test_once_the_book_agrees_or_the_order_moves_it_begins_anew(public: Public) -> None:
    order = order_in(ACCEPTED)
    public.audit(order)
    public.show(order, "1.000")
    public.audit(order)
    public.show(order, "0")
    assert public.audit(order) == []
    apply(order, make_fill(order, "0.400", ts=public.now))
    public.now += S
    public.touch()
    assert public.audit(order) == []
    assert len(public.audit(order)) == 1


def test_a_difference_must_be_older_than_the_threshold(public: Public) -> None:
    order = order_in(ACCEPTED)
    assert [len(public.audit(order, after_s=1.0)) for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("state", ["none", "unknown", "crossed", "older than the order"])
def test_a_book_that_cannot_tell_leads_to_nothing(public: Public, state: str) -> None:
    order = order_in(ACCEPTED)
    assert public.book is not None
    if state == "none":
        public.book = None
    elif state == "unknown":
        public.book.invalidate("a message was missed")
    elif state == "crossed":
        public.show(order_in(ACCEPTED, side="SELL", price="0.50"), "1.000")
        assert public.book.is_crossed
    else:
        order = order_in(SUBMITTED)
        apply(order, make_event(order_in(ACCEPTED).events[-1].__class__, order, ts=public.now + 1))

    assert [public.audit(order) for _ in range(4)] == [[], [], [], []]


def test_what_was_heard_a_moment_ago_is_newer_than_any_book(public: Public) -> None:
    order = order_in(SUBMITTED)
    apply(order, make_event(order_in(ACCEPTED).events[-1].__class__, order, ts=public.now - 1))
    assert public.audit(order, after_s=4.9) == []
    public.now -= 1
    assert public.audit(order, after_s=0.1) == [], "exactly the threshold ago: seen for the first time"
    assert len(public.audit(order, after_s=5.0)) == 1


def test_a_difference_seen_too_early_does_not_count(public: Public) -> None:
    order = order_in(SUBMITTED)
    apply(order, make_event(order_in(ACCEPTED).events[-1].__class__, order, ts=public.now - 1))

    assert [len(public.audit(order, after_s=4.9)) for _ in range(3)] == [0, 0, 0]
    assert len(public.audit(order, after_s=4.9)) == 1


def test_a_book_as_old_as_the_order_says_nothing_of_it(public: Public) -> None:
    order = order_in(SUBMITTED)
    apply(order, make_event(order_in(ACCEPTED).events[-1].__class__, order, ts=public.now))

    assert [public.audit(order) for _ in range(3)] == [[], [], []]


def test_two_audits_must_see_it_however_short_the_threshold() -> None:
    public, order = Public(threshold_ms=0), order_in(ACCEPTED)
    public.now = 100 * S
    public.touch()

    assert [len(public.audit(order, after_s=0.001)) for _ in range(2)] == [0, 1]


@pytest.mark.parametrize(
    "order",
    [
        order_in(OrderStatus.PENDING_CANCEL),
        order_in(OrderStatus.PENDING_UPDATE),
        order_in(ACCEPTED, order_type=OrderType.STOP_LIMIT, trigger_price=px("51000")),
        order_in(ACCEPTED, order_type=OrderType.STOP_MARKET, price=None, trigger_price=px("51000")),
        order_in(ACCEPTED, time_in_force=TimeInForce.AT_THE_OPEN),
        order_in(ACCEPTED, display_qty=qty("0")),
        order_in(ACCEPTED, strategy_id=INTERNAL_DIFF),
        order_in(ACCEPTED, "O-IN-QUOTE", quote_quantity=True),
        order_in(ACCEPTED, "O-FILTERED"),
    ],
    ids=lambda order: f"{order.status} {order.order_type} {order.time_in_force} {order.client_order_id}",
)
def test_what_the_venues_book_need_not_show_is_not_looked_for(order: Order) -> None:
    public = Public(filtered=[ClientOrderId("O-FILTERED")])
    public.now = 100 * S
    public.touch()

    assert [public.audit(order) for _ in range(3)] == [[], [], []]


def test_news_of_another_order_at_the_price_may_explain_a_difference(public: Public) -> None:
    first, second = order_in(ACCEPTED, "O-1"), order_in(ACCEPTED, "O-2")
    public.show(first, "1.000")
    public.audit(first, second)
    assert len(public.audit(first, second)) == 2
    orders = [first, second]
    assert public.check.still_differs(second, orders, lambda _: public.book, public.now) is True
    assert public.check.still_differs(second, [second], lambda _: public.book, public.now) is False
    assert public.check.answered(second, Outcome.FOUND) is None, "nothing is left to say"
    assert public.audit(first, second)[0].order is first
    assert len(public.audit(first, second)) == 2, "for the second it began anew"


def test_a_stop_limit_order_that_trades_must_be_in_the_book(public: Public) -> None:
    order = order_in(PARTIALLY_FILLED, order_type=OrderType.STOP_LIMIT, trigger_price=px("51000"))
    public.audit(order)

    assert len(public.audit(order)) == 1


def test_a_finding_names_what_it_is_about(public: Public) -> None:
    order = order_in(ACCEPTED, order_type=OrderType.MARKET_TO_LIMIT)
    public.audit(order)
    (finding,) = public.audit(order)

    assert finding.note is not None
    assert finding.note.client_order_id == order.client_order_id
    assert (finding.note.instrument_id, finding.note.venue_order_id) == (SPOT.id, order.venue_order_id)


def test_a_triggered_order_and_the_visible_part_of_an_iceberg_are_looked_for(public: Public) -> None:
    stop, iceberg = (
        order_in(OrderStatus.TRIGGERED),
        order_in(ACCEPTED, "O-2", price="49000.00", display_qty=qty("0.100")),
    )
    public.show(iceberg, "0.100")
    public.audit(stop, iceberg)

    assert [str(finding.order.client_order_id) for finding in public.audit(stop, iceberg)] == ["O-1"]


@pytest.mark.parametrize(("price", "found"), [("50000.00", 1), ("49995.00", 1), ("49980.00", 0)])
def test_beyond_the_depth_of_a_book_nothing_is_known(price: str, found: int) -> None:
    public = Public(depth=2)
    order = order_in(ACCEPTED, price=price)
    public.now = 100 * S
    public.show(order, "1.000", "49999.00")
    public.show(order, "1.000", "49990.00")
    public.audit(order)

    assert len(public.audit(order)) == found


@pytest.mark.parametrize(("price", "found"), [("50000.00", 1), ("50005.00", 1), ("50020.00", 0)])
def test_beyond_the_depth_of_the_asks_nothing_is_known(price: str, found: int) -> None:
    public = Public(depth=2)
    order = order_in(ACCEPTED, side="SELL", price=price)
    public.now = 100 * S
    public.show(order, "1.000", "50001.00")
    public.show(order, "1.000", "50010.00")
    public.audit(order)

    assert len(public.audit(order)) == found


@pytest.mark.parametrize(("side", "best", "worst"), [("BUY", "50001.00", "50000.00"), ("SELL", "49999.00", "50000.00")])
def test_the_last_level_of_a_book_is_within_its_depth(side: str, best: str, worst: str) -> None:
    public = Public(depth=2)
    order = order_in(ACCEPTED, side=side)
    public.now = 100 * S
    public.show(order, "1.000", best)
    public.show(order, "0.900", worst)
    public.audit(order)

    assert len(public.audit(order)) == 1


def test_a_side_with_fewer_levels_than_its_depth_is_shown_whole() -> None:
    public = Public(depth=2)
    order = order_in(ACCEPTED, price="49980.00")
    public.now = 100 * S
    public.show(order, "1.000", "49999.00")
    public.audit(order)

    assert len(public.audit(order)) == 1


def test_a_top_of_book_speaks_of_what_would_be_better() -> None:
    public = Public(BookType.L1_MBP)
    best, deeper = order_in(ACCEPTED, "O-1", price="50001.00"), order_in(ACCEPTED, "O-2", price="49999.00")
    public.now = 100 * S
    public.show(best, "9.000", "50000.00")
    public.audit(best, deeper)

    assert [str(finding.order.client_order_id) for finding in public.audit(best, deeper)] == ["O-1"]


@pytest.mark.parametrize(
    ("shown", "price", "text"),
    [("1.000", None, ""), ("0.400", None, "only 0.400 of it"), ("1.000", "49999.00", "no such order there")],
)
def test_an_l3_book_must_have_our_very_order(shown: str, price: str | None, text: str) -> None:
    public = Public(BookType.L3_MBO)
    order = order_in(ACCEPTED, venue_order_id=VenueOrderId("77"))
    public.now = 100 * S
    public.show(order, "5.000", order_id=76)
    public.show(order, shown, price, order_id=77)
    public.audit(order)
    findings = public.audit(order)

    assert [text in str(finding.note) for finding in findings] == ([True] if text else [])


@pytest.mark.parametrize(("book_type", "name"), [(BookType.L3_MBO, "V-O-1"), (BookType.L2_MBP, "77")])
def test_where_ids_cannot_be_compared_sizes_are(book_type: BookType, name: str) -> None:
    public = Public(book_type)
    order = order_in(ACCEPTED, venue_order_id=VenueOrderId(name))
    public.now = 100 * S
    public.show(order, "1.000", order_id=5)
    public.audit(order)
    assert public.audit(order) == []
    public.show(order, "0.999", order_id=5)
    public.audit(order)

    assert len(public.audit(order)) == 1


@given(st.lists(st.sampled_from(["none", "unknown", "agrees", "differs", "event"]), max_size=12))
def test_no_finding_without_two_audits_that_saw_the_difference(states: list[str]) -> None:
    """Nothing but a difference seen twice, with nothing but silence in between, leads to a question."""
    public, order = Public(), order_in(ACCEPTED, quantity="1000.000")
    public.now = 100 * S
    public.touch()
    kept, since_last = public.book, 0
    for state in states:
        public.book = kept
        assert public.book is not None
        public.book.restore()
        public.show(order, "0" if state == "differs" else "1000.000")
        if state == "event":
            apply(order, make_fill(order, "0.001", ts=public.now - 6 * S))
        if state == "unknown":
            public.book.invalidate("missed")
        if state == "none":
            public.book = None
        since_last = since_last + 1 if state == "differs" else 0 if state in ("agrees", "event") else since_last
        assert bool(public.audit(order)) is (state == "differs" and since_last >= 2)
