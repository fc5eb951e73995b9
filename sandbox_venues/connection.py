"""Connections: what one client has of a gateway, and the lanes that messages travel on.

May know: asyncio's running loop, messages. Promises: a lane delivers in the order sent, however timers of one instant
fire; after `cut` nothing reaches the client; an outstanding request ends with an answer, a `WireTimeout` or a
`WireError`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, Protocol, TypeVar

from nautilus_live.errors import RequestNotSent, WireError, WireTimeout
from nautilus_live.model.identifiers import AccountId, InstrumentId
from sandbox_venues.describe import describe
from sandbox_venues.feed_messages import FeedMessage
from sandbox_venues.messages import (
    AccountStreamMessage,
    Answer,
    BookMessage,
    DepthMessage,
    Message,
    QuoteMessage,
    Request,
    StreamMessage,
    TradeMessage,
)

T = TypeVar("T")


class Listener(Protocol):
    """What a connection tells its client."""

    def on_message(self, message: Message) -> None:
        """Take a stream message."""
        ...

    def on_stream_lost(self, reason: str) -> None:
        """Learn that the stream ended without being asked to."""
        ...


class VenueEnd(Protocol):
    """What a connection has at its other end."""

    watchers: list[Any]
    """Who is told of the moments at the client's end."""

    def latency_s(self) -> float:
        """Return how long the next message takes, one way."""
        ...

    def accept_stream(self, connection: Connection, future: asyncio.Future[None]) -> None:
        """Open the stream of a connection whose request for it has arrived."""
        ...

    def echo(self, connection: Connection, future: asyncio.Future[None]) -> None:
        """Answer a request for a sign of life, on the stream."""
        ...

    def send_request(self, connection: Connection, number: int, request: Request) -> None:
        """Put a request under way."""
        ...

    def forget(self, connection: Connection) -> None:
        """Drop a connection that ended."""
        ...

    def watch(self, moment: str, message: Message, request: Request | None) -> None:
        """Learn of a moment at the client's end."""
        ...

    def record(self, direction: str, kind: str, node: str, message: Message | None) -> None:
        """Put on record what arrives at the client's end."""
        ...


