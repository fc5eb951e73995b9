"""Throttle."""

from sandbox_venues.faults import Throttle


def test_a_request_is_turned_away_with_the_time_to_come_back(spoiler):
    spoiler.add(Throttle(retry_after_secs=2.0), times=1, request="submit")
    order = spoiler.place("O-9")
    ((_, trouble),) = spoiler.request(order)

    assert (trouble.code, trouble.retry_after_secs) == ("-1003", 2.0)
    assert spoiler.request(order) == [(0, order)]
