"""The position monitor in a whole node, in virtual time; a number in a test's name is the row of BEHAVIOUR.md."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.engine.inquiries import ANSWER_S_MAX
from nautilus_live.errors import WireError
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import AccountType, OrderSide, OrderStatus, OrderType
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, Symbol, TradeId, Venue, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from tests.live.conftest import FakeClient, Stage, instrument_at

CHECKING: dict[str, Any] = {
    "reconciliation_startup_delay_secs": 1.0,
    "inflight_check_interval_ms": 0,
    "position_check_interval_secs": 10.0,
}


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
        self.client = client
        self.loop = stage.world.loop
        self.instrument_id = InstrumentId(Symbol("BTCUSDT"), client.venue)
        self.lists_s: list[float] = []
        self.fills: list[ReportsQuery] = []
        self.orders: list[OrderQuery] = []
        self.on_list: Callable[[], Any] = lambda: list(client.positions)
        self.on_fills: Callable[[], Any] = lambda: list(client.fills)
        self.on_order: Callable[[OrderQuery], Any] = self.find
        client.generate_position_status_reports = self.list  # type: ignore[method-assign]  # the venue behind it
        client.generate_fill_reports = self.fill_list  # type: ignore[method-assign]  # the same
        client.generate_order_status_report = self.order  # type: ignore[method-assign]  # the same

    def find(self, query: OrderQuery) -> OrderStatusReport | None:
        return next((one for one in self.client.orders if one.venue_order_id == query.venue_order_id), None)

    async def _answer(self, made: Any) -> Any:
        found = await made if asyncio.iscoroutine(made) else made
        if isinstance(found, BaseException):
            raise found
        return found

    async def list(self, query: ReportsQuery) -> Any:
        if query.instrument_id is None:  # else a second look at what is doubted, which is another's business
            self.lists_s.append(round(self.loop.time(), 3))
        return await self._answer(self.on_list())

    async def fill_list(self, query: ReportsQuery) -> Any:
        self.fills.append(query)
        found = await self._answer(self.on_fills())
        return [one for one in found if query.venue_order_id is None or query.venue_order_id == one.venue_order_id]

    async def order(self, query: OrderQuery) -> Any:
        self.orders.append(query)
        return await self._answer(self.on_order(query))

    # what the venue holds

    def holds(self, signed: str, **fields: Any) -> PositionStatusReport:
        self.client.positions.clear()
        return self.client.hold_position(signed, **fields)

    def fills_market_order(self, name: str) -> None:
        report = self.client.hold_order(name, OrderStatus.FILLED, filled_qty=Quantity.from_str("1.000"))
        self.client.orders[-1] = structs.replace(report, order_type=OrderType.MARKET, price=None)

    def trades(self, order: str, quantity: str, name: str = "T-1", side: str = "BUY", **fields: Any) -> FillReport:
        made = FillReport(
            account_id=self.client.account_id,
            instrument_id=self.instrument_id,
            venue_order_id=VenueOrderId(f"V-{order}"),
            client_order_id=ClientOrderId(order),
            trade_id=TradeId(name),
            order_side=OrderSide[side],
            last_qty=Quantity.from_str(quantity),
            last_px=Price.from_str("49999.00"),
            **{"ts_event": self.client.context.clock.timestamp_ns(), **fields},
        )
        self.client.fills.append(made)
        return made


async def started(stage: Running, venues: tuple[str, ...] = ("SIM",), **engine: Any) -> list[Answers]:
    """Start the node; its venues' answers can be set from here on."""
    stage.task = await stage.running(venues=venues, engine={**CHECKING, **engine})
    return [Answers(stage, client) for client in stage.clients.values()]


async def stopped(stage: Running) -> None:
    stage.node.stop()
    assert await stage.task == ExitCode.OK, stage.node.failure


