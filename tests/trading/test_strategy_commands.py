"""Strategies on a whole node: commands, the callbacks that answer them, and timers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from nautilus_live.config import StrategyConfig
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.enums import OrderSide, OrderStatus, TimeInForce
from nautilus_live.model.events import OrderUpdated
from nautilus_live.model.identifiers import StrategyId
from nautilus_live.model.objects import Price
from nautilus_live.trading.strategy import Strategy
from tests.trading.playing import BTC, BUY, ONE, PRICE, boom, limit, play

# -- commands and callbacks --------------------------------------------------------------------------------------------


def test_events_arrive_in_order_at_their_own_callback_then_the_general_ones(stage: Any) -> None:
    heard: list[str] = []

    class Talker(Strategy):
        def on_order_accepted(self, event: Any) -> None:
            heard.append("on_order_accepted")

        def on_order_event(self, event: Any) -> None:
            heard.append(f"on_order_event {type(event).__name__}")

        def on_position_opened(self, event: Any) -> None:
            heard.append("on_position_opened")

        def on_event(self, event: Any) -> None:
            heard.append(f"on_event {type(event).__name__}")

    stage.strategy = Talker()

    async def story() -> None:
        strategy = stage.strategy
        strategy.submit_order(strategy.order_factory.market(BTC, BUY, ONE))
        await asyncio.sleep(0.01)

    play(stage, story)
    names = ["OrderInitialized", "OrderSubmitted", "OrderAccepted", "OrderFilled"]
    expected = [f"{kind} {name}" for name in names for kind in ("on_order_event", "on_event")]
    expected.insert(expected.index("on_order_event OrderAccepted"), "on_order_accepted")
    assert [one for one in heard if "Position" not in one and "position" not in one] == expected
    assert heard.count("on_position_opened") == 1
    assert "on_event PositionOpened" in heard


def test_only_overridden_callbacks_are_called() -> None:
    class Quiet(Strategy):
        def on_order_filled(self, event: Any) -> None: ...

    handlers = Quiet()._resolve_handlers_()
    called = {kind.__name__: [one.__name__ for one in some] for kind, some in handlers.items() if some}
    machinery = {"HistoricalData": ["_take_answer_"], "OrderRejected": ["_log_rejection_"]}
    assert called == {"OrderFilled": ["on_order_filled"], **machinery}


def test_modify_marks_the_order_pending_before_the_command_leaves(stage: Any) -> None:
    async def story() -> None:
        strategy, client = stage.strategy, stage.client
        order = limit(strategy)
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        strategy.modify_order(order, price=Price.from_str("50001.00"))
        assert order.status is OrderStatus.PENDING_UPDATE
        assert strategy.seen[-1] == "OrderPendingUpdate"
        assert not [call for call in client.calls if call.startswith("modify")]
        await asyncio.sleep(0.01)
        assert [call for call in client.calls if call.startswith("modify")] == [f"modify {order.client_order_id}"]
        client.emit(OrderUpdated, order, quantity=order.quantity, price=Price.from_str("50001.00"))
        await asyncio.sleep(0.01)
        assert (order.status, order.price) == (OrderStatus.ACCEPTED, Price.from_str("50001.00"))
        strategy.cancel_order(order)
        await asyncio.sleep(0.1)

    play(stage, story)


def test_a_second_cancel_of_the_same_order_is_not_sent(stage: Any) -> None:
    async def story() -> None:
        strategy, client = stage.strategy, stage.client
        order = limit(strategy)
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        strategy.cancel_order(order)
        strategy.cancel_order(order)
        strategy.cancel_orders([order])
        strategy.cancel_all_orders(BTC)
        strategy.modify_order(order, price=Price.from_str("1.00"))
        await asyncio.sleep(0.1)
        assert [call for call in client.calls if call.startswith(("cancel", "modify"))] == [
            f"cancel {order.client_order_id}"
        ]
        assert order.status is OrderStatus.CANCELED
        strategy.cancel_order(order)

    play(stage, story)


def test_cancel_orders_and_cancel_all_take_every_open_order(stage: Any) -> None:
    async def story() -> None:
        strategy = stage.strategy
        orders = [limit(strategy) for _ in range(4)]
        for order in orders:
            strategy.submit_order(order)
        await asyncio.sleep(0.01)
        strategy.cancel_orders(orders[:2])
        assert [order.status for order in orders[:2]] == [OrderStatus.PENDING_CANCEL] * 2
        strategy.cancel_all_orders(BTC, OrderSide.SELL)
        assert orders[2].status is OrderStatus.ACCEPTED
        strategy.cancel_all_orders(BTC)
        await asyncio.sleep(0.1)
        assert {order.status for order in orders} == {OrderStatus.CANCELED}
        assert stage.client.calls.count(f"cancel_all {BTC}") == 1

    play(stage, story)


def test_close_position_flattens_it(stage: Any) -> None:
    async def story() -> None:
        strategy = stage.strategy
        strategy.submit_order(strategy.order_factory.market(BTC, BUY, ONE))
        await asyncio.sleep(0.01)
        position = strategy.cache.positions_open()[0]
        strategy.close_position(position, tags=["EXIT"])
        await asyncio.sleep(0.01)
        assert position.is_closed
        assert strategy.seen[-1] == "PositionClosed"
        assert strategy.cache.orders()[-1].tags == ["EXIT"]
        assert strategy.cache.orders()[-1].is_reduce_only
        strategy.close_position(position)
        strategy.close_all_positions(BTC)
        assert len(strategy.cache.orders()) == 2

    play(stage, story)


def test_query_order_brings_the_venues_word(stage: Any) -> None:
    async def story() -> None:
        strategy = stage.strategy
        stage.client.auto_accept = False
        order = limit(strategy)
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.SUBMITTED
        stage.client.hold_order(order.client_order_id.value)
        strategy.query_order(order)
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.ACCEPTED
        strategy.query_account(stage.client.account_id)
        await asyncio.sleep(0.01)
        assert "query_account" in stage.client.calls
        strategy.cancel_order(order)
        await asyncio.sleep(0.1)

    play(stage, story)


def test_senseless_commands_raise(stage: Any) -> None:
    async def story() -> None:
        strategy = stage.strategy
        order = strategy.order_factory.market(BTC, BUY, ONE)
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        with pytest.raises(ProgrammerError, match="submitted once"):
            strategy.submit_order(order)
        with pytest.raises(ProgrammerError, match=r"has no price to modify, was 50000\.00"):
            strategy.modify_order(order, price=PRICE)
        foreign = limit(strategy)
        foreign.strategy_id = StrategyId("Other-001")
        with pytest.raises(ProgrammerError, match="must be an order of Recorder-000, was of Other-001"):
            strategy.submit_order(foreign)

    play(stage, story)
    with pytest.raises(ProgrammerError, match="cannot submit_order in STOPPED"):
        stage.strategy.submit_order(limit(stage.strategy))
    with pytest.raises(ProgrammerError, match="must be added to a trader before cache is used"):
        _ = Strategy().cache


def test_orders_submitted_in_on_start_are_answered_after_it(stage: Any) -> None:
    stage.strategy.at_start = lambda strategy: [
        strategy.submit_order(strategy.order_factory.market(BTC, BUY, ONE)),
        strategy.seen.append("on_start is over"),
    ]

    async def story() -> None:
        await asyncio.sleep(0.01)
        start = ["on_start", "on_start is over", "OrderInitialized", "OrderSubmitted", "OrderAccepted", "OrderFilled"]
        assert stage.strategy.seen[:6] == start

    play(stage, story)


# -- timers ------------------------------------------------------------------------------------------------------------


def test_timers_of_a_strategy_fire_contained_and_end_with_it(stage: Any) -> None:
    ticks: list[float] = []

    def start(strategy: Any) -> None:
        strategy.clock.set_timer(
            "own", timedelta(seconds=1), callback=lambda event: ticks.append(stage.world.loop.time())
        )
        strategy.clock.set_timer("bad", timedelta(seconds=1), callback=boom)
        strategy.clock.set_timer("default", timedelta(seconds=2))

    stage.strategy.at_start = start

    async def story() -> None:
        await asyncio.sleep(3.5)

    play(stage, story)
    assert [round(at_s) for at_s in ticks] == [1, 2, 3]
    assert stage.strategy.seen.count("TimeEvent") == 1
    assert stage.strategy.clock.timer_count == 0


def gtd(stage: Any, **options: Any) -> Any:
    stage.strategy = stage.strategy.__class__(StrategyConfig(manage_gtd_expiry=True))
    return stage.strategy


def test_managed_gtd_order_is_canceled_when_its_date_comes(stage: Any) -> None:
    strategy = gtd(stage)

    async def story() -> None:
        now = strategy.clock.timestamp_ns()
        order = limit(strategy, time_in_force=TimeInForce.GTD, expire_time=now + 10_000_000_000)
        strategy.submit_order(order)
        await asyncio.sleep(9.9)
        assert order.status is OrderStatus.ACCEPTED
        await asyncio.sleep(0.2)
        assert order.status is OrderStatus.CANCELED
        assert strategy.clock.timer_count == 0

    play(stage, story)


def test_managed_gtd_date_that_came_while_the_node_was_down_is_kept_at_the_start(make_stage: Any) -> None:
    first = make_stage()
    strategy = gtd(first)
    kept: dict[str, Any] = {}

    async def submit() -> None:
        now = strategy.clock.timestamp_ns()
        order = limit(strategy, time_in_force=TimeInForce.GTD, expire_time=now + 1_000_000_000)
        strategy.submit_order(order)
        await asyncio.sleep(0.1)
        kept["id"] = order.client_order_id

    play(first, submit)
    second = make_stage()
    second.store = first.store
    strategy = gtd(second)
    second.scripts["SIM"] = lambda client: client.hold_order(
        kept["id"].value, venue_order_id=client.hold_order("O-X").venue_order_id.__class__(f"V-{kept['id']}")
    )

    async def restart() -> None:
        await asyncio.sleep(5.0)
        assert strategy.cache.order(kept["id"]).status is OrderStatus.CANCELED

    play(second, restart)
