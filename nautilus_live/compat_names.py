"""What published strategies call as functions and that are methods here."""

from __future__ import annotations

from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import QuoteTick


def update_book_with_quote_tick(book: OrderBook, quote: QuoteTick) -> None:
    """Let an L1_MBP book be what a quote says."""
    book.update_quote_tick(quote)
