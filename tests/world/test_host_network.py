"""What peers see of a host that crashes or pauses, and a crash at every single callback."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from scenarios.world.tasks import host_of
from scenarios.world.wire import connector
from scenarios.world.world import World

pytestmark = pytest.mark.filterwarnings("error")
PATH = "/sim/venue"


@pytest.fixture(autouse=True)
def nothing_is_complained_about(caplog: pytest.LogCaptureFixture) -> Any:
    """Neither asyncio's log nor, with warnings as errors, the garbage collector has anything to say."""
    yield
    gc.collect()
    assert caplog.text == ""


def lines(world: World, host: str = "") -> list[str]:
    """What was recorded, with short times; only of one host if named."""
    entries = [line.split(" ", 1) for line in world.trace]
    return [f"{float(time):g} {what}" for time, what in entries if what.startswith(host)]


def run(world: World, scene: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return world.run(scene)


# -- connections of a dying host


def test_what_a_dying_host_had_written_arrives_and_then_a_reset() -> None:
    world = World(latency_s=0.010)

    async def venue() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while line := await reader.readline():
                    world.record(line.decode().strip())
            except ConnectionResetError:
                world.record("reset")
            writer.close()

        await asyncio.start_unix_server(serve, PATH)
        await asyncio.Event().wait()

    async def node() -> None:
        _, writer = await asyncio.open_unix_connection(PATH)
        try:
            writer.write(b"order\n")
            await asyncio.sleep(100)
        finally:
            writer.write(b"from beyond the grave\n")
            writer.close()

    async def main() -> None:
        host = world.host("node")
        world.host("venue").run(venue)
        host.run(node)
        await asyncio.sleep(0.022)
        host.crash()
        await asyncio.sleep(1)
        assert world.network.connections(PATH) == []

    run(world, main)
    assert lines(world) == ["0.03 venue order", "0.032 venue reset"]


def test_connections_to_a_dead_or_paused_host() -> None:
    world = World(latency_s=0.010)

    async def venue() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"welcome")
            await reader.read()
            writer.close()

        await asyncio.start_unix_server(serve, PATH)
        await asyncio.Event().wait()

    async def main() -> None:
        host = world.host("venue")
        host.run(venue)
        await asyncio.sleep(1)
        host.pause()
        reader, writer = await asyncio.open_unix_connection(PATH)  # the kernel answers for a stopped process
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await reader.read(7)
        host.resume()
        assert await reader.read(7) == b"welcome"
        host.crash()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_unix_connection(PATH)
        writer.close()
        restarted = world.host("venue")
        restarted.run(venue)
        await asyncio.sleep(0)
        _, writer = await asyncio.open_unix_connection(PATH)
        writer.close()
        restarted.crash()

    run(world, main)


