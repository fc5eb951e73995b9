"""A node with one actor and a sandbox venue's market data, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nautilus_live.config import LiveDataEngineConfig, LiveExecEngineConfig, TradingNodeConfig
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.identifiers import TraderId
from nautilus_live.trading.actor import Actor
from sandbox_venues.adapter import SandboxDataClientConfig
from sandbox_venues.adapter_data import SandboxLiveDataClientFactory
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.profiles import VenueProfile
from sandbox_venues.venue import Venue, VenueConfig
from scenarios.market import instrument
from scenarios.world.world import World

BTC = instrument("BTCUSDT", "SANDBOX")
Story = Callable[[VenueGateway, TradingNode], Awaitable[None]]


def run_with(
    actors: list[Actor],
    story: Story,
    *,
    before: Callable[[VenueGateway], None] = lambda gateway: None,
    wait_s: float = 0.0,
    client: dict[str, Any] | None = None,
    engine: dict[str, Any] | None = None,
    profile: dict[str, Any] | None = None,
) -> list[Any]:
    """Run a story on a started node whose actors were given; return the alarms.

    `before` is called with the venue `wait_s` before the node starts.
    """
    world, alarms = World(), list[Any]()
    TradingNode.tunes_garbage_collection = False

    async def main() -> None:
        venue_config = VenueConfig(profile=VenueProfile(**(profile or {})))
        gateway = VenueGateway(Venue(venue_config, [BTC], world.clock.timestamp_ns()), world.clock)
        before(gateway)
        await asyncio.sleep(wait_s)
        config = TradingNodeConfig(
            trader_id=TraderId("TESTER-001"),
            data_clients={"SANDBOX": SandboxDataClientConfig(**(client or {}))},
            data_engine=LiveDataEngineConfig(**(engine or {})),
            exec_engine=LiveExecEngineConfig(reconciliation=False),
        )
        node = TradingNode(config, clock=world.clock, entropy=world.entropy.stream("node"))
        node.add_data_client_factory("SANDBOX", SandboxLiveDataClientFactory(gateway))
        node.build()
        node.kernel.msgbus.subscribe("alarms", alarms.append)
        for actor in actors:
            node.trader.add_actor(actor)
        task = asyncio.create_task(node.run_async())
        await asyncio.sleep(1.0)
        assert node.is_running(), node.failure
        await story(gateway, node)
        node.stop()
        assert await task == ExitCode.OK, node.failure

    world.run(main)
    return alarms


def set_book(gateway: VenueGateway, bid: str, ask: str) -> None:
    gateway.do("set_book", instrument="BTCUSDT", bids=[(bid, "5.000")], asks=[(ask, "5.000")])


def print_trade(gateway: VenueGateway, price: str, quantity: str = "1.000") -> None:
    """Let somebody sell to somebody at a price, in an empty market."""
    gateway.do("set_book", instrument="BTCUSDT", bids=[(price, quantity)])
    gateway.do("add_liquidity", instrument="BTCUSDT", side="SELL", price=price, quantity=quantity)
