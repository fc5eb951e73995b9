"""A line to a venue that notes what arrives on it, and when."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.errors import WireError
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import GetOrders, PlaceOrder

BTC = instrument("BTCUSDT")


class Line:
    """One client's connection to the venue of a bench."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.heard: list[str] = []
        self.lost: list[str] = []
        self.connection: Any = None

    async def open(self) -> Line:
        gateway = self.bench.gateway
        self.connection = await gateway.connect("N", tuple(gateway.venue.account_ids), self, 1.0)
        return self

    def on_message(self, message: Any) -> None:
        self.heard.append(f"{message.label} {self.now}")

    def on_stream_lost(self, reason: str) -> None:
        self.lost.append(f"{reason} {self.now}")

    @property
    def now(self) -> str:
        return f"{self.bench.world.loop.time():.3f}"

    def order(self, name: str) -> PlaceOrder:
        return PlaceOrder(
            account_id=self.bench.venue.account_ids[0], instrument_id=BTC.id, side=OrderSide.BUY,
            quantity=Quantity.from_str("1.000"), client_order_id=ClientOrderId(name), price=Price.from_str("100.00"),
        )  # fmt: skip

    async def ask(self, request: Any = None, timeout_secs: float = 2.0) -> str:
        """Ask something; return what came of it, with the time."""
        request = request or GetOrders(account_id=self.bench.venue.account_ids[0])
        try:
            answer = await self.connection.request(request, timeout_secs)
        except WireError as error:
            return f"{type(error).__name__} {self.now}"
        return f"{answer.label} {self.now}"

    async def reopen(self) -> str:
        try:
            await self.connection.open_stream(1.0)
        except WireError as error:
            return f"{type(error).__name__} {self.now}"
        return f"open {self.now}"


@pytest.fixture
def line(run: Any) -> Any:
    """Run `async def body(line)` on a fresh line; settings are those of the venue's profile."""

    def runner(body: Any, **settings: Any) -> Any:
        async def main(bench: Any) -> Any:
            return await body(await Line(bench).open())

        return run(main, **settings)

    return runner
