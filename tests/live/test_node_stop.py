"""How a node stops: in order, in spite of what fails, and at once if it must; numbers are rows of BEHAVIOUR.md."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from nautilus_live.live.lifecycle import START_STEPS, ExitCode
from nautilus_live.model.commands import ShutdownSystem
from nautilus_live.model.enums import ComponentState, OrderSide, OrderStatus, PositionSide
from nautilus_live.model.identifiers import ComponentId, TraderId
from nautilus_live.model.objects import Quantity
from tests.live.trading_nodes import BTC, TWO, fail, hang, limit

# -- stopping ----------------------------------------------------------------------------------------------------------


def test_row_279_unexpected_error_in_an_engine_ends_the_node_and_is_logged_first(stage: Any, caplog: Any) -> None:
    flushed: list[int] = []

    class Watcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            return None

        def flush(self) -> None:
            flushed.append(len(stage.steps))

    async def story() -> None:
        task = await stage.running()
        logging.getLogger("nautilus_live").addHandler(watcher)
        stage.node.kernel.exec_engine.process("not an event")
        assert await task == ExitCode.FAULT
        assert "unexpected error in the execution engine" in stage.node.failure
        assert "kill_engines" in stage.steps
        assert "stop_trader" not in stage.steps
        assert flushed[0] == len(START_STEPS)
        assert stage.client.calls[-1] == "disconnect"

    watcher = Watcher()
    try:
        with caplog.at_level(logging.ERROR, "nautilus_live"):
            stage.run(story)
    finally:
        logging.getLogger("nautilus_live").removeHandler(watcher)
    assert any(record.exc_info and "unexpected error" in record.getMessage() for record in caplog.records)


def test_row_280_with_the_graceful_option_it_stops_in_order(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running(engine={"graceful_shutdown_on_exception": True})
        stage.node.kernel.exec_engine.process("not an event")
        stage.node.kernel.exec_engine.process("another")
        assert await task == ExitCode.FAULT
        assert "stop_trader" in stage.steps
        assert "kill_engines" not in stage.steps
        assert stage.strategy.seen == ["on_start", "on_stop"]

    stage.run(story)


def test_row_281_kill_drops_what_is_queued_and_calls_no_on_stop(stage: Any, caplog: Any) -> None:
    async def story() -> None:
        task = await stage.running()
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        stage.node.kill("operator")
        assert await task == ExitCode.FAULT
        assert stage.node.failure == "killed: operator"
        assert stage.strategy.seen == ["on_start", "OrderInitialized"]
        assert order.status is OrderStatus.INITIALIZED
        assert not [call for call in stage.client.calls if call.startswith("submit")]
        assert stage.client.calls[-1] == "disconnect"

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert any("items dropped" in text for text in caplog.messages)


def test_row_282_shutdown_command_for_another_trader_or_twice_is_ignored(stage: Any, caplog: Any) -> None:
    def command(trader: str) -> ShutdownSystem:
        return ShutdownSystem(
            trader_id=TraderId(trader),
            command_id="C-1",
            ts_init=0,
            component_id=ComponentId("Operator"),
            reason="enough",
        )

    async def story() -> None:
        node = stage.build()
        publish = node.kernel.msgbus.publish
        publish("commands.system.shutdown", command("TESTER-001"))  # not running
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(0.1)
        assert node.is_running()
        publish("commands.system.shutdown", command("SOMEBODY-002"))
        await asyncio.sleep(0.1)
        assert node.is_running()
        publish("commands.system.shutdown", command("TESTER-001"))
        publish("commands.system.shutdown", command("TESTER-001"))
        assert await task == ExitCode.OK
        publish("commands.system.shutdown", command("TESTER-001"))

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    ignored = [record.getMessage() for record in caplog.records if "shutdown ignored" in record.getMessage()]
    assert len(ignored) == 4


def test_row_284_post_stop_ends_early_when_nothing_is_left(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running()
        before_s = stage.world.loop.time()
        await stage.node.stop_async()
        await task
        assert stage.world.loop.time() == before_s

    stage.run(story)


def test_row_284_post_stop_waits_for_cancels_and_closes_and_delivers_them(stage: Any, caplog: Any) -> None:
    def leave(strategy: Any) -> None:
        strategy.cancel_all_orders(BTC)
        strategy.close_all_positions(BTC)

    stage.strategy.at_stop = leave

    async def story() -> None:
        task = await stage.running()
        strategy = stage.strategy
        strategy.submit_order(limit(strategy))
        strategy.submit_order(strategy.order_factory.market(BTC, OrderSide.BUY, Quantity.from_str("1.000")))
        await asyncio.sleep(0.1)
        assert len(strategy.cache.positions_open()) == 1
        before_s = stage.world.loop.time()
        await stage.node.stop_async()
        await task
        assert 0.04 < stage.world.loop.time() - before_s < 0.1
        assert strategy.cache.positions_open() == []
        assert strategy.cache.orders_open() == []
        after_stop = strategy.seen[strategy.seen.index("on_stop") :]
        assert "OrderCanceled" in after_stop
        assert "PositionClosed" in after_stop

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert not [record for record in caplog.records if "left at stop" in record.getMessage()]


def test_row_284_what_stays_is_named_after_timeout_post_stop(stage: Any, caplog: Any) -> None:
    async def story() -> None:
        task = await stage.running(timeout_post_stop=2.0)
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        await asyncio.sleep(0.1)
        before_s = stage.world.loop.time()
        await stage.node.stop_async()
        assert await task == ExitCode.OK
        assert stage.world.loop.time() - before_s == pytest.approx(2.0, abs=0.01)
        assert any("left at stop" in text and str(order.client_order_id) in text for text in caplog.messages)

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)


def test_row_285_hanging_disconnect_is_an_error_and_the_stop_goes_on(stage: Any, caplog: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(disconnect=hang)

    async def story() -> None:
        task = await stage.running(venues=TWO)
        before_s = stage.world.loop.time()
        await stage.node.stop_async()
        assert await task == ExitCode.STOP_INCOMPLETE
        assert stage.world.loop.time() - before_s == pytest.approx(10.0, abs=0.01)
        assert stage.steps[-2:] == ["flush_store", "cancel_tasks"]
        assert "not disconnected in time: SIM" in caplog.messages

    with caplog.at_level(logging.ERROR, "nautilus_live"):
        stage.run(story)


def test_row_285_disconnect_that_raises_does_not_keep_the_others(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(disconnect=fail)

    async def story() -> None:
        task = await stage.running(venues=TWO)
        await stage.node.stop_async()
        assert await task == ExitCode.STOP_INCOMPLETE
        assert "disconnect" in stage.clients["OTHER"].calls

    stage.run(story)


def test_row_286_unanswered_cancels_are_named(stage: Any, caplog: Any) -> None:
    stage.scripts["SIM"] = lambda client: setattr(client, "answers_cancels", False)

    async def story() -> None:
        task = await stage.running(timeout_post_stop=1.0)
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        await asyncio.sleep(0.1)
        stage.strategy.cancel_order(order)
        await stage.node.stop_async()
        await task
        assert f"disconnecting with 1 cancel requests unanswered: {order.client_order_id}" in caplog.messages

    with caplog.at_level(logging.ERROR, "nautilus_live"):
        stage.run(story)


def test_row_287_reports_during_the_shutdown_are_processed(stage: Any) -> None:
    async def story() -> None:
        def fill_late() -> Any:
            stage.client.fill(order)

        task = await stage.running(timeout_post_stop=1.0)
        stage.client.hooks["disconnect"] = fill_late
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        await asyncio.sleep(0.1)
        await stage.node.stop_async()
        await task
        assert order.status is OrderStatus.FILLED
        assert stage.node.cache.positions_open()[0].side is PositionSide.LONG

    stage.run(story)


def test_stopping_twice_is_harmless(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running()
        stage.node.stop()
        stage.node.stop()
        await asyncio.gather(stage.node.stop_async(), stage.node.stop_async())
        assert await task == ExitCode.OK
        stage.node.stop()
        await stage.node.stop_async()
        assert stage.steps.count("stop_trader") == 1
        stage.node.dispose()
        stage.node.dispose()
        assert stage.node.state is ComponentState.DISPOSED

    stage.run(story)


def test_second_signal_forces_the_end(stage: Any) -> None:
    import signal

    stage.scripts["SIM"] = lambda client: client.hooks.update(disconnect=hang)

    async def story() -> None:
        task = await stage.running(timeout_post_stop=60.0)
        stage.strategy.submit_order(limit(stage.strategy))
        await asyncio.sleep(0.1)
        stage.world.loop.deliver_signal(signal.SIGINT)
        await asyncio.sleep(0.5)
        assert not task.done()
        before_s = stage.world.loop.time()
        stage.world.loop.deliver_signal(signal.SIGINT)
        assert await task == 128 + signal.SIGINT
        assert stage.world.loop.time() - before_s < 1.5

    stage.run(story)


def test_failing_store_at_the_stop_is_told(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running()
        stage.strategy.submit_order(limit(stage.strategy))
        await asyncio.sleep(0.1)
        stage.store.fail_next(1_000_000)
        stage.strategy.cancel_all_orders(BTC)
        await asyncio.sleep(0.2)
        await stage.node.stop_async()
        assert await task == ExitCode.STOP_INCOMPLETE
        assert "store" in stage.node.failure

    stage.run(story)


def test_an_idle_node_does_next_to_nothing_for_a_day(stage: Any) -> None:
    from scenarios.world.frozen import real_perf_counter

    async def story() -> None:
        task = await stage.running()
        began = real_perf_counter()
        await asyncio.sleep(24 * 3600.0)
        assert real_perf_counter() - began < 10.0
        await stage.node.stop_async()
        await task

    stage.run(story)


def test_cancel_of_everything_still_ends_in_order(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running()
        for one in asyncio.all_tasks():
            if one is not asyncio.current_task():
                one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert stage.node.state is ComponentState.STOPPED
        assert stage.client.calls[-1] == "disconnect"

    stage.run(story)
