"""How a node starts: with adapters that fail or hang, stopped at any moment; numbers are rows of BEHAVIOUR.md."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.errors import WireError
from nautilus_live.live.lifecycle import START_STEPS, ExitCode
from nautilus_live.model.enums import ComponentState, OrderStatus
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId
from tests.live.trading_nodes import BTC, TWO, fail, hang, limit


def run_to_end(stage: Any, **settings: Any) -> float:
    """Run a node that ends by itself; returns the virtual seconds it took."""

    async def story() -> float:
        node = stage.build(**settings)
        code = await node.run_async()
        assert code == node.exit_code
        return stage.world.loop.time()

    return stage.run(story)


def assert_never_traded(stage: Any, code: ExitCode) -> None:
    assert stage.node.exit_code == code
    assert stage.node.state is ComponentState.STOPPED
    assert "on_start" not in stage.strategy.seen
    assert stage.node.failure
    assert not any(client.connected for client in stage.clients.values())


# -- starting ----------------------------------------------------------------------------------------------------------


def test_row_265_one_adapter_raises_others_are_reconciled_and_the_trader_is_not_started(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=fail)
    stage.scripts["OTHER"] = lambda client: client.hold_order("O-FOREIGN")

    run_to_end(stage, venues=TWO)

    assert_never_traded(stage, ExitCode.RECONCILIATION_FAILED)
    assert stage.node.cache.order(ClientOrderId("O-FOREIGN")).status is OrderStatus.ACCEPTED
    assert "the venue is down" in stage.node.failure
    assert "reconcile with the venues" in stage.node.failure


@pytest.mark.parametrize("answer", ["none", "nonsense"])
def test_row_265_no_mass_status_is_a_failure(stage: Any, answer: str) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=lambda: answer)

    run_to_end(stage)

    assert_never_traded(stage, ExitCode.RECONCILIATION_FAILED)


def test_row_266_starting_in_spite_of_it_is_a_named_option_and_halts_that_venue(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=fail)

    async def story() -> None:
        task = await stage.running(engine={"reconciliation_fail_closed": False})
        order = limit(stage.strategy)
        stage.strategy.submit_order(order)
        await asyncio.sleep(0.1)
        assert order.status is OrderStatus.DENIED
        assert "HALTED" in order.last_event.reason
        assert not [call for call in stage.client.calls if call.startswith("submit")]

        stage.node.kernel.halts.release(stage.client.venue)
        second = limit(stage.strategy)
        stage.strategy.submit_order(second)
        await asyncio.sleep(0.1)
        assert second.status is OrderStatus.ACCEPTED
        stage.strategy.cancel_order(second)
        await asyncio.sleep(0.1)
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


def test_row_267_failed_reconciliation_ends_the_node_and_run_returns(stage: Any, caplog: Any) -> None:
    stage.scripts["SIM"] = lambda client: [
        client.hold_order("O-1"),
        client.hold_order("O-1", venue_order_id=VenueOrderId("V-2")),
    ]

    with caplog.at_level(logging.ERROR, "nautilus_live"):
        took_s = run_to_end(stage)

    assert_never_traded(stage, ExitCode.RECONCILIATION_FAILED)
    assert took_s < 1.0
    assert stage.node.cache.orders() == []
    assert "DuplicateClientOrderId" in stage.node.failure
    assert any("start failed" in record.getMessage() for record in caplog.records)
    assert stage.client.calls[-1] == "disconnect"


def test_row_268_reconciliation_ends_at_its_deadline(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=lambda: asyncio.sleep(10.5))
    stage.scripts["OTHER"] = lambda client: client.hold_order("O-FOREIGN")

    took_s = run_to_end(stage, venues=TWO)

    assert_never_traded(stage, ExitCode.RECONCILIATION_FAILED)
    assert took_s == pytest.approx(10.0, abs=0.01)
    assert "timeout_reconciliation" in stage.node.failure
    assert stage.node.cache.order(ClientOrderId("O-FOREIGN")) is not None


def test_row_269_a_venue_that_never_answers_does_not_hang_the_start(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=hang)

    took_s = run_to_end(stage, timeout_reconciliation=3.0)

    assert_never_traded(stage, ExitCode.RECONCILIATION_FAILED)
    assert took_s == pytest.approx(3.0, abs=0.01)


def test_row_269_a_venue_that_ignores_cancellation_does_not_hang_the_start(stage: Any) -> None:
    async def stubborn() -> None:
        for _ in range(3):
            try:
                await asyncio.sleep(20.0)
            except asyncio.CancelledError:
                continue

    stage.scripts["SIM"] = lambda client: [client.hold_order("O-LATE"), client.hooks.update(mass_status=stubborn)]

    async def story() -> None:
        node = stage.build(timeout_reconciliation=3.0)
        assert await node.run_async() == ExitCode.RECONCILIATION_FAILED
        assert stage.world.loop.time() < 4.0
        await asyncio.sleep(120.0)
        assert node.cache.orders() == []

    stage.run(story)


def test_row_270_connect_that_raises_fails_at_once(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(connect=fail)
    stage.scripts["OTHER"] = lambda client: client.hooks.update(connect=hang)

    took_s = run_to_end(stage, venues=TWO)

    assert_never_traded(stage, ExitCode.START_FAILED)
    assert took_s < 1.0
    assert "SIM could not connect: the venue is down" in stage.node.failure


def test_row_270_connect_that_never_completes_ends_at_timeout_connection(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(connect=hang)

    took_s = run_to_end(stage)

    assert_never_traded(stage, ExitCode.START_FAILED)
    assert took_s == pytest.approx(30.0, abs=0.01)
    assert "timeout_connection (30.0 s)" in stage.node.failure


def test_row_270_connect_that_fails_just_when_its_time_is_over_is_named(stage: Any, caplog: Any) -> None:
    """Found by the campaign at seed 668178: the failure was nobody's, and reached the event loop."""

    async def fail_late() -> None:
        await asyncio.sleep(30.0)
        raise WireError("the venue is down")

    stage.scripts["SIM"] = lambda client: client.hooks.update(connect=fail_late)

    assert run_to_end(stage) == pytest.approx(30.0, abs=0.01)
    assert "connecting was cut off, not connected: SIM" in caplog.text


