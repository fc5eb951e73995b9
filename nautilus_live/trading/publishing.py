"""What actors tell each other: custom data, signals, synthetic instruments. Names are the ecosystem's.

Promises: custom data reach who subscribed to their class (and metadata), signals who subscribed to their name, and
nobody else; a synthetic instrument is known under one formula at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from nautilus_live.engine.data import custom_topic
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.custom_data import DataType, Signal, SignalValue
from nautilus_live.model.data import Data
from nautilus_live.model.identifiers import ClientId, InstrumentId
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.trading.actor_callbacks import ActorCallbacks
from nautilus_live.trading.market_subscriptions import MarketSubscriptions, Params


class Told(Struct, frozen=True):
    """Custom data on their way to `on_data`, whatever their class: it may be one that has a callback of its own."""

    data: Any


def unwrapped(on_data: Callable[[Any], object]) -> Callable[[Told], object]:
    """Return what hands told data to `on_data`, under its name."""

    def handler(told: Told) -> None:
        on_data(told.data)

    handler.__name__ = on_data.__name__
    return handler


class Publishing(ActorCallbacks, MarketSubscriptions):
    """Data of the components' own."""

    def publish_data(self, data_type: DataType, data: Data) -> None:
        """Let data of one's own arrive at whoever subscribed to their type.

        Raises:
            ProgrammerError: if they are not of that type.

        """
        if not isinstance(data, data_type.type):
            raise ProgrammerError(f"data published as {data_type} must be of that type, was {type(data).__name__}")
        self._registered_("publish_data").msgbus.publish(custom_topic(data_type), data)

    def subscribe_data(
        self,
        data_type: DataType,
        client_id: ClientId | None = None,
        instrument_id: InstrumentId | None = None,
        update_catalog: bool = False,
        params: Params = None,
    ) -> None:
        """Let custom data arrive at `on_data`, of any metadata unless the type says which.

        With a client or an instrument they are asked of a client, otherwise other components publish them.
        """
        services = self._registered_("subscribe_data")
        msgbus, engine, is_asked = services.msgbus, services.data, not (client_id is None and instrument_id is None)
        key, topics = f"data.{data_type.topic}", _topics_of(data_type)
        if key in self._subscriptions_:
            return
        if is_asked:
            engine.subscribe_feed("data", data_type, client_id, instrument_id)
        for topic in topics:
            msgbus.subscribe(topic, self._take_told_)

        def end() -> None:
            for topic in topics:
                msgbus.unsubscribe(topic, self._take_told_)
            if is_asked:
                engine.unsubscribe_feed("data", data_type, client_id, instrument_id)

        self._subscriptions_[key] = end

    def unsubscribe_data(
        self,
        data_type: DataType,
        client_id: ClientId | None = None,
        instrument_id: InstrumentId | None = None,
        params: Params = None,
    ) -> None:
        """Let custom data no longer arrive."""
        self._unsubscribe_(f"data.{data_type.topic}")

    def _take_told_(self, data: Any) -> None:
        self._deliver_(Told(data))

    def publish_signal(self, name: str, value: SignalValue, ts_event: int = 0) -> None:
        """Let a value arrive at whoever subscribed to signals of that name; `ts_event` 0 is now."""
        if not name or isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ProgrammerError(f"a signal has a name and a number or a text, was {name!r} {value!r}")
        services = self._registered_("publish_signal")
        now_ns = services.time.timestamp_ns()
        services.msgbus.publish(f"data.signal.{name}", Signal(name, value, ts_event or now_ns, now_ns))

    def subscribe_signal(self, name: str = "") -> None:
        """Let signals of that name arrive at `on_signal`; without a name, all signals."""
        self._subscribe_(f"data.signal.{name or '*'}")

    def unsubscribe_signal(self, name: str = "") -> None:
        """Let signals of that name no longer arrive."""
        self._unsubscribe_(f"data.signal.{name or '*'}")

    def add_synthetic(self, synthetic: SyntheticInstrument) -> None:
        """Make a synthetic instrument known.

        Raises:
            ProgrammerError: if its id is known already.

        """
        cache = self._registered_("add_synthetic").cache
        if cache.synthetic(synthetic.id) is not None:
            raise ProgrammerError(f"{synthetic.id}: a synthetic instrument is added once, was already")
        cache.add_synthetic(synthetic)

    def update_synthetic(self, synthetic: SyntheticInstrument) -> None:
        """Give a synthetic instrument another formula.

        Raises:
            ProgrammerError: if it is not known.

        """
        cache = self._registered_("update_synthetic").cache
        if cache.synthetic(synthetic.id) is None:
            raise ProgrammerError(f"{synthetic.id}: a synthetic instrument must be added before its update, was not")
        cache.add_synthetic(synthetic)


def _topics_of(data_type: DataType) -> tuple[str, ...]:
    """Return the topics of the type: the class itself and any metadata, but no class whose name begins like it."""
    name = data_type.type.__name__
    return (f"data.{data_type.topic}",) if data_type.metadata else (f"data.{name}", f"data.{name}.*")
