"""Shared by the benchmarks: one node's engines on a mock venue, and one JSON line per run.

Each workload is a script, `python tests/benchmarks/w1_lifecycle.py N`, that does the same work and times the same
region as the peer's script of that name. `SHAPE` chooses the order flow: `cycle` (BUY, SELL, ...: the position closes
and reopens) or `grow` (BUY, BUY, SELL).
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nautilus_live.adapters.client import LiveExecutionClient
from nautilus_live.adapters.ports import ExecutionClientContext
from nautilus_live.config.engines import LiveDataEngineConfig, LiveRiskEngineConfig
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.ids import EventIds, short_text
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.engine.risk import RiskEngine
from nautilus_live.live.clock import LiveClock, SystemClock
from nautilus_live.live.garbage import GarbageTuning
from nautilus_live.model.commands import SubmitOrder
from nautilus_live.model.enums import AccountType, LiquiditySide, OmsType, OrderSide
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, InstrumentId, Symbol, TradeId, TraderId, Venue, VenueOrderId
from nautilus_live.model.instruments import CurrencyPair
from nautilus_live.model.objects import AccountBalance, Currency, Money, Price, Quantity
from nautilus_live.model.reports import ExecutionMassStatus
from nautilus_live.trading.services import Services
from nautilus_live.trading.strategy import Strategy
from nautilus_live.trading.trader import Trader

IMPL = "nautilus_live"
VERSION = "0.1.0"
TRADER = TraderId("TRADER-001")
SIM = Venue("SIM")
ACCOUNT = AccountId("SIM-001")
USD = Currency.from_str("USD")
QTY = Quantity.from_int(10_000)
PX = Price.from_str("0.75000")
ZERO_COMM = Money(Decimal(0), USD)
AUDUSD = CurrencyPair(
    id=InstrumentId.from_str("AUD/USD.SIM"),
    raw_symbol=Symbol("AUD/USD"),
    base_currency=Currency.from_str("AUD"),
    quote_currency=USD,
    price_precision=5,
    size_precision=0,
    price_increment=Price.from_str("0.00001"),
    size_increment=Quantity.from_int(1),
)
SHAPE = os.environ.get("SHAPE", "cycle")
SUFFIX = "" if SHAPE == "cycle" else "g"


def arg_n(default: int = 5000) -> int:
    """Return the number of items to do."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else default


