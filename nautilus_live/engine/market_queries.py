"""What can be asked of the cache about instruments and their markets. Names and arguments are the ecosystem's."""

from __future__ import annotations

from collections import deque

from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import PriceType
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price
from nautilus_live.model.own_book import OwnOrderBook


class MarketQueries:
    """The cache's answers about markets. Index 0 is the newest tick, as are the first items of lists."""

    _instruments: dict[InstrumentId, Instrument]
    _quotes: dict[InstrumentId, deque[QuoteTick]]
    _trades: dict[InstrumentId, deque[TradeTick]]
    _mark_prices: dict[InstrumentId, Price]
    _books: dict[InstrumentId, OrderBook]
    _own_books: dict[InstrumentId, OwnOrderBook]

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return the instrument."""
        return self._instruments.get(instrument_id)

    def instruments(self, venue: Venue | None = None) -> list[Instrument]:
        """Return all instruments, or those of one venue."""
        return [found for found in self._instruments.values() if venue is None or found.id.venue == venue]

    def instrument_ids(self, venue: Venue | None = None) -> list[InstrumentId]:
        """Return the ids of all instruments, or of those of one venue."""
        return [found for found in self._instruments if venue is None or found.venue == venue]

    def quote_tick(self, instrument_id: InstrumentId, index: int = 0) -> QuoteTick | None:
        """Return the latest quote, or the one `index` before it."""
        ticks = self._quotes.get(instrument_id)
        return ticks[index] if ticks and index < len(ticks) else None

    def quote_ticks(self, instrument_id: InstrumentId) -> list[QuoteTick]:
        """Return the quotes kept, newest first."""
        return list(self._quotes.get(instrument_id, ()))

    def trade_tick(self, instrument_id: InstrumentId, index: int = 0) -> TradeTick | None:
        """Return the latest trade, or the one `index` before it."""
        ticks = self._trades.get(instrument_id)
        return ticks[index] if ticks and index < len(ticks) else None

    def trade_ticks(self, instrument_id: InstrumentId) -> list[TradeTick]:
        """Return the trades kept, newest first."""
        return list(self._trades.get(instrument_id, ()))

    def quote_tick_count(self, instrument_id: InstrumentId) -> int:
        """Return the number of quotes kept."""
        return len(self._quotes.get(instrument_id, ()))

    def trade_tick_count(self, instrument_id: InstrumentId) -> int:
        """Return the number of trades kept."""
        return len(self._trades.get(instrument_id, ()))

    def has_quote_ticks(self, instrument_id: InstrumentId) -> bool:
        """Return whether a quote is known."""
        return bool(self._quotes.get(instrument_id))

    def has_trade_ticks(self, instrument_id: InstrumentId) -> bool:
        """Return whether a trade is known."""
        return bool(self._trades.get(instrument_id))

    def price(self, instrument_id: InstrumentId, price_type: PriceType) -> Price | None:
        """Return the latest price of that type, `None` if none is known."""
        if price_type is PriceType.MARK:
            return self._mark_prices.get(instrument_id)
        if price_type is PriceType.LAST:
            trade = self.trade_tick(instrument_id)
            return None if trade is None else trade.price
        quote = self.quote_tick(instrument_id)
        return None if quote is None else quote.extract_price(price_type)

    def order_book(self, instrument_id: InstrumentId) -> OrderBook | None:
        """Return the venue's book, the live one: only to be read. One that is not `is_valid` is unknown, and empty."""
        return self._books.get(instrument_id)

    def order_books(self) -> list[OrderBook]:
        """Return all books of venues that are kept, the valid ones and the others."""
        return list(self._books.values())

    def has_order_book(self, instrument_id: InstrumentId) -> bool:
        """Return whether a book is kept."""
        return instrument_id in self._books

    def book_update_count(self, instrument_id: InstrumentId) -> int:
        """Return how many changes the book has taken."""
        book = self._books.get(instrument_id)
        return 0 if book is None else book.update_count

    def own_order_book(self, instrument_id: InstrumentId) -> OwnOrderBook | None:
        """Return the book of our own orders (with `manage_own_order_books`), the live one: only to be read."""
        return self._own_books.get(instrument_id)

    def own_order_books(self) -> list[OwnOrderBook]:
        """Return all books of our own orders."""
        return list(self._own_books.values())
