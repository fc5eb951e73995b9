"""A whole node whose venue answers the monitors' questions as a test likes, and counts them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, Symbol, TradeId, Venue, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport
from tests.live.conftest import FakeClient, Stage

# The watch over orders that wait too long has tests of its own.
QUICK: dict[str, Any] = {"reconciliation_startup_delay_secs": 1.0, "uncertain_after_secs": None}
POLLING: dict[str, Any] = {**QUICK, "open_check_interval_secs": 5.0, "inflight_check_interval_ms": 0}


class Running(Stage):
    """A stage that remembers its node's run."""

    task: asyncio.Task[int]


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
