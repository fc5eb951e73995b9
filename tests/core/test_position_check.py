"""The position check; a number in a test's name is the row of BEHAVIOUR.md, group I."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.position_check import (
    ALIGNMENTS_MAX,
    LAG_NS,
    Align,
    Difference,
    Findings,
    GiveUp,
    PositionCheck,
)
from nautilus_live.core.reconciliation import reconcile_positions
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import AccountId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import PositionStatusReport
from tests.core.conftest import (
    ACCOUNT,
    BTC,
    OTHER_SPOT,
    SPOT,
    Belief,
    apply,
    fill_report,
    make_fill,
    make_policy,
    money,
    order_in,
    position_report,
    qty,
)
from tests.core.reconciliation.settling import PAIR

S = 1_000_000_000
MS = 1_000_000
OTHER_ACCOUNT = AccountId("SIM-002")
NET = (SPOT.id, None)


def bought(signed: str = "1.000", name: str = "O-1", *, instrument: Instrument = SPOT, **fields: Any) -> Order:
    """Return an order that is filled: a buy, or a sell for a negative quantity."""
    number = Decimal(signed)
    size = str(abs(number))
    order = order_in("ACCEPTED", name, "BUY" if number > 0 else "SELL", size, instrument=instrument)
    settings: dict[str, Any] = {"ts": 1, **fields}
    if instrument is PAIR:
        settings["last_qty"] = order.quantity
    return apply(order, make_fill(order, size, trade=f"T-{name}", **settings))


class Drill:
    """Compares every ten seconds and carries out what follows; the venue's trades explain nothing."""

    def __init__(self, *orders: Order, account_id: AccountId = ACCOUNT, **settings: Any) -> None:
        self.account_id = account_id
        self.settings = settings
        self.check = PositionCheck(account_id, 0, **settings)
        self.belief = Belief(SPOT, OTHER_SPOT, PAIR)
        for order in orders:
            self.belief.add(order)
        self.now_s = 100.0
        self.actions: list[tuple[float, Align | GiveUp]] = []
        self.findings = Findings()

    @property
    def now(self) -> int:
        return round(self.now_s * S)

    def compare(self, *reports: PositionStatusReport, answered: bool = True, **options: Any) -> Findings:
        self.now_s += 10.0
        busy = options.pop("busy", ())
        asked_ns = options.pop("asked_ns", self.now)
        positions = list(self.belief.positions.values())
        self.findings = self.check.compare(positions, busy, reports if answered else None, asked_ns, self.now)
        return self.findings

    def look(self, *reports: PositionStatusReport, answered: bool = True, **options: Any) -> Drill:
        for difference in self.compare(*reports, answered=answered, **options).differing:
            action = self.check.unexplained(difference, self.now)
            if action is not None:
                self.actions.append((self.now_s, action))
            if isinstance(action, Align):
                plan = reconcile_positions(self.belief, self.account_id, [action.report], make_policy(), self.now)
                self.belief.apply(plan)
        return self

    def looks(self, times: int, *reports: PositionStatusReport) -> Drill:
        for _ in range(times):
            self.look(*reports)
        return self

    def fill(self, order: Order) -> None:
        """Let an order of ours have traded just now."""
        self.belief.add(order)

    @property
    def done(self) -> list[str]:
        return [type(action).__name__ for _, action in self.actions]


def held(signed: str, **fields: Any) -> PositionStatusReport:
    return position_report(signed, quantity=qty(str(abs(Decimal(signed)))), **fields)


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


# -- which trades explain it -------------------------------------------------------------------------------------------


def difference(ours: str, theirs: str | None) -> Difference:
    return Difference(key=NET, ours=Decimal(ours), report=None if theirs is None else held(theirs))


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
