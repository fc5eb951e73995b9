"""BEHAVIOUR.md group E: positions at startup; the number in a test's name is the row's.

`settle` checks for every row that the plan does not depend on the order of the reports, can be applied, and leaves
nothing to do the second time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core.reconciliation import Plan, reconcile, reconcile_positions
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OmsType, OrderStatus, OrderType, Provenance, TimeInForce
from nautilus_live.model.events import OrderAccepted, OrderFilled, OrderInitialized, OrderSubmitted
from nautilus_live.model.identifiers import INTERNAL_DIFF, AccountId, PositionId, StrategyId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import PositionStatusReport
from tests.core.conftest import (
    ACCOUNT,
    OTHER_STRATEGY,
    STRATEGY,
    Belief,
    apply,
    make_fill,
    make_instrument,
    make_order,
    make_policy,
    mass_status,
)
from tests.core.reconciliation.settling import (
    NOW,
    OTHER_PAIR,
    PAIR,
    USD,
    Settled,
    believing,
    describe,
    held,
    price,
    reported,
    settle,
    short,
    traded,
    units,
)

OWN = "AUD/USD.SIM-S-001"
OTHERS = "AUD/USD.SIM-S-002"
DIFF = "AUD/USD.SIM-INTERNAL-DIFF"
OTHER_ACCOUNT = AccountId("SIM-002")


def bought(signed: str, at: str, name: str = "O-1", strategy: StrategyId = STRATEGY, **fields: Any) -> Order:
    """Return an order of ours that was filled and opened a position of `signed` at a price."""
    quantity = units(signed.lstrip("-"))
    order = make_order(name, "SELL" if signed.startswith("-") else "BUY", quantity, price(at), instrument=PAIR,  # type: ignore[arg-type]  # values are taken too
                       strategy_id=strategy)  # fmt: skip
    fill = {"currency": USD, "trade": f"T-{name}", **fields}
    apply(order, OrderSubmitted, OrderAccepted)
    return apply(order, make_fill(order, quantity, price(at), **fill))  # type: ignore[arg-type]  # values are taken too


def holding(signed: str, at: str, **fields: Any) -> Belief:
    return believing(bought(signed, at), **fields)


def quoted(bid: str, ask: str) -> tuple[QuoteTick, ...]:
    return (QuoteTick(PAIR.id, price(bid), price(ask), units(1), units(1), 0, 0),)


def positions(belief: Belief) -> dict[str, str]:
    """Return every position as a text: side, quantity, average, and what was realised unless nothing was."""
    return {short(name): _shown(one) for name, one in belief.positions.items()}


def _shown(position: Position) -> str:
    realized = f" realized {position.realized_pnl}" if position.realized else ""
    if not position.is_open:
        return f"FLAT{realized}"
    return f"{position.side.name} {position.quantity} @ {position.avg_px_open:.5f}{realized}"


def aligned(side: str, quantity: int | str, at: str, position: str | None = None, strategy: str = "INTERNAL-DIFF"):  # type: ignore[no-untyped-def]  # a list of texts
    """Return the events of one alignment order, as `describe` shows them."""
    tags = "['RECONCILIATION']"
    owner = f" position {position}" if position is not None else ""
    return [
        f"Initialized ALIGN/ALIGN {strategy}{tags} {side} {quantity} LIMIT GTC @ {at} at now",
        "Accepted ALIGN/ALIGN at now",
        f"Filled ALIGN/ALIGN {quantity} @ {at} ALIGN{owner} estimated at now",
    ]


def align(belief: Belief, *reports: PositionStatusReport, **choices: Any) -> Settled:
    settled = settle(belief, positions=list(reports), **choices)
    assert {note.instrument_id for note in settled.plan.notes} <= {report.instrument_id for report in reports}
    return settled


def alignment_orders(settled: Settled) -> list[Order]:
    made = [event for event in settled.plan.events if isinstance(event, OrderInitialized)]
    return [settled.belief.orders[event.client_order_id] for event in made]


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


WAITING = [
    "Initialized ALIGN/ALIGN INTERNAL-DIFF['RECONCILIATION'] BUY 100 MARKET IOC at now",
    "Accepted ALIGN/ALIGN at now",
]


@pytest.mark.parametrize("average", [None, "0", "0.000001", "-1.00"])
def test_row_124_without_any_price_a_market_order_waits_and_nothing_is_filled(average: str | None) -> None:
    settled = align(believing(), held("100", average))
    assert settled.events == WAITING
    assert positions(settled.belief) == {}
    [order] = alignment_orders(settled)
    assert order.status is OrderStatus.ACCEPTED
    assert not order.filled_qty
    assert order.avg_px is None
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


# -- hedging -----------------------------------------------------------------------------------------------------------


def hedged(*orders: Order) -> Belief:
    return believing(*orders, oms_type=OmsType.HEDGING)


def hedge(belief: Belief, *reports: PositionStatusReport, **choices: Any) -> Settled:
    return align(belief, *reports, oms_type=OmsType.HEDGING, **choices)


def test_row_134_known_hedged_position_that_agrees_is_nothing() -> None:
    belief = hedged(bought("100", "1.00", position_id="P-1"))
    settled = hedge(belief, held("100", "1.00", venue_position_id="P-1"))
    assert (settled.events, settled.notes, settled.verdict) == ([], [], "ok")


def test_row_135_known_hedged_position_is_aligned_under_its_id() -> None:
    belief = hedged(bought("100", "1.00", position_id="P-1"), bought("-70", "1.00", "O-2", position_id="P-2"))
    settled = hedge(
        belief,
        held("150", "1.10", venue_position_id="P-1"),
        held("-20", "1.00", venue_position_id="P-2"),
    )
    assert settled.events == aligned("BUY", 50, "1.30000", "P-1") + aligned("BUY", 50, "1.00000", "P-2")
    assert positions(settled.belief) == {"P-1": "LONG 150 @ 1.10000", "P-2": "SHORT 20 @ 1.00000"}
    assert settled.verdict == "ok"


def test_row_135_known_hedged_position_that_is_flat_at_the_venue_is_closed_at_its_average() -> None:
    belief = hedged(bought("100", "1.00", position_id="P-1"))
    settled = hedge(belief, held("0", venue_position_id="P-1"))
    assert settled.events == aligned("SELL", 100, "1.00000", "P-1")
    assert positions(settled.belief) == {"P-1": "FLAT"}


def test_row_136_unknown_hedged_position_is_opened_under_its_id() -> None:
    belief = hedged(bought("100", "1.00", position_id="P-1"))
    settled = hedge(belief, held("-40", "1.20", venue_position_id="P-9"))
    assert settled.events == aligned("SELL", 40, "1.20000", "P-9")
    assert positions(settled.belief) == {"P-1": "LONG 100 @ 1.00000", "P-9": "SHORT 40 @ 1.20000"}


def test_row_137_unknown_hedged_position_that_is_flat_is_nothing() -> None:
    settled = hedge(hedged(), held("0", venue_position_id="P-9"))
    assert (settled.events, settled.notes, settled.verdict) == ([], [], "ok")


def closed_hedge() -> Belief:
    return hedged(bought("100", "1.00", position_id="P-1"), bought("-100", "1.00", "O-2", position_id="P-1"))


def test_row_137_known_hedged_position_that_is_flat_on_both_sides_is_nothing() -> None:
    settled = hedge(closed_hedge(), held("0", "1.10", venue_position_id="P-1"))
    assert (settled.events, settled.notes) == ([], [])


def test_row_136_closed_hedged_position_is_reopened_and_its_old_average_is_history() -> None:
    settled = hedge(closed_hedge(), held("50", "1.20", venue_position_id="P-1"))
    assert settled.events == aligned("BUY", 50, "1.20000", "P-1")
    assert positions(settled.belief) == {"P-1": "LONG 50 @ 1.20000"}
    unpriced = hedge(closed_hedge(), held("100", venue_position_id="P-1"))
    assert unpriced.events == WAITING


def test_row_136_ids_do_not_depend_on_the_other_positions() -> None:
    def ids(*names: str) -> set[str]:
        reports = [held("100", "1.10", venue_position_id=name) for name in names]
        return {one.client_order_id.value for one in alignment_orders(hedge(hedged(), *reports))}

    assert ids("P-1", "P-2") == ids("P-1") | ids("P-2")
    assert len(ids("P-1", "P-2")) == 2


def test_row_138_hedged_mismatch_with_generation_off_is_uncertain_and_succeeds() -> None:
    belief = hedged(bought("100", "1.00", position_id="P-1"))
    settled = hedge(belief, held("150", "1.10", venue_position_id="P-1"), generate_missing_orders=False)
    assert settled.events == []
    assert settled.verdict == "uncertain AUD/USD.SIM"
    assert settled.plan.succeeded


# -- what orders explain -----------------------------------------------------------------------------------------------


def closing_order(filled: str = "100", **fields: Any) -> dict[str, Any]:
    """Return the reports of an order from elsewhere that may only reduce, and is filled."""
    order = reported(
        "FILLED", filled, order_side="SELL", reduce_only=True, avg_px="1.20", client_order_id=None, price="1.20000"
    )
    fill = traded("T-1", filled, "1.20000", order_side="SELL", client_order_id=None)
    return {"orders": [order], "fills": [fill], **fields}


@pytest.mark.parametrize("flat_reported", [True, False])
def test_row_140_foreign_reduce_only_order_opens_no_phantom(flat_reported: bool) -> None:
    settled = settle(believing(), **closing_order(positions=[held("0")] if flat_reported else []))
    assert settled.orders == {"EXT-V-1": "FILLED 100/100 @ 1.20000 avg 1.2 V-1"}
    assert positions(settled.belief) == {}
    assert settled.notes == ["INFO position.closed_unseen"]
    assert settled.events[-1].endswith("silent at 150")


def test_row_140_foreign_reduce_only_order_reduces_what_we_hold() -> None:
    settled = settle(holding("150", "1.00"), **closing_order(positions=[held("50", "1.00")]))
    assert positions(settled.belief) == {OWN: "LONG 50 @ 1.00000 realized 20.00 USD"}
    assert settled.belief.net(PAIR) == 50
    assert settled.notes == []


def test_row_140_foreign_reduce_only_buy_reduces_a_short_and_nothing_else() -> None:
    def buying(belief: Belief, left: str) -> Settled:
        order = reported("FILLED", "30", quantity="30", order_side="BUY", reduce_only=True, avg_px="1.00")
        fill = traded("T-1", "30", order_side="BUY")
        return settle(belief, [order], [fill], [held(left)], claims={PAIR.id: STRATEGY})

    ours = bought("-100", "1.00", "O-2")
    assert positions(buying(believing(ours), "-70").belief) == {OWN: "SHORT 70 @ 1.00000"}
    assert positions(buying(believing(bought("100", "1.00", "O-2")), "100").belief) == {OWN: "LONG 100 @ 1.00000"}
    assert positions(buying(believing(), "0").belief) == {}


def test_row_140_foreign_reduce_only_order_on_the_side_of_our_position_is_silent() -> None:
    settled = settle(holding("-30", "1.00"), **closing_order(positions=[held("-30", "1.00")]))
    assert positions(settled.belief) == {OWN: "SHORT 30 @ 1.00000"}
    assert settled.notes == ["INFO position.closed_unseen"]


def test_row_141_alignment_order_is_plain_and_tagged() -> None:
    [order] = alignment_orders(align(holding("150", "1.00"), held("100", "1.00")))
    init = order.init
    assert (init.reduce_only, init.post_only, init.tags) == (False, False, ("RECONCILIATION",))
    assert (init.order_type, init.time_in_force) == (OrderType.LIMIT, TimeInForce.GTC)
    assert (init.strategy_id, init.provenance) == (INTERNAL_DIFF, Provenance.RECONCILIATION)
    assert (init.ts_event, init.ts_init) == (NOW, NOW)
    [fill] = order.fills.values()
    assert (fill.commission, fill.last_px_estimated, fill.affects_position) == (None, True, True)
    assert (fill.strategy_id, fill.account_id, fill.ts_event) == (INTERNAL_DIFF, ACCOUNT, NOW)
    assert order.venue_order_id is not None
    assert order.client_order_id.value == order.venue_order_id.value
    assert fill.trade_id.value.startswith("ALIGN-")


def test_row_141_alignment_orders_are_not_claimed_unless_asked_for() -> None:
    claims = {PAIR.id: STRATEGY}
    assert align(believing(), held("100", "1.10"), claims=claims).events == aligned("BUY", 100, "1.10000")
    claimed = align(believing(), held("100", "1.10"), claims=claims, claim_alignment_orders=True)
    assert claimed.events == aligned("BUY", 100, "1.10000", strategy="S-001")
    assert positions(claimed.belief) == {OWN: "LONG 100 @ 1.10000"}


def test_row_141_alignment_orders_are_not_filtered_with_unclaimed_orders() -> None:
    settled = align(believing(), held("100", "1.10"), filter_unclaimed_external_orders=True)
    assert settled.events == aligned("BUY", 100, "1.10000")


def filled_order(**fields: Any) -> dict[str, Any]:
    return {
        "orders": [reported("FILLED", "100", avg_px="1.00")],
        "fills": [traded("T-1", "100", "1.00000")],
        **fields,
    }


def test_row_142_position_that_orders_explain_needs_no_alignment() -> None:
    settled = settle(believing(), **filled_order(positions=[held("100", "1.00")]))
    assert [order.client_order_id.value for order in alignment_orders(settled)] == ["O-1"]
    assert positions(settled.belief) == {"AUD/USD.SIM-EXTERNAL": "LONG 100 @ 1.00000"}
    assert settled.notes == []


@pytest.mark.parametrize("trades", [["100@1.00000"], ["60@1.00000", "40@1.00000"], ["60@1.20000", "40@0.70000"]])
def test_row_142_trades_that_replace_placeholders_explain_the_position(trades: list[str]) -> None:
    report = reported("FILLED", "100", avg_px="1.00", ts_last=200)
    first = settle(believing(), [report], [], [held("100", "1.00")], claims={PAIR.id: STRATEGY})
    fills = [
        traded(f"T-{number}", text.split("@")[0], text.split("@")[1], ts=120 + number)
        for number, text in enumerate(trades)
    ]
    settled = settle(first.belief, [report], fills, [held("100", "1.00")], claims={PAIR.id: STRATEGY})
    assert [event.split()[0] for event in settled.events] == ["Filled"] * len(trades)
    assert positions(settled.belief) == {OWN: "LONG 100 @ 1.00000"}
    assert settled.notes == []


def test_row_142_a_trade_larger_than_its_placeholder_moves_the_position_by_the_rest() -> None:
    first = settle(
        believing(), [reported("PARTIALLY_FILLED", "40", avg_px="1.00")], [], [held("40")], claims={PAIR.id: STRATEGY}
    )
    settled = settle(
        first.belief,
        [reported("FILLED", "100", avg_px="1.00", ts_last=300)],
        [traded("T-1", "100")],
        [held("100", "1.00")],
        claims={PAIR.id: STRATEGY},
    )
    assert [event.split()[0] for event in settled.events] == ["Filled"]
    assert positions(settled.belief) == {OWN: "LONG 100 @ 1.00000"}


def test_row_143_what_orders_leave_unexplained_of_a_known_position_is_aligned() -> None:
    settled = settle(holding("20", "1.00"), **{**filled_order(), "orders": [], "fills": []}, positions=[held("20")])
    assert settled.events == []
    known = believing(bought("1", "1.00", "O-0"))  # not cold: the alignment's case, not the window's
    settled = settle(
        known,
        [reported("FILLED", "99", quantity="99", avg_px="1.00")],
        [traded("T-1", "99", "1.00000")],
        [held("150", "1.10")],
        claims={PAIR.id: STRATEGY},
    )
    assert settled.events[-3:] == aligned("BUY", 50, "1.30000", OWN)
    assert positions(settled.belief) == {OWN: "LONG 150 @ 1.10000"}


# -- silence and errors ------------------------------------------------------------------------------------------------


def about_silence(belief: Belief, silence: str) -> Plan:
    policy = make_policy(position_silence=silence)
    return reconcile_positions(belief, ACCOUNT, [], policy, NOW, silent=[PAIR.id, OTHER_PAIR.id])


def test_row_144_silence_about_a_position_is_unknown_by_default() -> None:
    belief = holding("100", "1.00")
    plan = about_silence(belief, "unknown")
    assert plan.events == []
    assert plan.uncertain == {PAIR.id: "we hold 100, the venue reports no position at all; ours kept"}
    assert [(note.kind, note.alarm) for note in plan.notes] == [("position.silent", True)]
    assert plan.succeeded


def test_row_144_silence_about_a_position_is_flat_if_configured() -> None:
    belief = holding("100", "1.00")
    plan = about_silence(belief, "flat")
    assert [describe(event) for event in plan.events] == aligned("SELL", 100, "1.00000", OWN)
    belief.apply(plan)
    assert positions(belief) == {OWN: "FLAT"}
    assert about_silence(belief, "flat").events == []
    assert plan.uncertain == {}


def test_row_144_mass_status_without_the_position_leaves_it() -> None:
    settled = align(holding("100", "1.00"))
    assert (settled.events, settled.verdict) == ([], "ok")


def test_row_146_unanswered_position_query_fails_and_changes_nothing() -> None:
    status = mass_status([reported()], [], None)
    plan = reconcile(holding("100", "1.00"), status, make_policy(), NOW)
    assert plan.events == []
    assert not plan.succeeded
    assert [note.kind for note in plan.notes] == ["venue.unanswered"]
    assert "positions" in plan.failed[0]


def test_position_of_an_unknown_instrument_fails() -> None:
    stranger = make_instrument("XYZ.SIM")
    settled = align(holding("100", "1.00"), held("5", "1.00", stranger), held("150", "1.10"))
    assert settled.events == aligned("BUY", 50, "1.30000", OWN)  # the others are still aligned
    assert settled.verdict == "failed"
    assert sorted(settled.notes) == ["ERROR! instrument.unknown", "INFO position.aligned"]


# -- accounts, restarts ------------------------------------------------------------------------------------------------


def test_row_147_positions_are_compared_within_their_account() -> None:
    theirs = bought("70", "1.00", "O-2", OTHER_STRATEGY, account_id=OTHER_ACCOUNT)
    belief = believing(bought("100", "1.00"), theirs)
    assert align(belief, held("100", "1.00")).events == []
    settled = align(belief, held("0"))
    assert settled.events == aligned("SELL", 100, "1.00000", OWN)
    assert positions(settled.belief) == {OWN: "FLAT", OTHERS: "LONG 70 @ 1.00000"}


def test_row_148_restart_from_what_was_stored_makes_nothing_up_again() -> None:
    first = align(believing(), held("100", "1.10"))
    again = align(first.belief, held("100", "1.10"))
    assert (again.events, again.notes) == ([], [])


def test_row_148_restart_without_a_store_invents_the_same_ids() -> None:
    ids = [
        [order.client_order_id for order in alignment_orders(align(believing(), held("100", average)))]
        for average in ("1.10", "1.1000")
    ]
    assert ids[0] == ids[1]


def test_row_148_the_same_discrepancy_later_is_another_event() -> None:
    first = align(believing(), held("100", "1.10"))
    closed = align(first.belief, held("0"))
    again = align(closed.belief, held("100", "1.10"))
    assert again.events == aligned("BUY", 100, "1.10000")
    ids = {one.client_order_id for settled in (first, closed, again) for one in alignment_orders(settled)}
    assert len(ids) == 3


def test_row_149_flat_report_after_fills_closes_exactly_what_is_left() -> None:
    order = bought("77", "1.00003")
    settled = settle(
        believing(order),
        [reported("FILLED", "100", client_order_id="O-2", venue_order_id="V-2", order_side="SELL", avg_px="1.10")],
        [traded("T-2", "100", "1.10000", client_order_id="O-2", venue_order_id="V-2", order_side="SELL")],
        [held("0")],
        claims={PAIR.id: STRATEGY},
    )
    assert settled.events[-3:] == aligned("BUY", 23, "1.10000", OWN)
    position = settled.belief.positions[PositionId(OWN)]
    assert not position.is_open
    assert position.total_realized_pnl.value == Decimal("7.70")  # 77 from 1.00003 to 1.10000, no more


# -- reports that repeat or contradict each other ----------------------------------------------------------------------


def test_position_reported_twice_counts_once() -> None:
    settled = align(holding("100", "1.00"), held("150", "1.10"), held("150", "1.10"))
    assert settled.events == aligned("BUY", 50, "1.30000", OWN)
    assert settled.notes == ["INFO position.aligned"]


@pytest.mark.parametrize(
    ("other", "average"),
    [({"ts_last": 99}, "1.30"), ({}, "1.00")],
    ids=["an older one", "as old, with a lower average"],
)
def test_position_reported_differently_counts_as_reported_last(other: dict[str, Any], average: str) -> None:
    settled = align(holding("100", "1.00"), held("150", "1.10"), held("150", average, **other))
    assert settled.events == aligned("BUY", 50, "1.30000", OWN)
    assert sorted(settled.notes) == ["INFO position.aligned", "WARNING position.reported_twice"]


def test_filtered_position_reports_align_nothing() -> None:
    settled = align(holding("100", "1.00"), held("150", "1.10"), filter_position_reports=True)
    assert (settled.events, settled.notes) == ([], [])


def test_position_outside_the_include_list_is_skipped() -> None:
    settled = align(holding("100", "1.00"), held("150", "1.10"), instrument_ids=frozenset({OTHER_PAIR.id}))
    assert (settled.events, settled.notes, settled.plan.positions_skipped) == ([], [], 1)


def test_several_instruments_are_aligned_each_for_itself() -> None:
    settled = align(believing(), held("100", "1.10"), held("-7", "0.50", OTHER_PAIR))
    assert settled.events == aligned("BUY", 100, "1.10000") + aligned("SELL", 7, "0.50000")
    assert settled.belief.net(PAIR) == 100
    assert settled.belief.net(OTHER_PAIR) == -7


def test_alignment_trade_is_told_apart_from_venue_trades() -> None:
    settled = align(believing(), held("100", "1.10"))
    fills = [event for event in settled.plan.events if isinstance(event, OrderFilled)]
    assert [fill.provenance for fill in fills] == [Provenance.RECONCILIATION]
    assert fills[0].trade_id.value.startswith("ALIGN-")
    assert fills[0].last_px == Price.from_str("1.10000")
