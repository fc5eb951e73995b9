"""Real trades take the place of placeholders in positions, in the current cycle and in earlier ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core import order_lifecycle
from nautilus_live.core.position_keeping import PositionChange, apply, holds_placeholder, parts, take
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from tests.core.conftest import (
    ACCOUNT,
    BNB,
    INVERSE,
    LINEAR,
    STRATEGY,
    TRADER,
    USDT,
    make_fill,
    make_placeholder,
    money,
    order_in,
    px,
    qty,
)

D = Decimal
OPENED, CHANGED, CLOSED = PositionChange.OPENED, PositionChange.CHANGED, PositionChange.CLOSED


class Book:
    """Orders and one position, changed together as the engine does."""

    def __init__(self, instrument: Instrument = LINEAR) -> None:
        self.position = Position(instrument, PositionId("P"), STRATEGY, TRADER, ACCOUNT)
        self.orders: dict[str, Order] = {}
        self.ts = 10

    def order(self, name: str, side: str = "BUY") -> Order:
        if name not in self.orders:
            self.orders[name] = order_in("ACCEPTED", name, side, "1000.000")
        return self.orders[name]

    def fill(self, order: Order, fill: OrderFilled) -> list[PositionChange]:
        placeholders = [order.fills[name] for name in fill.replaces]
        order_lifecycle.apply(order, fill)
        return [change for _, change in take(self.position, fill, placeholders)]

    def trade(self, name: str, signed: str, price: str = "100.00", **fields: Any) -> list[PositionChange]:
        order = self.order(name, "BUY" if D(signed) > 0 else "SELL")
        self.ts += 10
        return self.fill(order, make_fill(order, abs(D(signed)), price, ts=self.ts, **fields))

    def guess(self, name: str, signed: str, price: str = "100.00", **fields: Any) -> list[PositionChange]:
        order = self.order(name, "BUY" if D(signed) > 0 else "SELL")
        self.ts += 10
        return self.fill(order, make_placeholder(order, abs(D(signed)), price, ts=self.ts, **fields))

    def state(self) -> dict[str, object]:
        """Return what a position says, apart from the fills' own ids and times."""
        position = self.position
        return {
            "signed": position.signed_qty,
            "avg_px_open": position.avg_px_open,
            "avg_px_close": position.avg_px_close,
            "realized": position.realized,
            "before": position.realized_before,
            "closed": position.closed_qty,
            "peak": position.peak_qty,
            "cycles": position.cycle_count,
            "commissions": {name: paid for name, paid in position.paid.items() if paid},
            "fills": [(fill.last_qty.value, fill.last_px.value, fill.commission) for fill in position.fills],
        }


def test_a_trade_that_replaces_its_placeholder_gives_the_position_that_it_would_have_given_in_time() -> None:
    late, in_time = Book(), Book()
    late.trade("O-1", "1", "90.00")
    late.guess("O-2", "2", "100.00", trade="P-1", commission="0.50")
    late.trade("O-3", "-1", "120.00", commission="0.20")
    assert late.trade("O-2", "2", "103.00", trade="T-1", commission="0.40", replaces=["P-1"]) == [CHANGED]
    in_time.trade("O-1", "1", "90.00")
    in_time.trade("O-2", "2", "103.00", commission="0.40")
    in_time.trade("O-3", "-1", "120.00", commission="0.20")
    assert late.state() == in_time.state()
    assert late.position.trade_ids[1] == make_fill(late.order("O-2"), trade="T-1").trade_id
    assert [fill.replaces for fill in late.position.fills] == [(), (), ()]


