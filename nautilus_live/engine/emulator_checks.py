"""What the order emulator refuses: orders that cannot be watched or could never leave, and changes that make no sense.

Knows instruments through the cache. Pure otherwise: returns why, an empty text if nothing is wrong. A trigger price is
one of the instrument that is watched, a limit price and a quantity are those of the order's own.
"""

from __future__ import annotations

from msgspec import structs

from nautilus_live.core.emulation import NOT_EMULATED
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.risk_rules import modification_problem, price_problem, quantity_problem
from nautilus_live.model.commands import ModifyOrder
from nautilus_live.model.enums import TrailingOffsetType
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.orders import Order


def watched_instrument(order: Order) -> InstrumentId:
    """Return the instrument whose market triggers the order."""
    return order.trigger_instrument_id or order.instrument_id


def holding_problem(order: Order, cache: Cache) -> str:
    """Return why an order cannot be held here until its trigger."""
    if order.order_type in NOT_EMULATED:
        return f"a {order.order_type} order waits for nothing, it cannot be emulated"
    if order.trailing_offset_type is TrailingOffsetType.PRICE_TIER:
        return "trailing_offset_type must be PRICE, BASIS_POINTS or TICKS, was PRICE_TIER"
    for instrument_id in (watched_instrument(order), order.instrument_id):
        if cache.instrument(instrument_id) is None:
            return f"{instrument_id} is not known"
    return ""


def leaving_problem(order: Order, cache: Cache) -> str:
    """Return why an order that is new here could never leave, whatever the market does: better said now than then."""
    instrument = cache.instrument(order.instrument_id)
    assert instrument is not None, f"looked at before, was {order.instrument_id}"
    problem = "" if order.is_quote_quantity else quantity_problem(order.quantity, instrument)
    return problem or ("" if order.price is None else price_problem("price", order.price, instrument))


def change_problem(command: ModifyOrder, order: Order, cache: Cache) -> str:
    """Return why an order that is held here cannot be changed so."""
    own, watched = cache.instrument(order.instrument_id), cache.instrument(watched_instrument(order))
    if command.trigger_price is None or own is watched or watched is None:
        return modification_problem(command, own)
    rest = structs.replace(command, trigger_price=None)
    return modification_problem(rest, own) or price_problem("trigger_price", command.trigger_price, watched)
