"""A whole node whose venue answers for its positions as a test likes, and counts the questions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from msgspec import structs

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.model.enums import OrderSide, OrderStatus, OrderType
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, Symbol, TradeId, Venue, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from tests.live.conftest import FakeClient, Stage

CHECKING: dict[str, Any] = {
    "reconciliation_startup_delay_secs": 1.0,
    "inflight_check_interval_ms": 0,
    "position_check_interval_secs": 10.0,
}


class Running(Stage):
    """A stage that remembers its node's run."""

    task: asyncio.Task[int]


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
