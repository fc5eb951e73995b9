"""Writes fail."""

from __future__ import annotations

from nautilus_live.store.memory import MemoryStore
from scenarios.store_faults.fault import StoreFault


class FailWrites(StoreFault, frozen=True, kw_only=True):
    """The next batches are refused, whole.

    Attributes:
        times: how many.
        reason: what the store says.

    """

    times: int = 1
    reason: str = "the disk is full"

    def begin(self, store: MemoryStore) -> None:
        """Refuse."""
        store.fail_next(self.times, self.reason)

    def end(self, store: MemoryStore) -> None:
        """Refuse no more."""
        store.fail_next(0)
