"""Good-till-date: what is due for an order whose date matters here. Pure: (order, now) -> what to do, and when next."""

from __future__ import annotations

from msgspec import Struct

from nautilus_live.model.enums import OrderStatus, TimeInForce
from nautilus_live.model.orders import Order

RETRY_AFTER_NS = 5_000_000_000


class LookAt(Struct, frozen=True):
    """There is nothing to do before that time, in nanoseconds."""

    due_ns: int


class CancelNow(Struct, frozen=True):
    """The date has come: the order is to be canceled, and looked at again at `check_ns` in case that is refused."""

    check_ns: int


def due(order: Order, now: int) -> LookAt | CancelNow | None:
    """Return what is due for an order at `now`; None if its date does not matter (any more).

    The date of an order that is held here is the holder's business. One of which the venue has not said that it has it
    cannot be canceled there: it is looked at again. So is one whose cancel is under way: it may be refused, or lost.
    """
    if order.time_in_force is not TimeInForce.GTD or order.is_closed or order.is_held_here:
        return None
    if now < order.expire_time_ns:
        return LookAt(order.expire_time_ns)
    if order.is_active_local or order.status in (OrderStatus.SUBMITTED, OrderStatus.PENDING_CANCEL):
        return LookAt(now + RETRY_AFTER_NS)
    return CancelNow(now + RETRY_AFTER_NS)
