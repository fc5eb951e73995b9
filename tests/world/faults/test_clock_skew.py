"""SkewClock."""

from scenarios.world.faults import SkewClock


def test_a_skewed_clock_is_off_by_a_constant(shown):
    assert shown((1, SkewClock(by_ns=-5_000_000_000), "begin")) == [0, -5, -5, -5, -5]
