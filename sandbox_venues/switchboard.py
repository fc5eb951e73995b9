"""The connections of one venue, and the state that the way to it is in: what outages change and the gateway heeds.

May know: a clock port, connections, messages. Promises: what is held on a partitioned way is let go in the order sent;
after `heal` the way is as it was before the first outage, but for its latency.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal, Protocol

from sandbox_venues.connection import Connection
from sandbox_venues.describe import describe
from sandbox_venues.messages import Answer, Message, Request

Recorder = Callable[[str, str, str], None]
"""Takes (direction, kind, summary) of every message at a client's end, and of every fault that fires."""
Toward = Literal["client", "server"]
"""An end of a connection: what travels toward the client are answers and the stream, toward the server requests."""


class HasTimestamp(Protocol):
    """What the gateway needs of a clock."""

    def timestamp_ns(self) -> int:
        """Return nanoseconds since 1970."""
        ...


class StandIn(Protocol):
    """Who sees to requests while the venue is away."""

    def answer(self, request: Request) -> Answer | None:
        """Return what a request gets that arrives meanwhile, `None` for nothing."""
        ...


class Switchboard:
    """The open connections of one venue, how long messages take on them, and what is in force there."""

    def __init__(
        self,
        clock: HasTimestamp,
        *,
        latency_secs: float,
        jitter_secs: float,
        rng: Random | None,
        on_message: Recorder | None,
    ) -> None:
        if jitter_secs and rng is None:
            raise ValueError(f"jitter needs a seeded random.Random, was {jitter_secs} s without one")
        self.clock = clock
        self.latency_secs = latency_secs
        self.jitter_secs = jitter_secs
        self.latency_factor = 1.0
        self._rng = rng or Random(0)
        self._on_message = on_message
        self._connections: dict[Connection, None] = {}
        self.closed_until: dict[str, int] = {}
        """Until when no new streams are taken, from which node (`*`: any); true time in nanoseconds."""
        self.partitioned: dict[Toward, None] = {}
        """The ends that nothing reaches at present."""
        self.stand_in: StandIn | None = None
        """Who answers in the venue's place, while it is away."""

    @property
    def connections(self) -> list[Connection]:
        """The open connections, oldest first."""
        return list(self._connections)

    def is_closed_to(self, node: str) -> bool:
        """Whether no new stream is taken from a node at present."""
        until = max(self.closed_until.get(node, 0), self.closed_until.get("*", 0))
        return self.clock.timestamp_ns() < until

    def latency_s(self) -> float:
        """Return how long the next message takes, one way."""
        jitter_secs = self._rng.random() * self.jitter_secs if self.jitter_secs else 0.0
        return (self.latency_secs + jitter_secs) * self.latency_factor

    def hold(self, connection: Connection) -> None:
        """Stop what travels on a connection in the directions that are partitioned."""
        if "server" in self.partitioned:
            connection.requests.held = True
        if "client" in self.partitioned:
            connection.answers.held = connection.stream.held = True

    def let_go(self, *ends: Toward) -> None:
        """End a partition toward those ends: what was held arrives one latency from now, in order."""
        for end in ends:
            self.partitioned.pop(end, None)
        for connection in self._connections:
            lanes = [connection.requests] if "server" in ends else []
            lanes += [connection.answers, connection.stream] if "client" in ends else []
            for lane in lanes:
                if lane.held:
                    lane.release(self.latency_s())

    def heal(self) -> None:
        """End a partition and every refusal to connect: what was held arrives one latency from now, in order."""
        self.closed_until.clear()
        self.stand_in = None
        self.let_go("client", "server")

    def record(self, direction: str, kind: str, node: str, message: Message | None) -> None:
        """Tell the recorder about a message."""
        if self._on_message is not None:
            self._on_message(direction, kind, f"{node} {'' if message is None else describe(message)}".rstrip())
