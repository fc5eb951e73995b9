"""The monitors in a whole node, in virtual time; a number in a test's name is the row of BEHAVIOUR.md."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.inquiries import ANSWER_S_MAX
from nautilus_live.engine.monitors import QUESTIONS_AT_ONCE_MAX
from nautilus_live.errors import WireError
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderSide, OrderStatus, Provenance
from nautilus_live.model.events import OrderAccepted, OrderCanceled, OrderUpdated
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, Symbol, TradeId, Venue, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport
from tests.live.conftest import FakeClient, Stage, instrument_at

# The watch over orders that wait too long has tests of its own.
QUICK: dict[str, Any] = {"reconciliation_startup_delay_secs": 1.0, "uncertain_after_secs": None}
POLLING: dict[str, Any] = {**QUICK, "open_check_interval_secs": 5.0, "inflight_check_interval_ms": 0}


class Running(Stage):
    """A stage that remembers its node's run."""

    task: asyncio.Task[int]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


class Answers:
    """What one client's venue answers, and when it was asked."""

    def __init__(self, stage: Running, client: FakeClient) -> None:
        self.loop = stage.world.loop
        self.lists_s: list[float] = []
        self.lists: list[ReportsQuery] = []
        self.orders_s: list[tuple[float, str]] = []
        self.fills_s: list[float] = []
        self.fills_of: list[str] = []
        self.client = client
        self.on_list: Callable[[], Any] = lambda: list(client.orders)
        self.on_order: Callable[[OrderQuery], Any] = self.find
        self.on_fills: Callable[[], Any] = lambda: list(client.fills)
        client.generate_order_status_reports = self.list  # type: ignore[method-assign]  # the venue behind the client
        client.generate_order_status_report = self.order  # type: ignore[method-assign]  # the same
        client.generate_fill_reports = self.fills  # type: ignore[method-assign]  # the same

    def find(self, query: OrderQuery) -> OrderStatusReport | None:
        return next((one for one in self.client.orders if one.client_order_id == query.client_order_id), None)

    async def _answer(self, made: Any) -> Any:
        found = await made if asyncio.iscoroutine(made) else made
        if isinstance(found, BaseException):
            raise found
        return found

    async def list(self, query: ReportsQuery) -> Any:
        self.lists_s.append(round(self.loop.time(), 3))
        self.lists.append(query)
        return await self._answer(self.on_list())

    async def order(self, query: OrderQuery) -> Any:
        self.orders_s.append((round(self.loop.time(), 3), str(query.client_order_id)))
        return await self._answer(self.on_order(query))

    async def fills(self, query: ReportsQuery) -> Any:
        self.fills_s.append(round(self.loop.time(), 3))
        self.fills_of.append(str(query.venue_order_id))
        return await self._answer(self.on_fills())


async def started(stage: Running, venues: tuple[str, ...] = ("SIM",), **engine: Any) -> list[Answers]:
    """Start the node; its venues' answers can be set from here on."""
    stage.task = await stage.running(venues=venues, engine={**QUICK, **engine})
    return [Answers(stage, client) for client in stage.clients.values()]


async def stopped(stage: Running) -> None:
    stage.node.stop()
    assert await stage.task == ExitCode.OK, stage.node.failure


async def submitted(stage: Running, name: str = "O-1", venue: str = "SIM", *, accepted: bool = True) -> Order:
    """Submit an order, with the acknowledgement lost unless `accepted`."""
    stage.clients[venue].auto_accept = accepted
    strategy = stage.strategy
    order = strategy.order_factory.limit(
        InstrumentId(Symbol("BTCUSDT"), Venue(venue)),
        OrderSide.BUY,
        Quantity.from_str("1.000"),
        Price.from_str("50000.00"),
        client_order_id=ClientOrderId(name),
    )
    strategy.submit_order(order)
    await asyncio.sleep(0.01)
    assert order.status is (OrderStatus.ACCEPTED if accepted else OrderStatus.SUBMITTED)
    return order