def test_a_smaller_trade_leaves_the_rest_behind_it_and_changes_no_value() -> None:
    book = Book()
    book.guess("O-1", "2", "100.00", trade="P-1")
    before = book.position.avg_px_open
    book.trade("O-1", "0.5", "106.00", trade="T-1", replaces=["P-1"])
    assert (book.position.signed_qty, book.position.avg_px_open) == (2, before)
    assert [(fill.last_qty, fill.last_px) for fill in book.position.fills] == [
        (qty("0.5"), px("106")),
        (qty("1.5"), px("98")),
    ]
    book.trade("O-1", "1.5", "99.00", trade="T-2", replaces=["P-1"])
    assert book.position.avg_px_open == (D("0.5") * 106 + D("1.5") * 99) / 2
    assert [str(fill.trade_id) for fill in book.position.fills] == ["T-1", "T-2"]


def test_what_a_trade_has_beyond_its_placeholders_is_an_ordinary_fill() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1", commission="0.10")
    assert book.trade("O-1", "3", "103.00", trade="T-1", replaces=["P-1"], commission="0.30") == [CHANGED, CHANGED]
    assert (book.position.signed_qty, book.position.avg_px_open, book.position.peak_qty) == (3, 103, 3)
    assert book.position.paid == {USDT: D("0.30")}
    assert [fill.commission for fill in book.position.fills] == [money("0.10"), money("0.20")]
    assert [fill.replaces for fill in book.position.fills] == [(), ()]


def test_the_commission_of_a_trade_is_shared_with_its_excess_to_the_last_digit() -> None:
    for through_apply in (False, True):
        book = Book()
        book.guess("O-1", "1", "100.00", trade="P-1")
        fields: dict[str, Any] = {"trade": "T-1", "replaces": ["P-1"], "commission": "0.00000005"}
        if through_apply:
            apply(book.position, make_fill(book.order("O-1"), "2", "100.00", **fields))
        else:
            book.trade("O-1", "2", "100.00", **fields)
        assert book.position.paid == {USDT: D("0.00000005")}


def test_a_commission_of_zero_in_an_earlier_cycle_leaves_no_trace() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1")
    book.trade("O-2", "-1", "110.00")
    book.trade("O-3", "1", "110.00")
    book.trade("O-1", "1", "104.00", trade="T-1", replaces=["P-1"], commission=money("0", BNB))
    assert book.position.paid == {}


def test_what_a_trade_has_beyond_its_placeholders_may_flip_the_position() -> None:
    book = Book()
    book.trade("O-1", "-2", "100.00")
    book.guess("O-2", "1", "100.00", trade="P-1")
    assert book.trade("O-2", "3", "90.00", trade="T-1", replaces=["P-1"]) == [CHANGED, CLOSED, OPENED]
    assert (book.position.signed_qty, book.position.avg_px_open, book.position.realized_before) == (1, 90, 20)


def test_several_placeholders_give_way_in_the_order_that_the_trade_names_them() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1")
    book.trade("O-2", "1", "101.00", trade="T-0")
    book.guess("O-1", "2", "102.00", trade="P-2")
    book.trade("O-1", "2.5", "103.00", trade="T-1", replaces=["P-2", "P-1"])
    assert [(str(fill.trade_id), fill.last_qty) for fill in book.position.fills] == [
        ("P-1", qty("0.5")),
        ("T-0", qty("1")),
        ("T-1", qty("2.5")),
    ]
    rest = book.order("O-1").fills
    assert {str(name): fill.last_px for name, fill in rest.items()} == {"P-1": px("97"), "T-1": px("103")}
    assert book.position.fills[0].last_px == px("97")


def test_commissions_of_the_placeholder_are_taken_back() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1", commission="0.50")
    book.trade("O-2", "-0.5", "110.00", commission="0.10")
    book.trade("O-1", "1", "100.00", trade="T-1", replaces=["P-1"], commission=money("0.001", BNB))
    assert {name: paid for name, paid in book.position.paid.items() if paid} == {
        USDT: D("0.10"),
        BNB: D("0.001"),
    }
    assert book.position.realized == D("4.90")


