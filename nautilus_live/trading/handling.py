"""Data taken by hand: an author hands a component what it would get by a subscription, or as the answer to a request.

Names and arguments are the ecosystem's. What is given goes the way of what is heard: a component that does not run
takes nothing, indicators are fed first, and a callback that raises is contained.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nautilus_live.model.bars import Bar
from nautilus_live.model.book import OrderBook
from nautilus_live.model.custom_data import Signal
from nautilus_live.model.data import OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.option_chain import OptionChainSlice, OptionGreeks
from nautilus_live.model.updates import (
    FundingRateUpdate,
    IndexPriceUpdate,
    InstrumentClose,
    InstrumentStatus,
    MarkPriceUpdate,
)
from nautilus_live.trading.requests import Requests


class Handling(Requests):
    """A component that can be given data."""

    def handle_data(self, data: Any) -> None:
        """Take custom data as if they had been subscribed to."""
        self._take_told_(data)

    def handle_instrument(self, instrument: Instrument) -> None:
        """Take an instrument's definition."""
        self._deliver_(instrument)

    def handle_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Take instruments one by one."""
        for instrument in instruments:
            self._deliver_(instrument)

    def handle_order_book(self, order_book: OrderBook) -> None:
        """Take a book."""
        self._deliver_(order_book)

    def handle_order_book_deltas(self, deltas: OrderBookDeltas) -> None:
        """Take changes of a book."""
        self._deliver_(deltas)

    def handle_order_book_depth(self, depth: OrderBookDepth10) -> None:
        """Take the best levels of a book."""
        self._deliver_(depth)

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        """Take a quote."""
        self._deliver_(tick)

    def handle_trade_tick(self, tick: TradeTick) -> None:
        """Take a trade."""
        self._deliver_(tick)

    def handle_bar(self, bar: Bar) -> None:
        """Take a bar."""
        self._deliver_(bar)

    def handle_mark_price(self, mark_price: MarkPriceUpdate) -> None:
        """Take a mark price."""
        self._deliver_(mark_price)

    def handle_index_price(self, index_price: IndexPriceUpdate) -> None:
        """Take an index price."""
        self._deliver_(index_price)

    def handle_funding_rate(self, funding_rate: FundingRateUpdate) -> None:
        """Take a funding rate."""
        self._deliver_(funding_rate)

    def handle_instrument_status(self, data: InstrumentStatus) -> None:
        """Take a market's phase."""
        self._deliver_(data)

    def handle_instrument_close(self, update: InstrumentClose) -> None:
        """Take a closing price."""
        self._deliver_(update)

    def handle_option_greeks(self, option_greeks: OptionGreeks) -> None:
        """Take greeks of an option."""
        self._deliver_(option_greeks)

    def handle_option_chain(self, option_chain_slice: OptionChainSlice) -> None:
        """Take a slice of an option chain."""
        self._deliver_(option_chain_slice)

    def handle_signal(self, signal: Signal) -> None:
        """Take a signal."""
        self._deliver_(signal)

    # -- of the past ---------------------------------------------------------------------------------------------------

    def handle_historical_data(self, data: Any) -> None:
        """Take an item of the past."""
        self._take_history_([data])

    def handle_bars(self, bars: Iterable[Bar]) -> None:
        """Take bars of the past, oldest first."""
        self._take_history_(bars)

    def handle_quote_ticks(self, ticks: Iterable[QuoteTick]) -> None:
        """Take quotes of the past, oldest first."""
        self._take_history_(ticks)

    def handle_trade_ticks(self, ticks: Iterable[TradeTick]) -> None:
        """Take trades of the past, oldest first."""
        self._take_history_(ticks)
