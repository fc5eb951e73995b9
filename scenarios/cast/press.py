"""A newsroom and its reader: custom data and signals from an actor, a strategy that trades on them."""

from __future__ import annotations

from datetime import timedelta

from nautilus_live.config import ActorConfig, StrategyConfig
from nautilus_live.model.custom_data import DataType, Signal
from nautilus_live.model.data import Data
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Quantity
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.clock import TimeEvent
from scenarios.scripted_strategy import ScriptedStrategy


class Headline(Data):
    """What the newsroom says, and how good it is for the price (-1 to 1)."""

    def __init__(self, text: str, mood: int, ts_event: int) -> None:
        self.text = text
        self.mood = mood
        self._ts_event = ts_event

    @property
    def ts_event(self) -> int:
        """When it was said, in nanoseconds since 1970."""
        return self._ts_event

    @property
    def ts_init(self) -> int:
        """The same: it was said here."""
        return self._ts_event

    def __str__(self) -> str:
        return f"{self.text} {self.mood}"


class Newsroom(Actor):
    """Says good news and bad news in turn, every ten seconds; what the mood is, is a signal as well."""

    def __init__(self, config: ActorConfig) -> None:
        super().__init__(config)
        self.count = 0

    def on_start(self) -> None:
        """Begin."""
        self.clock.set_timer("NEWS", timedelta(seconds=10), callback=self._say)

    def _say(self, event: TimeEvent) -> None:
        self.count += 1
        mood = 1 if self.count % 2 else -1
        self.publish_data(DataType(Headline, {"source": "wire"}), Headline(f"news-{self.count}", mood, event.ts_event))
        self.publish_signal("mood", mood, event.ts_event)

    def on_save(self) -> dict[str, bytes]:
        """Return how much was said."""
        return {"count": str(self.count).encode()}

    def on_load(self, state: dict[str, bytes]) -> None:
        """Go on behind it."""
        self.count = int(state["count"])


class ReaderConfig(StrategyConfig, frozen=True):
    """Settings of `Reader`.

    Attributes:
        instrument_id: what it trades.
        size: how much of it.

    """

    instrument_id: InstrumentId
    size: Quantity


class Reader(ScriptedStrategy):
    """Is long after good news and flat after bad news; of custom data it wants the wire's alone."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        """Subscribe to both, and to a source that says nothing."""
        super().on_start()
        self.subscribe_data(DataType(Headline, {"source": "wire"}))
        self.subscribe_data(DataType(Headline, {"source": "rumours"}))
        self.subscribe_signal("mood")

    def on_signal(self, signal: Signal) -> None:
        """Trade on the mood."""
        if signal.value == 1 and self.portfolio.is_flat(self.config.instrument_id):
            size = self.config.size
            self.submit_order(self.order_factory.market(self.config.instrument_id, OrderSide.BUY, size))
        elif signal.value == -1:
            self.close_all_positions(self.config.instrument_id)
