"""What strategies were told, until somebody has looked whether the store has it: the evidence of (6).

May know: the kernel's events and cache. Promises: it keeps no more than may still be asked about, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from nautilus_live.engine.cache import Cache
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.identifiers import ClientOrderId
from scenarios.invariants.excuses import is_gone_on_purpose
from scenarios.invariants.rules import STORED
from scenarios.texts import event_text


class Told:
    """The order events of a run that must be in the store, and since when it refuses to take any."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, OrderEvent]] = []
        self._refused_since_ns: int | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, at_ns: int, event: OrderEvent) -> None:
        """Take an event that was told at that (virtual) time."""
        self._entries.append((at_ns, event))

    @property
    def last(self) -> OrderEvent | None:
        """What was told last."""
        return self._entries[-1][1] if self._entries else None

    def clear(self) -> None:
        """Ask no more about what was told so far."""
        self._entries.clear()

    def begin_life(self, cache: Cache) -> None:
        """Let go of what a new life need not find in its store."""
        if cache.config.flush_on_start:
            self._entries.clear()  # which the store is to forget, too
        if self._refused_since_ns is not None:  # announced lost by the life before, which ended with a failing store
            lost_ns = self._refused_since_ns - (cache.config.buffer_interval_ms or 0) * 1_000_000
            self._entries = [entry for entry in self._entries if entry[0] < lost_ns]
            self._refused_since_ns = None

    def note_store(self, now_ns: int, *, refuses: bool) -> None:
        """Learn that the store refuses to write, or writes again.

        What it refuses is kept in memory until it takes it; a crash before that loses it, as announced.
        """
        self._refused_since_ns = now_ns if refuses else None

    def forget_purged(self, cache: Cache) -> None:
        """Let go of what the node has purged."""
        self._entries = [entry for entry in self._entries if not is_gone_on_purpose(cache, entry[1])]

    def check(self, load: Callable[[], Cache], until_ns: int, buffer_ns: int) -> list[str]:
        """Return what was told and the store does not have, but for what the buffer may lose.

        `load` returns what is stored; it is only called if anything was told.
        """
        found: list[str] = []
        refused_ns, self._refused_since_ns = self._refused_since_ns, None
        if not self._entries:
            return []
        stored = load()
        stored_ids: dict[ClientOrderId, frozenset[str]] = {}
        for at_ns, event in self._entries:
            # What is as old as the buffer lets it become may be in the very batch that a crash interrupts.
            if buffer_ns and at_ns >= until_ns - buffer_ns:
                continue
            if refused_ns is not None and at_ns >= refused_ns - buffer_ns:
                continue
            name = event.client_order_id
            if name not in stored_ids:
                order = stored.order(name)
                stored_ids[name] = frozenset(() if order is None else [known.event_id for known in order.events])
            if event.event_id in stored_ids[name] or (not stored_ids[name] and is_gone_on_purpose(stored, event)):
                continue
            found.append(STORED.broken(f"{event_text(event)} is not in the store"))
        return found
