"""One trade in parts under one id (FIELD C2): both quantities count, a repetition counts once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.core.reconciliation.parts import named_parts
from nautilus_live.model.reports import FillReport
from tests.core.belief import Belief
from tests.core.reconciliation.settling import believing, cached, fill, reported, settle, traded


def names(fills: list[FillReport], total: int) -> list[str]:
    return [str(one.trade_id) for one in named_parts(fills, {}, Decimal(total))]


@pytest.mark.parametrize(
    ("quantities", "total", "wanted"),
    [
        ([30, 70], 100, ["T-1", "T-1/70"]),
        ([70, 30], 100, ["T-1/70", "T-1"]),
        ([30, 70, 30, 70], 100, ["T-1", "T-1/70", "T-1", "T-1/70"]),  # told twice, both parts
        ([30, 70], 70, ["T-1", "T-1"]),  # the total says that only one of them counts
        ([30, 70], 110, ["T-1", "T-1"]),
        ([50, 50], 100, ["T-1", "T-1"]),  # cannot be told from a repetition
        ([100], 100, ["T-1"]),
    ],
)
def test_parts_count_where_they_add_up_to_the_venues_total(
    quantities: list[int], total: int, wanted: list[str]
) -> None:
    assert names([traded("T-1", quantity) for quantity in quantities], total) == wanted


def flip(first: int | None = None) -> Belief:
    order = cached()
    return believing(order if first is None else fill(order, first, trade="T-1"))


@pytest.mark.parametrize("heard", [None, 30, 70])
def test_both_parts_are_booked_whichever_was_heard(heard: int | None) -> None:
    parts = [traded("T-1", 30), traded("T-1", 70)]
    result = settle(flip(heard), [reported("FILLED", 100)], parts)
    assert result.order().filled_qty == 100
    assert not any(one.inferred for one in result.order().fills.values())
    assert len(result.order().fills) == 2


def test_parts_that_are_known_are_known_without_a_total_too() -> None:
    parts = [traded("T-1", 30), traded("T-1", 70)]
    booked = settle(flip(), [reported("FILLED", 100)], parts).belief
    again = named_parts(parts[::-1], booked.orders[cached().client_order_id].fills, Decimal(0))
    assert {str(one.trade_id) for one in again} == {"T-1", "T-1/70"}


def test_a_repetition_counts_once_and_what_the_total_lacks_is_inferred() -> None:
    result = settle(flip(50), [reported("FILLED", 100)], [traded("T-1", 50), traded("T-1", 50)])
    assert [one.inferred for one in result.order().fills.values()] == [False, True]
