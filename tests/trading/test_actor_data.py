"""The data side of actors on a whole node and a sandbox venue: feeds, requests, indicators, custom data, signals."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.strategy import ActorConfig, StrategyConfig
from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.indicators import ExponentialMovingAverage
from nautilus_live.indicators.base import Indicator
from nautilus_live.live.node import TradingNode
from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.custom_data import CustomData, DataType
from nautilus_live.model.data import Data, QuoteTick
from nautilus_live.model.enums import BookType, ComponentState, InstrumentCloseType, MarketStatusAction
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import ClientId, ComponentId, InstrumentId
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.log import ComponentLog, LogColor
from nautilus_live.trading.strategy import Strategy
from sandbox_venues.gateway import VenueGateway
from scenarios.world.loop import Escape
from tests.trading.data_node import BTC, print_trade, run_with, set_book

CANDLES = BarType.from_str("BTCUSDT.SANDBOX-1-MINUTE-LAST-EXTERNAL")
OWN_BARS = BarType.from_str("BTCUSDT.SANDBOX-1-MINUTE-LAST-INTERNAL")
CLIENT = ClientId("SANDBOX")


class Listener(Actor):
    """Writes down everything it hears."""

    def __init__(self, on_start: Callable[[Any], object] = lambda actor: None, name: str = "LISTENER") -> None:
        super().__init__(ActorConfig(component_id=ComponentId(name)))
        self.begin = on_start
        self.heard: list[Any] = []
        self.past: list[Any] = []
        self.done: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self.asked = ""

    def on_start(self) -> None:
        self.begin(self)

    def on_historical_data(self, data: Any) -> None:
        self.past.append(data)

    def on_request_failed(self, request_id: str, reason: str) -> None:
        self.failed.append((request_id, reason))

    def hear(self, data: Any) -> None:
        self.heard.append(data)


for _name in [
    "on_instrument",
    "on_quote_tick",
    "on_trade_tick",
    "on_bar",
    "on_mark_price",
    "on_index_price",
    "on_funding_rate",
    "on_instrument_status",
    "on_instrument_close",
    "on_data",
    "on_signal",
    "on_stale_data",
]:
    setattr(Listener, _name, Listener.hear)


def prices(bars: list[Any]) -> list[str]:
    return [f"{bar.open}/{bar.high}/{bar.low}/{bar.close} x{bar.volume}" for bar in bars]


def test_reference_prices_funding_phases_and_closes_arrive_and_end() -> None:
    def subscribe(actor: Actor) -> None:
        actor.subscribe_mark_prices(BTC.id)
        actor.subscribe_index_prices(BTC.id, params={"passed": "and ignored"})
        actor.subscribe_funding_rates(BTC.id)
        actor.subscribe_instrument_status(BTC.id)
        actor.subscribe_instrument_close(BTC.id)

    listener = Listener(subscribe)

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        assert [(type(one).__name__, one.action) for one in listener.heard] == [
            ("InstrumentStatus", MarketStatusAction.TRADING)
        ]
        listener.heard.clear()
        gateway.do("set_price", instrument="BTCUSDT", last="50000", mark="50001")
        gateway.do("set_funding", instrument="BTCUSDT", rate="0.0003")
        gateway.do("set_phase", instrument="BTCUSDT", phase="closed")
        await asyncio.sleep(0.1)
        mark, funding, status, close = listener.heard
        assert (str(mark.value), funding.rate, status.action) == (
            "50001.00",
            Decimal("0.0003"),
            MarketStatusAction.CLOSE,
        )
        assert (str(close.close_price), close.close_type) == ("50000.00", InstrumentCloseType.END_OF_SESSION)
        assert listener.cache.mark_price(BTC.id) is mark
        assert listener.cache.funding_rate(BTC.id) is funding
        assert listener.cache.instrument_status(BTC.id) is status
        assert [one.action.name for one in listener.cache.instrument_statuses(BTC.id)] == ["CLOSE", "TRADING"]
        for end in (listener.unsubscribe_mark_prices, listener.unsubscribe_index_prices):
            end(BTC.id)
        await asyncio.sleep(0.1)
        gateway.do("set_price", instrument="BTCUSDT", mark="50002")
        await asyncio.sleep(0.1)
        assert len(listener.heard) == 4

    assert run_with([listener], story) == []


def test_the_venues_own_bars_arrive_when_they_are_over() -> None:
    listener = Listener(lambda actor: actor.subscribe_bars(CANDLES))

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        for price in ("50000", "50010", "49990"):
            print_trade(gateway, price)
            await asyncio.sleep(1)
        await asyncio.sleep(60)
        assert prices(listener.heard) == ["50000.00/50010.00/49990.00/49990.00 x3.000"]
        await asyncio.sleep(60)
        assert prices(listener.heard)[1:] == ["49990.00/49990.00/49990.00/49990.00 x0.000"]
        assert listener.cache.bar_count(CANDLES) == 2

    run_with([listener], story)


@pytest.mark.parametrize("revised", [True, False])
def test_a_bar_under_way_is_told_if_the_client_is_to_handle_revisions(revised: bool) -> None:
    listener = Listener(lambda actor: actor.subscribe_bars(CANDLES))

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        print_trade(gateway, "50000")
        print_trade(gateway, "50005")
        await asyncio.sleep(1)
        assert [bar.is_revision for bar in listener.heard] == ([True, True] if revised else [])
        await asyncio.sleep(60)
        assert prices(listener.heard)[-1] == "50000.00/50005.00/50000.00/50005.00 x2.000"
        assert not listener.heard[-1].is_revision
        assert listener.cache.bar_count(CANDLES) == 1

    run_with([listener], story, client={"handle_revised_bars": revised})


def trade_a_while(gateway: VenueGateway) -> None:
    for minute in range(10):
        loop = asyncio.get_running_loop()
        loop.call_later(minute * 60 + 30, print_trade, gateway, f"{50000 + minute}")


@pytest.mark.parametrize("bar_type", [CANDLES, OWN_BARS])
def test_bars_of_the_past_feed_indicators_then_the_callback_and_are_in_the_cache(bar_type: BarType) -> None:
    average = ExponentialMovingAverage(3)

    def ask(actor: Any) -> None:
        actor.register_indicator_for_bars(bar_type, average)
        actor.register_indicator_for_bars(bar_type, average)
        assert not actor.indicators_initialized()
        actor.asked = actor.request_bars(
            bar_type, start=actor.clock.utc_now().replace(minute=2, second=0), callback=actor.done.append
        )
        assert actor.has_pending_requests()
        assert actor.is_pending_request(actor.asked)

    listener = Listener(ask)

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        closes = [str(bar.close) for bar in listener.past]
        assert closes == sorted(closes)
        assert closes[-1] == "50009.00"
        assert {type(bar) for bar in listener.past} == {Bar}
        assert listener.done == [listener.asked]
        assert not listener.has_pending_requests()
        assert average.count == len(closes)
        assert (listener.indicators_initialized(), listener.registered_indicators) == (True, [average])
        assert listener.cache.bar_count(bar_type) == len(closes)

    run_with([listener], story, before=trade_a_while, wait_s=660)


def test_trades_quotes_instruments_and_the_book_can_be_asked_for() -> None:
    def ask(actor: Any) -> None:
        actor.request_trade_ticks(BTC.id, limit=2)
        actor.request_instruments(BTC.id.venue)
        actor.request_instrument(BTC.id)
        actor.subscribe_quote_ticks(BTC.id)

    listener = Listener(ask)

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        assert [str(one.price) for one in listener.past[:2]] == ["50008.00", "50009.00"]
        assert len(listener.past) == 2
        assert [one for one in listener.heard if isinstance(one, type(BTC))] == [BTC, BTC]
        set_book(gateway, "49990", "50010")
        await asyncio.sleep(0.1)
        listener.past.clear()
        listener.request_quote_ticks(BTC.id)
        listener.request_order_book_snapshot(BTC.id)
        await asyncio.sleep(0.1)
        quote, book = listener.past
        assert (str(quote.bid_price), book.is_snapshot) == ("49990.00", True)
        gateway.do("pay_funding", instrument="BTCUSDT", rate="0.0002")
        listener.request_funding_rates(BTC.id)
        await asyncio.sleep(0.1)
        assert (listener.past[-1].instrument_id, listener.past[-1].rate) == (BTC.id, Decimal("0.0002"))

    run_with([listener], story, before=trade_a_while, wait_s=660)


def test_what_a_venue_does_not_have_is_unknown_not_absent() -> None:
    listener = Listener()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        asked = [
            listener.request_bars(BarType.from_str("BTCUSDT.SANDBOX-1-MINUTE-BID-EXTERNAL")),
            listener.request_data(DataType(News), CLIENT),
            listener.request_trade_ticks(InstrumentId.from_str("NOPE.SANDBOX")),
            listener.request_order_book_deltas(BTC.id),
            listener.request_order_book_depth(BTC.id),
        ]
        await asyncio.sleep(0.1)
        assert sorted(request_id for request_id, _ in listener.failed) == sorted(asked)
        assert "LAST" in dict(listener.failed)[asked[0]]
        assert not listener.pending_requests()
        gateway.partition()
        late = listener.request_trade_ticks(BTC.id)
        await asyncio.sleep(10)
        assert listener.failed[-1][0] == late

    run_with([listener], story)


def test_senseless_requests_raise() -> None:
    listener = Listener()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        now = listener.clock.timestamp_ns()
        with pytest.raises(ProgrammerError, match="start must not be after"):
            listener.request_bars(CANDLES, start=now + 1)
        with pytest.raises(ProgrammerError, match="limit must not be negative"):
            listener.request_bars(CANDLES, limit=-1)
        with pytest.raises(ProgrammerError, match="INTERNAL"):
            listener.request_aggregated_bars([CANDLES])
        with pytest.raises(ConfigError, match="no data client"):
            listener.request_trade_ticks(InstrumentId.from_str("X.NOWHERE"))
        assert not listener.has_pending_requests()
        done = listener.request_aggregated_bars([OWN_BARS], callback=listener.done.append)
        await asyncio.sleep(0.1)
        assert listener.done == [done]

    run_with([listener], story)


class Broken(Indicator):
    """Cannot take anything."""

    def handle_quote_tick(self, tick: QuoteTick) -> None:
        raise RuntimeError("cannot")


def test_an_indicator_is_fed_before_the_callback_and_its_error_stays_its_own() -> None:
    average, values = ExponentialMovingAverage(2), list[float]()

    class Feeding(Listener):
        def on_quote_tick(self, tick: QuoteTick) -> None:
            values.append(average.value)

    def begin(actor: Actor) -> None:
        actor.register_indicator_for_quote_ticks(BTC.id, Broken())
        actor.register_indicator_for_quote_ticks(BTC.id, average)
        actor.subscribe_quote_ticks(BTC.id)

    listener = Feeding(begin)

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        set_book(gateway, "100", "102")
        await asyncio.sleep(0.1)
        assert len(values) == 1

    alarms = run_with([listener], story)
    assert [alarm.kind for alarm in alarms] == ["callback.error"]


class News(Data):
    """Data of a user's own."""

    def __init__(self, text: str, ts: int) -> None:
        self.text = text
        self._ts = ts

    @property
    def ts_event(self) -> int:
        return self._ts

    @property
    def ts_init(self) -> int:
        return self._ts