def trade(client: FakeClient, order: Order, quantity: str, name: str = "T-1") -> FillReport:
    made = FillReport(
        account_id=client.account_id,
        instrument_id=order.instrument_id,
        venue_order_id=VenueOrderId(f"V-{order.client_order_id}"),
        client_order_id=order.client_order_id,
        trade_id=TradeId(name),
        order_side=order.side,
        last_qty=Quantity.from_str(quantity),
        last_px=Price.from_str("49999.00"),
        ts_event=client.context.clock.timestamp_ns(),
    )
    client.fills.append(made)
    return made


def filled(client: FakeClient, order: Order, quantity: str, status: OrderStatus = OrderStatus.PARTIALLY_FILLED) -> None:
    client.hold_order(order.client_order_id.value, status, filled_qty=Quantity.from_str(quantity), ts_last=1)


def kinds(stage: Running) -> list[str]:
    return [alarm.kind for alarm in stage.alarms]


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
        assert len(venue.orders_s) == 5
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


# -- the open-order check ----------------------------------------------------------------------------------------------


def test_what_is_asked_for_follows_the_settings(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING, open_check_open_only=False, open_check_lookback_mins=7)
        await asyncio.sleep(2.0)
        now = stage.world.clock.timestamp_ns() - 1_000_000_000
        (query,) = venue.lists
        assert query.open_only is False
        assert query.start_ns is not None
        assert abs(now - query.start_ns - 7 * 60 * 10**9) < 10**9
        await stopped(stage)

    stage.run(story)


