"""Actors: components that watch the market and the node, and place no orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.config.strategy import ActorConfig
from nautilus_live.engine.alarms import (
    CONNECTION_TOPIC,
    STREAM_GAP_TOPIC,
    UNCERTAIN_TOPIC,
    ConnectionChange,
    StreamGap,
    Uncertain,
)
from nautilus_live.engine.books import DELTAS, DEPTH, SNAPSHOTS, book_topic
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.book import OrderBook
from nautilus_live.model.data import OrderBookDeltas, OrderBookDepth10, QuoteTick, TradeTick
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, ComponentId, InstrumentId, TraderId, Venue
from nautilus_live.model.instruments import INSTRUMENT_KINDS, Instrument
from nautilus_live.trading.clock import TimeEvent
from nautilus_live.trading.component import Component, Handlers
from nautilus_live.trading.services import Services


class Actor(Component):
    """Subclass it and override callbacks: `on_start`, `on_quote_tick`, `on_instrument`, ...

    Args:
        config: the settings; subclass `ActorConfig` to add your own.

    """

    def __init__(self, config: Any = None) -> None:
        config = ActorConfig() if config is None else config
        given = getattr(config, "component_id", None)
        self._id: Any = ComponentId(str(given or type(self).__name__))
        super().__init__(str(self._id), config)
        self._subscriptions: dict[str, Callable[[], None]] = {}

    @property
    def id(self) -> Any:
        """The component's id."""
        return self._id

    @property
    def trader_id(self) -> TraderId:
        """The trader that runs the component."""
        return self._registered("trader_id").trader_id

    @property
    def msgbus(self) -> MessageBus:
        """The node's message bus."""
        return self._registered("msgbus").msgbus

    @property
    def cache(self) -> Cache:
        """Everything the node knows: instruments, orders, positions, accounts, the latest data."""
        return self._registered("cache").cache

    @property
    def portfolio(self) -> Portfolio:
        """What the positions add up to."""
        return self._registered("portfolio").portfolio

    def register(self, services: Services) -> None:
        """Become part of a node. The trader calls it when the component is added."""
        self._register(services)

    # -- callbacks -----------------------------------------------------------------------------------------------------

    def on_instrument(self, instrument: Instrument) -> None:
        """Called with an instrument definition that was subscribed to."""

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """Called with a quote that was subscribed to."""

    def on_trade_tick(self, tick: TradeTick) -> None:
        """Called with a trade that was subscribed to."""

    def on_order_book_deltas(self, deltas: OrderBookDeltas) -> None:
        """Called with changes of a book that was subscribed to; `cache.order_book` has taken them already."""

    def on_order_book_depth(self, depth: OrderBookDepth10) -> None:
        """Called with the best levels of a book that was subscribed to."""

    def on_order_book(self, order_book: OrderBook) -> None:
        """Called at an interval with a book that was subscribed to, the live one: only to be read."""

    def on_connection_change(self, change: ConnectionChange) -> None:
        """Called when a client lost its venue's stream or has it back, if that was subscribed to."""

    def on_stream_gap(self, gap: StreamGap) -> None:
        """Called when a gap in what a client heard is over, if that was subscribed to."""

    def on_uncertain(self, uncertain: Uncertain) -> None:
        """Called when an instrument became uncertain, or certain again, if that was subscribed to."""

    # -- the node ------------------------------------------------------------------------------------------------------

    def subscribe_connection_changes(self) -> None:
        """Let losses and returns of the clients' streams arrive at `on_connection_change`."""
        self._subscribe(CONNECTION_TOPIC)

    def unsubscribe_connection_changes(self) -> None:
        """Let losses and returns of streams no longer arrive."""
        self._unsubscribe(CONNECTION_TOPIC)

    def subscribe_stream_gaps(self) -> None:
        """Let gaps in what the clients heard arrive at `on_stream_gap`: a quiet market has none."""
        self._subscribe(STREAM_GAP_TOPIC)

    def unsubscribe_stream_gaps(self) -> None:
        """Let gaps no longer arrive."""
        self._unsubscribe(STREAM_GAP_TOPIC)

    def subscribe_uncertain(self) -> None:
        """Let instruments that become uncertain, or certain again, arrive at `on_uncertain`."""
        self._subscribe(UNCERTAIN_TOPIC)

    def unsubscribe_uncertain(self) -> None:
        """Let uncertain instruments no longer arrive."""
        self._unsubscribe(UNCERTAIN_TOPIC)

    # -- data ----------------------------------------------------------------------------------------------------------

    def subscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let quotes of the instrument arrive at `on_quote_tick`."""
        data = self._registered("subscribe_quote_ticks").data
        self._subscribe(
            f"data.quotes.{instrument_id.venue}.{instrument_id.symbol}",
            lambda: data.subscribe_quote_ticks(instrument_id, client_id),
            lambda: data.unsubscribe_quote_ticks(instrument_id, client_id),
        )

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let quotes of the instrument no longer arrive."""
        self._unsubscribe(f"data.quotes.{instrument_id.venue}.{instrument_id.symbol}")

    def subscribe_trade_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let trades of the instrument arrive at `on_trade_tick`."""
        data = self._registered("subscribe_trade_ticks").data
        self._subscribe(
            f"data.trades.{instrument_id.venue}.{instrument_id.symbol}",
            lambda: data.subscribe_trade_ticks(instrument_id, client_id),
            lambda: data.unsubscribe_trade_ticks(instrument_id, client_id),
        )

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let trades of the instrument no longer arrive."""
        self._unsubscribe(f"data.trades.{instrument_id.venue}.{instrument_id.symbol}")

    def subscribe_order_book_deltas(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        client_id: ClientId | None = None,
    ) -> None:
        """Let changes of the instrument's book arrive at `on_order_book_deltas`, and keep the book in the cache."""
        data = self._registered("subscribe_order_book_deltas").data
        self._subscribe(
            book_topic(DELTAS, instrument_id),
            lambda: data.subscribe_order_book_deltas(instrument_id, book_type, depth, client_id),
            lambda: data.unsubscribe_order_book_deltas(instrument_id, client_id),
        )

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let changes of the instrument's book no longer arrive."""
        self._unsubscribe(book_topic(DELTAS, instrument_id))

    def subscribe_order_book_depth(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let the best ten levels of the instrument's book arrive at `on_order_book_depth`."""
        data = self._registered("subscribe_order_book_depth").data
        self._subscribe(
            book_topic(DEPTH, instrument_id),
            lambda: data.subscribe_order_book_depth(instrument_id, client_id),
            lambda: data.unsubscribe_order_book_depth(instrument_id, client_id),
        )

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let the best levels of the instrument's book no longer arrive."""
        self._unsubscribe(book_topic(DEPTH, instrument_id))

    def subscribe_order_book_at_interval(
        self,
        instrument_id: InstrumentId,
        book_type: BookType = BookType.L2_MBP,
        depth: int = 0,
        interval_ms: int = 1_000,
        client_id: ClientId | None = None,
    ) -> None:
        """Let the instrument's book arrive at `on_order_book` every `interval_ms`, while it is known."""
        data = self._registered("subscribe_order_book_at_interval").data
        self._subscribe(
            f"{book_topic(SNAPSHOTS, instrument_id)}.{interval_ms}",
            lambda: data.subscribe_order_book_at_interval(instrument_id, book_type, depth, interval_ms, client_id),
            lambda: data.unsubscribe_order_book_at_interval(instrument_id, interval_ms, client_id),
        )

    def unsubscribe_order_book_at_interval(
        self, instrument_id: InstrumentId, interval_ms: int = 1_000, client_id: ClientId | None = None
    ) -> None:
        """Let the instrument's book no longer arrive at that interval."""
        self._unsubscribe(f"{book_topic(SNAPSHOTS, instrument_id)}.{interval_ms}")

    def subscribe_instrument(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let definitions of the instrument arrive at `on_instrument` whenever the venue sends one."""
        self._subscribe(f"data.instrument.{instrument_id.venue}.{instrument_id.symbol}")

    def unsubscribe_instrument(self, instrument_id: InstrumentId, client_id: ClientId | None = None) -> None:
        """Let definitions of the instrument no longer arrive."""
        self._unsubscribe(f"data.instrument.{instrument_id.venue}.{instrument_id.symbol}")

    def subscribe_instruments(self, venue: Venue, client_id: ClientId | None = None) -> None:
        """Let definitions of all instruments of the venue arrive at `on_instrument`."""
        self._subscribe(f"data.instrument.{venue}.*")

    def unsubscribe_instruments(self, venue: Venue, client_id: ClientId | None = None) -> None:
        """Let definitions of the venue's instruments no longer arrive."""
        self._unsubscribe(f"data.instrument.{venue}.*")

    def dispose(self) -> None:
        """End for good: `on_dispose`, then hear nothing more."""
        super().dispose()
        for topic in list(self._subscriptions):
            self._unsubscribe(topic)

    # -- machinery -----------------------------------------------------------------------------------------------------

    def _subscribe(
        self, topic: str, do: Callable[[], None] = lambda: None, undo: Callable[[], None] = lambda: None
    ) -> None:
        if topic not in self._subscriptions:
            self._registered("a subscription").msgbus.subscribe(topic, self._deliver)
            try:
                do()
            except Exception:  # no client for it: hear nothing rather than half
                self.msgbus.unsubscribe(topic, self._deliver)
                raise
            self._subscriptions[topic] = undo

    def _unsubscribe(self, topic: str) -> None:
        undo = self._subscriptions.pop(topic, None)
        if undo is not None:
            self._registered("a subscription").msgbus.unsubscribe(topic, self._deliver)
            undo()

    def _resolve_handlers(self) -> Handlers:
        instrument_handlers = self._overridden(Actor, ("on_instrument",))
        return {
            QuoteTick: self._overridden(Actor, ("on_quote_tick",)),
            TradeTick: self._overridden(Actor, ("on_trade_tick",)),
            OrderBookDeltas: self._overridden(Actor, ("on_order_book_deltas",)),
            OrderBookDepth10: self._overridden(Actor, ("on_order_book_depth",)),
            OrderBook: self._overridden(Actor, ("on_order_book",)),
            ConnectionChange: self._overridden(Actor, ("on_connection_change",)),
            StreamGap: self._overridden(Actor, ("on_stream_gap",)),
            Uncertain: self._overridden(Actor, ("on_uncertain",)),
            **dict.fromkeys(INSTRUMENT_KINDS, instrument_handlers),
            TimeEvent: self._overridden(Actor, ("on_event",)),
        }