async def submitted(stage: Running, name: str = "O-1", venue: str = "SIM", *, filled: bool = False) -> Order:
    """Submit an order; the venue accepts it, and fills it if asked to."""
    stage.clients[venue].auto_fill = filled
    order = stage.strategy.order_factory.limit(
        InstrumentId(Symbol("BTCUSDT"), Venue(venue)),
        OrderSide.BUY,
        Quantity.from_str("1.000"),
        Price.from_str("50000.00"),
        client_order_id=ClientOrderId(name),
    )
    stage.strategy.submit_order(order)
    await asyncio.sleep(0.01)
    return order


def net(stage: Running, venue: str = "SIM") -> Any:
    """Return what the node holds, as a number to be compared with one."""
    return stage.node.kernel.portfolio.net_position(InstrumentId(Symbol("BTCUSDT"), Venue(venue)))


def kinds(stage: Running) -> list[str]:
    return [alarm.kind for alarm in stage.alarms]


def made(stage: Running) -> list[str]:
    """Return whose orders there are beside the strategy's own."""
    orders = stage.node.cache.orders()
    return [str(order.strategy_id) for order in orders if order.strategy_id != stage.strategy.id]


# -- when it asks ------------------------------------------------------------------------------------------------------


def test_it_begins_after_the_delay_and_asks_at_its_interval(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        began = stage.world.loop.time()
        await asyncio.sleep(35.0)
        assert [round(at - began) for at in venue.lists_s] == [1, 11, 21, 31]
        assert venue.fills == []
        await stopped(stage)

    stage.run(story)


@pytest.mark.parametrize(
    "engine",
    [{"position_check_interval_secs": None}, {"position_check_interval_secs": 0}, {"filter_position_reports": True}],
)
def test_it_asks_nothing_where_it_is_off_or_positions_are_filtered(stage: Running, engine: dict[str, Any]) -> None:
    async def story() -> None:
        (venue,) = await started(stage, **engine)
        venue.holds("1.000")
        stage.client.context.sink.receive_report(venue.client.positions[0])
        await asyncio.sleep(600.0)
        assert venue.lists_s == []
        assert net(stage) == 0
        await stopped(stage)

    stage.run(story)


@pytest.mark.parametrize(("threshold_ms", "looked_s"), [(0, 11), (25_000, 31)])
def test_a_position_is_looked_into_when_it_has_been_quiet_long_enough(
    stage: Running, threshold_ms: int, looked_s: int
) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_threshold_ms=threshold_ms, position_check_retries=1)
        began = stage.world.loop.time()
        await asyncio.sleep(2.0)
        await submitted(stage, filled=True)
        venue.holds("3.000")
        while not made(stage):  # noqa: ASYNC110  # from outside there is no event to await
            await asyncio.sleep(0.5)
        assert round(stage.world.loop.time() - began) == looked_s
        await stopped(stage)

    stage.run(story)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_nothing_is_asked_or_applied_after_the_end(stage: Running, how: str) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1)
        venue.on_list = lambda: asyncio.sleep(20.0, [venue.holds("1.000")])
        await asyncio.sleep(5.0)
        report = venue.holds("1.000")
        if how == "stop":
            await stopped(stage)
        else:
            stage.node.kill()
            await stage.task
        asked = len(venue.lists_s)
        stage.client.context.sink.receive_report(report)
        await asyncio.sleep(100.0)
        assert len(venue.lists_s) == asked
        assert stage.node.cache.positions() == []

    stage.run(story)


# -- trades that explain it --------------------------------------------------------------------------------------------


def test_row_222_a_missing_trade_of_our_order_is_booked_for_what_it_is(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_lookback_mins=5)
        order = await submitted(stage)
        venue.trades("O-1", "0.400")
        venue.holds("0.400")
        await asyncio.sleep(30.0)
        fill = order.fills[TradeId("T-1")]
        assert (fill.last_px, order.status) == (Price.from_str("49999.00"), OrderStatus.PARTIALLY_FILLED)
        assert (net(stage), made(stage), kinds(stage)) == (Decimal("0.4"), [], [])
        assert len(venue.fills) == 1
        (query,) = venue.fills
        assert query.instrument_id == order.instrument_id
        assert query.start_ns is not None
        lookback_ns = venue.client.context.clock.timestamp_ns() - query.start_ns
        assert 300 * 10**9 <= lookback_ns <= 330 * 10**9
        assert stage.client.calls.count("query_account") == 1
        await stopped(stage)

    stage.run(story)


