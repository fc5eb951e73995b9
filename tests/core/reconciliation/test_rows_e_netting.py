"""Net positions against the venue's: one owner and several (E, 109 to 132)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import structs

from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderAccepted, OrderSubmitted
from nautilus_live.model.identifiers import INTERNAL_DIFF, PositionId
from nautilus_live.model.objects import Quantity
from tests.core.belief import Belief
from tests.core.conftest import OTHER_STRATEGY, STRATEGY, apply, make_order
from tests.core.reconciliation.aligning import (
    OTHERS,
    OWN,
    WAITING,
    align,
    aligned,
    alignment_orders,
    bought,
    holding,
    positions,
)
from tests.core.reconciliation.settling import OTHER_PAIR, PAIR, believing, held, price, short, units

DIFF = "AUD/USD.SIM-INTERNAL-DIFF"


def quoted(bid: str, ask: str) -> tuple[QuoteTick, ...]:
    return (QuoteTick(PAIR.id, price(bid), price(ask), units(1), units(1), 0, 0),)


# -- netting: one owner ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed", "side", "shown"),
    [("100", "BUY", "LONG 100 @ 1.10000"), ("-100", "SELL", "SHORT 100 @ 1.10000")],
    ids=["row_109_long", "row_110_short"],
)
def test_rows_109_110_position_that_nobody_here_has_is_opened_under_internal_diff(
    signed: str, side: str, shown: str
) -> None:
    settled = align(believing(), held(signed, "1.10"))
    assert settled.events == aligned(side, 100, "1.10000")
    assert positions(settled.belief) == {DIFF: shown}
    assert settled.belief.positions[PositionId(DIFF)].strategy_id == INTERNAL_DIFF
    assert settled.notes == ["INFO position.aligned"]
    assert settled.verdict == "ok"


@pytest.mark.parametrize(
    ("ours", "theirs", "side", "shown"),
    [
        ("100", "150", "BUY", "LONG 150 @ 1.10000"),
        ("-100", "-150", "SELL", "SHORT 150 @ 1.10000"),
    ],
    ids=["row_111_long", "row_112_short"],
)
def test_rows_111_112_growth_goes_at_the_price_that_makes_the_average_the_venues(
    ours: str, theirs: str, side: str, shown: str
) -> None:
    settled = align(holding(ours, "1.00"), held(theirs, "1.10"))
    assert settled.events == aligned(side, 50, "1.30000", OWN)
    assert positions(settled.belief) == {OWN: shown}
    assert settled.notes == ["INFO position.aligned"]
    assert settled.verdict == "ok"


def test_row_113_reduction_goes_at_the_average_and_realises_nothing() -> None:
    settled = align(holding("150", "1.00"), held("100", "1.00"))
    assert settled.events == aligned("SELL", 50, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: "LONG 100 @ 1.00000"}
    assert settled.notes == ["INFO position.aligned"]
    assert settled.belief.positions[PositionId(OWN)].realized == 0


@pytest.mark.parametrize("ours", ["150", "-150"])
def test_row_114_reduction_keeps_the_average_and_tells_that_the_venues_differs(ours: str) -> None:
    sign = ours.removesuffix("150")
    settled = align(holding(ours, "1.00"), held(f"{sign}100", "1.10"))
    assert settled.events == aligned("BUY" if sign else "SELL", 50, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: f"{'SHORT' if sign else 'LONG'} 100 @ 1.00000"}
    assert sorted(settled.notes) == ["INFO position.aligned", "WARNING position.average_differs"]
    assert "from 1.00000 to the venue's 1.10" in settled.text("position.average_differs")
    assert settled.verdict == "ok"


def test_row_114_reduction_to_an_average_that_is_not_said_tells_nothing() -> None:
    assert align(holding("150", "1.00"), held("100")).notes == ["INFO position.aligned"]


@pytest.mark.parametrize("ours", ["100", "-100"])
def test_row_116_close_without_a_market_goes_at_the_current_average(ours: str) -> None:
    settled = align(holding(ours, "1.00"), held("0"))
    assert settled.events == aligned("BUY" if ours == "-100" else "SELL", 100, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: "FLAT"}
    assert settled.belief.positions[PositionId(OWN)].total_realized_pnl.value == 0


def test_row_117_close_with_a_market_goes_at_the_current_average_too() -> None:
    settled = align(holding("100", "1.00", quotes=quoted("0.99990", "1.00010")), held("0"))
    assert settled.events == aligned("SELL", 100, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: "FLAT"}


def test_row_117_close_goes_at_the_current_average_whatever_the_venue_says() -> None:
    settled = align(holding("100", "1.00"), held("0", "1.70"))
    assert settled.events == aligned("SELL", 100, "1.00000", OWN)
    assert settled.notes == ["INFO position.aligned"]


def test_row_117_close_at_an_average_between_two_ticks_realises_less_than_half_a_tick_a_unit() -> None:
    belief = believing(bought("1", "1.00000"), bought("2", "1.00001", "O-2"))
    settled = align(belief, held("0"))
    assert positions(settled.belief)[OWN].startswith("FLAT")
    assert abs(settled.belief.positions[PositionId(OWN)].realized) <= Decimal("0.000005") * 3


def test_row_118_flip_to_short_is_one_limit_order_at_the_venues_average() -> None:
    settled = align(holding("100", "1.00"), held("-50", "1.20"))
    assert settled.events == aligned("SELL", 150, "1.20000", OWN)
    assert positions(settled.belief) == {OWN: "SHORT 50 @ 1.20000"}
    assert settled.notes == ["INFO position.aligned"]


def test_row_119_flip_to_long_is_one_limit_order_at_the_venues_average() -> None:
    settled = align(holding("-100", "1.00"), held("50", "1.20"))
    assert settled.events == aligned("BUY", 150, "1.20000", OWN)
    assert positions(settled.belief) == {OWN: "LONG 50 @ 1.20000"}


def test_row_120_flip_without_the_venues_average_goes_at_the_middle_of_the_market() -> None:
    settled = align(holding("100", "1.00", quotes=quoted("1.09990", "1.10010")), held("-50"))
    assert settled.events == aligned("SELL", 150, "1.10000", OWN)
    assert positions(settled.belief) == {OWN: "SHORT 50 @ 1.10000"}


def test_row_122_opening_without_the_venues_average_goes_at_the_middle_of_the_market() -> None:
    settled = align(believing(quotes=quoted("0.99990", "1.00030")), held("100"))
    assert settled.events == aligned("BUY", 100, "1.00010")
    assert positions(settled.belief) == {DIFF: "LONG 100 @ 1.00010"}


def test_row_123_growth_without_average_and_market_goes_at_the_current_average() -> None:
    settled = align(holding("100", "1.00"), held("150"))
    assert settled.events == aligned("BUY", 50, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: "LONG 150 @ 1.00000"}


def test_growth_that_no_price_can_explain_goes_at_the_fallback_and_is_told() -> None:
    settled = align(holding("100", "3.00"), held("150", "1.00"))
    assert settled.events == aligned("BUY", 50, "3.00000", OWN)
    assert sorted(settled.notes) == ["INFO position.aligned", "WARNING position.average_differs"]
    assert positions(settled.belief) == {OWN: "LONG 150 @ 3.00000"}


@pytest.mark.parametrize("average", [None, "0", "0.000001", "-1.00"])
def test_row_124_without_any_price_a_market_order_waits_and_nothing_is_filled(average: str | None) -> None:
    settled = align(believing(), held("100", average))
    assert settled.events == WAITING
    assert positions(settled.belief) == {}
    [order] = alignment_orders(settled)
    assert order.status is OrderStatus.ACCEPTED
    assert not order.filled_qty
    assert order.average is None
    assert settled.verdict == "quarantined ALIGN, uncertain AUD/USD.SIM"
    unreachable = ["WARNING position.average_differs"] if average in ("0.000001", "-1.00") else []
    assert sorted(settled.notes) == ["INFO position.aligned", *unreachable, "WARNING! position.no_price"]
    assert settled.plan.succeeded
    assert sorted(align(settled.belief, held("100", average)).notes) == sorted(settled.notes)


@pytest.mark.parametrize("average", ["1.20", None])
def test_row_124_the_waiting_order_is_filled_once_a_price_is_known(average: str | None) -> None:
    waiting = align(believing(), held("100")).belief
    if average is None:
        waiting.quotes[PAIR.id] = quoted("1.19990", "1.20010")[0]
    settled = align(waiting, held("100", average))
    assert settled.events == ["Filled ALIGN/ALIGN 100 @ 1.20000 ALIGN estimated at now"]
    assert positions(settled.belief) == {DIFF: "LONG 100 @ 1.20000"}
    assert settled.verdict == "ok"


@pytest.mark.parametrize(
    ("theirs", "further"),
    [("0", []), ("60", aligned("BUY", 60, "1.20000")), ("-100", aligned("SELL", 100, "1.20000"))],
)
def test_row_124_the_waiting_order_ends_when_the_position_is_another_by_then(theirs: str, further: list[str]) -> None:
    waiting = align(believing(), held("100")).belief
    settled = align(waiting, held(theirs, None if theirs == "0" else "1.20"))
    assert settled.events == [*further, "Canceled ALIGN/ALIGN at now"]
    assert settled.belief.orders_open() == []
    assert settled.verdict == "ok"


def test_row_124_orders_that_wait_for_something_else_are_left_alone() -> None:
    belief = align(believing(), held("7", None, OTHER_PAIR)).belief
    belief.add(apply(make_order("O-7", "BUY", units(5), None, instrument=PAIR), OrderSubmitted, OrderAccepted))  # type: ignore[arg-type]  # values are taken too
    settled = align(belief, held("100", "1.10"))
    assert settled.events == aligned("BUY", 100, "1.10000")
    assert [short(one.client_order_id) for one in settled.belief.orders_open()] == ["ALIGN", "O-7"]


@pytest.mark.parametrize(
    ("average", "notes"),
    [("1.10", ["WARNING position.average_differs"]), ("1.0001", []), ("1.00011", ["WARNING position.average_differs"])],
)
def test_row_125_equal_quantity_and_another_average_is_told_and_left(average: str, notes: list[str]) -> None:
    settled = align(holding("100", "1.00"), held("100", average))
    assert (settled.events, settled.notes, settled.verdict) == ([], notes, "ok")
    assert positions(settled.belief) == {OWN: "LONG 100 @ 1.00000"}


@pytest.mark.parametrize("average", [None, "1.10"])
def test_row_126_both_flat_is_nothing(average: str | None) -> None:
    settled = align(believing(), held("0", average))
    assert (settled.events, settled.notes, settled.verdict) == ([], [], "ok")


@pytest.mark.parametrize("theirs", ["150", "50", "0", "-50"])
def test_row_127_with_generation_off_nothing_is_made_up_and_the_instrument_is_uncertain(theirs: str) -> None:
    settled = align(holding("100", "1.00"), held(theirs, "1.10"), generate_missing_orders=False)
    assert settled.events == []
    assert settled.notes == ["WARNING! position.mismatch"]
    assert settled.verdict == "uncertain AUD/USD.SIM"
    assert settled.plan.succeeded
    assert settled.plan.uncertain[PAIR.id] == (
        f"position is 100 here and {theirs} at the venue; nothing is made up, generate_missing_orders is off"
    )
    assert positions(settled.belief) == {OWN: "LONG 100 @ 1.00000"}


@pytest.mark.parametrize("difference", ["0.4", "-0.4", "0.5"])
def test_row_128_difference_below_one_unit_is_dust(difference: str) -> None:
    theirs = structs.replace(held("100", "1.00"), quantity=Quantity(Decimal(100) + Decimal(difference), 1))
    settled = align(holding("100", "1.00"), theirs)
    assert (settled.events, settled.notes, settled.verdict) == ([], ["DEBUG position.dust"], "ok")


def test_position_report_between_two_units_is_met_within_one() -> None:
    theirs = structs.replace(held("100", "1.00"), quantity=Quantity(Decimal("100.7"), 1))
    settled = align(holding("100", "1.00"), theirs)
    assert settled.events == aligned("BUY", 1, "1.00000", OWN)


# -- netting: several owners -------------------------------------------------------------------------------------------


def two_owners(first: str = "100", second: str = "50", at: str = "1.00") -> Belief:
    return believing(bought(first, at), bought(second, at, "O-2", OTHER_STRATEGY))


def test_row_129_two_strategies_that_add_up_to_the_venues_are_left() -> None:
    settled = align(two_owners(), held("150", "1.00"))
    assert (settled.events, settled.notes, settled.verdict) == ([], [], "ok")


def test_row_129_two_strategies_are_compared_by_their_common_average() -> None:
    belief = believing(bought("100", "1.00"), bought("100", "2.00", "O-2", OTHER_STRATEGY))
    assert align(belief, held("200", "1.50")).notes == []
    assert align(belief, held("200", "1.00")).notes == ["WARNING position.average_differs"]
    assert align(two_owners("1", "1"), held("2", "1.20")).notes == ["WARNING position.average_differs"]


def test_row_130_the_largest_position_is_reduced_first() -> None:
    settled = align(two_owners(), held("120", "1.00"))
    assert settled.events == aligned("SELL", 30, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: "LONG 70 @ 1.00000", OTHERS: "LONG 50 @ 1.00000"}
    assert sorted(settled.notes) == ["INFO position.aligned", "WARNING position.shared"]
    assert settled.verdict == "ok"


def test_row_130_the_largest_short_position_is_reduced_first() -> None:
    assert align(two_owners("-50", "-100"), held("-120", "1.00")).events == aligned("BUY", 30, "1.00000", OTHERS)


@pytest.mark.parametrize(("first", "second", "theirs", "side"), [("1", "1", "1", "SELL"), ("-5", "-3", "-7", "BUY")])
def test_row_130_a_single_unit_is_reduced_too(first: str, second: str, theirs: str, side: str) -> None:
    assert align(two_owners(first, second), held(theirs, "1.00")).events == aligned(side, 1, "1.00000", OWN)


def test_row_130_the_next_largest_follows() -> None:
    belief = believing(bought("50", "1.10"), bought("100", "1.00", "O-2", OTHER_STRATEGY))
    settled = align(belief, held("20", "1.10"))
    assert settled.events == aligned("SELL", 100, "1.00000", OTHERS) + aligned("SELL", 30, "1.10000", OWN)
    assert positions(settled.belief) == {OWN: "LONG 20 @ 1.10000", OTHERS: "FLAT"}


def test_row_130_equally_large_positions_go_by_their_ids() -> None:
    for orders in (
        [bought("50", "1.00"), bought("50", "1.10", "O-2", OTHER_STRATEGY)],
        [bought("50", "1.10", "O-2", OTHER_STRATEGY), bought("50", "1.00")],
    ):
        settled = align(believing(*orders), held("70", "1.00"))
        assert settled.events == aligned("SELL", 30, "1.00000", OWN)


def test_row_130_growth_of_a_shared_position_opens_under_internal_diff() -> None:
    settled = align(two_owners(), held("200", "1.10"))
    assert settled.events == aligned("BUY", 50, "1.40000")
    assert positions(settled.belief)[DIFF] == "LONG 50 @ 1.40000"
    assert settled.belief.net(PAIR) == 200


def test_row_130_flip_of_a_shared_position_closes_all_and_opens_the_rest_under_internal_diff() -> None:
    settled = align(two_owners(), held("-30", "1.20"))
    assert settled.events == (
        aligned("SELL", 100, "1.00000", OWN) + aligned("SELL", 50, "1.00000", OTHERS) + aligned("SELL", 30, "1.20000")
    )
    assert positions(settled.belief) == {OWN: "FLAT", OTHERS: "FLAT", DIFF: "SHORT 30 @ 1.20000"}


def test_row_130_opposite_positions_are_reduced_where_the_difference_reduces_them() -> None:
    settled = align(two_owners("100", "-30"), held("90", "1.00"))
    assert settled.events == aligned("BUY", 20, "1.00000", OTHERS)
    assert positions(settled.belief) == {OWN: "LONG 100 @ 1.00000", OTHERS: "SHORT 10 @ 1.00000"}


def test_row_130_growth_beyond_opposite_positions_is_priced_by_what_stays_open() -> None:
    belief = believing(bought("100", "5.00"), bought("-30", "1.00", "O-2", OTHER_STRATEGY))
    settled = align(belief, held("-50", "1.20"))
    # The long is closed at its own average; what stays are 30 @ 1.00 short, and (50*1.20 - 30*1.00) / 20 = 1.50.
    assert settled.events == aligned("SELL", 100, "5.00000", OWN) + aligned("SELL", 20, "1.50000")
    assert positions(settled.belief) == {
        OWN: "FLAT",
        OTHERS: "SHORT 30 @ 1.00000",
        DIFF: "SHORT 20 @ 1.50000",
    }


def test_row_131_an_aligned_position_stays_aligned() -> None:
    first = align(holding("150", "1.00"), held("100", "1.00"))
    second = align(first.belief, held("100", "1.00", ts_last=900))
    assert (second.events, second.notes) == ([], [])


def test_row_132_the_strategys_own_position_ends_flat() -> None:
    settled = align(holding("100", "1.00"), held("0"))
    own = settled.belief.positions[PositionId(OWN)]
    assert not own.is_open
    assert own.strategy_id == STRATEGY
    assert list(settled.belief.positions) == [own.id]
