"""The script between a venue and the world: which fault happens when, to whom, and how often.

May know: messages, faults, a seeded `random.Random`. Pure apart from counting: no clock, no loop. Promises: without
entries every message passes unchanged and at once; several entries apply in the order they were added, each to what the
one before let through.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from random import Random

from msgspec import Struct

from sandbox_venues.faults.fault import Direction, Fault, Held, Sent, Turn, reports_in
from sandbox_venues.messages import (
    AccountRequest,
    AccountStreamMessage,
    Answer,
    AnyReport,
    CancelOrders,
    Message,
    PlaceOrders,
    Request,
)


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages are meant. Kinds are patterns (`query.*`); what is `None` matches anything.

    Attributes:
        request: kind of request on its way to the venue: submit, submit_list, modify, cancel, cancel_all, batch_cancel,
            subscribe, query.order, query.orders, query.fills, query.positions, query.account, query.instruments,
            query.book.
        answer: kind of the request whose answer is meant.
        report: kind of stream message: ack, fill, cancel, expire, reject, update, trigger, bust, account, position,
            quote, trade, book, depth.
        node: name of the connection.
        account: account id.
        order: client or venue order id: messages that name it (in lists: the entries that name it).
        instrument: instrument id or symbol.

    With none of the first three given, every message that the fault makes sense for is meant.

    """

    request: str | None = None
    answer: str | None = None
    report: str | None = None
    node: str | None = None
    account: str | None = None
    order: str | None = None
    instrument: str | None = None

    def wants(self, direction: Direction, kind: str, fault: Fault) -> bool:
        """Whether messages of that direction and kind are meant; faults of answers may be told the request instead."""
        if self.request is None and self.answer is None and self.report is None:
            return True
        pattern = {"request": self.request, "answer": self.answer, "stream": self.report}[direction]
        if pattern is None and direction == "answer" and not fault.acts_on("request"):
            pattern = self.request
        return pattern is not None and fnmatchcase(kind, pattern)

    def matches(self, report: AnyReport) -> bool:
        """Whether a report is about the order and instrument that are meant."""
        if self.instrument is not None:
            if self.instrument not in (str(report.instrument_id), str(report.instrument_id.symbol)):
                return False
        if self.order is None:
            return True
        names = (getattr(report, "client_order_id", None), getattr(report, "venue_order_id", None))
        return self.order in [str(name) for name in names if name is not None]

    def concerns(self, message: Message, request: Request | None) -> bool:
        """Whether the message (or the request that it answers) is about the order and instrument that are meant."""
        if self.order is None and self.instrument is None:
            return True
        if any(self.matches(report) for report in reports_in(message)):
            return True
        asked = message if isinstance(message, Request) else request
        return asked is not None and self._names(asked)

    @property
    def is_of_something(self) -> bool:
        """Whether a message must be about a certain order or instrument."""
        return self.order is not None or self.instrument is not None

    def _names(self, request: Request) -> bool:
        if isinstance(request, PlaceOrders):
            return any(self._names(order) for order in request.orders)
        if isinstance(request, CancelOrders):
            return any(self._names(cancel) for cancel in request.cancels)
        instrument = getattr(request, "instrument_id", None)
        if self.instrument is not None and instrument is not None:
            if self.instrument not in (str(instrument), str(instrument.symbol)):
                return False
        names = (getattr(request, "client_order_id", None), getattr(request, "venue_order_id", None))
        return self.order is None or self.order in [str(name) for name in names if name is not None]


class Entry:
    """One fault in force: what, to whom, how often and when. `fired` counts."""

    def __init__(
        self,
        name: str,
        fault: Fault,
        target: Target,
        rng: Random,
        times: int | None,
        skip: int,
        start_ns: int,
        end_ns: int | None,
        chance: float,
    ) -> None:
        self.name = name
        self.fault = fault
        self.target = target
        self.turn = Turn(target.matches, rng)
        self.times = times
        self.skip = skip
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.chance = chance
        self.fired = 0

    def is_due(self, direction: Direction, kind: str, node: str, message: Message, request: Request | None) -> bool:
        """Whether the fault happens to this message now. Counts skips."""
        turn, target = self.turn, self.target
        if self.times is not None and self.fired >= self.times:
            return False
        if turn.now_ns < self.start_ns or (self.end_ns is not None and turn.now_ns >= self.end_ns):
            return False
        if not self.fault.acts_on(direction) or not target.wants(direction, kind, self.fault):
            return False
        if target.node not in (None, node) or not _is_of_account(target.account, message, request):
            return False
        if not target.concerns(message, request):
            return False
        if self.chance < 1.0 and turn.rng.random() >= self.chance:
            return False
        if self.skip:
            self.skip -= 1
            return False
        return True


