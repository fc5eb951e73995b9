"""The exchange point between one venue and everybody who talks to it: transport `direct`.

May know: asyncio's running loop, a clock port, messages, scripts, venues. Messages take time each way; faults of the
script happen on the way. In terms of a real network:

1. A connection carries requests, answers and the stream, each in the order sent (what a fault delays may be overtaken).
2. A request without an answer in time raises `WireTimeout`; what the venue did about it is unknown.
3. The stream reaches only those who are connected when the venue speaks; the rest is lost. Nothing is replayed.
4. `cut` (a crash): nothing more is taken from the client, nothing more is delivered to it; what it had sent still
   arrives.
5. `disconnect` ends streams and says so; `half_open` ends them and says nothing; `partition` holds everything until
   `heal`.

Callbacks at the venue's end belong to no host; those at a client's end run in the context that it connected in, so that
a crashed or paused host behaves like one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from random import Random
from typing import Any, Protocol

from nautilus_live.model.identifiers import AccountId
from sandbox_venues.connection import Connection, Lane, Listener
from sandbox_venues.describe import describe
from sandbox_venues.faults.fault import SECOND_NS, Direction, Held
from sandbox_venues.messages import (
    AccountStreamMessage,
    Answer,
    Done,
    GetInstruments,
    Message,
    QuoteMessage,
    Request,
    StreamMessage,
    Subscribe,
    TradeMessage,
    VenueCommand,
    VenueQuery,
)
from sandbox_venues.script import Script
from sandbox_venues.venue import Venue

__all__ = ["ACTIONS", "Connection", "VenueGateway"]

Recorder = Callable[[str, str, str], None]
"""Takes (direction, kind, summary) of every message at a client's end, and of every fault that fires."""


class HasTimestamp(Protocol):
    """What the gateway needs of a clock."""

    def timestamp_ns(self) -> int:
        """Return nanoseconds since 1970."""
        ...


