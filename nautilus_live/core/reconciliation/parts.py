"""Parts: one trade that a venue reports as several fills under one trade id, such as the two halves of a flip. Pure.

A trade id that comes again with the same quantity is the same fill told twice. With another quantity it is a part of
its own if the venue's total says so: all the order's fills, each quantity of each trade once, add up to it, and without
the parts they do not. One part keeps the trade's id, the others are named after it and their quantity, so that every
life, stream and list call them the same. Without such a total nothing is concluded, and two parts of the same quantity
cannot be told from a repetition: what they lack is inferred, as for any trade that a venue does not show.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from decimal import Decimal

from msgspec import structs

from nautilus_live.core.reconciliation.prices import ZERO
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.reports import FillReport


def part_id(trade_id: TradeId, quantity: Quantity) -> TradeId:
    """Return the id of a further part of a trade."""
    return TradeId(f"{trade_id}/{quantity}")


def is_known_part(known: Container[TradeId], trade_id: TradeId, quantity: Quantity) -> bool:
    """Return whether a fill of that quantity is among the `known` ones as a further part of its trade."""
    return part_id(trade_id, quantity) in known


def named_parts(fills: list[FillReport], known: Mapping[TradeId, OrderFilled], total: Decimal) -> list[FillReport]:
    """Return an order's fills with the further parts of trades under ids of their own.

    Args:
        fills: what the venue lists of the order.
        known: what we have of it.
        total: the filled quantity that the order's report states.

    """
    by_trade: dict[TradeId, dict[Decimal, FillReport]] = {}
    for fill in fills:
        by_trade.setdefault(fill.trade_id, {}).setdefault(fill.last_qty.value, fill)
    several = [trade_id for trade_id, parts in by_trade.items() if len(parts) > 1]
    if not several:
        return fills
    adds_up = sum((sum(parts) for parts in by_trade.values()), ZERO) == total
    renamed: dict[tuple[TradeId, Decimal], TradeId] = {}
    for trade_id in several:
        parts = by_trade[trade_id]
        whole = known.get(trade_id)
        first = min(parts) if whole is None or whole.last_qty.value not in parts else whole.last_qty.value
        for quantity, fill in parts.items():
            name = part_id(trade_id, fill.last_qty)
            if quantity != first and (adds_up or name in known):
                renamed[trade_id, quantity] = name
    return [
        fill if name is None else structs.replace(fill, trade_id=name)
        for fill in fills
        for name in (renamed.get((fill.trade_id, fill.last_qty.value)),)
    ]
