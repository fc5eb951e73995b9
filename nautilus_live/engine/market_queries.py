"""What can be asked of the cache about instruments and their markets. Names and arguments are the ecosystem's."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from nautilus_live.core.exchange_rates import exchange_rate
from nautilus_live.engine.indexes import OrderIndex
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggregationSource, OrderStatus, PriceType
from nautilus_live.model.figures import figure_or_none
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.instruments import Instrument, SyntheticInstrument
from nautilus_live.model.objects import Currency, Price
from nautilus_live.model.orders import Order
from nautilus_live.model.own_book import OwnBookOrder, OwnOrderBook
from nautilus_live.model.updates import FundingRateUpdate, IndexPriceUpdate, InstrumentStatus, MarkPriceUpdate

if TYPE_CHECKING:  # few nodes trade options
    from nautilus_live.model.greeks_data import GreeksData, YieldCurveData
    from nautilus_live.model.option_chain import OptionGreeks

D = TypeVar("D")


class MarketQueries:
    """The cache's answers about markets. Index 0 is the newest tick, as are the first items of lists."""

    _instruments: dict[InstrumentId, Instrument]
    _quotes: dict[InstrumentId, deque[QuoteTick]]
    _trades: dict[InstrumentId, deque[TradeTick]]
    _bars: dict[BarType, deque[Bar]]
    _mark_prices: dict[InstrumentId, deque[MarkPriceUpdate]]
    _index_prices: dict[InstrumentId, deque[IndexPriceUpdate]]
    _funding_rates: dict[InstrumentId, deque[FundingRateUpdate]]
    _statuses: dict[InstrumentId, deque[InstrumentStatus]]
    _mark_xrates: dict[tuple[str, str], Decimal]
    _synthetics: dict[InstrumentId, SyntheticInstrument]
    _books: dict[InstrumentId, OrderBook]
    _own_books: dict[InstrumentId, OwnOrderBook]
    _greeks: dict[InstrumentId, GreeksData]
    _yield_curves: dict[str, YieldCurveData]
    _option_greeks: dict[InstrumentId, OptionGreeks]
    _orders: OrderIndex

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return the instrument."""
        return self._instruments.get(instrument_id)

    def instruments(self, venue: Venue | None = None, underlying: str | None = None) -> list[Instrument]:
        """Return all instruments, or those of one venue, and of contracts those on one underlying."""
        return [
            found
            for found in self._instruments.values()
            if venue in (None, found.id.venue)
            and (underlying is None or str(getattr(found, "underlying", "")) == underlying)
        ]

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

    def bar(self, bar_type: BarType, index: int = 0) -> Bar | None:
        """Return the latest bar of a type, or the one `index` before it."""
        return _at(self._bars.get(bar_type.standard()), index)

    def bars(self, bar_type: BarType) -> list[Bar]:
        """Return the bars kept of a type, newest first."""
        return list(self._bars.get(bar_type.standard(), ()))

    def bar_count(self, bar_type: BarType) -> int:
        """Return the number of bars kept of a type."""
        return len(self._bars.get(bar_type.standard(), ()))

    def has_bars(self, bar_type: BarType) -> bool:
        """Return whether a bar of that type is known."""
        return bool(self._bars.get(bar_type.standard()))

    def bar_types(
        self,
        instrument_id: InstrumentId | None = None,
        price_type: PriceType | None = None,
        aggregation_source: AggregationSource | None = None,
    ) -> list[BarType]:
        """Return the types of the bars kept, all or those of one instrument, price and source."""
        return [
            found
            for found in self._bars
            if instrument_id in (None, found.instrument_id)
            and price_type in (None, found.spec.price_type)
            and aggregation_source in (None, found.aggregation_source)
        ]

    def mark_price(self, instrument_id: InstrumentId, index: int = 0) -> MarkPriceUpdate | None:
        """Return the latest mark price, or the one `index` before it."""
        return _at(self._mark_prices.get(instrument_id), index)

    def mark_prices(self, instrument_id: InstrumentId) -> list[MarkPriceUpdate]:
        """Return the mark prices kept, newest first."""
        return list(self._mark_prices.get(instrument_id, ()))

    def mark_price_count(self, instrument_id: InstrumentId) -> int:
        """Return the number of mark prices kept."""
        return len(self._mark_prices.get(instrument_id, ()))

    def has_mark_prices(self, instrument_id: InstrumentId) -> bool:
        """Return whether a mark price is known."""
        return bool(self._mark_prices.get(instrument_id))

    def index_price(self, instrument_id: InstrumentId, index: int = 0) -> IndexPriceUpdate | None:
        """Return the latest index price, or the one `index` before it."""
        return _at(self._index_prices.get(instrument_id), index)

    def index_prices(self, instrument_id: InstrumentId) -> list[IndexPriceUpdate]:
        """Return the index prices kept, newest first."""
        return list(self._index_prices.get(instrument_id, ()))

    def index_price_count(self, instrument_id: InstrumentId) -> int:
        """Return the number of index prices kept."""
        return len(self._index_prices.get(instrument_id, ()))

    def has_index_prices(self, instrument_id: InstrumentId) -> bool:
        """Return whether an index price is known."""
        return bool(self._index_prices.get(instrument_id))

    def funding_rate(self, instrument_id: InstrumentId, index: int = 0) -> FundingRateUpdate | None:
        """Return the funding rate in force, or the one `index` before it."""
        return _at(self._funding_rates.get(instrument_id), index)

    def funding_rates(self, instrument_id: InstrumentId) -> list[FundingRateUpdate]:
        """Return the funding rates kept, newest first."""
        return list(self._funding_rates.get(instrument_id, ()))

    def funding_rate_count(self, instrument_id: InstrumentId) -> int:
        """Return the number of funding rates kept."""
        return len(self._funding_rates.get(instrument_id, ()))

    def has_funding_rates(self, instrument_id: InstrumentId) -> bool:
        """Return whether a funding rate is known."""
        return bool(self._funding_rates.get(instrument_id))

    def instrument_status(self, instrument_id: InstrumentId, index: int = 0) -> InstrumentStatus | None:
        """Return what a market last said of its phase, or what it said `index` before."""
        return _at(self._statuses.get(instrument_id), index)

    def instrument_statuses(self, instrument_id: InstrumentId) -> list[InstrumentStatus]:
        """Return what is kept of what a market said of its phases, newest first."""
        return list(self._statuses.get(instrument_id, ()))

    def instrument_status_count(self, instrument_id: InstrumentId) -> int:
        """Return how often a market told its phase, as far as that is kept."""
        return len(self._statuses.get(instrument_id, ()))

    def has_instrument_statuses(self, instrument_id: InstrumentId) -> bool:
        """Return whether a market has told its phase."""
        return bool(self._statuses.get(instrument_id))

    def greeks(self, instrument_id: InstrumentId) -> GreeksData | None:
        """Return the greeks of an instrument that were added last."""
        return self._greeks.get(instrument_id)

    def option_greeks(self, instrument_id: InstrumentId) -> OptionGreeks | None:
        """Return what the venue last told of an option's greeks."""
        return self._option_greeks.get(instrument_id)

    def yield_curve(self, curve_name: str) -> YieldCurveData | None:
        """Return the curve of that name: a currency's code for interest, an instrument's id for what it pays."""
        return self._yield_curves.get(curve_name)

    def synthetic(self, instrument_id: InstrumentId) -> SyntheticInstrument | None:
        """Return the synthetic instrument."""
        return self._synthetics.get(instrument_id)

    def synthetics(self) -> list[SyntheticInstrument]:
        """Return all synthetic instruments."""
        return list(self._synthetics.values())

    def synthetic_ids(self) -> list[InstrumentId]:
        """Return the ids of all synthetic instruments."""
        return list(self._synthetics)

    def price(self, instrument_id: InstrumentId, price_type: PriceType) -> Price | None:
        """Return the latest price of that type, `None` if none is known."""
        if price_type is PriceType.MARK:
            mark = self.mark_price(instrument_id)
            return None if mark is None else mark.value
        if price_type is PriceType.LAST:
            trade = self.trade_tick(instrument_id)
            return None if trade is None else trade.price
        quote = self.quote_tick(instrument_id)
        return None if quote is None else quote.extract_price(price_type)

    def prices(self, price_type: PriceType) -> dict[InstrumentId, Price]:
        """Return the latest price of that type of every instrument that has one."""
        known = [*self._quotes]
        if price_type is PriceType.MARK:
            known = [*self._mark_prices]
        elif price_type is PriceType.LAST:
            known = [*self._trades]
        found = {instrument_id: self.price(instrument_id, price_type) for instrument_id in known}
        return {instrument_id: price for instrument_id, price in found.items() if price is not None}

    def get_xrate(
        self,
        venue: Venue | None,
        from_currency: Currency,
        to_currency: Currency,
        price_type: PriceType = PriceType.MID,
    ) -> Decimal | None:
        """Return how many units of one currency a unit of another gives, by quotes of the venue (`None`: of any).

        It is a figure, which goes with floats. With BID what is sold is valued at bids and what is bought at
        asks, with ASK the other way round. `None` if no chain of quoted pairs leads from one to the other.

        Raises:
            ValueError: for LAST and MARK, which say nothing about currencies.

        """
        if price_type not in (PriceType.BID, PriceType.ASK, PriceType.MID):
            raise ValueError(f"an exchange rate is by BID, ASK or MID, was {price_type}")
        reverse = {PriceType.BID: PriceType.ASK, PriceType.ASK: PriceType.BID}.get(price_type, price_type)
        markets = []
        for instrument in self.instruments(venue):
            base, quote = instrument.get_base_currency(), instrument.quote_currency
            tick = self.quote_tick(instrument.id)
            if base is not None and tick is not None and not instrument.is_inverse:
                sold, bought = tick.extract_price(price_type).value, tick.extract_price(reverse).value
                markets.append((base.code, quote.code, sold, bought))
        return figure_or_none(exchange_rate(markets, from_currency.code, to_currency.code))

    def get_mark_xrate(self, from_currency: Currency, to_currency: Currency) -> Decimal | None:
        """Return the rate that was set for the two currencies as a figure, `None` if none was."""
        return figure_or_none(self._mark_xrates.get((from_currency.code, to_currency.code)))

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

    def own_bid_orders(
        self,
        instrument_id: InstrumentId,
        status: Collection[OrderStatus] | None = None,
        accepted_buffer_ns: int = 0,
        ts_now: int = 0,
    ) -> dict[Decimal, list[Order]]:
        """Return the bids of our own book by price, best first, filtered as by `OwnOrderBook.bids_to_dict`."""
        book = self._own_books.get(instrument_id)
        levels = {} if book is None else book.bids_to_dict(status, accepted_buffer_ns, ts_now)
        return self._orders_at(levels)

    def own_ask_orders(
        self,
        instrument_id: InstrumentId,
        status: Collection[OrderStatus] | None = None,
        accepted_buffer_ns: int = 0,
        ts_now: int = 0,
    ) -> dict[Decimal, list[Order]]:
        """Return the asks of our own book by price, best first, filtered as by `OwnOrderBook.asks_to_dict`."""
        book = self._own_books.get(instrument_id)
        levels = {} if book is None else book.asks_to_dict(status, accepted_buffer_ns, ts_now)
        return self._orders_at(levels)

    def _orders_at(self, levels: dict[Decimal, list[OwnBookOrder]]) -> dict[Decimal, list[Order]]:
        known = self._orders.by_id
        return {
            price: [known[one.client_order_id.value] for one in level if one.client_order_id.value in known]
            for price, level in levels.items()
        }

    def own_order_books(self) -> list[OwnOrderBook]:
        """Return all books of our own orders."""
        return list(self._own_books.values())


def _at(kept: deque[D] | None, index: int) -> D | None:
    return kept[index] if kept and index < len(kept) else None
