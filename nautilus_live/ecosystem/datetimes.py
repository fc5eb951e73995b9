"""Times as strategies convert them: nanoseconds since 1970 (UTC), datetimes, ISO 8601 texts.

The ecosystem's functions of this kind. What they return is our `Timestamp`, which knows the words of another library's;
what is given may be such a timestamp, too: its nanoseconds are kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nautilus_live.model.timestamps import EPOCH, Timestamp, nanoseconds_of

_NS_PER_S, _NS_PER_MS, _NS_PER_US = 1_000_000_000, 1_000_000, 1_000
Moment = datetime | str | int


def secs_to_nanos(secs: float) -> int:
    """Return seconds as nanoseconds."""
    return round(secs * _NS_PER_S)


def secs_to_millis(secs: float) -> int:
    """Return seconds as milliseconds."""
    return round(secs * 1_000)


def millis_to_nanos(millis: float) -> int:
    """Return milliseconds as nanoseconds."""
    return round(millis * _NS_PER_MS)


def micros_to_nanos(micros: float) -> int:
    """Return microseconds as nanoseconds."""
    return round(micros * _NS_PER_US)


def nanos_to_secs(nanos: int) -> float:
    """Return nanoseconds as seconds."""
    return nanos / _NS_PER_S


def nanos_to_millis(nanos: int) -> int:
    """Return nanoseconds as milliseconds, rounded down."""
    return nanos // _NS_PER_MS


def nanos_to_micros(nanos: int) -> int:
    """Return nanoseconds as microseconds, rounded down."""
    return nanos // _NS_PER_US


def unix_nanos_to_dt(nanos: int) -> Timestamp:
    """Return the time in UTC."""
    return Timestamp.from_ns(nanos)


def maybe_unix_nanos_to_dt(nanos: int | None) -> Timestamp | None:
    """Return the time in UTC, None for None."""
    return None if nanos is None else unix_nanos_to_dt(nanos)


def dt_to_unix_nanos(dt: datetime | str) -> int:
    """Return a time, or its ISO 8601 text, in nanoseconds; one without a time zone is in UTC."""
    return nanoseconds_of(dt if isinstance(dt, datetime) else time_object_to_dt(dt))


def maybe_dt_to_unix_nanos(dt: datetime | str | None) -> int | None:
    """Return a time in nanoseconds, None for None."""
    return None if dt is None else dt_to_unix_nanos(dt)


def time_object_to_dt(time_object: Moment) -> Timestamp:
    """Return a time given as datetime, ISO 8601 text or nanoseconds as a timestamp in UTC.

    Raises:
        ValueError: for a text that is no time.

    """
    if isinstance(time_object, int):
        return unix_nanos_to_dt(time_object)
    found = datetime.fromisoformat(time_object) if isinstance(time_object, str) else time_object
    return as_utc_timestamp(found)


def ensure_pydatetime_utc(timestamp: datetime | None) -> datetime | None:
    """Return a time as the standard library's datetime in UTC, None for None."""
    if timestamp is None:
        return None
    convert = getattr(timestamp, "to_pydatetime", None)
    return as_utc_timestamp(timestamp if convert is None else convert()).to_pydatetime()


def as_utc_timestamp(dt: datetime) -> Timestamp:
    """Return a time in UTC; one without a time zone is in UTC already."""
    return Timestamp.from_ns(nanoseconds_of(dt))


def max_date(date1: Moment | None = None, date2: Moment | None = None) -> Timestamp | None:
    """Return the later of two times; of one alone that one."""
    return max((time_object_to_dt(one) for one in (date1, date2) if one is not None), default=None)


def min_date(date1: Moment | None = None, date2: Moment | None = None) -> Timestamp | None:
    """Return the earlier of two times; of one alone that one."""
    return min((time_object_to_dt(one) for one in (date1, date2) if one is not None), default=None)


def is_datetime_utc(dt: datetime) -> bool:
    """Return whether a time is in UTC."""
    return dt.tzinfo is not None and dt.utcoffset() == timedelta(0)


def is_tz_aware(time_object: datetime) -> bool:
    """Return whether a time has a time zone."""
    return time_object.tzinfo is not None


def is_tz_naive(time_object: datetime) -> bool:
    """Return whether a time has no time zone."""
    return time_object.tzinfo is None


def unix_nanos_to_iso8601(unix_nanos: int, nanos_precision: bool = True) -> str:
    """Return a time as ISO 8601 in UTC, with nine decimals or (`nanos_precision` False) three."""
    seconds, rest = divmod(unix_nanos, _NS_PER_S)
    decimals = f"{rest:09d}" if nanos_precision else f"{rest // _NS_PER_MS:03d}"
    return f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{decimals}Z"


def format_iso8601(dt: datetime, nanos_precision: bool = True) -> str:
    """Return a time as ISO 8601 in UTC, with nine decimals or (`nanos_precision` False) three."""
    return unix_nanos_to_iso8601(dt_to_unix_nanos(dt), nanos_precision)


def format_optional_iso8601(dt: datetime | None, nanos_precision: bool = True) -> str:
    """Return a time as ISO 8601 in UTC; `None` for None."""
    return str(None) if dt is None else format_iso8601(dt, nanos_precision)
