"""Tombstones: what is left of an order that was purged. A value; what late words do to it is in `purging`."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.orders import Order

ZERO = Decimal(0)


class Tombstone(Struct, frozen=True, kw_only=True, gc=False, tag=True, array_like=True):
    """Enough of a closed order to know it again and to tell a trade that was booked from one that was not.

    Ids are plain texts. Stored as an array, so a new field goes last and has a default.

    Attributes:
        client_order_id: our id.
        venue_order_ids: the venue's, those superseded first.
        instrument_id: what was traded; venue ids are unique in an instrument only.
        trade_ids: the real trades that were booked, or spoken of since.
        filled_qty: what the venue had filled, as far as it was booked or spoken of since.
        inferred_qty: the part of it that was booked without its trade.
        ts_last: the venue's time of the last word, in nanoseconds.
        ts_purged: our time of the purge.
        is_told: whether a late word was logged.
        is_deleted: whether the order is gone from the store as well, so that this is all there is.

    """

    client_order_id: str
    venue_order_ids: tuple[str, ...]
    instrument_id: InstrumentId
    trade_ids: tuple[str, ...]
    filled_qty: Decimal
    inferred_qty: Decimal
    ts_last: int
    ts_purged: int
    is_told: bool = False
    is_deleted: bool = False


def tombstone_of(order: Order, now: int, *, is_deleted: bool = False) -> Tombstone:
    """Return what is kept of `order`, purged at `now` (our time, in nanoseconds)."""
    inferred = [fill.last_qty.value for fill in order.fills.values() if fill.inferred]
    venue_order_ids = [one.value for one in order.superseded_venue_order_ids]
    if order.venue_order_id is not None:
        venue_order_ids.append(order.venue_order_id.value)
    return Tombstone(
        client_order_id=order.client_order_id.value,
        venue_order_ids=tuple(venue_order_ids),
        instrument_id=order.instrument_id,
        trade_ids=tuple(trade_id.value for trade_id, fill in order.fills.items() if not fill.inferred),
        filled_qty=order.filled_qty.value,
        inferred_qty=sum(inferred, ZERO),
        ts_last=order.ts_last,
        ts_purged=now,
        is_deleted=is_deleted,
    )
