"""Own order books: what stands in them, and what an audit against our own orders corrects."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.own_books import audit, belongs, correct, entry_of, place
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.model.book import OwnOrderBook
from nautilus_live.model.enums import OrderStatus, OrderType, TimeInForce
from nautilus_live.model.events import OrderUpdated
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import CLOSED_STATUSES, Order
from tests.core.conftest import SPOT, apply, make_event, make_fill, order_in, px, qty
from tests.core.own_book_statuses import ACCEPTED, CANCELED, INITIALIZED, PARTIALLY_FILLED, SUBMITTED


def book_of(*orders: Order) -> OwnOrderBook:
    """Return an own book that holds these, whether they belong there or not."""
    book = OwnOrderBook(SPOT.id)
    for order in orders:
        book.add(entry_of(order))
    return book


def lookup(*orders: Order) -> Callable[[ClientOrderId], Order | None]:
    return {order.client_order_id: order for order in orders}.get


def audited(book: OwnOrderBook, *orders: Order) -> list[str]:
    """Audit, correct, and return what was said; a second audit must be silent."""
    active = [order for order in orders if order.is_open or order.is_inflight]
    found = audit(book, active, lookup(*orders))
    correct(book, found)
    assert audit(book, active, lookup(*orders)) == []
    assert all(one.note.level is Level.ERROR for one in found)
    return [one.note.text for one in found]


# -- what belongs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(OrderStatus))
def test_rows_236_237_what_is_sent_and_not_done_stands_in_the_book(status: OrderStatus) -> None:
    order = order_in(status)

    assert belongs(order) is (order.is_open or order.is_inflight)


@pytest.mark.parametrize(
    ("fields", "stands"),
    [
        ({"time_in_force": TimeInForce.IOC}, False),
        ({"time_in_force": TimeInForce.FOK}, False),
        ({"time_in_force": TimeInForce.DAY}, True),
        ({"price": None}, False),
    ],
)
def test_an_order_that_cannot_rest_has_no_place(fields: dict[str, Any], stands: bool) -> None:
    assert belongs(order_in(ACCEPTED, **fields)) is stands


def test_an_entry_is_what_is_left_of_the_order() -> None:
    entry = entry_of(order_in(PARTIALLY_FILLED))

    assert (entry.size, entry.price, entry.status) == (qty("0.500"), px("50000"), PARTIALLY_FILLED)
    order = order_in(ACCEPTED, time_in_force=TimeInForce.DAY)
    entry = entry_of(order)
    assert (entry.trader_id, entry.strategy_id) == (order.trader_id, order.strategy_id)
    assert (entry.venue_order_id, entry.order_type) == (order.venue_order_id, OrderType.LIMIT)
    assert entry.time_in_force is TimeInForce.DAY
    times = (order.ts_submitted, order.ts_accepted, order.ts_last, order.ts_init)
    assert (entry.ts_submitted, entry.ts_accepted, entry.ts_last, entry.ts_init) == times
    assert 0 < entry.ts_submitted < entry.ts_accepted
    with pytest.raises(ValueError, match="O-1: an order in a book must have a price, had none"):
        entry_of(order_in(ACCEPTED, price=None))


def test_field_d1_a_late_fill_on_a_canceled_order_does_not_bring_it_back() -> None:
    order = order_in(ACCEPTED)
    book = book_of(order)
    apply(order, order_in(CANCELED).events[-1])
    place(book, order)
    assert len(book) == 0
    apply(order, make_fill(order, "0.400"))
    place(book, order)

    assert (len(book), order.status, order.filled_qty) == (0, CANCELED, qty("0.400"))


PLANS = st.lists(
    st.tuples(st.sampled_from(["accept", "fill", "cancel", "move", "shrink"]), st.integers(0, 3), st.integers(1, 5)),
    max_size=25,
)


@given(PLANS)
def test_a_book_is_always_what_the_orders_add_up_to(steps: list[tuple[str, int, int]]) -> None:
    orders = [order_in(SUBMITTED, f"O-{n}", "BUY" if n % 2 else "SELL") for n in range(4)]
    book = OwnOrderBook(SPOT.id)
    for order in orders:
        place(book, order)
    for what, number, amount in steps:
        order = orders[number]
        if order.is_closed:
            continue
        if what == "accept" and order.status is SUBMITTED:
            apply(order, make_event(order_in(ACCEPTED).events[-1].__class__, order))
        elif what == "fill":
            apply(order, make_fill(order, min(order.leaves_qty.value, Decimal(amount) / 10)))
        elif what == "cancel":
            apply(order, make_event(order_in(CANCELED).events[-1].__class__, order))
        elif what == "move" and order.is_open:
            apply(order, make_event(OrderUpdated, order, price=px(f"{50_000 + amount}")))
        elif what == "shrink" and order.is_open and order.leaves_qty.value > Decimal("0.1"):
            apply(order, make_event(OrderUpdated, order, quantity=qty(order.quantity.value - Decimal("0.05"))))
        place(book, order)
        wanted = [entry_of(one) for one in orders if one.is_open or one.is_inflight]
        assert sorted(map(repr, book.orders())) == sorted(map(repr, wanted))
        sums: dict[Decimal, Decimal] = {}
        for one in wanted:
            if one.side.name == "BUY":
                sums[one.price.value] = sums.get(one.price.value, Decimal(0)) + one.size.value
        assert book.bid_quantity() == dict(sorted(sums.items(), reverse=True))
        assert audit(book, [one for one in orders if not one.is_closed], lookup(*orders)) == []


# -- against our own orders --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(CLOSED_STATUSES))
def test_row_235_a_closed_order_is_taken_out(status: OrderStatus) -> None:
    order = order_in(status)
    book = book_of(order)

    assert audited(book, order) == [f"O-1: in the own book, but is {status}; removed"]
    assert len(book) == 0


def test_row_236_a_submitted_order_is_kept() -> None:
    order = order_in(SUBMITTED)

    assert audited(book_of(order), order) == []


def test_a_correction_names_what_it_is_about() -> None:
    gone, absent = order_in(CANCELED, "O-1"), order_in(ACCEPTED, "O-2")
    first, second = (one.note for one in audit(book_of(gone), [absent], lookup(gone, absent)))

    assert (first.kind, first.instrument_id, first.client_order_id) == (
        "own_books.not_open",
        SPOT.id,
        gone.client_order_id,
    )
    assert (second.kind, second.client_order_id, second.venue_order_id) == (
        "own_books.absent",
        absent.client_order_id,
        absent.venue_order_id,
    )


def test_an_order_that_has_nothing_left_has_no_place() -> None:
    order = order_in(PARTIALLY_FILLED)
    book = book_of(order)
    apply(order, make_event(OrderUpdated, order, quantity=qty("0.500")))

    assert (belongs(order), order.is_open) == (False, False)
    assert audited(book, order) == ["O-1: in the own book, but is FILLED; removed"]


def test_row_237_an_initialized_order_is_taken_out_and_so_is_one_that_nobody_knows() -> None:
    fresh, stranger = order_in(INITIALIZED, "O-1"), order_in(ACCEPTED, "O-2")
    book = book_of(fresh, stranger)

    assert audited(book, fresh) == [
        "O-1: in the own book, but is INITIALIZED; removed",
        "O-2: in the own book, but is not known; removed",
    ]


def test_row_238_an_open_order_that_is_absent_is_put_in() -> None:
    order = order_in(ACCEPTED)
    book = OwnOrderBook(SPOT.id)

    assert audited(book, order) == ["O-1: ACCEPTED, but absent from the own book; added"]
    assert book.bid_quantity() == {Decimal(50_000): Decimal(1)}


def test_what_differs_is_corrected() -> None:
    order = order_in(ACCEPTED)
    book = book_of(order)
    apply(order, make_fill(order, "0.400"))

    (text,) = audited(book, order)
    assert text == (
        "O-1: the own book has BUY 1.000 @ 50000.00 ACCEPTED (V-O-1), the order is BUY 0.600 @ 50000.00"
        " PARTIALLY_FILLED (V-O-1); corrected"
    )
    assert book.bid_quantity() == {Decimal(50_000): Decimal("0.600")}


@given(st.lists(st.tuples(st.sampled_from(list(OrderStatus)), st.booleans()), max_size=8))
def test_after_an_audit_the_book_is_what_the_orders_add_up_to(cases: list[tuple[OrderStatus, bool]]) -> None:
    orders = [order_in(status, f"O-{n}") for n, (status, _) in enumerate(cases)]
    book = book_of(*(order for order, (_, held) in zip(orders, cases, strict=True) if held))
    audited(book, *orders)

    assert sorted(map(repr, book.orders())) == sorted(repr(entry_of(one)) for one in orders if belongs(one))
