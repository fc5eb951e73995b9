"""A book as text, for logs and terminals: what it holds, and its best levels as a table, asks above bids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from nautilus_live.model.ladder import BookLevel

_HEADS = ("bids", "price", "asks")
Row = tuple[str, str, str]


class Book(Protocol):
    """What is told of a book."""

    instrument_id: Any
    book_type: Any
    sequence: int
    update_count: int

    @property
    def ts_last(self) -> int:
        """When it changed last, in nanoseconds."""
        ...

    def bids(self, depth: int | None = None) -> list[BookLevel]:
        """Return the best bids, best first."""
        ...

    def asks(self, depth: int | None = None) -> list[BookLevel]:
        """Return the best asks, best first."""
        ...


def summary_of(book: Book) -> str:
    """Return what a book is and holds, a line each."""
    about = {"instrument": book.instrument_id, "sequence": book.sequence, "ts_last": book.ts_last}
    lines = [f"OrderBook {book.book_type.name}", *(f"{name}: {value}" for name, value in about.items())]
    return "\n".join([*lines, f"update_count: {book.update_count}", table_of(book, 3)])


def table_of(book: Book, num_levels: int) -> str:
    """Return the best levels of a book, each with the sizes that stand there."""
    counts = {
        "bid_levels": len(book.bids()),
        "ask_levels": len(book.asks()),
        "sequence": book.sequence,
        "update_count": book.update_count,
        "ts_last": book.ts_last,
    }
    asks = [("", str(level.price), _sizes(level)) for level in reversed(book.asks(num_levels))]
    bids = [(_sizes(level), str(level.price), "") for level in book.bids(num_levels)]
    return "\n".join([*(f"{name}: {value}" for name, value in counts.items()), *_framed([*asks, *bids])])


def _sizes(level: BookLevel) -> str:
    return f"[{', '.join(str(order.size) for order in level.orders())}]"


def _framed(rows: Sequence[Row]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
    bars = ["─" * (width + 2) for width in widths]
    body = [f"│ {' │ '.join(map(str.ljust, row, widths))} │" for row in (_HEADS, *rows)]
    return [f"╭{'┬'.join(bars)}╮", body[0], f"├{'┼'.join(bars)}┤", *body[1:], f"╰{'┴'.join(bars)}╯"]
