"""The recorder: listens to a run from outside and keeps records of it.

May know: the world, the stage and its links. It wraps public methods of these objects, on the instances of this one
run, so that a run without a report executes not one instruction more. Promises: the text trace stays as it is; every
line of it becomes part of exactly one record.

Both ends of a message are seen: the script (`Script.filter`), which everything passes where it is sent, and the
gateway (`VenueGateway.record`), which tells what arrives at the node. A request has arrived at the venue when its
answer is sent. Of a link without such a gateway only the lines are known; they become marks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import Struct

from nautilus_live.model.events import AccountState, OrderEvent, PositionEvent
from sandbox_venues.describe import describe
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.messages import Answer, Message, OrderMessage, Request
from scenarios.dump import changed_fields, inline
from scenarios.format import Scenario
from scenarios.links import Link
from scenarios.report import records as made
from scenarios.report.flights import Flights
from scenarios.report.states import States
from scenarios.stage import Life, Stage
from scenarios.verbs import Step
from scenarios.world.host import CURRENT_HOST
from scenarios.world.world import World

WATCHED = ("on_order_event", "on_position_event", "on_account_state", "on_alarm")
DOWN = ("CRASHED", "STOPPED", "FAILED")
DIRECTIONS: dict[str, made.Direction] = {"request": "request", "answer": "answer", "stream": "report"}


class WireWord(Struct, frozen=True):
    """What a gateway is about to tell the trace."""

    link: Link
    direction: str
    kind: str
    message: Message | None


class Recorder:
    """Keeps the records of one run. Made before the stage is; `attach` it to the stage before anything happens."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world = world
        self._steps = iter(scenario.steps)
        self._step_count = 0
        self._stage: Stage | None = None
        self._made: list[made.AnyRecord] = []
        self._flights = Flights(self._now_ns, self._next)
        self._place = 0
        self._subject: object = None
        self._request_line: int | None = None
        self._spoken: list[int] = []
        self._life: Life | None = None
        self._lives = 0
        self._loaded = False
        self._last_word_ns = 0
        self._violations = 0
        self._states = States(self._on_state)
        self._tell_line = world.record
        _tap(world, "record", self._on_line)

    def attach(self, stage: Stage) -> None:
        """Begin to listen to a stage."""
        self._stage = stage
        for name in WATCHED:
            _tap(stage.watch, name, self._telling(getattr(stage.watch, name)))
        _tap(stage.log, "emit", self._telling(stage.log.emit))
        _tap(stage, "start", self._on_start(stage.start))
        for link in stage.links.values():
            gateway = getattr(link, "gateway", None)
            if isinstance(gateway, VenueGateway):
                _tap(link.script, "filter", self._on_filter(link, link.script.filter))
                _tap(gateway, "record", self._on_wire(link, gateway.record))
                _tap(gateway, "publish", self._on_publish(link, gateway.publish))
                _tap(gateway, "do", self._on_do(link, gateway.do))

    def records(self) -> list[made.AnyRecord]:
        """Return everything that happened, in order."""
        self._note_life()
        everything = [*self._made, *self._flights.records()]
        return sorted(everything, key=lambda record: (record.at_ns, record.place))

    # -- lines of the trace
    # ----------------------------------------------------------------------------------------------

    def _on_line(self, line: str) -> None:
        before = len(self._world.trace)
        self._tell_line(line)
        number = len(self._world.trace)
        if number == before:
            return  # the dead tell nothing
        host = CURRENT_HOST.get()
        self._note_life()
        if host is not None:
            self._last_word_ns = self._now_ns()
            self._load_beliefs()
        self._take(line, number, "" if host is None else host.name)

    def _take(self, line: str, number: int, host: str) -> None:
        subject = self._subject
        common: dict[str, Any] = {"at_ns": self._now_ns(), "place": self._next(), "line": number}
        if isinstance(subject, WireWord):
            self._take_wire(subject, common)
        elif isinstance(subject, OrderEvent | PositionEvent | AccountState):
            self._take_event(subject, line, common)
        elif isinstance(subject, logging.LogRecord):
            self._made.append(made.LogRecord(level=subject.levelname, text=subject.getMessage(), **common))
        elif subject is not None:
            kind, text = str(getattr(subject, "kind", subject)), str(getattr(subject, "text", ""))
            self._made.append(made.AlarmRecord(kind=kind, text=text, **common))
        elif line.startswith("step "):
            self._take_step(next(self._steps), common)
        else:
            self._made.append(made.MarkRecord(text=line, host=host, **common))

    def _take_step(self, step: Step, common: dict[str, Any]) -> None:
        self._learn_truth()
        fields = {name: _written(value) for name, value in changed_fields(step).items() if name != "at"}
        verb = str(step.__struct_config__.tag)
        self._made.append(made.StepRecord(index=self._step_count, verb=verb, fields=fields, **common))
        self._step_count += 1
        if self._life is not None and self._life.state not in DOWN:
            # These happen at once; whatever tells of the node next may be long after.
            ends: dict[str, made.LifeState] = {"node.crash": "crashed", "node.pause": "paused", "node.resume": "up"}
            if verb in ends:
                self._add_life(ends[verb], self._now_ns())
            if verb == "node.crash":
                self._life = None

    def _take_event(self, event: OrderEvent | PositionEvent | AccountState, line: str, common: dict[str, Any]) -> None:
        kind = type(event).__name__
        node = self._stage.life.node if self._stage is not None and self._stage.life is not None else None
        if isinstance(event, AccountState):
            self._made.append(
                made.EventRecord(family="account", kind=kind, subject=str(event.account_id), text=line, **common)
            )
        elif isinstance(event, OrderEvent):
            name = event.client_order_id
            word = event.provenance.name.lower()
            self._made.append(
                made.EventRecord(family="order", kind=kind, subject=name.value, text=line, provenance=word, **common)
            )
            order = None if node is None else node.cache.order(name)
            if order is not None:
                self._states.believe_order(order)
        else:
            subject = str(event.position_id)
            self._made.append(made.EventRecord(family="position", kind=kind, subject=subject, text=line, **common))
            if node is not None:
                self._believe_positions(node.cache.positions(instrument_id=event.instrument_id))

    def _take_wire(self, word: WireWord, common: dict[str, Any]) -> None:
        name, message = word.link.name, word.message
        if word.direction == "request":
            self._request_line = common["line"]
        elif word.direction == "fault":
            text = "" if message is None else describe(message)
            self._made.append(made.FaultRecord(venue=name, name=word.kind, text=text, **common))
        elif word.direction == "venue":
            text = self._world.trace[common["line"] - 1].partition(f"venue {word.kind}: ")[2]
            self._made.append(made.VenueRecord(venue=name, action=word.kind, text=text, **common))
        elif message is not None:
            flight = self._flights.arrive(message)
            if flight is None:
                text = self._world.trace[common["line"] - 1]
                self._made.append(made.MarkRecord(text=text, host="node", **common))
            else:
                flight.line, flight.late = common["line"], word.direction == "late answer"

    # -- taps
    # ------------------------------------------------------------------------------------------------------------

    def _telling(self, original: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return `original`, which tells of its one argument."""

        def told(subject: Any) -> None:
            self._about(subject, original, subject)
            self._note_violations()

        return told

    def _about(self, subject: object, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        before, self._subject = self._subject, subject
        try:
            return function(*arguments, **named)
        finally:
            self._subject = before

    def _on_wire(self, link: Link, original: Callable[..., None]) -> Callable[..., None]:
        def record(direction: str, kind: str, node: str, message: Message | None) -> None:
            self._about(WireWord(link, direction, kind, message), original, direction, kind, node, message)

        return record

    def _on_do(self, link: Link, original: Callable[..., None]) -> Callable[..., None]:
        def do(action: str, **arguments: Any) -> None:
            self._about(WireWord(link, "venue", action, None), original, action, **arguments)
            self._learn_truth()

        return do

    def _on_publish(self, link: Link, original: Callable[..., None]) -> Callable[..., None]:
        def publish(messages: list[Any]) -> None:
            if not messages:
                return original(messages)
            for message in messages:
                if isinstance(message, OrderMessage):
                    self._states.learn_order(message.order)
            self._states.learn_positions(link.venue.positions(str(link.account_id)))
            self._spoken.clear()
            original(messages)
            for message in messages:
                if isinstance(message, OrderMessage) and id(message) not in self._spoken:
                    self._flights.send(link.name, "report", "venue", message, message, heard=False)
            return None

        return publish

    def _on_filter(self, link: Link, original: Callable[..., Any]) -> Callable[..., Any]:
        def filter_(
            direction: str, message: Message, node: str, now_ns: int, request: Request | None = None
        ) -> tuple[list[tuple[int, Message]], list[str]]:
            self._spoken.append(id(message))
            if request is not None:
                self._flights.arrive(request)
            sent, fired = original(direction, message, node, now_ns, request)
            way = DIRECTIONS[direction]
            origin: made.Origin = "node" if direction == "request" else "venue"
            line = self._request_line if direction == "request" else None
            kind = message.label if request is None else request.label
            faults = tuple(fired)
            travelling = [item for _, item in sent if not (direction == "request" and isinstance(item, Answer))]
            for item in travelling or [message]:
                self._flights.send(link.name, way, origin, message, item, kind=kind, line=line, faults=faults)
                line = None
            for _, item in sent:
                if direction == "request" and isinstance(item, Answer):
                    self._flights.send(link.name, "answer", "wire", item, item, kind=kind, faults=faults)
            return sent, fired

        return filter_

    def _on_start(self, original: Callable[..., Life]) -> Callable[..., Life]:
        def start(settings: dict[str, Any]) -> Life:
            life = original(settings)
            self._life, self._loaded = life, False
            self._lives += 1
            self._add_life("up", self._now_ns())
            return life

        return start

    # -- the node's lives, its beliefs, the truth
    # ------------------------------------------------------------------------

    def _note_life(self) -> None:
        life = self._life
        # A node that is left running when the run is over is cut off with the world; that is no end of its own.
        if life is not None and life.state in DOWN and life.task is not None and not life.task.cancelled():
            self._add_life("stopped" if life.state == "STOPPED" else "failed", self._last_word_ns)
            self._life = None

    def _add_life(self, state: made.LifeState, at_ns: int) -> None:
        self._made.append(made.LifeRecord(at_ns=at_ns, place=self._next(), number=self._lives, state=state))

    def _note_violations(self) -> None:
        if self._stage is None:
            return
        for text in self._stage.violations[self._violations :]:
            self._made.append(made.ViolationRecord(at_ns=self._now_ns(), place=self._next(), text=text))
        self._violations = len(self._stage.violations)

    def _load_beliefs(self) -> None:
        """Look once at what a new life has loaded from its store."""
        if self._loaded or self._life is None:
            return
        self._loaded = True
        cache = self._life.node.cache
        for order in cache.orders():
            self._states.believe_order(order)
        self._believe_positions(cache.positions())

    def _believe_positions(self, positions: list[Any]) -> None:
        held: dict[str, list[Any]] = {}
        for position in positions:
            held.setdefault(str(position.instrument_id), []).append(position)
        for instrument, parts in held.items():
            open_parts = [part for part in parts if part.signed_qty]
            average = open_parts[0].avg_px_open if len(open_parts) == 1 else None
            signed = sum((part.signed_qty for part in parts), Decimal(0))
            self._states.believe_position(instrument, signed, average)

    def _learn_truth(self) -> None:
        if self._stage is None:
            return
        for link in self._stage.links.values():
            for report in link.venue.orders(str(link.account_id)):
                self._states.learn_order(report)
            self._states.learn_positions(link.venue.positions(str(link.account_id)))

    def _on_state(self, family: made.Family, subject: str, belief: str | None, truth: str | None, agree: bool) -> None:
        self._made.append(
            made.StateRecord(
                at_ns=self._now_ns(),
                place=self._next(),
                family=family,
                subject=subject,
                belief=belief,
                truth=truth,
                agree=agree,
            )
        )

    def _now_ns(self) -> int:
        return round(self._world.loop.time() * 1e9)

    def _next(self) -> int:
        self._place += 1
        return self._place


def _tap(owner: object, name: str, function: Callable[..., Any]) -> None:
    """Put `function` in the place of a method, on this one instance."""
    assert callable(getattr(owner, name)), f"{type(owner).__name__} must have a method {name}"
    setattr(owner, name, function)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else inline(value).strip('"')
