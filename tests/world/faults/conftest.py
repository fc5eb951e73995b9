"""Two ends of a path, and what each of them sees; a host whose clock
goes wrong."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from scenarios.world.clock import EPOCH_NS, VirtualClock
from scenarios.world.world import World

PATH = "/sim/venue"
SECOND_NS = 1_000_000_000


class End(asyncio.Protocol):
    """Notes what happens to one end, with the time."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.log: list[str] = []
        self.bytes = 0
        self.transport: Any = None

    def note(self, text: str) -> None:
        self.log.append(f"{text} {self.world.loop.time():.3f}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        self.note(data.decode() if len(data) < 20 else f"{len(data)} bytes")

    def eof_received(self) -> None:
        self.note("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.note(f"lost {type(exc).__name__}")

    def pause_writing(self) -> None:
        self.note("pause")

    def resume_writing(self) -> None:
        self.note("resume")


class Wire:
    """A path with a listener, and a connection on it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.network = world.network
        self.servers: list[End] = []

    async def listen(self) -> None:
        def accept() -> End:
            self.servers.append(End(self.world, "server"))
            return self.servers[-1]

        await asyncio.get_running_loop().create_unix_server(accept, PATH)

    async def connect(self) -> tuple[End, End]:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_unix_connection(lambda: End(self.world, "client"), PATH)
        return client, self.servers[-1]

    def begin(self, fault: Any) -> None:
        fault.begin(self.network, PATH)

    def end(self, fault: Any) -> None:
        fault.end(self.network, PATH)


@pytest.fixture
def wire() -> Any:
    """Run `async def body(wire, client, server)` on a fresh connection, made at 0.020 s."""

    def runner(body: Any) -> Any:
        world = World(time_limit_s=100.0, signals=False)

        async def main() -> Any:
            wire = Wire(world)
            await wire.listen()
            client, server = await wire.connect()
            return await body(wire, client, server)

        return world.run(main)

    return runner


@pytest.fixture
def shown() -> Any:
    """Apply faults, each as (second, fault, begin or end); return what a clock is ahead at each of five seconds."""

    def runner(*script: tuple[int, Any, str]) -> list[float]:
        world = World(time_limit_s=100.0, signals=False)

        async def main() -> list[float]:
            host = world.host("node")
            clock = VirtualClock(world.loop, host)
            found = []
            for second in range(5):
                for at, fault, how in script:
                    if at == second:
                        getattr(fault, how)(host)
                true_ns = EPOCH_NS + round(world.loop.time() * 1e9)
                found.append((clock.timestamp_ns() - true_ns) / SECOND_NS)
                await asyncio.sleep(1)
            return found

        return world.run(main)

    return runner
