"""What a fault is: a frozen value with one pure function.

A fault says *what* happens to a message; the script entry around it says when, to whom and how often. `apply` gets the
message and the turn and returns what travels on instead, each with an extra delay in nanoseconds: an empty list loses
it, two entries double it. An `Answer` returned for a request goes straight back to who asked, and the venue never hears
of the request.

All that a fault remembers between messages is in the turn: `memory` (its own notes) and `held` (messages kept until
released).
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from nautilus_live.model.instruments import Instrument
from sandbox_venues.messages import AnyReport, Garbled, Message, OrderMessage, Page, PositionMessage, Request
from sandbox_venues.messages import Done as DoneAnswer

Direction = Literal["request", "answer", "stream"]
Sent = tuple[int, Message]
Held = tuple[Direction, Message, str, Request | None]
"""A message kept back: which way it goes, itself, whose connection it is on, and the request that it answers."""
SECOND_NS = 1_000_000_000


class Turn:
    """Everything a fault may look at beside the message itself."""

    __slots__ = ("direction", "held", "matches", "memory", "node", "now_ns", "request", "rng")

    def __init__(self, matches: Callable[[AnyReport], bool], rng: Random) -> None:
        self.matches = matches
        self.rng = rng
        self.memory: dict[str, object] = {}
        self.held: list[Held] = []
        self.now_ns = 0
        self.node = ""
        self.direction: Direction = "stream"
        self.request: Request | None = None

    def hold(self, message: Message) -> None:
        """Keep a message back until the script releases it."""
        self.held.append((self.direction, message, self.node, self.request))


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong with a message."""

    directions: ClassVar[tuple[Direction, ...]] = ("request", "answer", "stream")
    """In which directions the fault makes sense."""
    reads_records: ClassVar[bool] = True
    """Whether what it does may depend on the records in an answer."""

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return what travels on instead of `message`."""
        raise NotImplementedError(f"{type(self).__name__} must say what it does")

    def acts_on(self, direction: Direction) -> bool:
        """Whether the fault does anything to messages of that direction."""
        return direction in self.directions


def to_ns(seconds: float) -> int:
    """Return seconds as nanoseconds."""
    return round(seconds * SECOND_NS)


def map_reports(message: Message, change: Callable[[AnyReport], AnyReport]) -> Message:
    """Return the message with every report in it replaced by what `change` makes of it."""
    if isinstance(message, Page):
        return replace(
            message, items=tuple(i if isinstance(i, Instrument | Garbled) else change(i) for i in message.items)
        )
    if isinstance(message, OrderMessage):
        fill = None if message.fill is None else change(message.fill)
        return replace(message, order=change(message.order), fill=fill)
    if isinstance(message, PositionMessage):
        return replace(message, position=change(message.position))
    if isinstance(message, DoneAnswer):
        order = None if message.order is None else change(message.order)
        results = tuple(map_reports(result, change) for result in message.results)
        return replace(message, order=order, fills=tuple(change(fill) for fill in message.fills), results=results)
    return message


def reports_in(message: Message) -> list[AnyReport]:
    """Return every report in the message."""
    found: list[AnyReport] = []

    def look(report: AnyReport) -> AnyReport:
        found.append(report)
        return report

    map_reports(message, look)
    return found
