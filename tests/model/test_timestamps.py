"""Times that strategies hold: datetimes with the words and the nanoseconds of a table library's timestamps."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.timestamps import Timestamp, duration_ns, nanoseconds_of

NS = 1_700_000_000_123_456_789
EXACT = Timestamp.from_ns(NS)
PLAIN = datetime(2023, 11, 14, 22, 13, 20, 123_456, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
INSTANTS = st.integers(0, 4 * 10**18)
ZONES = st.sampled_from((UTC, NEW_YORK, ZoneInfo("Europe/London"), timezone(timedelta(hours=9))))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("value", NS),
        ("nanosecond", 789),
        ("day_of_week", 1),
        ("dayofweek", 1),
        ("day_of_year", 318),
        ("week", 46),
        ("quarter", 4),
        ("days_in_month", 30),
        ("tz", UTC),
    ],
)
def test_it_knows_the_words_of_a_timestamp(word: str, said: Any) -> None:
    assert getattr(EXACT, word) == said
    assert EXACT.day_name() == "Tuesday"


@pytest.mark.parametrize(
    ("made", "reads"),
    [
        (EXACT.floor("1min"), "2023-11-14 22:13:00+00:00"),
        (EXACT.floor("5T"), "2023-11-14 22:10:00+00:00"),
        (EXACT.floor(timedelta(hours=4)), "2023-11-14 20:00:00+00:00"),
        (EXACT.ceil("h"), "2023-11-14 23:00:00+00:00"),
        (EXACT.floor("h").ceil("h"), "2023-11-14 22:00:00+00:00"),
        (EXACT.round("15s"), "2023-11-14 22:13:15+00:00"),
        (EXACT.floor("s").round("40s"), "2023-11-14 22:13:20+00:00"),
        (EXACT.round("us"), "2023-11-14 22:13:20.123457+00:00"),
        (EXACT.normalize(), "2023-11-14 00:00:00+00:00"),
        (EXACT.tz_convert("America/New_York"), "2023-11-14 17:13:20.123456789-05:00"),
        (EXACT.tz_convert("America/New_York").normalize(), "2023-11-14 00:00:00-05:00"),
        (EXACT.tz_convert("America/New_York").floor("D"), "2023-11-14 00:00:00-05:00"),
        (EXACT.astimezone(NEW_YORK), "2023-11-14 17:13:20.123456789-05:00"),
        (EXACT.tz_convert(None), "2023-11-14 22:13:20.123456789"),
        (EXACT.tz_localize(None).tz_localize("UTC"), "2023-11-14 22:13:20.123456789+00:00"),
        (EXACT.replace(hour=9, minute=30, second=0, microsecond=0, nanosecond=0), "2023-11-14 09:30:00+00:00"),
        (EXACT + timedelta(minutes=1), "2023-11-14 22:14:20.123456789+00:00"),
        (timedelta(minutes=1) + EXACT, "2023-11-14 22:14:20.123456789+00:00"),
        (EXACT - timedelta(days=1), "2023-11-13 22:13:20.123456789+00:00"),
    ],
)
def test_others_are_made_of_it(made: Timestamp, reads: str) -> None:
    assert type(made) is Timestamp
    assert str(made) == reads


def test_it_is_written_as_a_timestamp_is() -> None:
    assert repr(EXACT) == "Timestamp('2023-11-14 22:13:20.123456789+0000', tz='UTC')"
    assert repr(EXACT.tz_convert(None)) == "Timestamp('2023-11-14 22:13:20.123456789')"
    assert (EXACT.isoformat(), EXACT.isoformat(timespec="seconds")) == (
        "2023-11-14T22:13:20.123456789+00:00",
        "2023-11-14T22:13:20+00:00",
    )
    assert f"{EXACT:%Y-%m-%d %H:%M}" == "2023-11-14 22:13"


def test_a_day_is_24_hours_where_the_clock_is_put_forward_too() -> None:
    saturday = Timestamp.of(datetime(2024, 3, 9, 12, tzinfo=NEW_YORK))
    assert str(saturday + timedelta(days=1)) == "2024-03-10 13:00:00-04:00"


@given(INSTANTS, INSTANTS, ZONES, ZONES)
def test_it_compares_and_subtracts_by_the_nanosecond(first: int, other: int, here: Any, there: Any) -> None:
    left, right = Timestamp.from_ns(first, here), Timestamp.from_ns(other, there)
    assert (left < right, left <= right, left == right) == (first < other, first <= other, first == other)
    assert (left > right, left >= right, left != right) == (first > other, first >= other, first != other)
    assert left - right == timedelta(microseconds=(first - other) // 1_000)
    assert right + (left - right) == Timestamp.from_ns(other + (first - other) // 1_000 * 1_000)


@given(INSTANTS, ZONES)
def test_it_goes_with_the_standard_librarys(instant: int, zone: Any) -> None:
    ours = Timestamp.from_ns(instant, zone)
    plain = ours.to_pydatetime()
    assert type(plain) is datetime
    assert plain.utcoffset() == ours.utcoffset()
    assert nanoseconds_of(plain) == instant // 1_000 * 1_000
    assert ours >= plain
    assert (ours == plain) is (ours.nanosecond == 0)
    assert ours - (plain + timedelta(seconds=1)) == timedelta(microseconds=(ours.nanosecond - 10**9) // 1_000)
    assert pickle.loads(pickle.dumps(ours)) == copy.deepcopy(ours) == ours
    assert hash(Timestamp.from_ns(instant, UTC)) == hash(ours)


def test_with_and_without_a_time_zone_do_not_mix() -> None:
    naive = EXACT.tz_convert(None)
    assert naive != EXACT
    assert PLAIN.replace(tzinfo=None) != EXACT
    for wrong in (lambda: naive < EXACT, lambda: naive - EXACT, lambda: PLAIN.replace(tzinfo=None) - EXACT):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(TypeError, match="must be localized before it is converted, was 2023-11-14"):
        naive.tz_convert("UTC")
    with pytest.raises(TypeError, match="must be converted to another, was 2023-11-14"):
        EXACT.tz_localize("UTC")


@pytest.mark.parametrize("wrong", ["fortnight", "0min", "", timedelta(0)])
def test_what_is_no_frequency(wrong: Any) -> None:
    with pytest.raises(ValueError, match="a frequency must be a number and one of ns, "):
        EXACT.floor(wrong)


def test_durations_of_another_library_keep_their_nanoseconds() -> None:
    class Duration(timedelta):
        nanoseconds = 7

    assert duration_ns(Duration(seconds=1)) == 1_000_000_007
    assert (EXACT + Duration(0)).value == NS + 7


def test_it_goes_with_pandas() -> None:
    import pandas as pd

    theirs = pd.Timestamp(NS, tz="UTC")
    for word in ("value", "nanosecond", "week", "quarter", "day_of_week", "day_of_year", "days_in_month"):
        assert getattr(EXACT, word) == getattr(theirs, word)
    assert (str(EXACT), repr(EXACT)) == (str(theirs), repr(theirs))
    ours = Timestamp.from_ns(NS)
    assert ours == theirs
    assert theirs.floor("us") == ours.floor("us")
    assert EXACT + pd.Timedelta(minutes=1) == theirs + pd.Timedelta(minutes=1)
    assert EXACT - pd.Timedelta(days=1) < theirs
    assert EXACT + pd.Timedelta(nanoseconds=1) > theirs
    assert (EXACT - (theirs - pd.Timedelta(hours=1))) / pd.Timedelta(minutes=1) == 60
    assert pd.Series([EXACT]).dt.year.tolist() == [2023]
