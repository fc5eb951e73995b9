"""Whether what we hold is what the venue says, position by position; and what follows where it is.

Knows the cache, `core.reconciliation`, and the engine that applies plans. Promises:

1. Where the venue keeps several positions in an instrument, each is compared with ours of that name: two that differ by
   opposite quantities are no agreement. Where we net what the venue keeps apart, the sums are compared.
2. An instrument that is trusted again has no order left that waits to align it.
3. What waits to be aligned for nothing but a price can be, once the market has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from nautilus_live.adapters.ports import ExecutionClient
from nautilus_live.core.position_ids import with_own_ids
from nautilus_live.core.position_legs import net_of_legs
from nautilus_live.core.reconciliation import settle_positions
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.core.reconciliation.prices import mid_price
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.model.identifiers import InstrumentId, PositionId
from nautilus_live.model.reports import PositionStatusReport

ZERO = Decimal(0)
Differences = tuple[tuple[PositionId | None, Decimal, Decimal], ...]
"""Positions in one instrument that differ, each with what we hold and what the venue says, negative if short.

Without an id it is the net of the instrument.
"""


def as_compared(
    cache: Cache, client: ExecutionClient, reports: Iterable[PositionStatusReport]
) -> list[PositionStatusReport]:
    """Return a client's position reports under our ids, those of an instrument in which we net added up to one."""
    own = with_own_ids(reports, client.account_id, cache.position)
    return net_of_legs(own, client.account_id, cache.positions_known)


def differences(
    cache: Cache, client: ExecutionClient, instrument_id: InstrumentId, reports: Iterable[PositionStatusReport]
) -> Differences:
    """Return the positions in an instrument that are not as `reports`, all that the venue says of it, have them.

    A position of ours that they leave out is flat for them; of two reports of one position the later counts.
    """
    held = cache.positions_open(instrument_id=instrument_id, account_id=client.account_id)
    known = sorted(as_compared(cache, client, reports), key=lambda report: report.ts_last)
    theirs = {report.venue_position_id: report.signed_qty for report in known}
    ours: dict[PositionId | None, Decimal] = {}
    for position in held:
        name = None if None in theirs else position.id
        ours[name] = ours.get(name, ZERO) + position.signed_qty
    pairs = [(name, ours.get(name, ZERO), theirs.get(name, ZERO)) for name in {**theirs, **ours}]
    return tuple(pair for pair in pairs if pair[1] != pair[2])


def is_waited_for(cache: Cache, client: ExecutionClient, instrument_id: InstrumentId, found: Differences) -> bool:
    """Return whether an order waits for the price of each of these differences, and nothing else, and there is one."""
    instrument = cache.instrument(instrument_id)
    if instrument is None or mid_price(cache.quote_tick(instrument_id), instrument.price_precision) is None:
        return False
    working = cache.orders_open(instrument_id=instrument_id, account_id=client.account_id)
    waiting = [one.quantity.value * one.side.sign for one in working if is_alignment(one)]
    return sorted(waiting) == sorted(theirs - ours for _, ours, theirs in found)


def trust(
    engine: ExecutionEngine, cache: Cache, client: ExecutionClient, instrument_id: InstrumentId, why: str, now: int
) -> None:
    """Doubt an instrument's positions no longer, and end what waits to align them; `now` in nanoseconds."""
    policy = engine.policy_for(client)
    engine.apply_plan(settle_positions(cache, client.account_id, instrument_id, policy, now))
    engine.doubts.trust_position(instrument_id, why)
