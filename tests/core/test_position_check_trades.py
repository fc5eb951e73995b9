"""The position check: which trades explain a difference, fees, accounts and legs, and whatever a venue says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.position_check import ALIGNMENTS_MAX, LAG_NS, Findings, GiveUp, PositionCheck
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import AccountId, PositionId
from nautilus_live.model.reports import PositionStatusReport
from tests.core.conftest import ACCOUNT, BTC, SPOT, fill_report, money
from tests.core.position_drill import MS, NET, Drill, S, bought, difference, held

OTHER_ACCOUNT = AccountId("SIM-002")


# -- which trades explain it -------------------------------------------------------------------------------------------


def test_trades_that_add_up_to_the_difference_explain_it_however_old() -> None:
    check = PositionCheck(ACCOUNT, 1_000 * S)
    trades = [fill_report(quantity="0.700", ts_event=5), fill_report(quantity="0.300", ts_event=6)]

    assert check.explaining(difference("1.000", "2.000"), trades) == trades


@pytest.mark.parametrize("theirs", ["1.500", None])
def test_otherwise_only_trades_since_the_last_agreement_do(theirs: str | None) -> None:
    check = PositionCheck(ACCOUNT, 1_000 * S)
    old = fill_report(quantity="0.700", ts_event=1_000 * S - LAG_NS - 1)
    young = fill_report(quantity="0.300", ts_event=1_000 * S - LAG_NS)

    assert check.explaining(difference("1.000", theirs), [old, young]) == [young]


def test_each_agreement_moves_the_line() -> None:
    drill = Drill(bought())
    trade = fill_report(quantity="0.300", ts_event=115 * S)
    drill.now_s = 105.0
    drill.look(held("1.000"))  # at 115 s
    drill.now_s = 1_000.0
    drill.look(held("1.500"))
    [found] = drill.findings.differing
    assert drill.check.explaining(found, [trade]) == [trade]

    drill.look(held("1.000")).look(held("1.500"))
    [found] = drill.findings.differing
    assert drill.check.explaining(found, [trade]) == []


# -- fees in the base currency -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "differs"), [("9.990", False), ("9.992", False), ("9.989", False), ("9.988", True), ("10.002", True)]
)
def test_i1_a_holding_that_is_smaller_by_the_fees_is_the_same_position(theirs: str, differs: bool) -> None:
    order = bought("10.000", commission=money("0.010", BTC))

    assert bool(Drill(order, is_cash=True).compare(held(theirs)).differing) is differs


def test_i1_on_a_margin_account_fees_leave_the_position_alone() -> None:
    order = bought("10.000", commission=money("0.010", BTC))

    assert Drill(order).compare(held("9.990")).differing != []


# -- accounts and legs -------------------------------------------------------------------------------------------------


def test_row_233_two_accounts_are_two_machines_that_never_look_at_each_other() -> None:
    order = bought()
    mine, other = Drill(order, retries=2), Drill(order, account_id=OTHER_ACCOUNT, retries=2)
    theirs = held("-3.000", account_id=OTHER_ACCOUNT, avg_px_open="50000.00")

    for drill in (mine, other):
        drill.looks(5, held("1.000"), theirs)

    assert mine.done == []
    assert other.done == ["Align"]


def test_f21_legs_are_compared_one_by_one() -> None:
    drill = Drill(bought("2.000", position_id="P-L"), bought("-1.000", "O-2", position_id="P-S"))
    drill.belief.oms_type = OmsType.HEDGING
    long, short = held("2.000", venue_position_id="P-L"), held("-1.500", venue_position_id="P-S")

    findings = drill.compare(long, short)

    assert [one.key[1] and one.key[1].value for one in findings.differing] == ["P-S"]
    assert drill.compare(long, held("-1.000", venue_position_id="P-S")).differing == []


def test_f21_a_leg_that_the_venue_leaves_out_is_silent_by_itself() -> None:
    drill = Drill(bought("2.000", position_id="P-L"), bought("-1.000", "O-2", position_id="P-S"), silence="flat")

    [found] = drill.compare(held("2.000", venue_position_id="P-L")).differing

    assert found.key[1] == PositionId("P-S")
    assert (found.ours, found.missing) == (Decimal(-1), Decimal(1))


def test_of_two_reports_of_one_position_the_later_counts() -> None:
    drill = Drill(bought())

    assert drill.compare(held("1.000", ts_last=200), held("5.000", ts_last=100)).differing == []


def test_settings_default_to_the_configs() -> None:
    config, check = LiveExecEngineConfig(), PositionCheck(ACCOUNT, 0)

    assert check._threshold_ns == config.position_check_threshold_ms * MS
    assert check._lookback_ns == config.position_check_lookback_mins * 60 * S
    assert check._retries == config.position_check_retries
    assert check._silence == config.position_silence
    assert check._generates is config.generate_missing_orders


# -- whatever a venue says ---------------------------------------------------------------------------------------------

quantities = st.sampled_from(["-2.000", "-1.000", "0", "0.500", "1.000", "2.000"])
answers = st.one_of(
    st.none(),  # unanswered
    st.just(()),  # silence
    quantities.map(lambda signed: (held(signed, avg_px_open="50000.00"),)),
)
settings_drawn = st.fixed_dictionaries(
    {
        "retries": st.integers(0, 3),
        "silence": st.sampled_from(["unknown", "flat"]),
        "generates": st.booleans(),
        "is_cash": st.booleans(),
    }
)


def play(drill: Drill, said: Sequence[tuple[PositionStatusReport, ...] | None]) -> Drill:
    for answer in said:
        drill.look(*(answer or ()), answered=answer is not None)
    return drill


@given(settings_drawn, st.lists(answers, max_size=12), st.integers(0, 12))
def test_unknown_changes_nothing_wherever_it_comes(settings: dict[str, Any], said: list[Any], place: int) -> None:
    plain = play(Drill(bought(), **settings), [one for one in said if one is not None])
    broken = Drill(bought(), **settings)
    for number, answer in enumerate(said):
        if number == place or answer is None:
            before = (broken.check.count(NET), list(broken.actions), broken.belief.net())
            broken.look(answered=False)
            assert before == (broken.check.count(NET), list(broken.actions), broken.belief.net())
            broken.now_s -= 10.0
        if answer is not None:
            broken.look(*answer)

    assert broken.done == plain.done
    assert broken.belief.net() == plain.belief.net()


@given(settings_drawn, st.lists(answers, max_size=12))
def test_agreement_clears_whatever_was_before(settings: dict[str, Any], said: list[Any]) -> None:
    drill = play(Drill(bought(), **settings), said)
    net = drill.belief.net()

    drill.look(held(str(net)))

    assert drill.check.count(NET) == 0
    assert not drill.check.is_given_up(SPOT.id)
    assert drill.look(held(str(net))).findings == Findings()


@given(settings_drawn, answers, st.booleans())
def test_one_discrepancy_is_aligned_once_at_most_and_comes_to_an_end(
    settings: dict[str, Any], said: Any, carried_out: bool
) -> None:
    drill = Drill(bought(), **settings)
    for _ in range(20):
        if carried_out:
            play(drill, [said])
            continue
        for found in drill.compare(*(said or ()), answered=said is not None).differing:
            action = drill.check.unexplained(found, drill.now)
            if action is not None:
                drill.actions.append((drill.now_s, action))

    assert drill.done in ([], ["Align"], ["GiveUp"], ["Align", "GiveUp"])
    assert sum(action.note.alarm for _, action in drill.actions if isinstance(action, GiveUp)) <= 1
    assert all(at <= 110.0 + 2 * 10.0 * max(settings["retries"], 1) for at, _ in drill.actions)
    assert drill.looks(0).compare(*(said or ()), answered=said is not None).differing == []


@given(settings_drawn, st.lists(answers, max_size=60))
def test_alignments_are_bounded_whatever_a_venue_says(settings: dict[str, Any], said: list[Any]) -> None:
    drill = play(Drill(bought(), **settings), said)

    assert drill.done.count("Align") <= ALIGNMENTS_MAX


@given(
    settings_drawn,
    st.lists(st.tuples(st.sampled_from([ACCOUNT, OTHER_ACCOUNT]), quantities), max_size=25),
)
def test_two_accounts_never_mix(settings: dict[str, Any], said: list[tuple[AccountId, str]]) -> None:
    reports = [held(signed, account_id=account, avg_px_open="50000.00") for account, signed in said]
    alone = play(Drill(bought(), **settings), [(one,) for one in reports if one.account_id == ACCOUNT])
    mixed = Drill(bought(), **settings)
    latest: dict[AccountId, PositionStatusReport] = {}
    for report in reports:
        latest[report.account_id] = report
        if report.account_id == ACCOUNT:
            mixed.look(*latest.values())

    assert mixed.done == alone.done
    assert mixed.belief.net() == alone.belief.net()
