"""The order emulator on real engines: held, watched, released once; modified, canceled, expired; after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config.engines import LiveDataEngineConfig, LiveRiskEngineConfig
from nautilus_live.config.portfolio import OrderEmulatorConfig
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.emulator import OrderEmulator
from nautilus_live.model.commands import CancelAllOrders, CancelOrder, ModifyOrder, SubmitOrder
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import (
    AggressorSide,
    OrderStatus,
    OrderType,
    TimeInForce,
    TradingState,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.events import OrderDenied, OrderModifyRejected, OrderReleased
from nautilus_live.model.identifiers import ClientId, ExecAlgorithmId, InstrumentId, TradeId, Venue
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import LimitOrder, MarketOrder, Order
from nautilus_live.store.memory import MemoryStore

BTC = InstrumentId.from_str("BTCUSDT.SIM")
ENDPOINT = "OrderEmulator.execute"
SIZE = Quantity.from_str("1.000")
STOP = {"order_type": OrderType.STOP_MARKET, "trigger_price": Price.from_str("49000.00")}
HELD = {"emulation_trigger": TriggerType.BID_ASK}


class Feed:
    """A data client of which the subscriptions are recorded."""

    def __init__(self) -> None:
        self.id, self.venue, self.is_connected = ClientId("FEED"), Venue("SIM"), True
        self.asked: list[str] = []

    def subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append("+quotes")

    def unsubscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append("-quotes")

    def subscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append("+trades")

    def unsubscribe_trade_ticks(self, instrument_id: InstrumentId) -> None:
        self.asked.append("-trades")


class Desk:
    """A rig with an emulator on it, and what a test does to them."""

    def __init__(self, rig: Any, **config: Any) -> None:
        self.rig = rig
        parts = {"loop": rig.loop, "msgbus": rig.bus, "cache": rig.cache, "clock": rig.clock}
        self.feed = Feed()
        self.data = DataEngine(**parts, config=LiveDataEngineConfig())
        self.data.register_client(self.feed)  # type: ignore[arg-type]  # only what an emulator asks of it
        self.data.start()
        self.emulator = OrderEmulator(
            **parts, event_ids=rig.event_ids, execution=rig.engine, data=self.data, config=OrderEmulatorConfig(**config)
        )

    def submit(self, name: str = "O-1", side: str = "SELL", **fields: Any) -> Order:
        order: Order = self.rig.order(name, side, **{"price": None, **STOP, **HELD, **fields})
        self.rig.bus.send(ENDPOINT, self.rig.command(order))
        return order

    def command(self, kind: Any, order: Order, **fields: Any) -> None:
        common = {"trader_id": order.trader_id, "command_id": "C", "ts_init": 0, "strategy_id": order.strategy_id}
        self.rig.bus.send(ENDPOINT, kind(**common, instrument_id=BTC, **fields))

    async def quote(self, bid: str, ask: str | None = None, ts: int | None = None) -> None:
        at = self.rig.clock.timestamp_ns() if ts is None else ts
        asked = Price.from_str(ask) if ask else Price(Decimal(bid) + 1, 2)
        self.data.process(QuoteTick(BTC, Price.from_str(bid), asked, SIZE, SIZE, at, at))
        await self.rig.settle()

    async def trade(self, price: str) -> None:
        at = self.rig.clock.timestamp_ns()
        self.data.process(TradeTick(BTC, Price.from_str(price), SIZE, AggressorSide.BUYER, TradeId(f"T{at}"), at, at))
        await self.rig.settle()

    def sent(self) -> list[Order]:
        return [one.order for one in self.rig.client.commands if isinstance(one, SubmitOrder)]


Story = Callable[[Desk], Awaitable[None]]


@pytest.fixture
def desk(play: Any) -> Callable[..., Any]:
    def run(story: Story, **options: Any) -> Any:
        async def on_rig(rig: Any) -> None:
            await story(Desk(rig))

        return play(on_rig, **options)

    return run


def test_a_stop_is_held_until_its_price_and_leaves_once_as_a_market_order(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit()
        assert order.status is OrderStatus.EMULATED
        assert desk.rig.cache.orders_emulated() == [order]
        await desk.quote("49000.01")
        assert desk.sent() == []
        await desk.quote("48999.00")
        await desk.quote("48000.00")
        assert desk.sent() == [order]
        assert isinstance(order, MarketOrder)
        assert (order.order_type, order.trigger_price, order.emulation_trigger) == (OrderType.MARKET, None, 0)
        assert desk.rig.last(OrderReleased).released_price == Price.from_str("48999.00")
        assert desk.feed.asked == ["+quotes", "-quotes"]  # nobody needs them any more

    rig = desk(story)
    assert rig.told()[:3] == ["OrderInitialized", "OrderEmulated", "OrderReleased"]


@pytest.mark.parametrize(
    ("kind", "fields", "becomes", "price"),
    [
        (OrderType.STOP_LIMIT, {"price": "48900.00"}, LimitOrder, "48900.00"),
        (OrderType.STOP_MARKET, {}, MarketOrder, None),
        (OrderType.MARKET_IF_TOUCHED, {"side": "BUY"}, MarketOrder, None),
        (OrderType.LIMIT_IF_TOUCHED, {"side": "BUY", "price": "48950.00"}, LimitOrder, "48950.00"),
        (OrderType.LIMIT, {"side": "BUY", "price": "49000.00", "trigger_price": None}, MarketOrder, None),
    ],
)
def test_what_each_type_becomes(desk: Any, kind: OrderType, fields: Any, becomes: type, price: str | None) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit(**{"order_type": kind, "time_in_force": TimeInForce.GTC, **fields})
        await desk.quote("48990.00", "48991.00")
        assert desk.sent() == [order]
        assert type(order) is becomes
        assert order.price == (None if price is None else Price.from_str(price))

    desk(story)


def test_the_last_price_known_counts_at_once(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        await desk.quote("48000.00")
        order = desk.submit()
        await desk.rig.settle()
        assert desk.sent() == [order]

    desk(story)


def test_a_crossed_or_a_late_quote_triggers_nothing(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit()
        await desk.quote("50000.00")
        await desk.quote("48000.00", "47000.00")
        await desk.quote("48000.00", ts=1)
        assert order.status is OrderStatus.EMULATED
        assert desk.sent() == []

    desk(story)


def test_trades_trigger_what_watches_the_last_price(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit(emulation_trigger=TriggerType.LAST_PRICE)
        assert desk.feed.asked == ["+trades"]
        await desk.quote("48000.00")
        assert desk.sent() == []
        await desk.trade("48999.00")
        assert desk.sent() == [order]

    desk(story)


def test_a_trailing_stop_is_updated_as_it_trails(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit(
            order_type=OrderType.TRAILING_STOP_MARKET,
            trigger_price=None,
            trailing_offset=Decimal(100),
            trailing_offset_type=TrailingOffsetType.TICKS,
        )
        for bid in ("50000.00", "50010.00", "50009.50"):
            await desk.quote(bid)
        assert (order.trigger_price, order.is_activated) == (Price.from_str("50009.00"), True)
        assert desk.rig.told().count("OrderUpdated") == 2
        await desk.quote("50009.00")
        assert desk.sent() == [order]

    desk(story)


def test_a_modification_is_checked_and_counts_at_once(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit()
        await desk.quote("49500.00")
        desk.command(ModifyOrder, order, client_order_id=order.client_order_id, trigger_price=Price.from_str("1.001"))
        assert desk.rig.last(OrderModifyRejected).reason.startswith("trigger_price: must have at most 2")
        desk.command(
            ModifyOrder, order, client_order_id=order.client_order_id, trigger_price=Price.from_str("49600.00")
        )
        await desk.rig.settle()
        assert desk.sent() == [order]

    desk(story)


def test_cancels_end_what_is_held_here(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        first, second, third = desk.submit("O-1"), desk.submit("O-2"), desk.submit("O-3", side="BUY")
        desk.command(CancelOrder, first, client_order_id=first.client_order_id)
        assert (first.status, second.status) == (OrderStatus.CANCELED, OrderStatus.EMULATED)
        desk.command(CancelAllOrders, first, order_side=second.side)
        assert (second.status, third.status) == (OrderStatus.CANCELED, OrderStatus.EMULATED)
        assert desk.sent() == []

    desk(story)


def test_its_date_ends_it_here(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        expires = desk.rig.clock.timestamp_ns() + 5_000_000_000
        order = desk.submit(time_in_force=TimeInForce.GTD, expire_time_ns=expires)
        await asyncio.sleep(4.9)
        assert order.status is OrderStatus.EMULATED
        await asyncio.sleep(0.2)
        assert order.status is OrderStatus.EXPIRED

    desk(story)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"order_type": OrderType.MARKET, "trigger_price": None}, "waits for nothing"),
        ({"trailing_offset_type": TrailingOffsetType.PRICE_TIER}, "PRICE_TIER"),
        ({"trigger_instrument_id": InstrumentId.from_str("NONE.SIM")}, "NONE.SIM is not known"),
    ],
)
def test_what_cannot_be_watched_is_denied(desk: Any, fields: Any, reason: str) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit(**fields)
        await desk.rig.settle()
        assert order.status is OrderStatus.DENIED
        assert reason in desk.rig.last(OrderDenied).reason

    desk(story)


def test_a_release_is_checked_like_any_order(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit()
        desk.rig.risk.set_trading_state(TradingState.HALTED)
        await desk.quote("48000.00")
        assert order.status is OrderStatus.DENIED
        assert "HALTED" in desk.rig.last(OrderDenied).reason
        assert desk.sent() == []

    desk(story, risk_config=LiveRiskEngineConfig())


def test_while_its_venue_is_away_it_stays_and_an_alarm_says_so(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit()
        desk.rig.engine.holds.hold(desk.rig.client.id, "test", "the venue is away")
        for bid in ("48000.00", "49500.00"):
            await desk.quote(bid)
        assert order.status is OrderStatus.EMULATED
        assert [alarm.kind for alarm in desk.rig.alarms] == ["emulator.cannot_release"]
        desk.rig.engine.holds.release(desk.rig.client.id, "test")
        desk.emulator._releases._try_again(None)  # what a connection, a closed gap or a cleared doubt sets off
        await desk.rig.settle()
        assert desk.sent() == [order]

    desk(story)


def test_an_algorithm_that_is_not_there_is_a_reason_to_deny(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        order = desk.submit(exec_algorithm_id=ExecAlgorithmId("GONE"))
        await desk.quote("48000.00")
        assert order.status is OrderStatus.DENIED
        assert "GONE" in desk.rig.last(OrderDenied).reason

    desk(story)


def test_while_the_market_is_not_heard_its_last_price_proves_nothing(desk: Any) -> None:
    async def story(desk: Desk) -> None:
        await desk.quote("48000.00")
        desk.submit("O-0", trigger_price=Price.from_str("1.00"))
        desk.data.receive_connection_change(desk.feed.id, False, "gone")
        await desk.rig.settle()
        order = desk.submit()
        await desk.rig.settle()
        assert order.status is OrderStatus.EMULATED
        assert [alarm.kind for alarm in desk.rig.alarms] == ["emulator.blind"]

    desk(story)


def test_what_was_held_is_watched_again_after_a_restart(play: Any, new_order: Any) -> None:
    store = MemoryStore()

    async def before(rig: Any) -> None:
        desk = Desk(rig)
        desk.submit("O-1")
        desk.submit(
            "O-2",
            order_type=OrderType.TRAILING_STOP_MARKET,
            trigger_price=None,
            trailing_offset=Decimal(10),
            trailing_offset_type=TrailingOffsetType.PRICE,
        )
        await desk.quote("50000.00")

    async def after(rig: Any) -> None:
        rig.cache.load()
        desk = Desk(rig)
        desk.emulator.start()
        first, second = rig.cache.orders_emulated()
        assert second.trigger_price == Price.from_str("49990.00")
        assert desk.feed.asked == ["+quotes"]
        await desk.quote("49990.00")
        assert desk.sent() == [second]
        await desk.quote("49000.00")
        assert desk.sent() == [second, first]

    play(before, store=store)
    play(after, store=store)


@pytest.mark.parametrize("debug", [False, True])
def test_debug_logs_each_command(play: Any, caplog: Any, debug: bool) -> None:
    async def story(rig: Any) -> None:
        with caplog.at_level("INFO"):
            Desk(rig, debug=debug).submit()

    play(story)
    assert ("SubmitOrder" in caplog.text) is debug
