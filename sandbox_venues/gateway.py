"""The exchange point between one venue and everybody who talks to it: transport `direct`.

May know: asyncio's running loop, a clock port, messages, scripts, venues. Messages take time each way; faults of the
script happen on the way. In terms of a real network:

1. A connection carries requests, answers and the stream, each in the order sent (what a fault delays may be overtaken).
2. A request without an answer in time raises `WireTimeout`; what the venue did about it is unknown.
3. The stream reaches only those who are connected when the venue speaks; the rest is lost. Nothing is replayed.
4. `cut` (a crash): nothing more is taken from the client, nothing more is delivered to it; what it had sent still
   arrives.
5. What happens to whole connections is an outage (`sandbox_venues/outages/`), put in force by `begin`: `disconnect`
   ends streams and says so, `half_open` ends them and says nothing, `partition` holds everything until `heal`.
6. The venue has a clock of its own (`clock_offset_secs`), and may refuse what was signed too long ago by it.

Callbacks at the venue's end belong to no host; those at a client's end run in the context that it connected in, so that
a crashed or paused host behaves like one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from random import Random
from typing import Any

from msgspec import structs

from nautilus_live.model.identifiers import AccountId
from sandbox_venues import admission
from sandbox_venues.connection import Connection, Lane, Listener
from sandbox_venues.dead_man import DeadMan
from sandbox_venues.faults.fault import SECOND_NS, Direction, Held
from sandbox_venues.feed_messages import GetHistory
from sandbox_venues.messages import (
    Answer,
    Done,
    GetBook,
    GetInstruments,
    Message,
    Refusal,
    Request,
    StreamMessage,
    Subscribe,
    VenueCommand,
    VenueQuery,
)
from sandbox_venues.outages import Disconnect, HalfOpen, Outage, Partition
from sandbox_venues.script import Script
from sandbox_venues.switchboard import HasTimestamp, Recorder, Switchboard
from sandbox_venues.venue import Venue

__all__ = ["ACTIONS", "Connection", "VenueGateway"]

Watcher = Callable[[str, Message, Request | None], None]
"""Takes before_send, after_send, before_receive or after_receive, the message, and the request that it answers."""


class VenueGateway(Switchboard):
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
        super().__init__(clock, latency_secs=latency_secs, jitter_secs=jitter_secs, rng=rng, on_message=on_message)
        self.venue = venue
        venue.unheard.update({"quote": None, "trade": None})  # until somebody subscribes
        self.script = script or Script(Random(0))
        self.on_connection: Callable[[Connection], None] | None = None
        self.watchers: list[Watcher] = []
        """Who is told of the moments at a client's end."""
        self._dead_man = DeadMan(venue.profile.cancel_on_disconnect_secs, venue.account_ids, self._cancel_unheard)
        self._checks_signing = venue.profile.recv_window_secs is not None
        self._offset_ns = round(venue.profile.clock_offset_secs * SECOND_NS)
        self._expiry_timer: asyncio.TimerHandle | None = None
        self._armed_for: int | None = None
        """By the world's clock, when the timer is due."""

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
        self.hold(connection)
        if self.on_connection is not None:
            self.on_connection(connection)
        try:
            await connection.open_stream(timeout_secs)
        except BaseException:
            connection.cut()
            raise
        return connection

    def accept_stream(self, connection: Connection, future: asyncio.Future[None]) -> None:
        """Open the stream of a connection whose request for it has arrived."""
        refused = "closed" if self.is_closed_to(connection.node) else ""
        if not refused and connection.is_alive:
            connection.stream.drop()
            connection.has_stream, connection.silent = True, False
            self._dead_man.look(self._connections)
        connection.answers.send(self.latency_s(), connection.finish_opening, future, refused)

    def echo(self, connection: Connection, future: asyncio.Future[None]) -> None:
        """Answer a request for a sign of life, on the stream."""
        if connection.has_stream:
            connection.stream.send(self.latency_s(), connection.deliver_echo, future)

    def forget(self, connection: Connection) -> None:
        """Drop a connection that ended."""
        self._connections.pop(connection, None)
        self._dead_man.look(self._connections)

    def venue_ns(self) -> int:
        """Return what the venue's own clock shows."""
        return self.clock.timestamp_ns() + self._offset_ns

    # -- requests and answers

    def send_request(self, connection: Connection, number: int, request: Request) -> None:
        """Put a request under way, through the script."""
        self.record("request", request.label, connection.node, request)
        if self.watchers:
            self.watch("before_send", request, None)
            if not connection.is_alive:
                return  # what died in that moment sends nothing
        # Called by the client: its clock, right or wrong, is what it signs with.
        signed_ns = self.clock.timestamp_ns() if self._checks_signing else 0
        for delay_ns, item in self._filter("request", request, connection.node):
            if isinstance(item, Answer):
                # A fault answers in the venue's place: there and back, but the venue never hears of it.
                delay_s = 2 * self.latency_s() + delay_ns / SECOND_NS
                connection.answers.send_aside(delay_s, connection.deliver_answer, number, request, item)
            else:
                self._send(connection.requests, delay_ns, self._arrive, connection, number, item, signed_ns)
        if self.watchers:
            self.watch("after_send", request, None)

    def _arrive(self, connection: Connection, number: int, request: Request, signed_ns: int) -> None:
        now_ns = self.venue_ns()
        if self.stand_in is not None:
            answered = self.stand_in.answer(request)
            if answered is not None:
                self._answer(connection, number, request, answered)
            return
        if self._checks_signing:
            stale = admission.bad_timestamp(request, signed_ns, now_ns, self.venue.profile)
            if stale is not None:
                self._answer(connection, number, request, stale)
                return
        if isinstance(request, VenueCommand):
            answer, messages = self.venue.handle(request, now_ns)
        elif isinstance(request, VenueQuery | GetInstruments):
            messages = self.venue.advance(now_ns)
            answer = self.venue.query(self._as_read(request), now_ns)
        elif isinstance(request, Subscribe):
            answer, messages = self._subscribe(connection, request), []
        elif isinstance(request, GetBook):
            answer, messages = self.venue.book(request.instrument_id, now_ns, by_order=request.by_order), []
        elif isinstance(request, GetHistory):
            self.venue.publishes_market = True
            answer, messages = self.venue.history(request, now_ns), []
        else:
            raise TypeError(f"a request must be a command or a query, was {type(request).__name__}")
        self._answer(connection, number, request, answer)
        self.publish(messages)

    def _as_read(self, request: Request) -> Any:
        """Return a question as it is to be answered: in full, where a fault reads what the client does not."""
        if isinstance(request, VenueQuery) and request.reads_only is not None and self.script.reads_records:
            return structs.replace(request, reads_only=None)
        return request

    def _answer(self, connection: Connection, number: int, request: Request, answer: Message) -> None:
        for delay_ns, item in self._filter("answer", answer, connection.node, request):
            self._send(connection.answers, delay_ns, connection.deliver_answer, number, request, item)

    def _subscribe(self, connection: Connection, request: Subscribe) -> Answer:
        key = (request.what, request.instrument_id)
        if request.on:
            self.venue.publishes_market = True
            self.venue.unheard.pop(request.what, None)
            connection.subscriptions[key] = None
            if request.what not in ("quote", "trade", *BOOK_FEEDS):
                stands = self.venue.open_feed(request.what, request.instrument_id, self.venue_ns())
                if isinstance(stands, Refusal):
                    del connection.subscriptions[key]
                    return stands
                self.publish(stands)
            elif request.what == "quote":
                self.publish(self.venue.quote_again(request.instrument_id, self.venue_ns()))
            elif request.what in BOOK_FEEDS:
                by_order = request.what == "book_orders"
                answer = self.venue.book(request.instrument_id, self.venue_ns(), by_order=by_order)
                if isinstance(answer, Refusal):
                    return answer
                said = self.venue.depth(request.instrument_id, self.venue_ns()) if request.what == "depth" else answer
                self.publish([said])
        else:
            connection.subscriptions.pop(key, None)
        return Done()

    # -- the stream

    def _cancel_unheard(self, account_id: AccountId) -> None:
        """Cancel the orders of an account to which nobody listens any more."""
        self.do("cancel_account", account=str(account_id), reason="CANCEL_ON_DISCONNECT")

    def do(self, action: str, **arguments: Any) -> None:
        """Make something happen at the venue now, and let everybody hear of it: `do("trade", order="O-1")`.

        `action` is a method of `sandbox_venues.hand.Hand`; `now_ns` is added.

        Raises:
            ValueError: if there is no such action, or it is impossible.

        """
        if action not in ACTIONS:
            raise ValueError(f"a venue action must be one of {', '.join(ACTIONS)}, was {action!r}")
        now_ns = self.venue_ns()
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
                if connection.has_stream and connection.wants(message):
                    for delay_ns, item in self._filter("stream", message, connection.node):
                        self._send(connection.stream, delay_ns, connection.deliver_message, item)
        self._arm_expiry()

    def _arm_expiry(self) -> None:
        """Wake up when the next order expires."""
        due_ns = self.venue.next_expiry_ns()
        armed_for = None if due_ns is None else due_ns - self._offset_ns
        if armed_for == self._armed_for and (self._expiry_timer is not None or armed_for is None):
            return  # as after nearly everything that is said
        self._armed_for = armed_for
        if self._expiry_timer is not None:
            self._expiry_timer.cancel()
            self._expiry_timer = None
        if due_ns is not None:
            delay_s = max(due_ns - self.venue_ns(), 1_000) / SECOND_NS
            loop = asyncio.get_running_loop()
            self._expiry_timer = loop.call_later(delay_s, self._expire, context=Context())

    def _expire(self) -> None:
        self._expiry_timer = None
        self.publish(self.venue.advance(self.venue_ns()))

    # -- faults of connections: what each does is in `sandbox_venues/outages/`

    def begin(self, outage: Outage) -> int:
        """Let something happen to the connections. Return how many of them it meets."""
        met = outage.begin(self)
        self._dead_man.look(self._connections)
        return met

    def disconnect(self, node: str | None = None, for_secs: float = 0.0, reason: str = "closed by the venue") -> int:
        """End the streams (of one node), tell the clients, and take no new ones for a while. Return how many ended."""
        return self.begin(Disconnect(node=node, for_secs=for_secs, reason=reason))

    def half_open(self, node: str | None = None) -> int:
        """Let the streams (of one node) fall silent without a word, until they are opened again. Return how many."""
        return self.begin(HalfOpen(node=node))

    def partition(self) -> None:
        """Hold everything, both ways and on every connection, until `heal`."""
        self.begin(Partition())

    def release(self, name: str, reverse: bool = False) -> None:
        """Send on what the script's entry of that name holds back, oldest first or (reverse) last first."""
        held = self.script.release(name)
        self._send_on(held[::-1] if reverse else held)

    def end_faults(self) -> None:
        """End every fault of the script and of the connections; what was held back travels on."""
        self._send_on(self.script.clear())
        self.latency_factor = 1.0
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
                    self._send(connection.requests, 0, self._arrive, connection, 0, message, self.clock.timestamp_ns())
                elif direction == "answer" and request is not None:
                    self._send(connection.answers, 0, connection.deliver_answer, 0, request, message)

    # -- helpers

    def _filter(
        self, direction: Direction, message: Message, node: str, request: Request | None = None
    ) -> list[tuple[int, Message]]:
        if self._on_message is None and self.script.is_idle:
            return [(0, message)]
        # In nobody's context, so that a client whose clock is wrong does not move the script's times.
        now_ns = 0 if self.script.is_idle else Context().run(self.clock.timestamp_ns)
        sent, fired = self.script.filter(direction, message, node, now_ns, request)
        for name in fired:
            self.record("fault", name, node, message)
        return sent

    def _send(self, lane: Lane, delay_ns: int, deliver: Callable[..., None], *arguments: Any) -> None:
        if delay_ns:
            lane.send_aside(self.latency_s() + delay_ns / SECOND_NS, deliver, *arguments)
        else:
            lane.send(self.latency_s(), deliver, *arguments)

    def watch(self, moment: str, message: Message, request: Request | None) -> None:
        """Tell the watchers of a moment."""
        for watcher in list(self.watchers):
            watcher(moment, message, request)


BOOK_FEEDS = ("book", "book_orders", "depth")
ACTIONS = (
    "set_book", "add_liquidity", "set_price", "set_phase", "trade", "trigger", "refuse_next", "cancel", "expire",
    "reject", "amend", "external_order", "bust", "correct", "set_position", "liquidate", "deposit", "cancel_account",
    "print_trade", "set_funding", "pay_funding", "settle", "make_options",
)  # fmt: skip
"""What `VenueGateway.do` can do."""
