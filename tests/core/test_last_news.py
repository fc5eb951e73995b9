"""When an order was last in the news: refusals in a row are one piece of it."""

from __future__ import annotations

import pytest

from nautilus_live.core.last_news import last_news_ns, refused_since_ns
from nautilus_live.model.events import (
    OrderCanceled,
    OrderCancelRejected,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderUpdated,
)
from tests.core.conftest import apply, make_event, order_in


@pytest.mark.parametrize(
    ("events", "news"),
    [
        ([], 0),
        ([OrderUpdated], 1),
        ([OrderPendingCancel], 1),
        ([OrderPendingCancel, OrderCancelRejected], 2),
        ([OrderPendingCancel, OrderCancelRejected, OrderPendingCancel, OrderCancelRejected], 2),
        ([OrderPendingUpdate, OrderModifyRejected, OrderPendingCancel, OrderCancelRejected], 2),
        ([OrderPendingCancel, OrderCancelRejected, OrderPendingCancel], 3),
        ([OrderPendingCancel, OrderCancelRejected, OrderUpdated], 3),
        ([OrderPendingCancel, OrderCancelRejected, OrderUpdated, OrderPendingCancel, OrderCancelRejected], 5),
        ([OrderPendingCancel, OrderCancelRejected, OrderCanceled], 3),
    ],
    ids=str,
)
def test_a_refusal_is_news_once(events: list[type], news: int) -> None:
    order = order_in("ACCEPTED")
    before_ns = order.last_event.ts_init
    for number, kind in enumerate(events, start=1):
        apply(order, make_event(kind, order, ts=before_ns + number))
    assert last_news_ns(order) == before_ns + news


@pytest.mark.parametrize(
    ("events", "began"),
    [
        ([], None),
        ([OrderPendingCancel], None),
        ([OrderPendingCancel, OrderCancelRejected], 2),
        ([OrderPendingCancel, OrderCancelRejected, OrderPendingUpdate], 2),
        ([OrderPendingUpdate, OrderModifyRejected, OrderPendingCancel, OrderCancelRejected], 2),
        ([OrderPendingCancel, OrderCancelRejected, OrderUpdated], None),
        ([OrderPendingCancel, OrderCancelRejected, OrderUpdated, OrderPendingCancel, OrderCancelRejected], 5),
    ],
    ids=str,
)
def test_a_row_of_refusals_begins_with_its_first(events: list[type], began: int | None) -> None:
    order = order_in("SUBMITTED")
    before_ns = order.last_event.ts_init
    for number, kind in enumerate(events, start=1):
        apply(order, make_event(kind, order, ts=before_ns + number))
    assert refused_since_ns(order) == (None if began is None else before_ns + began)


def test_refusals_about_an_order_that_was_acknowledged_are_no_row() -> None:
    order = apply(order_in("ACCEPTED"), OrderPendingCancel, OrderCancelRejected)
    assert refused_since_ns(order) is None
    assert refused_since_ns(apply(order, OrderPendingCancel)) is None
