"""The in-flight check over an order that was never acknowledged, and that a strategy cancels all the time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count, pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.inflight import InflightCheck, Query, Resolve
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCancelRejected,
    OrderEvent,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
)
from nautilus_live.model.orders import Order
from tests.core.conftest import apply, make_event, order_in
from tests.core.test_inflight import Drill

S, MS = 1_000_000_000, 1_000_000
REJECTED, CANCELED = OrderStatus.REJECTED, OrderStatus.CANCELED


class Agenda:
    """What happens when, in order of time: a kind of event of the order, an answer to a question, or (None) a look."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, type[OrderEvent] | Query | None]] = []
        self._number = count()

    def add(self, at_ms: int, entry: type[OrderEvent] | Query | None) -> None:
        heapq.heappush(self._entries, (at_ms, next(self._number), entry))

    def __iter__(self) -> Iterator[tuple[int, type[OrderEvent] | Query | None]]:
        while self._entries:
            at_ms, _, entry = heapq.heappop(self._entries)
            yield at_ms, entry


def drill(order: Order) -> Drill:
    def reply(_: Query) -> Outcome:
        return Outcome.NOT_THERE

    return Drill(InflightCheck(threshold_ms=5_000, retries=5), [order], reply)


def refuse_a_cancel(order: Order, at_s: float, *, after_s: float = 0.02) -> None:
    asked, refused = (make_event(kind, order, ts=round(s * S)) for kind, s in
                      ((OrderPendingCancel, at_s), (OrderCancelRejected, at_s + after_s)))  # fmt: skip
    apply(order, asked, refused)


def test_cancels_that_are_refused_again_and_again_do_not_put_the_end_of_an_order_off_that_never_arrived() -> None:
    order = order_in("SUBMITTED")
    done = drill(order)
    while not done.resolved and done.now_s < 100:
        refuse_a_cancel(order, done.now_s + 1)
        done.until(done.now_s + 2)

    assert order.status is OrderStatus.REJECTED
    assert len(done.asked_s) == 5
    assert done.asked_s[0] >= 1.02 + 5, "the first refusal is news"
    assert done.now_s <= 40


def test_a_request_that_is_under_way_again_is_part_of_the_row() -> None:
    order = order_in("SUBMITTED")
    done = drill(order)
    refuse_a_cancel(order, 1)
    done.until(10)
    asked = list(done.asked_s)
    apply(order, make_event(OrderPendingCancel, order, ts=10 * S))

    assert done.until(14).asked_s == [*asked, 14]
    assert done.until(44).ends == [("OrderCanceled", "INFLIGHT_TIMEOUT")], "the guide's end of what waits for that"
    assert len(done.asked_s) == 5, "what was answered before counts"


def test_the_first_request_of_all_is_given_its_time() -> None:
    order = order_in("SUBMITTED")
    done = drill(order)
    done.until(10)
    asked = len(done.asked_s)
    apply(order, make_event(OrderPendingCancel, order, ts=10 * S))

    assert len(done.until(14).asked_s) == asked
    assert len(done.until(16).asked_s) == asked + 1, "it waits for that now"


PENDING, LOOKING_MS, RETRIES, THRESHOLD_MS = (OrderPendingCancel, OrderPendingUpdate), 2_000, 3, 5_000
REFUSAL = {OrderPendingCancel: OrderCancelRejected, OrderPendingUpdate: OrderModifyRejected}


@given(
    period_ms=st.integers(200, 7_000),
    offset_ms=st.integers(0, 4_900),
    transit_ms=st.integers(1, 4_000),
    answer_ms=st.sampled_from([0, 20, 1_000]),
    kinds=st.lists(st.sampled_from(PENDING), min_size=1, max_size=3),
    policy=st.sampled_from(["resolve", "unresolved"]),
)
@example(period_ms=2_000, offset_ms=1_990, transit_ms=20, answer_ms=20, kinds=[PENDING[0]], policy="resolve")
@example(period_ms=2_000, offset_ms=1_990, transit_ms=20, answer_ms=20, kinds=[PENDING[0]], policy="unresolved")
@example(period_ms=2_000, offset_ms=0, transit_ms=20, answer_ms=20, kinds=[PENDING[0]], policy="resolve")
@example(period_ms=1_000, offset_ms=995, transit_ms=10, answer_ms=0, kinds=[*PENDING], policy="resolve")
def test_an_order_that_never_arrived_ends_in_time_whenever_we_look_and_however_often_it_is_canceled(
    period_ms: int, offset_ms: int, transit_ms: int, answer_ms: int, kinds: list[type[OrderEvent]], policy: str
) -> None:
    """Requests go out every so often and are refused a moment later; the check looks every two seconds."""
    order = order_in("SUBMITTED")
    check = InflightCheck(threshold_ms=THRESHOLD_MS, retries=RETRIES, policy=policy)
    transit_ms = min(transit_ms, period_ms - 1)
    agenda = Agenda()
    for number, at_ms in enumerate(range(offset_ms, 60_000, period_ms)):
        kind = kinds[number % len(kinds)]
        agenda.add(at_ms, kind)
        agenda.add(at_ms + transit_ms, REFUSAL[kind])
    for at_ms in range(LOOKING_MS, 60_000, LOOKING_MS):
        agenda.add(at_ms, None)
    first_ms, asked_ms = offset_ms + transit_ms, []

    for at_ms, entry in agenda:
        if isinstance(entry, Query):
            check.answered(entry, Outcome.NOT_THERE)
        elif entry is not None:
            apply(order, make_event(entry, order, ts=at_ms * MS))
        else:
            for action in check.tick([order], at_ms * MS):
                if isinstance(action, Query):
                    asked_ms.append(at_ms)
                    agenda.add(at_ms + answer_ms, action)
                else:
                    assert isinstance(action, Resolve)
                    was = order.status
                    apply(order, action.event)
                    assert order.status is (REJECTED if was is OrderStatus.SUBMITTED else CANCELED)
            if order.is_closed:
                break

    assert order.provisional
    pauses = [later - sooner for sooner, later in pairwise(asked_ms)]
    assert min(pauses) >= THRESHOLD_MS
    assert len([at for at in asked_ms if at >= first_ms]) >= RETRIES
    # Each question, and the end, comes with the first look that is due after the first refusal, or the one before it.
    assert at_ms <= max(first_ms, LOOKING_MS) + (RETRIES + 1) * (THRESHOLD_MS + LOOKING_MS) + LOOKING_MS


def test_a_word_that_is_no_refusal_ends_the_row() -> None:
    order = order_in("SUBMITTED")
    done = drill(order)
    refuse_a_cancel(order, 1)
    done.until(26)
    apply(order, make_event(OrderAccepted, order, ts=26 * S), make_event(OrderPendingCancel, order, ts=26 * S))

    assert done.until(50).resolved == []
