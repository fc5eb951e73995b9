"""The position check: agreement, evidence, alignment, silence, and that it ends; numbers are rows of BEHAVIOUR.md."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.core.position_check import LAG_NS, Align, Findings, GiveUp
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.model.instruments import Instrument
from tests.core.conftest import OTHER_SPOT, SPOT
from tests.core.position_drill import MS, NET, Drill, S, bought, held
from tests.core.reconciliation.settling import PAIR

# -- agreement and evidence --------------------------------------------------------------------------------------------


def test_row_221_agreement_says_nothing_and_clears_the_count() -> None:
    drill = Drill(bought()).looks(2, held("2.000"))
    assert drill.check.count(NET) == 2

    drill.look(held("1.000"))

    assert drill.check.count(NET) == 0
    assert drill.findings == Findings(agree=[SPOT.id])
    assert drill.look(held("1.000")).findings == Findings()
    assert drill.done == []


def test_row_226_an_unanswered_question_changes_nothing() -> None:
    drill = Drill(bought()).looks(2, held("2.000"))

    for _ in range(20):
        assert drill.compare(answered=False) == Findings()

    assert drill.check.count(NET) == 2
    assert drill.look(held("2.000")).done == ["Align"]


@pytest.mark.parametrize(("quiet_ms", "differs"), [(4_999, False), (5_000, True)])
def test_row_230_a_position_that_changed_a_moment_ago_is_not_compared(quiet_ms: int, differs: bool) -> None:
    drill = Drill(threshold_ms=5_000)
    heard_ns = 110 * S - quiet_ms * MS
    drill.fill(bought(ts_init=heard_ns))

    findings = drill.compare(held("0"))

    assert bool(findings.differing) is differs


def test_an_answer_that_a_trade_overtook_is_not_compared_however_late_it_comes() -> None:
    drill = Drill(threshold_ms=0)
    drill.fill(bought(ts_init=50 * S))

    assert drill.compare(held("0"), asked_ns=50 * S).differing == []
    assert drill.compare(held("0"), asked_ns=50 * S + 1).differing != []


def test_a_trade_that_took_a_guess_s_place_is_news_wherever_it_stands() -> None:
    drill = Drill(threshold_ms=5_000)
    drill.fill(bought(ts_init=108 * S))  # came late, and stands where the guess stood
    drill.fill(bought(ts_init=50 * S))

    assert drill.compare(held("0")).differing == []


def test_the_time_of_receipt_counts_and_not_the_venues() -> None:
    drill = Drill(threshold_ms=5_000)
    drill.fill(bought(ts=10_000 * S, ts_init=10 * S))  # a venue whose clock is far ahead

    assert drill.compare(held("0", ts_last=10_001 * S)).differing != []


def test_a_clock_that_was_set_back_stops_no_comparison() -> None:
    drill = Drill(threshold_ms=5_000)
    drill.fill(bought(ts_init=10_000 * S))

    assert drill.compare(held("0")).differing != []


def test_a_position_that_the_venue_dates_before_our_trade_proves_nothing_for_a_while() -> None:
    drill = Drill(threshold_ms=0)
    drill.fill(bought(ts=90 * S, ts_init=90 * S))
    behind = held("0", ts_last=89 * S)

    assert drill.compare(behind).differing == []
    assert drill.compare(held("0", ts_last=90 * S)).differing != []
    drill.now_s = 90.0 + LAG_NS / S - 10.0
    assert drill.compare(behind).differing != []  # it lags no longer: it says something else


def test_a_list_that_leaves_a_position_out_proves_nothing_for_as_long_as_lists_lag() -> None:
    drill = Drill(threshold_ms=0, silence="flat")
    drill.fill(bought(ts=90 * S, ts_init=90 * S))

    assert drill.compare().differing == []
    drill.now_s = 90.0 + LAG_NS / S - 10.0
    assert drill.compare().differing != []


def test_an_instrument_with_an_order_under_way_is_not_compared_and_the_others_are() -> None:
    drill = Drill(bought(), bought(name="O-2", instrument=OTHER_SPOT))
    reports = [held("2.000"), held("2.000", instrument=OTHER_SPOT)]

    findings = drill.compare(*reports, busy=[SPOT.id])

    assert [difference.instrument_id for difference in findings.differing] == [OTHER_SPOT.id]


def test_only_the_instruments_to_reconcile_are_looked_at() -> None:
    drill = Drill(bought(), bought(name="O-2", instrument=OTHER_SPOT), instrument_ids=[OTHER_SPOT.id])

    drill.looks(5, held("2.000"), held("1.000", instrument=OTHER_SPOT))

    assert drill.done == []


# -- alignment ---------------------------------------------------------------------------------------------------------


def test_row_228_a_position_that_only_the_venue_has_is_aligned_after_as_many_comparisons_as_retries() -> None:
    drill = Drill(retries=3).looks(2, held("1.000", avg_px_open="50000.00"))
    assert drill.done == []

    drill.looks(20, held("1.000", avg_px_open="50000.00"))

    assert drill.done == ["Align"]
    [(_, action)] = drill.actions
    assert isinstance(action, Align)
    assert (action.note.level, action.note.kind, action.note.alarm) == (Level.WARNING, "position.aligned", True)
    assert drill.belief.net() == 1


@pytest.mark.parametrize(("retries", "comparisons"), [(0, 1), (1, 1), (2, 2), (5, 5)])
def test_it_takes_one_comparison_at_least(retries: int, comparisons: int) -> None:
    drill = Drill(retries=retries).looks(comparisons - 1, held("1.000", avg_px_open="50000.00"))
    assert drill.done == []
    assert drill.look(held("1.000", avg_px_open="50000.00")).done == ["Align"]


def test_row_234_a_flip_is_one_difference() -> None:
    drill = Drill(bought(), retries=1).look(held("-0.500", avg_px_open="51000.00"))

    assert drill.done == ["Align"]
    assert drill.belief.net() == Decimal("-0.5")
    assert drill.look(held("-0.500")).findings == Findings(agree=[SPOT.id])


@pytest.mark.parametrize(
    ("instrument", "ours", "theirs", "differs"),
    [
        (SPOT, "1.000", "1.001", False),
        (SPOT, "1.000", "0.999", False),
        (SPOT, "1.000", "1.002", True),
        (SPOT, "1.000", "1.0004", False),
        (SPOT, "0.001", "0.000", True),
        (PAIR, "100", "101", True),
        (PAIR, "100", "100", False),
    ],
)
def test_row_231_one_unit_is_equal_unless_units_are_whole_or_one_side_is_flat(
    instrument: Instrument, ours: str, theirs: str, differs: bool
) -> None:
    drill = Drill(bought(ours, instrument=instrument))

    findings = drill.compare(held(theirs, instrument=instrument))

    assert bool(findings.differing) is differs


def test_row_231_one_unit_that_only_the_venue_has_is_a_position() -> None:
    assert Drill().compare(held("0.001")).differing != []


def test_trades_that_were_found_begin_the_count_anew() -> None:
    drill = Drill(bought()).looks(2, held("2.000"))

    drill.check.explained(drill.findings.differing[0])

    assert drill.looks(2, held("2.000")).done == []
    assert drill.look(held("2.000")).done == ["Align"]


# -- silence -----------------------------------------------------------------------------------------------------------


def test_row_225_silence_is_unknown_by_default_and_ends_in_one_alarm() -> None:
    drill = Drill(bought(), retries=3).looks(30)

    assert drill.done == ["GiveUp"]
    [(_, action)] = drill.actions
    assert isinstance(action, GiveUp)
    assert (action.note.level, action.note.kind, action.note.alarm) == (Level.ERROR, "position.silent", True)
    assert "position is 1.000 here, the venue says nothing of it (3 in a row)" in action.note.text
    assert drill.check.is_given_up(SPOT.id)
    assert drill.belief.net() == 1


def test_row_225_silence_that_means_flat_closes_the_position() -> None:
    drill = Drill(bought(), retries=3, silence="flat").looks(30)

    assert drill.done == ["Align"]
    assert drill.belief.net() == 0


def test_silence_about_a_position_that_nobody_has_is_agreement() -> None:
    drill = Drill(retries=9).looks(2, held("1.000"))

    assert drill.look().findings == Findings(agree=[SPOT.id])


def test_on_a_cash_account_silence_says_nothing_at_all() -> None:
    assert Drill(bought(), is_cash=True).looks(30).done == []


# -- it ends -----------------------------------------------------------------------------------------------------------


def test_row_224_with_nothing_to_be_made_up_there_is_one_alarm_and_then_silence() -> None:
    drill = Drill(bought(), retries=3, generates=False).looks(50, held("2.000"))

    assert drill.done == ["GiveUp"]
    [(_, action)] = drill.actions
    assert isinstance(action, GiveUp)
    assert action.note.text == (
        "position is 1.000 here, the venue has 2.000 (3 in a row); nothing is made up, generate_missing_orders is off"
    )


def test_what_was_given_up_is_looked_at_again_when_the_difference_is_another_and_alarmed_once() -> None:
    drill = Drill(bought(), retries=3, generates=False, lookback_mins=60).looks(5, held("2.000"))

    drill.looks(5, held("3.000"))

    alarms = [action.note.alarm for _, action in drill.actions if isinstance(action, GiveUp)]
    assert alarms == [True, False]
    drill.now_s += 3_600
    drill.looks(5, held("4.000"))
    assert [action.note.alarm for _, action in drill.actions] == [True, False, True]


def test_what_was_given_up_stays_so_while_both_sides_change_alike() -> None:
    drill = Drill(bought(), retries=3, generates=False).looks(5, held("2.000"))

    for number in range(1, 6):
        drill.fill(bought(name=f"O-A{number}"))
        drill.looks(5, held(f"{number + 2}.000"))

    assert drill.done == ["GiveUp"]


def test_a_doubt_ends_with_agreement_and_a_new_difference_is_alarmed_anew() -> None:
    drill = Drill(bought(), retries=3, generates=False).looks(5, held("2.000"))

    assert drill.look(held("1.000")).findings.agree == [SPOT.id]
    assert not drill.check.is_given_up(SPOT.id)
    drill.looks(5, held("2.000"))
    assert [action.note.alarm for _, action in drill.actions] == [True, True]


def test_an_alignment_that_changes_nothing_is_not_repeated() -> None:
    drill = Drill(bought(), retries=2)
    for _ in range(30):
        for difference in drill.compare(held("2.000")).differing:
            action = drill.check.unexplained(difference, drill.now)  # nobody carries it out
            if action is not None:
                drill.actions.append((drill.now_s, action))

    assert drill.done == ["Align", "GiveUp"]
    assert "aligning it changed nothing" in drill.actions[-1][1].note.text


def test_f12_who_is_moved_to_and_fro_follows_a_few_times_and_then_no_more() -> None:
    drill = Drill(retries=2, lookback_mins=60)
    for _ in range(10):
        drill.looks(4, held("1.000", avg_px_open="50000.00")).looks(4, held("0"))

    assert drill.done[:4] == ["Align", "Align", "Align", "GiveUp"]
    assert "Align" not in drill.done[4:]
    assert "it was aligned 3 times within the lookback" in drill.actions[3][1].note.text
    drill.now_s += 3_600
    assert drill.looks(4, held("0")).belief.net() == 1  # given up is given up, as long as nothing changes
    assert drill.look(held("1.000")).looks(4, held("0")).belief.net() == 0
