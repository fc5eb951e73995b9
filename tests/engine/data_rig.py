"""A data engine on a simulated loop, with a client that records what it is asked and answers what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from nautilus_live.config.engines import LiveDataEngineConfig
from nautilus_live.config.storage import CacheConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.data_requests import DataRequest, DataResponse, Feed
from nautilus_live.model.enums import AggressorSide, BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Symbol, TradeId, TraderId, Venue
from nautilus_live.model.instruments import CurrencyPair
from nautilus_live.model.objects import Currency, Price, Quantity
from scenarios.world.clock import EPOCH_NS
from scenarios.world.world import World

BTC = InstrumentId.from_str("BTCUSDT.SIM")
SECOND = 1_000_000_000
MINUTE = 60 * SECOND


def pair(name: str = "BTCUSDT.SIM", base: str = "BTC", quote: str = "USDT") -> CurrencyPair:
    instrument_id = InstrumentId.from_str(name)
    return CurrencyPair(
        id=instrument_id,
        raw_symbol=Symbol(instrument_id.symbol.value),
        base_currency=Currency.from_str(base),
        quote_currency=Currency.from_str(quote),
        price_precision=2,
        size_precision=3,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"),
    )


class Feeder:
    """A data client."""

    def __init__(self) -> None:
        self.id = ClientId("FEED")
        self.venue: Venue | None = Venue("SIM")
        self.is_connected = True
        self.asked: list[str] = []
        self.requests: list[DataRequest] = []
        self.answers: Callable[[DataRequest], DataResponse | None] = lambda request: None
        self.sink: Any = None

    async def connect(self) -> None: ...

    async def disconnect(self) -> None: ...

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"+quotes {instrument_id}")

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-quotes {instrument_id}")

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"+trades {instrument_id}")

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-trades {instrument_id}")

    def subscribe_order_book_deltas(self, instrument_id: InstrumentId, book_type: BookType, depth: int) -> None:
        self.asked.append(f"+book {instrument_id}")

    def unsubscribe_order_book_deltas(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-book {instrument_id}")

    def subscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"+depth {instrument_id}")

    def unsubscribe_order_book_depth(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"-depth {instrument_id}")

    def request_order_book_snapshot(self, instrument_id: InstrumentId) -> None:
        self.asked.append(f"snapshot {instrument_id}")

    def subscribe_feed(self, feed: Feed) -> None:
        self.asked.append(f"+{feed.kind} {feed.subject}")

    def unsubscribe_feed(self, feed: Feed) -> None:
        self.asked.append(f"-{feed.kind} {feed.subject}")

    def request(self, request: DataRequest) -> None:
        self.requests.append(request)
        answer = self.answers(request)
        if answer is not None:
            self.sink.receive_response(answer)


class DataRig:
    """The engine, its cache, bus and client."""

    def __init__(self, world: World, cache_config: CacheConfig | None = None, **settings: Any) -> None:
        self.world = world
        self.clock = world.clock
        self.cache = Cache(None, cache_config)
        self.bus = MessageBus(TraderId("T-1"))
        self.feed = Feeder()
        self.engine = DataEngine(
            loop=asyncio.get_running_loop(),
            msgbus=self.bus,
            cache=self.cache,
            clock=world.clock,
            config=LiveDataEngineConfig(**settings),
        )
        self.feed.sink = self.engine
        self.engine.register_client(self.feed)
        self.cache.add_instrument(pair())
        self.engine.start()
        self.trades = 0

    def trade(self, price: str, size: str = "1", at: int | None = None) -> None:
        """Let a trade arrive now, that happened `at` (nanoseconds after the start of the world)."""
        self.trades += 1
        ts = self.clock.timestamp_ns() if at is None else EPOCH_NS + at
        self.engine.process(trade_tick(price, size, ts, self.trades))

    def quote(self, bid: str, ask: str, size: str = "1", ask_size: str | None = None) -> None:
        """Let a quote arrive now."""
        self.engine.process(quote_tick(bid, ask, self.clock.timestamp_ns(), size, ask_size))


def trade_tick(price: str, size: str, ts: int, number: int = 1) -> TradeTick:
    side = AggressorSide.BUYER
    return TradeTick(BTC, Price(Decimal(price), 2), Quantity(Decimal(size), 3), side, TradeId(f"T-{number}"), ts, ts)


def quote_tick(bid: str, ask: str, ts: int, size: str = "1", ask_size: str | None = None) -> QuoteTick:
    sizes = Quantity(Decimal(size), 3), Quantity(Decimal(ask_size or size), 3)
    return QuoteTick(BTC, Price(Decimal(bid), 2), Price(Decimal(ask), 2), *sizes, ts, ts)


def play(story: Callable[[DataRig], Awaitable[None]], cache_config: CacheConfig | None = None, **settings: Any) -> None:
    """Run a story with an engine of these settings."""
    world = World()

    async def main() -> None:
        rig = DataRig(world, cache_config, **settings)
        await story(rig)
        rig.engine.stop()

    world.run(main)
