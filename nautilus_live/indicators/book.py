"""Indicators made from order books."""

from __future__ import annotations

from nautilus_live.indicators.base import Indicator
from nautilus_live.model.book import OrderBook
from nautilus_live.model.objects import Quantity


class BookImbalanceRatio(Indicator):
    """The smaller of the sizes at the best bid and the best ask, divided by the larger: 1.0 is balance."""

    def __init__(self) -> None:
        super().__init__()
        self.value = 0.0
        self.count = 0

    def handle_book(self, book: OrderBook) -> None:
        """Take the top of a book."""
        self.update(book.best_bid_size(), book.best_ask_size())

    def update(self, best_bid: Quantity | None, best_ask: Quantity | None) -> None:
        """Take the sizes at the best bid and ask; where one is missing, nothing changes."""
        self.has_inputs = True
        self.count += 1
        if best_bid is None or best_ask is None:
            return
        smaller, larger = sorted((best_bid.value, best_ask.value))
        if larger > 0:
            self.value = float(smaller / larger)
            self.initialized = True

    def _reset(self) -> None:
        self.value = 0.0
        self.count = 0
