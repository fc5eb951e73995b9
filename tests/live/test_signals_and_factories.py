"""Signals on loops with and without handlers; factories by name; entropy."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nautilus_live.errors import ConfigError
from nautilus_live.live.entropy import SystemEntropy, uuid4_text
from nautilus_live.live.factories import Factories
from nautilus_live.live.signals import SignalHandling
from tests.children import child

ROOT = Path(__file__).parents[2]

CHILD = """
import asyncio, sys
from nautilus_live.config import TradingNodeConfig, LiveExecClientConfig, LiveDataClientConfig
from nautilus_live.live.node import TradingNode
from nautilus_live.model.identifiers import ClientId, Venue
from nautilus_live.trading.strategy import Strategy

class Client:
    venue = None
    is_connected = False
    def __init__(self, name): self.id = ClientId(name)
    async def connect(self): self.is_connected = True
    async def disconnect(self):
        print("disconnecting", flush=True)
        await asyncio.sleep({disconnect_s})
        print("disconnected", flush=True)

class Factory:
    def create(self, loop, name, config, context): return Client(name)

class Talker(Strategy):
    def on_start(self): self.telling = asyncio.ensure_future(self.tell())
    async def tell(self):
        while not node.is_running():
            await asyncio.sleep(0)
        print("started", flush=True)
    def on_stop(self): print("stopping", flush=True)

def main():
    global node
    {loop}
    node = TradingNode(TradingNodeConfig(trader_id="CHILD-001", data_clients={{"X": LiveDataClientConfig()}}))
    node.add_data_client_factory("X", Factory)
    node.build()
    node.trader.add_strategy(Talker())
    code = node.run()
    node.dispose()
    print("code", code, node.state.value, flush=True)
    sys.exit(code)
main()
"""
WITHOUT_HANDLERS = """
    class Loop(asyncio.SelectorEventLoop):
        def add_signal_handler(self, *arguments): raise NotImplementedError
        def remove_signal_handler(self, *arguments): raise NotImplementedError
    policy = asyncio.get_event_loop_policy()
    policy._loop_factory = Loop
"""


@contextmanager
def node(disconnect_s: float = 0.0, loop: str = "pass") -> Iterator[subprocess.Popen[str]]:
    code = CHILD.format(disconnect_s=disconnect_s, loop=loop)
    with child([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        yield process


def rest(process: subprocess.Popen[str]) -> list[str]:
    output, _ = process.communicate()
    return output.splitlines()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_real_signal_stops_the_node_in_order(number: signal.Signals) -> None:
    with node() as process:
        process.send_signal(number)
        assert rest(process) == ["stopping", "disconnecting", "disconnected", "code 0 DISPOSED"]
        assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_real_signal_forces_the_end(number: signal.Signals) -> None:
    with node(disconnect_s=600.0) as process:
        process.send_signal(number)
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["stopping\n", "disconnecting\n"]
        process.send_signal(number)
        assert rest(process)[-1] == f"code {128 + number} DISPOSED"
        assert process.returncode == 128 + number


def test_ctrl_c_stops_the_node_where_the_loop_has_no_signal_handlers() -> None:
    with node(loop=WITHOUT_HANDLERS) as process:
        process.send_signal(signal.SIGINT)
        assert rest(process) == ["stopping", "disconnecting", "disconnected", "code 0 DISPOSED"]
        assert process.returncode == 0


def test_plain_handler_is_put_back_after_use() -> None:
    class Loop(asyncio.SelectorEventLoop):
        def add_signal_handler(self, *arguments: Any) -> None:
            raise NotImplementedError

    received: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    loop = Loop()

    async def main() -> None:
        handling = SignalHandling(
            loop, lambda name: received.append("stop " + name), lambda name: received.append("force")
        )
        handling.install()
        assert signal.getsignal(signal.SIGINT) != before
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        handling.remove()

    loop.run_until_complete(main())
    loop.close()
    assert received == ["stop SIGINT", "force"]
    assert signal.getsignal(signal.SIGINT) == before


class One:
    def create(self, loop: Any, name: str, config: Any, context: Any) -> str:
        return name


class Two(One):
    pass


def test_a_factory_serves_its_name_and_names_that_begin_with_it() -> None:
    factories = Factories("exec")
    factories.add("BINANCE", One)
    factories.add("BINANCE_FUTURES", Two())
    assert type(factories.find("BINANCE")) is One
    assert type(factories.find("BINANCE_SPOT")) is One
    assert type(factories.find("BINANCE-TESTNET-2")) is One
    assert type(factories.find("BINANCE_FUTURES")) is Two
    assert type(factories.find("BINANCE_FUTURES-2")) is Two


def test_a_client_without_a_factory_is_a_configuration_error() -> None:
    factories = Factories("exec")
    factories.add("BINANCE", One)
    with pytest.raises(
        ConfigError, match=r"exec_clients.BYBIT: a factory must be registered for it, registered were BINANCE"
    ):
        factories.find("BYBIT")
    with pytest.raises(ConfigError, match="registered once"):
        factories.add("BINANCE", One)
    with pytest.raises(ConfigError, match="must have a method create"):
        factories.add("OTHER", object())


def test_uuids_are_version_4_and_follow_the_entropy() -> None:
    made = uuid4_text(random.Random(1))
    assert made == uuid4_text(random.Random(1))
    assert made != uuid4_text(SystemEntropy())
    assert made[14] == "4"
    assert made[19] in "89ab"
    assert [len(part) for part in made.split("-")] == [8, 4, 4, 4, 12]