class Lane:
    """One direction of a connection: delivers in the order sent, each no sooner than its latency allows."""

    def __init__(self, loop: asyncio.AbstractEventLoop, context: Context | None) -> None:
        self.context = context
        self.held = False
        self._loop = loop
        self._waiting: deque[tuple[float, Callable[..., None], tuple[Any, ...]]] = deque()
        self._last_s = 0.0

    def send(self, delay_s: float, deliver: Callable[..., None], *arguments: Any) -> None:
        """Deliver after everything sent before, and not before `delay_s` is over."""
        # On the grid of nanoseconds that loops fire timers on: a sum of floats may lie a hair after its own timer.
        arrival_s = max(int((self._loop.time() + delay_s) * 1e9 + 0.5) / 1e9, self._last_s)
        self._last_s = arrival_s
        self._waiting.append((arrival_s, deliver, arguments))
        if not self.held:
            context = Context() if self.context is None else self.context  # of nobody's, each has its own
            self._loop.call_at(arrival_s, self._deliver_due, context=context)

    def send_aside(self, delay_s: float, deliver: Callable[..., None], *arguments: Any) -> None:
        """Deliver when the delay is over, overtaking and being overtaken."""
        self._loop.call_later(delay_s, self._deliver_aside, deliver, arguments, context=self.context or Context())

    def release(self, delay_s: float) -> None:
        """Let go what was held, in order, one latency from now."""
        self.held = False
        held, self._waiting = self._waiting, deque()
        self._last_s = 0.0
        for _, deliver, arguments in held:
            self.send(delay_s, deliver, *arguments)

    def drop(self) -> None:
        """Forget what is under way."""
        self._waiting.clear()

    def _deliver_due(self) -> None:
        # One timer for each message, but whichever fires first takes the oldest: equal deadlines may fire in any order.
        now_s = self._loop.time()
        while self._waiting and not self.held and self._waiting[0][0] <= now_s:
            _, deliver, arguments = self._waiting.popleft()
            deliver(*arguments)

    def _deliver_aside(self, deliver: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        if self.held:
            self._waiting.append((0.0, deliver, arguments))
        else:
            deliver(*arguments)


class Connection:
    """One client's connection. Made by `VenueGateway.connect`."""

    def __init__(self, gateway: VenueEnd, node: str, account_ids: tuple[AccountId, ...], listener: Listener) -> None:
        self.node = node
        self.account_ids = account_ids
        self.subscriptions: dict[tuple[str, InstrumentId], None] = {}
        self.is_alive = True
        self.has_stream = False
        self.silent = False
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._gateway = gateway
        self._listener = listener
        context = copy_context()
        self.requests = Lane(loop, None)
        self.answers = Lane(loop, context)
        self.stream = Lane(loop, context)
        self._outstanding: dict[int, asyncio.Future[Answer]] = {}
        self._count = 0

    async def request(self, request: Request, timeout_secs: float) -> Answer:
        """Ask the venue something and return its answer.

        Raises:
            WireTimeout: if none came in time; the request may have been carried out.
            RequestNotSent: if the connection is closed.

        """
        if not self.is_alive:
            raise RequestNotSent(f"{self.node}: a request needs an open connection, was closed ({request.label})")
        self._count += 1
        number = self._count
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._outstanding[number] = future
        self._gateway.send_request(self, number, request)
        try:
            return await self._in_time(future, timeout_secs)
        except TimeoutError:
            raise WireTimeout(
                f"{self.node}: an answer to {describe(request)} must come within {timeout_secs} s, was none"
            ) from None
        finally:
            self._outstanding.pop(number, None)

    async def open_stream(self, timeout_secs: float) -> None:
        """Let stream messages flow (again); what was said meanwhile is lost.

        Raises:
            WireError: if the venue takes no connections at present, or does not answer in time.

        """
        future: asyncio.Future[None] = self._loop.create_future()
        self.requests.send(self._gateway.latency_s(), self._gateway.accept_stream, self, future)
        try:
            await self._in_time(future, timeout_secs)
        except TimeoutError:
            raise WireTimeout(f"{self.node}: the stream must open within {timeout_secs} s, was not answered") from None

    async def probe_stream(self, timeout_secs: float) -> None:
        """Ask for a sign of life on the stream.

        Raises:
            WireTimeout: if none came in time.

        """
        future: asyncio.Future[None] = self._loop.create_future()
        self.requests.send(self._gateway.latency_s(), self._gateway.echo, self, future)
        try:
            await self._in_time(future, timeout_secs)
        except TimeoutError:
            raise WireTimeout(f"{self.node}: the stream must show life within {timeout_secs} s, was silent") from None

    async def _in_time(self, future: asyncio.Future[T], timeout_secs: float) -> T:
        """Return what comes, or raise `TimeoutError`. A timer of its own: `asyncio.timeout` would cancel the task."""
        timer = self._loop.call_later(timeout_secs, _give_up, future)
        try:
            return await future
        finally:
            timer.cancel()

    def close(self) -> None:
        """Hang up; what is outstanding fails with `WireError`."""
        self.cut()
        self.fail_requests("closed")

    def fail_requests(self, how: str) -> None:
        """Let what is outstanding fail with `WireError`: no answer can come any more. `how` says what happened."""
        for future in self._outstanding.values():
            if not future.done():
                future.set_exception(WireError(f"{self.node}: the connection must stay open for an answer, was {how}"))

    def cut(self) -> None:
        """Break the connection as a crash does: nobody is told, nothing more is delivered either way."""
        self.is_alive = self.has_stream = False
        self.answers.drop()
        self.stream.drop()
        self._gateway.forget(self)

    # -- for the gateway: the client's end

    def deliver_answer(self, number: int, request: Request, answer: Answer) -> None:
        """Give an answer to whoever waits for it; if nobody does any more, it is lost."""
        if not self.is_alive or not self._lives_through("before_receive", answer, request):
            return
        future = self._outstanding.get(number)
        late = future is None or future.done()
        self._gateway.record("late answer" if late else "answer", request.label, self.node, answer)
        if future is not None and not future.done():
            future.set_result(answer)
        self._lives_through("after_receive", answer, request)

    def deliver_message(self, message: Message) -> None:
        """Give a stream message to the client."""
        if self.is_alive and self.has_stream and not self.silent and self._lives_through("before_receive", message):
            self._gateway.record("stream", message.label, self.node, message)
            self._listener.on_message(message)
            self._lives_through("after_receive", message)

    def _lives_through(self, moment: str, message: Message, request: Request | None = None) -> bool:
        """Tell the gateway's watchers of a moment; return whether the client is still there afterwards."""
        if self._gateway.watchers:
            self._gateway.watch(moment, message, request)
        return self.is_alive

    def lose_stream(self, reason: str) -> None:
        """Tell the client that its stream ended."""
        if self.is_alive:
            self._listener.on_stream_lost(reason)

    def lose_everything(self, reason: str) -> None:
        """Tell the client that the connection was reset: its stream and its outstanding requests are gone."""
        if self.is_alive:
            self.fail_requests(reason)
            self._listener.on_stream_lost(reason)

    def wants(self, message: StreamMessage) -> bool:
        """Return whether a message is for an account of this connection, or of a feed that it subscribed to."""
        if isinstance(message, AccountStreamMessage):
            return message.account_id in self.account_ids
        if isinstance(message, QuoteMessage | TradeMessage):
            return (message.kind, message.tick.instrument_id) in self.subscriptions
        if isinstance(message, BookMessage):
            return (message.kind, message.deltas.instrument_id) in self.subscriptions
        if isinstance(message, DepthMessage):
            return (message.kind, message.depth.instrument_id) in self.subscriptions
        if isinstance(message, FeedMessage):
            return (message.what, message.instrument_id) in self.subscriptions
        return False

    def deliver_echo(self, future: asyncio.Future[None]) -> None:
        """Give a sign of life to whoever asked for it."""
        if self.is_alive and self.has_stream and not self.silent and not future.done():
            future.set_result(None)

    def finish_opening(self, future: asyncio.Future[None], refused: str) -> None:
        """Tell the client whether its stream is open."""
        if future.done() or not self.is_alive:
            return
        if refused:
            future.set_exception(WireError(f"{self.node}: the stream was refused: {refused}"))
        else:
            future.set_result(None)


def _give_up(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(TimeoutError())
