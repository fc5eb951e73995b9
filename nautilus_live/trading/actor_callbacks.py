"""The callbacks of actors and strategies for data and for the node, all empty, and what calls which.

Override what you need; what is not overridden costs nothing.
"""

from __future__ import annotations

from typing import Any

from nautilus_live.engine.alarms import ConnectionChange, StreamGap, Uncertain
from nautilus_live.engine.stale import DataStale
from nautilus_live.model.bars import Bar
from nautilus_live.model.book import OrderBook
from nautilus_live.model.custom_data import Signal
from nautilus_live.model.data import Data, OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.instruments import INSTRUMENT_KINDS, Instrument, SyntheticInstrument
from nautilus_live.model.option_chain import OptionChainSlice, OptionGreeks
from nautilus_live.model.updates import (
    FundingRateUpdate,
    IndexPriceUpdate,
    InstrumentClose,
    InstrumentStatus,
    MarkPriceUpdate,
)
from nautilus_live.trading.clock import TimeEvent

DATA_CALLBACKS: dict[type, str] = {
    QuoteTick: "on_quote_tick",
    TradeTick: "on_trade_tick",
    Bar: "on_bar",
    OrderBookDeltas: "on_order_book_deltas",
    OrderBookDepth10: "on_order_book_depth",
    OrderBook: "on_order_book",
    MarkPriceUpdate: "on_mark_price",
    IndexPriceUpdate: "on_index_price",
    FundingRateUpdate: "on_funding_rate",
    InstrumentStatus: "on_instrument_status",
    InstrumentClose: "on_instrument_close",
    OptionGreeks: "on_option_greeks",
    OptionChainSlice: "on_option_chain",
    Signal: "on_signal",
    ConnectionChange: "on_connection_change",
    StreamGap: "on_stream_gap",
    DataStale: "on_stale_data",
    Uncertain: "on_uncertain",
    TimeEvent: "on_event",
    **dict.fromkeys((*INSTRUMENT_KINDS, SyntheticInstrument), "on_instrument"),
}


class ActorCallbacks:
    """What an actor can hear of."""

    def on_instrument(self, instrument: Instrument) -> None:
        """Called with an instrument definition that was subscribed to."""

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """Called with a quote that was subscribed to."""

    def on_trade_tick(self, tick: TradeTick) -> None:
        """Called with a trade that was subscribed to."""

    def on_bar(self, bar: Bar) -> None:
        """Called with a bar that was subscribed to, after the indicators registered for it have taken it."""

    def on_order_book_deltas(self, deltas: OrderBookDeltas) -> None:
        """Called with changes of a book that was subscribed to; `cache.order_book` has taken them already."""

    def on_order_book_depth(self, depth: OrderBookDepth10) -> None:
        """Called with the best levels of a book that was subscribed to."""

    def on_order_book(self, order_book: OrderBook) -> None:
        """Called at an interval with a book that was subscribed to, the live one: only to be read."""

    def on_mark_price(self, mark_price: MarkPriceUpdate) -> None:
        """Called with a mark price that was subscribed to."""

    def on_index_price(self, index_price: IndexPriceUpdate) -> None:
        """Called with an index price that was subscribed to."""

    def on_funding_rate(self, funding_rate: FundingRateUpdate) -> None:
        """Called with a funding rate that was subscribed to."""

    def on_instrument_status(self, data: InstrumentStatus) -> None:
        """Called when a market that was subscribed to enters another phase."""

    def on_instrument_close(self, update: InstrumentClose) -> None:
        """Called with the price of a close that was subscribed to."""

    def on_option_greeks(self, option_greeks: OptionGreeks) -> None:
        """Called with greeks of an option that were subscribed to, as its venue tells them."""

    def on_option_chain(self, option_chain_slice: OptionChainSlice) -> None:
        """Called with a slice of an option chain that was subscribed to."""

    def on_data(self, data: Data) -> None:
        """Called with custom data that were subscribed to."""

    def on_signal(self, signal: Signal) -> None:
        """Called with a signal that was subscribed to."""

    def on_historical_data(self, data: Any) -> None:
        """Called with each item of the answer to a request, oldest first, after the indicators have taken it."""

    def on_request_failed(self, request_id: str, reason: str) -> None:
        """Called when a request could not be answered: what was asked for is unknown, not absent."""

    def on_order_filled(self, event: OrderFilled) -> None:
        """Called with a fill that was subscribed to; of strategies also with each of their own."""

    def on_connection_change(self, change: ConnectionChange) -> None:
        """Called when a client lost its venue's stream or has it back, if that was subscribed to."""

    def on_stream_gap(self, gap: StreamGap) -> None:
        """Called when a gap in what a client heard is over, if that was subscribed to."""

    def on_stale_data(self, data: DataStale) -> None:
        """Called when a subscription has fallen silent, or is heard again, if that was subscribed to."""

    def on_uncertain(self, uncertain: Uncertain) -> None:
        """Called when an instrument became uncertain, or certain again, if that was subscribed to."""
