"""Strategies on a whole node: errors in callbacks, saved state, ids, and components by import path."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.config import (
    ActorConfig,
    ImportableActorConfig,
    ImportableStrategyConfig,
    LiveExecClientConfig,
    StrategyConfig,
    TradingNodeConfig,
)
from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import ComponentState, OrderStatus
from nautilus_live.model.events import OrderModifyRejected
from nautilus_live.model.objects import Quantity
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.strategy import Strategy
from tests.trading.playing import BTC, BUY, boom, limit, play

# -- errors in callbacks -----------------------------------------------------------------------------------------------


def raising(stage: Any, policy: str) -> Any:
    strategy = stage.strategy.__class__(StrategyConfig(callback_error_policy=policy))
    strategy.on["OrderAccepted"] = boom
    stage.strategy = strategy
    return strategy


def test_error_in_a_callback_is_logged_alarmed_once_and_harms_nobody(stage: Any, caplog: Any) -> None:
    strategy = raising(stage, "keep")

    async def story() -> None:
        orders = [limit(strategy), limit(strategy)]
        for order in orders:
            strategy.submit_order(order)
        await asyncio.sleep(0.01)
        assert [order.status for order in orders] == [OrderStatus.ACCEPTED] * 2
        assert strategy.is_running
        assert stage.node.is_running()
        strategy.cancel_all_orders(BTC)
        await asyncio.sleep(0.1)

    with caplog.at_level(logging.ERROR, "nautilus_live"):
        play(stage, story)
    errors = [record for record in caplog.records if "my bug" in record.getMessage()]
    assert len(errors) == 2
    assert errors[0].exc_info is not None
    alarms = [alarm for alarm in stage.alarms if alarm.kind == "callback.error"]
    assert [(alarm.ids, alarm.text) for alarm in alarms] == [
        ({"component": "Recorder-000"}, "on_event raised RuntimeError: my bug")
    ]


def test_policy_stop_strategy_stops_it_alone(stage: Any) -> None:
    strategy = raising(stage, "stop_strategy")

    async def story() -> None:
        strategy.submit_order(limit(strategy))
        await asyncio.sleep(0.01)
        assert strategy.state is ComponentState.STOPPED
        assert strategy.seen[-1] == "on_stop"
        assert stage.node.is_running()

    play(stage, story)


def test_policy_stop_node_stops_it_with_a_code(stage: Any) -> None:
    strategy = raising(stage, "stop_node")

    async def whole() -> None:
        task = await stage.running(timeout_post_stop=0.1)
        strategy.submit_order(limit(strategy))
        assert await task == 1
        assert "Recorder-000: on_event raised RuntimeError: my bug" in stage.node.failure
        assert strategy.seen[-1] == "on_stop"

    stage.run(whole)


def test_strategy_whose_on_start_raises_does_not_trade(stage: Any) -> None:
    stage.strategy.at_start = boom
    other = stage.strategy.__class__(StrategyConfig(strategy_id="Other"))

    async def story() -> None:
        assert stage.strategy.state is ComponentState.FAULTED
        with pytest.raises(ProgrammerError, match="cannot submit_order in FAULTED"):
            stage.strategy.submit_order(limit(stage.strategy))
        stage.node.trader.add_strategy(other)
        assert other.seen == ["on_start"]

    play(stage, story)
    assert stage.strategy.seen == ["on_start"]


# -- states and ids ----------------------------------------------------------------------------------------------------


class Rememberer(Strategy):
    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.count = 0
        self.log_of_life: list[str] = []

    def on_load(self, state: dict[str, bytes]) -> None:
        self.log_of_life.append("on_load")
        self.count = int(state["count"])

    def on_start(self) -> None:
        self.log_of_life.append(f"on_start {self.count}")
        self.count += 1

    def on_save(self) -> dict[str, bytes]:
        return {"count": str(self.count).encode()}


def test_row_252_state_is_loaded_before_on_start_for_strategies_added_in_code(make_stage: Any) -> None:
    store: Any = None
    for run in range(3):
        stage = make_stage()
        stage.store = store or stage.store
        store = stage.store
        stage.strategy = Rememberer()

        async def story() -> None:
            return None

        play(stage, story, save_state=True, load_state=True)
        expected = [f"on_start {run}"] if run == 0 else ["on_load", f"on_start {run}"]
        assert stage.strategy.log_of_life == expected


def test_failed_start_does_not_overwrite_what_is_saved(make_stage: Any) -> None:
    first = make_stage()
    first.strategy = Rememberer()

    async def nothing() -> None:
        return None

    play(first, nothing, save_state=True, load_state=True)
    broken = make_stage()
    broken.store = first.store
    broken.strategy = Rememberer()
    broken.scripts["SIM"] = lambda client: client.hooks.update(mass_status=lambda: "none")

    async def fail() -> None:
        node = broken.build(save_state=True, load_state=True)
        assert await node.run_async() == 4

    broken.run(fail)
    third = make_stage()
    third.store = first.store
    third.strategy = Rememberer()
    play(third, nothing, save_state=True, load_state=True)
    assert third.strategy.log_of_life == ["on_load", "on_start 1"]


@pytest.mark.parametrize("flush", [False, True])
def test_restart_within_the_same_second_reuses_no_order_id(make_stage: Any, flush: bool) -> None:
    """C7, C8: the clock of both runs shows the same second; with a flush only the venue still knows the orders."""
    from nautilus_live.config import CacheConfig

    used: list[Any] = []

    async def submit() -> None:
        for _ in range(3):
            order = limit(stage.strategy)
            stage.strategy.submit_order(order)
            used.append(order.client_order_id)
        await asyncio.sleep(0.01)
        assert {stage.strategy.cache.order(one).status for one in used} == {OrderStatus.ACCEPTED}

    stage = first = make_stage()
    play(first, submit, cache=CacheConfig())

    def script(client: Any) -> None:
        for one in used:
            client.hold_order(one.value)

    stage = second = make_stage()
    second.store = first.store
    second.scripts["SIM"] = script
    play(second, submit, cache=CacheConfig(flush_on_start=flush))
    assert len(set(used)) == 6
    assert {one.value.rpartition("-")[0] for one in used} == {"O-20260101-000000-001-000"}


@pytest.mark.parametrize(
    ("config", "expected", "tag"),
    [
        ({}, "Recorder-000", "000"),
        ({"order_id_tag": "007"}, "Recorder-007", "007"),
        ({"strategy_id": "CLAIM-001", "order_id_tag": "001"}, "CLAIM-001-001", "001"),
        ({"strategy_id": "CLAIM-001"}, "CLAIM-001", "001"),
        ({"strategy_id": "Plain"}, "Plain-000", "000"),
    ],
)
def test_strategy_ids(stage: Any, config: dict[str, Any], expected: str, tag: str) -> None:
    stage.strategy = stage.strategy.__class__(StrategyConfig(**config))

    async def story() -> None:
        assert str(stage.strategy.id) == expected
        assert stage.strategy.order_id_tag == tag
        assert stage.node.trader.strategy_ids() == [stage.strategy.id]

    play(stage, story)


def test_doubled_ids_tags_and_claims_are_refused(stage: Any) -> None:
    kind = stage.strategy.__class__

    async def story() -> None:
        trader = stage.node.trader
        trader.add_strategy(kind())
        assert [str(one) for one in trader.strategy_ids()] == ["Recorder-000", "Recorder-001"]
        with pytest.raises(
            ConfigError, match="order_id_tag must be the strategy's own, '001' of Third-001 was Recorder-001's"
        ):
            trader.add_strategy(kind(StrategyConfig(strategy_id="Third", order_id_tag="001")))
        with pytest.raises(ConfigError, match="strategy_id must be new, Recorder-001 was added already"):
            trader.add_strategy(kind(StrategyConfig(order_id_tag="001")))
        trader.add_strategy(kind(StrategyConfig(strategy_id="A", order_id_tag="A", external_order_claims=[BTC])))
        with pytest.raises(ConfigError, match=r"BTCUSDT.SIM was A-A's"):
            trader.add_strategy(kind(StrategyConfig(strategy_id="B", order_id_tag="B", external_order_claims=[BTC])))
        actor = Actor(ActorConfig(component_id="Watcher"))
        trader.add_actor(actor)
        with pytest.raises(ConfigError, match="component_id must be new, Watcher was added already"):
            trader.add_actor(Actor(ActorConfig(component_id="Watcher")))
        assert actor.is_running
        assert len(trader.strategies()) == 3

    play(stage, story)


class Watcher(Actor):
    heard: list[Any] = []

    def on_start(self) -> None:
        self.subscribe_instrument(BTC)

    def on_instrument(self, instrument: Any) -> None:
        self.heard.append(instrument.id)


def test_components_named_by_import_path_are_made_and_run(stage: Any) -> None:
    here = __name__
    import sys

    sys.modules.setdefault(here, sys.modules[__name__])
    config = TradingNodeConfig(
        strategies=[
            ImportableStrategyConfig(
                strategy_path=f"{here}:Rememberer",
                config_path="nautilus_live.config:StrategyConfig",
                config={"order_id_tag": "XYZ"},
            )
        ],
        actors=[
            ImportableActorConfig(
                actor_path=f"{here}:Watcher", config_path="nautilus_live.config:ActorConfig", config={}
            )
        ],
        exec_clients={"SIM": LiveExecClientConfig()},
    )

    async def story() -> None:
        node = TradingNode(config, clock=stage.world.clock, entropy=stage.world.entropy.stream("node"))
        node.add_exec_client_factory("SIM", stage.make("SIM"))
        node.build()
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(0.1)
        assert [str(one) for one in node.trader.strategy_ids()] == ["Rememberer-XYZ"]
        assert node.trader.strategies()[0].is_running
        Watcher.heard.clear()
        stage.client.context.sink.receive_instrument(node.cache.instrument(BTC))
        await asyncio.sleep(0.1)
        assert Watcher.heard == [BTC]
        await node.stop_async()
        await task

    stage.run(story)


def test_modification_refused_by_a_halt_restores_the_order(stage: Any) -> None:
    async def story() -> None:
        strategy = stage.strategy
        order = limit(strategy)
        strategy.submit_order(order)
        await asyncio.sleep(0.01)
        stage.node.kernel.halts.halt(stage.client.venue, "for the test")
        strategy.modify_order(order, quantity=Quantity.from_str("2.000"))
        await asyncio.sleep(0.01)
        assert order.status is OrderStatus.ACCEPTED
        assert isinstance(order.last_event, OrderModifyRejected)
        strategy.cancel_order(order)
        await asyncio.sleep(0.1)
        assert order.status is OrderStatus.CANCELED
        assert stage.node.kernel.halts.reasons() == {stage.client.venue: "for the test"}

    play(stage, story)


def test_position_sums_are_exact(stage: Any) -> None:
    async def story() -> None:
        strategy = stage.strategy
        for _ in range(3):
            strategy.submit_order(strategy.order_factory.market(BTC, BUY, Quantity.from_str("0.100")))
        await asyncio.sleep(0.01)
        assert strategy.portfolio.net_position(BTC) == Decimal("0.300")

    play(stage, story)


def test_names_of_the_base_classes_do_not_collide_with_an_authors_own() -> None:
    """What begins with one underscore and does not end with one is the author's, but for what ecosystem code uses."""
    theirs = {"_clock", "_log", "_cache", "_portfolio", "_msgbus", "_config"}
    strategy = Strategy(StrategyConfig())
    ours = {name for name in (*dir(Strategy), *vars(strategy)) if name.startswith("_") and not name.endswith("_")}
    assert ours <= theirs
