"""Group D of the behaviour catalogue: ids that occur twice, claims, filters; and answers that were not given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core.reconciliation import reconcile, reconcile_positions
from nautilus_live.core.reconciliation.duplicates import more_advanced, unique_orders
from nautilus_live.core.reconciliation.filters import Filters
from nautilus_live.core.reconciliation.replacing import HANDOVER_NS_MAX
from nautilus_live.core.reconciliation.types import Note
from nautilus_live.errors import DuplicateClientOrderId, VenueError
from nautilus_live.model.enums import OrderSide, Provenance
from nautilus_live.model.events import OrderUpdated
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId
from nautilus_live.model.reports import OrderStatusReport
from tests.core.conftest import ACCOUNT, OTHER_STRATEGY, STRATEGY, Belief, apply, make_event, make_policy, mass_status
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
    shuffled,
    traded,
)

INITIALIZED = "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 LIMIT GTC @ 1.00000 at 110"
ACCEPT = "Accepted O-1/V-1 at 110"
CANCEL = "Canceled O-1/V-1 at 200"
WORKING = {"O-1": "ACCEPTED 0/100 @ 1.00000 V-1"}
INFERRED = "INFO fill.inferred"
DUPLICATE = "WARNING order.duplicate_client_order_id"
TWICE = "WARNING order.reported_twice"
ALIGNED = "INFO position.aligned"

O_1 = frozenset({ClientOrderId("O-1")})
ONLY_PAIR = frozenset({PAIR.id})
SECOND = {"client_order_id": "O-2", "venue_order_id": "V-2"}


def elsewhere(report_or_fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the fields of O-2/V-2 in the other instrument."""
    return {**SECOND, "instrument_id": OTHER_PAIR.id, **(report_or_fields or {})}


# -- duplicates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("belief", [believing(), believing(cached())])
def test_row_087_two_orders_with_one_client_id_fail_before_anything_is_planned(belief: Belief) -> None:
    innocent = reported("CANCELED", client_order_id="O-5", venue_order_id="V-5")
    status = mass_status([innocent, reported("CANCELED"), reported("FILLED", 100, venue_order_id="V-2")])
    texts = []
    for one in (status, *shuffled(status)):
        with pytest.raises(DuplicateClientOrderId) as failure:
            reconcile(belief, one, make_policy(), NOW)
        texts.append(str(failure.value))
    assert set(texts) == {
        "2 orders have the client order id O-1: O-1 / V-1 CANCELED 0 of 100 filled; O-1 / V-2 FILLED 100 of 100 filled"
    }


@pytest.mark.parametrize("local", ["ACCEPTED", "SUBMITTED", "PENDING_CANCEL"])
def test_row_087_canceled_and_live_order_under_one_id_fail_unless_we_asked_for_a_change(local: str) -> None:
    pair = mass_status([reported("CANCELED"), reported("ACCEPTED", venue_order_id="V-2")])
    with pytest.raises(DuplicateClientOrderId):
        reconcile(believing(cached(local)), pair, make_policy(), NOW)


@pytest.mark.parametrize(("status", "venue_order_id"), [("EXPIRED", "V-1"), ("ACCEPTED", "V-1"), ("CANCELED", "V-9")])
def test_row_087_only_our_own_canceled_leg_is_explained_by_a_pending_update(status: str, venue_order_id: str) -> None:
    pair = mass_status([reported(status, venue_order_id=venue_order_id), reported("ACCEPTED", venue_order_id="V-2")])
    with pytest.raises(DuplicateClientOrderId):
        reconcile(believing(cached("PENDING_UPDATE")), pair, make_policy(), NOW)


def test_row_087_of_several_duplicates_the_same_one_is_named_whatever_comes_first() -> None:
    orders = [reported(client_order_id=f"O-{number % 4}", venue_order_id=f"V-{number}") for number in range(8)]
    texts = []
    for one in shuffled(mass_status(orders)):
        with pytest.raises(DuplicateClientOrderId) as failure:
            reconcile(believing(), one, make_policy(), NOW)
        texts.append(str(failure.value))
    assert {text.partition(":")[0] for text in texts} == {"2 orders have the client order id O-0"}


