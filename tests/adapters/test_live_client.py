"""The base class of execution clients: tasks, events, mass status."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.adapters.client import LiveExecutionClient
from nautilus_live.adapters.ports import ExecutionClient, ExecutionClientContext, ReportsQuery
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.ids import EventIds
from nautilus_live.errors import RequestNotSent, WireTimeout
from nautilus_live.model.commands import CancelOrder, QueryAccount
from nautilus_live.model.enums import AccountType, OmsType, Provenance
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    StrategyId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from scenarios.world.world import World

STEM = (StrategyId("S-001"), InstrumentId.from_str("BTCUSDT.SIM"), ClientOrderId("O-1"))
CANCEL = CancelOrder(
    trader_id=TraderId("T-1"),
    command_id="C",
    ts_init=0,
    strategy_id=STEM[0],
    instrument_id=STEM[1],
    client_order_id=STEM[2],
)


class Sink:
    """Records what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def process(self, event: Any) -> None:
        self.heard.append(event)

    def receive_report(self, report: Any) -> None:
        self.heard.append(report)

    def receive_account_state(self, state: Any) -> None:
        self.heard.append(state)

    def receive_instrument(self, instrument: Any) -> None:
        self.heard.append(instrument)

    def receive_connection_change(
        self, client_id: ClientId, connected: bool, reason: str, since_ns: int | None = None
    ) -> None:
        self.heard.append((client_id, connected, reason))

    def receive_missed(self, client_id: ClientId, since_ns: int, reason: str) -> None:
        self.heard.append((client_id, since_ns, reason))


class Adapter(LiveExecutionClient):
    """An adapter whose answers a test chooses."""

    def __init__(self, context: ExecutionClientContext) -> None:
        super().__init__(
            context,
            venue=Venue("SIM"),
            account_id=AccountId("SIM-001"),
            oms_type=OmsType.NETTING,
            account_type=AccountType.CASH,
        )
        self.hook: Callable[[], Any] = asyncio.Event().wait
        self.answers: dict[str, Any] = {"orders": [], "fills": [], "positions": []}
        self.queries: dict[str, ReportsQuery] = {}
        self.delay_s = 0.0

    async def _connect(self) -> None:
        pass

    async def _disconnect(self) -> None:
        pass

    async def _command(self, command: Any) -> None:
        await self.hook()

    _submit_order = _modify_order = _cancel_order = _cancel_all_orders = _query_account = _command

    async def generate_order_status_report(self, query: Any) -> None:
        return None

    async def load_instrument(self, instrument_id: Any) -> None:
        return None

    async def _reports(self, part: str, query: ReportsQuery) -> Any:
        self.queries[part] = query
        await asyncio.sleep(self.delay_s)
        answer = self.answers[part]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def generate_order_status_reports(self, query: ReportsQuery) -> list[OrderStatusReport]:
        return await self._reports("orders", query)  # type: ignore[no-any-return]  # chosen by the test

    async def generate_fill_reports(self, query: ReportsQuery) -> list[FillReport]:
        return await self._reports("fills", query)  # type: ignore[no-any-return]  # chosen by the test

    async def generate_position_status_reports(self, query: ReportsQuery) -> list[PositionStatusReport]:
        return await self._reports("positions", query)  # type: ignore[no-any-return]  # chosen by the test


def play(story: Callable[[Adapter, Sink], Any]) -> Any:
    world = World()

    async def main() -> Any:
        sink = Sink()
        context = ExecutionClientContext(
            name="SIM-1",
            trader_id="T-1",
            loop=asyncio.get_running_loop(),
            clock=world.clock,
            sink=sink,
            cache=Cache(),
            event_ids=EventIds("E"),
        )
        return await story(Adapter(context), sink)

    return world.run(main)


def test_it_is_an_execution_client() -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        port: ExecutionClient = client
        assert (port.id, port.is_connected) == (ClientId("SIM-1"), False)
        await client.connect()
        assert client.is_connected
        await client.disconnect()
        assert not client.is_connected

    play(story)


def test_a_command_returns_at_once_and_disconnecting_ends_it() -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        client.cancel_order(CANCEL)  # waits for ever
        await asyncio.sleep(0.1)
        client.cancel_order(CANCEL)  # not begun yet
        assert len(client._tasks) == 2
        await client.disconnect()
        assert len(client._tasks) == 0
        assert sink.heard == []

    play(story)


