"""What had to hold, as a list to tick off: what the file expects, and the invariants of every run.

May know: a scenario and what became of it. Promises: every failure of the result is on the list, under what it belongs
to or on its own; what was never reached is neither ticked nor crossed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from scenarios.expect import Expect, LogWanted
from scenarios.format import Scenario
from scenarios.invariants import ALWAYS, EVENTUALLY
from scenarios.report.records import LifeRecord, MarkRecord
from scenarios.run import Result

LISTS = ("event", "made")
EXPECTED, INVARIANT, OTHER = "Expected by the file", "Holds in every run", "Beyond the list"


class Check(Struct, frozen=True, kw_only=True):
    """Something that had to hold: `held` is `None` if nobody asked; `why` says why not, or what was left out."""

    group: str
    name: str
    wanted: str
    held: bool | None
    failures: tuple[str, ...] = ()
    why: str = ""


def checks_of(scenario: Scenario, result: Result) -> list[Check]:
    """Return everything that had to hold in a run."""
    marks = [record.text for record in result.records if isinstance(record, MarkRecord)]
    asked, calm = "expectations" in marks, "the storm is over" in marks
    left = dict.fromkeys(result.failures)
    found: list[Check] = []
    lists_failed: dict[str, None] = {}

    def add(
        group: str, name: str, wanted: str, prefixes: tuple[str, ...], reached: bool, why: str = "not reached"
    ) -> None:
        failures = tuple(failure for failure in left if failure.startswith(prefixes))
        for failure in failures:
            del left[failure]
        # A list is compared up to its first difference; what comes after it was not looked at.
        kind = name.rstrip("s 0123456789") if group == EXPECTED else ""
        asked_too = reached and kind not in lists_failed
        held = False if failures else True if asked_too else None
        if failures and kind in LISTS:
            lists_failed[kind] = None
        found.append(
            Check(
                group=group, name=name, wanted=wanted, held=held, failures=failures, why="" if held is not None else why
            )
        )

    for name, wanted, prefixes in _expected(scenario.expect):
        add(EXPECTED, name, wanted, prefixes, asked)
    # The store is looked at when the node dies and when it stops; arrivals are counted when all is over.
    crashed = any(isinstance(record, LifeRecord) and record.state == "crashed" for record in result.records)
    lived = any(isinstance(record, LifeRecord) for record in result.records)
    reached = {4: asked, 6: calm or crashed}
    for rule in ALWAYS:
        add(INVARIANT, f"({rule.number})", rule.name, (str(rule),), reached.get(rule.number, lived))
    for invariant in EVENTUALLY:
        prefix = f"invariant {invariant.number} ({invariant.name})"
        why = "not reached" if scenario.converges else "not asked: here the two need not agree"
        add(INVARIANT, f"({invariant.number})", invariant.name, (prefix,), calm and scenario.converges, why)
    for verdict in result.invariants_checked:
        if verdict.number is None:  # the user's own
            add(INVARIANT, "own", verdict.name, (f"invariant ({verdict.name})",), verdict.held is not None)
    exempt = {(f"({verdict.number})", verdict.name): verdict.exempt for verdict in result.invariants_checked}
    for index, check in enumerate(found):
        left_out = exempt.get((check.name, check.wanted), ()) if check.held else ()
        if left_out:
            found[index] = structs.replace(check, why=f"left out: {'; '.join(left_out)}")
    return found + [Check(group=OTHER, name="", wanted=text, held=False) for text in left]


def _expected(expect: Expect) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the name, the words and the beginnings of the failures of each expectation."""
    for table in ("orders", "venue", "position", "positions", "balance"):
        for key, wanted in getattr(expect, table).items():
            yield f"{table} {key}", str(wanted), (f"{table}.{key}: ",)
    for index, wanted in enumerate(expect.made or ()):
        yield f"made {index + 1}", wanted, (f"made[{index}]: ",) + (("made: ",) if index == 0 else ())
    if expect.made == []:
        yield "made", "no order that nobody submitted", ("made: ",)
    for index, wanted in enumerate(expect.events or ()):
        yield f"event {index + 1}", wanted, (f"events[{index}]: ",)
    if expect.events is not None:
        yield "events", "no further event", (f"events[{len(expect.events)}]: ",)
    for unwanted in expect.absent:
        yield "absent", unwanted, (f"absent: {unwanted!r} ",)
    for name in ("reconciliation", "node", "exit_code", "started"):
        value = getattr(expect, name)
        if value is not None:
            yield name.replace("_", " "), str(value).lower() if isinstance(value, bool) else str(value), (f"{name}: ",)
    for name in ("uncertain", "quarantined"):
        names = getattr(expect, name)
        if names is not None:
            yield name, ", ".join(names) or "none", (f"{name}: ",)
    for item in expect.log:
        line = LogWanted(text=item) if isinstance(item, str) else item
        yield "log", f"{line.level} {line.text}", (f"log: wanted {line.text!r} ",)
    if expect.quiet:
        yield "quiet", "nothing logged at WARNING or above", ("quiet: ",)
