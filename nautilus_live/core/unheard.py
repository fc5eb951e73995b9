"""Unheard fills: what a venue said was filled of an order, beyond the trades that we were told of. Pure.

A venue that ends an order says how much of it was filled in all. If that is more than we know, a trade got lost on its
way, however healthy the stream looks. The word is evidence: the venue is asked for the trade before the end is told,
and as long as nobody shows it, the order is in doubt. A trade that the venue takes back later lowers what it said. The
total that comes with a trade is evidence of the same kind, while the order works on.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.marks import mark
from nautilus_live.model.events import OrderCanceled, OrderEvent, OrderExpired, OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport

ZERO = Decimal(0)
End = OrderCanceled | OrderExpired
ENDS = (OrderCanceled, OrderExpired)


def unheard_qty(order: Order, word: OrderEvent) -> Decimal:
    """Return how much more of the order was filled than we know, by a word about its end; zero if nothing."""
    if not isinstance(word, ENDS) or word.cum_qty is None:
        return ZERO
    return max(word.cum_qty.value - order.filled_qty.value, ZERO)


def tells_of_less(order: Order, word: OrderEvent) -> bool:
    """Return whether the venue says of the order's end that less was filled than we know: a trade was taken back."""
    return isinstance(word, ENDS) and word.cum_qty is not None and word.cum_qty.value < order.filled_qty.value


def tells_of_another(order: Order, fill: OrderFilled, total: Quantity) -> bool:
    """Return whether the venue's `total` with a trade says that one before it was never heard of."""
    if fill.replaces or total.value <= order.filled_qty.value + fill.last_qty.value:
        return False
    mark("admission.lost_trade")
    return True


def stated_qty(order: Order) -> Decimal:
    """Return what the venue said was filled when it ended the order, zero where it did not say."""
    for event in reversed(order.events):
        if isinstance(event, OrderFillVoided) or (isinstance(event, OrderFilled) and event.corrects is not None):
            return ZERO  # what was said before counts no longer
        if isinstance(event, ENDS):
            return event.cum_qty.value if event.cum_qty is not None else ZERO
    return ZERO


def last_word(order: Order, stated: Decimal, account_id: AccountId) -> OrderStatusReport | None:
    """Return what the venue said of an order's end as a report; None if it has no venue order id."""
    if order.venue_order_id is None:
        return None
    return OrderStatusReport(
        account_id=order.account_id or account_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        order_side=order.side,
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        order_status=order.status,
        quantity=order.quantity,
        filled_qty=Quantity(stated, order.quantity.precision),
        price=order.price,
        trigger_price=order.trigger_price,
        ts_accepted=order.ts_accepted,
        ts_last=order.ts_closed,
    )