def test_row_087_three_orders_are_all_named() -> None:
    status = mass_status([reported("ACCEPTED", venue_order_id=f"V-{number}") for number in (1, 2, 3)])
    with pytest.raises(DuplicateClientOrderId, match=r"3 orders .* O-1 / V-1 .* O-1 / V-2 .* O-1 / V-3"):
        reconcile(believing(), status, make_policy(), NOW)


@pytest.mark.parametrize(("local", "by"), [("PENDING_UPDATE", Provenance.STREAM), ("CANCELED", Provenance.POLICY)])
def test_row_087_field_report_e1_both_legs_of_a_change_whose_answer_was_lost_are_one_order(
    local: str, by: Provenance
) -> None:
    order = cached(local, by=by)
    result = settle(believing(order), [reported("CANCELED"), reported("ACCEPTED", venue_order_id="V-2", price="1.02")])
    updated = "Updated O-1/V-2 to 100 @ 1.02000 at 200"
    reopened = local == "CANCELED"
    expect(
        result,
        ["Accepted O-1/V-1 at 200", updated] if reopened else [updated],
        {"O-1": "ACCEPTED 0/100 @ 1.02000 V-2"},
        ["INFO order.superseded", "INFO order.replaced", *["WARNING! order.reopened"] * reopened],
    )


def legs(*ends: str, filled: tuple[int, ...] = (0, 0, 0), gap: int = 0) -> list[OrderStatusReport]:
    """Return the legs V-1, V-2, ... of O-1, each placed `gap` ns after the one before ended."""
    return [
        reported(
            end,
            filled[number],
            venue_order_id=f"V-{number + 1}",
            ts_accepted=100 * (number + 1) + gap,
            ts_last=100 * (number + 2),
        )
        for number, end in enumerate(ends)
    ]


@pytest.mark.parametrize("belief", [believing(), believing(cached())])
@pytest.mark.parametrize("end", ["ACCEPTED", "EXPIRED", "CANCELED"])
def test_row_087_legs_that_the_venue_replaced_unheard_are_one_order(belief: Belief, end: str) -> None:
    result = settle(belief, legs("CANCELED", "CANCELED", end))
    assert result.orders == {"O-1": f"{end} 0/100 @ 1.00000 V-3"}
    assert result.notes.count("INFO order.superseded") == 2


def test_row_087_a_leg_may_be_placed_a_moment_after_the_one_before_was_canceled() -> None:
    result = settle(orders=legs("CANCELED", "ACCEPTED", gap=HANDOVER_NS_MAX))
    assert result.orders == {"O-1": "ACCEPTED 0/100 @ 1.00000 V-2"}


def test_row_087_trades_on_unheard_legs_belong_to_the_order() -> None:
    trades = [traded("T-1", 30, client_order_id="O-1"), traded("T-2", 10, venue_order_id="V-2", client_order_id="O-1")]
    result = settle(orders=legs("CANCELED", "PARTIALLY_FILLED", filled=(30, 40)), fills=trades)
    assert result.orders == {"O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 avg 1 V-2"}
    assert sum(event.startswith("Filled O-1/V-2") for event in result.events) == 2


@pytest.mark.parametrize(
    "pair",
    [
        legs("CANCELED", "ACCEPTED", gap=HANDOVER_NS_MAX + 1),  # placed much later: the id was used again
        legs("CANCELED", "ACCEPTED", gap=-1),  # placed while the other one still worked
        legs("CANCELED", "ACCEPTED", filled=(30, 0)),  # what was filled cannot be lost by a replacement
        legs("EXPIRED", "ACCEPTED"),
        [*legs("CANCELED"), structs.replace(legs("CANCELED", "ACCEPTED")[1], order_side=OrderSide.SELL)],
    ],
)
def test_row_087_two_different_orders_are_no_legs(pair: list[OrderStatusReport]) -> None:
    with pytest.raises(DuplicateClientOrderId):
        reconcile(believing(cached()), mass_status(pair), make_policy(), NOW)


def test_row_088_most_advanced_of_two_orders_is_kept_where_that_is_wanted() -> None:
    result = settle(
        orders=[reported("CANCELED", 30), reported("PARTIALLY_FILLED", 40, venue_order_id="V-2")],
        fills=[traded("T-1", 30), traded("T-2", 40, venue_order_id="V-2")],
        duplicate_order_ids="dedupe",
    )
    expect(
        result,
        [
            INITIALIZED.replace("V-1", "V-2"),
            ACCEPT.replace("V-1", "V-2"),
            "Filled O-1/V-2 40 @ 1.00000 T-2 TAKER at 150",
        ],
        {"O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 avg 1 V-2"},
        [DUPLICATE],
    )
    assert result.text("order.duplicate_client_order_id") == (
        "2 orders have the client order id O-1: O-1 / V-1 CANCELED 30 of 100 filled;"
        " O-1 / V-2 PARTIALLY_FILLED 40 of 100 filled; keeping O-1 / V-2 PARTIALLY_FILLED 40 of 100 filled"
    )
    assert result.plan.fills_skipped == 1


