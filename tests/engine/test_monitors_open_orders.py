"""The open-order check in a whole node, in virtual time; a number in a test's name is the row of BEHAVIOUR.md."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from nautilus_live.adapters.ports import OrderQuery
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.errors import WireError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderUpdated
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from tests.engine.checking import POLLING, Running, filled, kinds, started, stopped, submitted, trade
from tests.live.conftest import instrument_at


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


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
        assert [name for _, name in venue.orders_s] == ["O-1", "O-1"], "and a second look"
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
        firsts = {name: at for at, name in reversed(venue.orders_s)}  # what is asked again is the second look
        moments = sorted(firsts.values())
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
        client.hold_order("O-1", venue_order_id=VenueOrderId("V-2"), ts_last=order.ts_last + 1)
        await asyncio.sleep(7.0)
        assert str(order.venue_order_id) == "V-2"
        assert (venue.fills_of, "query_account" in client.calls) == ([], False)
        client.orders.clear()
        client.hold_order(
            "O-1",
            OrderStatus.PARTIALLY_FILLED,
            venue_order_id=VenueOrderId("V-2"),
            filled_qty=Quantity.from_str("0.400"),
            ts_last=order.ts_last + 2,
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
        assert kinds(stage) == ["order.overfilled"]
        assert len(venue.fills_s) == 1 + 4  # by the poll, and by second looks after 5, 10, 20 and 40 s more
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
        assert (first.provisional, second.provisional) == (True, False)
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
