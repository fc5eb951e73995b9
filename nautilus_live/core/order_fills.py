"""What an order's fills add up to: its trades, their value and their commissions.

Pure bookkeeping for `core.order_lifecycle`, which checks every event first and alone sets status and filled quantity.
A trade is counted once. A placeholder shrinks as real trades take its place; a trade that the venue takes back, or
states anew, is counted no longer, and under its old id never again.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.orders import Order

ZERO = Decimal(0)


def count(order: Order, fill: OrderFilled) -> None:
    """Count a fill."""
    if order.fills:  # most orders are filled at once, and their one fill says what it was worth
        order.counted_notional = order.filled_notional + fill.last_qty.value * fill.last_px.value
    order.fills[fill.trade_id] = fill
    if fill.commission is not None and fill.commission.value:
        _add_commission(order, fill, 1)


def shrink(order: Order, placeholder: OrderFilled, rest: OrderFilled | None) -> None:
    """Let `rest` be what is left of a placeholder."""
    notional = order.filled_notional - placeholder.last_qty.value * placeholder.last_px.value
    _add_commission(order, placeholder, -1)
    if rest is None:
        del order.fills[placeholder.trade_id]
    else:
        notional += rest.last_qty.value * rest.last_px.value
        _add_commission(order, rest, 1)
        order.fills[placeholder.trade_id] = rest
    order.counted_notional = notional if order.fills else None


def uncount(order: Order, gone: OrderFilled) -> None:
    """Count a fill no longer."""
    shrink(order, gone, None)


def void(order: Order, trade_id: TradeId) -> None:
    """Remember that a trade, heard of or not, does not count."""
    if trade_id not in order.voided_trade_ids:
        order.voided_trade_ids += (trade_id,)


def _add_commission(order: Order, fill: OrderFilled, sign: int) -> None:
    commission = fill.commission
    if commission is None or not commission.value:
        return
    if order.paid is None:
        order.paid = {}
    total = order.paid.get(commission.currency, ZERO) + sign * commission.value
    order.paid[commission.currency] = total
