"""Reconciliation after a gap: a node on a simulated loop, with a client whose venue answers when the test says so."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from nautilus_live.engine.alarms import ConnectionChange, StreamGap
from nautilus_live.errors import WireError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderStatus
from tests.engine.reconnecting import SIM, Running

SECOND_NS = 1_000_000_000


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


def test_a_gap_is_told_when_what_it_hid_is_known(stage: Running) -> None:
    async def story() -> None:
        order = await stage.begin(reconnect_margin_secs=2.0)
        lost_ns = stage.node.kernel.clock.timestamp_ns()
        stage.lose(since_ns=lost_ns - SECOND_NS)
        await asyncio.sleep(5.0)
        stage.venue_order(order, OrderStatus.FILLED, "1.000")
        stage.venue_trade(order, "T-1", "1.000")
        stage.come_back()
        await asyncio.sleep(0.01)

        assert order.status is OrderStatus.FILLED
        assert stage.asked == [
            "fill_reports",
            "order_status_reports",
            "order_status_reports",
            "position_status_reports",
        ]
        assert stage.starts[:2] == [lost_ns - 3 * SECOND_NS] * 2
        (gap,) = stage.gaps()
        assert (gap.client_id, gap.start_ns, gap.reconciled, gap.side) == (SIM, lost_ns - SECOND_NS, True, "execution")
        assert gap.end_ns - gap.start_ns == 6 * SECOND_NS
        kinds = [type(event) for event in stage.told]
        assert kinds.index(StreamGap) > max(i for i, kind in enumerate(kinds) if kind is ConnectionChange)
        await stage.end()

    stage.run(story)


def test_nothing_new_goes_out_from_the_loss_until_all_is_known(stage: Running) -> None:
    async def story() -> None:
        await stage.begin()
        sent = len(stage.client.calls)
        stage.lose()
        lost = stage.submit()
        stage.answers.clear()
        await asyncio.sleep(1.0)
        stage.come_back()
        unreconciled = stage.submit()
        await asyncio.sleep(1.0)
        assert not [call for call in stage.client.calls[sent:] if call.startswith("submit")]
        assert lost.last_event.reason == "SIM is disconnected (cut)"
        assert "SIM is not reconciled yet after a gap" in unreconciled.last_event.reason
        stage.answers.set()
        await asyncio.sleep(0.01)
        order = stage.submit()
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.ACCEPTED
        await stage.end()

    stage.run(story)


def test_a_return_without_a_loss_is_no_gap(stage: Running) -> None:
    async def story() -> None:
        await stage.begin()
        stage.come_back()
        await asyncio.sleep(1.0)
        assert (stage.asked, stage.gaps()) == ([], [])
        await stage.end()

    stage.run(story)


def test_a_client_that_says_that_it_missed_something_is_reconciled_like_one_that_was_lost(stage: Running) -> None:
    async def story() -> None:
        order = await stage.begin(reconnect_margin_secs=0.0)
        stage.venue_order(order, OrderStatus.CANCELED)
        since_ns = stage.node.kernel.clock.timestamp_ns()
        await asyncio.sleep(1.0)
        stage.client.context.sink.receive_missed(SIM, since_ns, "sequence 7 after 5")
        held = stage.submit()
        await asyncio.sleep(0.01)
        assert (held.status, order.status) == (OrderStatus.DENIED, OrderStatus.CANCELED)
        assert [gap.reason for gap in stage.gaps()] == ["sequence 7 after 5"]
        assert stage.starts[0] == since_ns
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize(
    "failing", ["generate_fill_reports", "generate_order_status_reports", "generate_position_status_reports"]
)
def test_an_unanswered_question_keeps_the_client_held_with_one_alarm_each_way(stage: Running, failing: str) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.failing[failing] = WireError("503")
        stage.venue_order(order, OrderStatus.CANCELED)
        stage.lose()
        stage.come_back()
        await asyncio.sleep(120.0)
        tries = stage.asked.count(failing.removeprefix("generate_"))
        assert 7 <= tries <= 10
        assert order.status is OrderStatus.ACCEPTED
        denied = stage.submit()
        await asyncio.sleep(0.01)
        assert denied.status is OrderStatus.DENIED
        assert [alarm.kind for alarm in stage.alarms] == ["reconnect.held"]
        stage.failing.clear()
        await asyncio.sleep(40.0)
        assert order.status is OrderStatus.CANCELED
        assert [alarm.kind for alarm in stage.alarms] == ["reconnect.held", "reconnect.released"]
        assert len(stage.gaps()) == 1
        await stage.end()

    stage.run(story)


def test_a_loss_during_the_recovery_makes_one_gap_from_the_first_loss_on(stage: Running) -> None:
    async def story() -> None:
        order = await stage.begin(reconnect_margin_secs=0.0)
        first_ns = stage.node.kernel.clock.timestamp_ns()
        stage.lose()
        await asyncio.sleep(1.0)
        stage.answers.clear()
        stage.come_back()
        await asyncio.sleep(1.0)
        stage.lose()
        stage.venue_order(order, OrderStatus.CANCELED)
        await asyncio.sleep(1.0)
        stage.answers.set()
        await asyncio.sleep(60.0)
        assert order.status is OrderStatus.ACCEPTED, "what was asked before the second loss is not used"
        stage.come_back()
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.CANCELED
        assert [gap.start_ns for gap in stage.gaps()] == [first_ns]
        await stage.end()

    stage.run(story)


def test_a_long_absence_is_alarmed_once_and_so_is_the_return(stage: Running) -> None:
    async def story() -> None:
        await stage.begin(disconnected_alarm_secs=30.0)
        stage.lose()
        await asyncio.sleep(10.0)
        stage.lose()
        await asyncio.sleep(19.0)
        assert stage.alarms == []
        await asyncio.sleep(300.0)
        assert [alarm.kind for alarm in stage.alarms] == ["connection.down"]
        stage.come_back()
        await asyncio.sleep(1.0)
        assert [alarm.kind for alarm in stage.alarms] == ["connection.down", "connection.back"]
        await stage.end()

    stage.run(story)


def test_without_reconciliation_the_gap_is_told_and_nothing_asked(stage: Running) -> None:
    async def story() -> None:
        await stage.begin(reconcile_on_reconnect=False)
        stage.lose()
        await asyncio.sleep(1.0)
        stage.come_back()
        await asyncio.sleep(1.0)
        assert stage.asked == []
        assert [gap.reconciled for gap in stage.gaps()] == [False]
        order = stage.submit()
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.ACCEPTED
        await stage.end()

    stage.run(story)


def test_an_order_that_no_list_mentions_is_asked_about_and_ends_by_nobodys_silence(stage: Running) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.lose()
        stage.come_back()
        await asyncio.sleep(1.0)
        assert stage.client.calls.count("order_status") == 1
        assert order.status is OrderStatus.ACCEPTED
        assert len(stage.gaps()) == 1
        await stage.end()

    stage.run(story)


def test_trades_that_the_list_lacks_are_asked_for_and_inferred_only_when_there_are_none(stage: Running) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.venue_order(order, OrderStatus.FILLED, "1.000")
        stage.lose()
        stage.come_back()
        await asyncio.sleep(1.0)
        assert stage.asked.count("fill_reports") == 2
        assert order.status is OrderStatus.FILLED
        assert order.last_event.inferred
        await stage.end()

    stage.run(story)


def test_a_position_is_aligned_after_three_looks_that_agree(stage: Running) -> None:
    async def story() -> None:
        await stage.begin()
        stage.client.hold_position("2.000")
        stage.lose()
        stage.come_back()
        await asyncio.sleep(1.0)
        assert stage.node.cache.positions_open() == []
        assert stage.gaps() == []
        await asyncio.sleep(5.0)
        assert [position.signed_qty for position in stage.node.cache.positions_open()] == [Decimal(2)]
        assert stage.asked.count("position_status_reports") == 3
        assert len(stage.gaps()) == 1
        await stage.end()

    stage.run(story)


def test_a_position_that_a_late_trade_explains_is_not_made_up(stage: Running) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.client.hold_position("1.000")
        stage.venue_order(order, OrderStatus.ACCEPTED)
        stage.lose()
        stage.come_back()
        await asyncio.sleep(0.2)
        stage.live_trade(order, "T-1", "1.000")
        stage.client.orders.clear()
        stage.venue_order(order, OrderStatus.FILLED, "1.000")
        await asyncio.sleep(30.0)
        assert [position.signed_qty for position in stage.node.cache.positions_open()] == [Decimal(1)]
        assert len(stage.node.cache.orders()) == 1
        await stage.end()

    stage.run(story)


def test_a_gap_before_the_start_is_over_waits_for_it(stage: Running) -> None:
    def lose_and_return(action: str) -> None:
        if action == "initialise_portfolio":
            stage.lose()
            stage.come_back()
            assert "order_status" not in stage.client.calls

    stage.step_hook = lose_and_return

    async def story() -> None:
        await stage.begin()
        await asyncio.sleep(1.0)
        assert stage.node.kernel.exec_engine.connections.gaps() == []
        await stage.end()

    stage.run(story)


def test_after_a_stop_nothing_is_asked_or_applied(stage: Running) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.answers.clear()
        stage.venue_order(order, OrderStatus.CANCELED)
        stage.lose()
        stage.come_back()
        await asyncio.sleep(0.01)
        asked = list(stage.asked)
        node = stage.node
        await node.stop_async()
        await stage.task
        stage.answers.set()
        await asyncio.sleep(10.0)
        assert stage.asked == asked
        assert order.status is not OrderStatus.FILLED
        assert node.exit_code == 0

    stage.run(story)
