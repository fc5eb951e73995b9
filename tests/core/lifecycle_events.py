"""Events by their names, for orders in any status: what the tests of the lifecycle share."""

from __future__ import annotations

import pytest

from nautilus_live.core import order_lifecycle
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderStatus, OrderType
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderExpired,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
)
from nautilus_live.model.orders import (
    Order,
)
from tests.core.conftest import order_in, px, snapshot

KINDS: dict[str, type[OrderEvent]] = {
    kind.__name__: kind
    for kind in (
        OrderDenied,
        OrderEmulated,
        OrderReleased,
        OrderSubmitted,
        OrderAccepted,
        OrderRejected,
        OrderCanceled,
        OrderExpired,
        OrderTriggered,
        OrderPendingUpdate,
        OrderPendingCancel,
    )
}


def stop_limit(status: OrderStatus | str) -> Order:
    """Return an order that can have every status."""
    return order_in(status, order_type=OrderType.STOP_LIMIT, trigger_price=px("51000.00"))


def assert_refused(order: Order, event: OrderEvent, *because: str, allow_overfills: bool = False) -> None:
    """Assert that the event is refused with a message that says why, and changes nothing at all."""
    before = snapshot(order)
    with pytest.raises(IllegalTransition) as caught:
        order_lifecycle.apply(order, event, allow_overfills=allow_overfills)
    assert snapshot(order) == before
    text = str(caught.value)
    assert text.startswith(f"{order.client_order_id}: cannot apply {type(event).__name__} in {order.status}")
    for part in because:
        assert part in text
