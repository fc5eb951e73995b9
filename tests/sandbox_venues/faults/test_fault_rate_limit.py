"""RateLimit."""

import pytest

from sandbox_venues.faults import RateLimit
from sandbox_venues.messages import GetPositions, Trouble

SECOND_NS = 1_000_000_000


def codes(spoiler, *at_secs):
    query = GetPositions(account_id=spoiler.account)
    found = []
    for at in at_secs:
        spoiler.now_ns = round((100 + at) * SECOND_NS)
        ((_, item),) = spoiler.request(query)
        found.append((item.code, item.retry_after_secs) if isinstance(item, Trouble) else "passes")
    return found


def test_beyond_the_limit_requests_are_turned_away_until_the_span_is_over(spoiler):
    """FIELD H6."""
    spoiler.add(RateLimit(requests=2, per_secs=10.0))

    assert codes(spoiler, 0, 1, 2, 9, 10) == ["passes", "passes", ("429", 8.0), ("429", 1.0), "passes"]


def test_whoever_goes_on_is_banned(spoiler):
    spoiler.add(RateLimit(requests=1, per_secs=10.0, ban_after=2, ban_secs=60.0))

    assert codes(spoiler, 0, 1, 2, 30, 61, 62) == [
        "passes",
        ("429", 9.0),
        ("418", 60.0),
        ("418", 32.0),
        ("418", 1.0),
        "passes",
    ]


def test_numbers_must_make_sense():
    with pytest.raises(ValueError, match="requests must be > 0"):
        RateLimit(requests=0)
