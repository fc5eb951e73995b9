"""What a store fault is: a frozen value that `begin`s on a store in memory and, if it lasts, `end`s there."""

from __future__ import annotations

from msgspec import Struct

from nautilus_live.store.memory import MemoryStore


class StoreFault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong with a store."""

    def begin(self, store: MemoryStore) -> None:
        """Put it in force."""
        raise NotImplementedError(f"{type(self).__name__} must say what it does")

    def end(self, store: MemoryStore) -> None:
        """Take it back; what happens once has no end."""
