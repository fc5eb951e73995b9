"""The in-flight check; a number in a test's name is the row of BEHAVIOUR.md, group G."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.inflight import Alarm, InflightCheck, Query, Resolve
from nautilus_live.core.reconciliation import reconcile_reports
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderPendingCancel,
    OrderRejected,
    OrderUpdated,
)
from nautilus_live.model.identifiers import INTERNAL_DIFF, ClientOrderId
from nautilus_live.model.orders import Order
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, apply, make_event, make_fill, make_policy, order_in, order_report

S = 1_000_000_000
FOUND, NOT_THERE, UNANSWERED = Outcome.FOUND, Outcome.NOT_THERE, Outcome.UNANSWERED
IN_FLIGHT = ("SUBMITTED", "PENDING_UPDATE", "PENDING_CANCEL")


def make_check(**settings: Any) -> InflightCheck:
    return InflightCheck(**{"threshold_ms": 5_000, "retries": 5, **settings})


class Drill:
    """Ticks a check every two seconds, answers its questions, and writes down what it does."""

    def __init__(
        self, check: InflightCheck, orders: Sequence[Order], answer: Callable[[Query], Outcome | None]
    ) -> None:
        self.check = check
        self.orders = list(orders)
        self.answer = answer
        self.now_s = 0.0
        self.asked_s: list[float] = []
        self.resolved: list[Resolve] = []
        self.alarms: list[Alarm] = []

    def tick(self, **options: Any) -> list[Any]:
        actions = self.check.tick(self.orders, round(self.now_s * S), **options)
        for action in actions:
            if isinstance(action, Query):
                self.asked_s.append(self.now_s)
                outcome = self.answer(action)
                if outcome is not None:
                    self.check.answered(action, outcome)
            elif isinstance(action, Resolve):
                self.resolved.append(action)
                apply(next(one for one in self.orders if one.client_order_id == action.event.client_order_id),
                      action.event)  # fmt: skip
            else:
                self.alarms.append(action)
        return actions

    def until(self, end_s: float, step_s: float = 2.0) -> Drill:
        while self.now_s < end_s:
            self.now_s += step_s
            self.tick()
        return self

    @property
    def ends(self) -> list[tuple[str, str]]:
        return [(type(one.event).__name__, one.event.reason) for one in self.resolved]


def drill(orders: Order | Sequence[Order], answer: Outcome | Sequence[Outcome] | None, **settings: Any) -> Drill:
    listed = [orders] if isinstance(orders, Order) else orders
    script = iter(answer) if isinstance(answer, Sequence) else None

    def reply(_: Query) -> Outcome | None:
        return next(script, UNANSWERED) if script is not None else answer  # type: ignore[return-value]  # narrowed

    return Drill(make_check(**settings), listed, reply)


# -- the guide's table -------------------------------------------------------------------------------------------------


def test_row_164_submitted_and_not_there_is_asked_about_five_times_and_then_rejected() -> None:
    order = order_in("SUBMITTED")

    done = drill(order, NOT_THERE).until(60)

    assert done.asked_s == [6.0, 12.0, 18.0, 24.0, 30.0]
    assert done.ends == [("OrderRejected", "INFLIGHT_TIMEOUT")]
    assert (order.status, order.provisional) == (OrderStatus.REJECTED, True)
    assert done.resolved[0].event.ts_event == done.resolved[0].event.ts_init == 36 * S
    assert done.resolved[0].event.provenance is Provenance.POLICY
    note = done.resolved[0].note
    assert (note.kind, note.level, note.alarm) == ("inflight.resolved", Level.WARNING, True)
    assert (note.client_order_id, note.instrument_id) == (order.client_order_id, order.instrument_id)
    assert "O-1: SUBMITTED for 36.0 s, and the venue answered 5 times" in note.text
    assert "taken as REJECTED until it says otherwise" in note.text


@pytest.mark.parametrize(("row", "status"), [(165, "PENDING_CANCEL"), (166, "PENDING_UPDATE")])
def test_row_165_and_166_pending_and_not_there_is_canceled_as_the_guide_says(row: int, status: str) -> None:
    order = order_in(status)

    done = drill(order, NOT_THERE).until(60)

    assert len(done.asked_s) == 5
    assert done.ends == [("OrderCanceled", "INFLIGHT_TIMEOUT")]
    assert "taken as CANCELED until" in done.resolved[0].note.text
    assert done.resolved[0].note.venue_order_id == order.venue_order_id
    assert (order.status, order.provisional) == (OrderStatus.CANCELED, True)


@pytest.mark.parametrize("status", ["PENDING_CANCEL", "PENDING_UPDATE"])
def test_row_165_and_166_by_the_other_policy_pending_is_left_and_alarmed_once(status: str) -> None:
    order = order_in(status)

    done = drill(order, NOT_THERE, policy="unresolved").until(300)

    assert done.resolved == []
    assert order.status is OrderStatus[status]
    assert [one.note.kind for one in done.alarms] == ["inflight.unresolved"]
    assert len(done.asked_s) > 40, "it goes on asking: the venue may find it again"


def test_the_other_policy_still_ends_what_was_never_confirmed() -> None:
    assert drill(order_in("SUBMITTED"), NOT_THERE, policy="unresolved").until(60).ends == [
        ("OrderRejected", "INFLIGHT_TIMEOUT")
    ]


def test_row_167_fills_before_the_pending_cancel_are_kept() -> None:
    order = apply(order_in("PARTIALLY_FILLED"), OrderPendingCancel)

    drill(order, NOT_THERE).until(60)

    assert order.status is OrderStatus.CANCELED
    assert str(order.filled_qty) == "0.500"


@pytest.mark.parametrize("retries", [0, 1])
def test_row_168_without_retries_it_is_asked_once_all_the_same(retries: int) -> None:
    done = drill(order_in("SUBMITTED"), NOT_THERE, retries=retries).until(60)

    assert done.asked_s == [6.0]
    assert len(done.resolved) == 1


# -- when to ask -------------------------------------------------------------------------------------------------------


def test_row_170_questions_keep_the_threshold_between_them() -> None:
    done = drill(order_in("SUBMITTED"), NOT_THERE, threshold_ms=10_000)
    while done.now_s < 50:
        done.now_s += 0.5
        done.tick()

    assert done.asked_s == [10.5, 20.5, 30.5, 40.5]


def test_the_threshold_counts_from_when_a_question_leaves_not_from_when_it_waits_for_its_turn() -> None:
    check, order = make_check(threshold_ms=1_000), order_in("SUBMITTED")
    [query] = check.tick([order], 2_000_000_000)
    assert isinstance(query, Query)

    check.leaves(query, 5_000_000_000)
    check.answered(query, NOT_THERE)

    assert check.tick([order], 5_999_999_999) == []
    assert [type(action) for action in check.tick([order], 6_000_000_000)] == [Query]


def test_a_question_under_way_is_not_asked_again() -> None:
    done = drill(order_in("SUBMITTED"), None).until(600)

    assert done.asked_s == [6.0]


def test_row_171_nothing_ends_while_events_wait_to_be_handled() -> None:
    done = drill(order_in("SUBMITTED"), NOT_THERE).until(34)
    done.now_s = 36.0

    assert done.tick(events_waiting=True) == []
    assert [type(one) for one in done.tick()] == [Resolve]


def test_row_171_questions_are_asked_all_the_same() -> None:
    done = drill(order_in("SUBMITTED"), NOT_THERE)
    done.now_s = 6.0

    assert [type(one) for one in done.tick(events_waiting=True)] == [Query]


def test_row_172_an_order_that_is_no_longer_in_flight_is_forgotten() -> None:
    order = order_in("SUBMITTED")
    done = drill(order, NOT_THERE).until(34)
    apply(order, make_event(OrderAccepted, order, ts=34 * S))

    done.until(100)

    assert done.resolved == []
    assert order.status is OrderStatus.ACCEPTED


def test_row_172_counters_start_anew_when_it_is_in_flight_again() -> None:
    order = order_in("PENDING_CANCEL")
    done = drill(order, NOT_THERE).until(34)
    apply(order, make_event(OrderCancelRejected, order, ts=34 * S), make_event(OrderPendingCancel, order, ts=34 * S))

    done.until(68)
    assert done.resolved == []
    done.until(72)
    assert len(done.resolved) == 1


def test_asking_the_venue_again_ourselves_is_no_evidence_but_is_given_its_time() -> None:
    order = order_in("PENDING_CANCEL")
    done = drill(order, NOT_THERE).until(34)
    apply(order, make_event(OrderPendingCancel, order, ts=34 * S))

    done.until(38)
    assert done.resolved == []
    done.until(40)
    assert len(done.resolved) == 1, "a strategy that repeats its cancel does not put the end off for ever"


def test_answers_after_our_own_repetition_count() -> None:
    order = order_in("PENDING_CANCEL")
    done = drill(order, NOT_THERE).until(4)
    apply(order, make_event(OrderPendingCancel, order, ts=4 * S))

    done.until(38)
    assert done.resolved == []
    done.until(40)
    assert (len(done.asked_s), len(done.resolved)) == (5, 1)


def test_another_request_of_ours_starts_another_wait() -> None:
    order = order_in("PENDING_UPDATE")
    done = drill(order, NOT_THERE).until(34)
    apply(order, make_event(OrderPendingCancel, order, ts=34 * S))

    assert done.until(68).resolved == []
    assert len(done.until(70).resolved) == 1


def test_a_word_of_the_venue_that_leaves_it_pending_starts_anew() -> None:
    order = order_in("PENDING_CANCEL")
    done = drill(order, NOT_THERE).until(34)
    apply(order, make_event(OrderUpdated, order, ts=34 * S))
    assert order.status is OrderStatus.PENDING_CANCEL

    assert done.until(66).resolved == []


def test_row_178_the_venues_clock_does_not_count() -> None:
    ahead, behind = order_in("SUBMITTED", "O-1"), order_in("ACCEPTED", "O-2")
    apply(behind, make_event(OrderPendingCancel, behind, ts=0, ts_init=100 * S))
    apply(ahead, make_event(OrderPendingCancel, ahead, ts=3_600 * S, ts_init=100 * S))
    done = drill([ahead, behind], NOT_THERE)

    done.now_s = 102.0
    assert done.tick() == []
    done.now_s = 106.0
    assert len(done.tick()) == 2


def test_a_clock_set_back_does_not_stop_the_check() -> None:
    order = order_in("SUBMITTED", ts=3_600 * S)
    done = drill(order, NOT_THERE)

    done.until(8)

    assert done.asked_s == [8.0], "six seconds after it was first seen by the new time"


def test_a_clock_set_back_between_two_questions_does_not_stop_the_check() -> None:
    done = drill(order_in("SUBMITTED"), NOT_THERE).until(6)
    done.now_s = 1.0
    done.tick()

    done.until(9)

    assert done.asked_s == [6.0, 7.0]


def test_row_179_the_check_knows_no_include_list() -> None:
    """Which instruments are reconciled says nothing about whether our own orders arrived."""
    assert drill(order_in("SUBMITTED"), NOT_THERE).until(6).asked_s == [6.0]


def test_filtered_and_alignment_orders_are_never_asked_about() -> None:
    orders = [order_in("SUBMITTED", "O-1"), order_in("SUBMITTED", "O-2", strategy_id=INTERNAL_DIFF)]

    done = drill(orders, NOT_THERE, filtered=[ClientOrderId("O-1")]).until(100)

    assert (done.asked_s, done.resolved) == ([], [])


def test_orders_that_are_not_in_flight_are_left_alone() -> None:
    orders = [order_in(status, f"O-{status.name}") for status in OrderStatus if status.name not in IN_FLIGHT]

    done = drill(orders, NOT_THERE).until(100)

    assert (done.asked_s, done.resolved) == ([], [])


# -- what an answer proves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", ["ACCEPTED", "REJECTED", "FILLED"])
def test_row_173_what_the_venue_answers_is_what_happened(answered: str) -> None:
    order = order_in("SUBMITTED")
    belief = Belief()
    belief.add(order)

    def reply(_: Query) -> Outcome:
        report = order_report(order, order_status=answered, filled_qty="1.000" if answered == "FILLED" else "0.000")
        belief.apply(reconcile_reports(belief, ACCOUNT, [report], [], make_policy(), 7 * S))
        return FOUND

    done = Drill(make_check(), [order], reply).until(100)

    assert order.status is OrderStatus[answered]
    assert done.asked_s == [6.0]
    assert (done.resolved, done.alarms) == ([], [])


def test_row_176_a_venue_that_keeps_it_pending_is_alarmed_once_and_the_order_stays() -> None:
    order = order_in("PENDING_CANCEL")

    done = drill(order, FOUND).until(600)

    assert [one.note.kind for one in done.alarms] == ["inflight.stuck"]
    assert "not moved it in 5 answers" in done.alarms[0].note.text
    assert (done.resolved, order.status) == ([], OrderStatus.PENDING_CANCEL)


def test_row_177_questions_without_an_answer_never_end_an_order() -> None:
    done = drill(order_in("SUBMITTED"), UNANSWERED).until(3_600)

    assert len(done.asked_s) == 600
    assert (done.resolved, done.alarms) == ([], [])


def test_an_unanswered_question_neither_counts_nor_undoes_what_was_counted() -> None:
    done = drill(order_in("SUBMITTED"), [NOT_THERE, UNANSWERED] * 5).until(200)

    assert len(done.asked_s) == 9
    assert len(done.resolved) == 1


def test_found_once_undoes_every_not_there() -> None:
    done = drill(order_in("PENDING_CANCEL"), [NOT_THERE] * 4 + [FOUND] + [NOT_THERE] * 5).until(200)

    assert len(done.asked_s) == 10
    assert len(done.resolved) == 1


def test_an_answer_to_an_older_question_counts_for_nothing() -> None:
    order = order_in("PENDING_CANCEL")
    asked: list[Query] = []
    done = Drill(make_check(retries=1), [order], lambda query: asked.append(query)).until(6)
    apply(order, make_event(OrderCancelRejected, order, ts=7 * S), make_event(OrderPendingCancel, order, ts=7 * S))
    done.now_s = 8.0
    done.tick()

    done.check.answered(asked[0], NOT_THERE)

    done.until(18)
    assert (len(asked), done.resolved) == (2, [])


def test_an_answer_that_events_have_overtaken_counts_for_nothing() -> None:
    order = order_in("PENDING_CANCEL")
    asked: list[Query] = []
    done = Drill(make_check(retries=1), [order], lambda query: asked.append(query)).until(6)
    apply(order, make_event(OrderUpdated, order, ts=7 * S))

    done.check.answered(asked[0], NOT_THERE)

    done.now_s = 12.0
    assert [type(one) for one in done.tick()] == [Query]


def test_answers_about_an_order_that_is_gone_are_ignored() -> None:
    order = order_in("SUBMITTED")
    done = drill(order, None).until(6)
    done.orders.clear()
    done.tick()

    done.check.answered(Query(order, 1), NOT_THERE)

    assert done.tick() == []


def test_row_180_a_filled_report_after_our_own_reject_is_taken_and_alarmed() -> None:
    order = order_in("SUBMITTED")
    belief = Belief()
    belief.add(order)
    drill(order, NOT_THERE).until(60)
    report = order_report(order, order_status="FILLED", filled_qty="1.000", avg_px="50000")

    plan = reconcile_reports(belief, ACCOUNT, [report], [], make_policy(), 100 * S)
    belief.apply(plan)

    assert order.status is OrderStatus.FILLED
    assert belief.net() == order.quantity.value
    assert any(note.alarm for note in plan.notes)


def test_row_182_a_fill_after_our_own_reject_changes_order_and_position() -> None:
    order = order_in("SUBMITTED")
    belief = Belief()
    belief.add(order)
    drill(order, NOT_THERE).until(60)

    belief.apply([make_fill(order, "0.400")])

    assert (order.status, str(order.filled_qty), order.provisional) == (OrderStatus.PARTIALLY_FILLED, "0.400", False)
    assert str(belief.net()) == "0.400"


def test_row_206_two_orders_have_counters_of_their_own() -> None:
    first, second = order_in("PENDING_CANCEL", "O-1"), order_in("SUBMITTED", "O-2")

    done = Drill(make_check(), [first, second], lambda query: NOT_THERE if query.order is first else UNANSWERED).until(
        100
    )

    assert [one.event.client_order_id.value for one in done.resolved] == ["O-1"]
    assert second.status is OrderStatus.SUBMITTED


# -- properties --------------------------------------------------------------------------------------------------------


@given(
    status=st.sampled_from(IN_FLIGHT),
    retries=st.integers(0, 6),
    policy=st.sampled_from(["resolve", "unresolved"]),
    replies=st.lists(st.sampled_from([FOUND, NOT_THERE, UNANSWERED, None]), max_size=60),
    gaps_ms=st.lists(st.integers(0, 9_000), max_size=120),
)
def test_no_order_ends_without_enough_answers_that_it_is_not_there(
    status: str, retries: int, policy: str, replies: list[Outcome | None], gaps_ms: list[int]
) -> None:
    """Whatever is answered, late or never: an end takes that many "not there" since the last word of the venue."""
    order = order_in(status)
    script = iter(replies)
    given_replies: list[Outcome] = []

    def reply(_: Query) -> Outcome | None:
        outcome = next(script, None)
        if outcome is not None:
            given_replies.append(outcome)
        return outcome

    done = Drill(make_check(retries=retries, policy=policy), [order], reply)
    for gap_ms in gaps_ms:
        done.now_s += gap_ms / 1_000
        done.tick()

    assert all(later - earlier >= 5.0 - 1e-6 for earlier, later in zip(done.asked_s, done.asked_s[1:], strict=False))
    assert len(done.resolved) <= 1
    assert len(done.alarms) <= 1
    if done.resolved:
        answers = [one for one in given_replies if one is not UNANSWERED]
        assert answers[-max(1, retries) :] == [NOT_THERE] * max(1, retries)
        wanted = OrderRejected if status == "SUBMITTED" else OrderCanceled
        assert type(done.resolved[0].event) is wanted
        assert policy == "resolve" or status == "SUBMITTED"
