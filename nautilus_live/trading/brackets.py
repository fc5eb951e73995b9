"""Brackets: an entry, a take-profit and a stop-loss that belong together.

The entry releases the exits when it fills (OTO); the exits reduce only and end each other (OUO: they shrink together;
OCO: the first fill cancels the other).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from nautilus_live.model.enums import (
    ContingencyType,
    OrderSide,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.identifiers import ClientOrderId, ExecAlgorithmId, InstrumentId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.trading.order_ids import OrderIds

ENTRY_TYPES = (OrderType.MARKET, OrderType.LIMIT, OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED,
OrderType.STOP_MARKET,
               OrderType.STOP_LIMIT)  # fmt: skip
TP_TYPES = (OrderType.LIMIT, OrderType.LIMIT_IF_TOUCHED, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP_MARKET,
            OrderType.TRAILING_STOP_LIMIT)  # fmt: skip
SL_TYPES = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP_MARKET, OrderType.TRAILING_STOP_LIMIT)
_LIMIT_STYLE = (OrderType.LIMIT, OrderType.LIMIT_IF_TOUCHED, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP_LIMIT)
_UNTRIGGERED = (OrderType.MARKET, OrderType.LIMIT)


class BracketLegs(Struct, frozen=True, kw_only=True):
    """What distinguishes one bracket from another; the names are the ecosystem's arguments of `bracket`."""

    quote_quantity: bool = False
    emulation_trigger: TriggerType = TriggerType.NO_TRIGGER
    trigger_instrument_id: InstrumentId | None = None
    contingency_type: ContingencyType = ContingencyType.OUO
    entry_order_type: OrderType = OrderType.MARKET
    entry_price: Price | None = None
    entry_trigger_price: Price | None = None
    expire_time: datetime | int | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    entry_post_only: bool = False
    entry_exec_algorithm_id: ExecAlgorithmId | None = None
    entry_exec_algorithm_params: dict[str, Any] | None = None
    entry_tags: Iterable[str] | None = ("ENTRY",)
    entry_client_order_id: ClientOrderId | None = None
    tp_order_type: OrderType = OrderType.LIMIT
    tp_price: Price | None = None
    tp_trigger_price: Price | None = None
    tp_trigger_type: TriggerType = TriggerType.DEFAULT
    tp_activation_price: Price | None = None
    tp_trailing_offset: Decimal | None = None
    tp_trailing_offset_type: TrailingOffsetType = TrailingOffsetType.PRICE
    tp_limit_offset: Decimal | None = None
    tp_time_in_force: TimeInForce = TimeInForce.GTC
    tp_post_only: bool = True
    tp_exec_algorithm_id: ExecAlgorithmId | None = None
    tp_exec_algorithm_params: dict[str, Any] | None = None
    tp_tags: Iterable[str] | None = ("TAKE_PROFIT",)
    tp_client_order_id: ClientOrderId | None = None
    sl_order_type: OrderType = OrderType.STOP_MARKET
    sl_price: Price | None = None
    sl_trigger_price: Price | None = None
    sl_trigger_type: TriggerType = TriggerType.DEFAULT
    sl_activation_price: Price | None = None
    sl_trailing_offset: Decimal | None = None
    sl_trailing_offset_type: TrailingOffsetType = TrailingOffsetType.PRICE
    sl_limit_offset: Decimal | None = None
    sl_time_in_force: TimeInForce = TimeInForce.GTC
    sl_exec_algorithm_id: ExecAlgorithmId | None = None
    sl_exec_algorithm_params: dict[str, Any] | None = None
    sl_tags: Iterable[str] | None = ("STOP_LOSS",)
    sl_client_order_id: ClientOrderId | None = None


