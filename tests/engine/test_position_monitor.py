"""The position monitor in a whole node, in virtual time: when it asks, and trades that explain a difference."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.adapters.ports import ReportsQuery
from nautilus_live.errors import WireError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, Symbol, TradeId, Venue
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from tests.engine.position_checking import Running, kinds, made, net, started, stopped, submitted


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


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
