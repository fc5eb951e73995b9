"""A store that something happens to."""

from __future__ import annotations

import pytest

from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import Operation, Write


class Store(MemoryStore):
    """A store with a value and a list in it, and short words for writes."""

    def put(self, key: str, value: bytes) -> Write:
        return Write(Operation.PUT, key, value)

    def append(self, key: str, value: bytes) -> Write:
        return Write(Operation.APPEND, key, value)


@pytest.fixture
def store() -> Store:
    made = Store()
    made.connect().apply([made.put("a", b"one"), made.append("list", b"first")])
    return made
