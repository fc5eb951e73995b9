"""Who wants which data: each client is asked once for each feed, however many listen to it.

Knows clients and books. Promises: what flows is exactly what somebody wants; the last one who ends a subscription ends
it at the client; an end without a beginning does nothing.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from nautilus_live.adapters.ports import DataClient
from nautilus_live.engine.bars import Bars
from nautilus_live.engine.books import DELTAS, DEPTH, SNAPSHOTS, Books
from nautilus_live.engine.routing import Routes
from nautilus_live.engine.stale import Staleness
from nautilus_live.engine.synthetics import Synthetics
from nautilus_live.errors import ConfigError
from nautilus_live.model.bars import BarType
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.data_requests import Feed, FeedKind
from nautilus_live.model.enums import BookType, PriceType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Symbol
from nautilus_live.model.instruments.synthetic import SYNTHETIC_VENUE
from nautilus_live.model.option_chain import OptionSeriesId, StrikeRange

if TYPE_CHECKING:
    from nautilus_live.engine.option_chains import OptionChains

QUOTES, TRADES, BARS, INSTRUMENT = "quotes", "trades", "bars", "instrument"
Subject = InstrumentId | BarType | DataType
MADE_HERE = ClientId("SYNTH")
"""Whose subscriptions to synthetic instruments count as; what they are made of is watched at its own client."""


class Subscriptions:
    """The side of the data engine that actors ask for data."""

    _routes: Routes[DataClient]
    _books: Books
    _bars: Bars
    _stale: Staleness
    _synthetics: Synthetics
    _chains: OptionChains | None = None
    _subscribed: dict[tuple[str, ClientId, Subject], int]
    _log: logging.Logger
    _detail: int

    def subscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let quotes of the instrument flow. Raises `ConfigError` if there is no client for it."""
        if instrument_id.venue == SYNTHETIC_VENUE:
            for component in self._synthetics.begin(QUOTES, instrument_id):
                self.subscribe_quote_ticks(component, client_id)
            return
        client = self._client(instrument_id, client_id)
        if self._count(QUOTES, client, instrument_id, 1) == 1:
            client.subscribe_quote_ticks(instrument_id)

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop quotes of the instrument once nobody wants them any more."""
        if instrument_id.venue == SYNTHETIC_VENUE:
            for component in self._synthetics.end(QUOTES, instrument_id):
                self.unsubscribe_quote_ticks(component, client_id)
            return
        client = self._client(instrument_id, client_id)
        if self._count(QUOTES, client, instrument_id, -1) == 0:
            client.unsubscribe_quote_ticks(instrument_id)

    def subscribe_trade_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let trades of the instrument flow. Raises `ConfigError` if there is no client for it."""
        if instrument_id.venue == SYNTHETIC_VENUE:
            for component in self._synthetics.begin(TRADES, instrument_id):
                self.subscribe_trade_ticks(component, client_id)
            return
        client = self._client(instrument_id, client_id)
        if self._count(TRADES, client, instrument_id, 1) == 1:
            client.subscribe_trade_ticks(instrument_id)

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop trades of the instrument once nobody wants them any more."""
        if instrument_id.venue == SYNTHETIC_VENUE:
            for component in self._synthetics.end(TRADES, instrument_id):
                self.unsubscribe_trade_ticks(component, client_id)
            return
        client = self._client(instrument_id, client_id)
        if self._count(TRADES, client, instrument_id, -1) == 0:
            client.unsubscribe_trade_ticks(instrument_id)

    # -- feeds -------------------------------------------------------------------------------------------------------

    def subscribe_feed(
        self, kind: FeedKind, subject: Subject, client_id: ClientId | None = None, about: InstrumentId | None = None
    ) -> None:
        """Let a feed flow: reference prices, funding, phases, the venue's bars, custom data (`about` an instrument).

        Raises:
            ConfigError: if there is no client for it.

        """
        feed, client = self._feed(kind, subject, client_id, about)
        if self._count(kind, client, subject, 1) == 1:
            client.subscribe_feed(feed)

    def unsubscribe_feed(
        self, kind: FeedKind, subject: Subject, client_id: ClientId | None = None, about: InstrumentId | None = None
    ) -> None:
        """Stop a feed once nobody wants it any more."""
        feed, client = self._feed(kind, subject, client_id, about)
        if self._count(kind, client, subject, -1) == 0:
            client.unsubscribe_feed(feed)

    def _feed(
        self, kind: FeedKind, subject: Subject, client_id: ClientId | None, about: InstrumentId | None
    ) -> tuple[Feed, DataClient]:
        if isinstance(subject, InstrumentId):
            about = subject
        elif isinstance(subject, BarType):
            about = subject.instrument_id
        if about is not None:
            return Feed(kind, subject, about), self._client(about, client_id)
        client = None if client_id is None else self._routes.get(client_id)
        if client is None:
            raise ConfigError(f"{kind} {subject}: must be asked of a data client there is, was asked of {client_id}")
        return Feed(kind, subject), client

    # -- bars --------------------------------------------------------------------------------------------------------

    def subscribe_bars(self, bar_type: BarType, client_id: ClientId | None = None) -> None:
        """Let bars flow: the venue's own, or (INTERNAL) made here of its ticks or of smaller bars.

        Raises:
            ConfigError: if there is no client for it, or the node cannot make such bars.

        """
        client = self._source_of_bars(bar_type, client_id)
        if bar_type.is_externally_aggregated():
            self.subscribe_feed("bars", bar_type, client_id)
            return
        standard = bar_type.standard()
        wanted = self._count(BARS, client, standard, 1)
        if wanted == 1:
            try:
                self._bars.begin(bar_type)
                self._subscribe_parts(bar_type, client_id)
            except ConfigError:
                self._bars.end(bar_type)
                self._count(BARS, client, standard, -1)
                raise

    def unsubscribe_bars(self, bar_type: BarType, client_id: ClientId | None = None) -> None:
        """Stop bars once nobody wants them any more, and with them what they are made of."""
        client = self._source_of_bars(bar_type, client_id)
        if bar_type.is_externally_aggregated():
            self.unsubscribe_feed("bars", bar_type, client_id)
            return
        if self._count(BARS, client, bar_type.standard(), -1) == 0:
            made_of = self._bars.end(bar_type)
            if made_of is not None:
                self._unsubscribe_parts(made_of, client_id)

    def _source_of_bars(self, bar_type: BarType, client_id: ClientId | None) -> DataClient | None:
        """Return the client whose data the bars are of, `None` for a synthetic instrument's.

        Raises:
            ConfigError: if there is none, or nobody has such bars.

        """
        if bar_type.instrument_id.venue != SYNTHETIC_VENUE:
            return self._client(bar_type.instrument_id, client_id)
        if bar_type.composite().is_externally_aggregated():
            raise ConfigError(f"{bar_type}: bars of a synthetic instrument must be made here (INTERNAL), was EXTERNAL")
        return None

    def _subscribe_parts(self, bar_type: BarType, client_id: ClientId | None) -> None:
        if bar_type.is_composite():
            self.subscribe_bars(bar_type.composite(), client_id)
        elif bar_type.spec.price_type is PriceType.LAST:
            self.subscribe_trade_ticks(bar_type.instrument_id, client_id)
        else:
            self.subscribe_quote_ticks(bar_type.instrument_id, client_id)

    def _unsubscribe_parts(self, bar_type: BarType, client_id: ClientId | None) -> None:
        if bar_type.is_composite():
            self.unsubscribe_bars(bar_type.composite(), client_id)
        elif bar_type.spec.price_type is PriceType.LAST:
            self.unsubscribe_trade_ticks(bar_type.instrument_id, client_id)
        else:
            self.unsubscribe_quote_ticks(bar_type.instrument_id, client_id)

    # -- books -------------------------------------------------------------------------------------------------------

    def subscribe_order_book_deltas(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        client_id: ClientId | None = None,
    ) -> None:
        """Let changes of the instrument's book flow, and keep the book in the cache.

        Raises:
            ConfigError: if there is no client for it, or the book is kept as another type.

        """
        client = self._client(instrument_id, client_id)
        self._books.check_type(instrument_id, book_type)
        if self._count(DELTAS, client, instrument_id, 1) == 1:
            self._books.keep(client, instrument_id, book_type, depth)
            client.subscribe_order_book_deltas(instrument_id, book_type, depth)

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop changes of the instrument's book once nobody wants them any more."""
        client = self._client(instrument_id, client_id)
        if self._count(DELTAS, client, instrument_id, -1) == 0:
            self._books.drop(instrument_id, by_depth=False)
            if (DEPTH, client.id, instrument_id) in self._subscribed:
                self._books.keep_depth(client, instrument_id)
            client.unsubscribe_order_book_deltas(instrument_id)

    def subscribe_order_book_depth(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let the best ten levels of the instrument's book flow. Raises `ConfigError` if there is no client for it."""
        client = self._client(instrument_id, client_id)
        if self._count(DEPTH, client, instrument_id, 1) == 1:
            self._books.keep_depth(client, instrument_id)
            client.subscribe_order_book_depth(instrument_id)

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Stop the best levels of the instrument's book once nobody wants them any more."""
        client = self._client(instrument_id, client_id)
        if self._count(DEPTH, client, instrument_id, -1) == 0:
            self._books.drop(instrument_id, by_depth=True)
            client.unsubscribe_order_book_depth(instrument_id)

    def subscribe_order_book_at_interval(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        interval_ms: int = 1_000,
        client_id: ClientId | None = None,
    ) -> None:
        """Let the instrument's book be published every `interval_ms`, while it is known.

        Raises:
            ConfigError: if there is no client for it, the book is kept as another type, or the interval is not > 0.

        """
        if interval_ms <= 0:
            raise ConfigError(f"{instrument_id}: interval_ms must be > 0, was {interval_ms}")
        self.subscribe_order_book_deltas(instrument_id, book_type, depth, client_id)
        client = self._client(instrument_id, client_id)
        if self._count(f"{SNAPSHOTS}.{interval_ms}", client, instrument_id, 1) == 1:
            self._books.start_interval(instrument_id, interval_ms)

    def unsubscribe_order_book_at_interval(
        self, instrument_id: InstrumentId, interval_ms: int = 1_000, client_id: ClientId | None = None
    ) -> None:
        """Stop publishing the instrument's book at that interval once nobody wants it any more."""
        client = self._client(instrument_id, client_id)
        left = self._count(f"{SNAPSHOTS}.{interval_ms}", client, instrument_id, -1)
        if left < 0:
            return
        if left == 0:
            self._books.stop_interval(instrument_id, interval_ms)
        self.unsubscribe_order_book_deltas(instrument_id, client_id)

    # -- options -----------------------------------------------------------------------------------------------------

    def subscribe_option_chain(
        self,
        series_id: OptionSeriesId,
        strike_range: StrikeRange | None = None,
        snapshot_interval_ms: int | None = None,
        client_id: ClientId | None = None,
    ) -> None:
        """Let slices of an option chain flow, at an interval or with all that is heard of its options.

        Raises:
            ConfigError: if there is no client for it, or the interval is not > 0.

        """
        if snapshot_interval_ms is not None and snapshot_interval_ms <= 0:
            raise ConfigError(f"{series_id}: snapshot_interval_ms must be > 0 or None, was {snapshot_interval_ms}")
        self._client(InstrumentId(Symbol(series_id.underlying), series_id.venue), client_id)
        if self._chains is None:
            self._chains = self._new_chains()
        self._chains.begin(series_id, strike_range, snapshot_interval_ms, client_id)

    def unsubscribe_option_chain(
        self,
        series_id: OptionSeriesId,
        strike_range: StrikeRange | None = None,
        snapshot_interval_ms: int | None = None,
    ) -> None:
        """Stop slices of an option chain once nobody wants them any more."""
        if self._chains is not None:
            self._chains.end(series_id, strike_range, snapshot_interval_ms)

    def _new_chains(self) -> OptionChains:
        raise NotImplementedError

    # -- what flows --------------------------------------------------------------------------------------------------

    def subscribed_order_books(self) -> list[InstrumentId]:
        """Return the instruments whose books are kept from their changes."""
        return self._subjects(DELTAS)

    def subscribed_quote_ticks(self) -> list[InstrumentId]:
        """Return the instruments whose quotes flow."""
        return self._subjects(QUOTES)

    def subscribed_trade_ticks(self) -> list[InstrumentId]:
        """Return the instruments whose trades flow."""
        return self._subjects(TRADES)

    def subscribed_bars(self) -> list[BarType]:
        """Return the types of the bars that flow, the venue's and those made here."""
        return self._subjects(BARS)

    def subscribed(self, kind: FeedKind) -> list[Any]:
        """Return the subjects of the feeds of that kind that flow."""
        return self._subjects(kind)

    def _subjects(self, kind: str) -> list[Any]:
        return [subject for found, _, subject in self._subscribed if found == kind]

    def _client(self, instrument_id: InstrumentId, client_id: ClientId | None) -> DataClient:
        client = self._routes.find(instrument_id.venue, client_id)
        if client is None:
            raise ConfigError(
                f"{instrument_id}: no data client for it, was asked for {client_id or instrument_id.venue}"
            )
        return client

    def _count(self, kind: str, client: DataClient | None, subject: Subject, change: int) -> int:
        """Count who wants what, of a client or (`None`) made of what they have; -1 for an end without a beginning."""
        key = (kind, MADE_HERE if client is None else client.id, subject)
        before = self._subscribed.get(key, 0)
        wanted = before + change
        if wanted > 0:
            self._subscribed[key] = wanted
            if before == 0:
                self._log.log(self._detail, "%s of %s: wanted of %s", kind, subject, key[1])
            if before == 0 and client is not None:
                self._stale.watch(kind, client, subject)
        elif before:
            del self._subscribed[key]
            self._log.log(self._detail, "%s of %s: wanted no longer of %s", kind, subject, key[1])
            if client is not None:
                self._stale.unwatch(kind, client, subject)
        return wanted
