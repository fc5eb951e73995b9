"""How an order is made out of a primary one, for an execution algorithm."""

from __future__ import annotations

from typing import Any

from nautilus_live.adapters.ports import Clock
from nautilus_live.engine.ids import EventIds
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import ORDER_CLASSES, Order, order_from
from nautilus_live.trading.clock import nanoseconds_of
from nautilus_live.trading.order_rules import check_order

TYPES = {kind: order_type for order_type, kind in ORDER_CLASSES.items()}


def spawned(
    kind: type[Order],
    primary: Order,
    quantity: Quantity,
    number: int,
    tags: list[str] | None,
    fields: dict[str, Any],
    event_ids: EventIds,
    clock: Clock,
) -> Order:
    """Return the `number`th order that is made of `primary`, of that strategy and instrument, and on its side.

    Raises:
        ValueError: if the order contradicts itself.

    """
    now = clock.timestamp_ns()
    expire_time = fields.pop("expire_time", None)
    init = OrderInitialized(
        event_id=event_ids.next(),
        ts_event=now,
        ts_init=now,
        trader_id=primary.trader_id,
        strategy_id=primary.strategy_id,
        instrument_id=primary.instrument_id,
        client_order_id=ClientOrderId(f"{primary.client_order_id}-E{number}"),
        order_side=primary.side,
        order_type=TYPES[kind],
        quantity=quantity,
        expire_time_ns=0 if expire_time is None else nanoseconds_of(expire_time),
        exec_algorithm_id=primary.exec_algorithm_id,
        exec_algorithm_params=primary.exec_algorithm_params,
        exec_spawn_id=primary.client_order_id,
        tags=tuple(tags) if tags else (),
        **fields,
    )
    check_order(init, now)
    return order_from(init)