class Newsletter(News):
    """A class whose name begins as another's."""


def test_custom_data_reach_who_subscribed_to_their_class_and_metadata() -> None:
    def any_news(actor: Actor) -> None:
        actor.subscribe_data(DataType(News))

    def press(actor: Actor) -> None:
        actor.subscribe_data(DataType(News, {"source": "press"}))

    everything, one = Listener(any_news, "ALL"), Listener(press, "PRESS")

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        first, second = News("one", 1), News("two", 2)
        one.publish_data(DataType(News, {"source": "press"}), first)
        one.publish_data(DataType(News, {"source": "radio"}), second)
        one.publish_data(DataType(Newsletter), Newsletter("three", 3))
        assert (everything.heard, one.heard) == ([first, second], [first])
        node.kernel.data_engine.process(CustomData(DataType(News), second))
        await asyncio.sleep(0.1)
        assert everything.heard[2:] == [second]
        one.unsubscribe_data(DataType(News, {"source": "press"}))
        one.publish_data(DataType(News, {"source": "press"}), first)
        assert len(one.heard) == 1
        with pytest.raises(ProgrammerError, match="must be of that type"):
            one.publish_data(DataType(Newsletter), first)
        with pytest.raises(ConfigError, match="must be asked of a data client there is"):
            one.subscribe_data(DataType(Newsletter), ClientId("NOBODY"))

    run_with([everything, one], story)


