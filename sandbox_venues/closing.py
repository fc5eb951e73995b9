"""Positions closed by the venue itself: liquidations and settlements.

May know: the model, this package. Promises: what closes a position is an order like any other, in the account's record
and on its stream, under an id that nobody asked for, or under none; it takes off what there is and never more.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Money, Quantity
from sandbox_venues.accounts import VenueAccount, VenuePosition
from sandbox_venues.engine import Engine
from sandbox_venues.messages import PlaceOrder
from sandbox_venues.orders import ZERO, VenueOrder


def close_position(
    venue: Engine,
    account: VenueAccount,
    position: VenuePosition,
    name: str,
    now_ns: int,
    *,
    quantity: Decimal | None = None,
    price: Decimal | None = None,
    free: bool = False,
) -> VenueOrder:
    """Close a position (or `quantity` of it) at `price`, without one in the market, as far as that goes.

    `name` begins the order's id (a venue may give none); `free` takes no fee.
    """
    instrument = position.instrument
    amount = abs(position.signed) if quantity is None else quantity
    number = f"{name}-{venue._count(name, instrument.id)}"
    request = PlaceOrder(
        account_id=account.id,
        instrument_id=instrument.id,
        side=OrderSide.SELL if position.signed > 0 else OrderSide.BUY,
        quantity=Quantity(amount, instrument.size_precision),
        order_type=OrderType.MARKET,
        client_order_id=ClientOrderId(number) if venue.profile.liquidation_ids == "named" else None,
        time_in_force=TimeInForce.GTC if price is not None else TimeInForce.IOC,
        reduce_only=True,
        position_id=position.position_id,
    )
    market = venue._markets[instrument.id]
    order = venue._new_order(request, market, now_ns)
    venue._register(order)
    account.open_orders[order.sequence] = order
    venue._say(order, "ack", now_ns)
    if price is None:
        venue._enter(order, market, now_ns)
        return order
    trade_id = venue._new_trade_id(instrument.id)
    fee = Money(ZERO, instrument.settlement_currency) if free else None
    venue._fill(order, amount, price, LiquiditySide.TAKER, trade_id, fee, now_ns)
    return order
