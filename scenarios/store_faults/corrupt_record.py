"""A record is damaged."""

from __future__ import annotations

from fnmatch import fnmatchcase

from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import Stored
from scenarios.store_faults.fault import StoreFault


class CorruptRecord(StoreFault, frozen=True, kw_only=True):
    """Half of each record under keys of a pattern is overwritten; of lists, the last entry.

    Attributes:
        key: the pattern, such as `*orders*`.

    """

    key: str = "*"

    def begin(self, store: MemoryStore) -> None:
        """Damage them.

        Raises:
            ValueError: if there is no such key.

        """
        keys = [key for key in store.data if fnmatchcase(key, self.key)]
        if not keys:
            raise ValueError(f"a record to corrupt must be there, was none under {self.key!r}")
        for key in keys:
            store.data[key] = _damaged(store.data[key])


def _damaged(value: Stored) -> Stored:
    if isinstance(value, list):
        return [*value[:-1], _garbage(value[-1])] if value else value
    if isinstance(value, dict):
        return {field: _garbage(content) for field, content in value.items()}
    return _garbage(value)


def _garbage(content: bytes) -> bytes:
    # 0xC1 is the one byte that MessagePack never uses, and no text encoding begins with it.
    return b"\xc1" * max(1, len(content) // 2) + content[len(content) // 2 :]
