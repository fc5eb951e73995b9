"""Times as strategies hold them: datetimes that count nanoseconds, and know the words of a table library's timestamps.

May know: nothing but the standard library. The ecosystem hands out timestamps of pandas where it speaks of a time
(`clock.utc_now()`, `unix_nanos_to_dt(bar.ts_event)`, `order.expire_time`), so published strategies say `.value`,
`.floor("1min")`, `.normalize()` or `.tz_convert("America/New_York")`. Promises: a `Timestamp` is a `datetime` wherever
one is wanted, compares and adds with those of the standard library and of pandas, and needs neither pandas nor numpy.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, Self, SupportsIndex
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_NS_PER_US: Final = 1_000
_NS_PER_S: Final = 1_000_000_000
_NS_PER_DAY: Final = 86_400 * _NS_PER_S

UNITS_NS: Final = {
    **dict.fromkeys(("ns", "N"), 1),
    **dict.fromkeys(("us", "U"), _NS_PER_US),
    **dict.fromkeys(("ms", "L"), 1_000_000),
    **dict.fromkeys(("s", "S"), _NS_PER_S),
    **dict.fromkeys(("min", "T"), 60 * _NS_PER_S),
    **dict.fromkeys(("h", "H"), 3_600 * _NS_PER_S),
    **dict.fromkeys(("d", "D"), _NS_PER_DAY),
}
"""The units that `floor`, `ceil` and `round` know, in nanoseconds."""

_FREQUENCY: Final = re.compile(r"(\d*)\s*([A-Za-z]+)")


class Timestamp(datetime):
    """A time to the nanosecond, in a time zone (UTC, as the ecosystem has it) or in none.

    It is moved on the line of time, not on the clock on the wall: a day is 24 hours, in a night of summer time too.
    """

    __slots__ = ("nanosecond",)

    nanosecond: int
    """Nanoseconds beyond the microsecond, 0 to 999."""

    def __new__(cls, *fields: Any, nanosecond: int = 0, **named: Any) -> Self:
        """Make one of the fields of a datetime, and nanoseconds."""
        made = super().__new__(cls, *fields, **named)
        made.nanosecond = nanosecond
        return made

    @classmethod
    def from_ns(cls, value: int, tz: tzinfo | None = UTC) -> Self:
        """Return the time of so many nanoseconds since 1970 (UTC), as the clocks of a time zone show it.

        Without a time zone it is the time in UTC, and does not say so.
        """
        plain = EPOCH + timedelta(microseconds=value // _NS_PER_US)
        if tz is None:
            plain = plain.replace(tzinfo=None)
        elif tz is not UTC:
            plain = plain.astimezone(tz)
        return cls.of(plain, value % _NS_PER_US)

    @classmethod
    def of(cls, moment: datetime, nanosecond: int = 0) -> Self:
        """Return the time of a datetime, and so many nanoseconds."""
        return cls(
            moment.year,
            moment.month,
            moment.day,
            moment.hour,
            moment.minute,
            moment.second,
            moment.microsecond,
            moment.tzinfo,
            fold=moment.fold,
            nanosecond=nanosecond,
        )

    # -- what it says --------------------------------------------------------------------------------------------------

    @property
    def value(self) -> int:
        """Nanoseconds since 1970 (UTC); without a time zone it is taken to be in UTC."""
        return nanoseconds_of(self.to_pydatetime()) + self.nanosecond

    @property
    def tz(self) -> tzinfo | None:
        """The time zone."""
        return self.tzinfo

    @property
    def day_of_week(self) -> int:
        """The day of the week, Monday 0."""
        return self.weekday()

    dayofweek = day_of_week

    @property
    def day_of_year(self) -> int:
        """The day of the year, 1 for the first of January."""
        return self.timetuple().tm_yday

    dayofyear = day_of_year

    @property
    def week(self) -> int:
        """The week of the year, as ISO 8601 counts them."""
        return self.isocalendar().week

    weekofyear = week

    @property
    def quarter(self) -> int:
        """The quarter of the year, 1 to 4."""
        return (self.month + 2) // 3

    @property
    def days_in_month(self) -> int:
        """How many days its month has."""
        return monthrange(self.year, self.month)[1]

    daysinmonth = days_in_month

    def day_name(self) -> str:
        """Return the day of the week, in English."""
        return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[self.weekday()]

    def to_pydatetime(self) -> datetime:
        """Return the standard library's datetime, rounded down to the microsecond."""
        return datetime.combine(self.date(), self.timetz())

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        """Return the time as ISO 8601, with nine decimals if it has nanoseconds."""
        if timespec != "nanoseconds" and not (timespec == "auto" and self.nanosecond):
            return super().isoformat(sep, timespec)
        text = super().isoformat(sep, "microseconds")
        head, decimals, zone = text.partition(".")[0], text.partition(".")[2][:6], text.partition(".")[2][6:]
        return f"{head}.{decimals}{self.nanosecond:03d}{zone}"

    def __str__(self) -> str:
        return self.isoformat(" ")

    def __repr__(self) -> str:
        offset = "" if self.tzinfo is None else f"{self:%z}"
        zone = "" if self.tzinfo is None else f", tz='{self.tzinfo}'"
        return f"Timestamp('{Timestamp.isoformat(self.replace(tzinfo=None), ' ')}{offset}'{zone})"

    # -- others made of it ---------------------------------------------------------------------------------------------

    def replace(self, *fields: Any, nanosecond: int | None = None, **named: Any) -> Self:
        """Return it with other fields."""
        changed = super().replace(*fields, **named)
        changed.nanosecond = self.nanosecond if nanosecond is None else nanosecond
        return changed

    def astimezone(self, tz: tzinfo | None = None) -> Self:
        """Return the same time in another time zone (without one: the machine's)."""
        return type(self).of(self.to_pydatetime().astimezone(tz), self.nanosecond)

    def tz_convert(self, tz: tzinfo | str | None) -> Self:
        """Return the same time in a time zone, given by its name too; with None in UTC, without saying so.

        Raises:
            TypeError: if it has no time zone yet (`tz_localize` gives it one).

        """
        if self.tzinfo is None:
            raise TypeError(f"a time without a time zone must be localized before it is converted, was {self}")
        return type(self).from_ns(self.value, _zone(tz))

    def tz_localize(self, tz: tzinfo | str | None) -> Self:
        """Return the same reading of the clock in a time zone, or with None in none.

        Raises:
            TypeError: if it has a time zone already (`tz_convert` shows it in another).

        """
        if self.tzinfo is not None and tz is not None:
            raise TypeError(f"a time with a time zone must be converted to another, was {self}")
        return self.replace(tzinfo=_zone(tz))

    def normalize(self) -> Self:
        """Return the midnight that its day began with."""
        return self.replace(hour=0, minute=0, second=0, microsecond=0, nanosecond=0)

    def floor(self, freq: str | timedelta) -> Self:
        """Return it rounded down to a multiple of `5min`, `h`, `15s` or the like, by the clock of its time zone.

        Raises:
            ValueError: for a text that is no frequency.

        """
        return self._on_the_clock(freq, 0)

    def ceil(self, freq: str | timedelta) -> Self:
        """Return it rounded up. Raises as `floor`."""
        return self._on_the_clock(freq, 1)

    def round(self, freq: str | timedelta) -> Self:
        """Return it rounded to the nearest, at the half to the even one. Raises as `floor`."""
        return self._on_the_clock(freq, None)

    def _on_the_clock(self, freq: str | timedelta, up: int | None) -> Self:
        step_ns = frequency_ns(freq)
        shown = self.replace(tzinfo=None).value
        count, rest = divmod(shown, step_ns)
        if up is None:
            up = 2 * rest > step_ns or (2 * rest == step_ns and count % 2 == 1)
        there = type(self).from_ns((count + (up if rest else 0)) * step_ns, None)
        return there.replace(tzinfo=self.tzinfo)

    def __add__(self, other: timedelta) -> Self:
        if not isinstance(other, timedelta):
            return NotImplemented
        return type(self).from_ns(self.value + duration_ns(other), self.tzinfo)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:  # a time gives a duration, a duration a time
        if isinstance(other, timedelta):
            return type(self).from_ns(self.value - duration_ns(other), self.tzinfo)
        if not isinstance(other, datetime) or (other.tzinfo is None) is not (self.tzinfo is None):
            return super().__sub__(other)
        return timedelta(microseconds=(self.value - nanoseconds_of(other)) // _NS_PER_US)

    def __rsub__(self, other: Any) -> Any:
        if not isinstance(other, datetime) or (other.tzinfo is None) is not (self.tzinfo is None):
            return NotImplemented
        return timedelta(microseconds=(nanoseconds_of(other) - self.value) // _NS_PER_US)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return type(self).of, (self.to_pydatetime(), self.nanosecond)

    # -- compared with others ------------------------------------------------------------------------------------------

    __hash__ = datetime.__hash__  # of the microsecond: what is equal to the nanosecond is equal to it as well

    def __eq__(self, other: object) -> bool:
        return self._comparable(other) and self.value == nanoseconds_of(other)  # type: ignore[arg-type]  # comparable

    def __ne__(self, other: object) -> bool:  # or else the base class's would answer
        return not self == other

    def __lt__(self, other: Any) -> bool:
        return self.value < nanoseconds_of(other) if self._comparable(other) else super().__lt__(other)

    def __le__(self, other: Any) -> bool:
        return self.value <= nanoseconds_of(other) if self._comparable(other) else super().__le__(other)

    def __gt__(self, other: Any) -> bool:
        return self.value > nanoseconds_of(other) if self._comparable(other) else super().__gt__(other)

    def __ge__(self, other: Any) -> bool:
        return self.value >= nanoseconds_of(other) if self._comparable(other) else super().__ge__(other)

    def _comparable(self, other: object) -> bool:
        return isinstance(other, datetime) and (other.tzinfo is None) is (self.tzinfo is None)


def nanoseconds_of(moment: datetime | int) -> int:
    """Return `moment` in nanoseconds since 1970; a datetime without a time zone is UTC, as it is in the ecosystem."""
    if isinstance(moment, int):
        return moment
    exact = getattr(moment, "value", None)  # a timestamp, ours or another library's, counts nanoseconds itself
    if isinstance(exact, int):
        return exact
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1) * _NS_PER_US


def duration_ns(duration: timedelta) -> int:
    """Return a duration in nanoseconds; another library's may have some beyond the microsecond."""
    seconds = duration.days * 86_400 + duration.seconds
    beyond: int = getattr(duration, "nanoseconds", 0)
    return seconds * _NS_PER_S + duration.microseconds * _NS_PER_US + beyond


def frequency_ns(freq: str | timedelta) -> int:
    """Return a frequency such as `5min` in nanoseconds.

    Raises:
        ValueError: for a text that is none, or one of no length.

    """
    if isinstance(freq, timedelta):
        found = duration_ns(freq)
    else:
        match = _FREQUENCY.fullmatch(freq.strip())
        unit_ns = UNITS_NS.get(match[2], 0) if match else 0
        found = unit_ns * int(match[1] or 1) if match else 0
    if found <= 0:
        raise ValueError(f"a frequency must be a number and one of {', '.join(UNITS_NS)}, was {freq!r}")
    return found


def _zone(tz: tzinfo | str | None) -> tzinfo | None:
    """Return a time zone given by its name, too."""
    if isinstance(tz, str):
        return UTC if tz.upper() == "UTC" else ZoneInfo(tz)
    return tz
