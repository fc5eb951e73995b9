"""The trader: the strategies and actors of a node, as one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.model.enums import ComponentState
from nautilus_live.model.identifiers import ClientOrderId, ComponentId, ExecAlgorithmId, StrategyId, TraderId
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.component import Component
from nautilus_live.trading.exec_algorithm import ExecAlgorithm
from nautilus_live.trading.reports import Reporting
from nautilus_live.trading.services import Services
from nautilus_live.trading.strategy import Strategy

_log = logging.getLogger(__name__)
Id = TypeVar("Id")
Part = TypeVar("Part", bound=Component)
CALLBACKS = tuple([name for name in dir(Strategy) + dir(ExecAlgorithm) if name.startswith("on_")])
ENDED = (ComponentState.STOPPING, ComponentState.STOPPED, ComponentState.DISPOSED)


class Trader(Reporting):
    """Runs components: adds, starts, stops and disposes of them, and keeps their states in the cache.

    Args:
        services: what the components get to work with.
        loads_state: whether a component gets back what it saved, before its `on_start`.

    """

    def __init__(self, services: Services, *, loads_state: bool = False) -> None:
        self._services = services
        self._loads_state = loads_state
        self._strategies: dict[StrategyId, Strategy] = {}
        self._actors: dict[ComponentId, Actor] = {}
        self._algorithms: dict[ExecAlgorithmId, ExecAlgorithm] = {}
        self._state = ComponentState.READY

    @property
    def id(self) -> TraderId:
        """The trader's id."""
        return self._services.trader_id

    @property
    def state(self) -> ComponentState:
        """Where the trader is in its life."""
        return self._state

    @property
    def is_running(self) -> bool:
        """Whether the components were started."""
        return self._state is ComponentState.RUNNING

    @property
    def trader_id(self) -> TraderId:
        """The trader's id."""
        return self._services.trader_id

    @property
    def is_stopped(self) -> bool:
        """Whether the components were stopped."""
        return self._state is ComponentState.STOPPED

    @property
    def is_disposed(self) -> bool:
        """Whether the components were disposed of."""
        return self._state is ComponentState.DISPOSED

    def strategies(self) -> list[Strategy]:
        """Return the strategies, in the order they were added."""
        return list(self._strategies.values())

    def actors(self) -> list[Actor]:
        """Return the actors, in the order they were added."""
        return list(self._actors.values())

    def exec_algorithms(self) -> list[ExecAlgorithm]:
        """Return the execution algorithms, in the order they were added."""
        return list(self._algorithms.values())

    def exec_algorithm_ids(self) -> list[ExecAlgorithmId]:
        """Return the ids of the execution algorithms."""
        return list(self._algorithms)

    def exec_algorithm_states(self) -> dict[ExecAlgorithmId, str]:
        """Return the state of every execution algorithm by its name."""
        return {name: algorithm.state.value for name, algorithm in self._algorithms.items()}

    def strategy_ids(self) -> list[StrategyId]:
        """Return the ids of the strategies."""
        return list(self._strategies)

    def actor_ids(self) -> list[ComponentId]:
        """Return the ids of the actors."""
        return list(self._actors)

    def strategy(self, strategy_id: StrategyId) -> Strategy | None:
        """Return the strategy with that id."""
        return self._strategies.get(strategy_id)

    def strategy_states(self) -> dict[StrategyId, str]:
        """Return the state of every strategy by its name."""
        return {strategy_id: strategy.state.value for strategy_id, strategy in self._strategies.items()}

    def actor_states(self) -> dict[ComponentId, str]:
        """Return the state of every actor by its name."""
        return {actor_id: actor.state.value for actor_id, actor in self._actors.items()}

    # -- adding --------------------------------------------------------------------------------------------------------

    def add_strategy(self, strategy: Strategy, *, start: bool = True) -> None:
        """Add a strategy, under its final id; with the trader running it is started at once, unless not wished.

        Raises:
            ConfigError: if the id or the tag is another strategy's, or an instrument it claims is claimed already.
            Nothing was added.

        """
        if not isinstance(strategy, Strategy):
            raise ProgrammerError(f"add_strategy must be given a Strategy, was {strategy!r}")
        self._check_can_add(strategy)
        tags = {known.order_id_tag: known.id for known in self._strategies.values()}
        if not isinstance(strategy.id, StrategyId):
            strategy._assign_id_(StrategyId(f"{strategy.id}-{_free_tag(tags)}"))
        tag = strategy.order_id_tag
        if strategy.id in self._strategies:
            raise ConfigError(f"strategy_id must be new, {strategy.id} was added already")
        if tag in tags:
            raise ConfigError(f"order_id_tag must be the strategy's own, {tag!r} of {strategy.id} was {tags[tag]}'s")
        self._check_claims(strategy)
        self._services.execution.register_strategy(strategy.id, strategy.oms_type, strategy.external_order_claims)
        strategy.register(self._services)
        self._strategies[strategy.id] = strategy
        self._join(strategy, start)

    def add_strategies(self, strategies: Iterable[Strategy]) -> None:
        """Add several strategies."""
        for strategy in strategies:
            self.add_strategy(strategy)

    def add_actor(self, actor: Actor, *, start: bool = True) -> None:
        """Add an actor; with the trader running it is started at once, unless not wished.

        Raises:
            ConfigError: if the id is another actor's. Nothing was added.

        """
        if isinstance(actor, ExecAlgorithm):
            raise ProgrammerError(f"{actor.id}: an algorithm must be added with add_exec_algorithm")
        if isinstance(actor, Strategy):
            raise ProgrammerError(f"{actor.id}: a strategy must be added with add_strategy")
        self._check_can_add(actor)
        if actor.id in self._actors:
            raise ConfigError(f"component_id must be new, {actor.id} was added already")
        actor.register(self._services)
        self._actors[actor.id] = actor
        self._join(actor, start)

    def add_exec_algorithm(self, exec_algorithm: ExecAlgorithm) -> None:
        """Add an execution algorithm; with the trader running, it is started at once.

        Raises:
            ConfigError: if the id is another algorithm's. Nothing was added.

        """
        self._check_can_add(exec_algorithm)
        if exec_algorithm.id in self._algorithms:
            raise ConfigError(f"exec_algorithm_id must be new, {exec_algorithm.id} was added already")
        exec_algorithm.register(self._services)
        self._algorithms[exec_algorithm.id] = exec_algorithm
        self._join(exec_algorithm, True)

    def add_exec_algorithms(self, exec_algorithms: Iterable[ExecAlgorithm]) -> None:
        """Add several execution algorithms."""
        for exec_algorithm in exec_algorithms:
            self.add_exec_algorithm(exec_algorithm)

    def add_actors(self, actors: Iterable[Actor]) -> None:
        """Add several actors."""
        for actor in actors:
            self.add_actor(actor)

    # -- one by one ----------------------------------------------------------------------------------------------------

    def start_strategy(self, strategy_id: StrategyId) -> None:
        """Start one strategy. Raises `ProgrammerError` if it is not known, or runs, or the trader has ended."""
        self._start(self._strategies, strategy_id)

    def stop_strategy(self, strategy_id: StrategyId) -> None:
        """Stop one strategy. Raises `ProgrammerError` if it is not known."""
        self._known(self._strategies, strategy_id).stop()

    def market_exit_strategy(self, strategy_id: StrategyId) -> None:
        """Let one strategy leave the market: no orders, no positions. Raises `ProgrammerError` if it is not known."""
        self._known(self._strategies, strategy_id).market_exit()

    def remove_strategy(self, strategy_id: StrategyId) -> None:
        """Stop one strategy and let it go; its orders and positions stay. Raises `ProgrammerError` if it is unknown."""
        self._remove(self._strategies, strategy_id)

    def start_actor(self, actor_id: ComponentId) -> None:
        """Start one actor. Raises `ProgrammerError` if it is not known, or runs, or the trader has ended."""
        self._start(self._actors, actor_id)

    def stop_actor(self, actor_id: ComponentId) -> None:
        """Stop one actor. Raises `ProgrammerError` if it is not known."""
        self._known(self._actors, actor_id).stop()

    def remove_actor(self, actor_id: ComponentId) -> None:
        """Stop one actor and let it go. Raises `ProgrammerError` if it is not known."""
        self._remove(self._actors, actor_id)

    def check_residuals(self) -> bool:
        """Return whether orders work or positions are open."""
        return self._services.cache.check_residuals()

    def _known(self, components: Mapping[Id, Part], component_id: Id) -> Part:
        found = components.get(component_id)
        if found is None:
            raise ProgrammerError(f"{component_id}: must be a component of this trader, was not")
        return found

    def _start(self, components: Mapping[Id, Part], component_id: Id) -> None:
        component = self._known(components, component_id)
        if self._state in ENDED:  # nobody would stop it any more
            raise ProgrammerError(f"{component_id}: cannot be started by a trader in {self._state.value}")
        component.start()

    def _remove(self, components: dict[Id, Part], component_id: Id) -> None:
        component = self._known(components, component_id)
        component.stop()
        component.dispose()
        del components[component_id]

    def _check_can_add(self, component: Component) -> None:
        kind = type(component)
        if not hasattr(component, "_services_"):
            raise ProgrammerError(f"{kind.__qualname__}: __init__ must call super().__init__(config), did not")
        for name in CALLBACKS:
            if iscoroutinefunction(getattr(kind, name, None)):
                raise ProgrammerError(f"{kind.__qualname__}.{name}: must be a plain function, was a coroutine function")
        if self._state not in (ComponentState.READY, ComponentState.RUNNING):
            raise ProgrammerError(f"{component!r}: cannot be added to a trader in {self._state.value}")

    def _check_claims(self, strategy: Strategy) -> None:
        for other in self._strategies.values():
            for instrument_id in strategy.external_order_claims:
                if instrument_id in other.external_order_claims:
                    raise ConfigError(
                        f"external_order_claims must give an instrument one strategy, {instrument_id} was {other.id}'s"
                    )

    def _join(self, component: Actor, start: bool) -> None:
        if self._state is ComponentState.RUNNING:
            self._prepare(component)
            if start:
                component.start()

    # -- life ----------------------------------------------------------------------------------------------------------

    def prepare(self, seen_order_ids: Iterable[ClientOrderId] = ()) -> None:
        """Get the components ready to start: order id counts and saved states.

        Call it when the cache is loaded and reconciled. `seen_order_ids` are ids that venues reported.
        """
        seen = list(seen_order_ids)
        for component in self._components():
            self._prepare(component, seen)

    def start(self) -> None:
        """Start the actors, then the execution algorithms, then the strategies."""
        self._state = ComponentState.RUNNING
        for component in self._components():
            if self._services.is_stopping():  # one may stop the node from its `on_start`: the rest stays unstarted
                return
            if component.state is ComponentState.READY:
                component.start()

    def leave_markets(self, then: Callable[[], object]) -> int:
        """Let the strategies that are to (`manage_stop`) leave their markets; returns how often `then` is called."""
        return sum([strategy.leave_market(then) for strategy in self._strategies.values()])

    def begin_stop(self) -> None:
        """Call every `on_stop`; events go on arriving until `finish_stop`."""
        if self._state is ComponentState.RUNNING:
            self._state = ComponentState.STOPPING
            for component in reversed(self._components()):
                component.begin_stop()

    def finish_stop(self) -> None:
        """End the stop: nothing is delivered any more."""
        if self._state is ComponentState.STOPPING:
            self._state = ComponentState.STOPPED
            for component in reversed(self._components()):
                component.finish_stop()

    def stop(self) -> None:
        """Stop the strategies, then the actors."""
        self.begin_stop()
        self.finish_stop()

    def abandon(self) -> None:
        """End without a word to the components: their commands would go nowhere any more."""
        for component in self._components():
            component.abandon()
        self._state = ComponentState.STOPPED

    def dispose(self) -> None:
        """Dispose of all components."""
        self.stop()
        for component in reversed(self._components()):
            component.dispose()
        self._state = ComponentState.DISPOSED

    # -- states --------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Put what the components want kept into the cache; one that raises is logged and left out."""
        cache = self._services.cache
        for strategy in self._strategies.values():
            state = self._saved(strategy)
            if state is not None:
                cache.update_strategy(strategy.id, state)
        for actor in (*self._actors.values(), *self._algorithms.values()):
            state = self._saved(actor)
            if state is not None:
                cache.update_actor(actor.id, state)

    def load(self) -> None:
        """Give every component what it saved, whichever way it was added."""
        for component in self._components():
            self._load(component)

    def _saved(self, component: Actor) -> dict[str, bytes] | None:
        try:
            return component.save()
        except Exception as error:
            component._contain_(component.on_save, error)
            return None

    def _load(self, component: Actor) -> None:
        cache = self._services.cache
        state = cache.load_strategy(component.id) if isinstance(component, Strategy) else cache.load_actor(component.id)
        if state:
            # Not contained: a strategy without its memory must not trade as if it had none.
            component.load(state)

    def _prepare(self, component: Actor, seen_order_ids: Iterable[ClientOrderId] = ()) -> None:
        if isinstance(component, Strategy):
            component.order_factory.restore_counts(self._services.cache.client_order_ids())
            component.order_factory.restore_counts(seen_order_ids)
        if self._loads_state:
            self._load(component)

    def _components(self) -> list[Any]:
        return [*self._actors.values(), *self._algorithms.values(), *self._strategies.values()]


def _free_tag(taken: Iterable[str | None]) -> str:
    used = set(taken)
    number = 0
    while f"{number:03d}" in used:
        number += 1
    return f"{number:03d}"
