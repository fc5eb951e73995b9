"""Reconciliation after a gap: a node on a simulated loop, with a client whose venue answers when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.adapters.ports import ReportsQuery
from nautilus_live.engine.alarms import ConnectionChange, StreamGap
from nautilus_live.errors import WireError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus
from nautilus_live.model.events import OrderAccepted, OrderCanceled, OrderFilled, OrderPendingUpdate, OrderUpdated
from nautilus_live.model.identifiers import ClientId, TradeId, VenueOrderId
from nautilus_live.model.objects import Currency, Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport
from tests.live.conftest import BTC, FakeClient, Stage

SIM = ClientId("SIM")
SECOND_NS = 1_000_000_000


class Running(Stage):
    """A stage whose venue answers questions when it is let."""

    task: asyncio.Task[int]

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.starts: list[int | None] = []
        self.answers = asyncio.Event()
        self.failing: dict[str, Exception] = {}
        self.told: list[Any] = []

    async def begin(self, **engine: Any) -> Order:
        """Start the node with one order resting; returns the order."""
        settings = {"inflight_check_interval_ms": 0, **engine}
        self.task = await self.running(engine=settings, timeout_post_stop=0.1)
        order = self.submit()
        await asyncio.sleep(0.01)
        client = self.client
        for name in ("generate_order_status_reports", "generate_fill_reports", "generate_position_status_reports"):
            self._gate(client, name)
        self.node.kernel.msgbus.subscribe("events.system.*", self.told.append)
        self.answers.set()
        return order

    def _gate(self, client: FakeClient, name: str) -> None:
        real = getattr(client, name)

        async def ask(query: ReportsQuery) -> Any:
            self.asked.append(name.removeprefix("generate_"))
            self.starts.append(query.start_ns)
            if name in self.failing:
                raise self.failing[name]
            found = await real(query)  # what the venue has now; it takes a while to arrive
            await self.answers.wait()
            return found

        setattr(client, name, ask)

    def submit(self, quantity: str = "1.000") -> Order:
        order = self.strategy.order_factory.limit(
            BTC, OrderSide.BUY, Quantity.from_str(quantity), Price.from_str("50000.00")
        )
        self.strategy.submit_order(order)
        return order

    def lose(self, since_ns: int | None = None) -> None:
        self.client.context.sink.receive_connection_change(SIM, False, "cut", since_ns)

    def come_back(self) -> None:
        self.client.context.sink.receive_connection_change(SIM, True, "open again")

    def gaps(self) -> list[StreamGap]:
        return [event for event in self.told if isinstance(event, StreamGap)]

    async def end(self) -> None:
        self.answers.set()
        await self.node.stop_async()
        await self.task

    # what the venue has

    def venue_order(
        self, order: Order, status: OrderStatus, filled: str = "0.000", venue_id: str | None = None
    ) -> None:
        name = str(order.client_order_id)
        self.client.hold_order(
            name,
            status,
            filled_qty=Quantity.from_str(filled),
            quantity=order.quantity,
            venue_order_id=VenueOrderId(venue_id or f"V-{name}"),
            avg_px=Decimal(50_000) if Decimal(filled) else None,
        )

    def venue_trade(self, order: Order, trade: str, quantity: str, venue_id: str | None = None) -> None:
        self.client.fills.append(
            FillReport(
                account_id=self.client.account_id,
                instrument_id=BTC,
                venue_order_id=VenueOrderId(venue_id or f"V-{order.client_order_id}"),
                client_order_id=order.client_order_id,
                trade_id=TradeId(trade),
                order_side=order.side,
                last_qty=Quantity.from_str(quantity),
                last_px=Price.from_str("50000.00"),
                liquidity_side=LiquiditySide.MAKER,
                ts_event=self.node.kernel.clock.timestamp_ns(),
            )
        )

    def live_trade(self, order: Order, trade: str, quantity: str, venue_id: str | None = None) -> None:
        self.client.emit(
            OrderFilled,
            order,
            venue_order_id=VenueOrderId(venue_id or f"V-{order.client_order_id}"),
            trade_id=TradeId(trade),
            order_side=order.side,
            order_type=order.order_type,
            last_qty=Quantity.from_str(quantity),
            last_px=Price.from_str("50000.00"),
            currency=Currency.from_str("USDT"),
        )


Story = Callable[[Running], Any]


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


# -- recovery and live events, in every order ------------------------------------------------------------------------

WHEN = ["while away", "before the answers", "with the answers", "after the answers"]


async def recovered(stage: Running, when: str, live: Callable[[], None]) -> None:
    """Lose the client and get it back, and let the live events happen at one of the moments."""
    stage.lose()
    if when == "while away":
        live()
    await asyncio.sleep(1.0)
    stage.answers.clear()
    stage.come_back()
    await asyncio.sleep(0.1)
    if when == "before the answers":
        live()
        await asyncio.sleep(0.1)
    stage.answers.set()
    if when == "with the answers":
        live()
    await asyncio.sleep(0.1)
    if when == "after the answers":
        live()
    await asyncio.sleep(30.0)
    assert len(stage.gaps()) == 1
    assert stage.alarms == []


@pytest.mark.parametrize("when", WHEN)
def test_a_trade_that_stream_and_answer_both_tell_counts_once(stage: Running, when: str) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.venue_order(order, OrderStatus.PARTIALLY_FILLED, "0.400")
        stage.venue_trade(order, "T-1", "0.400")
        await recovered(stage, when, lambda: stage.live_trade(order, "T-1", "0.400"))
        assert (order.status, order.filled_qty.value) == (OrderStatus.PARTIALLY_FILLED, Decimal("0.4"))
        assert stage.strategy.seen.count("OrderFilled") == 1
        assert [position.signed_qty for position in stage.node.cache.positions_open()] == [Decimal("0.4")]
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize("when", WHEN)
def test_a_cancel_meanwhile_is_not_undone_by_an_older_open_report_and_its_trades_still_find_it(
    stage: Running, when: str
) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.venue_order(order, OrderStatus.ACCEPTED)

        def cancel() -> None:
            stage.client.emit(OrderCanceled, order)
            stage.client.orders.clear()
            stage.venue_order(order, OrderStatus.CANCELED)

        await recovered(stage, when, cancel)
        assert order.status is OrderStatus.CANCELED
        assert stage.strategy.seen.count("OrderCanceled") == 1
        assert (
            stage.node.cache.client_order_id(VenueOrderId(f"V-{order.client_order_id}"), BTC) == order.client_order_id
        )
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize("when", WHEN)
def test_a_trade_on_the_old_leg_does_not_answer_a_modification(stage: Running, when: str) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.client.emit(OrderPendingUpdate, order)
        await asyncio.sleep(0.01)
        stage.venue_order(order, OrderStatus.PARTIALLY_FILLED, "0.400")
        stage.venue_trade(order, "T-1", "0.400")

        def replaced() -> None:
            name = VenueOrderId("V-NEW")
            stage.client.emit(
                OrderUpdated, order, venue_order_id=name, quantity=order.quantity, price=order.price, trigger_price=None
            )
            stage.client.orders.clear()
            stage.client.hold_order(
                str(order.client_order_id),
                OrderStatus.PARTIALLY_FILLED,
                venue_order_id=name,
                filled_qty=Quantity.from_str("0.400"),
                quantity=order.quantity,
                avg_px=Decimal(50_000),
            )

        await recovered(stage, when, replaced)
        assert order.venue_order_id == VenueOrderId("V-NEW")
        assert order.filled_qty.value == Decimal("0.4")
        assert stage.strategy.seen.count("OrderUpdated") == 1
        assert order.is_open
        await stage.end()

    stage.run(story)


@pytest.mark.parametrize("when", WHEN)
def test_an_older_acceptance_does_not_restore_an_id_that_was_replaced(stage: Running, when: str) -> None:
    async def story() -> None:
        order = await stage.begin()
        stage.venue_order(order, OrderStatus.ACCEPTED)

        def replaced() -> None:
            stage.client.emit(OrderAccepted, order, venue_order_id=VenueOrderId("V-NEW"))
            stage.client.orders.clear()
            stage.venue_order(order, OrderStatus.ACCEPTED, venue_id="V-NEW")

        await recovered(stage, when, replaced)
        assert order.venue_order_id == VenueOrderId("V-NEW")
        assert order.status is OrderStatus.ACCEPTED
        await stage.end()

    stage.run(story)
