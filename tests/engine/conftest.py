"""The engines of one node on a simulated loop, with a client whose venue does what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.adapters.client import LiveExecutionClient
from nautilus_live.adapters.ports import Clock, ExecutionClientContext, OrderQuery
from nautilus_live.config.clients import RoutingConfig
from nautilus_live.config.engines import LiveRiskEngineConfig
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.config.storage import CacheConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.engine.risk import RiskEngine
from nautilus_live.model.commands import ModifyOrder, SubmitOrder
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import AccountType, LiquiditySide, OmsType, OrderSide, OrderType
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.instruments import CurrencyPair
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from nautilus_live.model.orders import Order, order_from
from nautilus_live.model.reports import OrderStatusReport
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import StoreWriter
from scenarios.world.world import World

TRADER = TraderId("TRADER-001")
STRATEGY = StrategyId("S-001")
VENUE = Venue("SIM")
ACCOUNT = AccountId("SIM-001")
USDT = Currency.from_str("USDT")


def make_instrument(name: str = "BTCUSDT.SIM", **limits: Any) -> CurrencyPair:
    instrument_id = InstrumentId.from_str(name)
    return CurrencyPair(
        id=instrument_id,
        raw_symbol=Symbol(instrument_id.symbol.value),
        base_currency=Currency.from_str("BTC"),
        quote_currency=USDT,
        price_precision=2,
        size_precision=3,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"),
        **limits,
    )


BTC = make_instrument()


class ScriptedClient(LiveExecutionClient):
    """Records commands; answers a query with what the test put into `answer`."""

    def __init__(self, context: ExecutionClientContext, venue: Venue, oms_type: OmsType) -> None:
        account_id = AccountId(f"{venue}-001")
        super().__init__(
            context, venue=venue, account_id=account_id, oms_type=oms_type, account_type=AccountType.MARGIN
        )
        self.commands: list[Any] = []
        self.on_submit: Callable[[SubmitOrder], object] = lambda command: None
        self.answer: OrderStatusReport | Exception | None = None

    async def _connect(self) -> None:
        pass

    async def _disconnect(self) -> None:
        pass

    async def _submit_order(self, command: Any) -> None:
        self.on_submit(command)
        self.commands.append(command)

    async def _record(self, command: Any) -> None:
        self.commands.append(command)

    _modify_order = _cancel_order = _cancel_all_orders = _query_account = _batch_cancel_orders = _record

    async def _nothing(self, query: Any) -> Any:
        return []

    generate_order_status_reports = generate_fill_reports = generate_position_status_reports = _nothing

    async def load_instrument(self, instrument_id: InstrumentId) -> None:
        return None

    async def generate_order_status_report(self, query: OrderQuery) -> OrderStatusReport | None:
        self.commands.append(query)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Rig:
    """Engines, wired, started, on the running loop."""

    def __init__(
        self,
        clock: Clock,
        *,
        exec_config: LiveExecEngineConfig | None = None,
        risk_config: LiveRiskEngineConfig | None = None,
        cache_config: CacheConfig | None = None,
        store: MemoryStore | None = None,
        oms_type: OmsType = OmsType.NETTING,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.clock = clock
        self.store = store
        self.writer: StoreWriter | None = None
        if store is not None:
            self.connection = store.connect()
            self.writer = StoreWriter(self.connection, TRADER, cache_config, loop=self.loop)
        self.event_ids = EventIds("E")
        self.bus = MessageBus(TRADER, clock)
        self.cache = Cache(self.writer, cache_config)
        self.portfolio = Portfolio(self.cache, self.bus, clock)
        parts: dict[str, Any] = {
            "loop": self.loop,
            "msgbus": self.bus,
            "cache": self.cache,
            "clock": clock,
            "event_ids": self.event_ids,
        }
        self.errors: list[Exception] = []
        self.engine = ExecutionEngine(
            **parts, trader_id=TRADER, config=exec_config or LiveExecEngineConfig(), on_error=self.errors.append
        )
        self.risk = RiskEngine(**parts, config=risk_config or LiveRiskEngineConfig(), execution=self.engine)
        self.client = self.add_client("SIM", VENUE, oms_type)
        self.cache.add_instrument(BTC)
        self.heard: list[Any] = []
        self.alarms: list[Any] = []
        self.bus.subscribe("events.*", self.heard.append)
        self.bus.subscribe("alarms", self.alarms.append)
        self.engine.start()
        self._trades = 0

    def add_client(
        self, name: str, venue: Venue, oms_type: OmsType = OmsType.NETTING, routing: RoutingConfig | None = None
    ) -> ScriptedClient:
        context = ExecutionClientContext(
            name=name,
            trader_id=TRADER.value,
            loop=self.loop,
            clock=self.clock,
            sink=self.engine,
            cache=self.cache,
            event_ids=self.event_ids,
        )
        client = ScriptedClient(context, venue, oms_type)
        self.engine.register_client(client, routing)
        return client

    # -- what a test does --------------------------------------------------------------------------------------------

    def order(
        self,
        name: str = "O-1",
        side: str = "BUY",
        quantity: str = "1.000",
        price: str | None = "50000.00",
        **fields: Any,
    ) -> Order:
        return make_order(name, side, quantity, price, self.clock.timestamp_ns(), **fields)

    def command(self, order: Order, **fields: Any) -> SubmitOrder:
        return SubmitOrder(
            trader_id=TRADER,
            command_id="C",
            ts_init=self.clock.timestamp_ns(),
            strategy_id=order.strategy_id,
            instrument_id=order.instrument_id,
            order=order,
            **fields,
        )

    def submit(self, order: Order, **fields: Any) -> Order:
        self.engine.execute(self.command(order, **fields))
        return order

    def working(self, order: Order, venue_order_id: str = "V-1", **fields: Any) -> Order:
        """Submit an order and let the venue accept it."""
        self.submit(order, **fields)
        ids = (order.strategy_id, order.instrument_id, order.client_order_id)
        self.client.generate_order_submitted(*ids, self.clock.timestamp_ns())
        self.client.generate_order_accepted(*ids, VenueOrderId(venue_order_id), self.clock.timestamp_ns())
        return order

    def fill(
        self,
        order: Order,
        quantity: str,
        price: str = "50000.00",
        trade: str | None = None,
        position_id: str | None = None,
        commission: str = "0",
        venue_order_id: str | None = None,
    ) -> None:
        """Let the venue tell of a trade."""
        self._trades += 1
        venue_id = VenueOrderId(venue_order_id) if venue_order_id else order.venue_order_id or VenueOrderId("V-1")
        self.client.generate_order_filled(
            order.strategy_id,
            order.instrument_id,
            order.client_order_id,
            venue_id,
            PositionId(position_id) if position_id else None,
            TradeId(trade or f"T-{self._trades}"),
            order.side,
            order.order_type,
            Quantity.from_str(quantity),
            Price.from_str(price),
            USDT,
            Money(Decimal(commission), USDT),
            LiquiditySide.MAKER,
            self.clock.timestamp_ns(),
        )

    def quote(self, bid: str, ask: str) -> None:
        size = Quantity.from_str("1.000")
        self.cache.add_quote_tick(QuoteTick(BTC.id, Price.from_str(bid), Price.from_str(ask), size, size, 0, 0))

    async def settle(self) -> None:
        """Let everything under way arrive."""
        await asyncio.sleep(0.001)

    def told(self, kind: type | None = None) -> list[str]:
        """Return the names of the events published (order events once), or the events of one kind."""
        seen: dict[str, Any] = {event.event_id: event for event in self.heard if hasattr(event, "event_id")}
        return [type(event).__name__ for event in seen.values() if kind is None or isinstance(event, kind)]

    def last(self, kind: type) -> Any:
        return [event for event in self.heard if isinstance(event, kind)][-1]


def make_order(
    name: str = "O-1",
    side: str = "BUY",
    quantity: str = "1.000",
    price: str | None = "50000.00",
    now: int = 1,
    **fields: Any,
) -> Order:
    settings: dict[str, Any] = {
        "order_type": OrderType.LIMIT if price is not None else OrderType.MARKET,
        "instrument_id": BTC.id,
        "strategy_id": STRATEGY,
        **fields,
    }
    return order_from(
        OrderInitialized(
            event_id=f"I-{name}",
            ts_event=now,
            ts_init=now,
            trader_id=TRADER,
            client_order_id=ClientOrderId(name),
            order_side=OrderSide[side],
            quantity=Quantity.from_str(quantity),
            price=None if price is None else Price.from_str(price),
            **settings,
        )
    )


Story = Callable[[Rig], Awaitable[None]]


@pytest.fixture
def play() -> Callable[..., Rig]:
    """Run a story on a rig in virtual time; returns the rig. Unexpected errors in the engine fail the test."""

    def run(story: Story, *, errors: int = 0, **options: Any) -> Rig:
        world = World()

        async def main() -> Rig:
            rig = Rig(world.clock, **options)
            await story(rig)
            await rig.settle()
            rig.engine.stop()
            await rig.client.disconnect()
            return rig

        rig = world.run(main)
        assert len(rig.errors) == errors, rig.errors
        assert rig.cache.check_integrity() == []
        return rig

    return run


@pytest.fixture
def new_order() -> Callable[..., Order]:
    return make_order


@pytest.fixture
def new_instrument() -> Callable[..., CurrencyPair]:
    return make_instrument


def modify(order: Order, **changes: Any) -> ModifyOrder:
    """Return a command to change an order."""
    return ModifyOrder(
        trader_id=order.trader_id,
        command_id="C",
        ts_init=0,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        **changes,
    )