def test_a_closed_position_is_corrected_without_opening_it() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1")
    book.trade("O-2", "-1", "110.00")
    assert book.trade("O-1", "1", "104.00", trade="T-1", replaces=["P-1"]) == [CHANGED]
    assert (book.position.is_closed, book.position.realized, book.position.realized_before) == (True, 6, 0)
    assert (book.position.avg_px_open, book.position.avg_px_close, book.position.closed_qty) == (104, 110, 1)


# -- earlier cycles --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "profit"), [("BUY", D("6.00")), ("SELL", D("-6.00"))])
def test_a_placeholder_of_an_earlier_cycle_is_corrected_by_what_was_really_paid(side: str, profit: Decimal) -> None:
    sign = "" if side == "BUY" else "-"
    other = "-" if side == "BUY" else ""
    book = Book()
    book.guess("O-1", f"{sign}1", "100.00", trade="P-1", commission="0.50")
    book.trade("O-2", f"{other}1", "110.00")
    book.trade("O-3", "2", "200.00")
    assert book.trade("O-1", f"{sign}1", "104.00", trade="T-1", replaces=["P-1"], commission="0.20") == [CHANGED]
    assert book.position.realized_before == profit - D("0.20")
    assert (book.position.signed_qty, book.position.avg_px_open, book.position.realized) == (2, 200, 0)
    assert book.position.paid == {USDT: D("0.20")}


def test_a_fill_of_earlier_cycles_alone_is_given_back_as_one_change() -> None:
    book = Book()
    book.guess("O-1", "1", trade="P-1")
    book.trade("O-2", "-1")
    book.trade("O-3", "2")
    order = book.order("O-1")
    fill = make_fill(order, "1", "101.00", "T-1", replaces=["P-1"])
    placeholders = [order.fills[name] for name in fill.replaces]
    assert list(take(book.position, fill, placeholders)) == [(fill, CHANGED)]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(9_000, 11_000)), min_size=2, max_size=4), st.booleans())
def test_piece_by_piece_replacement_in_an_earlier_cycle_ends_as_if_all_came_in_time(
    trades: list[tuple[int, int]], reopened: bool
) -> None:
    total = sum(quantity for quantity, _ in trades)
    late, in_time = Book(), Book()
    late.guess("O-1", str(total), "100.00", trade="P-1", commission="0.70")
    for quantity, price in trades:
        in_time.trade("O-1", str(quantity), str(D(price) / 100), commission="0.10")
    for book in (late, in_time):
        book.trade("O-2", str(-total), "110.00")
        if reopened:
            book.trade("O-3", "5", "200.00")
    for index, (quantity, price) in enumerate(trades):
        fields: dict[str, Any] = {"trade": f"T-{index}", "replaces": ["P-1"], "commission": "0.10"}
        late.trade("O-1", str(quantity), str(D(price) / 100), **fields)
    first, second = late.position, in_time.position
    assert abs(first.realized + first.realized_before - second.realized - second.realized_before) < D("1e-20")
    assert first.paid == second.paid
    assert first.signed_qty == second.signed_qty


