"""The market data that actors subscribe to. Names and arguments are the ecosystem's.

What published strategies pass besides is accepted. `update_catalog` means nothing: nothing is written to a catalog.
`managed` and `pyo3_conversion` mean nothing: books are always kept, and there is one kind of objects. `params` of a
subscription mean nothing: one feed serves all who subscribed to it, and no adapter here takes parameters for it; those
of a request go with it to the client (`DataRequest.params`).
"""

from __future__ import annotations

from typing import Any

from nautilus_live.engine.bars import bar_topic
from nautilus_live.engine.books import DELTAS, DEPTH, SNAPSHOTS, book_topic
from nautilus_live.model.bars import BarType
from nautilus_live.model.data_requests import FeedKind
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_live.model.option_chain import OptionSeriesId, StrikeRange
from nautilus_live.trading.listening import Listening

Params = dict[str, Any] | None


class MarketSubscriptions(Listening):
    """Quotes, trades, bars, books, reference prices, phases, options and instruments."""

    def __init__(self, component_id: str, config: Any) -> None:
        super().__init__(component_id, config)
        self._chains_: dict[OptionSeriesId, str] = {}

    def subscribe_quote_ticks(
        self,
        instrument_id: InstrumentId,
        client_id: ClientId | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> None:
        """Let quotes of the instrument arrive at `on_quote_tick`."""
        data = self._registered_("subscribe_quote_ticks").data
        self._subscribe_(
            f"data.quotes.{instrument_id.venue}.{instrument_id.symbol}",
            lambda: data.subscribe_quote_ticks(instrument_id, client_id),
            lambda: data.unsubscribe_quote_ticks(instrument_id, client_id),
        )

    def unsubscribe_quote_ticks(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let quotes of the instrument no longer arrive."""
        self._unsubscribe_(f"data.quotes.{instrument_id.venue}.{instrument_id.symbol}")

    def subscribe_trade_ticks(
        self,
        instrument_id: InstrumentId,
        client_id: ClientId | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> None:
        """Let trades of the instrument arrive at `on_trade_tick`."""
        data = self._registered_("subscribe_trade_ticks").data
        self._subscribe_(
            f"data.trades.{instrument_id.venue}.{instrument_id.symbol}",
            lambda: data.subscribe_trade_ticks(instrument_id, client_id),
            lambda: data.unsubscribe_trade_ticks(instrument_id, client_id),
        )

    def unsubscribe_trade_ticks(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let trades of the instrument no longer arrive."""
        self._unsubscribe_(f"data.trades.{instrument_id.venue}.{instrument_id.symbol}")

    def subscribe_order_book_deltas(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        client_id: ClientId | None = None,
        managed: bool = True,
        pyo3_conversion: bool = False,
        params: Params = None,
    ) -> None:
        """Let changes of the instrument's book arrive at `on_order_book_deltas`, and keep the book in the cache."""
        data = self._registered_("subscribe_order_book_deltas").data
        self._subscribe_(
            book_topic(DELTAS, instrument_id),
            lambda: data.subscribe_order_book_deltas(instrument_id, book_type, depth, client_id),
            lambda: data.unsubscribe_order_book_deltas(instrument_id, client_id),
        )

    def unsubscribe_order_book_deltas(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let changes of the instrument's book no longer arrive."""
        self._unsubscribe_(book_topic(DELTAS, instrument_id))

    def subscribe_order_book_depth(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        client_id: ClientId | None = None,
        managed: bool = True,
        pyo3_conversion: bool = False,
        update_catalog: bool = False,
        params: Params = None,
    ) -> None:
        """Let the best ten levels of the instrument's book arrive at `on_order_book_depth`."""
        data = self._registered_("subscribe_order_book_depth").data
        self._subscribe_(
            book_topic(DEPTH, instrument_id),
            lambda: data.subscribe_order_book_depth(instrument_id, client_id),
            lambda: data.unsubscribe_order_book_depth(instrument_id, client_id),
        )

    def unsubscribe_order_book_depth(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let the best levels of the instrument's book no longer arrive."""
        self._unsubscribe_(book_topic(DEPTH, instrument_id))

    def subscribe_order_book_at_interval(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        interval_ms: int = 1_000,
        client_id: ClientId | None = None,
        params: Params = None,
    ) -> None:
        """Let the instrument's book arrive at `on_order_book` every `interval_ms`, while it is known."""
        data = self._registered_("subscribe_order_book_at_interval").data
        self._subscribe_(
            f"{book_topic(SNAPSHOTS, instrument_id)}.{interval_ms}",
            lambda: data.subscribe_order_book_at_interval(instrument_id, book_type, depth, interval_ms, client_id),
            lambda: data.unsubscribe_order_book_at_interval(instrument_id, interval_ms, client_id),
        )

    def unsubscribe_order_book_at_interval(
        self,
        instrument_id: InstrumentId,
        interval_ms: int = 1_000,
        client_id: ClientId | None = None,
        params: Params = None,
    ) -> None:
        """Let the instrument's book no longer arrive at that interval."""
        self._unsubscribe_(f"{book_topic(SNAPSHOTS, instrument_id)}.{interval_ms}")

    def subscribe_bars(
        self, bar_type: BarType, client_id: ClientId | None = None, update_catalog: bool = False, params: Params = None
    ) -> None:
        """Let bars arrive at `on_bar`: the venue's own, or (INTERNAL) made here of its ticks or of smaller bars."""
        data = self._registered_("subscribe_bars").data
        self._subscribe_(
            bar_topic(bar_type),
            lambda: data.subscribe_bars(bar_type, client_id),
            lambda: data.unsubscribe_bars(bar_type, client_id),
        )

    def unsubscribe_bars(self, bar_type: BarType, client_id: ClientId | None = None, params: Params = None) -> None:
        """Let bars of that type no longer arrive."""
        self._unsubscribe_(bar_topic(bar_type))

    def subscribe_mark_prices(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let mark prices of the instrument arrive at `on_mark_price`."""
        self._subscribe_feed_("mark_prices", instrument_id, client_id)

    def unsubscribe_mark_prices(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let mark prices of the instrument no longer arrive."""
        self._unsubscribe_(_topic("mark_prices", instrument_id))

    def subscribe_index_prices(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let index prices of the instrument arrive at `on_index_price`."""
        self._subscribe_feed_("index_prices", instrument_id, client_id)

    def unsubscribe_index_prices(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let index prices of the instrument no longer arrive."""
        self._unsubscribe_(_topic("index_prices", instrument_id))

    def subscribe_funding_rates(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let funding rates of the instrument arrive at `on_funding_rate`."""
        self._subscribe_feed_("funding_rates", instrument_id, client_id)

    def unsubscribe_funding_rates(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let funding rates of the instrument no longer arrive."""
        self._unsubscribe_(_topic("funding_rates", instrument_id))

    def subscribe_instrument_status(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let changes of the phase of the instrument arrive at `on_instrument_status`."""
        self._subscribe_feed_("instrument_status", instrument_id, client_id)

    def unsubscribe_instrument_status(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let changes of the phase of the instrument no longer arrive."""
        self._unsubscribe_(_topic("instrument_status", instrument_id))

    def subscribe_instrument_close(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let closing prices of the instrument arrive at `on_instrument_close`."""
        self._subscribe_feed_("instrument_close", instrument_id, client_id)

    def unsubscribe_instrument_close(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let closing prices of the instrument no longer arrive."""
        self._unsubscribe_(_topic("instrument_close", instrument_id))

    def subscribe_option_greeks(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let greeks of the option arrive at `on_option_greeks`, as its venue tells them."""
        self._subscribe_feed_("option_greeks", instrument_id, client_id)

    def unsubscribe_option_greeks(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let greeks of the option no longer arrive."""
        self._unsubscribe_(_topic("option_greeks", instrument_id))

    def subscribe_option_chain(
        self,
        series_id: OptionSeriesId,
        strike_range: StrikeRange | None = None,
        snapshot_interval_ms: int | None = None,
        client_id: ClientId | None = None,
        params: Params = None,
    ) -> None:
        """Let slices of an option chain arrive at `on_option_chain`, of all strikes or those in the range.

        Without an interval one arrives with everything that is heard of the options. A second subscription to the same
        series takes the place of the first.
        """
        from nautilus_live.engine.option_chains import chain_topic  # few strategies trade options

        data = self._registered_("subscribe_option_chain").data
        topic = chain_topic(series_id, strike_range, snapshot_interval_ms)
        if self._chains_.get(series_id) != topic:
            self.unsubscribe_option_chain(series_id)
        self._subscribe_(
            topic,
            lambda: data.subscribe_option_chain(series_id, strike_range, snapshot_interval_ms, client_id),
            lambda: data.unsubscribe_option_chain(series_id, strike_range, snapshot_interval_ms),
        )
        self._chains_[series_id] = topic

    def unsubscribe_option_chain(
        self, series_id: OptionSeriesId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let slices of the option chain no longer arrive."""
        topic = self._chains_.pop(series_id, None)
        if topic is not None:
            self._unsubscribe_(topic)

    def subscribe_instrument(
        self,
        instrument_id: InstrumentId,
        client_id: ClientId | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> None:
        """Let definitions of the instrument arrive at `on_instrument` whenever the venue sends one."""
        self._subscribe_(f"data.instrument.{instrument_id.venue}.{instrument_id.symbol}")

    def unsubscribe_instrument(
        self, instrument_id: InstrumentId, client_id: ClientId | None = None, params: Params = None
    ) -> None:
        """Let definitions of the instrument no longer arrive."""
        self._unsubscribe_(f"data.instrument.{instrument_id.venue}.{instrument_id.symbol}")

    def subscribe_instruments(
        self, venue: Venue, client_id: ClientId | None = None, update_catalog: bool = False, params: Params = None
    ) -> None:
        """Let definitions of all instruments of the venue arrive at `on_instrument`."""
        self._subscribe_(f"data.instrument.{venue}.*")

    def unsubscribe_instruments(self, venue: Venue, client_id: ClientId | None = None, params: Params = None) -> None:
        """Let definitions of the venue's instruments no longer arrive."""
        self._unsubscribe_(f"data.instrument.{venue}.*")

    def _subscribe_feed_(self, kind: FeedKind, instrument_id: InstrumentId, client_id: ClientId | None) -> None:
        data = self._registered_(f"a subscription to {kind}").data
        self._subscribe_(
            _topic(kind, instrument_id),
            lambda: data.subscribe_feed(kind, instrument_id, client_id),
            lambda: data.unsubscribe_feed(kind, instrument_id, client_id),
        )


def _topic(kind: str, instrument_id: InstrumentId) -> str:
    return f"data.{kind}.{instrument_id.venue}.{instrument_id.symbol}"
