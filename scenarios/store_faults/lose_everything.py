"""Everything that was stored is gone."""

from __future__ import annotations

from nautilus_live.store.memory import MemoryStore
from scenarios.store_faults.fault import StoreFault


class LoseEverything(StoreFault, frozen=True, kw_only=True):
    """A new disk."""

    def begin(self, store: MemoryStore) -> None:
        """Lose it."""
        store.data.clear()
