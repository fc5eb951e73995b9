"""Actors: components that watch the market and the node, and place no orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.config.strategy import ActorConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.identifiers import ClientId, ComponentId, InstrumentId, TraderId, Venue
from nautilus_live.model.instruments import CryptoPerpetual, CurrencyPair, Instrument
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
            CurrencyPair: instrument_handlers,
            CryptoPerpetual: instrument_handlers,
            TimeEvent: self._overridden(Actor, ("on_event",)),
        }