class VenueGateway:
    """A venue with its script and its connections."""

    def __init__(
        self,
        venue: Venue,
        clock: HasTimestamp,
        script: Script | None = None,
        *,
        latency_secs: float = 0.010,
        jitter_secs: float = 0.0,
        rng: Random | None = None,
        on_message: Recorder | None = None,
    ) -> None:
        if jitter_secs and rng is None:
            raise ValueError(f"jitter needs a seeded random.Random, was {jitter_secs} s without one")
        self.venue = venue
        self.clock = clock
        self.script = script or Script(Random(0))
        self.latency_secs = latency_secs
        self.jitter_secs = jitter_secs
        self._rng = rng or Random(0)
        self._on_message = on_message
        self.on_connection: Callable[[Connection], None] | None = None
        self._connections: dict[Connection, None] = {}
        self._closed_until: dict[str, int] = {}
        self._partitioned = False
        self._expiry_timer: asyncio.TimerHandle | None = None

    # -- connections

    async def connect(
        self, node: str, account_ids: tuple[AccountId, ...], listener: Listener, timeout_secs: float = 10.0
    ) -> Connection:
        """Open a connection and its stream. A crash must call its `cut`.

        Raises:
            WireError: if the venue takes no connections at present, or does not answer in time.

        """
        connection = Connection(self, node, account_ids, listener)
        self._connections[connection] = None
        self._hold(connection)
        if self.on_connection is not None:
            self.on_connection(connection)
        try:
            await connection.open_stream(timeout_secs)
        except BaseException:
            connection.cut()
            raise
        return connection

    @property
    def connections(self) -> list[Connection]:
        """The open connections, oldest first."""
        return list(self._connections)

    def accept_stream(self, connection: Connection, future: asyncio.Future[None]) -> None:
        """Open the stream of a connection whose request for it has arrived."""
        until = max(self._closed_until.get(connection.node, 0), self._closed_until.get("*", 0))
        refused = "closed" if self.clock.timestamp_ns() < until else ""
        if not refused and connection.is_alive:
            connection.stream.drop()
            connection.has_stream, connection.silent = True, False
        connection.answers.send(self.latency_s(), connection.finish_opening, future, refused)

    def echo(self, connection: Connection, future: asyncio.Future[None]) -> None:
        """Answer a request for a sign of life, on the stream."""
        if connection.has_stream:
            connection.stream.send(self.latency_s(), connection.deliver_echo, future)

    def forget(self, connection: Connection) -> None:
        """Drop a connection that ended."""
        self._connections.pop(connection, None)

    def latency_s(self) -> float:
        """Return how long the next message takes, one way."""
        return self.latency_secs + (self._rng.random() * self.jitter_secs if self.jitter_secs else 0.0)

    # -- requests and answers

    def send_request(self, connection: Connection, number: int, request: Request) -> None:
        """Put a request under way, through the script."""
        self.record("request", request.label, connection.node, request)
        for delay_ns, item in self._filter("request", request, connection.node):
            if isinstance(item, Answer):
                # A fault answers in the venue's place: there and back, but the venue never hears of it.
                delay_s = 2 * self.latency_s() + delay_ns / SECOND_NS
                connection.answers.send_aside(delay_s, connection.deliver_answer, number, request, item)
            else:
                self._send(connection.requests, delay_ns, self._arrive, connection, number, item)

    def _arrive(self, connection: Connection, number: int, request: Request) -> None:
        now_ns = self.clock.timestamp_ns()
        if isinstance(request, VenueCommand):
            answer, messages = self.venue.handle(request, now_ns)
        elif isinstance(request, VenueQuery | GetInstruments):
            messages = self.venue.advance(now_ns)
            answer = self.venue.query(request, now_ns)
        elif isinstance(request, Subscribe):
            answer, messages = self._subscribe(connection, request), []
        else:
            raise TypeError(f"a request must be a command or a query, was {type(request).__name__}")
        self._answer(connection, number, request, answer)
        self.publish(messages)

    def _answer(self, connection: Connection, number: int, request: Request, answer: Message) -> None:
        for delay_ns, item in self._filter("answer", answer, connection.node, request):
            self._send(connection.answers, delay_ns, connection.deliver_answer, number, request, item)

    def _subscribe(self, connection: Connection, request: Subscribe) -> Answer:
        key = (request.what, request.instrument_id)
        if request.on:
            self.venue.publishes_market = True
            connection.subscriptions[key] = None
            if request.what == "quote":
                self.publish(self.venue.quote_again(request.instrument_id, self.clock.timestamp_ns()))
        else:
            connection.subscriptions.pop(key, None)
        return Done()

    # -- the stream

    def do(self, action: str, **arguments: Any) -> None:
        """Make something happen at the venue now, and let everybody hear of it: `do("trade", order="O-1")`.

        `action` is a method of `sandbox_venues.hand.Hand`; `now_ns` is added.

        Raises:
            ValueError: if there is no such action, or it is impossible.

        """
        if action not in ACTIONS:
            raise ValueError(f"a venue action must be one of {', '.join(ACTIONS)}, was {action!r}")
        now_ns = self.clock.timestamp_ns()
        messages = self.venue.advance(now_ns)
        messages += getattr(self.venue, action)(**arguments, now_ns=now_ns)
        if self._on_message is not None:
            shown = " ".join(f"{key}={value}" for key, value in arguments.items() if value is not None)
            self._on_message("venue", action, shown)
        self.publish(messages)

    def publish(self, messages: list[StreamMessage]) -> None:
        """Send what the venue said to everybody whom it concerns and who is connected."""
        for message in messages:
            for connection in self._connections:
                if connection.has_stream and _concerns(connection, message):
                    for delay_ns, item in self._filter("stream", message, connection.node):
                        self._send(connection.stream, delay_ns, connection.deliver_message, item)
        self._arm_expiry()

    def _arm_expiry(self) -> None:
        """Wake up when the next order expires."""
        due_ns = self.venue.next_expiry_ns()
        if self._expiry_timer is not None:
            self._expiry_timer.cancel()
            self._expiry_timer = None
        if due_ns is not None:
            delay_s = max(due_ns - self.clock.timestamp_ns(), 1_000) / SECOND_NS
            loop = asyncio.get_running_loop()
            self._expiry_timer = loop.call_later(delay_s, self._expire, context=Context())

    def _expire(self) -> None:
        self._expiry_timer = None
        self.publish(self.venue.advance(self.clock.timestamp_ns()))

    # -- faults of connections

    def disconnect(self, node: str | None = None, for_secs: float = 0.0, reason: str = "closed by the venue") -> int:
        """End the streams (of one node), tell the clients, and take no new ones for a while. Return how many ended."""
        if for_secs:
            self._closed_until[node or "*"] = self.clock.timestamp_ns() + round(for_secs * SECOND_NS)
        ended = [c for c in self._connections if c.has_stream and node in (None, c.node)]
        for connection in ended:
            connection.has_stream = False
            connection.stream.drop()
            connection.answers.send(self.latency_s(), connection.lose_stream, reason)
            self.record("fault", "disconnect", connection.node, None)
        return len(ended)

    def half_open(self, node: str | None = None) -> int:
        """Let the streams (of one node) fall silent without a word, until they are opened again. Return how many."""
        chosen = [c for c in self._connections if c.has_stream and node in (None, c.node)]
        for connection in chosen:
            connection.silent = True
            self.record("fault", "half_open", connection.node, None)
        return len(chosen)

    def partition(self) -> None:
        """Hold everything, both ways and on every connection, until `heal`."""
        self._partitioned = True
        for connection in self._connections:
            self._hold(connection)

    def heal(self) -> None:
        """End a partition and every refusal to connect: what was held arrives one latency from now, in order."""
        self._partitioned = False
        self._closed_until.clear()
        for connection in self._connections:
            for lane in (connection.requests, connection.answers, connection.stream):
                if lane.held:
                    lane.release(self.latency_s())

    def release(self, name: str, reverse: bool = False) -> None:
        """Send on what the script's entry of that name holds back, oldest first or (reverse) last first."""
        held = self.script.release(name)
        self._send_on(held[::-1] if reverse else held)

    def end_faults(self) -> None:
        """End every fault of the script and of the connections; what was held back travels on."""
        self._send_on(self.script.clear())
        self.heal()

    def _send_on(self, held: list[Held]) -> None:
        for direction, message, node, request in held:
            for connection in self._connections:
                if connection.node != node:
                    continue
                if direction == "stream" and connection.has_stream:
                    self._send(connection.stream, 0, connection.deliver_message, message)
                elif direction == "request" and isinstance(message, Request):
                    # Nobody waits for the answer of a held request any more, unless it comes in time; number 0 is
                    # nobody's.
                    self._send(connection.requests, 0, self._arrive, connection, 0, message)
                elif direction == "answer" and request is not None:
                    self._send(connection.answers, 0, connection.deliver_answer, 0, request, message)

    def _hold(self, connection: Connection) -> None:
        if self._partitioned:
            for lane in (connection.requests, connection.answers, connection.stream):
                lane.held = True

    # -- helpers

    def _filter(
        self, direction: Direction, message: Message, node: str, request: Request | None = None
    ) -> list[tuple[int, Message]]:
        sent, fired = self.script.filter(direction, message, node, self.clock.timestamp_ns(), request)
        for name in fired:
            self.record("fault", name, node, message)
        return sent

    def _send(self, lane: Lane, delay_ns: int, deliver: Callable[..., None], *arguments: Any) -> None:
        if delay_ns:
            lane.send_aside(self.latency_s() + delay_ns / SECOND_NS, deliver, *arguments)
        else:
            lane.send(self.latency_s(), deliver, *arguments)

    def record(self, direction: str, kind: str, node: str, message: Message | None) -> None:
        """Tell the recorder about a message."""
        if self._on_message is not None:
            self._on_message(direction, kind, f"{node} {'' if message is None else describe(message)}".rstrip())


def _concerns(connection: Connection, message: StreamMessage) -> bool:
    if isinstance(message, AccountStreamMessage):
        return message.account_id in connection.account_ids
    if isinstance(message, QuoteMessage | TradeMessage):
        return (message.kind, message.tick.instrument_id) in connection.subscriptions
    return False


ACTIONS = (
    "set_book", "add_liquidity", "set_price", "set_phase", "trade", "trigger", "refuse_next", "cancel", "expire",
    "reject", "amend", "external_order", "bust", "set_position", "liquidate", "deposit",
)  # fmt: skip
"""What `VenueGateway.do` can do."""
