"""External orders: orders at the venue that we did not know, made known from what the venue says about them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from nautilus_live.core.reconciliation.fills import apply_fills
from nautilus_live.core.reconciliation.prices import ZERO
from nautilus_live.core.reconciliation.synthetic_ids import external_client_order_id
from nautilus_live.core.reconciliation.types import Level, LocalState
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderType, Provenance, TimeInForce, TriggerType
from nautilus_live.model.events import OrderEvent, OrderInitialized
from nautilus_live.model.identifiers import EXTERNAL, ClientOrderId, InstrumentId, StrategyId, VenueOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport

RECONCILIATION, NO_TRIGGER = Provenance.RECONCILIATION, TriggerType.NO_TRIGGER
CONDITIONAL_TYPES = frozenset(
    {
        OrderType.STOP_MARKET,
        OrderType.STOP_LIMIT,
        OrderType.MARKET_IF_TOUCHED,
        OrderType.LIMIT_IF_TOUCHED,
        OrderType.TRAILING_STOP_MARKET,
        OrderType.TRAILING_STOP_LIMIT,
    }
)


def create_from_report(work: Workspace, report: OrderStatusReport) -> Order | None:
    """Plan the order that `report` describes; None if unclaimed external orders are filtered out."""
    owner = _owner(work, report.instrument_id)
    if owner is None:
        work.plan.orders_skipped += 1
        return None
    client_order_id = _free_name(work, report.client_order_id, report.instrument_id, report.venue_order_id)
    mark("reconciliation.external_order")
    conditional = report.order_type in CONDITIONAL_TYPES
    return work.create(
        OrderInitialized(
            event_id=work.event_id(client_order_id),
            ts_event=report.ts_accepted or report.ts_last,
            ts_init=work.now,
            trader_id=work.policy.trader_id,
            strategy_id=owner,
            instrument_id=report.instrument_id,
            client_order_id=client_order_id,
            venue_order_id=report.venue_order_id,
            account_id=work.account_id,
            provenance=RECONCILIATION,
            order_side=report.order_side,
            order_type=report.order_type,
            quantity=report.quantity,
            time_in_force=report.time_in_force,
            price=report.price,
            trigger_price=report.trigger_price if conditional else None,
            trigger_type=report.trigger_type if conditional else NO_TRIGGER,
            trailing_offset=report.trailing_offset,
            limit_offset=report.limit_offset,
            trailing_offset_type=report.trailing_offset_type,
            expire_time_ns=report.expire_time_ns,
            post_only=report.post_only,
            reduce_only=report.reduce_only,
            display_qty=report.display_qty,
            contingency_type=report.contingency_type,
            order_list_id=report.order_list_id,
            linked_order_ids=report.linked_order_ids,
            parent_order_id=report.parent_order_id,
            tags=("EXTERNAL",) if owner == EXTERNAL else (),
        )
    )


def create_from_fills(work: Workspace, fills: list[FillReport]) -> Order | None:
    """Plan an order of which only the fills (oldest first) are known, as large as they are.

    Returns:
        The order, or None if unclaimed external orders are filtered out or nothing may be made up
        (`generate_missing_orders` off).

    """
    first = fills[0]
    owner = _owner(work, first.instrument_id)
    if owner is None:
        work.plan.fills_skipped += len(fills)
        return None
    if not work.policy.generate_missing_orders:
        text = f"{len(fills)} fills of unknown order {first.venue_order_id} left out: generate_missing_orders is off"
        work.note(
            Level.WARNING,
            "fill.unknown_order",
            text,
            instrument_id=first.instrument_id,
            venue_order_id=first.venue_order_id,
        )
        work.plan.uncertain[first.instrument_id] = text
        work.plan.fills_skipped += len(fills)
        return None
    mark("reconciliation.order_from_fills")
    distinct = {fill.trade_id: fill.last_qty.value for fill in fills}
    named = next((fill.client_order_id for fill in fills if fill.client_order_id is not None), None)
    client_order_id = _free_name(work, named, first.instrument_id, first.venue_order_id)
    return work.create(
        OrderInitialized(
            event_id=work.event_id(client_order_id),
            ts_event=first.ts_event,
            ts_init=work.now,
            trader_id=work.policy.trader_id,
            strategy_id=owner,
            instrument_id=first.instrument_id,
            client_order_id=client_order_id,
            venue_order_id=first.venue_order_id,
            account_id=work.account_id,
            provenance=RECONCILIATION,
            order_side=first.order_side,
            order_type=OrderType.MARKET,
            quantity=Quantity(sum(distinct.values(), ZERO), first.last_qty.precision),
            time_in_force=TimeInForce.GTC,
            tags=("EXTERNAL",) if owner == EXTERNAL else (),
        )
    )


def is_made_from_fills(order: Order) -> bool:
    """Whether only fills of the order were ever seen, so that its quantity is what they add up to so far."""
    return order.init.provenance is RECONCILIATION and not order.ts_accepted


def made_from_fills(local: LocalState, events: Iterable[OrderEvent]) -> list[Order]:
    """Return the orders that these events made, and of which only fills were seen."""
    names = [event.client_order_id for event in events if type(event) is OrderInitialized]
    orders = [local.order(name) for name in names]
    return [order for order in orders if order is not None and order.fills and is_made_from_fills(order)]


def apply_growing(work: Workspace, draft: Order, fills: list[FillReport]) -> None:
    """Plan fills (oldest first) of an order that was made from its fills; it grows with each."""
    for fill in fills:
        if fill.trade_id not in draft.fills:
            grow(work, draft, draft.filled_qty.value + fill.last_qty.value, fill.ts_event)
        apply_fills(work, draft, [fill], None)


def grow(work: Workspace, draft: Order, quantity: Decimal, ts_event: int) -> None:
    """Plan that the order is as large as `quantity` at least."""
    if quantity > draft.quantity.value:
        work.updated(draft, ts_event, draft.venue_order_id, Quantity(quantity, draft.quantity.precision))


def _free_name(
    work: Workspace, named: ClientOrderId | None, instrument_id: InstrumentId, venue_order_id: VenueOrderId
) -> ClientOrderId:
    """Return the venue's name of an order, or a derived one where it has none or somebody else's order has it.

    Names are unique within an account at best, and what people and venues type is often the same everywhere. An order
    that was purged keeps its name, for its record is still in the store.
    """
    if named is not None and work.order(named) is None and not work.local.is_buried(named):
        return named
    return external_client_order_id(work.account_id, instrument_id, venue_order_id)


def _owner(work: Workspace, instrument_id: InstrumentId) -> StrategyId | None:
    """Return the claiming strategy, else EXTERNAL, else (filtered) None."""
    claimant = work.policy.claims.get(instrument_id)
    if claimant is not None:
        return claimant
    if work.policy.filter_unclaimed_external_orders:
        return None
    return EXTERNAL
