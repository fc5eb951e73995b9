"""Custom data: each message reaches who asked for its class and metadata, once, at `on_data` and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.config import ActorConfig
from nautilus_live.live.node import TradingNode
from nautilus_live.model.custom_data import DataType
from nautilus_live.model.data import Data, QuoteTick
from nautilus_live.model.identifiers import ComponentId
from nautilus_live.trading.actor import Actor
from sandbox_venues.gateway import VenueGateway
from tests.trading.data_node import BTC, run_with


class Mood(Data):
    """What people say."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.ts_event = self.ts_init = 0


class MoodSwing(Mood):
    """Begins with the same letters, and is a kind of it."""


class Ear(Actor):
    """Writes down what it hears, and where."""

    def __init__(self) -> None:
        super().__init__(ActorConfig(component_id=ComponentId("EAR")))
        self.heard: list[int] = []
        self.quotes: list[QuoteTick] = []

    def on_data(self, data: Any) -> None:
        self.heard.append(getattr(data, "value", -1))

    def on_signal(self, signal: Any) -> None:
        self.heard.append(signal.value)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        self.quotes.append(tick)


ANY, SWING = DataType(Mood), DataType(MoodSwing)
PRESS, RADIO = DataType(Mood, {"source": "press"}), DataType(Mood, {"source": "radio"})
SWING_PRESS = DataType(MoodSwing, {"source": "press"})


@pytest.mark.parametrize(
    ("wanted", "told", "heard"),
    [
        ((ANY, SWING), SWING, 1),  # a name that begins like another one is another class
        ((ANY, SWING_PRESS), SWING, 0),
        ((ANY, PRESS), PRESS, 1),  # whoever wants all and one of them hears that one once
        ((ANY, PRESS), RADIO, 1),
        ((PRESS,), ANY, 0),
        ((DataType(Mood, {"a": 1, "b": 2}),), DataType(Mood, {"b": 2, "a": 1}), 1),
        ((DataType(Mood, {"source": None}),), RADIO, 1),
    ],
)
def test_data_reach_who_wants_them_once(wanted: tuple[DataType, ...], told: DataType, heard: int) -> None:
    ear = Ear()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        for one in (*wanted, *wanted):
            ear.subscribe_data(one)
        ear.publish_data(told, told.type(7))
        for one in wanted:
            ear.unsubscribe_data(one)
        ear.publish_data(told, told.type(8))

    run_with([ear], story)
    assert ear.heard == [7] * heard


def test_a_kind_of_what_is_wanted_arrives_as_that() -> None:
    ear = Ear()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        ear.subscribe_data(ANY)
        ear.publish_data(ANY, MoodSwing(5))
        ear.handle_data(Mood(6))

    run_with([ear], story)
    assert ear.heard == [5, 6]


def test_a_class_with_a_callback_of_its_own_may_be_custom_data_beside_it() -> None:
    ear = Ear()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        one, unit = BTC.make_price(100), BTC.make_qty(1)
        tick = QuoteTick(BTC.id, one, one, unit, unit, 1, 1)
        ear.subscribe_data(DataType(QuoteTick))
        ear.publish_data(DataType(QuoteTick), tick)
        assert (ear.heard, ear.quotes) == ([-1], [])
        ear.handle_quote_tick(tick)
        assert (ear.heard, ear.quotes) == ([-1], [tick])

    run_with([ear], story)


def test_what_on_data_raises_is_told_under_its_name() -> None:
    class Deaf(Ear):
        def on_data(self, data: Any) -> None:
            raise RuntimeError("too loud")

    ear = Deaf()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        ear.subscribe_data(ANY)
        ear.publish_data(ANY, Mood(1))

    alarms = run_with([ear], story)
    assert [alarm.text for alarm in alarms] == ["on_data raised RuntimeError: too loud"]


def test_all_signals_and_one_of_them_are_heard_once() -> None:
    ear = Ear()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        ear.subscribe_signal()
        ear.subscribe_signal("pace")
        ear.publish_signal("pace", 3)
        ear.unsubscribe_signal()
        ear.publish_signal("pace", 4)
        ear.publish_signal("other", 5)

    run_with([ear], story)
    assert ear.heard == [3, 4]


def test_the_order_in_which_metadata_are_named_makes_no_other_type() -> None:
    one, other = DataType(Mood, {"a": 1, "b": 2}), DataType(Mood, {"b": 2, "a": 1})
    assert (one, hash(one), one.topic) == (other, hash(other), other.topic)
    assert one != DataType(Mood, {"a": 1, "b": 3})
