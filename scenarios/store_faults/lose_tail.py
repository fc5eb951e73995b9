"""What was stored last is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import Stored, Write
from scenarios.store_faults.fault import StoreFault


class Journal:
    """Remembers how to undo what is written to a store; put it among the store's troubles before anything is.

    Args:
        store: whose writes.
        now_ns: the time.

    """

    def __init__(self, store: MemoryStore, now_ns: Callable[[], int]) -> None:
        self._store = store
        self._now_ns = now_ns
        self._before: list[tuple[int, dict[str, Stored | None]]] = []

    def before_write(self, batch: Sequence[Write]) -> None:
        """Note what is there under the keys that are about to change."""
        data = self._store.data
        self._before.append((self._now_ns(), {write.key: copy(data.get(write.key)) for write in batch}))

    def after_write(self, batch: Sequence[Write]) -> None:
        """Nothing to do."""

    def before_read(self, prefix: str) -> None:
        """Nothing to do."""

    def undo(self, since_ns: int) -> int:
        """Undo the batches written at `since_ns` or later, the latest first; return how many there were."""
        count = 0
        while self._before and self._before[-1][0] >= since_ns:
            for key, value in self._before.pop()[1].items():
                if value is None:
                    self._store.data.pop(key, None)
                else:
                    self._store.data[key] = value
            count += 1
        return count


class LoseTail(StoreFault, frozen=True, kw_only=True):
    """The batches of the last while are gone, though the store had confirmed them: they were in a buffer.

    Attributes:
        since_ns: from when on, by the journal's clock.

    """

    since_ns: int

    def begin(self, store: MemoryStore) -> None:
        """Lose them.

        Raises:
            ValueError: if nobody kept a journal.

        """
        journals = [trouble for trouble in store.troubles if isinstance(trouble, Journal)]
        if not journals:
            raise ValueError("a store must have kept a journal to lose its tail, had none")
        journals[0].undo(self.since_ns)
