"""Positions nobody tells of, restarts, and reports that repeat or contradict each other (E, 144 to 149)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.core.reconciliation import Plan, reconcile, reconcile_positions
from nautilus_live.model.enums import OrderSide, OrderType, Provenance
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import AccountId, PositionId
from nautilus_live.model.objects import Price
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, OTHER_STRATEGY, STRATEGY, make_instrument, make_policy, mass_status
from tests.core.reconciliation.aligning import OTHERS, OWN, align, aligned, alignment_orders, bought, holding, positions
from tests.core.reconciliation.settling import (
    NOW,
    OTHER_PAIR,
    PAIR,
    believing,
    cached,
    describe,
    held,
    reported,
    settle,
    traded,
)

OTHER_ACCOUNT = AccountId("SIM-002")


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


def test_a_fill_that_could_not_be_booked_is_not_aligned_away() -> None:
    """We hold 100, the venue nothing: the order that sold them is filled at a price that nobody knows."""
    sold = reported("FILLED", 100, order_type=OrderType.MARKET, order_side=OrderSide.SELL, price=None)
    result = settle(believing(cached("FILLED", "O-2")), [sold], [], [held("0")])
    assert result.belief.net(PAIR) == 100
    assert result.verdict == "quarantined O-1, uncertain AUD/USD.SIM"
    assert [note for note in result.notes if "aligned" in note] == []
    assert "which may be what differs" in result.text("position.not_comparable")
