"""The network in memory: paths with latency, and everything that can happen to the connections on them.

May know: asyncio's transport contract, the loop, seeded streams, hosts. Knows nothing of HTTP: unmodified aiohttp
runs over it (`aiohttp.UnixConnector("/sim/binance")`; `loop.create_unix_server(runner.server, "/sim/binance")` or
`web.UnixSite`).

Latency is one way; a path is the name of a listener and faults are named by path. Rules, in terms of TCP:

1. Bytes arrive in the order written, at `max(now + latency, last arrival)`; what arrives together is read together.
2. Connecting takes a round trip. To a path without a listener: `ConnectionRefusedError`, after that round trip.
3. `reset(path)`: both sides lose the connection at once with `ConnectionResetError`; bytes under way are lost.
4. `half_open(path)`: bytes and FINs vanish and nobody is told, for good; new connections work.
5. `partition(path)`: everything is held, in order, until `heal(path)`, as TCP retransmits. New connections wait as
   well, so they run into the caller's own timeout. One direction can be held alone.
6. `slow(path, factor)`: latency times `factor` from now on; 1 is normal.
7. `refuse(path)`: as if nobody listened, for new connections. `close(path)`: the listener's side says goodbye (FIN).
8. `truncate(path)`: the connection breaks in the middle of what is sent next, both ends see a reset.
9. `slow_reader(path, toward, rate)`: that side reads slowly, so the writer's buffer fills and it is told to pause.
10. A host that crashes says nothing. What it had written still arrives, then the peer sees `ConnectionResetError`.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, Literal

from scenarios.world.entropy import Entropy
from scenarios.world.host import CURRENT_HOST
from scenarios.world.loop import SimulatedLoop
from scenarios.world.pieces import Mark, Piece
from scenarios.world.pipe import Connection, PipeTransport

ProtocolFactory = Callable[[], asyncio.BaseProtocol]
Toward = Literal["client", "server"]
ENDS: tuple[Toward, ...] = ("client", "server")


class Path:
    """Everything about one path: who listens, how long bytes take, which faults are on."""

    def __init__(self, name: str, random_stream: Callable[[], float], latency_s: float, jitter_s: float) -> None:
        self.name = name
        self.latency_s = latency_s
        self.jitter_s = jitter_s
        self.factor = 1.0
        self.partitioned: dict[Toward, None] = {}
        self.refusing = False
        self.read_bytes_per_s: dict[Toward, float] = {}
        self.listener: Listener | None = None
        self.connections: dict[int, Connection] = {}
        self.attempts_held: list[_Attempt] = []
        self._random_stream = random_stream

    def delay_s(self) -> float:
        """How long the next bytes take, one way."""
        jitter_s = self.jitter_s * self._random_stream() if self.jitter_s else 0.0
        return (self.latency_s + jitter_s) * self.factor


class Network:
    """All paths of one world."""

    def __init__(
        self, loop: SimulatedLoop, entropy: Entropy, *, latency_s: float = 0.010, jitter_s: float = 0.0
    ) -> None:
        self.loop = loop
        self.latency_s = latency_s
        self.jitter_s = jitter_s
        self._entropy = entropy
        self._paths: dict[str, Path] = {}
        self._connections_made = 0

    def path(self, name: str) -> Path:
        """The path of that name; it draws its jitter from a stream of its own."""
        path = self._paths.get(name)
        if path is None:
            stream = self._entropy.stream(f"network:{name}").random
            path = self._paths[name] = Path(name, stream, self.latency_s, self.jitter_s)
        return path

    def connections(self, name: str) -> list[Connection]:
        """The open connections of a path, oldest first."""
        return list(self.path(name).connections.values())

    # -- faults

    def set_latency(self, name: str, latency_s: float, jitter_s: float = 0.0) -> None:
        """From now on bytes on this path take `latency_s` plus up to `jitter_s`."""
        if latency_s < 0 or jitter_s < 0:
            raise ValueError(f"{name}: latency and jitter must be at least 0 s, was {latency_s} and {jitter_s}")
        path = self.path(name)
        path.latency_s, path.jitter_s = latency_s, jitter_s

    def slow(self, name: str, factor: float) -> None:
        """Multiply the latency of a path; 1 is normal."""
        if factor < 0:
            raise ValueError(f"{name}: a latency factor must be at least 0, was {factor}")
        self.path(name).factor = factor

    def reset(self, name: str) -> int:
        """Break the connections of a path, both sides at once. Returns how many."""
        connections = self.connections(name)
        for connection in connections:
            connection.reset()
        return len(connections)

    def half_open(self, name: str, toward: Toward | Literal["both"] = "both") -> int:
        """Let what is sent toward that side of the open connections vanish, for good. Returns how many."""
        connections = self.connections(name)
        for connection in connections:
            for end in connection.ends(toward):
                end.deaf = True
        return len(connections)

    def partition(self, name: str, toward: Toward | Literal["both"] = "both") -> None:
        """Hold everything on a path (in one direction), new connections too, until `heal`."""
        path = self.path(name)
        path.partitioned.update(dict.fromkeys(ENDS if toward == "both" else (toward,)))
        for connection in path.connections.values():
            connection.hold(toward)

    def refuse(self, name: str, refusing: bool = True) -> None:
        """Refuse (or take again) new connections on a path, as if nobody listened; those that are open go on."""
        self.path(name).refusing = refusing

    def close(self, name: str) -> int:
        """Let the listener's side close the connections of a path: the clients read a FIN. Returns how many."""
        connections = self.connections(name)
        for connection in connections:
            self.loop.call_soon(connection.server.close, context=connection.server.context)
        return len(connections)

    def truncate(self, name: str, toward: Toward = "client", after_bytes: int = 0) -> int:
        """Break the connections of a path in the middle of what is sent next toward that side, after so many bytes."""
        if after_bytes < 0:
            raise ValueError(f"{name}: bytes must be at least 0, was {after_bytes}")
        connections = self.connections(name)
        for connection in connections:
            for end in connection.ends(toward):
                end.break_after_bytes = after_bytes
        return len(connections)

    def slow_reader(self, name: str, toward: Toward, bytes_per_s: float) -> None:
        """Let that side of a path take in so many bytes a second (0: at once), so that the writer has to wait."""
        if bytes_per_s < 0:
            raise ValueError(f"{name}: bytes per second must be at least 0, was {bytes_per_s}")
        path = self.path(name)
        path.read_bytes_per_s[toward] = bytes_per_s
        for connection in path.connections.values():
            for end in connection.ends(toward):
                end.read_bytes_per_s = bytes_per_s

    def heal(self, name: str) -> None:
        """End a partition: what was held arrives one latency from now, in order."""
        path = self.path(name)
        if not path.partitioned:
            raise RuntimeError(f"{name}: cannot heal a path that is not partitioned")
        path.partitioned.clear()
        for connection in list(path.connections.values()):
            connection.release()
        attempts, path.attempts_held = path.attempts_held, []
        for attempt in attempts:
            attempt.depart()

    def end(self) -> None:
        """Close every connection without a word to anyone: the world is over."""
        for path in self._paths.values():
            for connection in list(path.connections.values()):
                connection.end()

    # -- what the loop asks for

    async def connect(
        self, protocol_factory: ProtocolFactory, path: str
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Connect to the listener of a path: a round trip, or `ConnectionRefusedError` after one."""
        attempt = _Attempt(self, self.path(path), protocol_factory)
        host = CURRENT_HOST.get()
        if host is not None:
            host.add_port(attempt.give_up)
        attempt.depart()
        try:
            return await attempt.outcome
        except BaseException:
            attempt.give_up()
            raise
        finally:
            if host is not None:
                host.remove_port(attempt.give_up)

    async def listen(
        self, protocol_factory: ProtocolFactory, path: str, *, start_serving: bool = True
    ) -> asyncio.AbstractServer:
        """Listen on a path."""
        listener = Listener(self, self.path(path), protocol_factory)
        if start_serving:
            listener.open()
        return listener

    def open_connection(self, path: Path, client_context: Context, listener: Listener) -> Connection:
        """Make the two ends of a connection that is being accepted. For `_Attempt` only."""
        self._connections_made += 1
        number = self._connections_made
        connection = Connection(self.loop, number, path.name, path.delay_s, client_context, listener.context)
        path.connections[number] = connection
        connection.on_closed = lambda: path.connections.pop(number, None)
        for toward in path.partitioned:
            connection.hold(toward)
        for side, bytes_per_s in path.read_bytes_per_s.items():
            for end in connection.ends(side):
                end.read_bytes_per_s = bytes_per_s
        return connection


class Listener(asyncio.AbstractServer):
    """What `create_unix_server` returns."""

    def __init__(self, network: Network, path: Path, protocol_factory: ProtocolFactory) -> None:
        self.context = copy_context()
        self.protocol_factory = protocol_factory
        self.sockets: tuple[Any, ...] = ()
        self._network = network
        self._path = path
        self._host = CURRENT_HOST.get()
        self._closed: asyncio.Future[None] = network.loop.create_future()

    def open(self) -> None:
        """Take the path; it must be free."""
        if self._path.listener is self:
            return
        if self._path.listener is not None:
            raise OSError(errno.EADDRINUSE, f"{self._path.name}: the path is taken by another listener")
        self._path.listener = self
        if self._host is not None:
            self._host.add_port(self._leave)

    def _leave(self) -> None:
        if self._path.listener is self:
            self._path.listener = None

    def close(self) -> None:
        """Stop listening; connections live on."""
        self._leave()
        if self._host is not None:
            self._host.remove_port(self._leave)
        if not self._closed.done():
            self._closed.set_result(None)

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._network.loop

    def is_serving(self) -> bool:
        return self._path.listener is self

    async def start_serving(self) -> None:
        self.open()

    async def serve_forever(self) -> None:
        self.open()
        try:
            await asyncio.shield(self._closed)
        finally:
            self.close()

    async def wait_closed(self) -> None:
        """Return once closed, connections or not (as Python 3.11 does; later versions differ from each other)."""
        await asyncio.shield(self._closed)


class _Attempt:
    """One attempt to connect: departs, arrives at the listener or at nothing, and comes back."""

    def __init__(self, network: Network, path: Path, protocol_factory: ProtocolFactory) -> None:
        self.outcome: asyncio.Future[tuple[asyncio.Transport, asyncio.BaseProtocol]] = network.loop.create_future()
        self._network = network
        self._path = path
        self._protocol_factory = protocol_factory
        self._context = copy_context()
        self._given_up = False
        self._client: PipeTransport | None = None

    def depart(self) -> None:
        """Send the request, or wait for the partition to end."""
        if "server" in self._path.partitioned:
            self._path.attempts_held.append(self)
        else:
            # In nobody's context: it is the network that carries it, whatever becomes of the host.
            self._network.loop.call_later(self._path.delay_s(), self._arrive, context=Context())

    def _arrive(self) -> None:
        if self._given_up:
            return
        listener = self._path.listener
        loop = self._network.loop
        if listener is None or self._path.refusing:
            loop.call_later(self._path.delay_s(), self._fail, context=self._context)
            return
        connection = self._network.open_connection(self._path, self._context, listener)
        self._client, server = connection.client, connection.server
        self._client.on_open = self._finish
        # Through the loop, so that a paused host accepts only when it goes on.
        loop.call_soon(server.establish, listener.protocol_factory, context=server.context)
        self._client.send_here(Piece([], Mark.OPEN))

    def _fail(self) -> None:
        if not self.outcome.done():
            error = ConnectionRefusedError(errno.ECONNREFUSED, f"{self._path.name}: nobody listens on this path")
            self.outcome.set_exception(error)

    def _finish(self, broken: BaseException | None) -> None:
        # Runs in the client's context, when the answer arrives or the connection breaks before it does.
        if self.outcome.done() or self._client is None:
            return
        if broken is None:
            protocol = self._client.establish(self._protocol_factory)
            if protocol is not None:
                self.outcome.set_result((self._client, protocol))
        else:
            self.outcome.set_exception(broken)

    def give_up(self) -> None:
        """The caller was cancelled or its host crashed: nobody waits for the answer."""
        self._given_up = True
        if self._client is not None:
            self._client.abort()
