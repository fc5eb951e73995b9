"""The network in memory: TCP's promises, back-pressure, and every fault."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from scenarios.world.pipe import SOCKET_BUFFER_BYTES, WRITE_BUFFER_BYTES_HIGH, PipeTransport
from scenarios.world.world import World

PATH = "/sim/venue"
pytestmark = pytest.mark.filterwarnings("error")


class Recorder(asyncio.Protocol):
    """Notes what happens to one end, with the time."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.received = b""
        self.keep_open = False
        self.transport: PipeTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, PipeTransport)
        self.transport = transport
        self.world.record(f"{self.name} made")

    def data_received(self, data: bytes) -> None:
        self.received += data
        shown = data.decode() if len(data) < 30 else f"{len(data)} bytes"
        self.world.record(f"{self.name} received {shown}")

    def eof_received(self) -> bool:
        self.world.record(f"{self.name} eof")
        return self.keep_open

    def connection_lost(self, exc: Exception | None) -> None:
        self.world.record(f"{self.name} lost {type(exc).__name__}")

    def pause_writing(self) -> None:
        self.world.record(f"{self.name} pause_writing")

    def resume_writing(self) -> None:
        self.world.record(f"{self.name} resume_writing")


class Pair:
    """A connected client and server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers: list[Recorder] = []
        self.clients: list[Recorder] = []

    async def listen(self) -> asyncio.AbstractServer:
        def accept() -> Recorder:
            self.servers.append(Recorder(self.world, f"server{len(self.servers) or ''}"))
            return self.servers[-1]

        return await asyncio.get_running_loop().create_unix_server(accept, PATH)

    async def connect(self) -> tuple[Recorder, Recorder]:
        name = f"client{len(self.clients) or ''}"
        loop = asyncio.get_running_loop()
        _, client = await loop.create_unix_connection(lambda: Recorder(self.world, name), PATH)
        self.clients.append(client)
        return client, self.servers[-1]


def run_pair(
    scene: Callable[[World, Pair, Recorder, Recorder], Coroutine[Any, Any, Any]], seed: int = 0, **options: Any
) -> list[str]:
    """Run a scene with a fresh pair. Returns what was recorded after the connection was made."""
    world = World(seed, **{"latency_s": 0.010, "time_limit_s": 1000.0, **options})

    async def main() -> None:
        pair = Pair(world)
        await pair.listen()
        client, server = await pair.connect()
        world.trace.clear()
        await scene(world, pair, client, server)

    world.run(main)
    return [" ".join([f"{float(time):g}", what]) for time, what in (line.split(" ", 1) for line in world.trace)]


# -- the contract of a connection


def test_connecting_takes_a_round_trip() -> None:
    world = World(latency_s=0.010)

    async def main() -> None:
        pair = Pair(world)
        await pair.listen()
        client, server = await pair.connect()
        assert client.transport.get_extra_info("peername") == PATH == server.transport.get_extra_info("sockname")
        assert server.transport.get_extra_info("peername") == f"{PATH}#1"
        assert client.transport.get_extra_info("socket") is None

    world.run(main)
    assert world.trace == ["0.010000000 server made", "0.020000000 client made"]


def test_bytes_arrive_in_order_after_the_latency_and_fin_comes_last() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        client.transport.write(b"one ")
        client.transport.writelines([b"two", bytearray(b" three")])
        await asyncio.sleep(0.001)
        client.transport.write(memoryview(b"four"))
        client.transport.close()
        client.transport.write(b"too late")
        await asyncio.sleep(1)

    assert run_pair(scene) == [
        "0.021 client lost NoneType",
        "0.03 server received one two three",
        "0.031 server received four",
        "0.031 server eof",
        "0.031 server lost NoneType",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_jitter_and_shuffled_deadlines_never_reorder_a_stream(seed: int) -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        expected = b""
        for number in range(200):
            chunk = b"%d," % number
            expected += chunk
            client.transport.write(chunk)
            if number % 3 == 0:
                await asyncio.sleep(0.001)
        client.transport.write_eof()
        await asyncio.sleep(5)
        assert server.received == expected

    trace = run_pair(scene, seed, jitter_s=0.05)
    ends = [line.split(" ", 1)[1] for line in trace if "received" not in line]
    assert ends == ["server eof", "server lost NoneType", "client eof", "client lost NoneType"]


def test_half_close_lets_the_other_side_answer() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        server.keep_open = True
        client.transport.write(b"question")
        client.transport.write_eof()
        with pytest.raises(RuntimeError, match="cannot write after write_eof"):
            client.transport.write(b"more")
        await asyncio.sleep(0.1)
        server.transport.write(b"answer")
        server.transport.close()
        await asyncio.sleep(0.1)

    assert run_pair(scene) == [
        "0.03 server received question",
        "0.03 server eof",
        "0.12 server lost NoneType",
        "0.13 client received answer",
        "0.13 client eof",
        "0.13 client lost NoneType",
    ]


def test_abort_loses_what_is_under_way_and_resets() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        client.transport.write(b"lost")
        client.transport.abort()
        assert client.transport.is_closing()
        await asyncio.sleep(1)

    assert run_pair(scene) == ["0.02 client lost NoneType", "0.03 server lost ConnectionResetError"]


def test_data_for_a_closed_end_is_answered_with_a_reset() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        server.keep_open = True  # does not close on FIN, as a StreamWriter
        client.transport.close()
        await asyncio.sleep(0.1)
        server.transport.write(b"anybody there?")
        await asyncio.sleep(0.1)

    assert run_pair(scene) == [
        "0.02 client lost NoneType",
        "0.03 server eof",
        "0.14 server lost ConnectionResetError",
    ]


def test_connecting_to_nothing_is_refused_after_a_round_trip() -> None:
    world = World(latency_s=0.010)

    async def main() -> float:
        with pytest.raises(ConnectionRefusedError, match="/sim/nobody: nobody listens on this path"):
            await asyncio.get_running_loop().create_unix_connection(asyncio.Protocol, "/sim/nobody")
        return world.loop.time()

    assert world.run(main) == 0.020


def test_a_path_has_one_listener_and_closing_it_frees_the_path() -> None:
    world = World()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_unix_server(asyncio.Protocol, PATH)
        with pytest.raises(OSError, match="the path is taken") as caught:
            await loop.create_unix_server(asyncio.Protocol, PATH)
        assert caught.value.errno == errno.EADDRINUSE
        assert server.is_serving()
        server.close()
        await server.wait_closed()
        assert not server.is_serving()
        second = await loop.create_unix_server(asyncio.Protocol, PATH, start_serving=False)
        with pytest.raises(ConnectionRefusedError):
            await loop.create_unix_connection(asyncio.Protocol, PATH)
        serving = asyncio.create_task(second.serve_forever())
        await asyncio.sleep(0)
        transport, _ = await loop.create_unix_connection(asyncio.Protocol, PATH)
        transport.abort()
        serving.cancel()
        await asyncio.wait([serving])
        assert not second.is_serving()

    world.run(main)


def test_a_cancelled_connect_leaves_nothing_behind() -> None:
    world = World(latency_s=0.010)

    async def main() -> None:
        pair = Pair(world)
        await pair.listen()
        for patience_s in (0.005, 0.015):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await pair.connect()
            await asyncio.sleep(1)
        assert world.network.connections(PATH) == []

    world.run(main)
    assert [line.split(" ", 1)[1] for line in world.trace] == ["server made", "server lost ConnectionResetError"]


def test_what_a_protocol_raises_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        def fail(data: bytes) -> None:
            raise ZeroDivisionError

        server.data_received = fail  # type: ignore[method-assign]  # a protocol with a bug
        client.transport.write(b"x")
        await asyncio.sleep(1)

    assert run_pair(scene) == ["0.03 server lost ZeroDivisionError", "0.04 client lost ConnectionResetError"]
    assert "protocol.data_received() call failed" in caplog.text


def test_asyncio_streams_work() -> None:
    world = World()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def main() -> list[bytes]:
        await asyncio.start_unix_server(echo, PATH)
        reader, writer = await asyncio.open_unix_connection(PATH)
        writer.write(b"one\ntwo\n")
        lines = [await reader.readline(), await reader.readline()]
        writer.write_eof()
        lines.append(await reader.read())
        writer.close()
        await writer.wait_closed()
        return lines

    assert world.run(main) == [b"ONE\n", b"TWO\n", b""]


# -- back-pressure


def test_a_slow_consumer_pauses_the_writer() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        server.transport.pause_reading()
        assert not server.transport.is_reading()
        chunk = b"x" * (SOCKET_BUFFER_BYTES + WRITE_BUFFER_BYTES_HIGH)
        client.transport.write(chunk)
        assert world.trace == []
        client.transport.write(b"y")
        assert client.transport.get_write_buffer_size() == WRITE_BUFFER_BYTES_HIGH + 1
        await asyncio.sleep(1)
        server.transport.resume_reading()
        client.transport.write(b"z")
        await asyncio.sleep(1)

    size = SOCKET_BUFFER_BYTES + WRITE_BUFFER_BYTES_HIGH + 1
    assert run_pair(scene) == [
        "0.02 client pause_writing",
        f"1.02 server received {size} bytes",
        "1.02 client resume_writing",
        "1.03 server received z",
    ]


def test_fin_waits_behind_unread_bytes_but_a_reset_does_not() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        server.transport.pause_reading()
        client.transport.pause_reading()
        client.transport.write(b"bytes")
        client.transport.write_eof()
        await asyncio.sleep(1)
        server.transport.resume_reading()
        server.keep_open = True
        await asyncio.sleep(1)
        server.transport.write(b"never read")
        await asyncio.sleep(1)
        server.transport.abort()
        await asyncio.sleep(1)

    assert run_pair(scene) == [
        "1.02 server received bytes",
        "1.02 server eof",
        "3.02 server lost NoneType",
        "3.03 client lost ConnectionResetError",
    ]


def test_write_buffer_limits_can_be_set() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        client.transport.set_write_buffer_limits(high=0)
        assert client.transport.get_write_buffer_limits() == (0, 0)
        client.transport.write(b"x" * (SOCKET_BUFFER_BYTES + 1))
        await asyncio.sleep(1)
        with pytest.raises(ValueError, match="limits must be high >= low >= 0, was high 1 and low 2"):
            client.transport.set_write_buffer_limits(high=1, low=2)

    assert [line.split(" ", 1)[1] for line in run_pair(scene)] == [
        "client pause_writing",
        f"server received {SOCKET_BUFFER_BYTES + 1} bytes",
        "client resume_writing",
    ]


# -- faults


def test_reset_breaks_both_sides_at_once() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        client.transport.write(b"lost")
        assert world.network.reset(PATH) == 1
        await asyncio.sleep(1)
        assert world.network.reset(PATH) == 0
        await pair.connect()

    assert run_pair(scene)[:2] == ["0.02 client lost ConnectionResetError", "0.02 server lost ConnectionResetError"]


def test_reset_during_a_connect_fails_the_connect() -> None:
    world = World(latency_s=0.010)

    async def main() -> None:
        pair = Pair(world)
        await pair.listen()
        world.loop.call_later(0.015, world.network.reset, PATH)
        with pytest.raises(ConnectionResetError):
            await pair.connect()

    world.run(main)
    assert [line.split(" ", 1)[1] for line in world.trace] == ["server made", "server lost ConnectionResetError"]


@pytest.mark.parametrize(
    ("toward", "expected"),
    [
        ("both", []),
        ("client", ["server received question"]),
        ("server", ["client received news"]),
    ],
)
def test_half_open_swallows_bytes_and_fins(toward: Any, expected: list[str]) -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        world.network.half_open(PATH, toward)
        client.transport.write(b"question")
        server.transport.write(b"news")
        await asyncio.sleep(1)
        world.trace = world.trace.copy()  # what follows is not part of the expectation
        pair.world.record("close")
        if toward != "client":
            client.transport.close()
        await asyncio.sleep(100)
        other, _ = await pair.connect()
        other.transport.close()
        await asyncio.sleep(1)

    trace = [line.split(" ", 1)[1] for line in run_pair(scene)]
    assert trace[: trace.index("close")] == expected
    assert "server eof" not in trace
    assert "client1 made" in trace


def test_half_open_fills_the_buffer_of_the_writer() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        world.network.half_open(PATH)
        client.transport.write(b"x" * (SOCKET_BUFFER_BYTES + WRITE_BUFFER_BYTES_HIGH + 1))
        await asyncio.sleep(100)

    assert [line.split(" ", 1)[1] for line in run_pair(scene)] == ["client pause_writing"]


@pytest.mark.parametrize("seed", range(4))
def test_a_partition_holds_everything_in_order_until_healed(seed: int) -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        client.transport.write(b"a")
        await asyncio.sleep(0.005)
        world.network.partition(PATH)
        client.transport.write(b"b")
        await asyncio.sleep(1)
        client.transport.write(b"c")
        client.transport.close()
        connecting = asyncio.create_task(pair.connect())
        await asyncio.sleep(30)
        assert not connecting.done()
        world.network.heal(PATH)
        world.record("healed")
        await connecting
        assert server.received == b"abc"

    trace = run_pair(scene, seed)
    assert trace[:2] == ["1.025 client lost NoneType", "31.025 healed"]
    assert {"31.035 server eof", "31.035 server1 made", "31.045 client1 made"} < set(trace)


def test_a_connect_into_a_partition_runs_into_its_own_timeout() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        world.network.partition(PATH)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await pair.connect()
        world.network.heal(PATH)
        await asyncio.sleep(1)
        assert len(pair.servers) == 1
        with pytest.raises(RuntimeError, match="cannot heal a path that is not partitioned"):
            world.network.heal(PATH)

    run_pair(scene)


def test_a_slow_path_multiplies_the_latency() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        world.network.slow(PATH, 100)
        client.transport.write(b"a")
        world.network.slow(PATH, 1)
        client.transport.write(b"b")  # behind a, for a stream keeps its order
        server.transport.write(b"c")
        await asyncio.sleep(2)

    assert run_pair(scene) == ["0.03 client received c", "1.02 server received ab"]


def test_latency_can_be_set_per_path() -> None:
    async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
        world.network.set_latency("/sim/other", 5.0)
        world.network.set_latency(PATH, 0.5)
        client.transport.write(b"a")
        await asyncio.sleep(2)
        with pytest.raises(ValueError, match="must be at least 0 s, was -1"):
            world.network.set_latency(PATH, -1)
        with pytest.raises(ValueError, match="must be at least 0, was -1"):
            world.network.slow(PATH, -1)

    assert run_pair(scene) == ["0.52 server received a"]


def test_jitter_comes_from_a_stream_per_path() -> None:
    def arrivals(other_connections: int) -> list[str]:
        async def scene(world: World, pair: Pair, client: Recorder, server: Recorder) -> None:
            loop = asyncio.get_running_loop()
            await loop.create_unix_server(asyncio.Protocol, "/sim/other")
            for _ in range(other_connections):
                transport, _ = await loop.create_unix_connection(asyncio.Protocol, "/sim/other")
                transport.abort()
            await asyncio.sleep(10 - loop.time())
            for _ in range(5):
                client.transport.write(b"a")
                await asyncio.sleep(1)

        return run_pair(scene, 7, jitter_s=0.5)

    assert arrivals(0) == arrivals(3)
    assert len(set(arrivals(0))) == 5
