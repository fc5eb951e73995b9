"""The order lifecycle's tables: which status follows which word.

Data only; `core.order_lifecycle` interprets it, and nothing else may set a status. A word is an event's class, or a
text where the class alone does not say enough.
"""

from __future__ import annotations

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderExpired,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)

# Named here because looking a member up in its class costs as much as a comparison ten times over.
INITIALIZED, EMULATED, RELEASED = OrderStatus.INITIALIZED, OrderStatus.EMULATED, OrderStatus.RELEASED
SUBMITTED, ACCEPTED, TRIGGERED = OrderStatus.SUBMITTED, OrderStatus.ACCEPTED, OrderStatus.TRIGGERED
PENDING_UPDATE, PENDING_CANCEL = OrderStatus.PENDING_UPDATE, OrderStatus.PENDING_CANCEL
PARTIALLY_FILLED, FILLED = OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED
DENIED, REJECTED = OrderStatus.DENIED, OrderStatus.REJECTED
CANCELED, EXPIRED = OrderStatus.CANCELED, OrderStatus.EXPIRED

PARTIAL = "OrderFilled[partial]"
COMPLETE = "OrderFilled[complete]"
TAKEN_BACK = "OrderFillVoided"
WORKS_ON = "OrderAccepted[larger than what is filled]"
REPLACED = "OrderUpdated[another venue id]"
LESSENED = "OrderUpdated[to what is filled]"

Trigger = type[OrderEvent] | str

TRANSITIONS: dict[OrderStatus, dict[Trigger, OrderStatus]] = {
    INITIALIZED: {
        OrderDenied: DENIED,
        OrderEmulated: EMULATED,
        OrderReleased: RELEASED,
        OrderSubmitted: SUBMITTED,
        OrderAccepted: ACCEPTED,
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderTriggered: TRIGGERED,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
    },
    EMULATED: {OrderReleased: RELEASED, OrderCanceled: CANCELED, OrderExpired: EXPIRED},
    RELEASED: {OrderDenied: DENIED, OrderSubmitted: SUBMITTED, OrderCanceled: CANCELED},
    SUBMITTED: {
        OrderEmulated: EMULATED,
        OrderAccepted: ACCEPTED,
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderPendingUpdate: PENDING_UPDATE,
        OrderPendingCancel: PENDING_CANCEL,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
    },
    ACCEPTED: {
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderTriggered: TRIGGERED,
        OrderPendingUpdate: PENDING_UPDATE,
        OrderPendingCancel: PENDING_CANCEL,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
    },
    TRIGGERED: {
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderPendingUpdate: PENDING_UPDATE,
        OrderPendingCancel: PENDING_CANCEL,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
    },
    PENDING_UPDATE: {
        OrderSubmitted: PENDING_UPDATE,
        OrderAccepted: ACCEPTED,
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderTriggered: PENDING_UPDATE,
        OrderPendingUpdate: PENDING_UPDATE,
        OrderPendingCancel: PENDING_CANCEL,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
        LESSENED: FILLED,
    },
    PENDING_CANCEL: {
        OrderAccepted: ACCEPTED,
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderTriggered: PENDING_CANCEL,
        OrderPendingCancel: PENDING_CANCEL,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
        LESSENED: FILLED,
    },
    PARTIALLY_FILLED: {
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderPendingUpdate: PENDING_UPDATE,
        OrderPendingCancel: PENDING_CANCEL,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
        LESSENED: FILLED,
    },
    CANCELED: {PARTIAL: CANCELED, COMPLETE: FILLED, REPLACED: ACCEPTED},
    EXPIRED: {PARTIAL: EXPIRED, COMPLETE: FILLED},
    REJECTED: {PARTIAL: REJECTED, COMPLETE: FILLED},
    DENIED: {},
    # A filled order takes no ordinary fill beyond its quantity; but a trade that replaces its placeholder leaves it as
    # full as it was, and a late update may have made room.
    # An order of which only trades were seen may turn out to be larger than they are, and to work on.
    FILLED: {PARTIAL: FILLED, COMPLETE: FILLED, TAKEN_BACK: CANCELED, WORKS_ON: PARTIALLY_FILLED},
}
"""What follows what. A blank is illegal; but a trade can be taken back in any status, which mostly stays."""

RESTORES: dict[Trigger, OrderStatus] = {
    OrderUpdated: PENDING_UPDATE,
    REPLACED: PENDING_UPDATE,
    OrderModifyRejected: PENDING_UPDATE,
    OrderCancelRejected: PENDING_CANCEL,
}
"""Events that end one pending status and go back to the last one that was not pending; elsewhere the status stays."""

PROVISIONAL: dict[OrderStatus, dict[Trigger, OrderStatus]] = {
    REJECTED: {
        OrderAccepted: ACCEPTED,
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderTriggered: TRIGGERED,
        OrderUpdated: ACCEPTED,
        REPLACED: ACCEPTED,
        PARTIAL: PARTIALLY_FILLED,
    },
    CANCELED: {
        OrderAccepted: ACCEPTED,
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        OrderTriggered: TRIGGERED,
        OrderUpdated: ACCEPTED,
    },
    EMULATED: {
        OrderAccepted: ACCEPTED,
        OrderRejected: REJECTED,
        OrderCanceled: CANCELED,
        OrderExpired: EXPIRED,
        PARTIAL: PARTIALLY_FILLED,
        COMPLETE: FILLED,
    },
}
"""What the venue's own word does to an end that we concluded ourselves, where that differs from the table above."""
