"""Stopping while something is wrong: the node ends flat, or says that it does not; and halts that end by themselves."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from nautilus_live.errors import WireError
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.watchdog import LoopWatchdog
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.identifiers import ClientId
from nautilus_live.model.objects import Price, Quantity
from scenarios.world.world import World
from tests.live.conftest import BTC

SIM = ClientId("SIM")


def limit(strategy: Any) -> Any:
    return strategy.order_factory.limit(BTC, OrderSide.BUY, Quantity.from_str("1.000"), Price.from_str("50000.00"))


def leave(strategy: Any) -> None:
    strategy.cancel_all_orders(BTC)
    strategy.close_all_positions(BTC)


# -- stopping ----------------------------------------------------------------------------------------------------------


def test_j3_a_fill_that_races_with_the_cancels_at_the_stop_is_booked_and_named(stage: Any, caplog: Any) -> None:
    """FIELD J3: the position is closed, the cancel is on its way, and the order fills first."""
    stage.strategy.at_stop = leave

    async def story() -> None:
        task = await stage.running()
        strategy = stage.strategy
        strategy.submit_order(strategy.order_factory.market(BTC, OrderSide.BUY, Quantity.from_str("1.000")))
        resting = limit(strategy)
        strategy.submit_order(resting)
        await asyncio.sleep(0.1)
        stage.client.answers_cancels = False
        stage.world.loop.call_later(0.01, stage.client.fill, resting)
        await stage.node.stop_async()
        assert await task == ExitCode.OK
        assert resting.status is OrderStatus.FILLED
        assert [position.signed_qty for position in strategy.cache.positions_open()] == [Decimal(1)]

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert any("left at stop" in text and "Position" in text for text in caplog.messages)


def test_a_stop_while_the_venue_is_away_denies_what_cannot_be_sent_and_names_what_is_left(
    stage: Any, caplog: Any
) -> None:
    stage.strategy.at_stop = leave

    async def story() -> None:
        task = await stage.running(timeout_post_stop=0.5)
        strategy = stage.strategy
        strategy.submit_order(strategy.order_factory.market(BTC, OrderSide.BUY, Quantity.from_str("1.000")))
        await asyncio.sleep(0.1)
        stage.client.context.sink.receive_connection_change(SIM, False, "cut")
        await stage.node.stop_async()
        assert await task == ExitCode.OK
        assert strategy.cache.orders()[-1].status is OrderStatus.DENIED
        assert "OrderDenied" in strategy.seen

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert any("left at stop: Position" in text for text in caplog.messages)


def test_an_order_sent_at_the_stop_is_waited_for_and_one_that_ends_lets_the_stop_go_on(stage: Any) -> None:
    def say_goodbye(strategy: Any) -> None:
        strategy.submit_order(strategy.order_factory.market(BTC, OrderSide.BUY, Quantity.from_str("1.000")))

    stage.strategy.at_stop = say_goodbye

    async def story() -> None:
        task = await stage.running(timeout_post_stop=60.0)
        before_s = stage.world.loop.time()
        await stage.node.stop_async()
        assert await task == ExitCode.OK
        assert stage.world.loop.time() - before_s < 0.1
        assert [order.status for order in stage.strategy.cache.orders()] == [OrderStatus.FILLED]

    stage.run(story)


def test_j1_a_callback_that_raises_is_alarmed_and_harms_nobody_else(stage: Any) -> None:
    def broken(_: Any) -> None:
        raise ZeroDivisionError("a bug of the strategy")

    stage.strategy.on["OrderAccepted"] = broken

    async def story() -> None:
        task = await stage.running()
        first, second = limit(stage.strategy), limit(stage.strategy)
        stage.strategy.submit_order(first)
        stage.strategy.submit_order(second)
        await asyncio.sleep(0.1)
        assert (first.status, second.status) == (OrderStatus.ACCEPTED, OrderStatus.ACCEPTED)
        assert [alarm.kind for alarm in stage.alarms] == ["callback.error"]
        assert "on_event raised ZeroDivisionError" in stage.alarms[0].text
        stage.strategy.cancel_all_orders(BTC)
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


# -- halted venues -----------------------------------------------------------------------------------------------------


def test_a_halted_venue_is_asked_again_ever_less_often_and_released_by_the_first_full_answer(stage: Any) -> None:
    asked_s: list[float] = []

    def fail_for_a_while() -> None:
        asked_s.append(stage.world.loop.time())
        if len(asked_s) < 5:
            raise WireError("503")
        stage.client.hold_order("O-BEFORE")

    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=fail_for_a_while)

    async def story() -> None:
        task = await stage.running(engine={"reconciliation_fail_closed": False})
        denied = limit(stage.strategy)
        stage.strategy.submit_order(denied)
        await asyncio.sleep(200.0)
        assert denied.status is OrderStatus.DENIED
        waits = [round(later - earlier) for earlier, later in pairwise(asked_s)]
        assert waits == [5, 10, 20, 40]
        assert stage.node.kernel.halts.reasons() == {}
        assert [alarm.kind for alarm in stage.alarms] == ["venue.halted", "venue.released"]
        assert stage.node.cache.order(stage.client.orders[0].client_order_id).status is OrderStatus.ACCEPTED
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        await asyncio.sleep(0.1)
        assert order.status is OrderStatus.ACCEPTED
        stage.strategy.cancel_all_orders(BTC)
        stage.client.orders.clear()
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


def test_an_answer_that_live_events_have_overtaken_does_not_release_a_halted_venue(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(
        mass_status=lambda: (_ for _ in ()).throw(WireError("no"))
    )

    async def story() -> None:
        task = await stage.running(engine={"reconciliation_fail_closed": False}, timeout_post_stop=0.1)
        client = stage.client

        async def slow() -> None:
            await asyncio.sleep(1.0)
            client.context.sink.receive_report(client.orders[0])  # heard live, while the answer is under way
            await asyncio.sleep(0.01)

        client.hold_order("O-1")
        client.hooks["mass_status"] = slow
        await asyncio.sleep(7.0)
        assert list(stage.node.kernel.halts.reasons()) == [client.venue]
        client.hooks.clear()
        await asyncio.sleep(20.0)
        assert stage.node.kernel.halts.reasons() == {}
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


def test_a_halted_venue_is_asked_no_more_after_a_stop_or_a_release_by_hand(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(
        mass_status=lambda: (_ for _ in ()).throw(WireError("no"))
    )

    async def story() -> None:
        task = await stage.running(engine={"reconciliation_fail_closed": False})
        stage.node.kernel.halts.release(stage.client.venue)
        asked = stage.client.calls.count("mass_status")
        await asyncio.sleep(600.0)
        assert stage.client.calls.count("mass_status") == asked
        assert [alarm.kind for alarm in stage.alarms][-1] == "venue.released"
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


# -- a loop that stands still ------------------------------------------------------------------------------------------


def test_h10_a_process_that_stood_still_is_alarmed(stage: Any) -> None:
    host = stage.world.host("node")

    async def story() -> None:
        node = stage.build()
        task = host.run(node.run_async)
        await asyncio.sleep(5.0)
        host.pause()
        await asyncio.sleep(30.0)
        host.resume()
        await asyncio.sleep(1.0)
        assert [alarm.kind for alarm in stage.alarms] == ["loop.stalled"]
        assert "stood still for" in stage.alarms[0].text
        await asyncio.sleep(60.0)
        assert len(stage.alarms) == 1
        host.run(node.stop_async)
        assert await task == ExitCode.OK

    stage.run(story)


def test_h10_a_callback_that_blocks_the_loop_is_named(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock_s = [0.0]

    def block(_: Any) -> None:
        clock_s[0] += 30.0

    stage.strategy.on["OrderAccepted"] = block

    async def story() -> None:
        node = stage.build(stall_alarm_secs=5.0)
        monkeypatch.setattr(stage.strategy, "_now_s_", lambda: clock_s[0])
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        await asyncio.sleep(0.1)
        (alarm,) = stage.alarms
        assert alarm.kind == "callback.stalled"
        assert alarm.text == "on_event took 30.0 s; nothing else ran meanwhile"
        assert alarm.ids == {"component": str(stage.strategy.id)}
        stage.strategy.cancel_order(order)
        await node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


@pytest.mark.parametrize("threshold_s", [None, 2.0])
def test_the_watchdog_looks_at_nothing_when_it_is_off_or_stopped(threshold_s: float | None) -> None:
    world = World()

    async def main() -> list[str]:
        heard: list[str] = []
        dog = LoopWatchdog(asyncio.get_running_loop(), lambda kind, _: heard.append(kind), threshold_s)
        dog.start()
        dog.start()
        await asyncio.sleep(100.0)
        dog.stop()
        dog.stop()
        return heard

    assert world.run(main) == []
