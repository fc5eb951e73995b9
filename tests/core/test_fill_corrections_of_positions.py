"""Trades that a venue takes back or corrects: the position is as if they had never been, or always been so."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from nautilus_live.core import fill_corrections, order_lifecycle, position_keeping
from nautilus_live.core.position_keeping import PositionChange
from nautilus_live.model.enums import OrderSide, Provenance
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import PositionId, TradeId
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from tests.core.conftest import (
    ACCOUNT,
    BNB,
    LINEAR,
    STRATEGY,
    TRADER,
    make_fill,
    money,
    order_in,
)
from tests.core.corrections import D, void

Told = list[tuple[str, PositionChange]]


# -- the position ------------------------------------------------------------------------------------------------------


class Book:
    """Orders and one position, changed together as the engine does."""

    def __init__(self) -> None:
        self.position = Position(LINEAR, PositionId("P"), STRATEGY, TRADER, ACCOUNT)
        self.orders = {side: order_in("ACCEPTED", f"O-{side}", side, "1000.000") for side in ("BUY", "SELL")}
        self.record: list[fill_corrections.Correction] = []
        self.ts = 100

    def trade(self, signed: str | Decimal, price: str | Decimal, trade: str, fee: str = "0") -> None:
        order = self._owner(D(signed))
        fill = make_fill(order, abs(D(signed)), price, trade, commission=fee, ts=self._now(), position_id="P")
        order_lifecycle.apply(order, fill)
        self.put(fill)

    def correct(self, signed: str, price: str, trade: str, corrects: str, fee: str = "0") -> Told:
        order = self._owner(D(signed))
        old = TradeId(corrects)
        fill = make_fill(order, abs(D(signed)), price, trade, commission=fee, ts=self._now(), corrects=old)
        return self._restate(order, fill, old)

    def void(self, signed: str | Decimal, trade: str) -> Told:
        order = self._owner(D(signed))
        return self._restate(order, void(order, trade, ts=self._now()), TradeId(trade))

    def _restate(self, order: Order, correction: fill_corrections.Correction, old: TradeId) -> Told:
        gone = order.fills[old]
        order_lifecycle.apply(order, correction)
        told: Told = []
        for entry in fill_corrections.entries(self.position, correction, gone):
            told += self.put(entry)
        return told

    def put(self, entry: fill_corrections.Correction) -> Told:
        self.record.append(entry)
        return [(fill.trade_id.value, change) for fill, change in fill_corrections.put(self.position, entry)]

    def _owner(self, signed: Decimal) -> Order:
        return self.orders["BUY" if signed > 0 else "SELL"]

    def _now(self) -> int:
        self.ts += 10
        return self.ts

    def state(self) -> tuple[Decimal, Decimal, Decimal]:
        held = self.position
        return held.signed_qty, held.avg_px_open, held.realized + held.realized_before


def book_of(*trades: tuple[str, str]) -> Book:
    book = Book()
    for number, (signed, price) in enumerate(trades, 1):
        book.trade(signed, price, f"T-{number}", fee="0.50")
    return book


def test_a_position_is_as_if_the_trade_had_never_been() -> None:
    book = book_of(("1", "100"), ("2", "110"), ("-1", "120"))

    assert book.void("1", "T-1") == [("T-1", PositionChange.CHANGED)]

    assert book.state() == book_of(("2", "110"), ("-1", "120")).state() == (D(1), D(110), D(9))
    assert [str(fill.trade_id) for fill in book.position.fills] == ["T-2", "T-3"]
    assert book.position.commissions() == [money("1.00")]


@pytest.mark.parametrize("new_id", ["T-1", "T-1b"])
def test_a_corrected_trade_counts_where_the_old_one_was(new_id: str) -> None:
    book = book_of(("2", "100"), ("-1", "120"), ("2", "130"))

    assert book.correct("2", "104", new_id, "T-1", fee="0.50") == [(new_id, PositionChange.CHANGED)]

    assert book.state() == book_of(("2", "104"), ("-1", "120"), ("2", "130")).state()


def test_without_its_opening_trade_the_closing_one_opens() -> None:
    book = book_of(("1", "100"), ("-1", "110"))
    assert book.position.is_closed

    assert book.void("1", "T-1") == [("T-1", PositionChange.OPENED)]

    assert book.state() == (D(-1), D(110), D("-0.50"))
    assert book.position.cycle_count == 0


def test_without_its_only_trade_a_position_is_flat_and_the_next_one_begins_anew() -> None:
    book = book_of(("1", "100"))

    assert book.void("1", "T-1") == [("T-1", PositionChange.CLOSED)]
    assert book.state()[0] == 0
    assert (book.position.is_closed, book.position.total_realized_pnl) == (True, money("0"))

    book.trade("2", "105", "T-2")
    assert book.state() == (D(2), D(105), D(0))


def test_the_fills_that_are_left_may_cross_zero_where_they_did_not() -> None:
    book = book_of(("1", "100"), ("1", "110"), ("-2", "120"))

    book.void("1", "T-1")

    assert book.state() == book_of(("1", "110"), ("-2", "120")).state()
    assert book.position.cycle_count == 1


def test_a_trade_of_an_earlier_cycle_is_undone_at_its_own_price() -> None:
    book = book_of(("1", "100"), ("-1", "110"), ("3", "120"))

    book.void("1", "T-1")

    signed, average, realized = book.state()
    assert (signed, average) == (D(2), D(120))
    # As if it had never been: sold 1 @ 110, bought 3 @ 120, two fees.
    assert realized + signed * (D(130) - average) == D(110) - 3 * D(120) + 2 * D(130) - D("1.00")
    assert [type(entry).__name__ for entry in book.record[-1:]] == ["OrderFilled"]


def test_a_trade_of_an_earlier_cycle_is_done_anew() -> None:
    book = book_of(("1", "100"), ("-1", "110"), ("3", "120"))

    book.correct("1", "105", "T-1", "T-1", fee="0.50")

    signed, average, realized = book.state()
    assert signed == D(3)
    assert realized + signed * (D(130) - average) == -D(105) + D(110) - 3 * D(120) + 3 * D(130) - D("1.50")


def test_a_trade_that_flipped_the_position_is_undone_whole() -> None:
    book = book_of(("1", "100"), ("-3", "110"))

    book.void("-3", "T-2")

    signed, average, realized = book.state()
    assert signed == D(1)
    assert realized + signed * (D(130) - average) == D(30) - D("0.50")


def test_a_fee_in_another_currency_is_taken_back_too() -> None:
    book = Book()
    order = book.orders["BUY"]
    paid = make_fill(order, "1", "100", "T-1", commission=money("0.01", BNB), position_id="P")
    order_lifecycle.apply(order, paid)
    book.put(paid)

    book.void("1", "T-1")

    assert book.position.commissions() == [money("0", BNB)]


def test_what_undoes_a_trade_of_an_earlier_cycle_is_its_mirror_at_the_time_of_the_word() -> None:
    book = book_of(("1", "100"), ("-1", "110"), ("3", "120"))
    gone = book.orders["BUY"].fills[TradeId("T-1")]
    word = void(book.orders["BUY"], "T-1", ts=900, provenance=Provenance.RECONCILIATION)

    (undone,) = fill_corrections.entries(book.position, word, gone)

    assert undone == structs.replace(
        gone,
        event_id=f"{word.event_id}-undone",
        ts_event=900,
        ts_init=900,
        order_side=OrderSide.SELL,
        commission=money("-0.50"),
        provenance=Provenance.RECONCILIATION,
    )
    free = structs.replace(gone, commission=None, order_side=OrderSide.SELL, replaces=(TradeId("I-1"),))
    (undone,) = fill_corrections.entries(book.position, word, free)
    assert isinstance(undone, OrderFilled)
    assert (undone.commission, undone.order_side, undone.replaces) == (None, OrderSide.BUY, ())


def test_the_trade_of_another_order_under_the_same_id_is_not_meant() -> None:
    book = book_of(("2", "100"))
    book.trade("-1", "110", "T-1", fee="0.50")

    book.void("-1", "T-1")

    assert book.state() == book_of(("2", "100")).state()


def test_fills_without_a_fee_are_counted_again_like_others() -> None:
    book = Book()
    order = book.orders["BUY"]
    for trade, fee in (("T-1", None), ("T-2", "0")):
        fill = make_fill(order, "1", "100", trade, commission=fee, position_id="P")
        order_lifecycle.apply(order, fill)
        book.put(fill)

    book.void("1", "T-1")

    assert (book.position.signed_qty, book.position.paid) == (1, {})


def test_a_position_without_its_trade_is_closed_at_the_time_of_the_word_and_no_cycle_is_counted() -> None:
    book = book_of(("1", "100"))

    book.void("1", "T-1")

    assert (book.position.ts_closed, book.position.cycle_count, book.position.fills) == (book.ts, 0, [])
    book.trade("1", "100", "T-2")
    assert (book.position.ts_closed, [str(one.trade_id) for one in book.position.fills]) == (0, ["T-2"])


def test_a_correction_of_a_trade_that_is_not_in_the_cycle_is_a_mistake() -> None:
    book = book_of(("1", "100"))

    with pytest.raises(LookupError, match="trade T-9 of O-BUY is not in this cycle"):
        list(fill_corrections.put(book.position, void(book.orders["BUY"], "T-9")))


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["1", "-1", "2", "-2", "3"]), st.integers(90, 110)), min_size=1, max_size=6),
    st.lists(st.integers(0, 5), unique=True, max_size=3),
)
def test_the_money_is_the_same_as_without_the_trades_that_were_taken_back(
    trades: list[tuple[str, int]], gone: list[int]
) -> None:
    gone = [index for index in gone if index < len(trades)]
    book = book_of(*[(signed, str(price)) for signed, price in trades])
    for index in gone:
        book.void(trades[index][0], f"T-{index + 1}")

    mark = D(100)
    left = [trade for index, trade in enumerate(trades) if index not in gone]
    wanted = sum((D(signed) * (mark - price) for signed, price in left), D(0)) - D("0.50") * len(left)
    signed, average, realized = book.state()
    assert signed == sum((D(quantity) for quantity, _ in left), D(0))
    assert abs(realized + signed * (mark - average) - wanted) < D("1e-15")
    reloaded = Position(LINEAR, PositionId("P"), STRATEGY, TRADER, ACCOUNT)
    for entry in book.record:
        for _ in fill_corrections.put(reloaded, entry):
            pass
    assert (reloaded.signed_qty, reloaded.avg_px_open, reloaded.realized_before) == (
        book.position.signed_qty,
        book.position.avg_px_open,
        book.position.realized_before,
    )


def test_put_takes_plain_fills_as_position_keeping_does() -> None:
    book, plain = book_of(("2", "100"), ("-3", "110")), Position(LINEAR, PositionId("P"), STRATEGY, TRADER, ACCOUNT)
    for entry in book.record:
        assert isinstance(entry, OrderFilled)
        assert not fill_corrections.is_correction(entry)
        for _ in position_keeping.take(plain, entry):
            pass

    assert (plain.signed_qty, plain.realized) == (book.position.signed_qty, book.position.realized)
    assert fill_corrections.is_correction(void(book.orders["BUY"], "T-1"))
    assert fill_corrections.is_correction(make_fill(book.orders["BUY"], corrects=TradeId("T-1")))
