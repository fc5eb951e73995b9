"""What happened in a run, as data: one record for each thing that a trace tells, with all that the text leaves out.

Data only. A record has its virtual time, its place in the order of things, and the number of the trace line that tells
of it (`None` for what the text trace does not tell: the venue's end of a message, states). Each line of a trace belongs
to exactly one record. Records come from `scenarios/report/recorder.py`, and only when a report is asked for.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Direction = Literal["request", "answer", "report"]
Origin = Literal["node", "wire", "venue"]
Family = Literal["order", "position", "account"]
LifeState = Literal["up", "paused", "stopped", "failed", "crashed"]


class Record(Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Something that happened: when, as which thing of all, and in which line of the trace (from 1)."""

    at_ns: int
    place: int
    line: int | None = None


class StepRecord(Record, frozen=True, kw_only=True):
    """A step of the scenario file; `index` counts from 0."""

    index: int
    verb: str
    fields: dict[str, str]


class MarkRecord(Record, frozen=True, kw_only=True):
    """A stage that the run reached, or a line of no other kind; `host` is empty outside the node."""

    text: str
    host: str = ""


class MessageRecord(Record, frozen=True, kw_only=True):
    """A message between node and venue; `at_ns` is when it was sent.

    Attributes:
        venue: the venue at one end.
        direction: a request of the node, the answer to one, or what the venue says unasked.
        origin: who sent it; `wire` if a fault answered in the venue's place.
        kind: the sandbox's word for it, for an answer that of its request.
        text: the message as it was sent.
        arrived_ns: when it got to the other end, `None` if it never did.
        arrived_place: the arrival as one of all things that happened.
        arrived_text: the message as it arrived, where a fault changed it.
        late: whether nobody waited for the answer any more.
        heard: whether anybody was connected when the venue spoke.
        faults: the names of the faults that met it.

    """

    venue: str
    direction: Direction
    origin: Origin
    kind: str
    text: str
    arrived_ns: int | None = None
    arrived_place: int | None = None
    arrived_text: str | None = None
    late: bool = False
    heard: bool = True
    faults: tuple[str, ...] = ()


class FaultRecord(Record, frozen=True, kw_only=True):
    """A fault that met a message (`text`) or a connection."""

    venue: str
    name: str
    text: str


class VenueRecord(Record, frozen=True, kw_only=True):
    """Something that happened at a venue without anybody's request."""

    venue: str
    action: str
    text: str


class EventRecord(Record, frozen=True, kw_only=True):
    """An event that the node published; `subject` is the order, the position or the account."""

    family: Family
    kind: str
    subject: str
    text: str
    provenance: str = ""


class LogRecord(Record, frozen=True, kw_only=True):
    """A line that the node logged at WARNING or above."""

    level: str
    text: str


class AlarmRecord(Record, frozen=True, kw_only=True):
    """An alarm that the node raised."""

    kind: str
    text: str


class ViolationRecord(Record, frozen=True, kw_only=True):
    """An invariant that did not hold, at the moment at which it was seen."""

    text: str


class LifeRecord(Record, frozen=True, kw_only=True):
    """The node began, paused, went on or ended; `number` counts its lives from 1."""

    number: int
    state: LifeState


class StateRecord(Record, frozen=True, kw_only=True):
    """A change of what the node believes of an order or a net position, or of what is true of it at the venue.

    Attributes:
        family: `order` or `position`.
        subject: the order's or the instrument's id.
        belief: what the node believes after this, `None` if it knows of none.
        truth: what the venue's books say after this, `None` if they say nothing.
        agree: whether the two mean the same.

    """

    family: Family
    subject: str
    belief: str | None
    truth: str | None
    agree: bool


AnyRecord = (
    StepRecord
    | MarkRecord
    | MessageRecord
    | FaultRecord
    | VenueRecord
    | EventRecord
    | LogRecord
    | AlarmRecord
    | ViolationRecord
    | LifeRecord
    | StateRecord
)
