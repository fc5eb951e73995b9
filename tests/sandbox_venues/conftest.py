"""A small kernel side: real orders in a real lifecycle, behind the sink that an adapter talks to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

import pytest

from nautilus_live.adapters.ports import DataClientContext, ExecutionClientContext
from nautilus_live.model.commands import CancelOrder, ModifyOrder, SubmitOrder
from nautilus_live.model.enums import OrderSide, OrderType
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import ClientOrderId, StrategyId, TraderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order, order_from
from sandbox_venues.adapter import SandboxExecClientConfig, SandboxExecutionClient
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import PlaceOrder
from sandbox_venues.profiles import profile
from sandbox_venues.venue import Venue, VenueConfig
from scenarios.world.world import World

TRADER = TraderId("TESTER-001")
STRATEGY = StrategyId("S-001")
BTC = instrument("BTCUSDT")


class Ids:
    """Event ids by number."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def next(self) -> str:
        return f"E-{next(self._numbers)}"


class Node:
    """What an engine does for an adapter, without deciding anything: keeps orders, collects what it is told."""

    def __init__(self) -> None:
        self.orders: dict[ClientOrderId, Order] = {}
        self.venue_ids: dict[Any, ClientOrderId] = {}
        self.instruments: dict[Any, Any] = {}
        self.events: list[Any] = []
        self.reports: list[Any] = []
        self.accounts: list[Any] = []
        self.data: list[Any] = []
        self.changes: list[tuple[bool, str]] = []
        self.ids = Ids()

    # -- knowledge
    def order(self, client_order_id: ClientOrderId) -> Order | None:
        return self.orders.get(client_order_id)

    def client_order_id(self, venue_order_id: Any, instrument_id: Any = None) -> ClientOrderId | None:
        return self.venue_ids.get(venue_order_id)

    def orders_inflight(self, *, instrument_id: Any, strategy_id: Any) -> list[Order]:
        inflight = [order for order in self.orders.values() if order.is_inflight]
        return [one for one in inflight if (one.instrument_id, one.strategy_id) == (instrument_id, strategy_id)]

    def instrument(self, instrument_id: Any) -> Any:
        return self.instruments.get(instrument_id)

    # -- sink
    def process(self, event: Any) -> None:
        if not hasattr(event, "client_order_id"):
            self.data.append(event)
            return
        self.events.append(event)
        if event.venue_order_id is not None:
            self.venue_ids[event.venue_order_id] = event.client_order_id

    def receive_report(self, report: Any) -> None:
        self.reports.append(report)

    def receive_account_state(self, state: Any) -> None:
        self.accounts.append(state)

    def receive_instrument(self, item: Any) -> None:
        self.instruments[item.id] = item

    def receive_connection_change(
        self, client_id: Any, connected: bool, reason: str, since_ns: int | None = None
    ) -> None:
        self.changes.append((connected, reason))

    # -- commands
    def new_order(self, name: str, side: str = "BUY", quantity: str = "1.000", price: str | None = "50000.00") -> Order:
        init = OrderInitialized(
            event_id=self.ids.next(), ts_event=0, ts_init=0, trader_id=TRADER, strategy_id=STRATEGY,
            instrument_id=BTC.id, client_order_id=ClientOrderId(name), order_side=OrderSide[side],
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT, quantity=Quantity.from_str(quantity),
            price=None if price is None else Price.from_str(price),
        )  # fmt: skip
        self.orders[init.client_order_id] = order = order_from(init)
        return order

    def _base(self) -> dict[str, Any]:
        return {
            "trader_id": TRADER, "command_id": self.ids.next(), "ts_init": 0, "strategy_id": STRATEGY,
            "instrument_id": BTC.id,
        }  # fmt: skip

    def submit(self, order: Order) -> SubmitOrder:
        return SubmitOrder(order=order, **self._base())

    def cancel(self, name: str) -> CancelOrder:
        return CancelOrder(client_order_id=ClientOrderId(name), **self._base())

    def modify(self, name: str, **changes: Any) -> ModifyOrder:
        return ModifyOrder(client_order_id=ClientOrderId(name), **changes, **self._base())

    def said(self) -> list[str]:
        """The events so far, each as KIND ORDER PROVENANCE."""
        return [f"{type(e).__name__} {e.client_order_id} {e.provenance}" for e in self.events]


