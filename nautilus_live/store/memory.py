"""The in-memory store: a database for tests and simulations that outlives the node using it.

Knows the store port only. `MemoryStore` is the database; each start of a node has a connection of its own, and cutting
that one connection is what a crash of its host does: nothing more gets through. Faults (`fail_next`, `slow`, and
whatever is in `troubles`) belong to the database and hit whoever is connected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from nautilus_live.errors import StoreError
from nautilus_live.store.port import Operation, Store, Stored, Write

_KINDS: dict[Operation, type] = {
    Operation.PUT: bytes,
    Operation.APPEND: list,
    Operation.PUT_FIELD: dict,
    Operation.DELETE_FIELD: dict,
}


class Trouble(Protocol):
    """What may go wrong with a database; each method raises `StoreError` to let what it is about fail."""

    def before_write(self, batch: Sequence[Write]) -> None:
        """A batch is about to be applied."""
        ...

    def after_write(self, batch: Sequence[Write]) -> None:
        """A batch was applied; raising here lets the writer believe that it was not."""
        ...

    def before_read(self, prefix: str) -> None:
        """Values are about to be read or deleted."""
        ...


class MemoryStore:
    """Keys and values, and the faults to come.

    Args:
        wait: called with the seconds that a slow write takes; a simulation stops the writing host for so long.

    """

    def __init__(self, wait: Callable[[float], object] | None = None) -> None:
        self.data: dict[str, Stored] = {}
        self.batch_count = 0
        self.troubles: dict[Trouble, None] = {}
        self._wait = wait
        self._failures_left = 0
        self._failure_text = ""
        self._delay_s = 0.0

    def connect(self) -> MemoryConnection:
        """Return a new connection."""
        return MemoryConnection(self)

    def untroubled(self) -> MemoryStore:
        """Return the same data with none of its faults, for whoever looks at the disk itself."""
        other = MemoryStore()
        other.data = self.data
        return other

    def fail_next(self, writes: int, text: str = "the disk is full") -> None:
        """Refuse the next `writes` batches (0: none any more)."""
        self._failures_left = writes
        self._failure_text = text

    def slow(self, delay_s: float) -> None:
        """Let every batch take `delay_s` seconds from now on; 0 for none."""
        self._delay_s = delay_s

    def apply(self, batch: Sequence[Write]) -> None:
        """Apply all of `batch` or nothing."""
        if self._delay_s and self._wait is not None:
            self._wait(self._delay_s)
        if self._failures_left:
            self._failures_left -= 1
            raise StoreError(f"cannot write {len(batch)} changes: {self._failure_text}")
        self._check(batch)
        for trouble in list(self.troubles):
            trouble.before_write(batch)
        for write in batch:
            self._apply(write)
        self.batch_count += 1
        for trouble in list(self.troubles):
            trouble.after_write(batch)

    def check_readable(self, prefix: str) -> None:
        """Raise `StoreError` if values cannot be read at present."""
        for trouble in list(self.troubles):
            trouble.before_read(prefix)

    def _check(self, batch: Sequence[Write]) -> None:
        # Kinds are the only thing that can be wrong with a batch, so after this nothing stops half-way.
        kinds = {write.key: type(self.data[write.key]) for write in batch if write.key in self.data}
        for write in batch:
            wanted = _KINDS.get(write.operation)
            if wanted is None:
                kinds.pop(write.key, None)
            elif wanted is not bytes and kinds.setdefault(write.key, wanted) is not wanted:
                raise StoreError(
                    f"{write.key}: cannot {write.operation.name} where a {kinds[write.key].__name__} is kept"
                )
            else:
                kinds[write.key] = wanted

    def _apply(self, write: Write) -> None:
        data, key = self.data, write.key
        match write.operation:
            case Operation.PUT:
                data[key] = write.value
            case Operation.APPEND:
                values = data.setdefault(key, [])
                assert isinstance(values, list)
                values.append(write.value)
            case Operation.PUT_FIELD:
                table = data.setdefault(key, {})
                assert isinstance(table, dict)
                table[write.field] = write.value
            case Operation.DELETE:
                data.pop(key, None)
            case Operation.DELETE_FIELD:
                table = data.get(key, {})
                assert isinstance(table, dict)
                table.pop(write.field, None)


class MemoryConnection(Store):
    """One node's way to a `MemoryStore`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.is_cut = False

    def cut(self) -> None:
        """Let nothing more through: the host has died, or the network between."""
        self.is_cut = True

    def apply(self, batch: Sequence[Write]) -> None:
        """Apply all of `batch` or nothing."""
        self._check_connected()
        self._store.apply(batch)

    def read(self, prefix: str) -> Iterable[tuple[str, Stored]]:
        """Return copies of all values under keys that begin with `prefix`."""
        self._check_connected()
        self._store.check_readable(prefix)
        return [(key, _copied(value)) for key, value in self._store.data.items() if key.startswith(prefix)]

    def delete(self, prefix: str) -> int:
        """Delete every key that begins with `prefix`."""
        self._check_connected()
        self._store.check_readable(prefix)
        doomed = [key for key in self._store.data if key.startswith(prefix)]
        for key in doomed:
            del self._store.data[key]
        return len(doomed)

    def close(self) -> None:
        """End the connection; every later use fails."""
        self.is_cut = True

    def _check_connected(self) -> None:
        if self.is_cut:
            raise StoreError("cannot reach the store: the connection is cut")


def _copied(value: Stored) -> Stored:
    if isinstance(value, list):
        return list(value)
    return dict(value) if isinstance(value, dict) else value