def test_signals_reach_who_subscribed_to_their_name() -> None:
    everything = Listener(lambda actor: actor.subscribe_signal(), "ALL")
    momentum = Listener(lambda actor: actor.subscribe_signal("momentum"), "ONE")

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        momentum.publish_signal("momentum", 1.5, ts_event=7)
        momentum.publish_signal("other", "up")
        assert [(signal.name, signal.value) for signal in everything.heard] == [("momentum", 1.5), ("other", "up")]
        (signal,) = momentum.heard
        assert (signal.ts_event, signal.is_signal("momentum"), signal.is_signal("x")) == (7, True, False)
        assert everything.heard[1].ts_event == momentum.clock.timestamp_ns()
        with pytest.raises(ProgrammerError, match="a number or a text"):
            momentum.publish_signal("momentum", None)  # type: ignore[arg-type]  # the mistake that is tested
        momentum.unsubscribe_signal("momentum")
        momentum.publish_signal("momentum", 2)
        assert len(momentum.heard) == 1

    run_with([everything, momentum], story)


def test_a_mute_feed_is_told_of_and_a_quiet_market_is_not() -> None:
    def begin(actor: Actor) -> None:
        actor.subscribe_quote_ticks(BTC.id)
        actor.subscribe_stale_data()

    listener = Listener(begin)

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        set_book(gateway, "100", "102")
        await asyncio.sleep(200)
        assert [type(one) for one in listener.heard] == [QuoteTick]
        for connection in gateway.connections:
            connection.subscriptions.clear()  # the venue forgets whom it serves
        set_book(gateway, "101", "103")
        await asyncio.sleep(70)
        told = [one.stale for one in listener.heard if not isinstance(one, QuoteTick)]
        assert told == [True, False], "found, asked for anew, and heard again"

    alarms = run_with([listener], story, engine={"stale_data_secs": 30.0})
    assert [alarm.kind for alarm in alarms] == ["data.stale"]


