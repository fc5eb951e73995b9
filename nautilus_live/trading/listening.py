"""How actors listen: one subscription a topic, each with what it asks of the data engine and how that ends.

Knows a component's services. Promises: a subscription that nobody can serve leaves nothing behind; subscribing twice is
subscribing once; an end ends what the beginning began.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.engine.alarms import CONNECTION_TOPIC, STREAM_GAP_TOPIC, UNCERTAIN_TOPIC
from nautilus_live.engine.stale import STALE_TOPIC
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.trading.component import Component

FILLS = "fills of "


class Listening(Component):
    """A component that subscribes to topics."""

    def __init__(self, component_id: str, config: Any) -> None:
        super().__init__(component_id, config)
        self._subscriptions_: dict[str, Callable[[], None]] = {}

    def subscribe_connection_changes(self) -> None:
        """Let losses and returns of the clients' streams arrive at `on_connection_change`."""
        self._subscribe_(CONNECTION_TOPIC)

    def unsubscribe_connection_changes(self) -> None:
        """Let losses and returns of streams no longer arrive."""
        self._unsubscribe_(CONNECTION_TOPIC)

    def subscribe_stream_gaps(self) -> None:
        """Let gaps in what the clients heard arrive at `on_stream_gap`: a quiet market has none."""
        self._subscribe_(STREAM_GAP_TOPIC)

    def unsubscribe_stream_gaps(self) -> None:
        """Let gaps no longer arrive."""
        self._unsubscribe_(STREAM_GAP_TOPIC)

    def subscribe_stale_data(self) -> None:
        """Let subscriptions that fall silent, or are heard again, arrive at `on_stale_data`."""
        self._subscribe_(STALE_TOPIC)

    def unsubscribe_stale_data(self) -> None:
        """Let silent subscriptions no longer arrive."""
        self._unsubscribe_(STALE_TOPIC)

    def subscribe_uncertain(self) -> None:
        """Let instruments that become uncertain, or certain again, arrive at `on_uncertain`."""
        self._subscribe_(UNCERTAIN_TOPIC)

    def unsubscribe_uncertain(self) -> None:
        """Let uncertain instruments no longer arrive."""
        self._unsubscribe_(UNCERTAIN_TOPIC)

    def subscribe_order_fills(self, instrument_id: InstrumentId) -> None:
        """Let fills of all orders in the instrument arrive at `on_order_filled`, whoever's orders they are."""
        own_id = getattr(self, "id", None)

        def deliver(event: Any) -> None:
            # A strategy hears of its own orders anyway.
            if type(event) is OrderFilled and event.instrument_id == instrument_id and event.strategy_id != own_id:
                self._deliver_(event)

        msgbus = self._registered_("subscribe_order_fills").msgbus
        if FILLS + str(instrument_id) not in self._subscriptions_:
            msgbus.subscribe("events.order.*", deliver)
            self._subscriptions_[FILLS + str(instrument_id)] = lambda: msgbus.unsubscribe("events.order.*", deliver)

    def unsubscribe_order_fills(self, instrument_id: InstrumentId) -> None:
        """Let fills of others' orders no longer arrive."""
        end = self._subscriptions_.pop(FILLS + str(instrument_id), None)
        if end is not None:
            end()

    def dispose(self) -> None:
        """End for good: `on_dispose`, then hear nothing more."""
        super().dispose()
        for topic in list(self._subscriptions_):
            self._unsubscribe_(topic)

    def _subscribe_(
        self, topic: str, do: Callable[[], None] = lambda: None, undo: Callable[[], None] = lambda: None
    ) -> None:
        if topic not in self._subscriptions_:
            self._registered_("a subscription").msgbus.subscribe(topic, self._deliver_)
            try:
                do()
            except Exception:  # no client for it: hear nothing rather than half
                self._registered_("a subscription").msgbus.unsubscribe(topic, self._deliver_)
                raise
            self._subscriptions_[topic] = undo

    def _unsubscribe_(self, topic: str) -> None:
        undo = self._subscriptions_.pop(topic, None)
        if undo is not None:
            self._registered_("a subscription").msgbus.unsubscribe(topic, self._deliver_)
            undo()
