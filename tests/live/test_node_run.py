"""The node from outside: run, stop from other threads, dispose, misuse; and what a start costs."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from nautilus_live.config import CacheConfig, DatabaseConfig, LiveExecClientConfig, LoggingConfig, TradingNodeConfig
from nautilus_live.errors import ConfigError, ProgrammerError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import ComponentState
from nautilus_live.trading.strategy import Strategy
from tests import children

pytestmark = pytest.mark.usefixtures("frozen_again")
ROOT = Path(__file__).parents[2]


def quiet(**settings: Any) -> TradingNodeConfig:
    return TradingNodeConfig(logging=LoggingConfig(bypass_logging=True), **settings)


class Stopper(Strategy):
    def on_start(self) -> None:
        self.shutdown_system("done")


def test_run_returns_the_exit_code_and_the_guides_pattern_works() -> None:
    node = TradingNode(quiet())
    node.build()
    node.trader.add_strategy(Stopper())
    try:
        code = node.run()
    finally:
        try:
            node.stop()
        finally:
            node.dispose()
    assert code == node.exit_code == 0
    assert node.state is ComponentState.DISPOSED
    assert node.get_event_loop().is_closed()


def test_stop_from_another_thread() -> None:
    class Starter(Strategy):
        def on_start(self) -> None:
            threading.Timer(0.02, node.stop).start()

    node = TradingNode(quiet())
    node.build()
    node.trader.add_strategy(Starter())
    assert node.run() == 0
    assert node.state is ComponentState.STOPPED
    node.dispose()


def test_misuse_is_refused() -> None:
    node = TradingNode(quiet())
    with pytest.raises(ProgrammerError, match="must be built before it runs"):
        node.run()
    node.build()
    with pytest.raises(ProgrammerError, match="a node is built once"):
        node.build()
    node.trader.add_strategy(Stopper())
    node.run()
    with pytest.raises(ProgrammerError, match="a node runs once, was STOPPED"):
        node.run()
    node.dispose()

    async def inside() -> None:
        other = TradingNode(quiet())
        other.build()
        with pytest.raises(ProgrammerError, match=r"await run_async\(\) there"):
            other.run()
        task = asyncio.create_task(other.run_async())
        await asyncio.sleep(0.01)
        with pytest.raises(ProgrammerError, match="must have stopped before dispose, was RUNNING"):
            other.dispose()
        await other.stop_async()
        await task
        other.dispose()

    asyncio.run(inside())


def test_client_without_a_factory_is_named() -> None:
    node = TradingNode(quiet(exec_clients={"NOWHERE": LiveExecClientConfig()}))
    with pytest.raises(ConfigError, match=r"exec_clients\.NOWHERE: a factory must be registered"):
        node.build()
    node.dispose()


def test_store_is_opened_by_the_configuration() -> None:
    node = TradingNode(quiet(cache=CacheConfig(database=DatabaseConfig(type="memory"))))
    assert node.cache.store is not None
    node.dispose()


def test_collector_is_tuned_while_running_and_put_back() -> None:
    before = gc.get_threshold()
    seen: list[Any] = []

    async def story() -> None:
        node = TradingNode(quiet())
        node.build()
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(0.05)
        seen.append((gc.get_threshold(), gc.get_freeze_count() > 0))
        await node.stop_async()
        await task
        node.dispose()

    TradingNode.tunes_garbage_collection = True
    asyncio.run(story())
    assert seen == [((50_000, 20, 100), True)]
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_import_brings_no_heavy_library_along() -> None:
    heavy = ("aiohttp", "structlog", "rich", "hypothesis", "pytest", "numpy", "pandas", "redis", "asyncpg", "json")
    code = f"import nautilus_live.live.node, sys; print([name for name in {heavy} if name in sys.modules])"
    done = children.run([sys.executable, "-c", code], cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_ids_of_two_starts_differ() -> None:
    nodes = [TradingNode(quiet()) for _ in range(2)]
    ids = [node.kernel.event_ids.next() for node in nodes]
    assert ids[0] != ids[1]
    assert nodes[0].instance_id != nodes[1].instance_id
    for node in nodes:
        node.dispose()
