"""What is filtered, what is claimed, and what is not said about positions (D, 91 to 108)."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.reconciliation import reconcile, reconcile_positions
from nautilus_live.model.events import OrderUpdated
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, OTHER_STRATEGY, STRATEGY, apply, make_event, make_policy, mass_status
from tests.core.reconciliation.naming import ACCEPT, CANCEL, INITIALIZED, O_1, ONLY_PAIR, SECOND, WORKING, elsewhere
from tests.core.reconciliation.settling import (
    NOW,
    OTHER_PAIR,
    PAIR,
    believing,
    cached,
    expect,
    held,
    make_pair,
    reported,
    settle,
    traded,
)

ALIGNED = "INFO position.aligned"


# -- filters -----------------------------------------------------------------------------------------------------------


def test_row_091_filtered_order_and_its_fills_are_skipped() -> None:
    result = settle(
        orders=[reported("FILLED", 100), reported("ACCEPTED", **SECOND)],
        fills=[traded("T-1", 60), traded("T-2", 40, client_order_id=None)],
        filtered_client_order_ids=O_1,
    )
    assert result.orders == {"O-2": "ACCEPTED 0/100 @ 1.00000 V-2"}
    assert (result.notes, result.verdict) == ([], "ok")
    plan = result.plan
    assert (plan.orders_received, plan.orders_skipped, plan.fills_received, plan.fills_skipped) == (2, 1, 2, 2)


@pytest.mark.parametrize("filtered", [O_1, frozenset()])
def test_row_091_filtered_cached_order_is_left_alone_also_under_its_venue_id(
    filtered: frozenset[ClientOrderId],
) -> None:
    result = settle(
        believing(cached()), [reported("CANCELED", client_order_id=None)], filtered_client_order_ids=filtered
    )
    assert result.events == ([] if filtered else [CANCEL])


def test_row_091_filtered_cached_order_that_the_venue_leaves_out_is_not_missed() -> None:
    belief = believing(cached(), cached("ACCEPTED", "O-2"))
    result = settle(belief, filtered_client_order_ids=O_1)
    assert [str(note.client_order_id) for note in result.plan.notes] == ["O-2"]
    assert result.notes == ["WARNING order.not_reported"]


def test_row_091_fill_names_the_filtered_id_that_its_order_leaves_out() -> None:
    result = settle(
        orders=[reported("FILLED", 100, client_order_id=None)], fills=[traded("T-1", 40)], filtered_client_order_ids=O_1
    )
    expect(result, [], {})
    assert (result.plan.orders_skipped, result.plan.fills_skipped) == (1, 1)


def test_row_091_filtered_replaced_leg_goes_with_its_order() -> None:
    order = cached()
    apply(order, make_event(OrderUpdated, order, venue_order_id="V-2"))
    result = settle(
        believing(order),
        [reported("CANCELED", 40, client_order_id=None)],
        [traded("T-1", 40, client_order_id=None)],
        filtered_client_order_ids=O_1,
    )
    expect(result, [], {"O-1": "ACCEPTED 0/100 @ 1.00000 V-2"})


def test_row_092_duplicates_of_a_filtered_id_fail_nothing() -> None:
    result = settle(
        orders=[reported("CANCELED"), reported("FILLED", 100, venue_order_id="V-2")], filtered_client_order_ids=O_1
    )
    expect(result, [], {})
    assert result.plan.orders_skipped == 2


@pytest.mark.parametrize("client_order_id", ["O-1", None])
def test_row_093_filtered_order_is_skipped_as_a_single_report_too(client_order_id: str | None) -> None:
    belief = believing(cached())
    report = reported("CANCELED", client_order_id=client_order_id)
    trade = traded("T-1", 40, client_order_id=client_order_id)
    for reports in ({"orders": [report]}, {"fills": [trade]}):
        result = settle(belief, **reports, runtime=True, filtered_client_order_ids=O_1)  # type: ignore[arg-type]  # any
        expect(result, [], WORKING)
        assert result.plan.deferred == []


@pytest.mark.parametrize("status", ["REJECTED", "ACCEPTED", "FILLED"])
def test_row_094_answer_about_a_filtered_order_in_flight_resolves_nothing(status: str) -> None:
    belief = believing(cached("SUBMITTED"))
    result = settle(belief, [reported(status, 100 * (status == "FILLED"))], runtime=True, filtered_client_order_ids=O_1)
    expect(result, [], {"O-1": "SUBMITTED 0/100 @ 1.00000"})


def test_row_095_only_included_instruments_are_reconciled() -> None:
    result = settle(
        orders=[reported("FILLED", 100), reported("FILLED", 100, **elsewhere())],
        fills=[traded("T-1", 100), traded("T-2", 100, **elsewhere())],
        positions=[held("100", "1.0"), held("70", "1.0", instrument=OTHER_PAIR)],
        instrument_ids=ONLY_PAIR,
    )
    expect(
        result,
        [INITIALIZED, ACCEPT, "Filled O-1/V-1 100 @ 1.00000 T-1 TAKER at 150"],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1 V-1"},
    )
    plan = result.plan
    assert (plan.orders_received, plan.fills_received, plan.positions_received) == (2, 2, 2)
    assert (plan.orders_skipped, plan.fills_skipped, plan.positions_skipped) == (1, 1, 1)


def test_row_095_fills_alone_of_an_instrument_that_is_not_included_are_skipped() -> None:
    result = settle(fills=[traded("T-1", 40, **elsewhere())], instrument_ids=ONLY_PAIR)
    expect(result, [], {})
    assert result.plan.fills_skipped == 1


def test_row_095_unknown_instrument_that_is_not_included_fails_nothing() -> None:
    stranger = make_pair("X/USD.SIM")
    result = settle(
        orders=[reported(instrument_id=stranger.id)],
        positions=[held("100", "1.0", instrument=stranger)],
        instrument_ids=ONLY_PAIR,
    )
    expect(result, [], {})


def test_row_095_duplicates_in_an_instrument_that_is_not_included_fail_nothing() -> None:
    other = {"instrument_id": OTHER_PAIR.id}
    result = settle(orders=[reported(**other), reported(venue_order_id="V-2", **other)], instrument_ids=ONLY_PAIR)
    expect(result, [], {})


def test_row_095_cached_order_of_an_instrument_that_is_not_included_is_not_missed() -> None:
    result = settle(believing(cached(instrument=OTHER_PAIR)), instrument_ids=ONLY_PAIR)
    expect(result, [], WORKING)


def test_row_096_empty_include_list_includes_everything() -> None:
    result = settle(orders=[reported(), reported(**elsewhere())], instrument_ids=frozenset())
    assert sorted(result.orders) == ["O-1", "O-2"]
    assert result.plan.orders_skipped == 0


def test_row_097_unclaimed_external_order_is_dropped_and_counted() -> None:
    result = settle(
        orders=[reported("FILLED", 100), reported("ACCEPTED", **SECOND)],
        fills=[traded("T-1", 100)],
        filter_unclaimed_external_orders=True,
    )
    expect(result, [], {})
    assert (result.plan.orders_skipped, result.plan.fills_skipped) == (2, 1)


def test_row_098_our_own_order_is_reconciled_while_external_ones_are_filtered() -> None:
    result = settle(believing(cached()), [reported("CANCELED")], filter_unclaimed_external_orders=True)
    expect(result, [CANCEL], {"O-1": "CANCELED 0/100 @ 1.00000 V-1"})


def test_row_099_alignment_order_is_never_filtered() -> None:
    result = settle(positions=[held("100", "1.1")], filter_unclaimed_external_orders=True)
    expect(
        result,
        [
            "Initialized ALIGN/ALIGN INTERNAL-DIFF['RECONCILIATION'] BUY 100 LIMIT GTC @ 1.10000 at now",
            "Accepted ALIGN/ALIGN at now",
            "Filled ALIGN/ALIGN 100 @ 1.10000 ALIGN estimated at now",
        ],
        {"ALIGN": "FILLED 100/100 @ 1.10000 avg 1.1 ALIGN"},
        [ALIGNED],
    )


def test_row_100_opening_of_a_partial_window_is_never_filtered() -> None:
    result = settle(
        believing(cached()),
        [reported("PARTIALLY_FILLED", 40)],
        [traded("T-1", 40)],
        [held("100", "1.06")],
        filter_unclaimed_external_orders=True,
    )
    expect(
        result,
        [
            "Initialized ALIGN/ALIGN INTERNAL-DIFF['RECONCILIATION'] BUY 60 LIMIT GTC @ 1.10000 at 149",
            "Accepted ALIGN/ALIGN at 149",
            "Filled ALIGN/ALIGN 60 @ 1.10000 ALIGN position AUD/USD.SIM-S-001 estimated at 149",
            "Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150",
        ],
        {
            "O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 avg 1 V-1",
            "ALIGN": "FILLED 60/60 @ 1.10000 avg 1.1 ALIGN",
        },
        ["INFO position.window_incomplete"],
    )


# -- claims ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filtered", [True, False])
def test_row_101_claimed_external_order_belongs_to_the_strategy_without_a_tag(filtered: bool) -> None:
    result = settle(
        orders=[reported("FILLED", 100), reported(**elsewhere())],
        fills=[traded("T-1", 100)],
        claims={PAIR.id: STRATEGY},
        filter_unclaimed_external_orders=filtered,
    )
    assert result.events[0] == "Initialized O-1/V-1 S-001[] BUY 100 LIMIT GTC @ 1.00000 at 110"
    assert [str(name) for name in result.belief.positions] == ["AUD/USD.SIM-S-001"]
    assert ("O-2" in result.orders) is not filtered
    assert (result.notes, result.verdict) == ([], "ok")


@pytest.mark.parametrize(("option", "owner"), [(False, "INTERNAL-DIFF"), (True, "S-001")])
def test_row_102_alignment_order_is_claimed_only_where_that_is_wanted(option: bool, owner: str) -> None:
    result = settle(positions=[held("100", "1.1")], claims={PAIR.id: STRATEGY}, claim_alignment_orders=option)
    assert result.events[0] == (f"Initialized ALIGN/ALIGN {owner}['RECONCILIATION'] BUY 100 LIMIT GTC @ 1.10000 at now")
    assert [str(name) for name in result.belief.positions] == [f"AUD/USD.SIM-{owner}"]


def test_row_104_claim_changes_nothing_about_an_order_that_has_an_owner() -> None:
    belief = believing(cached(strategy_id=OTHER_STRATEGY))
    result = settle(belief, [reported("FILLED", 100)], [traded("T-1", 100)], claims={PAIR.id: STRATEGY})
    assert result.order().strategy_id == OTHER_STRATEGY
    assert [str(name) for name in result.belief.positions] == ["AUD/USD.SIM-S-002"]


# -- position reports --------------------------------------------------------------------------------------------------


def test_row_105_position_reports_are_ignored_where_they_are_filtered() -> None:
    belief = believing(cached("FILLED"))
    result = settle(belief, positions=[held("-70", "1.4")], filter_position_reports=True)
    expect(result, [], {"O-1": "FILLED 100/100 @ 1.00000 avg 1 V-1"})
    assert result.belief.net(PAIR) == 100


def test_row_105_filtered_position_reports_open_no_window_either() -> None:
    result = settle(
        believing(cached()),
        [reported("PARTIALLY_FILLED", 40)],
        [traded("T-1", 40)],
        [held("100", "1.06")],
        filter_position_reports=True,
    )
    expect(
        result,
        ["Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150"],
        {"O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 avg 1 V-1"},
    )


@pytest.mark.parametrize("missing", ["orders", "fills", "positions"])
@pytest.mark.parametrize("filtered", [True, False])
def test_row_106_field_report_f20_part_that_was_not_answered_fails_and_changes_nothing(
    missing: str, filtered: bool
) -> None:
    parts: dict[str, Any] = {
        "orders": [reported("CANCELED")],
        "fills": [traded("T-1", 40)],
        "positions": [held("40", "1.0")],
        missing: None,
    }
    plan = reconcile(believing(cached()), mass_status(**parts), make_policy(filter_position_reports=filtered), NOW)
    assert plan.events == []
    assert plan.failed == [f"SIM-001: the venue did not answer for its {missing}; unknown is not empty"]
    assert not plan.succeeded
    assert [(note.kind, note.level.name, note.alarm) for note in plan.notes] == [("venue.unanswered", "ERROR", True)]


def test_row_106_all_parts_that_were_not_answered_are_named() -> None:
    plan = reconcile(believing(), mass_status(None, None, None), make_policy(), NOW)
    assert plan.failed == ["SIM-001: the venue did not answer for its orders, fills, positions; unknown is not empty"]


def test_row_107_position_that_was_asked_for_again_is_ignored_where_reports_are_filtered() -> None:
    belief = believing(cached("FILLED"))
    policy = make_policy(filter_position_reports=True, position_silence="flat")
    plan = reconcile_positions(belief, ACCOUNT, [held("-70", "1.4")], policy, NOW, silent=[PAIR.id])
    assert (plan.events, plan.notes, plan.uncertain, plan.failed) == ([], [], {}, [])
    assert (plan.positions_received, plan.positions_skipped) == (1, 1)


def test_row_108_orphan_fills_of_a_filtered_id_are_skipped_by_either_id() -> None:
    belief = believing(cached())
    orphans = [traded("T-1", 40, venue_order_id="V-77"), traded("T-2", 20, client_order_id=None)]
    result = settle(belief, fills=orphans, filtered_client_order_ids=O_1)
    expect(result, [], WORKING)
    assert result.plan.fills_skipped == 2


def test_field_report_f19_order_that_cannot_be_used_leaves_the_rest_alone() -> None:
    stranger = reported(
        "FILLED", 100, client_order_id="O-0", venue_order_id="V-0", instrument_id=make_pair("X/USD.SIM").id
    )
    contradictory = reported("FILLED", 120, **SECOND)
    result = settle(orders=[stranger, contradictory, reported("CANCELED")])
    assert result.orders["O-1"] == "CANCELED 0/100 @ 1.00000 V-1"
    assert result.verdict == "quarantined O-2, uncertain AUD/USD.SIM, failed"


# -- silence about positions -------------------------------------------------------------------------------------------


def silence(policy_choice: str, belief: Belief, *instruments: InstrumentId) -> Any:
    return reconcile_positions(
        belief, ACCOUNT, [], make_policy(position_silence=policy_choice), NOW, silent=instruments
    )


def test_silence_about_a_position_keeps_it_and_says_that_it_is_not_certain() -> None:
    plan = silence("unknown", believing(cached("FILLED")), PAIR.id)
    text = "we hold 100, the venue reports no position at all; ours kept"
    assert (plan.events, plan.uncertain) == ([], {PAIR.id: text})
    assert [note.instrument_id for note in plan.notes] == [PAIR.id]
    assert [(note.kind, note.level.name, note.alarm) for note in plan.notes] == [("position.silent", "WARNING", True)]
    assert 'position_silence = "flat"' in plan.notes[0].text  # the ways out
    assert "clear_uncertain()" in plan.notes[0].text
    assert plan.succeeded


def test_silence_about_a_position_is_flat_where_that_is_chosen() -> None:
    belief = believing(cached("FILLED"))
    plan = silence("flat", belief, PAIR.id)
    belief.apply(plan)
    assert (belief.net(PAIR), plan.uncertain) == (0, {})
    assert silence("flat", belief, PAIR.id).events == []


@pytest.mark.parametrize("choice", ["unknown", "flat"])
def test_silence_of_one_account_says_nothing_about_anothers_position(choice: str) -> None:
    belief = believing(cached("FILLED"))
    other = AccountId("SIM-002")
    policy = make_policy(position_silence=choice)
    plan = reconcile_positions(belief, other, [], policy, NOW, silent=[PAIR.id])
    assert (plan.events, plan.notes, plan.uncertain) == ([], [], {})


@pytest.mark.parametrize("choice", ["unknown", "flat"])
def test_silence_about_an_instrument_that_we_do_not_hold_says_nothing(choice: str) -> None:
    plan = silence(choice, believing(cached("FILLED")), OTHER_PAIR.id)
    assert (plan.events, plan.notes, plan.uncertain) == ([], [], {})