def rss_mb() -> float:
    """Return the resident memory in megabytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def emit(workload: str, n: int, seconds: float, **extra: Any) -> None:
    """Print the result as one JSON line."""
    line = {
        "workload": workload,
        "impl": IMPL,
        "version": VERSION,
        "n": n,
        "seconds": round(seconds, 6),
        "per_sec": round(n / seconds, 1) if seconds else None,
        "us": round(seconds / n * 1e6, 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "py": platform.python_version(),
    }
    print(json.dumps({**line, **extra}), flush=True)


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run in uvloop when installed, as the peer does."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main())
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def side_of(index: int, n: int) -> OrderSide:
    """Return the side of the order with that number."""
    if SHAPE == "grow":
        return OrderSide.SELL if index % 3 == 2 else OrderSide.BUY
    return OrderSide.BUY if index % 2 == 0 or index == n - 1 else OrderSide.SELL


class FillingClient(LiveExecutionClient):
    """A mock venue that acknowledges and fills each order at once, on the standard adapter hook."""

    def __init__(self, context: ExecutionClientContext) -> None:
        super().__init__(
            context,
            venue=SIM,
            account_id=ACCOUNT,
            oms_type=OmsType.NETTING,
            account_type=AccountType.MARGIN,
            base_currency=USD,
        )
        self.sequence = 0
        self.mass: ExecutionMassStatus | None = None  # prepared for W2 and W3

    async def _connect(self) -> None:
        pass

    async def _disconnect(self) -> None:
        pass

    async def _never_asked(self, question: object) -> Any:
        raise AssertionError(f"the workloads ask no {question!r}")

    _modify_order = _cancel_order = _cancel_all_orders = _query_account = _never_asked
    generate_order_status_report = generate_order_status_reports = generate_fill_reports = _never_asked
    generate_position_status_reports = load_instrument = _never_asked

    async def generate_mass_status(self, lookback_mins: int | None = None) -> ExecutionMassStatus:
        assert self.mass is not None
        return self.mass

    async def _submit_order(self, command: SubmitOrder) -> None:
        order = command.order
        now = self._clock.timestamp_ns()
        self.sequence += 1
        venue_order_id = VenueOrderId(f"V-{self.sequence}")
        ids = (order.strategy_id, order.instrument_id, order.client_order_id)
        self.generate_order_submitted(*ids, now)
        self.generate_order_accepted(*ids, venue_order_id, now)
        price = order.price
        assert price is not None
        self.generate_order_filled(
            *ids,
            venue_order_id,
            None,
            TradeId(f"T-{self.sequence}"),
            order.side,
            order.order_type,
            order.quantity,
            price,
            USD,
            ZERO_COMM,
            LiquiditySide.MAKER,
            now,
        )


class Env:
    """The engines of a node, wired as the node wires them."""

    def __init__(self, loop: asyncio.AbstractEventLoop, cache: Cache | None = None) -> None:
        self.clock = SystemClock()
        self.event_ids = EventIds(short_text(self.clock.timestamp_ns() // 1_000_000))
        self.msgbus = MessageBus(TRADER, self.clock)
        self.cache = cache or Cache()
        self.portfolio = Portfolio(self.cache, self.msgbus, self.clock)
        parts: dict[str, Any] = {"loop": loop, "msgbus": self.msgbus, "cache": self.cache, "clock": self.clock}
        self.data_engine = DataEngine(**parts, config=LiveDataEngineConfig())
        parts["event_ids"] = self.event_ids
        self.exec_engine = ExecutionEngine(**parts, trader_id=TRADER, config=LiveExecEngineConfig())
        # Checks on, throttle wide open so that the 100/s default does not set the pace.
        risk_config = LiveRiskEngineConfig(max_order_submit_rate="10000000/00:00:01")
        self.risk_engine = RiskEngine(**parts, config=risk_config, execution=self.exec_engine)
        context = ExecutionClientContext(
            name="SIM",
            trader_id=TRADER.value,
            loop=loop,
            clock=self.clock,
            sink=self.exec_engine,
            cache=self.cache,
            event_ids=self.event_ids,
        )
        self.client = FillingClient(context)
        self.cache.add_instrument(AUDUSD)
        self.portfolio.update_account(margin_account_state())
        self.exec_engine.register_client(self.client)
        services = Services(
            trader_id=TRADER,
            msgbus=self.msgbus,
            cache=self.cache,
            portfolio=self.portfolio,
            data=self.data_engine,
            execution=self.exec_engine,
            event_ids=self.event_ids,
            time=self.clock,
            make_clock=lambda guard: LiveClock(self.clock, loop, guard),
            uuid_source=lambda: "",
            is_order_id_taken=self.cache.order_exists,
            request_stop=_no_stop,
            is_stopping=lambda: False,
        )
        self.trader = Trader(services)

    def start(self, *strategies: Strategy) -> None:
        """Start everything, the collector tuned as the node tunes it."""
        for strategy in strategies:
            self.trader.add_strategy(strategy)
        self.data_engine.start()
        self.risk_engine.start()
        self.exec_engine.start()
        self.trader.start()
        gc.collect()
        GarbageTuning().apply()


def _no_stop(reason: str, *, failed: bool = False) -> None:
    raise RuntimeError(f"a benchmark does not stop: {reason}, failed {failed}")


def margin_account_state() -> AccountState:
    """Return the state of an account with a million dollars."""
    million = Money(Decimal(1_000_000), USD)
    return AccountState(
        event_id="A-1",
        ts_event=0,
        ts_init=0,
        account_id=ACCOUNT,
        account_type=AccountType.MARGIN,
        base_currency=USD,
        balances=(AccountBalance(million, ZERO_COMM, million),),
    )