def test_row_088_note_names_the_order_that_was_kept() -> None:
    reports = [reported(), reported("FILLED", 100, avg_px="1.0", venue_order_id="V-2")]
    result = settle(orders=reports, duplicate_order_ids="dedupe")
    [note] = [note for note in result.plan.notes if note.kind == "order.duplicate_client_order_id"]
    assert (str(note.client_order_id), str(note.venue_order_id), note.instrument_id) == ("O-1", "V-2", PAIR.id)


def test_row_088_an_order_that_works_is_not_lost_to_a_canceled_leg() -> None:
    """The venue canceled the one to put the other in its place: the one that works is the order."""
    result = settle(orders=[reported(), reported("CANCELED", venue_order_id="V-2")], duplicate_order_ids="dedupe")
    [note] = result.plan.notes
    assert str(note.venue_order_id) == "V-1"


def test_row_089_order_reported_twice_counts_as_the_most_advanced() -> None:
    reports = [reported("ACCEPTED", ts_last=300), reported("FILLED", 100, avg_px="1.0")]
    result = settle(orders=reports)
    expect(
        result,
        [INITIALIZED, ACCEPT, "Inferred O-1/V-1 100 @ 1.00000 fee 0.04 USD at 200"],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1 V-1"},
        [TWICE, INFERRED],
    )
    assert result.text("order.reported_twice").startswith("order reported 2 times, keeping O-1 / V-1 FILLED 100 of 100")


def test_row_089_order_reported_twice_word_for_word_needs_no_warning() -> None:
    expect(settle(orders=[reported(), reported()]), [INITIALIZED, ACCEPT], WORKING)


def test_row_089_client_id_that_only_one_of_the_reports_has_is_kept() -> None:
    reports = [reported("ACCEPTED"), reported("CANCELED", client_order_id=None)]
    result = settle(orders=reports)
    expect(result, [INITIALIZED, ACCEPT, CANCEL], {"O-1": "CANCELED 0/100 @ 1.00000 V-1"}, [TWICE])


def test_row_089_order_without_a_client_id_is_named_so() -> None:
    nameless = [reported(client_order_id=None), reported("CANCELED", client_order_id=None)]
    assert "no client id / V-1 ACCEPTED 0 of 100 filled" in settle(orders=nameless).text("order.reported_twice")


def test_row_090_one_venue_order_under_two_client_ids_is_a_contradiction() -> None:
    status = mass_status([reported(), reported("CANCELED", client_order_id="O-2")])
    texts = []
    for one in (status, *shuffled(status)):
        for choice in ("fail", "dedupe"):
            with pytest.raises(VenueError) as failure:
                reconcile(believing(cached()), one, make_policy(duplicate_order_ids=choice), NOW)
            texts.append(str(failure.value))
    [text] = set(texts)
    assert text == (
        "one venue order must have one client order id, these contradict each other:"
        " O-1 / V-1 ACCEPTED 0 of 100 filled; O-2 / V-1 CANCELED 0 of 100 filled"
    )


def test_row_090_of_several_contradictions_the_same_one_is_named_whatever_comes_first() -> None:
    orders = [reported(client_order_id=f"O-{number}", venue_order_id=f"V-{number % 4}") for number in range(8)]
    for one in shuffled(mass_status(orders)):
        with pytest.raises(VenueError, match=r"contradict each other: O-0 / V-0 .* O-4 / V-0"):
            reconcile(believing(), one, make_policy(), NOW)


def test_row_090_same_venue_id_in_two_instruments_is_two_orders() -> None:
    result = settle(orders=[reported(), reported(**elsewhere({"venue_order_id": "V-1"}))])
    assert result.orders == {**WORKING, "O-2": "ACCEPTED 0/100 @ 1.00000 V-1"}
    assert (result.notes, result.verdict) == ([], "ok")


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


