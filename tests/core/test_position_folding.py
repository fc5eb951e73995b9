"""Folding: an open position's old fills become sums, and nothing else about it changes, now or later."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core import fill_corrections
from nautilus_live.core.position_keeping import fold, take
from nautilus_live.model.events import OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import PositionId, TradeId
from nautilus_live.model.position import Position
from tests.core.conftest import (
    ACCOUNT,
    SPOT,
    STRATEGY,
    TRADER,
    make_event,
    make_fill,
    make_order,
    make_placeholder,
)

BUY, SELL = make_order("O-B", "BUY", "1000.000"), make_order("O-S", "SELL", "1000.000")


def position() -> Position:
    return Position(SPOT, PositionId("P-1"), STRATEGY, TRADER, ACCOUNT)


def trade(number: int, signed: int, price: int = 100, **fields: Any) -> OrderFilled:
    order = BUY if signed > 0 else SELL
    settings: dict[str, Any] = {"ts": number, "ts_init": number, "commission": "0.01", **fields}
    return make_fill(order, str(abs(signed)), str(price), f"T-{number}", **settings)


def give(held: Position, fill: OrderFilled, *placeholders: OrderFilled) -> None:
    for _ in take(held, fill, placeholders):
        pass


def sums(held: Position) -> dict[str, object]:
    names = [name for name in Position.__slots__ if name not in ("base", "fills", "commissions")]
    # Sums of the same numbers in another order of division may differ in their 28th place.
    return {
        name: round(value, 15) if isinstance(value := getattr(held, name), Decimal) else value for name in names
    } | {"commissions": {currency: amount for currency, amount in held.paid.items() if amount}}


@given(
    st.lists(st.tuples(st.integers(-3, 3).filter(bool), st.integers(90, 110)), min_size=1, max_size=30),
    st.sets(st.integers(1, 30)),
    st.integers(0, 5),
)
def test_a_position_that_was_folded_is_the_position_that_was_not(
    trades: list[tuple[int, int]], folded_after: set[int], buffer: int
) -> None:
    folded, whole = position(), position()
    for number, (signed, price) in enumerate(trades, 1):
        fill = trade(number, signed, price)
        give(folded, fill)
        give(whole, fill)
        if number in folded_after:
            fold(folded, number - buffer)
        assert sums(folded) == sums(whole)
        assert all(fill in whole.fills for fill in folded.fills)


@given(st.integers(1, 8), st.integers(1, 9), st.integers(90, 110))
def test_a_trade_takes_its_placeholders_place_after_folding(before: int, until: int, price: int) -> None:
    folded, whole = position(), position()
    placeholder = make_placeholder(BUY, "1", "100", "X-1", ts=before + 1, ts_init=before + 1)
    for held in (folded, whole):
        for number in range(1, before + 1):
            give(held, trade(number, 1, 95 + number))
        give(held, placeholder)
        give(held, trade(before + 2, -1, 99))
    fold(folded, until)
    assert placeholder in folded.fills
    real = trade(before + 3, 1, price, replaces=["X-1"])
    for held in (folded, whole):
        give(held, real, placeholder)
    assert sums(folded) == sums(whole)


def test_a_trade_that_is_in_memory_is_taken_back_after_folding() -> None:
    folded, whole = position(), position()
    for held in (folded, whole):
        for number in range(1, 6):
            give(held, trade(number, 2, 95 + number))
        give(held, trade(6, -3, 120))
    assert fold(folded, 3) == 3
    voided: OrderFillVoided = make_event(OrderFillVoided, BUY, trade_id=TradeId("T-5"))
    for held in (folded, whole):
        for _ in fill_corrections.put(held, voided):
            pass
    assert sums(folded) == sums(whole)
    assert [fill.trade_id.value for fill in folded.fills] == ["T-4", "T-6"]


def test_the_last_fill_and_what_is_too_young_stay() -> None:
    held = position()
    for number in range(1, 4):
        give(held, trade(number, 1))
    assert fold(held, 0) == 0
    assert held.base is None
    assert fold(held, 99) == 2
    assert [fill.trade_id.value for fill in held.fills] == ["T-3"]
    assert fold(held, 99) == 0


def test_a_closed_position_is_not_folded_and_a_new_cycle_begins_without_a_base() -> None:
    held = position()
    for number in range(1, 4):
        give(held, trade(number, 1))
    fold(held, 99)
    give(held, trade(4, -3))
    assert held.is_closed
    assert fold(held, 99) == 0
    give(held, trade(5, 1, 200))
    assert (held.base, held.avg_px_open, held.peak_qty) == (None, Decimal(200), Decimal(1))