@pytest.mark.parametrize(("error", "level"), [(WireTimeout("5 s"), logging.WARNING), (KeyError("x"), logging.ERROR)])
def test_an_exception_in_a_hook_is_logged_and_proves_nothing(
    error: Exception, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        async def fail() -> None:
            raise error

        client.hook = fail
        client.cancel_order(CANCEL)
        await asyncio.sleep(0.001)
        assert sink.heard == []
        assert len(client._tasks) == 0

    play(story)

    assert [record.levelno for record in caplog.records] == [level]
    assert "cancel O-1: outcome unknown" in caplog.text


def test_a_mass_status_asks_all_at_once_and_leaves_open_what_was_not_answered() -> None:
    async def story(client: Adapter, sink: Sink) -> float:
        client.delay_s = 1.0
        client.answers["fills"] = WireTimeout("page 2")
        began = asyncio.get_running_loop().time()
        status = await client.generate_mass_status(lookback_mins=10)
        assert (status.orders, status.fills, status.positions) == ([], None, [])
        assert not status.is_complete
        assert status.start_ns == client.queries["orders"].start_ns == status.ts_init - 601_000_000_000
        assert client.queries["positions"].start_ns is None
        return asyncio.get_running_loop().time() - began

    assert play(story) == pytest.approx(1.0)


@pytest.mark.parametrize("lookback_mins", [None, 0])
def test_no_lookback_asks_for_everything(lookback_mins: int | None) -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        status = await client.generate_mass_status(lookback_mins)
        assert status.is_complete
        assert status.start_ns is None
        assert client.queries["fills"].start_ns is None

    play(story)


def test_a_cancelled_mass_status_is_cancelled_and_not_half_answered() -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        client.delay_s = 10.0
        task = asyncio.get_running_loop().create_task(client.generate_mass_status())
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    play(story)


def test_events_say_whose_word_they_are() -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        venue_order_id = VenueOrderId("V-1")
        client.generate_order_submitted(*STEM, 5)
        client.generate_order_accepted(*STEM, venue_order_id, 6)
        client.generate_order_rejected(*STEM, "no", 7)
        client.generate_order_cancel_rejected(*STEM, venue_order_id, "late", 8)
        client.generate_order_canceled(*STEM, venue_order_id, 9, Provenance.RESPONSE)
        client.generate_order_expired(*STEM, venue_order_id, 9)
        client.generate_order_pending_update(*STEM, None, 9)

        got = [(type(event).__name__, event.provenance.name, event.ts_event) for event in sink.heard]
        assert got == [
            ("OrderSubmitted", "LOCAL", 5),
            ("OrderAccepted", "STREAM", 6),
            ("OrderRejected", "RESPONSE", 7),
            ("OrderCancelRejected", "RESPONSE", 8),
            ("OrderCanceled", "RESPONSE", 9),
            ("OrderExpired", "STREAM", 9),
            ("OrderPendingUpdate", "LOCAL", 9),
        ]
        assert len({event.event_id for event in sink.heard}) == 7
        assert all(event.account_id == AccountId("SIM-001") for event in sink.heard)
        assert all(event.ts_init == client._clock.timestamp_ns() for event in sink.heard)

    play(story)


async def without_a_connection() -> None:
    raise RequestNotSent("SIM-1: a request needs a connection, was none")


def client_context(client: Adapter) -> ExecutionClientContext:
    return ExecutionClientContext(
        name="SIM-2",
        trader_id="T-1",
        loop=client._loop,
        clock=client._clock,
        sink=client._sink,
        cache=client._cache,
        event_ids=client._event_ids,
    )


def test_a_command_that_certainly_never_left_is_refused_at_once() -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        client.hook = without_a_connection
        client.cancel_order(CANCEL)
        await asyncio.sleep(0.01)
        (event,) = sink.heard
        assert type(event).__name__ == "OrderCancelRejected"
        assert event.provenance is Provenance.LOCAL
        assert event.reason == "NOT_SENT: SIM-1: a request needs a connection, was none"

    play(story)


def test_an_adapter_that_lacks_a_hook_cannot_be_made() -> None:
    class Incomplete(LiveExecutionClient):
        async def _connect(self) -> None:
            pass

    async def story(client: Adapter, sink: Sink) -> None:
        with pytest.raises(TypeError, match="_submit_order"):
            Incomplete(  # type: ignore[abstract]  # that is the point
                client_context(client),
                venue=Venue("SIM"),
                account_id=AccountId("SIM-001"),
                oms_type=OmsType.NETTING,
                account_type=AccountType.CASH,
            )

    play(story)


def test_what_was_missed_and_since_when_reaches_the_engine() -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        client.report_connection_change(False, "silent", since_ns=5)
        client.report_missed(7, "sequence 9 after 7")
        assert sink.heard == [(client.id, False, "silent"), (client.id, 7, "sequence 9 after 7")]
        assert not client.is_connected

    play(story)


def test_the_account_is_asked_for_until_it_is_answered_and_once_for_many() -> None:
    async def story(client: Adapter, sink: Sink) -> None:
        asked_s: list[float] = []

        async def fail_twice() -> None:
            asked_s.append(client._loop.time())
            await asyncio.sleep(0.1)
            if len(asked_s) < 3:
                raise WireTimeout("no answer")

        client.hook = fail_twice
        question = QueryAccount(trader_id=CANCEL.trader_id, command_id="C", ts_init=0, account_id=client.account_id)
        for _ in range(5):
            client.query_account(question)
        await asyncio.sleep(60.0)
        assert [round(second, 1) for second in asked_s] == [0.0, 1.1, 3.2]
        client.query_account(question)
        await asyncio.sleep(0.05)
        client.query_account(question)  # what was asked before this may be older
        await asyncio.sleep(1.0)
        assert len(asked_s) == 5

    play(story)