# -- helpers -----------------------------------------------------------------------------------------------------------


def unique(
    reports: Sequence[OrderStatusReport], belief: Belief | None = None, **choices: Any
) -> list[OrderStatusReport]:
    notes: list[Note] = []
    return unique_orders(list(reports), belief or believing(), make_policy(**choices), notes)


def test_unique_orders_keeps_what_is_unique_in_the_order_it_came() -> None:
    reports = [reported(**SECOND), reported(), reported(client_order_id=None, venue_order_id="V-3")]
    assert unique(reports) == reports
    assert unique([]) == []


def test_unique_orders_without_client_ids_are_told_apart_by_their_venue_ids() -> None:
    nameless = [reported(client_order_id=None, venue_order_id=f"V-{number}") for number in (1, 2)]
    assert unique(nameless) == nameless


def test_unique_orders_drops_only_the_duplicate() -> None:
    nameless = reported(client_order_id=None, venue_order_id="V-3")
    first, second = reported("ACCEPTED"), reported("FILLED", 100, venue_order_id="V-2")
    assert unique([first, nameless, second], duplicate_order_ids="dedupe") == [nameless, second]


MORE = [
    (reported("CANCELED", 39), reported("ACCEPTED", 40)),  # filled quantity first
    (reported("PARTIALLY_FILLED", 40), reported("FILLED", 40)),  # then how far the status is
    (reported("PARTIALLY_FILLED", 40), reported("CANCELED", 40)),
    (reported("PARTIALLY_FILLED", 40), reported("EXPIRED", 40)),
    (reported("PENDING_CANCEL"), reported("PARTIALLY_FILLED")),
    (reported("CANCELED"), reported("FILLED")),
    (reported("ACCEPTED"), reported("PENDING_CANCEL")),
    (reported("ACCEPTED"), reported("PENDING_UPDATE")),
    (reported("ACCEPTED"), reported("TRIGGERED")),
    (reported("TRIGGERED"), reported("REJECTED")),
    (reported("SUBMITTED"), reported("ACCEPTED")),
    (reported("ACCEPTED", ts_last=200), reported("ACCEPTED", ts_last=201)),  # then the time
    (reported("EXPIRED", ts_last=200), reported("CANCELED", ts_last=201)),  # one end is as far as another
    (reported("CANCELED", ts_last=200), reported("REJECTED", ts_last=201)),
    (reported("REJECTED", ts_last=200), reported("EXPIRED", ts_last=201)),
    (reported("PENDING_CANCEL", ts_last=200), reported("PENDING_UPDATE", ts_last=201)),
    (reported("PENDING_UPDATE", ts_last=200), reported("TRIGGERED", ts_last=201)),
    (reported("TRIGGERED", ts_last=200), reported("PENDING_CANCEL", ts_last=201)),
    (reported("ACCEPTED", ts_last=300), reported("TRIGGERED", ts_last=200)),
    (reported("TRIGGERED", ts_last=300), reported("PARTIALLY_FILLED", ts_last=200)),
    (reported("PARTIALLY_FILLED", ts_last=300), reported("EXPIRED", ts_last=200)),
    (reported("CANCELED", ts_last=300), reported("FILLED", ts_last=200)),
    (reported("ACCEPTED", venue_order_id="V-1"), reported("ACCEPTED", venue_order_id="V-2")),  # then the venue's id
    (reported("ACCEPTED", price="1.00000"), reported("ACCEPTED", price="1.00001")),  # then anything that is stable
]


@pytest.mark.parametrize(("less", "more"), MORE)
def test_more_advanced_is_the_report_that_knows_more(less: OrderStatusReport, more: OrderStatusReport) -> None:
    assert more_advanced(less, more) is more
    assert more_advanced(more, less) is more


def test_more_advanced_of_equals_is_the_first() -> None:
    first, second = reported(), reported()
    assert more_advanced(first, second) is first


def filters(belief: Belief | None = None, **choices: Any) -> Filters:
    return Filters(belief or believing(), make_policy(**choices))


def test_filters_without_a_rule_pass_the_very_lists() -> None:
    orders, fills = [reported()], [traded("T-1", 1)]
    passed = filters().select(orders, fills)
    assert passed[0] is orders
    assert passed[1] is fills


