"""The data engine: from client to cache to listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config.engines import LiveDataEngineConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import AHEAD_NS_MAX, DataEngine
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.errors import ConfigError
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide
from nautilus_live.model.identifiers import ClientId, InstrumentId, TradeId, TraderId, Venue
from nautilus_live.model.objects import Price, Quantity
from scenarios.world.clock import EPOCH_NS
from scenarios.world.world import World

BTC = InstrumentId.from_str("BTCUSDT.SIM")
SIZE = Quantity.from_str("1")


class Feed:
    """A data client that records what it is asked for."""

    def __init__(self) -> None:
        self.id = ClientId("FEED")
        self.venue = Venue("SIM")
        self.is_connected = True
        self.asked: list[str] = []

    async def connect(self) -> None:
        pass

    async def disconnect(self) -> None:
        pass

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"+quotes {instrument_id}")

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-quotes {instrument_id}")

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"+trades {instrument_id}")

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-trades {instrument_id}")


def quote(time_ns: int) -> QuoteTick:
    return QuoteTick(BTC, Price.from_str("1.00"), Price.from_str("1.10"), SIZE, SIZE, time_ns, time_ns)


def trade(time_ns: int) -> TradeTick:
    return TradeTick(BTC, Price.from_str("1.05"), SIZE, AggressorSide.BUYER, TradeId(f"T-{time_ns}"), time_ns, time_ns)


def play(story: Callable[[DataEngine, Feed, Cache, MessageBus], None], **settings: Any) -> None:
    world = World()

    async def main() -> None:
        cache, bus, feed = Cache(), MessageBus(TraderId("T-1")), Feed()
        engine = DataEngine(
            loop=asyncio.get_running_loop(),
            msgbus=bus,
            cache=cache,
            clock=world.clock,
            config=LiveDataEngineConfig(**settings),
        )
        engine.register_client(feed)
        engine.start()
        story(engine, feed, cache, bus)
        await asyncio.sleep(0.001)
        engine.stop()

    world.run(main)


def test_a_tick_is_in_the_cache_when_it_is_told() -> None:
    seen: list[Any] = []

    def story(engine: DataEngine, feed: Feed, cache: Cache, bus: MessageBus) -> None:
        bus.subscribe("data.quotes.SIM.BTCUSDT", lambda tick: seen.append(cache.quote_tick(BTC) is tick))
        bus.subscribe("data.trades.*", lambda tick: seen.append(cache.trade_tick(BTC) is tick))
        bus.send("DataEngine.process", quote(1))
        engine.process(trade(2))
        assert engine.data_qsize == 2

    play(story)

    assert seen == [True, True]


def test_an_instrument_is_kept_and_told(new_instrument: Callable[..., Any]) -> None:
    heard: list[Any] = []
    instrument = new_instrument()

    def story(engine: DataEngine, feed: Feed, cache: Cache, bus: MessageBus) -> None:
        bus.subscribe("data.instrument.SIM.BTCUSDT", heard.append)
        engine.process(instrument)
        engine.stop()
        assert cache.instrument(BTC) is instrument

    play(story)

    assert heard == [instrument]


def test_a_client_is_asked_once_however_many_want_the_data() -> None:
    def story(engine: DataEngine, feed: Feed, cache: Cache, bus: MessageBus) -> None:
        engine.subscribe_quote_ticks(BTC)
        engine.subscribe_quote_ticks(BTC, ClientId("FEED"))
        engine.subscribe_trade_ticks(BTC)
        assert (engine.subscribed_quote_ticks(), engine.subscribed_trade_ticks()) == ([BTC], [BTC])
        engine.unsubscribe_quote_ticks(BTC)
        engine.unsubscribe_trade_ticks(BTC)
        assert feed.asked == [f"+quotes {BTC}", f"+trades {BTC}", f"-trades {BTC}"]
        engine.unsubscribe_quote_ticks(BTC)
        engine.unsubscribe_quote_ticks(BTC)
        assert feed.asked[3:] == [f"-quotes {BTC}"]

    play(story)


def test_data_that_nobody_can_deliver_is_a_mistake_in_the_settings() -> None:
    def story(engine: DataEngine, feed: Feed, cache: Cache, bus: MessageBus) -> None:
        with pytest.raises(ConfigError, match="no data client"):
            engine.subscribe_quote_ticks(InstrumentId.from_str("X.NOWHERE"))

    play(story)


def test_a_time_far_in_the_future_makes_nothing_after_it_old() -> None:
    def story(engine: DataEngine, feed: Feed, cache: Cache, bus: MessageBus) -> None:
        times = [3, EPOCH_NS + AHEAD_NS_MAX + 1, 4, 3, 5]
        for time_ns in times:
            engine.process(quote(time_ns))
        engine.stop()
        assert [tick.ts_event for tick in reversed(cache.quote_ticks(BTC))] == [*times[:3], 5]

    play(story, validate_data_sequence=True)


@pytest.mark.parametrize(("validate", "kept"), [(True, [3, 3]), (False, [3, 2, 3])])
def test_old_data_is_dropped_where_wished(validate: bool, kept: list[int]) -> None:
    def story(engine: DataEngine, feed: Feed, cache: Cache, bus: MessageBus) -> None:
        for time_ns in (3, 2, 3):
            engine.process(quote(time_ns))
        engine.stop()
        assert [tick.ts_event for tick in reversed(cache.quote_ticks(BTC))] == kept
        assert engine.dropped_count == 3 - len(kept)

    play(story, validate_data_sequence=validate)
