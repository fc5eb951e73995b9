"""What the store faults that last have in common: each is a trouble of the store for as long as it is in force."""

from __future__ import annotations

from collections.abc import Sequence

from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import Write
from scenarios.store_faults.fault import StoreFault


class LastingFault(StoreFault, frozen=True, kw_only=True):
    """A store fault that looks at what is written and read."""

    def begin(self, store: MemoryStore) -> None:
        """Look from now on."""
        store.troubles[self] = None

    def end(self, store: MemoryStore) -> None:
        """Look no more."""
        store.troubles.pop(self, None)

    def before_write(self, batch: Sequence[Write]) -> None:
        """Let writes pass."""

    def after_write(self, batch: Sequence[Write]) -> None:
        """Let writes pass."""

    def before_read(self, prefix: str) -> None:
        """Let reads pass."""
