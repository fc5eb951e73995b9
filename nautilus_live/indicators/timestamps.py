"""Moments as indicators show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def datetime_of(timestamp_ns: int) -> datetime:
    """Return nanoseconds since 1970 as a UTC date and time, to the microsecond."""
    return _EPOCH + timedelta(microseconds=timestamp_ns // 1_000)