def test_a_client_session_that_nobody_could_close(caplog: pytest.LogCaptureFixture) -> None:
    """The dead node's session is collected some time later; that must not end in a warning in some other test."""
    world = World()
    sessions: list[aiohttp.ClientSession] = []

    async def venue() -> None:
        application = web.Application()

        async def answer(request: web.Request) -> web.Response:
            await asyncio.sleep(1)
            return web.Response(text="late")

        application.router.add_get("/", answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.UnixSite(runner, PATH).start()
        await asyncio.Event().wait()

    async def node() -> None:
        sessions.append(aiohttp.ClientSession("http://venue", connector=connector(PATH)))
        while True:
            async with sessions[0].get("/") as response:
                world.record(await response.text())

    async def main() -> None:
        world.host("venue").run(venue)
        await asyncio.sleep(0)
        host = world.host("node")
        host.run(node)
        await asyncio.sleep(2.5)
        host.crash()
        assert sessions[0].closed
        sessions.clear()
        gc.collect()
        await asyncio.sleep(10)
        assert world.network.connections(PATH) == []

    run(world, main)
    assert [line.split(" ", 1)[1] for line in lines(world)] == ["node late", "node late"]


def test_a_host_that_dies_while_it_connects() -> None:
    for crash_s in (0.005, 0.015, 0.025):
        world = World(latency_s=0.010)

        async def main(world: World = world, crash_s: float = crash_s) -> None:
            losses: list[Exception | None] = []

            class Accepted(asyncio.Protocol):
                def connection_lost(self, exc: Exception | None) -> None:
                    losses.append(exc)

            await asyncio.get_running_loop().create_unix_server(Accepted, PATH)
            host = world.host("node")

            async def connect() -> None:
                _, writer = await asyncio.open_unix_connection(PATH)
                await asyncio.sleep(100)
                writer.close()

            host.run(connect)
            await asyncio.sleep(crash_s)
            host.crash()
            await asyncio.sleep(1)
            assert [type(loss) for loss in losses] == ([] if crash_s < 0.010 else [ConnectionResetError])
            assert world.network.connections(PATH) == []

        run(world, main)


# -- a crash at every callback


async def tick(world: World, periods_s: list[float]) -> None:
    async def one(number: int, period_s: float) -> None:
        while True:
            await asyncio.sleep(period_s)
            world.record(f"tick {number}")

    await asyncio.gather(*(one(number, period_s) for number, period_s in enumerate(periods_s)))


class Store:
    """A store port: what was written survives the host, and nothing is written once it was cut."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.cut = False

    def write(self, row: str) -> None:
        if not self.cut:
            self.rows.append(row)

    def close(self) -> None:
        self.cut = True


def crash_campaign_run(crash_after: int | None) -> tuple[int, list[str], list[str]]:
    """A node that sends three orders and stores a row before and after each; perhaps it crashes.

    Returns the callbacks the node ran, what the venue received, and what is in the store.
    """
    world = World(latency_s=0.010, time_limit_s=100.0)
    store, received = Store(), list[str]()
    loop = world.loop

    async def venue() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while line := await reader.readline():
                    received.append(line.decode().strip())
                    writer.write(b"ok " + line)
            except ConnectionResetError:
                received.append("reset")
            finally:
                writer.close()

        await asyncio.start_unix_server(serve, PATH)
        await asyncio.Event().wait()

    async def node() -> None:
        reader, writer = await asyncio.open_unix_connection(PATH)
        try:
            async with asyncio.TaskGroup() as group:
                heartbeat = group.create_task(tick(world, [0.013]))
                for number in range(3):
                    store.write(f"send {number}")
                    writer.write(b"order %d\n" % number)
                    store.write(f"done {(await reader.readline()).decode().strip()}")
                heartbeat.cancel()
        finally:
            writer.write(b"goodbye\n")
            store.write("goodbye")
            writer.close()

    async def main() -> int:
        world.host("venue").run(venue)
        await asyncio.sleep(0)
        host = world.host("node")
        host.add_port(store.close)
        if crash_after is not None:
            host.crash_after(crash_after)
        if not host.dead:
            await asyncio.wait([host.run(node)])
        await asyncio.sleep(10)
        if host.dead:
            assert [task for task in loop.tasks() if host_of(task) is host] == []
        return host.callbacks

    return world.run(main), received, store.rows


def test_crash_at_every_callback_of_a_small_program() -> None:
    callbacks, received, rows = crash_campaign_run(None)
    assert received == ["order 0", "order 1", "order 2", "goodbye"]
    assert rows[-1] == "goodbye"
    assert callbacks > 20

    outcomes = set()
    for number in range(callbacks + 1):
        ran, received_then, rows_then = crash_campaign_run(number)
        outcomes.add((tuple(received_then), tuple(rows_then)))
        assert ran == number
        orders = [line for line in received_then if line != "reset"]
        # What was sent arrived, nothing else did; what was stored before the cut is a prefix of the calm run.
        assert orders == received[: len(orders)]
        assert rows_then == rows[: len(rows_then)]
        sends = sum(row.startswith("send") for row in rows_then)
        assert len([line for line in orders if line.startswith("order")]) == sends

    assert len(outcomes) > 4