def test_row_272_stop_during_reconciliation_cancels_the_start(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=lambda: asyncio.sleep(5.0))

    async def story() -> None:
        node = stage.build()
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        node.stop()
        assert await task == ExitCode.OK
        assert stage.world.loop.time() < 1.1
        await asyncio.sleep(60.0)
        assert stage.strategy.seen == []
        assert node.state is ComponentState.STOPPED

    stage.run(story)


def test_row_273_signal_while_connecting_aborts_the_wait(stage: Any) -> None:
    import signal

    stage.scripts["SIM"] = lambda client: client.hooks.update(connect=hang)

    async def story() -> None:
        node = stage.build()
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        stage.world.loop.deliver_signal(signal.SIGTERM)
        assert await task == ExitCode.OK
        assert stage.world.loop.time() < 1.2
        assert stage.strategy.seen == []

    stage.run(story)


def test_row_274_no_execution_clients(stage: Any) -> None:
    async def story() -> None:
        task = await stage.running(venues=())
        assert stage.strategy.seen == ["on_start"]
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


def test_row_275_reconciliation_off_warns_and_asks_nobody(stage: Any, caplog: Any) -> None:
    async def story() -> None:
        with caplog.at_level(logging.WARNING, "nautilus_live"):
            task = await stage.running(engine={"reconciliation": False})
        assert "mass_status" not in stage.client.calls
        assert any("deactivated" in record.getMessage() for record in caplog.records)
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


def test_row_276_after_a_failed_start_nothing_runs_on(stage: Any) -> None:
    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=fail)

    async def story() -> None:
        node = stage.build()
        await node.run_async()
        calls = list(stage.client.calls)
        await asyncio.sleep(3600.0)
        assert stage.client.calls == calls

    stage.run(story)


def test_row_288_cancellation_inside_report_gathering_fails_that_client_only(stage: Any) -> None:
    def cancelled() -> Any:
        raise asyncio.CancelledError

    stage.scripts["SIM"] = lambda client: client.hooks.update(mass_status=cancelled)
    stage.scripts["OTHER"] = lambda client: client.hold_order("O-FOREIGN")

    run_to_end(stage, venues=TWO)

    assert_never_traded(stage, ExitCode.RECONCILIATION_FAILED)
    assert "the client's query was cancelled" in stage.node.failure
    assert stage.node.cache.order(ClientOrderId("O-FOREIGN")) is not None


def test_unknown_instrument_is_loaded_on_demand(stage: Any) -> None:
    from msgspec import structs

    odd = InstrumentId.from_str("ODD.SIM")

    def script(client: Any) -> None:
        client.hold_order("O-ODD", instrument_id=odd)
        client.hooks["mass_status"] = lambda: client.instruments.update(
            {odd: structs.replace(stage.node.cache.instrument(BTC), id=odd)}
        )

    stage.scripts["SIM"] = script

    async def story() -> None:
        task = await stage.running(timeout_post_stop=0.1)
        assert stage.node.cache.instrument(odd).id == odd
        assert stage.node.cache.order(ClientOrderId("O-ODD")).status is OrderStatus.ACCEPTED
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    stage.run(story)


def test_unknown_instrument_that_the_venue_cannot_define_fails_closed(stage: Any) -> None:
    odd = InstrumentId.from_str("ODD.SIM")

    def script(client: Any) -> None:
        client.hold_order("O-ODD", instrument_id=odd)

    stage.scripts["SIM"] = script
    run_to_end(stage)

    assert_never_traded(stage, ExitCode.RECONCILIATION_FAILED)
    assert "load_instrument" in stage.client.calls
    assert "ODD.SIM" in stage.node.failure


