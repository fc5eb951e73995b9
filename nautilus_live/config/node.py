"""The node as a whole. Numbers behind the names are defaults.

The guide's first block of code writes `cache: CacheConfig(),` and `message_bus: MessageBusConfig(),` inside the call,
which is no Python; `=` is meant in both lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import field

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.clients import LiveDataClientConfig, LiveExecClientConfig, RoutingConfig
from nautilus_live.config.engines import (
    DataEngineConfig,
    LiveDataEngineConfig,
    LiveRiskEngineConfig,
    RiskEngineConfig,
)
from nautilus_live.config.execution import ExecEngineConfig, LiveExecEngineConfig
from nautilus_live.config.kinds import Environment, InstanceId, NonEmptyText, PositiveFloat
from nautilus_live.config.output import DataCatalogConfig, LoggingConfig, StreamingConfig
from nautilus_live.config.portfolio import OrderEmulatorConfig, PortfolioConfig
from nautilus_live.config.storage import CacheConfig, MessageBusConfig
from nautilus_live.config.strategy import (
    ImportableActorConfig,
    ImportableConfig,
    ImportableControllerConfig,
    ImportableExecAlgorithmConfig,
    ImportableStrategyConfig,
)
from nautilus_live.errors import Problem
from nautilus_live.model.identifiers import TraderId


class NautilusKernelConfig(NautilusConfig, frozen=True, kw_only=True):
    """What every node has, wherever it trades.

    Where a component is None, it runs with the defaults of its class.

    Attributes:
        environment (required): Where the node trades: `backtest`, `sandbox` or `live`.
        trader_id (required): The trader, `NAME-TAG`; nodes that share an account or a database need different ones.
        instance_id (None): A version 4 UUID naming this run; None makes one.
        cache (None): The cache and its database.
        message_bus (None): The message bus.
        data_engine (None): The data engine.
        risk_engine (None): The risk engine.
        exec_engine (None): The execution engine.
        portfolio (None): The portfolio.
        emulator (None): The order emulator.
        streaming (None): Files streamed from the bus. Accepted and validated; takes effect with the streaming.
        catalogs ([]): Catalogs of recorded data. Accepted and validated; takes effect with the catalogs.
        actors ([]): Actors to load by import path.
        strategies ([]): Strategies to load by import path.
        exec_algorithms ([]): Execution algorithms to load by import path.
        controller (None): The controller to load by import path; it is the first of the actors.
        load_state (False): Whether strategies and actors get back what they saved, whichever way they were added. The
            reference does this only for those loaded by import path.
        save_state (False): Whether strategies and actors save what they ask to at stop.
        loop_debug (False): Whether the event loop runs in its debug mode.
        logging (None): Logging.
        timeout_connection (30.0): Seconds for all clients to connect. The reference has 60.
        timeout_reconciliation (10.0): Seconds for all venues to be reconciled, enforced. The reference has 30 and
            does not.
        timeout_portfolio (10.0): Seconds for margins and profits to be computed.
        timeout_disconnection (10.0): Seconds for all clients to disconnect.
        timeout_post_stop (5.0): Seconds after the stop for what still arrives. The reference has 10.
        timeout_shutdown (5.0): Seconds for tasks that remain to end once they are cancelled. The guide does not list
            it; the default is the reference's.
        stall_alarm_secs (1.0): Seconds that the event loop may stand still, or one callback of a strategy may take,
            before an alarm says so; None measures nothing. Own addition.

    """

    environment: Environment
    trader_id: TraderId
    instance_id: InstanceId | None = None
    cache: CacheConfig | None = None
    message_bus: MessageBusConfig | None = None
    data_engine: DataEngineConfig | None = None
    risk_engine: RiskEngineConfig | None = None
    exec_engine: ExecEngineConfig | None = None
    portfolio: PortfolioConfig | None = None
    emulator: OrderEmulatorConfig | None = None
    streaming: StreamingConfig | None = None
    catalogs: list[DataCatalogConfig] = field(default_factory=list)
    actors: list[ImportableActorConfig] = field(default_factory=list)
    strategies: list[ImportableStrategyConfig] = field(default_factory=list)
    exec_algorithms: list[ImportableExecAlgorithmConfig] = field(default_factory=list)
    controller: ImportableControllerConfig | None = None
    load_state: bool = False
    save_state: bool = False
    loop_debug: bool = False
    logging: LoggingConfig | None = None
    timeout_connection: PositiveFloat = 30.0
    timeout_reconciliation: PositiveFloat = 10.0
    timeout_portfolio: PositiveFloat = 10.0
    timeout_disconnection: PositiveFloat = 10.0
    timeout_post_stop: PositiveFloat = 5.0
    timeout_shutdown: PositiveFloat = 5.0
    stall_alarm_secs: PositiveFloat | None = 1.0

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        names = [catalog.name for catalog in self.catalogs if catalog.name is not None]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield Problem("catalogs", "must have a name each of its own", name)


class TradingNodeConfig(NautilusKernelConfig, frozen=True, kw_only=True):
    """A live trading node.

    In a file, a client's table names its class under `class`, or is an `ImportableConfig` (`path`, `config`,
    `factory`):

        [data_clients.BINANCE_SPOT]
        class = "nautilus_live.adapters.binance.config:BinanceDataClientConfig"
        account_type = "SPOT"

    Attributes:
        environment (LIVE): Where the node trades: `sandbox` or `live`.
        trader_id (TRADER-001): The trader, `NAME-TAG`; nodes that share an account or a database need different ones.
        data_engine (LiveDataEngineConfig()): The data engine.
        risk_engine (LiveRiskEngineConfig()): The risk engine.
        exec_engine (LiveExecEngineConfig()): The execution engine.
        data_clients ({}): The data clients by name; the name is how requests and `routing` refer to them.
        exec_clients ({}): The execution clients by name.

    """

    environment: Environment = Environment.LIVE
    trader_id: TraderId = TraderId("TRADER-001")
    data_engine: LiveDataEngineConfig = LiveDataEngineConfig()
    risk_engine: LiveRiskEngineConfig = LiveRiskEngineConfig()
    exec_engine: LiveExecEngineConfig = LiveExecEngineConfig()
    data_clients: dict[NonEmptyText, LiveDataClientConfig | ImportableConfig] = field(default_factory=dict)
    exec_clients: dict[NonEmptyText, LiveExecClientConfig | ImportableConfig] = field(default_factory=dict)

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        if self.environment is Environment.BACKTEST:
            yield Problem("environment", "must be LIVE or SANDBOX for a trading node", "BACKTEST")
        data, execution = self.data_clients.items(), self.exec_clients.items()
        data_routings = [(name, one.routing) for name, one in data if isinstance(one, LiveDataClientConfig)]
        exec_routings = [(name, one.routing) for name, one in execution if isinstance(one, LiveExecClientConfig)]
        yield from _routing_conflicts("data_clients", data_routings)
        yield from _routing_conflicts("exec_clients", exec_routings)


def _routing_conflicts(setting: str, routings: Iterable[tuple[str, RoutingConfig]]) -> Iterator[Problem]:
    # Two clients for one venue, or for everything else: an order would go to either by accident.
    owners: dict[str, str] = {}
    default: str | None = None
    for name, routing in routings:
        if routing.default and default is not None:
            yield Problem(f"{setting}.{name}.routing.default", f"must be left to {default!r}, which has it", True)
        default = name if routing.default and default is None else default
        for venue in sorted(routing.venues or ()):
            if owners.setdefault(venue, name) != name:
                rule = f"must leave {venue!r} to {owners[venue]!r}, which has it"
                yield Problem(f"{setting}.{name}.routing.venues", rule)
