"""The position book: which position a planned fill changes, and what the positions will be then."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.core.reconciliation.position_book import PositionBook
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import EXTERNAL, AccountId, PositionId
from nautilus_live.model.orders import Order
from tests.core.belief import Belief
from tests.core.conftest import (
    ACCOUNT,
    OTHER_SPOT,
    SPOT,
    apply,
    make_fill,
    make_order,
    make_placeholder,
    make_policy,
    order_in,
)

OWN = PositionId("BTCUSDT.SIM-S-001")


def book_of(belief: Belief, **policy: object) -> tuple[Workspace, PositionBook]:
    work = Workspace(belief, make_policy(**policy), ACCOUNT, 1_000)
    return work, PositionBook(work)


def holding(*orders: Order) -> Belief:
    belief = Belief()
    for order in orders:
        belief.add(order)
    return belief


def test_what_we_believe_is_not_touched() -> None:
    belief = holding(order_in("FILLED"))
    _, book = book_of(belief)
    order = make_order("O-2")
    book.apply(order, make_fill(order, "2.000"))
    assert book.net(SPOT.id) == 3
    assert belief.net() == 1


def test_instrument_is_cold_until_a_position_was_held_at_the_start() -> None:
    _, book = book_of(holding(order_in("FILLED")))
    assert not book.is_cold(SPOT.id)
    assert book.is_cold(OTHER_SPOT.id)
    order = make_order("O-2", instrument=OTHER_SPOT)
    book.apply(order, make_fill(order))
    assert book.is_cold(OTHER_SPOT.id)  # a planned fill is no memory


def test_closed_position_is_found_by_its_id_and_counts_nothing() -> None:
    belief = holding(order_in("FILLED"), order_in("FILLED", "O-2", "SELL"))
    _, book = book_of(belief)
    found = book.position(SPOT.id, OWN)
    assert found is not None
    assert found is not belief.positions[OWN]
    assert found is book.position(SPOT.id, OWN)
    assert book.positions(SPOT.id) == []
    assert book.net(SPOT.id) == 0
    assert book.average(SPOT.id) is None


def test_position_that_nobody_knows_is_not_found() -> None:
    _, book = book_of(Belief())
    assert book.position(SPOT.id, OWN) is None


def test_fills_of_one_strategy_share_its_position_under_netting() -> None:
    _, book = book_of(Belief())
    for name in ("O-1", "O-2"):
        order = make_order(name)
        book.apply(order, make_fill(order))
    assert [one.id for one in book.positions(SPOT.id)] == [OWN]
    assert book.net(SPOT.id) == 2


def test_each_order_has_its_own_position_under_hedging() -> None:
    _, book = book_of(Belief(), oms_type=OmsType.HEDGING)
    for name in ("O-1", "O-2"):
        order = make_order(name)
        book.apply(order, make_fill(order))
    assert [one.id.value for one in book.positions(SPOT.id)] == ["P-O-1", "P-O-2"]


@pytest.mark.parametrize("oms_type", [OmsType.NETTING, OmsType.HEDGING])
def test_fill_goes_to_the_position_it_names_else_to_its_orders(oms_type: OmsType) -> None:
    _, book = book_of(Belief(), oms_type=oms_type)
    order = make_order()
    order.position_id = PositionId("P-7")
    book.apply(order, make_fill(order, position_id="P-8"))
    book.apply(order, make_fill(order, "2.000"))
    assert {one.id.value: one.signed_qty for one in book.positions(SPOT.id)} == {"P-8": 1, "P-7": 2}


def test_silent_fill_changes_nothing() -> None:
    _, book = book_of(Belief())
    order = make_order()
    book.apply(order, make_fill(order, affects_position=False))
    assert book.positions(SPOT.id) == []


def test_fill_that_crosses_zero_closes_and_opens() -> None:
    _, book = book_of(holding(order_in("FILLED")))
    order = make_order("O-2", "SELL", "3.000")
    book.apply(order, make_fill(order, "3.000", "60000.00"))
    assert [book.net(SPOT.id), book.average(SPOT.id)] == [-2, 60000]


def test_average_is_that_of_the_positions_on_one_side() -> None:
    _, book = book_of(Belief(), oms_type=OmsType.HEDGING)
    for name, side, quantity, price in (
        ("O-1", "BUY", "0.300", "10.00"),
        ("O-2", "BUY", "0.100", "30.00"),
        ("O-3", "SELL", "0.200", "90.00"),
    ):
        order = make_order(name, side, quantity)
        book.apply(order, make_fill(order, quantity, price))
    assert book.average(SPOT.id) == 15
    assert book.average_of(SPOT.id, Decimal("0.5")) == 15
    assert book.average_of(SPOT.id, Decimal("-0.5")) == 90
    assert book.average_of(SPOT.id, Decimal(0)) is None


def test_real_trades_take_the_place_of_a_placeholder_one_after_the_other() -> None:
    order = apply(order_in("ACCEPTED", quantity="1.600"))
    apply(order, make_placeholder(order, "1.000", "100.00", "INFERRED-1"))
    work, book = book_of(holding(order))
    draft = work.order(order.client_order_id)
    assert draft is not None
    first = make_fill(draft, "0.600", "110.00", "T-1", replaces=["INFERRED-1"])
    assert work.apply(draft, first)
    second = make_fill(draft, "0.600", "90.00", "T-2", replaces=["INFERRED-1"])
    assert work.apply(draft, second)
    book.apply(draft, first)
    assert [book.net(SPOT.id), book.average(SPOT.id)] == [1, 100]
    book.apply(draft, second)
    assert [book.net(SPOT.id), book.average(SPOT.id)] == [Decimal("1.2"), 100]


def test_placeholder_of_a_closed_cycle_is_corrected_and_only_the_rest_is_held() -> None:
    order = apply(order_in("ACCEPTED", quantity="1.600"))
    apply(order, make_placeholder(order, "1.000", "100.00", "INFERRED-1"))
    belief = holding(order)
    closing = apply(order_in("ACCEPTED", "O-2", "SELL"))
    apply(closing, make_fill(closing, "1.000", "120.00"))
    belief.add(closing)
    work, book = book_of(belief)
    draft = work.order(order.client_order_id)
    assert draft is not None
    real = make_fill(draft, "1.600", "110.00", "T-1", replaces=["INFERRED-1"])
    assert work.apply(draft, real)
    book.apply(draft, real)
    assert [book.net(SPOT.id), book.average(SPOT.id)] == [Decimal("0.6"), 110]


def test_fill_of_an_unknown_instrument_is_an_error_of_ours() -> None:
    _, book = book_of(Belief(OTHER_SPOT))
    order = make_order()
    with pytest.raises(LookupError, match=r"BTCUSDT\.SIM: a fill of an unknown instrument"):
        book.apply(order, make_fill(order))


def test_f23_one_strategy_in_two_accounts_has_two_positions() -> None:
    order = apply(order_in("ACCEPTED", quantity="5.000"))
    apply(order, make_fill(order, "5.000", account_id=AccountId("SIM-002")))
    _, book = book_of(holding(order))
    mine = make_order("O-2", "SELL", "3.000")
    book.apply(mine, make_fill(mine, "3.000"))
    assert {one.id.value: one.signed_qty for one in book.positions(SPOT.id)} == {"BTCUSDT.SIM-S-001-SIM-001": -3}


def test_a_trade_of_nobodys_order_reduces_what_is_held_and_the_rest_is_nobodys() -> None:
    _, book = book_of(holding(order_in("FILLED")))
    order = make_order("X-1", "SELL", "1.500", strategy_id=EXTERNAL)
    book.apply(order, make_fill(order, "1.500", "60000.00"))
    assert {one.id.value: one.signed_qty for one in book.positions(SPOT.id)} == {
        "BTCUSDT.SIM-EXTERNAL": Decimal("-0.5"),
    }
    closed = book.position(SPOT.id, OWN)
    assert closed is not None
    assert closed.realized == 10_000
