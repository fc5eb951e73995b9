"""What is due for a good-till-date order, and when it is looked at again."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.gtd import RETRY_AFTER_NS, CancelNow, LookAt, due
from nautilus_live.model.enums import TimeInForce, TriggerType
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderEmulated,
    OrderPendingCancel,
    OrderSubmitted,
)
from nautilus_live.model.orders import Order
from tests.core.conftest import apply, make_order

DATE = 1_000


def until(*events: Any, **fields: Any) -> Order:
    order = make_order(time_in_force=TimeInForce.GTD, expire_time_ns=DATE, **fields)
    apply(order, *events)
    return order


@pytest.mark.parametrize(
    ("events", "now", "expected"),
    [
        ((OrderSubmitted, OrderAccepted), DATE - 1, LookAt(DATE)),
        ((OrderSubmitted, OrderAccepted), DATE, CancelNow(DATE + RETRY_AFTER_NS)),
        ((), DATE, LookAt(DATE + RETRY_AFTER_NS)),  # on its way to the venue: nothing there could be canceled
        ((OrderSubmitted,), DATE, LookAt(DATE + RETRY_AFTER_NS)),
        ((OrderSubmitted, OrderAccepted, OrderPendingCancel), DATE, LookAt(DATE + RETRY_AFTER_NS)),
        (
            (OrderSubmitted, OrderAccepted, OrderPendingCancel, OrderCancelRejected),
            DATE + 1,
            CancelNow(DATE + 1 + RETRY_AFTER_NS),
        ),
        ((OrderSubmitted, OrderAccepted, OrderCanceled), DATE, None),
    ],
)
def test_what_is_due(events: tuple[Any, ...], now: int, expected: object) -> None:
    assert due(until(*events), now) == expected


def test_the_date_of_an_order_that_is_held_here_is_its_holders_business() -> None:
    assert due(until(OrderEmulated, emulation_trigger=TriggerType.BID_ASK), DATE) is None
    assert due(make_order(), DATE) is None
