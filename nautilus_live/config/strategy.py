"""What strategies, actors and execution algorithms are configured with, in code or by their import paths.

Subclass the first three with settings of your own:

    class EMACrossConfig(StrategyConfig, frozen=True):
        instrument_id: InstrumentId
        trade_size: Decimal

Numbers behind the names are defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from msgspec import field

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.kinds import ImportPath, NonEmptyText, OrderIdTag, PositiveInt
from nautilus_live.config.values import Refused, resolve_path
from nautilus_live.errors import ConfigError, Problem
from nautilus_live.model.enums import OmsType, TimeInForce
from nautilus_live.model.identifiers import ComponentId, ExecAlgorithmId, InstrumentId, StrategyId


class StrategyConfig(NautilusConfig, frozen=True, kw_only=True):
    """A strategy; subclass it with settings of your own.

    Attributes:
        strategy_id (None): The strategy's id `NAME-TAG`, or a plain name that gets `order_id_tag` on registration;
            None takes the name of its class. `EXTERNAL` and `INTERNAL-DIFF` belong to the engine.
        order_id_tag (None): The part of order ids that keeps this strategy's apart; None takes the next free number.
        use_uuid_client_order_ids (False): Whether order ids are random rather than readable, for venues that demand it.
        use_hyphens_in_client_order_ids (True): Whether order ids contain hyphens, which some venues refuse.
        oms_type (None): How positions are kept, `NETTING` or `HEDGING`; None follows the venue. Where the venue does it
            the other way the node keeps them itself: one for each entry (`P-` and its order's id), or one in the
            instrument that is the sum of the venue's. A text becomes the enumeration.
        external_order_claims (None): Instruments whose orders from elsewhere the strategy takes over; each has one
            strategy.
        manage_contingent_orders (False): Whether the strategy carries out OTO, OCO and OUO links itself. At a venue
            that links nothing, children then wait on the node for their parent's fills.
        manage_gtd_expiry (False): Whether the strategy cancels orders whose good-till date has come.
        log_events (True): Whether events are logged.
        log_commands (True): Whether commands are logged.
        log_rejected_due_post_only_as_warning (True): Whether a refused post-only order is a warning rather than an
            error.
        manage_stop (False): Whether a stop first leaves the market. Later addition (1.231).
        market_exit_interval_ms (100): Milliseconds between looks at whether the market is left. Later addition
            (1.231).
        market_exit_max_attempts (100): Looks before giving up. Later addition (1.231).
        market_exit_time_in_force (GTC): Time in force of the closing orders. Later addition (1.231).
        market_exit_reduce_only (True): Whether the closing orders may only reduce. Later addition (1.231).
        callback_error_policy ('keep'): What an error raised in the strategy leads to: `keep` (it goes on, the error
            is logged), `stop_strategy` or `stop_node`. Own addition.

    """

    strategy_id: StrategyId | NonEmptyText | None = None
    order_id_tag: OrderIdTag | None = None
    use_uuid_client_order_ids: bool = False
    use_hyphens_in_client_order_ids: bool = True
    oms_type: OmsType | None = None
    external_order_claims: list[InstrumentId] | None = None
    manage_contingent_orders: bool = False
    manage_gtd_expiry: bool = False
    log_events: bool = True
    log_commands: bool = True
    log_rejected_due_post_only_as_warning: bool = True
    manage_stop: bool = False
    market_exit_interval_ms: PositiveInt = 100
    market_exit_max_attempts: PositiveInt = 100
    market_exit_time_in_force: TimeInForce = TimeInForce.GTC
    market_exit_reduce_only: bool = True
    callback_error_policy: Literal["keep", "stop_strategy", "stop_node"] = "keep"

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        if str(self.strategy_id) in ("EXTERNAL", "INTERNAL-DIFF"):
            yield Problem("strategy_id", "must not be one of the engine's own", str(self.strategy_id))
        elif isinstance(self.strategy_id, str) and not _is_plain_name(self.strategy_id):
            rule = "must be NAME-TAG, or a plain name without hyphen or outer space"
            yield Problem("strategy_id", rule, self.strategy_id)
        if self.market_exit_time_in_force is TimeInForce.GTD:
            # A good-till date would need the date, which nobody gives here.
            yield Problem("market_exit_time_in_force", "must be a time in force without a date", "GTD")


def _is_plain_name(name: str) -> bool:
    return name == name.strip() and name.isprintable() and "-" not in name


class ActorConfig(NautilusConfig, frozen=True, kw_only=True):
    """An actor; subclass it with settings of your own.

    Attributes:
        component_id (None): The actor's id; None takes the name of its class.
        log_events (True): Whether events are logged.
        log_commands (True): Whether commands are logged.

    """

    component_id: ComponentId | None = None
    log_events: bool = True
    log_commands: bool = True


class ControllerConfig(ActorConfig, frozen=True, kw_only=True):
    """A controller; subclass it with settings of your own."""


class ExecAlgorithmConfig(NautilusConfig, frozen=True, kw_only=True):
    """An execution algorithm; subclass it with settings of your own.

    Attributes:
        exec_algorithm_id (None): The algorithm's id; None takes the name of its class.
        log_events (True): Whether events are logged.
        log_commands (True): Whether commands are logged.

    """

    exec_algorithm_id: ExecAlgorithmId | None = None
    log_events: bool = True
    log_commands: bool = True


class _ImportablePart(NautilusConfig, frozen=True, kw_only=True):
    """A part of the node by import path, with the path of its configuration class and that class's settings."""

    _config_base: ClassVar[type[NautilusConfig]] = NautilusConfig

    def create_config(self) -> NautilusConfig:
        """Return the part's own configuration, made of `config` by the class at `config_path`.

        Raises:
            ConfigError: if nothing is at that path, or the settings are wrong; paths start with `config`.
            TypeError: if what is there is no configuration class of the right kind.

        """
        config_path: str = self.config_path  # type: ignore[attr-defined]  # every subclass has both settings
        settings: dict[str, Any] = self.config  # type: ignore[attr-defined]  # as above
        found = _resolve(config_path, "config_path")
        base = self._config_base
        if not (isinstance(found, type) and issubclass(found, base)):
            raise TypeError(f"config_path must name a {base.__name__} class, was {config_path!r}")
        return _parse_nested(found, settings)


class ImportableStrategyConfig(_ImportablePart, frozen=True, kw_only=True):
    """A strategy by its import path.

    Secrets in `config` are shown with it: put references (`env:NAME`) there, not the secrets.

    Attributes:
        strategy_path (required): The strategy's class, `module:Class`.
        config_path (required): Its configuration's class, `module:Class`.
        config (required): The settings of that configuration.

    """

    _config_base: ClassVar[type[NautilusConfig]] = StrategyConfig

    strategy_path: ImportPath
    config_path: ImportPath
    config: dict[str, Any]


class ImportableActorConfig(_ImportablePart, frozen=True, kw_only=True):
    """An actor by its import path.

    Secrets in `config` are shown with it: put references (`env:NAME`) there, not the secrets.

    Attributes:
        actor_path (required): The actor's class, `module:Class`.
        config_path (required): Its configuration's class, `module:Class`.
        config (required): The settings of that configuration.

    """

    _config_base: ClassVar[type[NautilusConfig]] = ActorConfig

    actor_path: ImportPath
    config_path: ImportPath
    config: dict[str, Any]


class ImportableExecAlgorithmConfig(_ImportablePart, frozen=True, kw_only=True):
    """An execution algorithm by its import path.

    Secrets in `config` are shown with it: put references (`env:NAME`) there, not the secrets.

    Attributes:
        exec_algorithm_path (required): The algorithm's class, `module:Class`.
        config_path (required): Its configuration's class, `module:Class`.
        config (required): The settings of that configuration.

    """

    _config_base: ClassVar[type[NautilusConfig]] = ExecAlgorithmConfig

    exec_algorithm_path: ImportPath
    config_path: ImportPath
    config: dict[str, Any]


class ImportableControllerConfig(_ImportablePart, frozen=True, kw_only=True):
    """A controller (an actor that adds and removes strategies) by its import path.

    Attributes:
        controller_path (required): The controller's class, `module:Class`.
        config_path (required): Its configuration's class, `module:Class`.
        config (required): The settings of that configuration.

    """

    _config_base: ClassVar[type[NautilusConfig]] = ActorConfig

    controller_path: ImportPath
    config_path: ImportPath
    config: dict[str, Any]


class ImportableFactoryConfig(NautilusConfig, frozen=True, kw_only=True):
    """The factory that makes what an `ImportableConfig` describes.

    Attributes:
        path (required): The factory's class, `module:Class`.

    """

    path: ImportPath

    def create(self) -> Any:
        """Return a new factory.

        Raises:
            ConfigError: if nothing is at that path.

        """
        return _resolve(self.path, "path")()


class ImportableConfig(NautilusConfig, frozen=True, kw_only=True):
    """A configuration (of a client, mostly) by the import path of its class.

    Secrets in `config` are shown with it: put references (`env:NAME`) there, not the secrets.

    Attributes:
        path (required): The configuration's class, `module:Class`.
        config ({}): Its settings.
        factory (None): What makes the client from it; None leaves that to the node's registered factories.

    """

    path: ImportPath
    config: dict[str, Any] = field(default_factory=dict)
    factory: ImportableFactoryConfig | None = None

    def create(self) -> NautilusConfig:
        """Return the configuration.

        Raises:
            ConfigError: if nothing is at that path, or the settings are wrong; paths start with `config`.
            TypeError: if what is there is no configuration class.

        """
        found = _resolve(self.path, "path")
        if not (isinstance(found, type) and issubclass(found, NautilusConfig)):
            raise TypeError(f"path must name a configuration class, was {self.path!r}")
        return _parse_nested(found, self.config)


def _resolve(path: str, setting: str) -> Any:
    try:
        return resolve_path(path)
    except Refused as error:
        raise ConfigError(Problem(setting, error.rule, path)) from error


def _parse_nested(kind: type[NautilusConfig], settings: dict[str, Any]) -> NautilusConfig:
    try:
        return kind.parse(settings)
    except ConfigError as error:
        raise ConfigError(*(problem.under("config") for problem in error.problems)) from None
