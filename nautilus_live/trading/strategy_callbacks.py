"""The callbacks of a strategy: one for every kind of event, all empty, and the tables that say which event calls which.

After the callback of its own kind an event goes to `on_order_event` (or `on_position_event`), then to `on_event`.
"""

from __future__ import annotations

from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEmulated,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderFillVoided,
    OrderInitialized,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
    PositionChanged,
    PositionClosed,
    PositionEvent,
    PositionOpened,
)

ORDER_EVENTS: dict[type[OrderEvent], str] = {
    OrderInitialized: "on_order_initialized",
    OrderDenied: "on_order_denied",
    OrderEmulated: "on_order_emulated",
    OrderReleased: "on_order_released",
    OrderSubmitted: "on_order_submitted",
    OrderAccepted: "on_order_accepted",
    OrderRejected: "on_order_rejected",
    OrderCanceled: "on_order_canceled",
    OrderExpired: "on_order_expired",
    OrderTriggered: "on_order_triggered",
    OrderPendingUpdate: "on_order_pending_update",
    OrderPendingCancel: "on_order_pending_cancel",
    OrderModifyRejected: "on_order_modify_rejected",
    OrderCancelRejected: "on_order_cancel_rejected",
    OrderUpdated: "on_order_updated",
    OrderFilled: "on_order_filled",
    OrderFillVoided: "on_order_fill_voided",
}

POSITION_EVENTS: dict[type[PositionEvent], str] = {
    PositionOpened: "on_position_opened",
    PositionChanged: "on_position_changed",
    PositionClosed: "on_position_closed",
}


class StrategyCallbacks:
    """Override what you need; what is not overridden costs nothing."""

    def on_order_event(self, event: OrderEvent) -> None:
        """Called with every order event."""

    def on_order_initialized(self, event: OrderInitialized) -> None:
        """Called when an order was made and is known to the node."""

    def on_order_denied(self, event: OrderDenied) -> None:
        """Called when the node refused an order before it left."""

    def on_order_emulated(self, event: OrderEmulated) -> None:
        """Called when an order is held here until its trigger."""

    def on_order_released(self, event: OrderReleased) -> None:
        """Called when an order held here was triggered."""

    def on_order_submitted(self, event: OrderSubmitted) -> None:
        """Called when an order was sent."""

    def on_order_accepted(self, event: OrderAccepted) -> None:
        """Called when the venue has an order."""

    def on_order_rejected(self, event: OrderRejected) -> None:
        """Called when the venue refused an order, or we concluded that it never got there."""

    def on_order_canceled(self, event: OrderCanceled) -> None:
        """Called when an order no longer works."""

    def on_order_expired(self, event: OrderExpired) -> None:
        """Called when an order's time in force ended."""

    def on_order_triggered(self, event: OrderTriggered) -> None:
        """Called when the trigger of a conditional limit order was reached."""

    def on_order_pending_update(self, event: OrderPendingUpdate) -> None:
        """Called when a modification was sent."""

    def on_order_pending_cancel(self, event: OrderPendingCancel) -> None:
        """Called when a cancel was sent."""

    def on_order_modify_rejected(self, event: OrderModifyRejected) -> None:
        """Called when the venue refused a modification; the order works on as it was."""

    def on_order_cancel_rejected(self, event: OrderCancelRejected) -> None:
        """Called when the venue refused a cancel; the order works on as it was."""

    def on_order_updated(self, event: OrderUpdated) -> None:
        """Called when an order's quantity or prices changed."""

    def on_order_filled(self, event: OrderFilled) -> None:
        """Called when a piece of an order was executed, or (`corrects`) the venue states an executed piece anew."""

    def on_order_fill_voided(self, event: OrderFillVoided) -> None:
        """Called when the venue took a trade back."""

    def on_position_event(self, event: PositionEvent) -> None:
        """Called with every position event."""

    def on_position_opened(self, event: PositionOpened) -> None:
        """Called when a position went from flat to long or short."""

    def on_position_changed(self, event: PositionChanged) -> None:
        """Called when an open position grew or shrank."""

    def on_position_closed(self, event: PositionClosed) -> None:
        """Called when a position became flat."""