def test_trades_of_an_order_from_elsewhere_bring_the_order_with_them(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        await asyncio.sleep(2.0)
        venue.client.hold_order("X-1", OrderStatus.FILLED, filled_qty=Quantity.from_str("1.000"), ts_last=1)
        venue.trades("X-1", "0.600", "T-1")
        venue.trades("X-1", "0.400", "T-2")
        venue.holds("1.000")
        await asyncio.sleep(30.0)
        order = stage.node.cache.order(ClientOrderId("X-1"))
        assert order is not None
        assert [trade_id.value for trade_id in order.fills] == ["T-1", "T-2"]
        assert (net(stage), made(stage)) == (1, ["EXTERNAL"])
        assert len(venue.orders) == 1
        await stopped(stage)

    stage.run(story)


def test_trades_of_an_order_that_the_venue_does_not_know_explain_nothing(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        await asyncio.sleep(2.0)
        venue.trades("X-1", "1.000")
        venue.holds("1.000")
        await asyncio.sleep(120.0)
        assert (net(stage), made(stage)) == (1, ["INTERNAL-DIFF"])
        assert kinds(stage) == ["position.aligned"]
        await stopped(stage)

    stage.run(story)
    assert "V-X-1: SIM has trades of it, but no such order" in caplog.text


def test_at_most_so_many_orders_are_asked_for_in_one_cycle(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, max_single_order_queries_per_cycle=2, single_order_query_delay_ms=500)
        await asyncio.sleep(2.0)
        for number in range(5):
            name = f"X-{number}"
            venue.client.hold_order(name, OrderStatus.FILLED, filled_qty=Quantity.from_str("1.000"), ts_last=1)
            venue.trades(name, "1.000", f"T-{number}")
        venue.holds("5.000")
        await asyncio.sleep(10.0)
        assert (len(venue.orders), net(stage)) == (2, 2)
        await asyncio.sleep(60.0)
        assert (net(stage), made(stage)) == (5, ["EXTERNAL"] * 5)
        await stopped(stage)

    stage.run(story)


def test_an_old_trade_that_was_left_out_for_a_reason_is_not_booked(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=2)
        await asyncio.sleep(2.0)
        venue.client.hold_order("X-1", OrderStatus.FILLED, filled_qty=Quantity.from_str("1.000"), ts_last=1)
        venue.trades("X-1", "1.000", ts_event=venue.client.context.clock.timestamp_ns() - 1800 * 10**9)
        venue.holds("0.300")
        await asyncio.sleep(60.0)
        assert (net(stage), made(stage), venue.orders) == (Decimal("0.3"), ["INTERNAL-DIFF"], [])
        await stopped(stage)

    stage.run(story)


def market(stage: Running, name: str = "O-1") -> Order:
    """Submit a market order that the venue accepts."""
    order = stage.strategy.order_factory.market(
        InstrumentId(Symbol("BTCUSDT"), Venue("SIM")),
        OrderSide.BUY,
        Quantity.from_str("1.000"),
        client_order_id=ClientOrderId(name),
    )
    stage.client.fill = lambda order: None  # type: ignore[method-assign]  # its trade is told to nobody
    stage.strategy.submit_order(order)
    return order


def test_where_no_trades_are_shown_the_orders_explain_it(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        order = market(stage)
        await asyncio.sleep(2.0)
        venue.fills_market_order("O-1")
        venue.holds("1.000", average="49500.00")
        await asyncio.sleep(60.0)
        assert (net(stage), made(stage), order.status) == (1, [], OrderStatus.FILLED)
        (fill,) = order.fills.values()
        assert (fill.inferred, fill.last_px_estimated, str(fill.last_px)) == (True, True, "49500.00")
        assert kinds(stage) == []
        await stopped(stage)

    stage.run(story)


def test_nothing_is_aligned_while_an_order_of_ours_has_more_filled_than_could_be_booked(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        market(stage)
        await asyncio.sleep(2.0)
        venue.fills_market_order("O-1")
        venue.holds("1.000", average="0")  # nothing says at which price
        await asyncio.sleep(120.0)
        assert (net(stage), made(stage)) == (0, [])
        assert list(stage.node.kernel.exec_engine.uncertain_instruments()) == [venue.instrument_id]
        assert (
            "of O-1 the venue has more filled than could be booked"
            in (stage.node.kernel.exec_engine.uncertain_instruments()[venue.instrument_id])
        )
        await stopped(stage)

    stage.run(story)


def test_nothing_is_made_up_while_the_venue_does_not_answer_for_its_orders(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1)
        answer = stage.client.generate_order_status_reports

        async def hangs(query: ReportsQuery) -> Any:
            raise WireError("no route")

        stage.client.generate_order_status_reports = hangs  # type: ignore[method-assign]  # the venue behind the client
        venue.holds("1.000")
        await asyncio.sleep(120.0)
        assert (net(stage), made(stage), kinds(stage)) == (0, [], [])
        stage.client.generate_order_status_reports = answer  # type: ignore[method-assign]  # the same
        await asyncio.sleep(20.0)
        assert made(stage) == ["INTERNAL-DIFF"]
        await stopped(stage)

    stage.run(story)


def test_the_trades_of_an_order_that_was_purged_are_no_news(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1)
        order = await submitted(stage, filled=True)
        venue.trades("O-1", "1.000", order.trade_ids[0].value)
        venue.client.hold_order("O-1", OrderStatus.FILLED, filled_qty=order.quantity)
        assert stage.node.cache.purge_order(order.client_order_id, stage.world.clock.timestamp_ns())
        assert stage.node.cache.order(order.client_order_id) is None
        venue.holds("1.500")
        await asyncio.sleep(60.0)
        assert (net(stage), made(stage), venue.orders) == (Decimal("1.5"), ["INTERNAL-DIFF"], [])
        await stopped(stage)

    stage.run(story)


# -- unknown -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [WireError("no route"), RuntimeError("a bug"), asyncio.CancelledError(), None])
@pytest.mark.parametrize("what", ["on_list", "on_fills"])
def test_rows_226_227_a_question_without_an_answer_changes_nothing(
    stage: Running, what: str, error: BaseException | None
) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1, position_silence="flat")
        await submitted(stage, filled=True)
        venue.holds("3.000")
        setattr(venue, what, lambda: asyncio.sleep(10 * ANSWER_S_MAX) if error is None else error)
        await asyncio.sleep(300.0)
        assert (net(stage), made(stage), kinds(stage)) == (1, [], [])
        assert stage.node.kernel.exec_engine.uncertain_instruments() == {}
        setattr(venue, what, lambda: list(venue.client.positions) if what == "on_list" else [])
        await asyncio.sleep(2 * ANSWER_S_MAX)
        assert net(stage) == 3
        await stopped(stage)

    stage.run(story)


def test_what_happened_while_the_venue_answered_counts_more_than_its_answer(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1, position_check_threshold_ms=0)
        order = await submitted(stage)
        venue.holds("1.000")

        def while_asked() -> Any:
            venue.on_fills = list
            stage.client.fill(order)
            return asyncio.sleep(0.5, [])

        venue.on_fills = while_asked
        await asyncio.sleep(60.0)
        assert (net(stage), made(stage), kinds(stage)) == (1, [], [])
        await stopped(stage)

    stage.run(story)


def test_a_position_in_an_instrument_that_nobody_knows_waits_until_it_can_be_loaded(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1)
        other = structs.replace(instrument_at("SIM"), id=InstrumentId.from_str("ETHUSDT.SIM"))
        report = PositionStatusReport(
            account_id=venue.client.account_id,
            instrument_id=other.id,
            position_side=venue.holds("2.000").position_side,
            quantity=Quantity.from_str("2.000"),
            avg_px_open=Decimal(3_000),
        )
        venue.on_list = lambda: [report]
        await asyncio.sleep(30.0)
        assert stage.node.cache.positions() == []
        venue.client.instruments[other.id] = other
        await asyncio.sleep(20.0)
        assert stage.node.kernel.portfolio.net_position(other.id) == 2
        await stopped(stage)

    stage.run(story)


def test_what_goes_wrong_with_one_instrument_stops_no_other(stage: Running, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1)
        other = structs.replace(instrument_at("SIM"), id=InstrumentId.from_str("ETHUSDT.SIM"))
        venue.client.instruments[other.id] = other
        first = venue.holds("1.000")
        second = PositionStatusReport(
            account_id=first.account_id,
            instrument_id=other.id,
            position_side=first.position_side,
            quantity=first.quantity,
            avg_px_open=Decimal(3_000),
        )
        venue.on_list = lambda: [first, second]
        venue.on_fills = lambda: [None] if venue.fills[-1].instrument_id == first.instrument_id else []
        await asyncio.sleep(30.0)
        assert net(stage) == 0
        assert stage.node.kernel.portfolio.net_position(other.id) == 1
        await stopped(stage)

    stage.run(story)
    assert "BTCUSDT.SIM: the position check failed" in caplog.text


# -- the end -----------------------------------------------------------------------------------------------------------


def test_an_alignment_is_told_to_the_strategy_whose_position_it_is(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        await submitted(stage, filled=True)
        venue.holds("0.400")
        stage.strategy.seen.clear()
        await asyncio.sleep(120.0)
        assert (net(stage), made(stage), kinds(stage)) == (Decimal("0.4"), ["INTERNAL-DIFF"], ["position.aligned"])
        assert stage.strategy.seen == ["PositionChanged"]
        assert len(venue.fills) == 3
        await stopped(stage)

    stage.run(story)


def test_row_224_generation_off_ends_in_one_alarm_and_the_doubt_ends_with_agreement(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, generate_missing_orders=False)
        engine = stage.node.kernel.exec_engine
        venue.holds("1.000")
        await asyncio.sleep(600.0)
        assert (net(stage), made(stage), kinds(stage)) == (0, [], ["position.unexplained"])
        assert list(engine.uncertain_instruments()) == [venue.instrument_id]
        assert len(venue.fills) == 3
        venue.holds("0")
        await asyncio.sleep(20.0)
        assert engine.uncertain_instruments() == {}
        await stopped(stage)

    stage.run(story)


def test_a_doubt_that_was_alarmed_at_the_start_is_not_alarmed_again(stage: Running) -> None:
    async def story() -> None:
        stage.scripts["SIM"] = lambda client: client.hold_position("1.000")
        await started(stage, generate_missing_orders=False)
        assert kinds(stage) == ["position.mismatch"]
        await asyncio.sleep(600.0)
        assert kinds(stage) == ["position.mismatch"]
        await stopped(stage)

    stage.run(story)


def test_a_position_that_no_price_can_be_found_for_ends_in_doubt(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_retries=1)
        venue.holds("1.000", average="0")
        await asyncio.sleep(600.0)
        assert net(stage) == 0
        assert list(stage.node.kernel.exec_engine.uncertain_instruments()) == [venue.instrument_id]
        assert kinds(stage).count("position.aligned") == 1
        assert len(made(stage)) == 1
        await stopped(stage)

    stage.run(story)


def test_on_a_cash_account_a_list_without_positions_is_no_news(stage: Running) -> None:
    async def story() -> None:
        def cash(client: FakeClient) -> None:
            client.account_type = AccountType.CASH

        stage.scripts["SIM"] = cash
        await started(stage, position_check_retries=1)
        await submitted(stage, filled=True)
        await asyncio.sleep(600.0)
        assert (net(stage), made(stage), kinds(stage)) == (1, [], [])
        assert stage.node.kernel.exec_engine.uncertain_instruments() == {}
        await stopped(stage)

    stage.run(story)


# -- clients -----------------------------------------------------------------------------------------------------------


def test_row_233_each_client_is_compared_by_itself_and_one_that_hangs_stops_no_other(stage: Running) -> None:
    async def story() -> None:
        one, two = await started(stage, venues=("SIM", "OTHER"), position_check_retries=1)
        one.on_list = lambda: asyncio.sleep(10_000.0, [])
        one.holds("5.000")
        two.holds("-3.000")
        await asyncio.sleep(60.0)
        assert (net(stage), net(stage, "OTHER")) == (0, -3)
        assert [str(order.instrument_id.venue) for order in stage.node.cache.orders()] == ["OTHER"]
        await stopped(stage)

    stage.run(story)


# -- reports that nobody asked for -------------------------------------------------------------------------------------


def test_row_220_an_unasked_report_that_differs_makes_it_look_soon(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_interval_secs=3_600.0, position_check_retries=1)
        await asyncio.sleep(2.0)
        began = stage.world.loop.time()
        report = venue.holds("1.000")
        for _ in range(3):
            stage.client.context.sink.receive_report(report)
        await asyncio.sleep(0.5)
        assert net(stage) == 0
        await asyncio.sleep(60.0)
        assert [round(at - began) for at in venue.lists_s] == [-1, 5]
        assert (net(stage), made(stage)) == (1, ["INTERNAL-DIFF"])
        await stopped(stage)

    stage.run(story)


def test_an_unasked_report_that_agrees_by_then_asks_nothing(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, position_check_interval_secs=3_600.0)
        await asyncio.sleep(2.0)
        report = venue.holds("1.000")
        stage.client.context.sink.receive_report(report)  # the position, a moment before the fill that made it
        await submitted(stage, filled=True)
        stage.client.context.sink.receive_report(report)
        await asyncio.sleep(60.0)
        assert len(venue.lists_s) == 1
        await stopped(stage)

    stage.run(story)


def test_an_unasked_report_of_what_was_given_up_asks_nothing(stage: Running) -> None:
    async def story() -> None:
        (venue,) = await started(stage, generate_missing_orders=False, position_check_retries=1)
        report = venue.holds("1.000")
        await asyncio.sleep(5.0)
        asked = len(venue.lists_s)
        for _ in range(3):
            stage.client.context.sink.receive_report(report)
        await asyncio.sleep(5.5)
        assert len(venue.lists_s) == asked
        await stopped(stage)

    stage.run(story)


def test_a_lost_close_is_found_and_closing_again_sends_nothing(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        (venue,) = await started(stage)
        opened = await submitted(stage, filled=True)
        stage.client.auto_fill = False
        strategy = stage.strategy
        closing = strategy.order_factory.limit(
            opened.instrument_id,
            OrderSide.SELL,
            Quantity.from_str("1.000"),
            Price.from_str("50100.00"),
            client_order_id=ClientOrderId("O-2"),
        )
        strategy.submit_order(closing)
        await asyncio.sleep(1.0)
        venue.trades("O-2", "1.000", "T-9", "SELL")
        venue.holds("0")
        await asyncio.sleep(30.0)
        assert (closing.status, net(stage)) == (OrderStatus.FILLED, 0)
        calls = list(stage.client.calls)
        strategy.close_all_positions(opened.instrument_id)
        position = stage.node.cache.positions()[0]
        strategy.close_position(position)
        await asyncio.sleep(1.0)
        assert stage.client.calls == calls
        assert isinstance(closing.last_event, OrderFilled)
        await stopped(stage)

    with caplog.at_level(logging.WARNING):
        stage.run(story)
    assert "nothing to close, the position is flat" in caplog.text
