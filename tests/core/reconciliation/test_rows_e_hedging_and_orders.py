"""Hedged positions, and positions that orders explain (E, 134 to 143)."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.model.enums import OmsType, OrderType, Provenance, TimeInForce
from nautilus_live.model.identifiers import INTERNAL_DIFF
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import PositionStatusReport
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, STRATEGY
from tests.core.reconciliation.aligning import (
    OWN,
    WAITING,
    align,
    aligned,
    alignment_orders,
    bought,
    holding,
    positions,
)
from tests.core.reconciliation.settling import NOW, PAIR, Settled, believing, held, reported, settle, traded

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
