"""What actors tell each other: custom data, signals, synthetic instruments. Names are the ecosystem's.

Promises: custom data reach who subscribed to their class (and metadata), signals who subscribed to their name, and
nobody else; a synthetic instrument is known under one formula at a time.
"""

from __future__ import annotations

from typing import Any

from nautilus_live.engine.data import custom_topic
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.custom_data import DataType, Signal, SignalValue
from nautilus_live.model.data import Data
from nautilus_live.model.identifiers import ClientId, InstrumentId
from nautilus_live.model.instruments import SyntheticInstrument
from nautilus_live.trading.actor_callbacks import ActorCallbacks
from nautilus_live.trading.market_subscriptions import MarketSubscriptions, Params


class Publishing(ActorCallbacks, MarketSubscriptions):
    """Data of the components' own."""

    def __init__(self, component_id: str, config: Any) -> None:
        super().__init__(component_id, config)
        self._data_types_: dict[type, None] = {}

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
        engine = self._registered_("subscribe_data").data
        self._data_types_[data_type.type] = None
        self._refresh_handlers_()
        if client_id is None and instrument_id is None:
            self._subscribe_(f"data.{data_type.topic}")
            return
        self._subscribe_(
            f"data.{data_type.topic}",
            lambda: engine.subscribe_feed("data", data_type, client_id, instrument_id),
            lambda: engine.unsubscribe_feed("data", data_type, client_id, instrument_id),
        )

    def unsubscribe_data(
        self,
        data_type: DataType,
        client_id: ClientId | None = None,
        instrument_id: InstrumentId | None = None,
        params: Params = None,
    ) -> None:
        """Let custom data no longer arrive."""
        self._unsubscribe_(f"data.{data_type.topic}")

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
