"""The monitors' loops and the in-flight check in a whole node, in virtual time; numbers are rows of BEHAVIOUR.md."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from nautilus_live.engine.inquiries import ANSWER_S_MAX
from nautilus_live.engine.monitors import QUESTIONS_AT_ONCE_MAX
from nautilus_live.errors import WireError
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderEvent,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
)
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport
from tests.engine.checking import POLLING, Answers, Running, filled, kinds, started, stopped, submitted, trade
from tests.live.conftest import FakeClient


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


# -- the loops ---------------------------------------------------------------------------------------------------------


def test_checks_begin_after_the_delay_and_keep_to_their_grid_however_long_a_cycle_takes(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        began = stage.world.loop.time()
        venue.on_list = lambda: asyncio.sleep(3.0, [])
        await asyncio.sleep(30.0)
        assert [round(at - began) for at in venue.lists_s] == [1, 6, 11, 16, 21, 26]
        await stopped(stage)

    stage.run(story)


def test_turns_that_were_missed_are_not_made_up(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        began = stage.world.loop.time()
        venue.on_list = lambda: asyncio.sleep(12.0, [])
        await asyncio.sleep(40.0)
        assert [round(at - began) for at in venue.lists_s] == [1, 16, 31]
        await stopped(stage)

    stage.run(story)


@pytest.mark.parametrize("interval", [None, 0])
def test_checks_that_are_off_ask_nothing(stage: Running, interval: int | None) -> None:
    async def story() -> None:
        (venue,) = await started(stage, open_check_interval_secs=interval, inflight_check_interval_ms=0)
        await submitted(stage, accepted=False)
        await asyncio.sleep(600.0)
        assert (venue.lists_s, venue.orders_s) == ([], [])
        assert stage.node.kernel.monitors.stop() == []
        await stopped(stage)

    stage.run(story)


def test_row_276_a_start_that_failed_has_no_checks(stage: Running) -> None:
    venues: list[Answers] = []

    def script(client: FakeClient) -> None:
        client.hooks["mass_status"] = lambda: "none"
        venues.append(Answers(stage, client))

    async def story() -> None:
        stage.scripts["SIM"] = script
        node = stage.build(engine=POLLING)
        assert await node.run_async() == ExitCode.RECONCILIATION_FAILED
        await asyncio.sleep(600.0)
        assert venues[0].lists_s == []

    stage.run(story)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_nothing_is_asked_or_applied_after_a_stop_and_a_question_under_way_does_not_delay_it(
    stage: Running, how: str
) -> None:
    async def story() -> None:
        (venue,) = await started(stage, open_check_interval_secs=5.0)
        order = await submitted(stage, accepted=False)
        venue.on_list = lambda: asyncio.sleep(1e6)
        venue.on_order = lambda _: asyncio.sleep(1e6)
        await asyncio.sleep(8.0)
        asked = (len(venue.lists_s), len(venue.orders_s))
        assert asked == (1, 1)
        before = stage.world.loop.time()
        if how == "stop":
            stage.node.stop()
        else:
            stage.node.kill()
        await stage.task
        assert stage.world.loop.time() - before < 10.5, "timeout_post_stop waits for the order, nothing else"
        await asyncio.sleep(600.0)
        assert (len(venue.lists_s), len(venue.orders_s)) == asked
        assert order.status is OrderStatus.SUBMITTED

    stage.run(story)


def test_a_cycle_that_raises_is_logged_with_its_traceback_and_the_next_one_comes(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        cache = stage.node.cache
        right = cache.orders_open

        def wrong(**_: Any) -> list[Order]:
            raise RuntimeError("a bug of ours")

        cache.orders_open = wrong  # type: ignore[method-assign,assignment]  # planted
        await asyncio.sleep(3.0)
        cache.orders_open = right  # type: ignore[method-assign]  # healed
        await asyncio.sleep(5.0)
        assert len(venue.lists_s) == 2
        await stopped(stage)

    with caplog.at_level(logging.ERROR, "nautilus_live"):
        stage.run(story)
    failures = [record for record in caplog.records if "a cycle failed" in record.getMessage()]
    assert [str(record.exc_info[1]) for record in failures if record.exc_info] == ["a bug of ours"]


# -- the in-flight check -----------------------------------------------------------------------------------------------


def test_row_164_not_there_ends_the_order_and_everybody_hears_of_it(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage, accepted=False)
        await asyncio.sleep(60.0)
        assert len(venue.orders_s) == 5 + 1, "and a second look"
        assert (order.status, order.provisional) == (OrderStatus.REJECTED, True)
        assert order.last_event.provenance is Provenance.POLICY
        assert stage.strategy.seen[-1] == "OrderRejected"
        assert kinds(stage) == ["inflight.resolved"]
        await stopped(stage)

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert "taken as REJECTED" in caplog.text


@pytest.mark.parametrize(
    "failure",
    [WireError("no connection"), TimeoutError(), ValueError("a bug of the adapter"), asyncio.CancelledError(), "junk"],
    ids=["wire", "time", "bug", "cancelled", "junk"],
)
def test_row_177_a_question_that_fails_in_any_way_proves_nothing_and_is_asked_again(
    stage: Running, failure: Any
) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        venue.on_order = lambda _: failure
        order = await submitted(stage, accepted=False)
        await asyncio.sleep(600.0)
        assert len(venue.orders_s) > 90
        assert order.status is OrderStatus.SUBMITTED
        assert stage.alarms == []
        stage.clients["SIM"].emit(OrderCanceled, order)
        await stopped(stage)

    stage.run(story)


def test_a_client_that_never_answers_is_asked_again_when_its_time_is_over(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        venue.on_order = lambda _: asyncio.sleep(1e6)
        order = await submitted(stage, accepted=False)
        await asyncio.sleep(ANSWER_S_MAX * 3)
        assert len(venue.orders_s) == 3
        stage.clients["SIM"].emit(OrderCanceled, order)
        await stopped(stage)

    stage.run(story)


def test_one_client_that_hangs_keeps_no_other_waiting(stage: Running) -> None:
    async def story() -> None:
        slow, good = await started(stage, ("SIM", "ALT"))
        slow.on_order = lambda _: asyncio.sleep(1e6)
        first = await submitted(stage, "O-1", "SIM", accepted=False)
        second = await submitted(stage, "O-2", "ALT", accepted=False)
        await asyncio.sleep(40.0)
        assert (first.status, second.status) == (OrderStatus.SUBMITTED, OrderStatus.REJECTED)
        assert len(good.orders_s) == 5
        stage.clients["SIM"].emit(OrderCanceled, first)
        await stopped(stage)

    stage.run(story)


def test_questions_at_one_client_are_under_way_in_bounded_number(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        venue.on_order = lambda query: asyncio.sleep(1.0, venue.find(query))
        for number in range(25):
            await submitted(stage, f"O-{number}", accepted=False)
            stage.clients["SIM"].hold_order(f"O-{number}")
        await asyncio.sleep(20.0)
        moments = [at for at, _ in venue.orders_s]
        assert [moments.count(at) for at in dict.fromkeys(moments)] == [QUESTIONS_AT_ONCE_MAX, QUESTIONS_AT_ONCE_MAX, 5]
        assert len(stage.node.cache.orders_open()) == 25
        await stopped(stage)

    stage.run(story)


def test_an_order_that_moves_while_its_question_waits_for_its_turn_is_not_asked_about(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        venue.on_order = lambda query: asyncio.sleep(1.0, venue.find(query))
        orders = [await submitted(stage, f"O-{number}", accepted=False) for number in range(QUESTIONS_AT_ONCE_MAX + 1)]
        for order in orders:
            stage.clients["SIM"].hold_order(order.client_order_id.value)
        while not venue.orders_s:  # noqa: ASYNC110  # virtual time: nobody waits
            await asyncio.sleep(0.1)
        stage.clients["SIM"].emit(OrderAccepted, orders[-1])
        await asyncio.sleep(10.0)
        assert len(venue.orders_s) == QUESTIONS_AT_ONCE_MAX
        assert {order.status for order in orders} == {OrderStatus.ACCEPTED}
        await stopped(stage)

    stage.run(story)


def test_row_173_an_answer_without_our_id_is_about_the_order_that_was_asked_about(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage, accepted=False)
        report = stage.clients["SIM"].hold_order("O-1")
        stage.clients["SIM"].orders.clear()
        venue.on_order = lambda _: without_id(report)
        await asyncio.sleep(10.0)
        assert order.status is OrderStatus.ACCEPTED
        assert [one.client_order_id.value for one in stage.node.cache.orders()] == ["O-1"]
        await stopped(stage)

    stage.run(story)


def test_row_174_canceled_with_a_part_filled_brings_the_real_trade_and_the_account(stage: Running) -> None:
    async def story() -> None:
        await started(stage)
        order = await submitted(stage, accepted=False)
        client = stage.clients["SIM"]
        trade(client, order, "0.400")
        filled(client, order, "0.400", OrderStatus.CANCELED)
        await asyncio.sleep(10.0)
        assert (order.status, str(order.filled_qty)) == (OrderStatus.CANCELED, "0.400")
        assert [str(one) for one in order.trade_ids] == ["T-1"]
        assert str(stage.node.cache.positions_open()[0].quantity) == "0.400"
        assert "query_account" in client.calls
        await stopped(stage)

    stage.run(story)


def test_an_answer_that_the_stream_has_overtaken_is_dropped(stage: Running) -> None:
    """The answer was true when it was given; by the time it arrives the order has moved on."""

    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage, accepted=False)
        client = stage.clients["SIM"]
        report = client.hold_order("O-1", ts_last=1)
        venue.on_order = lambda _: asyncio.sleep(1.0, report)
        await asyncio.sleep(7.5)
        assert len(venue.orders_s) == 1
        client.emit(OrderAccepted, order)
        client.fill(order)
        await asyncio.sleep(5.0)
        assert order.status is OrderStatus.FILLED
        assert (stage.alarms, stage.node.kernel.exec_engine.quarantined_orders()) == ([], {})
        await stopped(stage)

    stage.run(story)


@pytest.mark.parametrize(
    ("events", "used"),
    [
        ([OrderPendingCancel, OrderCancelRejected], True),
        ([OrderPendingUpdate, OrderModifyRejected, OrderPendingCancel, OrderCancelRejected], True),
        ([OrderPendingCancel], False),
        ([OrderPendingCancel, OrderCancelRejected, OrderPendingCancel], False),
    ],
    ids=str,
)
def test_an_answer_is_not_overtaken_by_requests_that_were_refused_meanwhile(
    stage: Running, events: list[type[OrderEvent]], used: bool
) -> None:
    """They changed nothing at the venue: what it answered is as true as before."""

    async def story() -> None:
        (venue,) = await started(stage)
        order = await submitted(stage, accepted=False)
        client = stage.clients["SIM"]
        report = client.hold_order("O-1", ts_last=1)
        venue.on_order = lambda _: asyncio.sleep(1.0, report)
        await asyncio.sleep(7.5)
        assert len(venue.orders_s) == 1
        for kind in events:
            client.emit(kind, order)
        await asyncio.sleep(1.0)
        assert (order.last_event.provenance is Provenance.RECONCILIATION) is used
        assert (order.status is OrderStatus.ACCEPTED) is used
        await stopped(stage)

    stage.run(story)


def test_a_contradiction_that_stays_is_alarmed_once(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, open_check_interval_secs=5.0)
        order = await submitted(stage)
        client = stage.clients["SIM"]
        client.answers_cancels = False
        stage.strategy.cancel_order(order)
        filled(client, order, "3.000", OrderStatus.PENDING_CANCEL)
        await asyncio.sleep(100.0)
        assert len(venue.orders_s) > 10
        assert kinds(stage) == ["order.overfilled", "inflight.stuck"]
        assert order.status is OrderStatus.PENDING_CANCEL
        await stopped(stage)

    stage.run(story)


def without_id(report: OrderStatusReport) -> OrderStatusReport:
    return OrderStatusReport(
        **{name: getattr(report, name) for name in report.__struct_fields__ if name != "client_order_id"}
    )
