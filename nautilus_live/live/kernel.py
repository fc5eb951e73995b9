"""The kernel of a node: its parts, made and wired, not yet started.

Makes; decides nothing. What differs between production and a simulation comes in from outside: the loop, the clock,
the entropy, the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from nautilus_live.adapters.ports import (
    Clock,
    DataClient,
    DataClientContext,
    ExecutionClient,
    ExecutionClientContext,
)
from nautilus_live.config.clients import RoutingConfig
from nautilus_live.config.node import TradingNodeConfig
from nautilus_live.config.storage import CacheConfig
from nautilus_live.config.strategy import ImportableConfig
from nautilus_live.engine.alarms import ALARMS_TOPIC, Alarm
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data import DataEngine
from nautilus_live.engine.emulator import OrderEmulator
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.ids import EventIds, short_text
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.monitors import Monitors
from nautilus_live.engine.own_books import OwnBooks
from nautilus_live.engine.periodic import Periodic
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.engine.purging import Purger
from nautilus_live.engine.reconciler import Reconciler
from nautilus_live.engine.reconnect import Reconnections
from nautilus_live.engine.risk import ENDPOINT, RiskEngine
from nautilus_live.engine.second_looks import SecondLooks
from nautilus_live.engine.snapshots import Snapshots
from nautilus_live.errors import ConfigError
from nautilus_live.live.clock import LiveClock
from nautilus_live.live.entropy import Entropy, uuid4_text
from nautilus_live.live.factories import Factories
from nautilus_live.live.halts import VenueHalts
from nautilus_live.live.watchdog import LoopWatchdog
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.uuids import UUID4
from nautilus_live.store.port import Store, StoreWriter
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.controller import Controller
from nautilus_live.trading.exec_algorithm import ExecAlgorithm
from nautilus_live.trading.making import make_component
from nautilus_live.trading.services import Services, StopRequest
from nautilus_live.trading.strategy import Strategy
from nautilus_live.trading.trader import Trader

_log = logging.getLogger(__name__)

EngineFault = Callable[[str, Exception, bool], None]


NANOSECONDS_PER_MILLISECOND = 1_000_000


class Kernel:
    """The parts of one node.

    Args:
        config: the node's configuration.
        loop: the event loop that everything runs on.
        clock: wall time.
        entropy: randomness.
        store: the database connection, or None to keep state in memory alone.
        on_fault: told of an unexpected error in an engine: its name, the error, whether it asks for a graceful stop.
        request_stop: how a component asks for the node's end.
        is_stopping: whether somebody has asked for it.

    """

    def __init__(
        self,
        config: TradingNodeConfig,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        entropy: Entropy,
        store: Store | None,
        on_fault: EngineFault,
        request_stop: StopRequest,
        is_stopping: Callable[[], bool],
    ) -> None:
        self.config = config
        self.loop = loop
        self.clock = clock
        self.is_stopping = is_stopping
        self.trader_id = config.trader_id
        self.instance_id = config.instance_id or uuid4_text(entropy)
        # Unique over starts: the time of this one, and randomness for two starts within one tick of the clock.
        salt = short_text(int.from_bytes(entropy.randbytes(3), "big"))
        self.event_ids = EventIds(f"{short_text(clock.timestamp_ns() // NANOSECONDS_PER_MILLISECOND)}{salt}")
        self.seen_order_ids: dict[ClientOrderId, None] = {}
        self.data_clients: list[DataClient] = []
        self.exec_clients: list[ExecutionClient] = []
        self.connecting = False
        self.leftovers: list[asyncio.Future[Any]] = []
        self.msgbus = MessageBus(config.trader_id, clock)
        self.cache = self._make_cache(store)
        self.portfolio = Portfolio(self.cache, self.msgbus, clock, config.portfolio)
        self.data_engine = DataEngine(
            loop=loop,
            msgbus=self.msgbus,
            cache=self.cache,
            clock=clock,
            config=config.data_engine,
            on_error=self._fault_handler("data engine", config.data_engine, on_fault),
        )
        self.exec_engine = ExecutionEngine(
            loop=loop,
            trader_id=config.trader_id,
            msgbus=self.msgbus,
            cache=self.cache,
            clock=clock,
            event_ids=self.event_ids,
            config=config.exec_engine,
            on_error=self._fault_handler("execution engine", config.exec_engine, on_fault),
        )
        keeps_own_books = config.exec_engine.manage_own_order_books
        self.own_books = OwnBooks(self.cache, self.msgbus) if keeps_own_books else None
        self.risk_engine = RiskEngine(
            loop=loop,
            msgbus=self.msgbus,
            cache=self.cache,
            clock=clock,
            event_ids=self.event_ids,
            config=config.risk_engine,
            execution=self.exec_engine,
            on_error=self._fault_handler("risk engine", config.risk_engine, on_fault),
        )
        self.emulator = OrderEmulator(
            loop=loop,
            msgbus=self.msgbus,
            cache=self.cache,
            clock=clock,
            event_ids=self.event_ids,
            execution=self.exec_engine,
            data=self.data_engine,
            config=config.emulator,
        )
        self._make_checks(loop, clock)
        self.trader = Trader(self._make_services(entropy, request_stop), loads_state=config.load_state)

    def _make_checks(self, loop: asyncio.AbstractEventLoop, clock: Clock) -> None:
        """Make what compares with the venues, at the start and beside trading, and what tidies up."""
        config = self.config
        self.reconciler = Reconciler(
            engine=self.exec_engine, cache=self.cache, msgbus=self.msgbus, clock=clock, config=config.exec_engine
        )
        self.halts = VenueHalts(
            loop=loop,
            engine=self.exec_engine,
            reconciler=self.reconciler,
            timeout_s=config.timeout_reconciliation,
            on_seen_ids=lambda ids: self.seen_order_ids.update(dict.fromkeys(ids)),
        )
        self.reconnections = Reconnections(
            loop=loop, engine=self.exec_engine, cache=self.cache, clock=clock, config=config.exec_engine
        )
        self.second_looks = SecondLooks(
            loop=loop, engine=self.exec_engine, cache=self.cache, clock=clock, config=config.exec_engine
        )
        self.monitors = Monitors(
            loop=loop, engine=self.exec_engine, cache=self.cache, clock=clock, config=config.exec_engine
        )
        self.watchdog = LoopWatchdog(loop, self._alarm, config.stall_alarm_secs)
        self.periodic = Periodic(loop)
        self.purger = Purger(self.cache, self.exec_engine.doubts, clock, config.exec_engine, self.monitors.forget)
        self.snapshots = Snapshots(
            self.msgbus, self.cache, self.portfolio, clock, config.exec_engine, self.portfolio.config
        )

    def _make_cache(self, store: Store | None) -> Cache:
        config = self.config.cache or CacheConfig()
        if store is None:
            return Cache(None, config)
        writer = StoreWriter(
            store,
            self.trader_id,
            config,
            instance_id=self.instance_id,
            loop=self.loop,
            on_alarm=partial(self._alarm, "store"),
        )
        return Cache(writer, config)

    def _alarm(self, kind: str, text: str) -> None:
        self.msgbus.publish(ALARMS_TOPIC, Alarm(kind=kind, text=text, ts=self.clock.timestamp_ns()))

    def _fault_handler(self, name: str, config: Any, on_fault: EngineFault) -> Callable[[Exception], None]:
        graceful = config.graceful_shutdown_on_exception
        return lambda error: on_fault(name, error, graceful)

    def _make_services(self, entropy: Entropy, request_stop: StopRequest) -> Services:
        UUID4.source = partial(uuid4_text, entropy)  # what authors number by hand comes from here, too
        return Services(
            trader_id=self.trader_id,
            msgbus=self.msgbus,
            cache=self.cache,
            portfolio=self.portfolio,
            data=self.data_engine,
            execution=self.exec_engine,
            event_ids=self.event_ids,
            time=self.clock,
            make_clock=lambda guard: LiveClock(self.clock, self.loop, guard),
            uuid_source=UUID4.source,
            is_order_id_taken=self._is_order_id_taken,
            request_stop=request_stop,
            is_stopping=self.is_stopping,
            now_s=self.loop.time,
            stall_alarm_s=self.config.stall_alarm_secs,
        )

    def _is_order_id_taken(self, client_order_id: ClientOrderId) -> bool:
        return self.cache.order_exists(client_order_id) or client_order_id in self.seen_order_ids

    # -- building ------------------------------------------------------------------------------------------------------

    def build_clients(self, data_factories: Factories, exec_factories: Factories) -> None:
        """Make and register every client of the configuration.

        Raises:
            ConfigError: if a client has no factory.

        """
        for name, given in self.config.data_clients.items():
            factory, config = _factory_and_config(name, given, data_factories)
            data_context = DataClientContext(
                name=name,
                trader_id=self.trader_id.value,
                loop=self.loop,
                clock=self.clock,
                sink=self.data_engine,
                cache=self.cache,
            )
            data_client = factory.create(loop=self.loop, name=name, config=config, context=data_context)
            self.data_clients.append(data_client)
            self.data_engine.register_client(data_client, _routing(config))
        for name, wanted in self.config.exec_clients.items():
            factory, config = _factory_and_config(name, wanted, exec_factories)
            exec_context = ExecutionClientContext(
                name=name,
                trader_id=self.trader_id.value,
                loop=self.loop,
                clock=self.clock,
                sink=self.exec_engine,
                cache=self.cache,
                event_ids=self.event_ids,
                subscribe=self.msgbus.subscribe,
            )
            exec_client = factory.create(loop=self.loop, name=name, config=config, context=exec_context)
            self.exec_clients.append(exec_client)
            self.exec_engine.register_client(exec_client, _routing(config))

    def build_components(self) -> None:
        """Make and add the controller, actors, algorithms and strategies that the configuration names by import path.

        Raises:
            ConfigError: if a path leads nowhere, or the settings are wrong.

        """
        trader, controller = self.trader, self.config.controller
        if controller is not None:
            settings = controller.create_config()
            trader.add_actor(make_component(controller.controller_path, Controller, settings, trader=trader))
        for actor in self.config.actors:
            trader.add_actor(make_component(actor.actor_path, Actor, actor.create_config()))
        for algorithm in self.config.exec_algorithms:
            path = algorithm.exec_algorithm_path
            trader.add_exec_algorithm(make_component(path, ExecAlgorithm, algorithm.create_config()))
        for strategy in self.config.strategies:
            trader.add_strategy(make_component(strategy.strategy_path, Strategy, strategy.create_config()))

    def stop_asking(self) -> None:
        """Ask the venues nothing more; what they are being asked ends unanswered."""
        self.watchdog.stop()
        for asker in (self.monitors, self.reconnections, self.second_looks, self.halts):
            self.leftovers += asker.stop()

    def kill_engines(self) -> None:
        """Let the engines handle nothing more; what is queued is dropped."""
        self.stop_asking()
        self.leftovers += self.periodic.stop()
        self.emulator.stop()
        self.data_engine.kill()
        self.risk_engine.stop()
        self.exec_engine.kill()

    def check_wiring(self) -> None:
        """Assert that the parts know each other."""
        for endpoint in (ENDPOINT, "ExecEngine.execute"):
            if not self.msgbus.is_registered(endpoint):
                raise ConfigError(f"{endpoint}: an engine must receive there, none does")


def _factory_and_config(name: str, config: Any, factories: Factories) -> tuple[Any, Any]:
    if isinstance(config, ImportableConfig):
        factory = config.factory.create() if config.factory is not None else factories.find(name)
        return factory, config.create()
    return factories.find(name), config


def _routing(config: Any) -> RoutingConfig:
    found = getattr(config, "routing", None)
    return found if isinstance(found, RoutingConfig) else RoutingConfig()
