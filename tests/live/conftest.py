"""A world with one node in it, and an execution client that does what the test tells it to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.adapters.ports import ExecutionClientContext, OrderQuery, ReportsQuery
from nautilus_live.config import LiveExecClientConfig, LiveExecEngineConfig, TradingNodeConfig
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import (
    AccountType,
    OmsType,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    Provenance,
    TimeInForce,
)
from nautilus_live.model.events import (
    AccountState,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderSubmitted,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    Symbol,
    TradeId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.instruments import CryptoPerpetual, Instrument
from nautilus_live.model.objects import AccountBalance, Currency, Money, Price, Quantity
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport, PositionStatusReport
from nautilus_live.store.memory import MemoryStore
from nautilus_live.trading.strategy import Strategy
from scenarios.world.world import World

BTC = InstrumentId.from_str("BTCUSDT.SIM")


def instrument_at(venue: str) -> CryptoPerpetual:
    """The one instrument of each venue."""
    return CryptoPerpetual(
        id=InstrumentId(Symbol("BTCUSDT"), Venue(venue)),
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=Currency.from_str("BTC"),
        quote_currency=Currency.from_str("USDT"),
        price_precision=2,
        size_precision=3,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"),
    )


Hook = Callable[[], Any]


class FakeClient:
    """An execution client on the real port. Hooks named after a method are awaited in its place or before it."""

    def __init__(self, context: ExecutionClientContext, venue: str) -> None:
        self.id = ClientId(context.name)
        self.venue = Venue(venue)
        self.account_id = AccountId(f"{venue}-001")
        self.account_type = AccountType.MARGIN
        self.oms_type = OmsType.NETTING
        self.links_orders = True
        self.context = context
        self.connected = False
        self.calls: list[str] = []
        self.hooks: dict[str, Hook] = {}
        self.orders: list[OrderStatusReport] = []
        self.fills: list[FillReport] = []
        self.positions: list[PositionStatusReport] = []
        self.position_answers: dict[InstrumentId, Any] = {}
        self.instruments: dict[InstrumentId, Instrument] = {}
        self.auto_fill = False
        self.auto_accept = True
        self.answers_cancels = True
        self._trades = 0

    @property
    def is_connected(self) -> bool:
        return self.connected

    async def _enter(self, name: str) -> Any:
        self.calls.append(name)
        hook = self.hooks.get(name)
        if hook is None:
            return None
        result = hook()
        return await result if asyncio.iscoroutine(result) else result

    async def connect(self) -> None:
        await self._enter("connect")
        self.connected = True
        self.context.sink.receive_instrument(instrument_at(self.venue.value))
        money = Money(Decimal(1_000_000), Currency.from_str("USDT"))
        self.context.sink.receive_account_state(
            AccountState(
                event_id=f"{self.id}-account",
                ts_event=0,
                ts_init=0,
                account_id=self.account_id,
                account_type=self.account_type,
                balances=(AccountBalance(money, Money(Decimal(0), money.currency), money),),
            )
        )

    async def disconnect(self) -> None:
        self.connected = False
        await self._enter("disconnect")

    # commands

    def _common(self, order: Any) -> dict[str, Any]:
        now = self.context.clock.timestamp_ns()
        return {
            "event_id": self.context.event_ids.next(),  # type: ignore[attr-defined]  # `object` in the port
            "ts_event": now,
            "ts_init": now,
            "trader_id": order.trader_id,
            "strategy_id": order.strategy_id,
            "instrument_id": order.instrument_id,
            "client_order_id": order.client_order_id,
            "account_id": self.account_id,
        }

    def emit(self, kind: Any, order: Any, **fields: Any) -> None:
        fields.setdefault("provenance", Provenance.STREAM)
        if kind is not OrderSubmitted:
            fields.setdefault("venue_order_id", VenueOrderId(f"V-{order.client_order_id}"))
        self.context.sink.process(kind(**self._common(order), **fields))

    def fill(self, order: Any, quantity: str | None = None) -> None:
        self._trades += 1
        self.emit(
            OrderFilled,
            order,
            trade_id=TradeId(f"T-{self._trades}"),
            order_side=order.side,
            order_type=order.order_type,
            last_qty=order.leaves_qty if quantity is None else Quantity.from_str(quantity),
            last_px=order.price or Price.from_str("50000.00"),
            currency=Currency.from_str("USDT"),
        )

    def submit_order(self, command: Any) -> None:
        self.calls.append(f"submit {command.order.client_order_id}")
        self.emit(OrderSubmitted, command.order, provenance=Provenance.LOCAL)
        if self.auto_accept:
            self.emit(OrderAccepted, command.order)
            if self.auto_fill or command.order.order_type is OrderType.MARKET:
                self.fill(command.order)

    def submit_order_list(self, command: Any) -> None:
        self.calls.append("submit_order_list")

    def modify_order(self, command: Any) -> None:
        self.calls.append(f"modify {command.client_order_id}")

    def cancel_order(self, command: Any) -> None:
        self.calls.append(f"cancel {command.client_order_id}")
        order = self.context.cache.order(command.client_order_id)  # type: ignore[attr-defined]  # `object` in the port
        if self.answers_cancels:
            self.context.loop.call_later(0.05, self.emit, OrderCanceled, order)

    def cancel_all_orders(self, command: Any) -> None:
        self.calls.append(f"cancel_all {command.instrument_id}")
        for order in self.context.cache.orders_open(instrument_id=command.instrument_id):  # type: ignore[attr-defined]  # `object` in the port
            if self.answers_cancels:
                self.context.loop.call_later(0.05, self.emit, OrderCanceled, order)

    def batch_cancel_orders(self, command: Any) -> None:
        for cancel in command.cancels:
            self.cancel_order(cancel)

    def query_account(self, command: Any) -> None:
        self.calls.append("query_account")

    # queries

    async def generate_order_status_report(self, query: OrderQuery) -> OrderStatusReport | None:
        await self._enter("order_status")
        return next((one for one in self.orders if one.client_order_id == query.client_order_id), None)

    async def generate_order_status_reports(self, query: ReportsQuery) -> list[OrderStatusReport]:
        return list(self.orders)

    async def generate_fill_reports(self, query: ReportsQuery) -> list[FillReport]:
        return list(self.fills)

    async def generate_position_status_reports(self, query: ReportsQuery) -> list[PositionStatusReport]:
        self.calls.append(f"positions {query.instrument_id}")
        if query.instrument_id in self.position_answers:
            answer = self.position_answers[query.instrument_id]
            if isinstance(answer, Exception):
                raise answer
            return list(answer)
        return [one for one in self.positions if query.instrument_id in (None, one.instrument_id)]

    async def generate_mass_status(self, lookback_mins: int | None = None) -> Any:
        replaced = await self._enter("mass_status")
        if replaced is not None:
            return None if replaced == "none" else replaced
        return ExecutionMassStatus(
            client_id=self.id,
            account_id=self.account_id,
            venue=self.venue,
            orders=list(self.orders),
            fills=list(self.fills),
            positions=list(self.positions),
            ts_init=self.context.clock.timestamp_ns(),
        )

    async def load_instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        await self._enter("load_instrument")
        return self.instruments.get(instrument_id)

    # what the venue holds

    def hold_order(
        self, client_order_id: str, status: OrderStatus = OrderStatus.ACCEPTED, **fields: Any
    ) -> OrderStatusReport:
        fields.setdefault("instrument_id", InstrumentId(Symbol("BTCUSDT"), self.venue))
        fields.setdefault("venue_order_id", VenueOrderId(f"V-{client_order_id}"))
        fields.setdefault("quantity", Quantity.from_str("1.000"))
        fields.setdefault("filled_qty", Quantity.from_str("0.000"))
        report = OrderStatusReport(
            account_id=self.account_id,
            client_order_id=ClientOrderId(client_order_id),
            order_side=OrderSide.BUY,
            order_type=OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            order_status=status,
            price=Price.from_str("50000.00"),
            **fields,
        )
        self.orders.append(report)
        return report

    def hold_position(self, signed: str, average: str = "50000.00") -> PositionStatusReport:
        quantity = Decimal(signed)
        side = PositionSide.LONG if quantity > 0 else PositionSide.SHORT if quantity < 0 else PositionSide.FLAT
        report = PositionStatusReport(
            account_id=self.account_id,
            instrument_id=InstrumentId(Symbol("BTCUSDT"), self.venue),
            position_side=side,
            quantity=Quantity(abs(quantity), 3),
            avg_px_open=Decimal(average),
        )
        self.positions.append(report)
        return report


class Recorder(Strategy):
    """A strategy that writes down what happens to it."""

    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.seen: list[str] = []
        self.at_start: Callable[[Recorder], Any] | None = None
        self.at_stop: Callable[[Recorder], Any] | None = None
        self.on: dict[str, Callable[[Any], Any]] = {}

    def on_start(self) -> None:
        self.seen.append("on_start")
        if self.at_start is not None:
            self.at_start(self)

    def on_stop(self) -> None:
        self.seen.append("on_stop")
        if self.at_stop is not None:
            self.at_stop(self)

    def on_event(self, event: Any) -> None:
        name = type(event).__name__
        self.seen.append(name)
        if name in self.on:
            self.on[name](event)


class Stage:
    """A world, the venues' clients, and the node on them."""

    def __init__(self, *, signals: bool = True, seed: int = 0) -> None:
        self.world = World(seed, time_limit_s=200_000.0, signals=signals)
        self.clients: dict[str, FakeClient] = {}
        self.scripts: dict[str, Callable[[FakeClient], Any]] = {}
        self.strategy = Recorder()
        self.steps: list[str] = []
        self.step_hook: Callable[[str], Any] | None = None
        self.store = MemoryStore()
        self.node: TradingNode
        self.alarms: list[Any] = []

    def make(self, name: str) -> Any:
        stage = self

        class Factory:
            def create(self, loop: Any, name: str, config: Any, context: Any) -> FakeClient:
                client = stage.clients[name] = FakeClient(context, name)
                if name in stage.scripts:
                    stage.scripts[name](client)
                return client

        return Factory

    def build(
        self, venues: tuple[str, ...] = ("SIM",), *, engine: dict[str, Any] | None = None, **settings: Any
    ) -> TradingNode:
        config = TradingNodeConfig(
            trader_id="TESTER-001",
            exec_engine=LiveExecEngineConfig(**(engine or {})),
            exec_clients={name: LiveExecClientConfig() for name in venues},
            **settings,
        )
        self.node = TradingNode(
            config,
            clock=self.world.clock,
            store=self.store.connect(),
            entropy=self.world.entropy.stream(f"node {len(self.steps)}"),
            before_step=self._on_step,
        )
        for name in venues:
            self.node.add_exec_client_factory(name, self.make(name))
        self.node.build()
        self.node.trader.add_strategy(self.strategy)
        self.node.kernel.msgbus.subscribe("alarms", self.alarms.append)
        return self.node

    def _on_step(self, step: Any) -> None:
        self.steps.append(step.action)
        if self.step_hook is not None:
            self.step_hook(step.action)

    @property
    def client(self) -> FakeClient:
        return next(iter(self.clients.values()))

    def run(self, story: Callable[[], Any]) -> Any:
        """Run `story` (it builds the node) and require that nothing is left behind."""

        async def main() -> Any:
            result = await story()
            await asyncio.sleep(0)
            left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            assert left == []
            return result

        return self.world.run(main)

    async def running(self, **settings: Any) -> asyncio.Task[int]:
        """Build the node and bring it to RUNNING."""
        node = self.build(**settings)
        task = asyncio.create_task(node.run_async())
        while not node.is_running() and not task.done():  # noqa: ASYNC110  # from outside there is no event to await
            await asyncio.sleep(0.001)
        return task


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def make_stage() -> type[Stage]:
    return Stage


@pytest.fixture(autouse=True)
def without_freezing() -> Iterator[None]:
    before = TradingNode.tunes_garbage_collection
    TradingNode.tunes_garbage_collection = False
    logging.getLogger("nautilus_live").setLevel(logging.DEBUG)
    yield
    TradingNode.tunes_garbage_collection = before