class Bench:
    """A world with one venue, its gateway, and one node's execution client."""

    def __init__(self, world: World, settings: dict[str, Any]) -> None:
        self.world = world
        self.venue = Venue(VenueConfig(profile=profile(**settings)), [BTC], world.clock.timestamp_ns())
        self.gateway = VenueGateway(self.venue, world.clock, on_message=self._record)
        self.node = Node()
        self.trace: list[str] = []

    def _record(self, direction: str, kind: str, summary: str) -> None:
        self.trace.append(f"{self.world.loop.time():.6f} {direction} {kind} {summary}")

    @property
    def script(self) -> Any:
        return self.gateway.script

    def context(self, kind: Any = ExecutionClientContext) -> Any:
        shared: dict[str, Any] = {
            "name": "SANDBOX", "trader_id": TRADER.value, "loop": asyncio.get_running_loop(),
            "clock": self.world.clock, "sink": self.node, "cache": self.node,
        }  # fmt: skip
        if kind is DataClientContext:
            return DataClientContext(**shared)
        return ExecutionClientContext(event_ids=self.node.ids, **shared)

    async def client(self, **settings: Any) -> SandboxExecutionClient:
        settings.setdefault("heartbeat_secs", 0.0)
        client = SandboxExecutionClient(self.context(), self.gateway, SandboxExecClientConfig(**settings))
        await client.connect()
        return client


@pytest.fixture
def run() -> Callable[..., Any]:
    """Run `async def body(bench)` in a world of its own; settings are those of the venue profile."""

    def runner(body: Callable[[Bench], Coroutine[Any, Any, Any]], seed: int = 0, **settings: Any) -> Any:
        world = World(seed, time_limit_s=3_600.0, signals=False)

        async def main() -> Any:
            bench = Bench(world, settings)
            result = await body(bench)
            bench.venue.check()
            return result

        return world.run(main)

    return runner


class Floor:
    """A venue without any transport: orders by short calls."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.venue = Venue(VenueConfig(profile=profile(**settings)), [BTC, instrument("ETHUSDT")])
        self.account = self.venue.account_ids[0]
        self.now_ns = 1_000

    def order(
        self, name: str | None, side: str = "BUY", quantity: str = "1.000", price: str | None = "50000.00", **more: Any
    ) -> PlaceOrder:
        for field in ("trigger_price", "activation_price"):
            if isinstance(more.get(field), str):
                more[field] = Price.from_str(more[field])
        kind = more.pop("order_type", OrderType.MARKET if price is None else OrderType.LIMIT)
        return PlaceOrder(
            account_id=more.pop("account_id", self.account), instrument_id=more.pop("instrument_id", BTC.id),
            side=OrderSide[side], quantity=Quantity.from_str(quantity), order_type=kind,
            client_order_id=None if name is None else ClientOrderId(name),
            price=None if price is None else Price.from_str(price), **more,
        )  # fmt: skip

    def place(self, *arguments: Any, **more: Any) -> Any:
        return self.handle(self.order(*arguments, **more))

    def handle(self, command: Any) -> Any:
        handled = self.venue.handle(command, self.now_ns)
        self.venue.check()
        return handled

    def do(self, action: str, *arguments: Any, **more: Any) -> list[Any]:
        messages = getattr(self.venue, action)(*arguments, now_ns=self.now_ns, **more)
        self.venue.check()
        return list(messages)

    def report(self, name: str) -> Any:
        return next(r for r in reversed(self.venue.orders()) if str(r.client_order_id) == name)


@pytest.fixture
def floor() -> Callable[..., Floor]:
    """Make a venue without transport; settings are those of the profile."""

    def make(**settings: Any) -> Floor:
        return Floor(settings)

    return make
