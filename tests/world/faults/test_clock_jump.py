"""JumpClock."""

from scenarios.world.faults import DriftClock, JumpClock, SkewClock

SECOND_NS = 1_000_000_000


def test_a_clock_jumps_from_where_it_is(shown):
    jump = JumpClock(by_ns=3 * SECOND_NS)

    assert shown((0, SkewClock(by_ns=SECOND_NS), "begin"), (2, jump, "begin"), (3, jump, "begin")) == [1, 1, 4, 7, 7]


def test_a_jump_and_a_drift_add_up(shown):
    drift, jump = DriftClock(ns_per_s=SECOND_NS), JumpClock(by_ns=-10 * SECOND_NS)

    assert shown((0, drift, "begin"), (2, jump, "begin")) == [0, 1, -8, -7, -6]
