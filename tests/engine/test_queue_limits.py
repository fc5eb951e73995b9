"""What happens when a queue is full: refused commands, waiting sources, conflated quotes; nothing is lost unsaid."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.adapters.client import LiveDataClient
from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.config.engines import LiveDataEngineConfig, LiveRiskEngineConfig
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.queues import LiveQueue
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    ModifyOrder,
    QueryOrder,
    SubmitOrderList,
)
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.enums import AggressorSide, OrderSide, OrderStatus
from nautilus_live.model.events import OrderModifyRejected
from nautilus_live.model.identifiers import InstrumentId, OrderListId, TradeId, TraderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import OrderList
from scenarios.world.world import World

Play = Callable[..., Any]
BTC = InstrumentId.from_str("BTCUSDT.SIM")
ETH = InstrumentId.from_str("ETHUSDT.SIM")
TWO = LiveExecEngineConfig(qsize=2)


def on_loop(story: Callable[[World], Any]) -> Any:
    world = World()
    return world.run(lambda: story(world))


# -- the queue itself ------------------------------------------------------------------------------------------------


def test_one_alarm_is_raised_until_the_queue_was_empty_again() -> None:
    async def story(world: World) -> list[str]:
        alarms: list[str] = []
        queue = LiveQueue("q", 2, lambda item: None, world.loop, print)
        queue.on_overflow = lambda kind, text: alarms.append(f"{kind}: {text}")
        for episode in range(2):
            for item in range(2):
                queue.put(item)
            assert len(alarms) == episode  # full is not too full
            queue.put(2)
            queue.put(3)
            assert len(alarms) == episode + 1
            queue.start()
            await asyncio.sleep(0)
            assert queue.qsize() == 0
        return alarms

    assert on_loop(story) == ["queue.full: q: holds 3 items, its qsize is 2"] * 2


def test_who_waits_for_room_goes_on_as_soon_as_there_is_some() -> None:
    async def story(world: World) -> list[str]:
        said: list[str] = []
        queue = LiveQueue("q", 2, lambda item: said.append(f"handled {item}"), world.loop, print)
        await queue.wait_for_room()  # there is
        queue.put(1)
        queue.put(2)

        async def source(name: str) -> None:
            await queue.wait_for_room()
            said.append(f"{name} goes on")

        waiting = [asyncio.ensure_future(source(name)) for name in ("A", "B")]
        await asyncio.sleep(1)
        assert said == []
        queue.start()
        await asyncio.gather(*waiting)
        return said

    assert on_loop(story) == ["handled 1", "handled 2", "A goes on", "B goes on"]


@pytest.mark.parametrize("end", [LiveQueue.stop, LiveQueue.kill])
def test_nobody_waits_for_a_queue_that_has_ended(end: Callable[[LiveQueue], None]) -> None:
    async def story(world: World) -> bool:
        queue = LiveQueue("q", 1, lambda item: None, world.loop, print)
        queue.put(1)
        waiting = asyncio.ensure_future(queue.wait_for_room())
        given_up = asyncio.ensure_future(queue.wait_for_room())
        await asyncio.sleep(0)
        given_up.cancel()
        end(queue)
        await waiting
        return True

    assert on_loop(story)


# -- commands --------------------------------------------------------------------------------------------------------


def parts(order: Any, **fields: Any) -> dict[str, Any]:
    return {
        "trader_id": order.trader_id,
        "command_id": "C",
        "ts_init": 1,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        **fields,
    }


def fill_up(rig: Any, *, count: int = 2) -> None:
    """Let commands wait that nobody handles before the next turn of the loop."""
    for number in range(count):
        rig.engine.execute(rig.command(rig.order(f"WAITS-{number}")))


@pytest.mark.parametrize(
    ("config", "who"),
    [
        ({"exec_config": TWO}, "ExecEngine"),
        ({"risk_config": LiveRiskEngineConfig(qsize=2)}, "RiskEngine"),
    ],
    ids=["the execution engine's qsize", "the risk engine's qsize"],
)
def test_an_order_beyond_the_commands_queue_is_denied_by_a_reason_that_names_it(
    play: Play, config: dict[str, Any], who: str
) -> None:
    async def story(rig: Any) -> None:
        rig.risk.execute(rig.command(rig.order("O-1")))
        rig.risk.execute(rig.command(rig.order("O-2")))
        third = rig.order("O-3")
        rig.risk.execute(rig.command(third))
        assert len(rig.engine.waiting_commands) == 2
        await rig.settle()
        assert third.status is OrderStatus.DENIED
        assert third.events[-1].reason == f"qsize: {who} lets 2 commands wait, 2 do"
        assert [command.order.client_order_id.value for command in rig.client.commands] == ["O-1", "O-2"]
        rig.risk.execute(rig.command(rig.order("O-4")))  # there is room again
        await rig.settle()
        assert len(rig.client.commands) == 3

    play(story, **config)


def test_an_order_list_beyond_the_queue_is_denied_whole(play: Play) -> None:
    async def story(rig: Any) -> None:
        fill_up(rig)
        orders = [rig.order("O-1"), rig.order("O-2")]
        given = SubmitOrderList(**parts(orders[0]), order_list=OrderList(OrderListId("OL-1"), orders))
        rig.risk.execute(given)
        await rig.settle()
        assert [order.status for order in orders] == [OrderStatus.DENIED] * 2

    play(story, exec_config=TWO)


def test_a_used_id_is_not_denied_for_a_full_queue(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1"))
        await rig.settle()
        fill_up(rig)
        rig.risk.execute(rig.command(rig.order("O-1")))
        await rig.settle()
        assert order.status is OrderStatus.ACCEPTED

    play(story, exec_config=TWO)


def test_a_modification_beyond_the_queue_is_rejected(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1"))
        await rig.settle()
        fill_up(rig)
        ids = parts(order, client_order_id=order.client_order_id, venue_order_id=order.venue_order_id)
        rig.risk.execute(ModifyOrder(**ids, quantity=Quantity.from_str("2.000")))
        assert len(rig.engine.waiting_commands) == 2
        await rig.settle()
        assert rig.last(OrderModifyRejected).reason.startswith("qsize: ExecEngine lets 2 commands wait")
        assert (order.status, order.quantity) == (OrderStatus.ACCEPTED, Quantity.from_str("1.000"))

    play(story, exec_config=TWO)


def test_cancels_always_pass_and_questions_do_not(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1"))
        await rig.settle()
        fill_up(rig)
        ids = parts(order, client_order_id=order.client_order_id, venue_order_id=order.venue_order_id)
        cancel = CancelOrder(**ids)
        rig.risk.execute(cancel)
        rig.risk.execute(CancelAllOrders(**parts(order), order_side=OrderSide.NO_ORDER_SIDE))
        rig.risk.execute(BatchCancelOrders(**parts(order), cancels=(cancel,)))
        assert len(rig.engine.waiting_commands) == 5
        rig.risk.execute(QueryOrder(**ids))
        assert len(rig.engine.waiting_commands) == 5
        assert [alarm.kind for alarm in rig.alarms] == ["queue.full"]
        await rig.settle()
        names = [type(command).__name__ for command in rig.client.commands]
        assert names[-3:] == ["CancelOrder", "CancelAllOrders", "BatchCancelOrders"]

    with caplog.at_level(logging.ERROR):
        play(story, exec_config=TWO)
    assert "a QueryOrder is not sent: qsize: ExecEngine lets 2 commands wait, 5 do" in caplog.text


def test_events_are_never_refused(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order("O-1", "BUY", "5.000"))
        await rig.settle()
        for number in range(5):
            rig.fill(order, "1.000", trade=f"T-{number}")
        assert rig.engine.event_qsize == 5
        await rig.settle()
        assert order.status is OrderStatus.FILLED
        assert [alarm.kind for alarm in rig.alarms] == ["queue.full"]
        assert "ExecEngine events: holds 3 items, its qsize is 2" in rig.alarms[0].text

    with caplog.at_level(logging.WARNING):
        play(story, exec_config=TWO)
    assert len([record for record in caplog.records if "more than its 2" in record.getMessage()]) == 1


# -- market data -----------------------------------------------------------------------------------------------------


def quote(price: int, instrument_id: InstrumentId = BTC) -> QuoteTick:
    size = Quantity.from_str("1.000")
    bid, ask = (Price(Decimal(number), 2) for number in (price, price + 1))
    return QuoteTick(instrument_id, bid, ask, size, size, price, price)


def trade(price: int) -> TradeTick:
    size = Quantity.from_str("1.000")
    return TradeTick(BTC, Price(Decimal(price), 2), size, AggressorSide.BUYER, TradeId(f"T-{price}"), price, price)


class Feed(LiveDataClient):
    """Reads a socket: as long as `deliver` waits, it reads nothing."""

    def __init__(self, context: DataClientContext) -> None:
        super().__init__(context, venue=BTC.venue)
        self.read_count = 0

    async def read(self, ticks: list[QuoteTick | TradeTick]) -> None:
        for tick in ticks:
            self.read_count += 1
            await self.deliver(tick)


class Market:
    """A data engine with room for three, and what it publishes."""

    def __init__(self, world: World) -> None:
        self.bus = MessageBus(TraderId("TRADER-001"), world.clock)
        cache = Cache()
        self.engine = DataEngine(
            loop=world.loop, msgbus=self.bus, cache=cache, clock=world.clock, config=LiveDataEngineConfig(qsize=3)
        )
        self.feed = Feed(
            DataClientContext(
                name="SIM",
                trader_id="TRADER-001",
                loop=world.loop,
                clock=world.clock,
                sink=self.engine,
                cache=cache,
            )
        )
        self.published: list[Any] = []
        self.alarms: list[Any] = []
        self.bus.subscribe("data.*", self.published.append)
        self.bus.subscribe("alarms", self.alarms.append)


def test_a_source_that_can_wait_waits_and_nothing_is_conflated() -> None:
    async def story(world: World) -> Market:
        market = Market(world)
        ticks = [quote(price) for price in range(1, 11)]
        reading = asyncio.ensure_future(market.feed.read(list(ticks)))
        await asyncio.sleep(1)
        assert (market.feed.read_count, market.engine.data_qsize) == (3, 3)
        market.engine.start()
        await reading
        await asyncio.sleep(0)
        assert market.published == ticks
        return market

    market = on_loop(story)
    assert (market.engine.conflated_count, market.alarms) == (0, [])


def test_of_quotes_that_come_all_the_same_the_latest_counts() -> None:
    async def story(world: World) -> Market:
        market = Market(world)
        for price in range(1, 11):
            market.engine.process(quote(price))
        market.engine.process(quote(20, ETH))
        market.engine.process(quote(21, ETH))
        assert market.engine.data_qsize == 5  # three, and one for each instrument
        market.engine.start()
        await asyncio.sleep(0)
        return market

    market = on_loop(story)
    assert [(str(tick.instrument_id), tick.ts_event) for tick in market.published] == [
        ("BTCUSDT.SIM", 1),
        ("BTCUSDT.SIM", 2),
        ("BTCUSDT.SIM", 3),
        ("BTCUSDT.SIM", 10),
        ("ETHUSDT.SIM", 21),
    ]
    assert market.engine.conflated_count == 7


def test_one_quote_too_many_is_itself() -> None:
    async def story(world: World) -> list[int]:
        market = Market(world)
        for price in range(1, 5):
            market.engine.process(quote(price))
        market.engine.start()
        await asyncio.sleep(0)
        return [tick.ts_event for tick in market.published]

    assert on_loop(story) == [1, 2, 3, 4]


def test_after_the_flood_every_quote_counts_again() -> None:
    async def story(world: World) -> list[int]:
        market = Market(world)
        market.engine.start()
        for price in range(1, 6):
            market.engine.process(quote(price))
        await asyncio.sleep(0)
        for price in (6, 7):
            market.engine.process(quote(price))
        await asyncio.sleep(0)
        assert market.engine._conflation._slots == {}
        return [tick.ts_event for tick in market.published]

    assert on_loop(story) == [1, 2, 3, 5, 6, 7]


def test_trades_are_never_conflated_and_too_many_are_alarmed_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story(world: World) -> Market:
        market = Market(world)
        for price in range(1, 11):
            market.engine.process(trade(price))
        market.engine.start()
        await asyncio.sleep(0)
        return market

    with caplog.at_level(logging.WARNING):
        market = on_loop(story)
    assert [tick.ts_event for tick in market.published] == list(range(1, 11))
    assert [(alarm.kind, alarm.text) for alarm in market.alarms] == [
        ("queue.full", "DataEngine: holds 4 items, its qsize is 3")
    ]
    assert caplog.text.count("more than its 3") == 1
