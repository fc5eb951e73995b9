"""Controllers: actors that make, start, stop and remove other components while the node runs.

Know the trader. Names and arguments are the ecosystem's. A component that is made here gets what any other gets at the
node's start: counted order ids, the state it saved (with `load_state`), then `on_start`. What a controller made belongs
to the trader: it is stopped with the node, and made anew by the controller in the node's next life.
"""

from __future__ import annotations

from typing import Any

from nautilus_live.config import ImportableActorConfig, ImportableStrategyConfig
from nautilus_live.model.identifiers import ComponentId, StrategyId
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.making import make_component
from nautilus_live.trading.strategy import Strategy
from nautilus_live.trading.trader import Trader


class Controller(Actor):
    """Subclass it, and say in its callbacks which strategies and actors run when.

    Args:
        trader: runs the components.
        config: the settings; subclass `ControllerConfig` to add your own.

    """

    def __init__(self, trader: Trader, config: Any = None) -> None:
        super().__init__(config)
        self._trader = trader

    # -- make ----------------------------------------------------------------------------------------------------------

    def create_actor(self, actor: Actor, start: bool = True) -> None:
        """Add an actor, and start it if wished. Raises as `Trader.add_actor`."""
        self._trader.add_actor(actor, start=start)

    def create_strategy(self, strategy: Strategy, start: bool = True) -> None:
        """Add a strategy, and start it if wished. Raises as `Trader.add_strategy`."""
        self._trader.add_strategy(strategy, start=start)

    def create_actor_from_config(self, actor_config: ImportableActorConfig, start: bool = True) -> None:
        """Make an actor by its import path and add it.

        Raises:
            ConfigError: if the path leads nowhere or the settings are wrong; besides, as `create_actor`.

        """
        self.create_actor(make_component(actor_config.actor_path, Actor, actor_config.create_config()), start)

    def create_strategy_from_config(self, strategy_config: ImportableStrategyConfig, start: bool = True) -> None:
        """Make a strategy by its import path and add it.

        Raises:
            ConfigError: if the path leads nowhere or the settings are wrong; besides, as `create_strategy`.

        """
        made = make_component(strategy_config.strategy_path, Strategy, strategy_config.create_config())
        self.create_strategy(made, start)

    # -- start, stop, remove -------------------------------------------------------------------------------------------

    def start_actor(self, actor: Actor) -> None:
        """Start an actor; one that was stopped starts anew. Raises `ProgrammerError` if it is not known, or runs."""
        self._trader.start_actor(actor.id)

    def start_strategy(self, strategy: Strategy) -> None:
        """Start a strategy; one that was stopped starts anew. Raises `ProgrammerError` if it is unknown, or runs."""
        self._trader.start_strategy(strategy.id)

    def stop_actor(self, actor: Actor) -> None:
        """Stop an actor. Raises `ProgrammerError` if it is not known."""
        self._trader.stop_actor(actor.id)

    def stop_strategy(self, strategy: Strategy) -> None:
        """Stop a strategy. Raises `ProgrammerError` if it is not known."""
        self._trader.stop_strategy(strategy.id)

    def market_exit_strategy(self, strategy: Strategy) -> None:
        """Let a strategy leave the market. Raises `ProgrammerError` if it is not known."""
        self._trader.market_exit_strategy(strategy.id)

    def remove_actor(self, actor: Actor) -> None:
        """Stop an actor and let it go. Raises `ProgrammerError` if it is not known."""
        self._trader.remove_actor(actor.id)

    def remove_strategy(self, strategy: Strategy) -> None:
        """Stop a strategy and let it go; its orders and positions stay. Raises `ProgrammerError` if it is unknown."""
        self._trader.remove_strategy(strategy.id)

    def start_actor_from_id(self, actor_id: ComponentId) -> None:
        """Start an actor by its id."""
        self._trader.start_actor(actor_id)

    def start_strategy_from_id(self, strategy_id: StrategyId) -> None:
        """Start a strategy by its id."""
        self._trader.start_strategy(strategy_id)

    def stop_actor_from_id(self, actor_id: ComponentId) -> None:
        """Stop an actor by its id."""
        self._trader.stop_actor(actor_id)

    def stop_strategy_from_id(self, strategy_id: StrategyId) -> None:
        """Stop a strategy by its id."""
        self._trader.stop_strategy(strategy_id)

    def market_exit_strategy_from_id(self, strategy_id: StrategyId) -> None:
        """Let a strategy leave the market, by its id."""
        self._trader.market_exit_strategy(strategy_id)

    def remove_actor_from_id(self, actor_id: ComponentId) -> None:
        """Stop an actor by its id and let it go."""
        self._trader.remove_actor(actor_id)

    def remove_strategy_from_id(self, strategy_id: StrategyId) -> None:
        """Stop a strategy by its id and let it go; its orders and positions stay."""
        self._trader.remove_strategy(strategy_id)
