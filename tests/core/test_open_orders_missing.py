"""The open-order check: orders that the venue leaves out, and that none ends without enough evidence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.open_orders import Findings, OpenOrdersCheck
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
from nautilus_live.model.orders import OPEN_STATUSES, Order
from tests.core.belief import Belief
from tests.core.conftest import OTHER_SPOT, SPOT, apply, make_event, order_in, order_report
from tests.core.open_orders_drill import FOUND, NOT_THERE, UNANSWERED, Drill, S, accepted

# -- what is missing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("open_only", [True, False])
def test_row_184_and_191_accepted_and_missing_is_counted_then_asked_about_then_rejected(open_only: bool) -> None:
    """In open-only mode too: else a cancel whose message was lost would stay open here for ever (F15)."""
    order = accepted()

    done = Drill(order, open_only=open_only).polls(5)
    assert done.asked == []
    done.polls(1)

    assert done.asked == [(60.0, "O-1")]
    assert (order.status, order.provisional) == (OrderStatus.REJECTED, True)
    event = done.resolved[0].event
    assert (type(event), event.reason, event.provenance) == (
        OrderRejected,
        "ORDER_NOT_FOUND_AT_VENUE",
        Provenance.POLICY,
    )
    note = done.resolved[0].note
    assert (note.kind, note.level, note.alarm) == ("open_orders.missing", Level.WARNING, True)
    assert "O-1: ACCEPTED here" in note.text
    assert "taken as REJECTED until" in note.text
    assert (note.client_order_id, note.venue_order_id, note.instrument_id) == (
        order.client_order_id,
        order.venue_order_id,
        order.instrument_id,
    )


def test_row_192_partially_filled_and_missing_is_canceled_with_its_fills() -> None:
    order = order_in("PARTIALLY_FILLED")

    done = Drill(order).polls(6)

    assert type(done.resolved[0].event) is OrderCanceled
    assert "taken as CANCELED with 0.500 filled until" in done.resolved[0].note.text
    assert (order.status, str(order.filled_qty), str(done.belief.net())) == (OrderStatus.CANCELED, "0.500", "0.500")


def test_row_194_an_order_that_the_question_finds_is_counted_anew() -> None:
    order = accepted()

    done = Drill(order, answer=FOUND).polls(12)

    assert [at for at, _ in done.asked] == [60.0, 120.0]
    assert (order.status, done.resolved) == (OrderStatus.ACCEPTED, [])


@pytest.mark.parametrize("status", ["PENDING_CANCEL", "PENDING_UPDATE"])
def test_row_195_a_pending_order_is_asked_about_and_left(status: str) -> None:
    order = order_in(status)

    done = Drill(order).polls(12)

    assert [at for at, _ in done.asked] == [60.0, 120.0]
    assert (order.status, done.resolved) == (OrderStatus[status], [])


def test_row_196_submitted_is_left_to_the_in_flight_check() -> None:
    order = order_in("SUBMITTED")

    done = Drill(order).polls(20)

    assert (done.asked, order.status) == ([], OrderStatus.SUBMITTED)


def test_row_196_submitted_is_left_even_if_it_is_said_to_work() -> None:
    order = order_in("SUBMITTED")
    check = OpenOrdersCheck(missing_retries=0)

    assert check.compare(Belief(), [order], [], 100 * S, 100 * S).questions == []
    assert check.answered(order, NOT_THERE, len(order.events), 100 * S) is None


def test_row_197_triggered_and_missing_is_canceled() -> None:
    order = order_in("TRIGGERED")

    done = Drill(order).polls(7)

    assert len(done.asked) == 1
    assert (order.status, order.provisional) == (OrderStatus.CANCELED, True)


def test_row_198_an_order_that_was_just_heard_of_is_not_counted() -> None:
    order = accepted()
    done = Drill(order).polls(2)
    apply(order, make_event(OrderUpdated, order, ts=28 * S))

    done.polls(1)
    assert done.check.missed_count(order.client_order_id) == 2
    done.polls(1)
    assert done.check.missed_count(order.client_order_id) == 3


@pytest.mark.parametrize("before_s", [2, 0], ids=["before the list", "while the list is on its way"])
def test_an_order_whose_cancels_are_refused_again_and_again_is_counted_all_the_same(before_s: int) -> None:
    """Found by the campaign at seed 1037268: each refusal was news, so that the order was never quiet."""
    order = accepted()
    done = Drill(order)
    for list_s in range(10, 80, 10):
        refused_ns = (list_s - before_s) * S
        apply(order, make_event(OrderPendingCancel, order, ts=refused_ns - 1))
        apply(order, make_event(OrderCancelRejected, order, ts=refused_ns))
        done.polls(1)

    assert done.asked == [(70.0, "O-1")], "the first refusal was news, and made the first list count for nothing"
    assert order.status is OrderStatus.REJECTED


def test_row_200_questions_beyond_the_cap_wait_and_go_first_in_the_next_cycle() -> None:
    orders = [accepted(f"O-{number}") for number in range(1, 6)]

    done = Drill(*orders, answer=UNANSWERED, questions_max=3).polls(5)
    findings = [done.poll() for _ in range(3)]

    assert [one.postponed for one in findings] == [2, 2, 2]
    assert [name for _, name in done.asked] == ["O-1", "O-2", "O-3", "O-4", "O-5", "O-1", "O-2", "O-3", "O-1"]
    assert done.check.missed_count(ClientOrderId("O-5")) == 8


def test_row_201_without_retries_it_is_asked_about_at_once() -> None:
    assert Drill(accepted(), missing_retries=0).polls(1).asked == [(10.0, "O-1")]


def test_row_202_a_list_that_did_not_come_counts_nothing() -> None:
    order = accepted()
    done = Drill(order).polls(3)

    for _ in range(20):
        assert done.poll(answered=False) == Findings()

    assert done.check.missed_count(order.client_order_id) == 3
    assert order.status is OrderStatus.ACCEPTED


def test_row_203_a_question_without_an_answer_is_asked_again_in_the_next_cycle() -> None:
    order = accepted()

    done = Drill(order, answer=UNANSWERED).polls(9)

    assert [at for at, _ in done.asked] == [60.0, 70.0, 80.0, 90.0]
    assert order.status is OrderStatus.ACCEPTED


def test_nothing_ends_while_events_wait_to_be_handled() -> None:
    order = accepted()
    check = OpenOrdersCheck(missing_retries=0)
    seen = len(order.events)

    assert check.answered(order, NOT_THERE, seen, S, events_waiting=True) is None
    assert check.answered(order, NOT_THERE, seen, S) is not None


def test_found_counts_even_while_events_wait() -> None:
    order = accepted()
    done = Drill(order).polls(3)

    done.check.answered(order, FOUND, len(order.events), S, events_waiting=True)

    assert done.check.missed_count(order.client_order_id) == 0


def test_defaults_are_the_settings_defaults() -> None:
    config = LiveExecEngineConfig()
    asked = OpenOrdersCheck(open_only=False).poll(10**15)

    assert OpenOrdersCheck().poll(0).open_only is config.open_check_open_only
    assert 10**15 - (asked.start_ns or 0) == config.open_check_lookback_mins * 60 * S


def test_an_answer_that_events_have_overtaken_ends_nothing() -> None:
    order = accepted()
    seen = len(order.events)
    apply(order, OrderUpdated)

    assert OpenOrdersCheck(missing_retries=0).answered(order, NOT_THERE, seen, S) is None


def test_f14_an_order_older_than_the_lookback_is_asked_about_at_once_and_its_answers_count() -> None:
    """No list of the last hour can contain it, so that its absence says nothing."""
    order = accepted()
    done = Drill(order, open_only=False, lookback_mins=1)
    done.now_s = 3_600.0

    done.polls(2)
    assert len(done.asked) == 2
    assert order.is_open
    done.polls(4)

    assert order.status is OrderStatus.REJECTED
    assert len(done.asked) == 6


def test_f14_exactly_as_old_as_the_lookback_is_in_reach_and_a_list_of_open_orders_reaches_all() -> None:
    at_the_edge = Drill(accepted(ts=3_600 * S), open_only=False, lookback_mins=1, threshold_ms=0)
    at_the_edge.now_s = 3_650.0
    resting = Drill(accepted(), open_only=True, lookback_mins=1)
    resting.now_s = 3_600.0

    assert at_the_edge.polls(1).asked == []
    assert resting.polls(5).asked == []


def test_f14_an_old_order_that_the_venue_lists_or_finds_is_left_alone() -> None:
    order = accepted()
    done = Drill(order, answer=FOUND, open_only=False, lookback_mins=1)
    done.now_s = 3_600.0

    done.polls(3, order_report(order))
    assert done.asked == []
    done.polls(20)
    assert order.status is OrderStatus.ACCEPTED


def test_filtered_excluded_and_alignment_orders_are_never_missing() -> None:
    orders = [accepted("O-1"), accepted("O-2", strategy_id=INTERNAL_DIFF), accepted("O-3", instrument=OTHER_SPOT)]
    settings: dict[str, Any] = {"filtered": [ClientOrderId("O-1")], "instrument_ids": [SPOT.id], "missing_retries": 0}

    assert Drill(*orders, **settings).polls(5).asked == []
    assert Drill(accepted("O-4"), **settings).polls(1).asked == [(10.0, "O-4")]


def test_an_order_that_the_list_has_under_the_name_of_another_is_there() -> None:
    """Until the other is known by that number itself: venues use numbers again (seed 922057)."""
    stranger, ours = accepted("X-1"), order_in("SUBMITTED")
    done = Drill(stranger, ours, filtered=[ours.client_order_id], missing_retries=0)

    assert done.compare(order_report(ours, venue_order_id="V-X-1")).questions == []

    apply(ours, make_event(OrderAccepted, ours, venue_order_id="V-X-1"))
    assert done.compare(order_report(ours)).questions == [stranger]


def test_an_order_that_ended_is_forgotten() -> None:
    order = accepted()
    done = Drill(order).polls(3)
    apply(order, OrderCanceled)
    done.polls(1)

    assert done.check.missed_count(order.client_order_id) == 0


def test_f16_every_end_is_legal_where_it_is_concluded() -> None:
    for status in OPEN_STATUSES:
        order = order_in(status)
        Drill(order, missing_retries=0).polls(2)  # `Belief.apply` raises on an illegal event


# -- properties --------------------------------------------------------------------------------------------------------


@given(
    status=st.sampled_from(sorted(OPEN_STATUSES, key=str)),
    retries=st.integers(0, 4),
    old=st.booleans(),
    polls=st.lists(st.sampled_from(["listed", "left out", "no answer"]), max_size=40),
    replies=st.lists(st.sampled_from([FOUND, NOT_THERE, UNANSWERED]), max_size=40),
)
def test_no_order_ends_without_enough_answers_that_it_is_not_there(
    status: OrderStatus, retries: int, old: bool, polls: list[str], replies: list[Outcome]
) -> None:
    """An end takes `retries` answers in a row without the order, and "not there" to a question about it alone."""
    order = order_in(status)
    script = iter(replies)
    history: list[str] = []

    def reply(_: Order) -> Outcome:
        outcome = next(script, UNANSWERED)
        history.append(outcome.value)
        return outcome

    done = Drill(order, answer=reply, missing_retries=retries, open_only=not old, lookback_mins=1)
    done.now_s = 3_600.0
    for answered in polls:
        if order.is_closed:
            break
        history.append(answered)
        done.poll(*([order_report(order)] if answered == "listed" else []), answered=answered != "no answer")

    if done.resolved:
        assert status in (OrderStatus.ACCEPTED, OrderStatus.TRIGGERED, OrderStatus.PARTIALLY_FILLED)
        assert history[-1] == "not there"
        heard = [one for one in history[:-1] if one not in ("unanswered", "no answer")]
        wanted = "not there" if old else "left out"
        since = heard[max((i + 1 for i, one in enumerate(heard) if one in ("listed", "found")), default=0) :]
        assert since.count(wanted) >= retries
