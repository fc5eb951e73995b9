"""When an order was last in the news: refusals in a row are one piece of it."""

from __future__ import annotations

import pytest

from nautilus_live.core.last_news import last_news_ns
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
