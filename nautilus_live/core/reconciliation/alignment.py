"""Orders and trades that nobody made, so that a position here is what the venue has. Pure but for the plan.

Which ones there have to be is decided in `positions` and `windows`; here they are written down, the same way for both.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderType, Provenance, TimeInForce
from nautilus_live.model.events import OrderAccepted, OrderFilled, OrderInitialized
from nautilus_live.model.identifiers import ClientOrderId, PositionId, StrategyId, TradeId, VenueOrderId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order

RECONCILIATION_TAGS = ("RECONCILIATION",)


def is_alignment(order: Order) -> bool:
    """Return whether an order was made so that a position is the venue's, whoever owns it: it is at no venue."""
    is_claimed = order.init.tags == RECONCILIATION_TAGS and order.init.provenance is Provenance.RECONCILIATION
    return is_claimed or order.strategy_id.is_internal()


def place(
    work: Workspace,
    instrument: Instrument,
    owner: StrategyId,
    ids: tuple[ClientOrderId, VenueOrderId],
    signed_qty: Decimal,
    price: Price | None,
    ts_event: int,
) -> Order:
    """Plan an acknowledged order for `signed_qty`: a LIMIT or, without a price, a MARKET that waits for one."""
    client_order_id, venue_order_id = ids
    draft = work.create(
        OrderInitialized(
            event_id=work.event_id(client_order_id),
            ts_event=ts_event,
            ts_init=work.now,
            trader_id=work.policy.trader_id,
            strategy_id=owner,
            instrument_id=instrument.id,
            client_order_id=client_order_id,
            venue_order_id=venue_order_id,
            account_id=work.account_id,
            provenance=Provenance.RECONCILIATION,
            order_side=OrderSide.BUY if signed_qty > 0 else OrderSide.SELL,
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
            quantity=Quantity(abs(signed_qty), instrument.size_precision),
            time_in_force=TimeInForce.IOC if price is None else TimeInForce.GTC,
            price=price,
            tags=RECONCILIATION_TAGS,
        )
    )
    work.happen(OrderAccepted, draft, ts_event, venue_order_id)
    return draft


def trade(
    work: Workspace,
    instrument: Instrument,
    draft: Order,
    trade_id: TradeId,
    price: Price,
    position_id: PositionId | None,
    ts_event: int,
) -> OrderFilled:
    """Return the fill of all of such an order, at a price that is an estimate."""
    return OrderFilled(
        event_id=work.event_id(draft.client_order_id),
        ts_event=ts_event,
        ts_init=work.now,
        trader_id=work.policy.trader_id,
        strategy_id=draft.strategy_id,
        instrument_id=instrument.id,
        client_order_id=draft.client_order_id,
        venue_order_id=draft.venue_order_id,
        account_id=work.account_id,
        provenance=Provenance.RECONCILIATION,
        trade_id=trade_id,
        order_side=draft.side,
        order_type=draft.order_type,
        last_qty=draft.quantity,
        last_px=price,
        currency=instrument.quote_currency,
        liquidity_side=LiquiditySide.NO_LIQUIDITY_SIDE,
        position_id=position_id,
        last_px_estimated=True,
    )
