"""DriftClock."""

import pytest

from scenarios.world.faults import DriftClock


@pytest.mark.parametrize("per_s", [0.5, -0.25])
def test_a_drifting_clock_gains_with_every_second_and_keeps_it(shown, per_s):
    drift = DriftClock(ns_per_s=int(per_s * 1_000_000_000))

    assert shown((1, drift, "begin"), (3, drift, "end")) == [0, 0, per_s, 2 * per_s, 2 * per_s]
