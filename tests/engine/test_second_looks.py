"""Second looks: what settles a doubt, on a whole node whose venue answers as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from nautilus_live.core.conclusions import conclude
from nautilus_live.core.reconciliation.types import Plan
from nautilus_live.errors import WireError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderCancelRejected, OrderPendingCancel, OrderRejected
from nautilus_live.model.identifiers import TradeId, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport
from tests.live.conftest import BTC, Stage


class Doubting(Stage):
    """A stage whose node has given up an order."""

    task: asyncio.Task[int]

    def __init__(self) -> None:
        super().__init__()
        self.asked_s: list[float] = []
        self.on_list: Callable[[], Any] = lambda: list(self.client.orders)

    async def begin(self, kind: Any = OrderRejected, **engine: Any) -> Order:
        """Start the node, send an order, and let the node end it without the venue."""
        settings = {"inflight_check_interval_ms": 0, **engine}
        self.task = await self.running(engine=settings, timeout_post_stop=0.1)
        self.client.auto_accept = kind is not OrderRejected
        order = self.submit()
        await asyncio.sleep(0.01)
        self.client.generate_order_status_reports = self._list  # type: ignore[method-assign]  # the venue behind it
        self.give_up(order, kind)
        return order

    async def _list(self, query: Any) -> Any:
        self.asked_s.append(self.world.loop.time())
        found = self.on_list()
        if isinstance(found, Exception):
            raise found
        return found

    def submit(self) -> Order:
        order = self.strategy.order_factory.limit(
            BTC, OrderSide.BUY, Quantity.from_str("1.000"), Price.from_str("50000.00")
        )
        self.strategy.submit_order(order)
        return order

    def give_up(self, order: Order, kind: Any) -> None:
        if kind is OrderCanceled:
            self.client.emit(OrderPendingCancel, order)
            self.node.kernel.exec_engine._events.drain()
        event = conclude(order, kind, "INFLIGHT_TIMEOUT", self.node.kernel.clock.timestamp_ns())
        self.node.kernel.exec_engine.apply_plan(Plan(events=[event]))

    def uncertain(self) -> list[str]:
        return list(self.node.kernel.exec_engine.uncertain_instruments().values())

    async def end(self) -> None:
        await self.node.stop_async()
        await self.task


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Doubting:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Doubting()


def test_two_whole_lists_without_the_order_settle_it(stage: Doubting) -> None:
    async def story() -> None:
        order = await stage.begin()
        assert len(stage.uncertain()) == 1
        await asyncio.sleep(6.0)
        assert stage.uncertain() == []
        assert order.status is OrderStatus.REJECTED
        held = stage.submit()
        await asyncio.sleep(0.1)
        assert held.status is OrderStatus.SUBMITTED
        stage.client.emit(OrderCanceled, held)
        await asyncio.sleep(300.0)
        assert len(stage.asked_s) == 1, "what is certain is not asked about"
        await stage.end()

    stage.run(story)


def test_an_order_among_the_open_ones_works_again(stage: Doubting) -> None:
    async def story() -> None:
        order = await stage.begin(OrderCanceled)
        stage.client.hold_order(str(order.client_order_id))
        await asyncio.sleep(6.0)
        assert stage.uncertain() == []
        assert (order.status, order.provisional) == (OrderStatus.ACCEPTED, False)
        await stage.end()

    stage.run(story)


def test_an_order_that_lists_leave_out_is_found_when_it_is_asked_about_alone(stage: Doubting) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.on_list = list
        stage.client.hold_order(str(order.client_order_id))
        await asyncio.sleep(6.0)
        assert stage.uncertain() == []
        assert (order.status, order.provisional) == (OrderStatus.ACCEPTED, False)
        await stage.end()

    stage.run(story)


def test_lists_without_the_order_settle_nothing_while_it_cannot_be_asked_about_alone(stage: Doubting) -> None:
    async def story() -> None:
        await stage.begin()
        stage.client.hooks["order_status"] = lambda: (_ for _ in ()).throw(WireError("503"))
        await asyncio.sleep(60.0)
        assert (len(stage.uncertain()), len(stage.asked_s)) == (1, 3)
        del stage.client.hooks["order_status"]
        await asyncio.sleep(60.0)
        assert stage.uncertain() == []
        await stage.end()

    stage.run(story)


def test_a_trade_of_the_order_is_applied_and_the_account_asked_for(stage: Doubting) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.client.fills.append(
            FillReport(
                account_id=stage.client.account_id,
                instrument_id=BTC,
                venue_order_id=VenueOrderId("V-1"),
                client_order_id=order.client_order_id,
                trade_id=TradeId("T-1"),
                order_side=order.side,
                last_qty=Quantity.from_str("1.000"),
                last_px=Price.from_str("50000.00"),
                liquidity_side=LiquiditySide.MAKER,
                ts_event=stage.node.kernel.clock.timestamp_ns(),
            )
        )
        await asyncio.sleep(6.0)
        assert stage.uncertain() == []
        assert order.status is OrderStatus.FILLED
        assert "query_account" in stage.client.calls
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize("failure", [WireError("503"), ValueError("a bug of the adapter")], ids=["wire", "bug"])
def test_no_answer_settles_nothing_and_is_asked_for_ever_less_often(stage: Doubting, failure: Exception) -> None:
    async def story() -> None:
        await stage.begin()
        stage.on_list = lambda: failure
        await asyncio.sleep(390.0)
        assert len(stage.uncertain()) == 1
        assert [round(b - a) for a, b in pairwise(stage.asked_s)] == [10, 20, 40, 60, 60, 60, 60, 60]
        stage.on_list = list
        await asyncio.sleep(60.0)
        assert stage.uncertain() == []
        await stage.end()

    stage.run(story)


def test_a_position_is_trusted_when_it_is_the_venues(stage: Doubting) -> None:
    async def story() -> None:
        await stage.begin()
        stage.client.fills.clear()
        stage.client.hold_position("1.000")
        await asyncio.sleep(6.0)
        doubts = stage.node.kernel.exec_engine.doubts
        doubts.mark_uncertain(BTC, "we hold nothing, the venue 1")
        await asyncio.sleep(100.0)
        assert stage.uncertain() == ["we hold nothing, the venue 1"]
        stage.client.positions.clear()
        await asyncio.sleep(100.0)
        assert len(stage.uncertain()) == 1, "a venue that reports nothing says nothing"
        stage.client.hold_position("0.000")
        await asyncio.sleep(100.0)
        assert stage.uncertain() == []
        await stage.end()

    stage.run(story)


def test_what_was_given_up_before_a_start_without_reconciliation_is_doubted_anew() -> None:
    first = Doubting()

    async def live() -> None:
        await first.begin()
        await first.end()

    first.run(live)
    again = Doubting()
    again.store = first.store

    async def restart() -> None:
        task = await again.running(engine={"reconciliation": False, "inflight_check_interval_ms": 0})
        assert len(again.uncertain()) == 1
        await asyncio.sleep(6.0)
        assert again.uncertain() == []
        await again.node.stop_async()
        await task

    again.run(restart)


def test_a_reconciled_start_is_the_second_look() -> None:
    first = Doubting()

    async def live() -> None:
        await first.begin()
        await first.end()

    first.run(live)
    again = Doubting()
    again.store = first.store

    async def restart() -> None:
        task = await again.running()
        assert again.uncertain() == []
        await again.node.stop_async()
        await task

    again.run(restart)


def test_an_order_that_waits_for_nothing_any_more_is_not_doubted_on(stage: Doubting) -> None:
    async def story() -> None:
        settings = {"uncertain_after_secs": 20.0, "inflight_check_interval_ms": 0}
        stage.task = await stage.running(engine=settings, timeout_post_stop=0.1)
        order = stage.submit()
        await asyncio.sleep(0.1)
        stage.client.emit(OrderPendingCancel, order)
        await asyncio.sleep(30.0)
        assert len(stage.uncertain()) == 1
        stage.client.emit(OrderCancelRejected, order, reason="NOT_SENT", provenance=Provenance.LOCAL)
        await asyncio.sleep(0.1)
        assert order.status is OrderStatus.ACCEPTED
        await asyncio.sleep(60.0)
        assert stage.uncertain() == []
        await stage.end()

    stage.run(story)


# -- orders that wait --------------------------------------------------------------------------------------------------


def test_an_order_that_nobody_answers_for_is_alarmed_once_and_its_instrument_held(stage: Doubting) -> None:
    async def story() -> None:
        stage.task = await stage.running(engine={"uncertain_after_secs": 20.0}, timeout_post_stop=0.1)
        stage.client.auto_accept = False
        stage.client.hooks["order_status"] = lambda: (_ for _ in ()).throw(WireError("503"))
        order = stage.submit()
        await asyncio.sleep(19.0)
        assert stage.uncertain() == []
        await asyncio.sleep(200.0)
        assert [alarm.kind for alarm in stage.alarms] == ["order.unheard"]
        assert order.status is OrderStatus.SUBMITTED
        held = stage.submit()
        await asyncio.sleep(0.1)
        assert held.status is OrderStatus.DENIED
        stage.client.emit(OrderCanceled, order)
        await asyncio.sleep(0.1)
        assert stage.uncertain() == []
        await stage.end()

    stage.run(story)


def test_an_order_that_the_venue_has_is_certain_however_long_a_request_about_it_takes(stage: Doubting) -> None:
    async def story() -> None:
        settings = {"uncertain_after_secs": 20.0, "inflight_check_interval_ms": 0}
        stage.task = await stage.running(engine=settings, timeout_post_stop=0.1)
        order = stage.submit()
        await asyncio.sleep(0.1)
        stage.client.hold_order(str(order.client_order_id), OrderStatus.PENDING_CANCEL)
        stage.client.emit(OrderPendingCancel, order)
        await asyncio.sleep(300.0)
        assert order.status is OrderStatus.PENDING_CANCEL
        assert stage.uncertain() == []
        assert stage.client.calls.count("order_status") == 1
        await stage.end()

    stage.run(story)


# -- orders of which a report is needed --------------------------------------------------------------------------------


def overfilled(stage: Doubting, order: Order) -> None:
    """Let the venue say of the order what cannot be, so that it is set aside."""
    name, quantity = str(order.client_order_id), Quantity.from_str("3.000")
    report = stage.client.hold_order(name, OrderStatus.FILLED, filled_qty=quantity, ts_last=order.ts_last)
    stage.node.kernel.exec_engine.receive_report(report)


def test_an_order_that_was_set_aside_is_asked_about_until_a_report_settles_it(stage: Doubting) -> None:
    async def story() -> None:
        stage.task = await stage.running(engine={"inflight_check_interval_ms": 0}, timeout_post_stop=0.1)
        order = stage.submit()
        await asyncio.sleep(0.1)
        overfilled(stage, order)
        await asyncio.sleep(20.0)
        assert stage.client.calls.count("order_status") == 2
        assert (len(stage.uncertain()), len(stage.alarms)) == (1, 1)
        stage.client.orders.clear()
        stage.client.hold_order(str(order.client_order_id), ts_last=order.ts_last)
        await asyncio.sleep(60.0)
        assert (stage.uncertain(), stage.node.kernel.exec_engine.quarantined_orders()) == ([], {})
        await asyncio.sleep(300.0)
        assert stage.client.calls.count("order_status") == 3, "what is certain is not asked about"
        await stage.end()

    stage.run(story)


def test_a_quarantine_survives_a_restart_whose_lists_do_not_mention_the_order() -> None:
    first = Doubting()

    async def live() -> None:
        first.task = await first.running(engine={"inflight_check_interval_ms": 0}, timeout_post_stop=0.1)
        order = first.submit()
        await asyncio.sleep(0.1)
        overfilled(first, order)
        await asyncio.sleep(0.1)
        await first.end()

    first.run(live)
    again = Doubting()
    again.store = first.store

    async def restart() -> None:
        task = await again.running()
        engine = again.node.kernel.exec_engine
        (name,) = engine.quarantined_orders()
        assert "more than ordered" in engine.quarantined_orders()[name]
        assert [alarm.kind for alarm in again.alarms] == ["order.set_aside"]
        await again.node.stop_async()
        await task

    again.run(restart)


def test_what_ended_with_more_filled_than_is_known_is_doubted_anew_after_a_restart(stage: Doubting) -> None:
    async def story() -> None:
        stage.task = await stage.running(engine={"inflight_check_interval_ms": 0}, timeout_post_stop=0.1)
        order = stage.submit()
        await asyncio.sleep(0.1)
        stage.client.hooks["order_status"] = lambda: (_ for _ in ()).throw(WireError("503"))
        stage.client.emit(OrderCanceled, order, cum_qty=Quantity.from_str("0.400"))
        await asyncio.sleep(10.0)
        assert (order.status, len(stage.uncertain())) == (OrderStatus.CANCELED, 1)
        await stage.end()

    stage.run(story)
    again = Doubting()
    again.store = stage.store

    async def restart() -> None:
        again.task = await again.running(timeout_post_stop=0.1)
        assert "0.400 of it was filled" in again.uncertain()[0]
        await asyncio.sleep(6.0)
        (order,) = again.node.kernel.cache.orders()
        assert (str(order.filled_qty), str(order.avg_px), order.status) == ("0.400", "50000.00", OrderStatus.CANCELED)
        assert again.uncertain() == []
        await again.end()

    again.run(restart)
