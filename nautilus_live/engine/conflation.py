"""Conflation: what a full queue does with quotes, of which only the latest counts.

Knows nothing else. The first quote of an instrument that comes while the queue is full takes a slot there; those that
follow take the place of the one in the slot until it is handled. So a flood adds one item an instrument to the queue,
and what is handled is the present. Trades and book changes are facts, each of them, and are never conflated.
"""

from __future__ import annotations

from nautilus_live.model.data import QuoteTick
from nautilus_live.model.identifiers import InstrumentId


class LatestQuote:
    """A place in the queue for whatever will be the instrument's latest quote when its turn comes."""

    __slots__ = ("tick",)

    def __init__(self, tick: QuoteTick) -> None:
        self.tick = tick


class Conflation:
    """The slots of one queue."""

    def __init__(self) -> None:
        self.count = 0
        """How many quotes gave way to later ones."""
        self._slots: dict[InstrumentId, LatestQuote] = {}

    def add(self, tick: QuoteTick) -> LatestQuote | None:
        """Return a slot to put into the queue, None if the instrument has one there, which then holds `tick`."""
        slot = self._slots.get(tick.instrument_id)
        if slot is None:
            slot = self._slots[tick.instrument_id] = LatestQuote(tick)
            return slot
        slot.tick = tick
        self.count += 1
        return None

    def take(self, slot: LatestQuote) -> QuoteTick:
        """Return the quote of a slot whose turn has come."""
        self._slots.pop(slot.tick.instrument_id, None)
        return slot.tick
