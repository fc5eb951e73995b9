"""What the cache remembers of markets: the latest quotes, trades, bars and reference prices, and books.

Promises: of each stream the newest are kept, as many as the configuration says (`tick_capacity`, `bar_capacity`); what
is added counts as the latest, except a bar older than the latest of its type, which is put where it belongs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from nautilus_live.config.storage import CacheConfig
from nautilus_live.engine.market_queries import MarketQueries
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.model.objects import Currency
from nautilus_live.model.own_book import OwnOrderBook
from nautilus_live.model.updates import FundingRateUpdate, IndexPriceUpdate, InstrumentStatus, MarkPriceUpdate

if TYPE_CHECKING:  # few nodes trade options
    from nautilus_live.model.greeks_data import GreeksData, YieldCurveData
    from nautilus_live.model.option_chain import OptionGreeks

ONE = Decimal(1)


class MarketMemory(MarketQueries):
    """The cache's memory of markets; its answers are in `MarketQueries`."""

    config: CacheConfig

    @property
    def tick_capacity(self) -> int:
        """How many quotes, and trades, are kept of each instrument."""
        return self.config.tick_capacity

    @property
    def bar_capacity(self) -> int:
        """How many bars are kept of each type."""
        return self.config.bar_capacity

    def _clear_markets(self) -> None:
        self._quotes: dict[InstrumentId, deque[QuoteTick]] = {}
        self._trades: dict[InstrumentId, deque[TradeTick]] = {}
        self._bars: dict[BarType, deque[Bar]] = {}
        self._mark_prices: dict[InstrumentId, deque[MarkPriceUpdate]] = {}
        self._index_prices: dict[InstrumentId, deque[IndexPriceUpdate]] = {}
        self._funding_rates: dict[InstrumentId, deque[FundingRateUpdate]] = {}
        self._statuses: dict[InstrumentId, deque[InstrumentStatus]] = {}
        self._mark_xrates: dict[tuple[str, str], Decimal] = {}
        self._synthetics: dict[InstrumentId, SyntheticInstrument] = {}
        self._books: dict[InstrumentId, OrderBook] = {}
        self._own_books: dict[InstrumentId, OwnOrderBook] = {}
        self._greeks: dict[InstrumentId, GreeksData] = {}
        self._yield_curves: dict[str, YieldCurveData] = {}
        self._option_greeks: dict[InstrumentId, OptionGreeks] = {}

    def add_quote_tick(self, tick: QuoteTick) -> None:
        """Remember a quote as the latest."""
        ticks = self._quotes.get(tick.instrument_id)
        if ticks is None:
            ticks = self._quotes[tick.instrument_id] = deque(maxlen=self.config.tick_capacity)
        ticks.appendleft(tick)

    def add_quote_ticks(self, ticks: Sequence[QuoteTick]) -> None:
        """Remember quotes, the oldest first."""
        for tick in ticks:
            self.add_quote_tick(tick)

    def add_trade_tick(self, tick: TradeTick) -> None:
        """Remember a trade as the latest."""
        ticks = self._trades.get(tick.instrument_id)
        if ticks is None:
            ticks = self._trades[tick.instrument_id] = deque(maxlen=self.config.tick_capacity)
        ticks.appendleft(tick)

    def add_trade_ticks(self, ticks: Sequence[TradeTick]) -> None:
        """Remember trades, the oldest first."""
        for tick in ticks:
            self.add_trade_tick(tick)

    def add_bar(self, bar: Bar) -> None:
        """Remember a bar, in place of one of the same time (a revision); an older one goes where it belongs."""
        bars = self._bars.get(bar.bar_type)
        if bars is None:
            bars = self._bars[bar.bar_type] = deque(maxlen=self.config.bar_capacity)
        if not bars or bar.ts_event > bars[0].ts_event or not bar.bar_type.spec.is_time_aggregated():
            bars.appendleft(bar)
            return
        place = next((n for n, kept in enumerate(bars) if kept.ts_event <= bar.ts_event), len(bars))
        if place < len(bars) and bars[place].ts_event == bar.ts_event:
            bars[place] = bar
        elif len(bars) < self.config.bar_capacity:
            bars.insert(place, bar)
        elif place < len(bars):
            bars.pop()
            bars.insert(place, bar)

    def add_bars(self, bars: Sequence[Bar]) -> None:
        """Remember bars, the oldest first."""
        for bar in bars:
            self.add_bar(bar)

    def add_mark_price(self, mark_price: MarkPriceUpdate) -> None:
        """Remember a mark price as the latest."""
        updates = self._mark_prices.get(mark_price.instrument_id)
        if updates is None:
            updates = self._mark_prices[mark_price.instrument_id] = deque(maxlen=self.config.tick_capacity)
        updates.appendleft(mark_price)

    def add_index_price(self, index_price: IndexPriceUpdate) -> None:
        """Remember an index price as the latest."""
        updates = self._index_prices.get(index_price.instrument_id)
        if updates is None:
            updates = self._index_prices[index_price.instrument_id] = deque(maxlen=self.config.tick_capacity)
        updates.appendleft(index_price)

    def add_funding_rate(self, funding_rate: FundingRateUpdate) -> None:
        """Remember a funding rate as the one in force."""
        rates = self._funding_rates.get(funding_rate.instrument_id)
        if rates is None:
            rates = self._funding_rates[funding_rate.instrument_id] = deque(maxlen=self.config.tick_capacity)
        rates.appendleft(funding_rate)

    def add_instrument_status(self, status: InstrumentStatus) -> None:
        """Remember what a market says of its phase as the latest."""
        statuses = self._statuses.get(status.instrument_id)
        if statuses is None:
            statuses = self._statuses[status.instrument_id] = deque(maxlen=self.config.tick_capacity)
        statuses.appendleft(status)

    def add_greeks(self, greeks: GreeksData) -> None:
        """Remember greeks as those of their instrument."""
        self._greeks[greeks.instrument_id] = greeks

    def add_option_greeks(self, option_greeks: OptionGreeks) -> None:
        """Remember what a venue tells of an option's greeks as the latest."""
        self._option_greeks[option_greeks.instrument_id] = option_greeks

    def add_yield_curve(self, yield_curve: YieldCurveData) -> None:
        """Remember a curve of interest or dividend rates under its name."""
        self._yield_curves[yield_curve.curve_name] = yield_curve

    def add_synthetic(self, synthetic: SyntheticInstrument) -> None:
        """Remember a synthetic instrument, or its new formula."""
        self._synthetics[synthetic.id] = synthetic

    def set_mark_xrate(self, from_currency: Currency, to_currency: Currency, xrate: Decimal | float) -> None:
        """Remember how many units of the second currency one unit of the first gives, and so the reverse.

        Raises:
            ValueError: if the rate is not positive.

        """
        rate = xrate if isinstance(xrate, Decimal) else Decimal(str(xrate))
        if rate <= 0:
            raise ValueError(f"{from_currency}/{to_currency}: a rate must be positive, was {xrate}")
        self._mark_xrates[from_currency.code, to_currency.code] = rate
        self._mark_xrates[to_currency.code, from_currency.code] = ONE / rate

    def clear_mark_xrate(self, from_currency: Currency, to_currency: Currency) -> None:
        """Forget the rate of the first currency in the second, but not the reverse."""
        self._mark_xrates.pop((from_currency.code, to_currency.code), None)

    def clear_mark_xrates(self) -> None:
        """Forget all rates that were set."""
        self._mark_xrates.clear()

    def add_order_book(self, order_book: OrderBook) -> None:
        """Remember a venue's book as the one of its instrument."""
        self._books[order_book.instrument_id] = order_book

    def add_own_order_book(self, own_order_book: OwnOrderBook) -> None:
        """Remember a book of our own orders as the one of its instrument."""
        self._own_books[own_order_book.instrument_id] = own_order_book
