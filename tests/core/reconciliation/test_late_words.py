"""Late words about purged orders: rows 260 to 262 of BEHAVIOUR.md, and what must not be lost in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import structs

from nautilus_live.core.admission import admit
from nautilus_live.core.reconciliation import reconcile, reconcile_reports
from nautilus_live.core.reconciliation.late_words import LateWord, hear_event, hear_fills, hear_report
from nautilus_live.core.reconciliation.types import Plan
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFillVoided,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import TradeId
from tests.core.belief import Belief
from tests.core.conftest import (
    ACCOUNT,
    SPOT,
    fill_report,
    make_event,
    make_fill,
    make_policy,
    mass_status,
    order_in,
    order_report,
    position_report,
)

STONE = Tombstone(
    client_order_id="O-1",
    venue_order_ids=("V-1",),
    instrument_id=SPOT.id,
    trade_ids=("T-1",),
    filled_qty=Decimal("1.000"),
    inferred_qty=Decimal(0),
    ts_last=100,
    ts_purged=1_000,
)
ORDER = order_in("ACCEPTED")


def says(word: LateWord) -> list[str]:
    return [f"{note.level.name} {note.kind}{'!' if note.alarm else ''}" for note in word.notes]


def purging(stone: Tombstone = STONE) -> Belief:
    belief = Belief()
    belief.purged = {"O-1": stone, "V-1": stone}
    return belief


# -- words that say nothing new --------------------------------------------------------------------------------------


def test_row_260_a_late_word_is_told_once_and_changes_nothing_else() -> None:
    word = hear_event(STONE, make_event(OrderCanceled, ORDER, ts=200))

    assert says(word) == ["INFO order.purged"]
    assert word.notes[0].text == "O-1: OrderCanceled came after the order was purged; nothing is changed"
    note = word.notes[0]
    assert (str(note.client_order_id), str(note.venue_order_id), note.instrument_id) == ("O-1", "V-1", SPOT.id)
    assert word.stone == structs.replace(STONE, is_told=True)
    again = hear_event(word.stone, make_event(OrderExpired, ORDER, ts=300))
    assert (again.notes, again.stone, again.uncertain) == ((), word.stone, "")


def test_row_261_a_trade_that_was_booked_is_known() -> None:
    assert says(hear_event(STONE, make_fill(ORDER, "1.000", trade="T-1"))) == ["INFO order.purged"]
    assert says(hear_fills(STONE, [fill_report(trade_id="T-1")])) == ["INFO order.purged"]
    assert hear_fills(STONE, []) == LateWord(STONE)


def test_a_trade_takes_the_place_of_what_was_booked_without_it_once() -> None:
    inferred = structs.replace(STONE, trade_ids=(), inferred_qty=Decimal("1.000"))

    first = hear_fills(inferred, [fill_report(quantity="0.400", trade_id="T-7")])
    second = hear_fills(first.stone, [fill_report(quantity="0.600", trade_id="T-8")])
    third = hear_fills(second.stone, [fill_report(quantity="0.001", trade_id="T-9")])

    assert (says(first), says(second), says(third)) == (["INFO order.purged"], [], ["ERROR fill.purged_order!"])
    assert (third.stone.inferred_qty, third.stone.trade_ids) == (Decimal(0), ("T-7", "T-8", "T-9"))


@pytest.mark.parametrize("kind", [OrderAccepted, OrderUpdated, OrderTriggered])
def test_a_sign_of_life_older_than_the_end_is_an_old_copy(kind: type) -> None:
    assert says(hear_event(STONE, make_event(kind, ORDER, ts=100))) == ["INFO order.purged"]
    assert says(hear_report(STONE, order_report(ts_last=100))) == ["INFO order.purged"]


def test_a_report_of_the_end_is_no_sign_of_life_however_new() -> None:
    assert says(hear_report(STONE, order_report(order_status="CANCELED", ts_last=200))) == ["DEBUG order.purged"]


def test_what_we_said_ourselves_is_no_sign_of_life() -> None:
    word = hear_event(STONE, make_event(OrderAccepted, ORDER, ts=200, provenance=Provenance.LOCAL))
    assert says(word) == ["INFO order.purged"]


def test_a_note_on_an_order_without_a_venue_id_has_none() -> None:
    word = hear_event(structs.replace(STONE, venue_order_ids=()), make_event(OrderCanceled, ORDER))
    assert word.notes[0].venue_order_id is None


# -- words that prove that we miss something -------------------------------------------------------------------------


def test_a_trade_that_was_never_booked_is_alarmed_once_and_makes_the_instrument_uncertain() -> None:
    word = hear_event(STONE, make_fill(ORDER, "0.250", trade="T-2"))

    assert says(word) == ["ERROR fill.purged_order!"]
    text = "O-1: trade T-2 of 0.250 was never booked, and the order is purged; nothing was changed, compare with the"
    assert word.notes[0].text.startswith(text)
    assert (word.uncertain, word.notes[0].trade_id) == (word.notes[0].text, TradeId("T-2"))
    assert (word.stone.filled_qty, word.stone.trade_ids) == (Decimal("1.250"), ("T-1", "T-2"))
    assert hear_event(word.stone, make_fill(ORDER, "0.250", trade="T-2")) == LateWord(word.stone)


def test_a_quantity_beyond_what_was_booked_is_alarmed_once() -> None:
    report = order_report(order_status="FILLED", filled_qty="1.500", quantity="1.500")

    word = hear_report(STONE, report)

    assert says(word) == ["ERROR order.purged_filled!"]
    assert "1.500 filled, which is 0.500 more than was booked" in word.uncertain
    assert hear_report(word.stone, report) == LateWord(word.stone)


def test_the_trades_of_a_report_explain_its_quantity() -> None:
    report = order_report(order_status="FILLED", filled_qty="1.500", quantity="1.500")
    trades = [fill_report(quantity="1.000", trade_id="T-1"), fill_report(quantity="0.500", trade_id="T-2")]

    word = hear_report(STONE, report, trades)

    assert says(word) == ["DEBUG order.purged", "ERROR fill.purged_order!"]
    assert word.stone.filled_qty == Decimal("1.500")


@pytest.mark.parametrize("kind", [OrderAccepted, OrderUpdated, OrderTriggered])
def test_a_purged_order_that_works_is_alarmed_once(kind: type) -> None:
    word = hear_event(STONE, make_event(kind, ORDER, ts=101))

    assert says(word) == ["ERROR order.purged_works!"]
    assert word.uncertain
    assert hear_event(word.stone, make_event(kind, ORDER, ts=101)) == LateWord(word.stone)
    assert says(hear_report(STONE, order_report(ts_last=101))) == ["ERROR order.purged_works!"]


def test_a_trade_of_a_purged_order_that_is_taken_back_or_stated_anew_is_alarmed() -> None:
    voided = make_event(OrderFillVoided, ORDER, trade_id=TradeId("T-1"))
    anew = make_fill(ORDER, "0.500", trade="T-1", corrects=TradeId("T-1"))

    for event, how in ((voided, "was taken back"), (anew, "was stated anew as 0.500 @ 50000.00")):
        word = hear_event(STONE, event)
        assert says(word) == ["ERROR fill.purged_order!"]
        assert f"trade T-1 {how}" in word.uncertain


# -- where the words come from ---------------------------------------------------------------------------------------


def test_row_262_a_purged_filled_order_in_a_mass_status_stays_purged() -> None:
    report = order_report(order_status="FILLED", filled_qty="1.000")

    plan = reconcile(
        purging(), mass_status([report], [fill_report(trade_id="T-1")], [position_report("0")]), make_policy(), 2_000
    )

    assert (plan.events, plan.failed, plan.uncertain) == ([], [], {})
    assert (plan.orders_skipped, plan.fills_skipped) == (1, 1)
    assert plan.tombstones == {"O-1": structs.replace(STONE, is_told=True)}


def test_a_new_trade_in_a_list_is_alarmed_and_not_made_an_external_order() -> None:
    plan = reconcile_reports(purging(), ACCOUNT, [], [fill_report(trade_id="T-2")], make_policy(), 2_000)

    assert (plan.events, plan.deferred, list(plan.uncertain)) == ([], [], [SPOT.id])
    assert [note.kind for note in plan.notes if note.alarm] == ["fill.purged_order"]


def test_two_reports_in_one_plan_are_told_once() -> None:
    reports = [order_report(order_status="CANCELED"), order_report(order_status="CANCELED", client_order_id=None)]

    plan = reconcile_reports(purging(), ACCOUNT, reports[:1], [fill_report(trade_id="T-1")], make_policy(), 2_000)
    assert [note.kind for note in plan.notes] == ["order.purged"]
    again = reconcile_reports(purging(plan.tombstones["O-1"]), ACCOUNT, reports[1:], [], make_policy(), 2_000)
    assert (again.notes, again.tombstones, again.orders_skipped) == ([], {}, 1)


def test_a_late_event_leads_to_a_plan_for_the_tombstone_alone() -> None:
    admission = admit(purging(), make_fill(ORDER, trade="T-2"))

    assert (admission.events, admission.held) == ((), None)
    assert isinstance(admission.late, Plan)
    assert (admission.late.events, list(admission.late.uncertain), list(admission.late.tombstones)) == (
        [],
        [SPOT.id],
        ["O-1"],
    )
    assert [note.kind for note in admission.late.notes] == ["fill.purged_order"]
    harmless = admit(purging(), make_fill(ORDER, trade="T-1")).late
    assert harmless is not None
    assert (harmless.uncertain, [note.kind for note in harmless.notes]) == ({}, ["order.purged"])


def test_one_trade_that_we_miss_among_others_is_enough() -> None:
    trades = [fill_report(trade_id="T-2", quantity="0.100"), fill_report(trade_id="T-1")]

    assert "trade T-2" in hear_fills(STONE, trades).uncertain
    report = order_report(order_status="CANCELED", filled_qty="1.100", quantity="2.000")
    assert "trade T-2" in hear_report(STONE, report, trades).uncertain


# -- when not even the tombstone is left -----------------------------------------------------------------------------


def forgetful() -> Belief:
    belief = Belief()
    belief.forgotten_until = 500
    return belief


def test_what_ended_before_the_last_tombstone_went_is_skipped_and_an_open_order_never() -> None:
    old = order_report(order_status="CANCELED", ts_last=500)
    later = order_report(order_status="CANCELED", ts_last=501, client_order_id="O-2", venue_order_id="V-2")
    works = order_report(ts_last=400, client_order_id="O-3", venue_order_id="V-3")

    plan = reconcile(forgetful(), mass_status([old, later, works]), make_policy(), 2_000)

    assert {event.client_order_id.value for event in plan.events} == {"O-2", "O-3"}
    assert plan.orders_skipped == 1


def test_a_trade_from_that_time_is_dropped_and_a_later_one_waits_for_its_order() -> None:
    old, later = make_fill(ORDER, trade="T-1", ts=500), make_fill(ORDER, trade="T-2", ts=501)

    dropped, held = admit(forgetful(), old), admit(forgetful(), later)

    assert [note.kind for note in dropped.notes] == ["fill.forgotten_order"]
    assert (dropped.held, held.held) == (None, later)
    reports = [fill_report(trade_id="T-1", ts_event=500)]
    plan = reconcile_reports(forgetful(), ACCOUNT, [], reports, make_policy(), 2_000)
    assert (plan.events, plan.deferred, plan.fills_skipped) == ([], [], 1)
    assert [note.kind for note in plan.notes] == ["fill.forgotten_order"]
    start = reconcile(forgetful(), mass_status([], reports), make_policy(), 2_000)
    assert (start.events, start.notes, start.fills_skipped) == ([], [], 1)
