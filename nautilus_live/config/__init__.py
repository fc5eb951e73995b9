"""Every setting of a node, under the guide's own names and defaults.

Configurations are frozen, checked when constructed and when parsed, and refuse what they do not know. They go from
the outside in: `TradingNodeConfig` holds everything else. Where the guide and the reference's code differ, the guide
is followed and the docstring says so; the same for what was added later, and for what is ours. `NOT_YET` lists the
settings whose feature is still to come.
"""

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.clients import (
    InstrumentProviderConfig,
    LiveDataClientConfig,
    LiveExecClientConfig,
    RoutingConfig,
)
from nautilus_live.config.engines import (
    DataEngineConfig,
    LiveDataEngineConfig,
    LiveRiskEngineConfig,
    RiskEngineConfig,
)
from nautilus_live.config.execution import ExecEngineConfig, LiveExecEngineConfig
from nautilus_live.config.kinds import (
    Environment,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    RotationMode,
    parse_rate,
)
from nautilus_live.config.node import NautilusKernelConfig, TradingNodeConfig
from nautilus_live.config.not_yet import NO_EFFECT, NOT_YET
from nautilus_live.config.output import DataCatalogConfig, LoggingConfig, StreamingConfig
from nautilus_live.config.portfolio import OrderEmulatorConfig, PortfolioConfig
from nautilus_live.config.storage import CacheConfig, DatabaseConfig, MessageBusConfig
from nautilus_live.config.strategy import (
    ActorConfig,
    ControllerConfig,
    ExecAlgorithmConfig,
    ImportableActorConfig,
    ImportableConfig,
    ImportableControllerConfig,
    ImportableExecAlgorithmConfig,
    ImportableFactoryConfig,
    ImportableStrategyConfig,
    StrategyConfig,
)
from nautilus_live.config.values import resolve_path

__all__ = [
    "NOT_YET",
    "NO_EFFECT",
    "ActorConfig",
    "CacheConfig",
    "ControllerConfig",
    "DataCatalogConfig",
    "DataEngineConfig",
    "DatabaseConfig",
    "Environment",
    "ExecAlgorithmConfig",
    "ExecEngineConfig",
    "ImportableActorConfig",
    "ImportableConfig",
    "ImportableControllerConfig",
    "ImportableExecAlgorithmConfig",
    "ImportableFactoryConfig",
    "ImportableStrategyConfig",
    "InstrumentProviderConfig",
    "LiveDataClientConfig",
    "LiveDataEngineConfig",
    "LiveExecClientConfig",
    "LiveExecEngineConfig",
    "LiveRiskEngineConfig",
    "LoggingConfig",
    "MessageBusConfig",
    "NautilusConfig",
    "NautilusKernelConfig",
    "NonNegativeFloat",
    "NonNegativeInt",
    "OrderEmulatorConfig",
    "PortfolioConfig",
    "PositiveFloat",
    "PositiveInt",
    "RiskEngineConfig",
    "RotationMode",
    "RoutingConfig",
    "StrategyConfig",
    "StreamingConfig",
    "TradingNodeConfig",
    "parse_rate",
    "resolve_path",
]
