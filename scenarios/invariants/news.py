"""What is news of an order, and what is not: that a request is refused once more, after nothing but refusals.

May know: the kernel's orders and events. Made without the kernel's own opinion of it, against which it is held.
"""

from __future__ import annotations

from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import REFUSALS, OrderEvent, OrderPendingCancel, OrderPendingUpdate
from nautilus_live.model.orders import PENDING_STATUSES, Order

REQUESTS = (OrderPendingCancel, OrderPendingUpdate)


def is_no_news(refusal: OrderEvent, order: Order | None) -> bool:
    """Return whether a request was refused here and never left, or once more, of an order never acknowledged.

    `order` is as it was before.
    """
    if refusal.provenance is Provenance.LOCAL:
        return True
    if order is None or order.previous_status is not OrderStatus.SUBMITTED:
        return False
    for event in reversed(order.events):
        if type(event) not in REQUESTS:
            return type(event) in REFUSALS
    return False


def is_unacknowledged(order: Order) -> bool:
    """Return whether an order waits for its first word from the venue, though a request about it may be under way."""
    status = order.previous_status if order.status in PENDING_STATUSES else order.status
    return status is OrderStatus.SUBMITTED


def is_refused_in_a_row(order: Order | None) -> bool:
    """Return whether of an order never acknowledged nothing but refusals was heard last: it is one wait, however often.

    Whether one more request is under way just now makes no difference.
    """
    if order is None or not is_unacknowledged(order):
        return False
    words = (type(event) for event in reversed(order.events) if type(event) not in REQUESTS)
    return next(words, None) in REFUSALS


def words_heard(order: Order) -> int:
    """Return how many events the order had when the venue last spoke of it.

    Of one that was never acknowledged the first of a row of refusals counts.
    """
    heard = 0
    for count in range(len(order.events), 0, -1):
        event = order.events[count - 1]
        if event.provenance is Provenance.LOCAL:
            continue
        if type(event) not in REFUSALS or not is_unacknowledged(order):
            return heard or count
        heard = count
    return heard


def heard_ns(order: Order, before_ns: int) -> int:
    """Return when something was heard of an order, or done about it, last before a time."""
    known = [event for event in order.events if event.ts_init < before_ns]
    if order.status is not OrderStatus.SUBMITTED and not is_refused_in_a_row(order):
        return max((event.ts_init for event in known), default=0)
    while known and type(known[-1]) in REQUESTS:
        known.pop()  # refused in this moment, or about to be refused once more
    return last_news_ns(known) if known else 0


def last_news_ns(events: list[OrderEvent]) -> int:
    """Return when something new was heard last: a refusal that follows a refusal, and nothing else, is not."""
    words = [event for event in events if type(event) not in REQUESTS]
    if type(events[-1]) not in REFUSALS:
        return max(event.ts_init for event in events)
    while len(words) > 1 and type(words[-2]) in REFUSALS:
        words.pop()
    return words[-1].ts_init
