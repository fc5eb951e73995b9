"""From a venue's messages about a book to a book that can be trusted, or is known not to be.

Pure: knows the messages and the book, and says what was applied and what is missing. Rules:

1. A book begins unknown; a snapshot makes it known.
2. A message that does not follow the last one (its `previous_sequence` is one that we never had) proves that something
   was missed: the book is unknown, and empty, until the next snapshot. There are no ghost levels.
3. What arrives meanwhile is kept, and applied after the snapshot if it is newer and follows.
4. A message that is older than the book is dropped; so is an old snapshot of a book that is known.
5. A change that lets bids cross asks is taken for rule 2. If the next snapshot is crossed too, the venue means it.
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import OrderBookDeltas, OrderBookDepth10

KEPT_MAX = 1_000
"""Messages kept while a book is unknown; with more, the oldest is forgotten and the next snapshot shows the gap."""


class Taken(Struct, frozen=True):
    """What came of a message: what was applied, in order; why the book is unknown now; whether it is known again."""

    applied: tuple[OrderBookDeltas, ...] = ()
    lost: str = ""
    restored: bool = False


NOTHING = Taken()


class BookFeed:
    """One book and what is heard about it.

    Args:
        book: the book; this machine alone changes it.
        reason: why it is unknown to begin with.

    """

    def __init__(self, book: OrderBook, reason: str = "no snapshot has arrived yet") -> None:
        self.book = book
        self._kept: deque[OrderBookDeltas] = deque(maxlen=KEPT_MAX)
        self._in_snapshot = False
        self._was_valid = False
        book.invalidate(reason)

    def lose(self, reason: str) -> None:
        """Learn that messages were missed."""
        self._kept.clear()
        self._in_snapshot = False
        self.book.invalidate(reason)

    def take(self, deltas: OrderBookDeltas) -> Taken:
        """Take the next message."""
        if deltas.is_snapshot:
            return self._take_snapshot(deltas)
        if not self.book.is_valid:
            self._kept.append(deltas)
            return NOTHING
        lost = self._gap_before(deltas)
        if lost:
            self._kept.append(deltas)
            self.book.invalidate(lost)
            return Taken(lost=lost)
        if self._is_old(deltas):
            return NOTHING
        crossed = self.book.is_crossed
        self.book.apply_deltas(deltas)
        if not crossed and deltas.is_complete and self.book.is_crossed:
            lost = f"bid {self.book.best_bid_price()} meets ask {self.book.best_ask_price()}"
            self.book.invalidate(lost)
            return Taken(lost=lost)
        return Taken((deltas,))

    def take_depth(self, depth: OrderBookDepth10) -> bool:
        """Take the best levels as they are now; return False if what we have is newer."""
        if self.book.is_valid and depth.sequence and depth.sequence < self.book.sequence:
            return False
        self.book.apply_depth(depth)
        self.book.restore()
        return True

    def _take_snapshot(self, deltas: OrderBookDeltas) -> Taken:
        book = self.book
        if not self._in_snapshot:
            if book.is_valid and deltas.sequence and deltas.sequence < book.sequence:
                return NOTHING
            self._was_valid = book.is_valid
            book.invalidate("a snapshot is under way")
        book.apply_deltas(deltas)
        self._in_snapshot = not deltas.is_complete
        if self._in_snapshot:
            return Taken((deltas,))
        book.restore()
        applied = [deltas]
        while self._kept:
            kept = self._kept[0]
            lost = self._gap_before(kept)
            if lost:  # the snapshot is older than what we wait to apply: another one must come
                book.invalidate(lost)
                return Taken(tuple(applied), lost=lost)
            self._kept.popleft()
            if not self._is_old(kept):
                book.apply_deltas(kept)
                applied.append(kept)
        return Taken(tuple(applied), restored=not self._was_valid)

    def _gap_before(self, deltas: OrderBookDeltas) -> str:
        before = deltas.previous_sequence
        if before is None or before <= self.book.sequence:
            return ""
        return f"message {deltas.sequence} follows {before}, the last one here was {self.book.sequence}"

    def _is_old(self, deltas: OrderBookDeltas) -> bool:
        # Parts of one message have one number, and only the first says which message came before.
        if deltas.previous_sequence is None:
            return 0 < deltas.sequence < self.book.sequence
        return deltas.sequence <= self.book.sequence
