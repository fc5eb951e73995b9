"""The trading day of a venue: which phase its markets are in, by the time of the day in UTC.

May know: nothing of this package but the names of phases. Pure. Promises: an entry that cannot be read is named with
what would be right; the phase at a time is that of the latest entry before it, in this week or the last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

CalendarPhase = Literal["pre_open", "open", "halted", "closed"]
PHASES: tuple[CalendarPhase, ...] = ("pre_open", "open", "halted", "closed")
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
DAY_NS = 86_400_000_000_000
WEEK_NS = 7 * DAY_NS
MONDAY_NS = 4 * DAY_NS
"""1970-01-05 was a Monday."""
_ENTRY = re.compile(r"(?:([A-Z]{3})(?:-([A-Z]{3}))? )?(\d\d):(\d\d)(?::(\d\d))? (\w+)")


class Calendar:
    """The phases of a week.

    Args:
        entries: each `HH:MM PHASE`, `HH:MM:SS PHASE`, or with `MON` or `MON-FRI` before it.

    Raises:
        ValueError: if an entry cannot be read.

    """

    def __init__(self, entries: Sequence[str]) -> None:
        changes = [change for entry in entries for change in _changes(entry)]
        self._changes: list[tuple[int, CalendarPhase]] = sorted(changes, key=_time_of)

    def phase_at(self, now_ns: int) -> CalendarPhase:
        """Return the phase at a time; `open` where there are no entries."""
        if not self._changes:
            return "open"
        in_week = (now_ns - MONDAY_NS) % WEEK_NS
        past = [phase for at_ns, phase in self._changes if at_ns <= in_week]
        return past[-1] if past else self._changes[-1][1]

    def next_after(self, now_ns: int) -> int | None:
        """Return when the next entry begins, `None` where there are none."""
        if not self._changes:
            return None
        in_week = (now_ns - MONDAY_NS) % WEEK_NS
        ahead = [at_ns for at_ns, _ in self._changes if at_ns > in_week]
        return now_ns - in_week + (ahead[0] if ahead else self._changes[0][0] + WEEK_NS)

    def next_close(self, now_ns: int) -> int | None:
        """Return when the markets close next, `None` if they never do."""
        if all(phase != "closed" for _, phase in self._changes):
            return None
        at_ns = self.next_after(now_ns)
        while at_ns is not None and self.phase_at(at_ns) != "closed":
            at_ns = self.next_after(at_ns)
        return at_ns


def _changes(entry: str) -> list[tuple[int, CalendarPhase]]:
    """Return the moments of a week that an entry means, in nanoseconds since its Monday."""
    read = _ENTRY.fullmatch(entry)
    phase = next((name for name in PHASES if read is not None and read[6] == name), None)
    days = _days(read[1], read[2]) if read is not None else ()
    if read is None or phase is None or not days:
        raise ValueError(f"calendar: an entry must be like 'MON-FRI 09:00 {'|'.join(PHASES)}', was {entry!r}")
    hours, minutes, seconds = int(read[3]), int(read[4]), int(read[5] or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"calendar: a time must be within the day, was {entry!r}")
    of_day_ns = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000
    return [(day * DAY_NS + of_day_ns, phase) for day in days]


def _days(first: str | None, last: str | None) -> Sequence[int]:
    if first is None:
        return range(7)
    if first not in DAYS or (last is not None and last not in DAYS):
        return ()
    begin = DAYS.index(first)
    count = 1 if last is None else (DAYS.index(last) - begin) % 7 + 1
    return [(begin + n) % 7 for n in range(count)]


def _time_of(change: tuple[int, CalendarPhase]) -> int:
    return change[0]
