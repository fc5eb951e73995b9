"""Writes take long."""

from __future__ import annotations

from nautilus_live.store.memory import MemoryStore
from scenarios.store_faults.fault import StoreFault


class SlowWrites(StoreFault, frozen=True, kw_only=True):
    """Every batch takes so much longer, and the process that writes does nothing else meanwhile.

    Attributes:
        by_secs: how much longer.

    """

    by_secs: float

    def begin(self, store: MemoryStore) -> None:
        """Slow down."""
        store.slow(self.by_secs)

    def end(self, store: MemoryStore) -> None:
        """Write at once again."""
        store.slow(0.0)