def test_filters_pass_what_they_do_not_name() -> None:
    orders, fills = [reported(), reported(**SECOND)], [traded("T-1", 1), traded("T-2", 1, **SECOND)]
    assert filters(filtered_client_order_ids=O_1).select(orders, fills) == (orders[1:], fills[1:])


def test_filters_tell_instruments_with_the_same_venue_id_apart() -> None:
    orders = [reported(), reported(client_order_id="O-2", instrument_id=OTHER_PAIR.id)]
    fills = [traded("T-1", 1, client_order_id=None, instrument_id=OTHER_PAIR.id)]
    assert filters(filtered_client_order_ids=O_1).select(orders, fills) == (orders[1:], fills)


def test_filters_with_both_rules_drop_what_either_names() -> None:
    orders = [reported(), reported(**SECOND), reported(**elsewhere({"client_order_id": "O-3"}))]
    both = filters(filtered_client_order_ids=O_1, instrument_ids=ONLY_PAIR)
    assert both.select(orders, []) == (orders[1:2], [])


def test_filters_drop_an_instrument_only_where_there_is_an_include_list() -> None:
    assert not filters().drops_instrument(PAIR.id)
    assert not filters(instrument_ids=ONLY_PAIR).drops_instrument(PAIR.id)
    assert filters(instrument_ids=ONLY_PAIR).drops_instrument(OTHER_PAIR.id)


def test_filters_know_which_of_our_own_orders_they_drop() -> None:
    order = cached()
    assert not filters().drops_known(order)
    assert filters(filtered_client_order_ids=O_1).drops_known(order)
    assert filters(instrument_ids=frozenset({OTHER_PAIR.id})).drops_known(order)
    assert not filters(instrument_ids=ONLY_PAIR).drops_known(order)


def test_side_of_a_filtered_report_does_not_matter() -> None:
    result = settle(orders=[reported("FILLED", 100, order_side=OrderSide.SELL)], filtered_client_order_ids=O_1)
    expect(result, [], {})


# -- names that two accounts use -------------------------------------------------------------------------------------


def test_an_order_of_the_same_name_in_another_instrument_is_another_order() -> None:
    """Found by the campaign at seed 16154: two venues liquidated under one name."""
    namesake = reported("FILLED", 40, quantity="40", venue_order_id="V-2", instrument_id=OTHER_PAIR.id)
    trade = traded("T-0", 40, venue_order_id="V-2", instrument_id=OTHER_PAIR.id)
    first = settle(believing(cached("FILLED")), [namesake], [trade])

    ours = "FILLED 100/100 @ 1.00000 avg 1 V-1"
    assert first.orders == {"O-1": ours, "EXT-V-2": "FILLED 40/40 @ 1.00000 avg 1 V-2"}
    expect(settle(first.belief, [namesake], [trade]), [], first.orders)


def test_an_order_of_the_same_name_on_another_account_is_another_order() -> None:
    local = believing(cached("ACCEPTED"))
    other = AccountId("SIM-002")
    namesake = reported("CANCELED", venue_order_id="V-2", account_id=other)
    plan = reconcile(local, mass_status([namesake], account_id=other), make_policy(), NOW)

    assert {event.client_order_id.value[:8] for event in plan.events} == {"EXT-V-2-"}
    assert not plan.notes


def test_trades_alone_under_a_name_that_is_taken_make_an_order_of_another_name() -> None:
    trade = traded("T-9", 40, venue_order_id="V-2", instrument_id=OTHER_PAIR.id)
    settled = settle(believing(cached("ACCEPTED")), [], [trade])

    assert settled.orders["O-1"] == WORKING["O-1"]
    assert [text for name, text in settled.orders.items() if name != "O-1"] == ["FILLED 40/40 avg 1 V-2"]


def test_what_is_given_back_to_our_order_is_recorded_under_ids_of_its_own() -> None:
    """Found by the campaign at seed 13888: a repeated event id, and the store could not be loaded any more."""
    belief = settle(believing(cached("SUBMITTED")), [reported("PARTIALLY_FILLED", 40, client_order_id=None)]).belief
    status = mass_status([reported("PARTIALLY_FILLED", 40)], [traded("T-1", 40)])
    belief.apply(reconcile(belief, status, make_policy(), NOW).events)

    recorded = [event.event_id for order in belief.orders.values() for event in order.events]
    assert "OrderCanceled" in {type(event).__name__ for order in belief.orders.values() for event in order.events}
    assert len(set(recorded)) == len(recorded)