def test_real_trades_are_preferred_and_while_they_cannot_be_had_nothing_is_inferred(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        order = await submitted(stage)
        client = stage.clients["SIM"]
        filled(client, order, "0.400")
        trade(client, order, "0.400")
        venue.on_fills = lambda: WireError("too many requests")
        await asyncio.sleep(12.0)
        assert len(venue.fills_s) == 2
        assert not order.filled_qty.value
        venue.on_fills = lambda: list(client.fills)
        await asyncio.sleep(5.0)
        assert [str(one) for one in order.trade_ids] == ["T-1"]
        assert str(order.avg_px) == "49999.00"
        await asyncio.sleep(60.0)
        assert len(venue.fills_s) == 3, "what agrees is not asked for again"
        await stopped(stage)

    stage.run(story)


def test_a_quantity_without_trades_is_inferred_when_the_venue_confirms_that_it_has_none(stage: Running) -> None:
    async def story() -> None:
        await started(stage, **POLLING)
        order = await submitted(stage)
        filled(stage.clients["SIM"], order, "0.400")
        await asyncio.sleep(12.0)
        assert (str(order.filled_qty), order.last_event.provenance) == ("0.400", Provenance.INFERRED)
        await stopped(stage)

    stage.run(story)


def test_row_189_an_order_in_an_instrument_that_nobody_knows_waits_until_it_can_be_loaded(stage: Running) -> None:
    async def story() -> None:
        await started(stage, **POLLING)
        client = stage.clients["SIM"]
        other = InstrumentId.from_str("ETHUSDT.SIM")
        client.hold_order("X-1", instrument_id=other)
        client.hold_order("X-2")
        await asyncio.sleep(12.0)
        assert [one.client_order_id.value for one in stage.node.cache.orders()] == ["X-2"]
        made = instrument_at("SIM")
        client.instruments[other] = type(made)(
            **{**{name: getattr(made, name) for name in made.__struct_fields__}, "id": other}
        )
        await asyncio.sleep(5.0)
        assert [one.client_order_id.value for one in stage.node.cache.orders()] == ["X-2", "X-1"]
        await stopped(stage)

    stage.run(story)


def test_row_191_missing_is_rejected_after_a_question_about_it_alone(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING, open_check_missing_retries=2)
        order = await submitted(stage)
        await asyncio.sleep(30.0)
        assert [name for _, name in venue.orders_s] == ["O-1"]
        assert (order.status, order.provisional) == (OrderStatus.REJECTED, True)
        assert kinds(stage) == ["open_orders.missing"]
        assert stage.strategy.seen[-1] == "OrderRejected"
        await stopped(stage)

    stage.run(story)


def test_row_200_questions_are_capped_spaced_and_the_rest_is_told_once_a_cycle(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        (venue,) = await started(
            stage,
            **POLLING,
            open_check_missing_retries=0,
            max_single_order_queries_per_cycle=3,
            single_order_query_delay_ms=20,
        )
        for number in range(5):
            await submitted(stage, f"O-{number}")
        await asyncio.sleep(15.0)
        moments = [at for at, _ in venue.orders_s]
        cycles = [[at for at in moments if start <= at < start + 5] for start in (moments[0], moments[0] + 5)]
        assert [len(cycle) for cycle in cycles] == [3, 2]
        assert cycles[0][-1] - cycles[0][0] == pytest.approx(0.04)
        assert {order.status for order in stage.node.cache.orders()} == {OrderStatus.REJECTED}
        await stopped(stage)

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert caplog.text.count("2 more missing orders wait") == 1


@pytest.mark.parametrize("answer", [WireError("500"), None], ids=["raises", "None"])
def test_row_202_a_list_that_fails_for_hours_rejects_nothing(stage: Running, answer: Any) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        order = await submitted(stage)
        venue.on_list = lambda: answer
        await asyncio.sleep(7_200.0)
        assert len(venue.lists_s) > 1_400
        assert venue.orders_s == []
        assert order.status is OrderStatus.ACCEPTED
        await stopped(stage)

    stage.run(story)


def test_row_203_a_question_that_raises_keeps_the_order_and_the_others_are_asked_about(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING, open_check_missing_retries=0)
        bad, good = await submitted(stage, "O-1"), await submitted(stage, "O-2")
        venue.on_order = lambda query: ValueError("a bug") if str(query.client_order_id) == "O-1" else None
        await asyncio.sleep(20.0)
        assert (bad.status, good.status) == (OrderStatus.ACCEPTED, OrderStatus.REJECTED)
        assert [name for _, name in venue.orders_s].count("O-1") >= 2
        await stopped(stage)

    stage.run(story)


def test_row_204_an_order_without_a_client_of_its_own_is_asked_about_at_its_venue(stage: Running) -> None:
    async def story() -> None:
        sim, alt = await started(stage, ("SIM", "ALT"), **POLLING, open_check_missing_retries=0)
        await submitted(stage, "O-1", "ALT")
        stage.clients["ALT"].hold_order("O-1")
        alt.on_list = list
        await asyncio.sleep(20.0)
        assert sim.orders_s == []
        assert [name for _, name in alt.orders_s][:1] == ["O-1"]
        assert stage.node.cache.order(ClientOrderId("O-1")).status is OrderStatus.ACCEPTED  # type: ignore[union-attr]  # it is there
        await stopped(stage)

    stage.run(story)


def test_a_missing_external_order_ends_like_any_other_and_stops_no_cycle(stage: Running) -> None:
    async def story() -> None:
        await started(stage, **POLLING, open_check_missing_retries=1)
        client = stage.clients["SIM"]
        client.hold_order("X-1")
        await asyncio.sleep(2.0)
        (order,) = stage.node.cache.orders()
        client.orders.clear()
        await asyncio.sleep(30.0)
        assert (order.status, order.provisional) == (OrderStatus.REJECTED, True)
        await stopped(stage)

    stage.run(story)


def test_row_207_one_client_that_fails_or_hangs_does_not_stop_the_others(stage: Running) -> None:
    async def story() -> None:
        bad, slow, good = await started(stage, ("BAD", "SLOW", "GOOD"), **POLLING)
        bad.on_list = lambda: RuntimeError("a bug of the adapter")
        slow.on_list = lambda: asyncio.sleep(1e6)
        order = await submitted(stage, "O-1", "GOOD")
        filled(stage.clients["GOOD"], order, "0.400")
        await asyncio.sleep(40.0)
        assert len(good.lists_s) == len(bad.lists_s) == 8
        assert len(slow.lists_s) == 2
        assert str(order.filled_qty) == "0.400"
        await stopped(stage)

    stage.run(story)


def test_reports_under_one_client_id_contradict_each_other_and_are_alarmed_once(stage: Running) -> None:
    async def story() -> None:
        await started(stage, **POLLING)
        order = await submitted(stage)
        client = stage.clients["SIM"]
        client.hold_order("O-1", OrderStatus.CANCELED)
        client.hold_order("O-1", venue_order_id=VenueOrderId("V-9"))
        client.hold_order("X-2")
        await asyncio.sleep(60.0)
        assert kinds(stage) == ["report.contradicts"]
        assert order.status is OrderStatus.ACCEPTED
        assert stage.node.cache.order(ClientOrderId("X-2")) is not None
        await stopped(stage)

    stage.run(story)


def test_a_trade_that_arrives_while_trades_are_asked_for_is_not_counted_twice(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        order = await submitted(stage)
        client = stage.clients["SIM"]
        filled(client, order, "0.400")
        venue.on_fills = lambda: asyncio.sleep(1.0, [])
        await asyncio.sleep(6.5)
        assert len(venue.fills_s) == 1
        client.fill(order)
        client.orders.clear()
        await asyncio.sleep(20.0)
        assert (order.status, len(order.trade_ids)) == (OrderStatus.FILLED, 1)
        assert stage.alarms == []
        await stopped(stage)

    stage.run(story)


def test_the_trades_of_a_replaced_order_are_asked_for_under_all_its_venue_ids(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        order = await submitted(stage)
        client = stage.clients["SIM"]
        client.hold_order("O-1", venue_order_id=VenueOrderId("V-2"), ts_last=1)
        await asyncio.sleep(7.0)
        assert str(order.venue_order_id) == "V-2"
        assert (venue.fills_of, "query_account" in client.calls) == ([], False)
        client.orders.clear()
        client.hold_order(
            "O-1",
            OrderStatus.PARTIALLY_FILLED,
            venue_order_id=VenueOrderId("V-2"),
            filled_qty=Quantity.from_str("0.400"),
            ts_last=2,
        )
        await asyncio.sleep(10.0)
        assert venue.fills_of == ["V-2", "V-O-1"]
        assert str(order.filled_qty) == "0.400"
        await stopped(stage)

    stage.run(story)


def test_a_report_that_cannot_be_true_is_looked_into_once(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        order = await submitted(stage)
        filled(stage.clients["SIM"], order, "3.000")
        await asyncio.sleep(120.0)
        assert (len(venue.fills_s), kinds(stage)) == (1, ["order.overfilled"])
        await stopped(stage)

    stage.run(story)


def test_filtered_orders_and_other_instruments_are_never_asked_about(stage: Running) -> None:
    async def story() -> None:
        sim, alt = await started(
            stage,
            ("SIM", "ALT"),
            open_check_interval_secs=5.0,
            open_check_missing_retries=0,
            filtered_client_order_ids=[ClientOrderId("O-1"), ClientOrderId("O-2")],
            reconciliation_instrument_ids=[InstrumentId.from_str("BTCUSDT.SIM")],
        )
        await submitted(stage, "O-1")
        await submitted(stage, "O-3", "ALT")
        pending = await submitted(stage, "O-2", accepted=False)
        await asyncio.sleep(60.0)
        assert (sim.orders_s, alt.orders_s) == ([], [])
        assert pending.status is OrderStatus.SUBMITTED
        stage.clients["SIM"].emit(OrderCanceled, pending)
        await stopped(stage)

    stage.run(story)


def test_row_171_neither_check_ends_an_order_while_events_wait(stage: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        await started(stage, open_check_interval_secs=5.0, open_check_missing_retries=0)
        working, waiting = await submitted(stage, "O-1"), await submitted(stage, "O-2", accepted=False)
        with monkeypatch.context() as patch:
            patch.setattr(ExecutionEngine, "event_qsize", 1)
            await asyncio.sleep(120.0)
            assert (working.status, waiting.status) == (OrderStatus.ACCEPTED, OrderStatus.SUBMITTED)
        await asyncio.sleep(10.0)
        assert (working.status, waiting.status) == (OrderStatus.REJECTED, OrderStatus.REJECTED)
        await stopped(stage)

    stage.run(story)


def test_an_order_that_ends_while_it_waits_for_its_turn_is_not_asked_about(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING, open_check_missing_retries=0, single_order_query_delay_ms=2_000)
        first, second = await submitted(stage, "O-1"), await submitted(stage, "O-2")
        venue.on_order = lambda _: stage.clients["SIM"].emit(OrderCanceled, second)
        await asyncio.sleep(9.0)
        assert [name for _, name in venue.orders_s] == ["O-1"]
        assert (first.provisional, second.provisional) == (False, False)
        await stopped(stage)

    stage.run(story)


def test_an_order_whose_client_is_gone_proves_nothing(stage: Running, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        await started(stage, open_check_interval_secs=5.0)
        order = await submitted(stage, accepted=False)
        stage.node.kernel.exec_engine.deregister_client(stage.clients["SIM"])
        await asyncio.sleep(60.0)
        assert order.status is OrderStatus.SUBMITTED
        stage.node.kernel.exec_engine.register_client(stage.clients["SIM"])
        stage.clients["SIM"].emit(OrderCanceled, order)
        await stopped(stage)

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert "no client to ask about it" in caplog.text


def test_a_question_that_the_client_cancels_itself_does_not_end_the_check(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        venue.on_list = asyncio.CancelledError
        await asyncio.sleep(12.0)
        assert len(venue.lists_s) == 3
        await stopped(stage)

    stage.run(story)


def test_what_the_stream_says_while_trades_are_asked_for_is_not_undone_by_the_older_report(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **POLLING)
        order = await submitted(stage)
        client = stage.clients["SIM"]
        client.hold_order("O-1", OrderStatus.PARTIALLY_FILLED, filled_qty=Quantity.from_str("0.400"))
        venue.on_fills = lambda: asyncio.sleep(1.0, [])
        await asyncio.sleep(6.5)
        client.emit(OrderUpdated, order, quantity=order.quantity, price=Price.from_str("48000.00"))
        await asyncio.sleep(1.5)
        assert (str(order.price), str(order.filled_qty)) == ("48000.00", "0.000")
        await stopped(stage)

    stage.run(story)


def test_a_question_names_the_order_by_every_id_that_is_known(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, open_check_interval_secs=5.0, open_check_missing_retries=0)
        queries: list[OrderQuery] = []
        venue.on_order = queries.append
        await submitted(stage, "O-1")
        await submitted(stage, "O-2", accepted=False)
        await asyncio.sleep(8.0)
        assert sorted(
            (str(one.client_order_id), str(one.venue_order_id), str(one.instrument_id)) for one in queries
        ) == [
            ("O-1", "V-O-1", "BTCUSDT.SIM"),
            ("O-2", "None", "BTCUSDT.SIM"),
        ]
        stage.clients["SIM"].emit(OrderCanceled, stage.node.cache.order(ClientOrderId("O-2")))
        await stopped(stage)

    stage.run(story)


def test_an_instrument_that_the_venue_cannot_define_is_said_to_be_missing(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        await started(stage, **POLLING)
        stage.clients["SIM"].hold_order("X-1", instrument_id=InstrumentId.from_str("ETHUSDT.SIM"))
        await asyncio.sleep(3.0)
        assert stage.node.cache.orders() == []
        await stopped(stage)

    with caplog.at_level(logging.WARNING, "nautilus_live"):
        stage.run(story)
    assert "ETHUSDT.SIM: reported by SIM, which has no definition of it" in caplog.text
    assert not any(record.exc_info for record in caplog.records)
