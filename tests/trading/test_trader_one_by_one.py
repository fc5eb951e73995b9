"""The trader of a running node: components started, stopped and let go one by one; a failure that is raised."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nautilus_live.config import ActorConfig, LoggingConfig, StrategyConfig, TradingNodeConfig
from nautilus_live.engine.data import DataEngine
from nautilus_live.errors import ProgrammerError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import ComponentState
from nautilus_live.model.identifiers import ComponentId, StrategyId
from nautilus_live.model.uuids import UUID4
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.strategy import Strategy
from tests.trading.data_node import BTC, run_with
from tests.trading.playing import play


class Walker(Actor):
    """Writes down its life."""

    def __init__(self) -> None:
        super().__init__(ActorConfig(component_id=ComponentId("Walker-001")))
        self.seen: list[str] = []

    def on_start(self) -> None:
        self.seen.append("start")

    def on_stop(self) -> None:
        self.seen.append("stop")

    def on_dispose(self) -> None:
        self.seen.append("dispose")


def test_components_stop_start_again_and_go_one_by_one(stage: Any) -> None:
    walker = Walker()

    async def story() -> None:
        trader = stage.node.trader
        trader.add_actor(walker)
        trader.stop_actor(walker.id)
        trader.start_actor(walker.id)
        trader.remove_actor(walker.id)
        assert walker.seen == ["start", "stop", "start", "stop", "dispose"]
        assert trader.actor_ids() == []
        strategy = stage.strategy
        trader.stop_strategy(strategy.id)
        assert strategy.state is ComponentState.STOPPED
        trader.start_strategy(strategy.id)
        assert strategy.is_running
        with pytest.raises(ProgrammerError, match="cannot start in RUNNING"):
            trader.start_strategy(strategy.id)
        trader.remove_strategy(strategy.id)
        assert (trader.strategies(), strategy.state) == ([], ComponentState.DISPOSED)
        for act, unknown in ((trader.start_actor, ComponentId("X")), (trader.remove_strategy, StrategyId("X-1"))):
            with pytest.raises(ProgrammerError, match="must be a component of this trader, was not"):
                act(unknown)
        assert (trader.is_stopped, trader.is_disposed, trader.check_residuals()) == (False, False, False)
        assert trader.trader_id == trader.id == stage.node.trader_id

    play(stage, story)
    assert stage.node.trader.is_stopped


class Failing(Strategy):
    """Fails at its start, and takes the node with it."""

    def on_start(self) -> None:
        raise RuntimeError("my bug")


def test_a_failure_of_the_node_is_raised_if_that_is_asked_for() -> None:
    node = TradingNode(TradingNodeConfig(logging=LoggingConfig(bypass_logging=True)))
    node.build()
    node.trader.add_strategy(Failing(StrategyConfig(callback_error_policy="stop_node")))
    with pytest.raises(RuntimeError, match=r"failed with exit code 1: .* on_start raised RuntimeError: my bug"):
        node.run(raise_exception=True)
    node.dispose()


def test_parameters_of_a_request_go_with_it_and_its_id_is_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[Any] = []
    request = DataEngine.request

    def overheard(self: Any, asked: Any, answer: Any, client_id: Any = None) -> None:
        passed.append((asked.params, asked.request_id))
        request(self, asked, answer, client_id)

    monkeypatch.setattr(DataEngine, "request", overheard)
    walker, answered = Walker(), list[Any]()

    async def story(gateway: Any, node: Any) -> None:
        ids = [
            walker.request_quote_ticks(BTC.id, None, None, 0, None, answered.append, False, {"speed": "slow"}),
            walker.request_instrument(BTC.id, callback=answered.append, update_catalog=True, params={"kind": "full"}),
            walker.request_trade_ticks(BTC.id, callback=answered.append),
        ]
        assert all(isinstance(one, UUID4) and one.value == one for one in ids)
        assert [name for name, _ in passed] == [{"speed": "slow"}, {"kind": "full"}, None]
        assert [request_id for _, request_id in passed] == ids
        await asyncio.sleep(5.0)
        assert set(answered) | set(walker.pending_requests()) == set(ids)
        assert answered

    run_with([walker], story)