def test_strategy_finds_the_reconciled_state_at_on_start_and_is_not_told_of_its_making(stage: Any) -> None:
    found: dict[str, Any] = {}

    def look(strategy: Any) -> None:
        found["open"] = strategy.cache.orders_open()
        found["flat"] = strategy.portfolio.is_flat(BTC)

    stage.strategy.at_start = look

    def script(client: Any) -> None:
        client.hold_order("O-REST")
        client.hold_position("2.000")

    stage.scripts["SIM"] = script

    async def story() -> None:
        task = await stage.running()
        assert [str(order.client_order_id) for order in found["open"]] == ["O-REST"]
        assert found["flat"] is False
        assert stage.strategy.seen == ["on_start"]
        stage.client.orders.clear()
        await stage.node.stop_async()
        await task

    stage.run(story)


def test_held_position_that_the_mass_status_omits_is_asked_for_again(make_stage: Any) -> None:
    first = make_stage()
    first.scripts["SIM"] = lambda client: client.hold_position("2.000")

    async def live() -> None:
        task = await first.running()
        await first.node.stop_async()
        await task

    first.run(live)
    again = make_stage()
    again.store = first.store
    again.scripts["SIM"] = lambda client: (
        client.position_answers.update({BTC: [client.hold_position("2.000")]}) or (client.positions.clear())
    )

    async def restart() -> None:
        task = await again.running()
        assert f"positions {BTC}" in again.client.calls
        assert [position.signed_qty for position in again.node.cache.positions_open()] == [Decimal(2)]
        await again.node.stop_async()
        await task

    again.run(restart)

    unanswered = make_stage()
    unanswered.store = first.store
    unanswered.scripts["SIM"] = lambda client: client.position_answers.update({BTC: WireError("rate limited")})
    run_to_end(unanswered)
    assert_never_traded(unanswered, ExitCode.RECONCILIATION_FAILED)


def test_filtered_position_reports_are_not_asked_for_again(make_stage: Any) -> None:
    first = make_stage()
    first.scripts["SIM"] = lambda client: client.hold_position("2.000")

    async def start_and_stop(stage: Any, **settings: Any) -> None:
        task = await stage.running(**settings)
        await stage.node.stop_async()
        assert await task == ExitCode.OK

    first.run(lambda: start_and_stop(first))
    again = make_stage()
    again.store = first.store
    again.run(lambda: start_and_stop(again, engine={"filter_position_reports": True}))
    assert not [call for call in again.client.calls if call.startswith("positions")]
    assert [position.signed_qty for position in again.node.cache.positions()] == [Decimal(2)]


def test_mass_status_is_published_once(stage: Any) -> None:
    heard: list[Any] = []

    async def story() -> None:
        node = stage.build()
        node.kernel.msgbus.subscribe("reports.execution.SIM", heard.append)
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        await node.stop_async()
        await task
        assert len(heard) == 1

    stage.run(story)


@pytest.mark.parametrize("action", [step.action for step in START_STEPS])
def test_stop_before_any_step_of_the_start_ends_in_stopped_without_on_start(stage: Any, action: str) -> None:
    stage.step_hook = lambda name: stage.node.stop() if name == action else None

    run_to_end(stage)

    assert stage.node.exit_code == ExitCode.OK
    assert stage.node.state is ComponentState.STOPPED
    assert stage.strategy.seen == []
    assert stage.strategy.state is ComponentState.READY


@pytest.mark.parametrize("at_s", [0.0, 0.0005, 0.1, 0.4, 0.6, 0.9, 1.1])
@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_stop_or_cancel_at_any_time_of_a_slow_start_leaves_nothing(make_stage: Any, at_s: float, how: str) -> None:
    stage = make_stage()

    def script(client: Any) -> None:
        client.hooks.update(
            connect=lambda: asyncio.sleep(0.5),
            mass_status=lambda: asyncio.sleep(0.5),
            disconnect=lambda: asyncio.sleep(0.2),
        )

    stage.scripts["SIM"] = script

    async def story() -> None:
        node = stage.build()
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(at_s)
        if how == "stop":
            node.stop()
            await task
        else:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert node.state is ComponentState.STOPPED
        started = "on_start" in stage.strategy.seen
        await asyncio.sleep(30.0)
        assert stage.strategy.seen == (["on_start", "on_stop"] if started else [])
        assert started == (at_s > 1.0)

    stage.run(story)


def test_stop_before_the_run_is_remembered(stage: Any) -> None:
    async def story() -> None:
        node = stage.build()
        node.stop()
        assert await node.run_async() == ExitCode.OK
        assert stage.steps[:3] == ["leave_markets", "stop_monitors", "stop_trader"]
        assert stage.strategy.seen == []
        assert stage.client.calls == []

    stage.run(story)


def test_strategy_that_stops_the_node_in_on_start_is_stopped_in_order(stage: Any) -> None:
    stage.strategy.at_start = lambda strategy: stage.node.stop()

    run_to_end(stage)

    assert stage.strategy.seen == ["on_start", "on_stop"]
    assert stage.node.exit_code == ExitCode.OK