@pytest.mark.parametrize("instrument", [LINEAR, INVERSE], ids=["linear", "inverse"])
@pytest.mark.parametrize("commission", [None, "0.00000005", "0.33333333"])
def test_a_placeholder_that_flipped_the_position_is_replaced_in_both_cycles(
    instrument: Instrument, commission: str | None
) -> None:
    late, in_time = Book(instrument), Book(instrument)
    for book in (late, in_time):
        book.trade("O-1", "-1", "100.00")
    late.guess("O-2", "3", "105.00", trade="P-1", commission="0.90")
    late.trade("O-2", "3", "104.00", trade="T-1", replaces=["P-1"], commission=commission)
    in_time.trade("O-2", "3", "104.00", trade="T-1", commission=commission)
    first, second = late.state(), in_time.state()
    assert abs(first.pop("before") - second.pop("before")) < D("1e-20")  # type: ignore[operator]  # decimals
    assert first == second


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.integers(1, 6), st.integers(1, 6))
def test_a_flip_replaced_piece_by_piece_ends_with_the_right_profit_in_all(
    quantities: list[int], closing: int, opening: int
) -> None:
    total = closing + opening
    late, in_time = Book(), Book()
    for book in (late, in_time):
        book.trade("O-1", str(-closing), "100.00")
    late.guess("O-2", str(total), "105.00", trade="P-1", commission="1.00")
    left = total
    for index, quantity in enumerate([*quantities, total]):
        taken = min(quantity, left)
        if not taken:
            break
        fields: dict[str, Any] = {"trade": f"T-{index}", "commission": "0.03"}
        late.trade("O-2", str(taken), str(104 + index), replaces=["P-1"], **fields)
        in_time.trade("O-2", str(taken), str(104 + index), **fields)
        left -= taken
    for book in (late, in_time):
        book.trade("O-3", str(-opening), "120.00")
    first, second = late.position, in_time.position
    assert first.signed_qty == second.signed_qty == 0
    assert abs(first.realized + first.realized_before - second.realized - second.realized_before) < D("1e-18")
    assert first.paid == second.paid


# -- apply, for a caller that looked first ---------------------------------------------------------------------------


def test_apply_replaces_in_the_current_cycle_only() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1")
    order = book.order("O-1")
    fill = make_fill(order, "1", "101.00", "T-1", replaces=["P-1"])
    assert holds_placeholder(book.position, fill)
    assert parts(book.position, fill) == (fill,)
    assert apply(book.position, fill) is CHANGED
    assert book.position.avg_px_open == 101
    assert not holds_placeholder(book.position, fill)
    with pytest.raises(LookupError, match="P: no placeholder of O-1 among"):
        apply(book.position, fill)


def test_a_placeholder_of_another_order_or_a_real_trade_of_that_name_is_not_meant() -> None:
    book = Book()
    book.guess("O-1", "1", trade="P-1")
    book.trade("O-2", "1", trade="P-2")
    assert not holds_placeholder(book.position, make_fill(book.order("O-2"), "1", replaces=["P-1"]))
    assert not holds_placeholder(book.position, make_fill(book.order("O-2"), "1", replaces=["P-2"]))
    assert not holds_placeholder(book.position, make_fill(book.order("O-1"), "1", replaces=["P-9"]))
    assert holds_placeholder(book.position, make_fill(book.order("O-1"), "1", replaces=["P-9", "P-1"]))


def test_the_placeholder_of_another_order_under_the_same_name_stays_in_an_earlier_cycle_too() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1")
    book.trade("O-2", "-1", "110.00")
    book.guess("O-3", "2", "200.00", trade="P-1")
    assert book.trade("O-1", "1", "104.00", trade="T-1", replaces=["P-1"]) == [CHANGED]
    assert (book.position.realized_before, book.position.avg_px_open) == (6, 200)
    assert [fill.last_px for fill in book.position.fills] == [px("200")]


def test_two_orders_may_have_placeholders_of_one_name() -> None:
    book = Book()
    book.guess("O-1", "1", "100.00", trade="P-1")
    book.guess("O-2", "1", "110.00", trade="P-1")
    book.trade("O-2", "1", "112.00", trade="T-1", replaces=["P-1"])
    assert [(str(fill.client_order_id), fill.last_px) for fill in book.position.fills] == [
        ("O-1", px("100")),
        ("O-2", px("112")),
    ]


def test_apply_lets_the_excess_flip_the_position() -> None:
    book = Book()
    book.trade("O-1", "-2", "100.00")
    book.guess("O-2", "1", "100.00", trade="P-1")
    fill = make_fill(book.order("O-2"), "3", "90.00", "T-1", replaces=["P-1"])
    assert apply(book.position, fill) is OPENED
    assert (book.position.signed_qty, book.position.avg_px_open, book.position.entry) == (1, 90, OrderSide.BUY)