def test_degraded_goes_on_and_recovers_and_faulted_ends() -> None:
    states: list[str] = []

    class Failing(Listener):
        def on_degrade(self) -> None:
            states.append("degrade")

        def on_resume(self) -> None:
            states.append("resume")

        def on_fault(self) -> None:
            states.append("fault")

    listener = Failing(lambda actor: actor.subscribe_signal())

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        listener.degrade()
        assert listener.is_degraded
        listener.publish_signal("a", 1)
        listener.resume()
        assert listener.is_running
        listener.degrade()
        listener.fault()
        listener.fault()
        assert (listener.is_faulted, listener.state) == (True, ComponentState.FAULTED)
        listener.publish_signal("a", 2)
        assert [signal.value for signal in listener.heard] == [1]
        with pytest.raises(ProgrammerError, match="cannot degrade in FAULTED"):
            listener.degrade()

    run_with([listener], story)
    assert states == ["degrade", "resume", "degrade", "fault"]


@pytest.mark.parametrize("method", ["run_in_executor", "queue_for_executor"])
def test_threads_are_refused_in_a_simulation(method: str) -> None:
    listener = Listener()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        assert not listener.has_any_tasks()
        getattr(listener, method)(print, ("x",))

    with pytest.raises(Escape, match="run_in_executor"):
        run_with([listener], story)
    assert not listener.has_any_tasks()


