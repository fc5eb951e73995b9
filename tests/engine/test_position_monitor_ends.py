"""The position monitor in a whole node, in virtual time: what stays unknown, and how a difference ends."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from nautilus_live.engine.inquiries import ANSWER_S_MAX
from nautilus_live.errors import WireError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import AccountType, OrderSide, OrderStatus
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.reports import PositionStatusReport
from tests.engine.position_checking import Running, kinds, made, net, started, stopped, submitted
from tests.live.conftest import FakeClient, instrument_at


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


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
