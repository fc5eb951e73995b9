"""Messages under way: sent at one end, arrived at the other, or not.

May know: messages and the words that describe them. A message is known again by being the same object at both ends;
copies of one arrive in the order in which they were sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from sandbox_venues.describe import describe
from sandbox_venues.messages import Message
from scenarios.report.records import Direction, MessageRecord, Origin


class Flight:
    """A message under way."""

    __slots__ = ("arrived_ns", "arrived_place", "item", "late", "line", "message", "sent")

    def __init__(self, sent: MessageRecord, message: Message, item: Message) -> None:
        self.sent = sent
        self.message = message
        self.item = item
        self.line = sent.line
        self.arrived_ns: int | None = None
        self.arrived_place: int | None = None
        self.late = False

    def record(self) -> MessageRecord:
        """Return what became of it."""
        changed = self.arrived_ns is not None and self.item is not self.message
        text = describe(self.item) if changed else self.sent.text
        return replace(
            self.sent,
            line=self.line,
            arrived_ns=self.arrived_ns,
            arrived_place=self.arrived_place,
            arrived_text=None if text == self.sent.text else text,
            late=self.late,
        )


class Flights:
    """All the messages of a run.

    Args:
        now_ns: the virtual time.
        place: the next place in the order of things.

    """

    def __init__(self, now_ns: Callable[[], int], place: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._place = place
        self._all: list[Flight] = []
        self._under_way: dict[int, list[Flight]] = {}

    def send(
        self,
        venue: str,
        direction: Direction,
        origin: Origin,
        message: Message,
        item: Message,
        *,
        kind: str | None = None,
        line: int | None = None,
        faults: tuple[str, ...] = (),
        heard: bool = True,
    ) -> None:
        """Note that `message` was sent now, and that `item` travels on in its place."""
        sent = MessageRecord(
            at_ns=self._now_ns(),
            place=self._place(),
            line=line,
            venue=venue,
            direction=direction,
            origin=origin,
            kind=message.label if kind is None else kind,
            text=describe(message),
            faults=faults,
            heard=heard,
        )
        flight = Flight(sent, message, item)
        self._all.append(flight)
        self._under_way.setdefault(id(item), []).append(flight)  # the flight keeps the item, and so its id, alive

    def arrive(self, message: Message) -> Flight | None:
        """Note that a message arrived now; return its flight, `None` if nobody saw it leave."""
        waiting = self._under_way.get(id(message))
        if not waiting:
            return None
        flight = waiting.pop(0)
        flight.arrived_ns, flight.arrived_place = self._now_ns(), self._place()
        return flight

    def records(self) -> Iterator[MessageRecord]:
        """Yield what became of each message, in the order in which they were sent."""
        for flight in self._all:
            yield flight.record()