def bracket_orders(
    instrument_id: InstrumentId,
    order_side: OrderSide,
    quantity: Quantity,
    legs: BracketLegs,
    *,
    ids: OrderIds,
    create: Callable[..., Order],
) -> OrderList:
    """Return the three orders, under ids of `ids`, each made by `create`; see `OrderFactory.bracket`."""
    for name, allowed in (("entry", ENTRY_TYPES), ("tp", TP_TYPES), ("sl", SL_TYPES)):
        kind = getattr(legs, f"{name}_order_type")
        if kind not in allowed:
            raise ValueError(f"{name}_order_type must be one of {', '.join(map(str, allowed))}, was {kind}")
    if legs.contingency_type not in (ContingencyType.OUO, ContingencyType.OCO):
        raise ValueError(f"contingency_type of a bracket's exits must be OUO or OCO, was {legs.contingency_type}")
    if order_side not in (OrderSide.BUY, OrderSide.SELL):
        raise ValueError(f"order_side must be BUY or SELL, was {order_side}")
    list_id = ids.next_list()
    entry_id = legs.entry_client_order_id or ids.next()
    stop_id = legs.sl_client_order_id or ids.next()
    profit_id = legs.tp_client_order_id or ids.next()
    common: dict[str, Any] = {
        "order_list_id": list_id,
        "quote_quantity": legs.quote_quantity,
        "emulation_trigger": legs.emulation_trigger,
        "trigger_instrument_id": legs.trigger_instrument_id,
    }
    entry_common = common
    if legs.entry_order_type is OrderType.MARKET:  # waits for nothing, so that there is nothing to emulate
        entry_common = {**common, "emulation_trigger": TriggerType.NO_TRIGGER, "trigger_instrument_id": None}
    entry = create(
        legs.entry_order_type, instrument_id, order_side, quantity, entry_id,
        price=legs.entry_price, trigger_price=legs.entry_trigger_price,
        trigger_type=TriggerType.NO_TRIGGER if legs.entry_order_type in _UNTRIGGERED else TriggerType.DEFAULT,
        post_only=legs.entry_post_only, time_in_force=legs.time_in_force, expire_time=legs.expire_time,
        contingency_type=ContingencyType.OTO, linked_order_ids=(stop_id, profit_id), tags=legs.entry_tags,
        exec_algorithm_id=legs.entry_exec_algorithm_id, exec_algorithm_params=legs.entry_exec_algorithm_params,
        **entry_common,
    )  # fmt: skip
    exit_common = {
        **common,
        "reduce_only": True,
        "parent_order_id": entry_id,
        "contingency_type": legs.contingency_type,
    }
    stop = create(
        legs.sl_order_type, instrument_id, order_side.opposite, quantity, stop_id,
        linked_order_ids=(profit_id,), **_exit_fields(legs, "sl", legs.sl_order_type), **exit_common,
    )  # fmt: skip
    profit = create(
        legs.tp_order_type, instrument_id, order_side.opposite, quantity, profit_id,
        linked_order_ids=(stop_id,), post_only=legs.tp_post_only and legs.tp_order_type in _LIMIT_STYLE,
        **_exit_fields(legs, "tp", legs.tp_order_type), **exit_common,
    )  # fmt: skip
    return OrderList(list_id, [entry, stop, profit])


def _exit_fields(legs: BracketLegs, name: str, order_type: OrderType) -> dict[str, Any]:
    trails = order_type in (OrderType.TRAILING_STOP_MARKET, OrderType.TRAILING_STOP_LIMIT)
    fields: dict[str, Any] = {
        field: getattr(legs, f"{name}_{field}")
        for field in ("price", "trigger_price", "time_in_force", "exec_algorithm_id", "exec_algorithm_params", "tags")
    }
    if order_type is not OrderType.LIMIT:
        fields["trigger_type"] = getattr(legs, f"{name}_trigger_type")
    if trails:
        for field in ("activation_price", "trailing_offset", "trailing_offset_type", "limit_offset"):
            fields[field] = getattr(legs, f"{name}_{field}")
    return fields