class Script:
    """The faults in force between one venue and everybody who talks to it."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._entries: dict[str, Entry] = {}
        self._count = 0

    def add(
        self,
        fault: Fault,
        target: Target | None = None,
        *,
        name: str | None = None,
        times: int | None = 1,
        skip: int = 0,
        start_ns: int = 0,
        end_ns: int | None = None,
        chance: float = 1.0,
    ) -> str:
        """Put a fault in force. Return its name.

        Args:
            fault: what happens.
            target: to which messages; without one, to all that the fault makes sense for.
            name: how `release` and `remove` call it.
            times: to how many messages, `None` for any number.
            skip: how many that match are let through first.
            start_ns: from when on.
            end_ns: until when (exclusive), `None` for ever.
            chance: how likely it happens to a message that matches, 0 to 1.

        Raises:
            ValueError: if the name is taken or a number is out of range.

        """
        self._count += 1
        chosen = name or f"{type(fault).__name__}-{self._count}"
        if chosen in self._entries:
            raise ValueError(f"a script entry must have a name of its own, was {chosen!r}")
        if (times is not None and times < 1) or skip < 0 or not 0.0 <= chance <= 1.0:
            raise ValueError(f"{chosen}: times must be > 0, skip >= 0, chance 0 to 1, was {times}, {skip}, {chance}")
        # A stream of randomness of its own: adding one fault does not shift what another draws.
        rng = Random(f"{self._rng.random()}:{chosen}")
        self._entries[chosen] = Entry(chosen, fault, target or Target(), rng, times, skip, start_ns, end_ns, chance)
        return chosen

    def remove(self, name: str) -> list[Held]:
        """End a fault; what it holds back is returned, to be sent on."""
        held = self.release(name)
        del self._entries[name]
        return held

    def release(self, name: str) -> list[Held]:
        """Return what a fault holds back, oldest first; it goes on holding back what comes later.

        Raises:
            ValueError: if there is no fault of that name.

        """
        entry = self._entries.get(name)
        if entry is None:
            raise ValueError(f"a script entry must be one of {', '.join(self._entries) or 'none'}, was {name!r}")
        held, entry.turn.held = entry.turn.held, []
        return held

    def clear(self) -> list[Held]:
        """End all faults; what they held back is returned, to be sent on."""
        return [item for name in list(self._entries) for item in self.remove(name)]

    @property
    def is_idle(self) -> bool:
        """Whether no fault is in force: then nothing has to be filtered."""
        return not self._entries

    @property
    def reads_records(self) -> bool:
        """Whether what a fault in force does to an answer may depend on the records in it."""
        return any(
            entry.fault.acts_on("answer") and (entry.fault.reads_records or entry.target.is_of_something)
            for entry in self._entries.values()
        )

    @property
    def entries(self) -> list[Entry]:
        """The faults in force, in the order they were added."""
        return list(self._entries.values())

    def filter(
        self, direction: Direction, message: Message, node: str, now_ns: int, request: Request | None = None
    ) -> tuple[list[Sent], list[str]]:
        """Return what travels on instead, each with its extra delay in nanoseconds, and which faults fired."""
        if not self._entries:
            return [(0, message)], []
        passing: list[Sent] = [(0, message)]
        fired: list[str] = []
        for entry in self._entries.values():
            through: list[Sent] = []
            for delay_ns, item in passing:
                through += self._apply(entry, direction, delay_ns, item, node, now_ns, request, fired)
            passing = through
        return passing, fired

    def _apply(
        self,
        entry: Entry,
        direction: Direction,
        delay_ns: int,
        message: Message,
        node: str,
        now_ns: int,
        request: Request | None,
        fired: list[str],
    ) -> list[Sent]:
        turn = entry.turn
        turn.now_ns, turn.direction, turn.request, turn.node = now_ns, direction, request, node
        # A request that a fault has answered already is no request any more.
        answered = direction == "request" and isinstance(message, Answer)
        kind = request.label if direction == "answer" and request is not None else message.label
        if answered or not entry.is_due(direction, kind, node, message, request):
            return [(delay_ns, message)]
        sent = entry.fault.apply(message, turn)
        entry.fired += 1
        fired.append(entry.name)
        return [(delay_ns + extra_ns, item) for extra_ns, item in sent]


def _is_of_account(account: str | None, message: Message, request: Request | None) -> bool:
    if account is None:
        return True
    for item in (message, request):
        if isinstance(item, AccountRequest | AccountStreamMessage):
            return str(item.account_id) == account
    return False
