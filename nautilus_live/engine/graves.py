"""Graves: what the cache keeps of purged orders, and for how long.

Knows tombstones; decides nothing. Promises that memory stays bounded however long a node runs: a tombstone is kept
for `TOMBSTONE_RETENTION_NS`, and after that one number stands for all that went, the latest time at which one of them
ended at the venue. What ended no later than that and is not known is taken for one of them.

Half an hour of tombstones at one order a second is less than 1 MB. A late word about an order without one is known by
its time: a report of it is skipped, a trade is dropped with a warning. A trade that happened later than all that went
is no such word; it is held for its order like any other, and alarmed when none comes.
"""

from __future__ import annotations

from nautilus_live.core.tombstones import Tombstone
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId

TOMBSTONE_RETENTION_NS = 1_800_000_000_000
"""How long a tombstone is kept, on top of the time that the order itself was kept after its end."""


class Graves:
    """The tombstones, by our id and by the venue's."""

    def __init__(self) -> None:
        self.forgotten_until = 0
        self._stones: dict[str, Tombstone] = {}
        self._by_venue_id: dict[str, str | list[str]] = {}

    def __len__(self) -> int:
        return len(self._stones)

    def bury(self, stone: Tombstone) -> None:
        """Keep a tombstone, in the place of an earlier one of the same order."""
        name = stone.client_order_id
        known = self._stones.get(name)
        self._stones[name] = stone
        if known is None:
            for venue_order_id in stone.venue_order_ids:
                other = self._by_venue_id.get(venue_order_id)
                if other is None:
                    self._by_venue_id[venue_order_id] = name
                else:  # the venue uses one id for orders of several instruments
                    self._by_venue_id[venue_order_id] = [*_names(other), name]

    def has(self, client_order_id: ClientOrderId) -> bool:
        """Return whether there is a tombstone under our id."""
        return client_order_id.value in self._stones

    def find(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None, instrument_id: InstrumentId
    ) -> Tombstone | None:
        """Return the tombstone under either id."""
        if not self._stones:
            return None
        stone = None if client_order_id is None else self._stones.get(client_order_id.value)
        if stone is not None and stone.instrument_id == instrument_id:
            return stone
        if venue_order_id is None:
            return None
        candidates = [self._stones[name] for name in _names(self._by_venue_id.get(venue_order_id.value, []))]
        return next((one for one in candidates if one.instrument_id == instrument_id), None)

    def expire(self, now: int) -> list[Tombstone]:
        """Drop and return the tombstones whose time is over at `now` (our time, in nanoseconds)."""
        expired: list[Tombstone] = []
        for stone in self._stones.values():  # in the order in which they were purged
            if stone.ts_purged + TOMBSTONE_RETENTION_NS > now:
                break
            expired.append(stone)
        for stone in expired:
            self._drop(stone)
            self.forgotten_until = max(self.forgotten_until, stone.ts_last)
        return expired

    def _drop(self, stone: Tombstone) -> None:
        name = stone.client_order_id
        del self._stones[name]
        for venue_order_id in stone.venue_order_ids:
            left = [other for other in _names(self._by_venue_id[venue_order_id]) if other != name]
            if left:
                self._by_venue_id[venue_order_id] = left
            else:
                del self._by_venue_id[venue_order_id]


def _names(entry: str | list[str]) -> list[str]:
    return [entry] if isinstance(entry, str) else entry
