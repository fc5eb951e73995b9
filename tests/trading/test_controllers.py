"""Controllers: strategies and actors that come, stop and go while the node runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config import (
    ActorConfig,
    ControllerConfig,
    ImportableActorConfig,
    ImportableControllerConfig,
    ImportableStrategyConfig,
    StrategyConfig,
    TradingNodeConfig,
)
from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.examples.controllers.drawdown_guard import DrawdownGuard, DrawdownGuardConfig
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import ComponentState
from nautilus_live.model.identifiers import ComponentId, StrategyId, Venue
from nautilus_live.model.objects import Currency
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.controller import Controller
from nautilus_live.trading.strategy import Strategy
from scenarios.testing import TradingWorld
from tests.trading.playing import BTC, limit, play

HERE = __name__
USDT = Currency.from_str("USDT")
RUNNING, STOPPED, READY = ComponentState.RUNNING, ComponentState.STOPPED, ComponentState.READY


class SizedConfig(StrategyConfig, frozen=True):
    size: int = 1


class Buyer(Strategy):
    """Rests one order as soon as it starts."""

    def __init__(self, config: SizedConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        self.submit_order(limit(self))


class Watcher(Actor):
    """Lives."""


class Broken(Strategy):
    """Cannot be made."""

    def __init__(self, config: SizedConfig) -> None:
        raise RuntimeError("no such file")


class DeskConfig(ControllerConfig, frozen=True):
    names: list[str] = []


class Desk(Controller):
    """Has a buyer for every name."""

    def on_start(self) -> None:
        for name in self.config.names:
            self.create_strategy_from_config(buyer(name))


def buyer(name: str) -> ImportableStrategyConfig:
    settings = {"strategy_id": name, "order_id_tag": name[-1] * 3}
    return ImportableStrategyConfig(strategy_path=f"{HERE}:Buyer", config_path=f"{HERE}:SizedConfig", config=settings)


def desk_of(*names: str) -> ImportableControllerConfig:
    return ImportableControllerConfig(
        controller_path=f"{HERE}:Desk", config_path=f"{HERE}:DeskConfig", config={"names": list(names)}
    )


@contextmanager
def node_of(**settings: Any) -> Iterator[TradingNode]:
    node = TradingNode(TradingNodeConfig(**settings))
    try:
        yield node
    finally:
        node.dispose()


def add_desk(stage: Any) -> Desk:
    desk = Desk(stage.node.trader, DeskConfig())
    stage.node.trader.add_actor(desk)
    return desk


def test_a_strategy_is_made_stopped_started_and_removed(stage: Any) -> None:
    async def story() -> None:
        desk, trader = add_desk(stage), stage.node.trader
        made = Buyer(SizedConfig(strategy_id="Made", order_id_tag="007"))
        desk.create_strategy(made, start=False)
        assert made.state is READY
        desk.start_strategy(made)
        assert made.state is RUNNING
        desk.stop_strategy_from_id(made.id)
        assert made.state is STOPPED
        desk.start_strategy_from_id(made.id)
        desk.stop_strategy(made)
        desk.remove_strategy(made)
        assert (made.state, trader.strategy(made.id)) == (ComponentState.DISPOSED, None)
        with pytest.raises(ProgrammerError, match="Made-007: must be a component of this trader, was not"):
            desk.remove_strategy_from_id(made.id)

    play(stage, story)


def test_an_actor_is_made_stopped_started_and_removed(stage: Any) -> None:
    async def story() -> None:
        desk, trader = add_desk(stage), stage.node.trader
        made = Watcher(ActorConfig(component_id=ComponentId("Made")))
        desk.create_actor(made, start=False)
        desk.start_actor(made)
        desk.stop_actor_from_id(made.id)
        desk.start_actor_from_id(made.id)
        assert made.state is RUNNING
        desk.stop_actor(made)
        assert made.state is STOPPED
        desk.remove_actor(made)
        settings = {"component_id": "Another"}
        desk.create_actor_from_config(
            ImportableActorConfig(
                actor_path=f"{HERE}:Watcher", config_path="nautilus_live.config:ActorConfig", config=settings
            )
        )
        assert trader.actor_states() == {desk.id: "RUNNING", ComponentId("Another"): "RUNNING"}
        desk.remove_actor_from_id(ComponentId("Another"))
        assert trader.actor_ids() == [desk.id]

    play(stage, story)


def test_one_that_comes_back_under_its_name_uses_no_order_id_twice(stage: Any) -> None:
    async def story() -> None:
        desk, cache = add_desk(stage), stage.node.cache
        for _ in range(3):
            desk.create_strategy_from_config(buyer("Again"))
            desk.remove_strategy_from_id(StrategyId("Again-nnn"))
        ids = [order.client_order_id.value for order in cache.orders(strategy_id=StrategyId("Again-nnn"))]
        assert [name.rpartition("-")[2] for name in ids] == ["1", "2", "3"]

    play(stage, story)


def test_while_the_node_stops_nothing_starts(stage: Any) -> None:
    refused: list[str] = []

    class Stubborn(Desk):
        def on_stop(self) -> None:
            late = Buyer(SizedConfig(strategy_id="Late", order_id_tag="008"))
            with pytest.raises(ProgrammerError) as told:
                self.create_strategy(late)
            refused.append(str(told.value).partition(": ")[2])
            with pytest.raises(ProgrammerError) as told:
                self.start_strategy(stage.strategy)
            refused.append(str(told.value).partition(": ")[2])

    async def story() -> None:
        stage.node.trader.add_actor(Stubborn(stage.node.trader, DeskConfig()))

    play(stage, story)
    assert refused == ["cannot be added to a trader in STOPPING", "cannot be started by a trader in STOPPING"]


async def test_what_a_controller_made_is_made_again_after_a_crash(world: TradingWorld) -> None:
    world.venue()
    node = await world.start_node(strategies=[], controller=desk_of("A", "B"))
    await world.sleep("1s")
    assert [str(one) for one in node.node.trader.strategy_ids()] == ["A-AAA", "B-BBB"]
    node.crash()
    await world.sleep("1s")
    node = await world.start_node(strategies=[], controller=desk_of("A", "B"))
    await world.sleep("1s")
    ids = [order.client_order_id.value for order in node.node.cache.orders_open(instrument_id=BTC)]
    assert sorted(name.split("-", 4)[-1] for name in ids) == ["AAA-1", "AAA-2", "BBB-1", "BBB-2"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"{HERE}:Broken", "Broken: its constructor raised RuntimeError: no such file"),
        (f"{HERE}:Watcher", "Watcher: must name a subclass of Strategy, was <class"),
        (f"{HERE}:desk_of", "desk_of: must name a subclass of Strategy, was <function"),
        (f"{HERE}:Nobody", "Nobody: must name something that exists"),
    ],
)
def test_a_path_that_makes_no_strategy_is_named(path: str, said: str) -> None:
    config = ImportableStrategyConfig(strategy_path=path, config_path=f"{HERE}:SizedConfig", config={})
    with node_of(strategies=[config]) as node, pytest.raises(ConfigError, match=said):
        node.build()


def test_the_controller_of_the_configuration_is_the_first_actor() -> None:
    watcher = ImportableActorConfig(
        actor_path=f"{HERE}:Watcher", config_path="nautilus_live.config:ActorConfig", config={}
    )
    with node_of(controller=desk_of("A"), actors=[watcher]) as node:
        node.build()
        assert [type(actor) for actor in node.trader.actors()] == [Desk, Watcher]


def test_a_guard_that_does_not_know_the_equity_stops_nobody(stage: Any, caplog: pytest.LogCaptureFixture) -> None:
    config = DrawdownGuardConfig(venue=Venue("NOWHERE"), currency=USDT, ratio_max=Decimal("0.1"), every_secs=0.01)

    async def story() -> None:
        stage.node.trader.add_actor(DrawdownGuard(stage.node.trader, config))
        await asyncio.sleep(0.02)
        assert stage.strategy.is_running

    play(stage, story)
    assert "NOWHERE: equity in USDT is unknown" in caplog.text


class Forgetful(Strategy):
    """Forgets its base."""

    def __init__(self) -> None:
        self.size = 1


class Modern(Strategy):
    """Expects to be awaited."""

    async def on_bar(self, bar: Any) -> None: ...  # type: ignore[override]  # the mistake

    async def on_news(self) -> None:
        """Not one of ours: who calls it can await it."""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Forgetful, r"Forgetful: __init__ must call super\(\).__init__\(config\), did not"),
        (Modern, "Modern.on_bar: must be a plain function, was a coroutine function"),
    ],
)
def test_what_could_never_work_is_not_added(kind: type[Strategy], said: str) -> None:
    with node_of() as node, pytest.raises(ProgrammerError, match=said):
        node.trader.add_strategy(kind())


def test_only_strategies_are_added_as_strategies() -> None:
    with node_of() as node, pytest.raises(ProgrammerError, match="add_strategy must be given a Strategy, was"):
        node.trader.add_strategy(Watcher())  # type: ignore[arg-type]  # the mistake
