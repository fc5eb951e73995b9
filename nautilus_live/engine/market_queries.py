"""What can be asked of the cache about instruments and their markets. Names and arguments are the ecosystem's."""

from __future__ import annotations

from collections import deque

from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import PriceType
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price


class MarketQueries:
    """The cache's answers about markets. Index 0 is the newest tick, as are the first items of lists."""

    _instruments: dict[InstrumentId, Instrument]
    _quotes: dict[InstrumentId, deque[QuoteTick]]
    _trades: dict[InstrumentId, deque[TradeTick]]
    _mark_prices: dict[InstrumentId, Price]

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