def test_data_can_be_handed_in_and_fills_of_others_heard() -> None:
    listener = Listener()

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        listener.handle_instruments([BTC])
        listener.handle_bars([1, 2])
        listener.handle_historical_data(3)
        assert (listener.heard, listener.past) == ([BTC], [1, 2, 3])
        listener.subscribe_order_fills(BTC.id)
        assert "events.order.*" in listener.msgbus.topics()
        listener.unsubscribe_order_fills(BTC.id)
        assert OrderFilled in listener._resolve_handlers_()
        assert listener.msgbus is listener._msgbus
        assert listener.type is Listener

    run_with([listener], story)


def test_a_colour_after_the_message_means_nothing(caplog: pytest.LogCaptureFixture) -> None:
    log = ComponentLog("COLOURS")
    with caplog.at_level(logging.INFO):
        log.info("100% done", LogColor.GREEN)
        log.info("%d of %d", 1, 2, LogColor.GREEN)
        log.error("wrong", color=LogColor.RED)
    assert [record.getMessage() for record in caplog.records] == ["100% done", "1 of 2", "wrong"]


def test_a_book_of_the_best_prices_alone_follows_the_market_and_survives_a_lost_stream() -> None:
    listener = Listener(lambda actor: actor.subscribe_order_book_deltas(BTC.id, BookType.L1_MBP))

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        def top() -> str:
            book = listener.cache.order_book(BTC.id)
            assert book is not None
            assert (book.book_type, book.is_valid) == (BookType.L1_MBP, True)
            return f"{book.best_bid_price()} / {book.best_ask_price()}"

        for bid, ask in (("100", "102"), ("101", "103")):
            set_book(gateway, bid, ask)
            await asyncio.sleep(0.1)
            assert top() == f"{bid}.00 / {ask}.00"
        gateway.disconnect()
        set_book(gateway, "90", "91")
        await asyncio.sleep(5)
        assert top() == "90.00 / 91.00"
        client = node.kernel.data_engine.client(CLIENT)
        assert client is not None
        client.request_order_book_snapshot(BTC.id)
        await asyncio.sleep(0.1)
        assert top() == "90.00 / 91.00"

    run_with([listener], story)


def test_the_venues_bars_go_on_after_a_lost_stream() -> None:
    listener = Listener(lambda actor: actor.subscribe_bars(CANDLES))

    async def story(gateway: VenueGateway, node: TradingNode) -> None:
        gateway.disconnect()
        await asyncio.sleep(5)
        print_trade(gateway, "50000")
        await asyncio.sleep(60)
        assert prices(listener.heard) == ["50000.00/50000.00/50000.00/50000.00 x1.000"]

    run_with([listener], story)


class Twin(Actor):
    """Made again from its importable configuration."""


class StrategyTwin(Strategy):
    """The same of a strategy."""


def test_a_component_can_say_how_to_make_another() -> None:
    actor = Twin(ActorConfig(component_id=ComponentId("TWIN"), log_events=False))
    importable: Any = actor.to_importable_config()
    assert importable.actor_path.endswith(":Twin")
    assert importable.create_config() == actor.config
    strategy = StrategyTwin(StrategyConfig(strategy_id="S", order_id_tag="007"))
    other: Any = strategy.to_importable_config()
    assert other.strategy_path.endswith(":StrategyTwin")
    assert other.create_config() == strategy.config
