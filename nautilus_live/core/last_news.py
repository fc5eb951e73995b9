"""When an order was last in the news: checks that compare it with what a venue shows wait until it is quiet. Pure."""

from __future__ import annotations

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import REFUSALS, OrderPendingCancel, OrderPendingUpdate
from nautilus_live.model.orders import PENDING_STATUSES, Order

_REQUESTS = (OrderPendingCancel, OrderPendingUpdate)


def last_news_ns(order: Order) -> int:
    """Return when something new was last heard of or done about an order, in nanoseconds of our time.

    That a request is refused is news: something may have happened at the venue just then. That it is refused again,
    after nothing else, is none: who asks again and again must not keep the order from being looked at.
    """
    refused, news_ns = 0, order.last_event.ts_init
    for event in reversed(order.events):
        if type(event) in REFUSALS:
            refused, news_ns = refused + 1, event.ts_init
        elif refused and type(event) in _REQUESTS:
            refused -= 1
        else:
            break
    return news_ns


def refused_since_ns(order: Order) -> int | None:
    """Return when the row of refusals began in which the story of an order ends that was never acknowledged.

    A request that is under way once more is part of the row. `None` if there is no such row.
    """
    status = order.previous_status if order.status in PENDING_STATUSES else order.status
    if status is not OrderStatus.SUBMITTED:
        return None
    began_ns = None
    for event in reversed(order.events):
        if type(event) in REFUSALS:
            began_ns = event.ts_init
        elif type(event) not in _REQUESTS:
            break
    return began_ns
