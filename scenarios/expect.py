"""What a scenario expects, and the comparison with what came about.

May know: lines of text (`scenarios/texts.py`) and the facts of a run. Promises: each failure names the expectation,
what was and what was wanted; nothing that a file states goes unchecked.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import Struct, field

from scenarios.hearing import CALLBACKS
from scenarios.portfolio_questions import check_question, is_answer
from scenarios.problems import nearest
from scenarios.texts import (
    OrderFacts,
    event_matches,
    order_difference,
    parse_order,
    parse_position,
    position_matches,
    position_text,
)
from scenarios.values import Number, Text, Time

NodeState = Literal["RUNNING", "STOPPED", "FAILED", "CRASHED"]
LevelName = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LEVELS: dict[str, int] = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
ABSENT = "ABSENT"
NEVER = " never"
ZERO = Decimal(0)


class LogWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line that must have been logged: at `level` or above, with `text` in it, exactly so many `times` if said."""

    text: Text
    level: LevelName = "WARNING"
    times: int | None = None


class Expect(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must hold at the virtual time `by` (without: a second after the last step).

    Attributes:
        by: the virtual time at which all of this must hold.
        orders: the node's orders by client order id; `ABSENT` for one that it must not know.
        made: the orders that no step submitted (external and alignment orders), all of them, in the order they were
            made.
        position: the net position by instrument, over all strategies of the default venue's account.
        positions: positions by position id, or by strategy id where it holds one position only.
        venue: the venue's orders by client order id, or by venue order id.
        balance: the account's total by currency.
        events: every order event that the node published since `since`, in order; a strategy's OrderInitialized is
            left out.
        alarms: every alarm that was raised since `since`, in order: its kind, and words that its text must hold, as in
            `inflight.resolved O-1 REJECTED`. An empty list means none.
        since: where `events` and `alarms` begin.
        absent: events (a `*` stands for a word) that must not have been published since `since`.
        node: how the node is.
        exit_code: what the node's process would return; `None` does not check.
        started: whether the trader, and so the strategies, were started since the node's last start.
        reconciliation: how startup reconciliation ended, at the node's last start.
        uncertain: the instruments whose positions the node marks as uncertain.
        quarantined: the orders that the node has set aside.
        books: the venues' books as the node knows them, by instrument: bids, a stroke, asks, best first, each
            SIZE @ PRICE; `UNKNOWN` for a book that the node knows it has lost, `ABSENT` for one it does not keep.
        own_books: the books of the node's own orders, in the same way.
        heard: what callbacks of strategies were called with since `since`, by strategy id (see `scenarios/hearing.py`):
            of every callback that is named there all calls, in order; `on_bar never` for one that must not be called.
        portfolio: what the portfolio answers, by question (see `scenarios/portfolio_questions.py`).
        log: lines that must have been logged since the node's last start.
        quiet: whether nothing may have been logged at WARNING or above since the node's last start.

    """

    by: Time | None = None
    orders: dict[str, str] = field(default_factory=dict)
    made: list[str] | None = None
    position: dict[str, str] = field(default_factory=dict)
    positions: dict[str, str] = field(default_factory=dict)
    venue: dict[str, str] = field(default_factory=dict)
    balance: dict[str, Number] = field(default_factory=dict)
    events: list[str] | None = None
    alarms: list[str] | None = None
    since: Time = Time(0)
    absent: list[str] = field(default_factory=list)
    node: NodeState | None = None
    exit_code: int | None = None
    started: bool | None = None
    reconciliation: Literal["succeeded", "failed"] | None = None
    uncertain: list[str] | None = None
    quarantined: list[str] | None = None
    books: dict[str, str] = field(default_factory=dict)
    own_books: dict[str, str] = field(default_factory=dict)
    heard: dict[str, list[str]] = field(default_factory=dict)
    portfolio: dict[str, str] = field(default_factory=dict)
    log: list[LogWanted | str] = field(default_factory=list)
    quiet: bool = False

    def __post_init__(self) -> None:
        for lines in (self.orders, self.venue):
            for text in lines.values():
                if text != ABSENT:
                    parse_order(text)
        for text in self.made or ():
            parse_order(text)
        for text in (*self.position.values(), *self.positions.values()):
            parse_position(text)
        for question in self.portfolio:
            check_question(question)
        for calls in self.heard.values():
            _check_callbacks(calls)

    def callbacks_of(self, strategy: str) -> list[str]:
        """Return the callbacks of a strategy that are asked about."""
        return list(dict.fromkeys(line.split()[0] for line in self.heard.get(strategy, ())))


class PositionFacts(Struct, frozen=True, kw_only=True):
    """A position of the node."""

    id: str
    strategy: str
    instrument: str
    signed: Decimal
    average: Decimal
    realized: Decimal


class LogFacts(Struct, frozen=True, kw_only=True):
    """A line that the node logged."""

    level: int
    text: str


class Outcome(Struct, kw_only=True):
    """What came about, as far as a scenario can expect it. `events`, `alarms` and `heard` have virtual time, in ns."""

    orders: dict[str, OrderFacts] = field(default_factory=dict)
    made: list[tuple[str, OrderFacts]] = field(default_factory=list)
    positions: list[PositionFacts] = field(default_factory=list)
    venue: dict[str, OrderFacts] = field(default_factory=dict)
    balance: dict[str, Decimal] = field(default_factory=dict)
    events: list[tuple[int, str]] = field(default_factory=list)
    alarms: list[tuple[int, str]] = field(default_factory=list)
    node: str = "STOPPED"
    exit_code: int | None = None
    started: bool = False
    reconciliation: str = ""
    uncertain: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)
    books: dict[str, str] = field(default_factory=dict)
    own_books: dict[str, str] = field(default_factory=dict)
    heard: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    portfolio: dict[str, str] = field(default_factory=dict)
    log: list[LogFacts] = field(default_factory=list)

    def net_position(self, instrument: str) -> tuple[Decimal, Decimal | None, Decimal]:
        """Return an instrument's signed quantity, average open price and realised profit over all its positions."""
        held = [
            position for position in self.positions if instrument in (position.instrument, _symbol(position.instrument))
        ]
        signed = sum((position.signed for position in held), ZERO)
        weight = sum((abs(position.signed) for position in held), ZERO)
        value = sum((abs(position.signed) * position.average for position in held), ZERO)
        return signed, value / weight if weight else None, sum((position.realized for position in held), ZERO)


def check(expect: Expect, was: Outcome) -> list[str]:
    """Return what was not as expected, the most telling first."""
    failures = _check_node(expect, was)
    failures += _check_orders("orders", expect.orders, was.orders)
    failures += _check_positions(expect, was)
    failures += _check_books("books", expect.books, was.books)
    failures += _check_books("own_books", expect.own_books, was.own_books)
    failures += _check_events(expect, was)
    failures += _check_alarms(expect, was)
    failures += _check_made(expect, was)
    failures += _check_orders("venue", expect.venue, was.venue)
    failures += [
        f"balance.{code}: wanted {amount}, was {was.balance.get(code, 'none')}"
        for code, amount in expect.balance.items()
        if was.balance.get(code) != Decimal(amount)
    ]
    failures += _check_heard(expect, was)
    failures += [
        f"portfolio.{question}: wanted {wanted}, was {was.portfolio.get(question, 'not asked: the node is down')}"
        for question, wanted in expect.portfolio.items()
        if not is_answer(wanted, was.portfolio.get(question, ""))
    ]
    failures += _check_log(expect, was)
    return failures


def _check_node(expect: Expect, was: Outcome) -> list[str]:
    failures = []
    for name in ("reconciliation", "node", "exit_code", "started"):
        wanted, found = getattr(expect, name), getattr(was, name)
        if wanted is not None and wanted != found:
            failures.append(f"{name}: wanted {_shown(wanted)}, was {_shown(found)}")
    for name in ("uncertain", "quarantined"):
        names = getattr(expect, name)
        found = getattr(was, name)
        if names is not None and sorted(names) != sorted(found) and sorted(names) != sorted(map(_symbol, found)):
            failures.append(f"{name}: wanted {names}, was {found}")
    return failures


def _check_orders(name: str, wanted: dict[str, str], was: dict[str, OrderFacts]) -> list[str]:
    failures = []
    for order_id, text in wanted.items():
        facts = was.get(order_id)
        if text == ABSENT:
            if facts is not None:
                failures.append(f"{name}.{order_id}: wanted {ABSENT}, was {facts}")
        elif facts is None:
            failures.append(f"{name}.{order_id}: wanted {text}, was unknown; known are {', '.join(was) or 'none'}")
        elif difference := order_difference(parse_order(text), facts):
            failures.append(f"{name}.{order_id}: wanted {text}, was {facts}: {difference}")
    return failures


def _check_positions(expect: Expect, was: Outcome) -> list[str]:
    failures = []
    for instrument, text in expect.position.items():
        facts = was.net_position(instrument)
        if not position_matches(parse_position(text), *facts):
            failures.append(f"position.{instrument}: wanted {text}, was {position_text(*facts)}")
    for key, text in expect.positions.items():
        held = [position for position in was.positions if key in (position.id, position.strategy)]
        found = [position for position in held if position.signed] or held[:1]
        line = parse_position(text)
        if not found and not line.signed and not line.realized:
            continue
        if len(found) != 1 or not position_matches(line, found[0].signed, found[0].average, found[0].realized):
            texts = [f"{p.id} {position_text(p.signed, p.average, p.realized)}" for p in found or was.positions]
            failures.append(f"positions.{key}: wanted {text}, was {'; '.join(texts) or 'none'}")
    return failures


def _check_books(name: str, wanted: dict[str, str], was: dict[str, str]) -> list[str]:
    found = {**was, **{_symbol(instrument): text for instrument, text in was.items()}}
    return [
        f"{name}.{instrument}: wanted {text}, was {found.get(instrument, ABSENT)}"
        for instrument, text in wanted.items()
        if " ".join(text.split()) != found.get(instrument, ABSENT)
    ]


def _check_events(expect: Expect, was: Outcome) -> list[str]:
    lines = [text for at, text in was.events if at >= expect.since]
    failures = [
        f"absent: {unwanted!r} must not be published, was {line!r}"
        for unwanted in expect.absent
        for line in lines
        if event_matches(unwanted, line)
    ]
    if expect.events is None:
        return failures
    for index in range(max(len(lines), len(expect.events))):
        wanted = " ".join(expect.events[index].split()) if index < len(expect.events) else "no further event"
        found = lines[index] if index < len(lines) else "no further event"
        if not event_matches(wanted, found):
            failures.append(f"events[{index}]: wanted {wanted}, was {found}")
            break
    return failures


def _check_alarms(expect: Expect, was: Outcome) -> list[str]:
    if expect.alarms is None:
        return []
    raised = [text for at, text in was.alarms if at >= expect.since]
    for index in range(max(len(raised), len(expect.alarms))):
        wanted = expect.alarms[index] if index < len(expect.alarms) else "no further alarm"
        found = raised[index] if index < len(raised) else "no further alarm"
        if wanted != found and not _is_alarm(wanted, found):
            return [f"alarms[{index}]: wanted {wanted}, was {found}"]
    return []


def _is_alarm(wanted: str, raised: str) -> bool:
    kind, _, text = raised.partition(": ")
    wanted_kind, _, words = wanted.partition(" ")
    return wanted_kind == kind and all(word in text for word in words.split())


def _check_callbacks(lines: list[str]) -> None:
    for line in lines:
        name = line.partition(" ")[0]
        if name not in CALLBACKS:
            raise ValueError(f"what was heard must begin with a callback, was {line!r}{nearest(name, CALLBACKS)}")


def _check_heard(expect: Expect, was: Outcome) -> list[str]:
    failures = []
    for strategy, lines in expect.heard.items():
        wanted = [" ".join(line.split()) for line in lines if not line.endswith(NEVER)]
        found = [text for at, text in was.heard.get(strategy, ()) if at >= expect.since]
        for index in range(max(len(wanted), len(found))):
            ours = wanted[index] if index < len(wanted) else "nothing further"
            theirs = found[index] if index < len(found) else "nothing further"
            if not event_matches(ours, theirs):
                failures.append(f"heard.{strategy}[{index}]: wanted {ours}, was {theirs}")
                break
    return failures


def _check_made(expect: Expect, was: Outcome) -> list[str]:
    if expect.made is None:
        return []
    if len(expect.made) != len(was.made):
        known = "; ".join(f"{order_id} {facts}" for order_id, facts in was.made)
        return [f"made: wanted {len(expect.made)} orders, was {len(was.made)}: {known or 'none'}"]
    failures = []
    for index, (text, (order_id, facts)) in enumerate(zip(expect.made, was.made, strict=True)):
        if difference := order_difference(parse_order(text), facts):
            failures.append(f"made[{index}]: wanted {text}, was {order_id} {facts}: {difference}")
    return failures


def _check_log(expect: Expect, was: Outcome) -> list[str]:
    failures = []
    for item in expect.log:
        wanted = LogWanted(text=item) if isinstance(item, str) else item
        level = LEVELS[wanted.level]
        times = sum(line.level >= level and wanted.text in line.text for line in was.log)
        if wanted.times is not None and times != wanted.times:
            failures.append(f"log: wanted {wanted.text!r} {wanted.times} times at {wanted.level} or above, was {times}")
        elif wanted.times is None and not times:
            logged = [line.text for line in was.log if line.level >= LEVELS["WARNING"]]
            failures.append(f"log: wanted {wanted.text!r} at {wanted.level} or above, was {logged or 'nothing'}")
    if expect.quiet:
        loud = [line.text for line in was.log if line.level >= LEVELS["WARNING"]]
        if loud:
            failures.append(f"quiet: wanted nothing at WARNING or above, was {loud}")
    return failures


def _symbol(instrument: str) -> str:
    return instrument.rpartition(".")[0] or instrument


def _shown(value: object) -> object:
    return "none" if value in (None, "") else value
