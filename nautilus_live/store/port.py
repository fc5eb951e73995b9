"""The store port: what a database must do for the cache, and the half that talks to it.

A store keeps values under keys: single values, lists that grow at their end, and tables of fields. Promises asked of a
store:
1. A batch of writes is applied as a whole or not at all, and is safe once `apply` returns. It raises `StoreError`
   otherwise.
2. It reads and deletes by prefix, and so never touches what belongs to another trader.

`StoreWriter` gathers writes into batches. Nothing written is ever forgotten: what the store did not take is kept, in
order, and tried again, while `is_healthy` says no and the alarm has been raised. What is still gathered when the
process dies is lost; that is what `buffer_interval_ms` bounds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from nautilus_live.config.storage import CacheConfig
from nautilus_live.errors import StoreError
from nautilus_live.marks import mark
from nautilus_live.model.identifiers import TraderId

RETRY_INTERVAL_S = 1.0

Stored = bytes | list[bytes] | dict[str, bytes]

_log = logging.getLogger(__name__)


class Operation(IntEnum):
    """What a write does."""

    PUT = 1
    APPEND = 2
    PUT_FIELD = 3
    DELETE = 4
    DELETE_FIELD = 5


class Write(Struct, frozen=True, gc=False):
    """One change: `field` names the row of a table and is empty elsewhere."""

    operation: Operation
    key: str
    value: bytes = b""
    field: str = ""


class Store(Protocol):
    """One connection to a database."""

    def apply(self, batch: Sequence[Write]) -> None:
        """Apply all of `batch`, in order, or nothing. Raises `StoreError` unless it is known to be applied."""
        ...

    def read(self, prefix: str) -> Iterable[tuple[str, Stored]]:
        """Return every key that begins with `prefix`, with its value. Raises `StoreError` unless it is complete."""
        ...

    def delete(self, prefix: str) -> int:
        """Delete every key that begins with `prefix`; returns how many there were."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class StoreWriter:
    """Gathers the writes of one trader and hands them to a store.

    Args:
        store: the connection.
        trader_id: whose keys these are.
        config: `use_trader_prefix`, `use_instance_id`, `buffer_interval_ms`, `encoding` and the like.
        instance_id: the name of this run, needed with `use_instance_id`.
        loop: the event loop; needed with a buffer interval and for trying again.
        on_alarm: called with a text when writing begins to fail, and again when it works once more.

    """

    def __init__(
        self,
        store: Store,
        trader_id: TraderId,
        config: CacheConfig | None = None,
        *,
        instance_id: str = "",
        loop: asyncio.AbstractEventLoop | None = None,
        on_alarm: Callable[[str], object] | None = None,
    ) -> None:
        config = config or CacheConfig()
        if config.use_instance_id and not instance_id:
            raise StoreError(f"{trader_id}: use_instance_id needs an instance id, was {instance_id!r}")
        if config.buffer_interval_ms is not None and loop is None:
            raise StoreError(f"{trader_id}: buffer_interval_ms needs an event loop, was {config.buffer_interval_ms}")
        self.store = store
        self.config = config
        self.prefix = key_prefix(trader_id, config, instance_id)
        self.error: StoreError | None = None
        self.written_count = 0
        self._interval_s = None if config.buffer_interval_ms is None else config.buffer_interval_ms / 1000
        self._loop = loop
        self._on_alarm = on_alarm
        self._pending: list[Write] = []
        self._timer: asyncio.TimerHandle | None = None
        self._held = 0
        self._closed = False

    @property
    def is_healthy(self) -> bool:
        """Whether the last attempt to write succeeded."""
        return self.error is None

    @property
    def pending_count(self) -> int:
        """How many writes are not in the store yet."""
        return len(self._pending)

    # -- writing -----------------------------------------------------------------------------------------------------

    def put(self, key: str, value: bytes) -> None:
        """Set a single value."""
        self._write(Write(Operation.PUT, self.prefix + key, value))

    def append(self, key: str, value: bytes) -> None:
        """Add to the end of a list."""
        self._write(Write(Operation.APPEND, self.prefix + key, value))

    def put_field(self, key: str, field: str, value: bytes) -> None:
        """Set one field of a table."""
        self._write(Write(Operation.PUT_FIELD, self.prefix + key, value, field))

    def delete(self, key: str) -> None:
        """Delete one key, whatever it holds."""
        self._write(Write(Operation.DELETE, self.prefix + key))

    def delete_field(self, key: str, field: str) -> None:
        """Delete one field of a table."""
        self._write(Write(Operation.DELETE_FIELD, self.prefix + key, b"", field))

    def hold(self) -> None:
        """Begin a transaction: what follows goes to the store in one batch, at the matching `release`."""
        self._held += 1

    def release(self) -> None:
        """End a transaction."""
        self._held -= 1
        if not self._held and self._pending:
            self._schedule()

    def flush(self) -> bool:
        """Hand everything gathered to the store now; returns whether it took it."""
        self._cancel_timer()
        if not self._pending:
            return True
        batch, self._pending = self._pending, []
        try:
            self.store.apply(batch)
        except StoreError as error:
            # Kept in front of whatever comes next: the order of writes is the order of events.
            mark("store.refused")
            self._pending = batch + self._pending
            self._fail(error)
            return False
        self.written_count += len(batch)
        if self.error is not None:
            mark("store.recovered")
            self.error = None
            self._alarm(f"the store takes writes again, {len(batch)} were waiting")
        return True

    def close(self) -> None:
        """Flush and end the connection; what could not be written is logged as lost."""
        if self._closed:
            return
        self.flush()
        self._closed = True
        self._cancel_timer()
        if self._pending:
            _log.error("%s: closed with %d writes not stored", self.prefix, len(self._pending))
        self.store.close()

    def _write(self, write: Write) -> None:
        self._pending.append(write)
        if not self._held:
            self._schedule()

    def _schedule(self) -> None:
        # While writing fails, the timer alone tries: an attempt per event would stall the node on a dead database.
        if self.error is not None:
            self._start_timer(RETRY_INTERVAL_S)
        elif self._interval_s is None:
            self.flush()
        else:
            self._start_timer(self._interval_s)

    def _start_timer(self, delay_s: float) -> None:
        if self._timer is None and self._loop is not None and not self._closed:
            self._timer = self._loop.call_later(delay_s, self._on_timer)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timer(self) -> None:
        self._timer = None
        self.flush()

    def _fail(self, error: StoreError) -> None:
        first = self.error is None
        self.error = error
        if first:
            self._alarm(f"the store refused {len(self._pending)} writes, which are kept: {error}")
        self._start_timer(RETRY_INTERVAL_S)

    def _alarm(self, text: str) -> None:
        _log.error("%s: %s", self.prefix, text)
        if self._on_alarm is not None:
            self._on_alarm(text)

    # -- reading -----------------------------------------------------------------------------------------------------

    def read(self) -> Iterable[tuple[str, Stored]]:
        """Return every key of this trader without its prefix, with its value."""
        skipped = len(self.prefix)
        return [(key[skipped:], value) for key, value in self.store.read(self.prefix)]

    def delete_all(self) -> int:
        """Delete every key of this trader, and what is waiting to be written; returns how many keys there were."""
        self._pending.clear()
        return self.store.delete(self.prefix)


def key_prefix(trader_id: TraderId, config: CacheConfig, instance_id: str) -> str:
    """Return what the keys of a trader begin with."""
    start = "trader-" if config.use_trader_prefix else ""
    instance = f":{instance_id}" if config.use_instance_id else ""
    return f"{start}{trader_id.value}{instance}:"
