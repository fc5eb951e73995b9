"""Delay."""

import pytest

from sandbox_venues.faults import Delay


def test_a_delayed_message_comes_later_by_what_is_said(spoiler):
    spoiler.add(Delay(by_secs=3.0), report="ack")

    assert spoiler.hear(spoiler.said("ack")) == [(3_000_000_000, spoiler.said("ack"))]
    assert spoiler.hear(spoiler.said("fill"))[0][0] == 0


def test_jitter_is_drawn_within_its_bound(spoiler):
    spoiler.add(Delay(by_secs=1.0, jitter_secs=1.0), report="ack")
    delays = [spoiler.hear(spoiler.said("ack"))[0][0] for _ in range(20)]

    assert len(set(delays)) == 20
    assert all(1_000_000_000 <= delay <= 2_000_000_000 for delay in delays)


def test_a_negative_delay_is_an_error():
    with pytest.raises(ValueError, match="at least 0 s"):
        Delay(by_secs=-1.0)
