"""A position's earlier cycles are made anew of its fills; of fills that do not lead to the position, none."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.closed_cycles import closed_cycles
from nautilus_live.core.position_keeping import take
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import PositionId
from nautilus_live.model.position import Position
from tests.core.conftest import ACCOUNT, LINEAR, STRATEGY, TRADER, make_fill, make_order

D = Decimal


def trade(signed: str, price: str, ts: int) -> OrderFilled:
    number = D(signed)
    return make_fill(make_order(f"O-{ts}", "BUY" if number > 0 else "SELL", "1000.000"), abs(number), price, ts=ts)


def played(fills: list[OrderFilled]) -> Position:
    position = Position(LINEAR, PositionId("P"), STRATEGY, TRADER, ACCOUNT)
    for fill in fills:
        for _ in take(position, fill):
            pass
    return position


def test_each_cycle_is_what_it_was_when_it_closed() -> None:
    fills = [
        trade("2.000", "100.00", 1),
        trade("-2.000", "110.00", 2),
        trade("-1.000", "120.00", 3),
        trade("3.000", "100.00", 4),  # flips
        trade("-2.000", "90.00", 5),
        trade("1.000", "95.00", 6),
    ]
    position = played(fills)
    cycles = closed_cycles(position, reversed(fills))

    assert [str(one.id) for one in cycles] == ["P-1", "P-2", "P-3"]
    assert [one.realized_pnl.value for one in cycles] == [D(20), D(20), D(-20)]
    assert [(one.ts_opened, one.ts_closed) for one in cycles] == [(1, 2), (3, 4), (4, 5)]
    assert all(one.is_closed for one in cycles)
    assert position.is_open
    assert position.id == PositionId("P")


def test_what_is_still_open_or_never_closed_has_no_earlier_cycle() -> None:
    assert closed_cycles(played([]), []) == []
    fills = [trade("2.000", "100.00", 1), trade("-2.000", "110.00", 2)]
    assert closed_cycles(played(fills), fills) == []


def test_of_fills_that_do_not_lead_to_the_position_there_are_none() -> None:
    fills = [trade("2.000", "100.00", 1), trade("-2.000", "110.00", 2), trade("1.000", "120.00", 3)]
    assert closed_cycles(played(fills), fills[1:]) == []


@given(st.lists(st.integers(-3, 3).filter(bool), max_size=12))
def test_cycles_add_up_to_what_the_position_made(sizes: list[int]) -> None:
    fills = [trade(f"{size}.000", f"{100 + 7 * at % 5}.00", at + 1) for at, size in enumerate(sizes)]
    position = played(fills)
    cycles = closed_cycles(position, fills)
    assert len(cycles) == position.cycle_count
    assert sum(one.realized for one in cycles) == position.realized_before
