"""What one order of a list asks of the others: parents and children, siblings, and pieces of an algorithm."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.contingency import (
    Arm,
    Cancel,
    Consequence,
    Resize,
    changes,
    consequences,
    is_changed,
    is_waiting,
)
from nautilus_live.model.enums import ContingencyType, OrderSide, OrderType, Provenance, TriggerType
from nautilus_live.model.events import (
    OrderCanceled,
    OrderEmulated,
    OrderModifyRejected,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId, ExecAlgorithmId
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order
from tests.core.conftest import apply, make_event, make_fill, make_order, qty

D = Decimal
PARENT, STOP, PROFIT = ClientOrderId("O-1"), ClientOrderId("O-1-SL"), ClientOrderId("O-1-TP")


class Book:
    """Some orders, as the cache has them."""

    def __init__(self, *orders: Order) -> None:
        self.orders = {order.client_order_id: order for order in orders}

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        return self.orders.get(client_order_id)

    def orders_for_exec_spawn(self, exec_spawn_id: ClientOrderId) -> list[Order]:
        return [one for one in self.orders.values() if one.exec_spawn_id == exec_spawn_id]


def bracket(kind: ContingencyType = ContingencyType.OUO, **entry: Any) -> tuple[Order, Order, Order, Book]:
    """A parent of 1.000 that works, and two exits."""
    parent = make_order(PARENT.value, contingency_type=ContingencyType.OTO, linked_order_ids=(STOP, PROFIT), **entry)
    exits: dict[str, Any] = {"parent_order_id": PARENT, "contingency_type": kind, "order_side": OrderSide.SELL}
    stop = make_order(
        STOP.value,
        order_type=OrderType.STOP_MARKET,
        price=None,
        trigger_price=Price.from_str("90.00"),
        emulation_trigger=TriggerType.BID_ASK,
        linked_order_ids=(PROFIT,),
        **exits,
    )
    profit = make_order(
        PROFIT.value, price="120.00", emulation_trigger=TriggerType.BID_ASK, linked_order_ids=(STOP,), **exits
    )
    return parent, stop, profit, Book(parent, stop, profit)


def work(order: Order) -> None:
    if order.emulation_trigger is not TriggerType.NO_TRIGGER:
        apply(order, OrderEmulated, OrderReleased)
    apply(order, OrderSubmitted)


def fill(order: Order, quantity: str) -> None:
    apply(order, make_fill(order, quantity, "100.00"))


def test_children_held_here_are_armed_with_what_is_filled_and_grow_with_it() -> None:
    parent, stop, profit, book = bracket()
    work(parent)
    assert consequences(parent, book, held_here=True) == []
    assert is_waiting(stop, book)

    fill(parent, "0.300")
    assert consequences(parent, book, held_here=True) == [Arm(stop, D("0.300")), Arm(profit, D("0.300"))]
    assert not is_waiting(stop, book)
    for order in (stop, profit):
        apply(order, OrderEmulated)
        order.quantity = make_order(quantity="0.300").quantity
    assert consequences(parent, book, held_here=True) == []

    fill(parent, "0.700")
    assert consequences(parent, book, held_here=True) == [Resize(stop, D("1.000")), Resize(profit, D("1.000"))]


def test_children_at_a_venue_are_its_business_until_their_parent_ends() -> None:
    parent, stop, profit, book = bracket()
    for order in (parent, stop, profit):
        work(order)
    fill(parent, "0.300")
    assert consequences(parent, book) == []

    apply(parent, OrderCanceled)
    assert consequences(parent, book) == [Resize(stop, D("0.300")), Resize(profit, D("0.300"))]


@pytest.mark.parametrize("end", [OrderCanceled, OrderRejected])
@pytest.mark.parametrize("held_here", [False, True])
def test_a_parent_that_ends_unfilled_takes_its_children_with_it(end: Any, held_here: bool) -> None:
    parent, stop, profit, book = bracket()
    work(parent)
    apply(parent, end)

    assert consequences(parent, book, held_here=held_here) == [Cancel(stop), Cancel(profit)]


def test_the_first_fill_of_one_ends_the_other_of_oco_and_shrinks_that_of_ouo() -> None:
    for kind, asked in ((ContingencyType.OCO, Cancel), (ContingencyType.OUO, Resize)):
        parent, stop, profit, book = bracket(kind)
        for order in (parent, stop, profit):
            work(order)
        fill(parent, "1.000")
        fill(profit, "0.400")

        (found,) = consequences(profit, book)

        assert found == (Cancel(stop) if asked is Cancel else Resize(stop, D("0.600")))


def test_an_exit_that_is_filled_whole_ends_a_parent_that_still_works() -> None:
    parent, stop, profit, book = bracket()
    for order in (parent, stop, profit):
        work(order)
    fill(parent, "0.500")
    fill(profit, "1.000")

    assert consequences(profit, book, held_here=True) == [Cancel(stop), Cancel(parent)]


def test_the_pieces_of_an_algorithm_count_as_their_primarys_own() -> None:
    parent, stop, profit, book = bracket(exec_algorithm_id=ExecAlgorithmId("TWAP"))
    piece = make_order("O-1-E1", quantity="0.200", exec_algorithm_id=ExecAlgorithmId("TWAP"), exec_spawn_id=PARENT)
    book.orders[piece.client_order_id] = piece
    work(piece)
    fill(piece, "0.200")

    assert consequences(parent, book, held_here=True) == [Arm(stop, D("0.200")), Arm(profit, D("0.200"))]
    assert not is_waiting(stop, book)


def test_what_was_spawned_of_an_exit_is_not_given_to_it_again() -> None:
    parent, _, _, book = bracket()
    twap: dict[str, Any] = {"exec_algorithm_id": ExecAlgorithmId("TWAP"), "order_side": OrderSide.SELL}
    links: dict[str, Any] = {"contingency_type": ContingencyType.OUO, "parent_order_id": PARENT}
    stop = make_order(STOP.value, linked_order_ids=(PROFIT,), emulation_trigger=TriggerType.BID_ASK, **links, **twap)
    piece = make_order("O-1-SL-E1", quantity="0.100", exec_spawn_id=STOP, **twap)
    book.orders |= {STOP: stop, piece.client_order_id: piece}
    for order in (parent, stop):
        work(order)
    fill(parent, "0.600")
    stop.quantity = qty("0.500")  # its algorithm took the piece off

    assert _asked_of(stop, consequences(parent, book, held_here=True)) == []
    fill(parent, "0.200")
    assert _asked_of(stop, consequences(parent, book, held_here=True)) == [Resize(stop, D("0.700"))]
    apply(parent, OrderCanceled)
    stop.quantity = qty("0.800")
    assert _asked_of(stop, consequences(parent, book)) == [Resize(stop, D("0.700"))]


def _asked_of(order: Order, found: list[Consequence]) -> list[Consequence]:
    return [one for one in found if one.order is order]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_exits_held_here_never_close_more_than_was_filled(pieces: list[int]) -> None:
    parent, stop, profit, book = bracket(quantity="2.000")
    for order in (stop, profit):
        assert order.init.quantity.value == 1
    work(parent)
    filled = D(0)
    for piece in pieces:
        if filled + D(piece) / 1000 > 2:
            return
        filled += D(piece) / 1000
        fill(parent, str(D(piece) / 1000))
        for found in consequences(parent, book, held_here=True):
            assert not isinstance(found, Cancel)
            assert found.quantity == min(filled, D(1))
            if isinstance(found, Arm):
                apply(found.order, OrderEmulated)
            found.order.quantity = make_order(quantity=str(found.quantity)).quantity
        assert stop.quantity.value == profit.quantity.value == min(filled, D(1))
        assert consequences(parent, book, held_here=True) == []  # asking again changes nothing


# -- quantities that somebody changes ----------------------------------------------------------------------------------


def update(order: Order, quantity: str, *, by_hand: bool = False) -> OrderUpdated:
    terms = {"quantity": qty(quantity), "price": None, "trigger_price": None, "is_by_hand": by_hand}
    event = make_event(OrderUpdated, order, provenance=Provenance.LOCAL, **terms)
    apply(order, event)
    return event


def test_children_follow_a_parent_that_is_made_larger_or_smaller() -> None:
    parent, stop, profit, book = bracket()
    work(parent)
    for quantity in ("2.000", "0.400"):
        update(parent, quantity)
        assert changes(parent, book, held_here=True) == [Resize(stop, D(quantity)), Resize(profit, D(quantity))]

    update(parent, "2.000")
    for order in (stop, profit):
        update(order, "2.000")
    assert changes(parent, book, held_here=True) == []
    fill(parent, "2.000")
    assert consequences(parent, book, held_here=True) == [Arm(stop, D("2")), Arm(profit, D("2"))]


def test_a_child_that_was_made_smaller_than_its_parent_stays_so() -> None:
    parent, _, _, book = bracket(quantity="3.000")
    work(parent)
    update(parent, "4.000")

    assert changes(parent, book, held_here=True) == []


def test_ouo_orders_follow_the_one_that_was_changed_and_oco_orders_do_not() -> None:
    for kind, wanted in ((ContingencyType.OUO, D("0.800")), (ContingencyType.OCO, None)):
        parent, stop, profit, book = bracket(kind)
        work(parent)
        fill(parent, "1.000")
        for order in (stop, profit):
            work(order)
        fill(stop, "0.200")
        update(profit, "0.600")
        found = changes(profit, book)
        assert found == ([] if wanted is None else [Resize(stop, wanted)]), "as much left as the other has"
        update(profit, "1.500")
        assert changes(profit, book) == [], "words at a venue may cross"
        assert changes(profit, book, grows=True) == ([] if wanted is None else [Resize(stop, D("1.700"))])


@pytest.mark.parametrize(
    ("words", "grows"),
    [
        ([(OrderPendingUpdate, {}), (OrderUpdated, {"quantity": "0.700"})], False),
        ([(OrderUpdated, {"quantity": "0.700"})], False),
        ([(OrderPendingUpdate, {"is_by_link": True}), (OrderUpdated, {"quantity": "0.700"})], True),
        (
            [
                (OrderPendingUpdate, {"is_by_link": True}),
                (OrderUpdated, {"quantity": "0.900"}),
                (OrderUpdated, {"quantity": "0.700"}),
            ],
            False,
        ),
        (
            [
                (OrderPendingUpdate, {"is_by_link": True}),
                (OrderModifyRejected, {}),
                (OrderUpdated, {"quantity": "0.700"}),
            ],
            False,
        ),
    ],
    ids=["asked by the strategy", "amended at the venue", "asked by us", "amended after us", "amended, not by us"],
)
def test_a_child_at_the_venue_grows_back_only_from_what_we_made_of_it(
    words: list[tuple[Any, dict[str, Any]]], grows: bool
) -> None:
    """Found by the campaign at seed 1316684: what the strategy made smaller was made larger again at once."""
    parent, stop, profit, book = bracket()
    work(parent)
    fill(parent, "1.000")
    for order in (stop, profit):
        work(order)
    for kind, said in words:
        fields = {name: qty(value) if name == "quantity" else value for name, value in said.items()}
        terms = {"price": None, "trigger_price": None} if kind is OrderUpdated else {}
        apply(profit, make_event(kind, profit, **terms, **fields))

    wanted = [Resize(profit, D("1"))] if grows else []
    assert consequences(parent, book, held_here=True) == wanted


def test_what_a_strategy_made_smaller_by_hand_does_not_grow_back() -> None:
    parent, stop, profit, book = bracket()
    work(parent)
    fill(parent, "1.000")
    for order in (stop, profit):
        apply(order, OrderEmulated)
    event = update(profit, "0.700", by_hand=True)
    assert is_changed(profit, event)
    assert not is_changed(stop, update(stop, "0.700")), "our own doing calls for nothing more"

    assert consequences(parent, book, held_here=True) == []
