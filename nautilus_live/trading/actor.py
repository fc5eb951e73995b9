"""Actors: components that watch the market and the node, and place no orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from nautilus_live.config.strategy import (
    ActorConfig,
    ImportableActorConfig,
    ImportableStrategyConfig,
    StrategyConfig,
)
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.data_requests import HistoricalData
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import ComponentId, TraderId
from nautilus_live.trading.actor_callbacks import DATA_CALLBACKS
from nautilus_live.trading.component import Handlers
from nautilus_live.trading.executor import TaskExecutor
from nautilus_live.trading.handling import Handling
from nautilus_live.trading.publishing import Told, unwrapped
from nautilus_live.trading.services import Services

if TYPE_CHECKING:
    from nautilus_live.trading.greeks import GreeksCalculator


class Actor(Handling):
    """Subclass it and override callbacks: `on_start`, `on_quote_tick`, `on_bar`, `on_instrument`, ...

    Args:
        config: the settings; subclass `ActorConfig` to add your own.

    """

    def __init__(self, config: Any = None) -> None:
        config = ActorConfig() if config is None else config
        given = getattr(config, "component_id", None)
        self._id_: Any = ComponentId(str(given or type(self).__name__))
        super().__init__(str(self._id_), config)
        self._greeks_: GreeksCalculator | None = None
        self._threads_: Executor | None = None
        self._executor_: TaskExecutor | None = None

    @property
    def id(self) -> Any:
        """The component's id."""
        return self._id_

    def __str__(self) -> str:
        return self._log.name

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._log.name})"

    @property
    def trader_id(self) -> TraderId:
        """The trader that runs the component."""
        return self._registered_("trader_id").trader_id

    @property
    def msgbus(self) -> MessageBus:
        """The node's message bus."""
        return self._registered_("msgbus").msgbus

    @property
    def cache(self) -> Cache:
        """Everything the node knows: instruments, orders, positions, accounts, the latest data."""
        return self._registered_("cache").cache

    @property
    def portfolio(self) -> Portfolio:
        """What the positions add up to."""
        return self._registered_("portfolio").portfolio

    @property
    def greeks(self) -> GreeksCalculator:
        """Calculates greeks of options and portfolios (`trading.greeks`)."""
        if self._greeks_ is None:
            from nautilus_live.trading.greeks import GreeksCalculator  # few strategies trade options

            services = self._registered_("greeks")
            self._greeks_ = GreeksCalculator(services.msgbus, services.cache, self.clock)
        return self._greeks_

    # Names that published strategies reach for although they are private.
    _msgbus = msgbus
    _cache = cache
    _portfolio = portfolio

    def to_importable_config(self) -> ImportableActorConfig | ImportableStrategyConfig:
        """Return what makes another of the same class with the same settings, as a configuration file has it."""
        own = type(self._config)
        where: Any = {"config_path": f"{own.__module__}:{own.__qualname__}", "config": self._config.dict()}
        if isinstance(self._config, StrategyConfig):
            return ImportableStrategyConfig(strategy_path=self.fully_qualified_name(), **where)
        return ImportableActorConfig(actor_path=self.fully_qualified_name(), **where)

    def register(self, services: Services) -> None:
        """Become part of a node. The trader calls it when the component is added."""
        self._register_(services)

    # -- work beside the loop ------------------------------------------------------------------------------------------

    def register_executor(self, loop: Any, executor: Executor) -> None:
        """Run work given away in these threads rather than in the loop's own; the loop is always the node's."""
        self._threads_ = executor
        self._executor_ = None

    def queue_for_executor(
        self, func: Callable[..., Any], args: tuple[Any, ...] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> str:
        """Run a function in a thread, after what was queued before; returns the task's id.

        Raises:
            Escape: in a simulation, which has no threads, unless an executor was registered that needs none.

        """
        return self._tasks_().queue(func, args or (), kwargs or {})

    def run_in_executor(  # sim-ok: the name is the ecosystem's; in a simulation the loop refuses
        self, func: Callable[..., Any], args: tuple[Any, ...] | None = None, kwargs: Mapping[str, Any] | None = None
    ) -> str:
        """Run a function in a thread at once; returns the task's id.

        Raises:
            Escape: in a simulation, which has no threads, unless an executor was registered that needs none.

        """
        return self._tasks_().run(func, args or (), kwargs or {})

    def cancel_task(self, task_id: str) -> None:
        """Take work back, if it has not ended; a thread that works cannot be stopped, its result is dropped."""
        self._tasks_().cancel(task_id)

    def cancel_all_tasks(self) -> None:
        """Take back all work that has not ended."""
        if self._executor_ is not None:
            self._executor_.cancel_all()

    def active_task_ids(self) -> list[str]:
        """Return the ids of the work that runs."""
        return [] if self._executor_ is None else self._executor_.active_ids

    def queued_task_ids(self) -> list[str]:
        """Return the ids of the work that waits."""
        return [] if self._executor_ is None else self._executor_.queued_ids

    def has_active_tasks(self) -> bool:
        """Return whether work runs."""
        return bool(self.active_task_ids())

    def has_queued_tasks(self) -> bool:
        """Return whether work waits."""
        return bool(self.queued_task_ids())

    def has_any_tasks(self) -> bool:
        """Return whether work runs or waits."""
        return self.has_active_tasks() or self.has_queued_tasks()

    def _tasks_(self) -> TaskExecutor:
        services = self._registered_("an executor")
        if self._executor_ is None:
            self._executor_ = TaskExecutor(services.get_loop(), self._log, services.event_ids.next, self._threads_)
        return self._executor_

    def _end_(self, state: Any) -> None:
        self.cancel_all_tasks()
        self._pending_.clear()
        self._joined_.clear()
        super()._end_(state)

    # -- machinery -----------------------------------------------------------------------------------------------------

    def _resolve_handlers_(self) -> Handlers:
        written = self._written_below_(Actor)
        handlers: dict[type, tuple[Callable[[Any], object], ...]] = {
            kind: self._callbacks_((name,), written) for kind, name in DATA_CALLBACKS.items()
        }
        for kind, feed in self._indicating_.feeders().items():
            handlers[kind] = (feed, *handlers[kind])
        handlers[Told] = tuple([unwrapped(one) for one in self._callbacks_(("on_data",), written)])
        handlers[OrderFilled] = self._callbacks_(("on_order_filled",), written)
        handlers[HistoricalData] = (self._take_answer_,)
        return handlers
