"""A node on a simulated loop, with a client whose venue answers when the test says so, and whose stream breaks."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from nautilus_live.adapters.ports import ReportsQuery
from nautilus_live.engine.alarms import StreamGap
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import ClientId, TradeId, VenueOrderId
from nautilus_live.model.objects import Currency, Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport
from tests.live.conftest import BTC, FakeClient, Stage

SIM = ClientId("SIM")


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
