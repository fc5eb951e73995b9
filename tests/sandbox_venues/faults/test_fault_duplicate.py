"""Duplicate."""

import pytest

from sandbox_venues.faults import Duplicate


def test_a_message_comes_again_after_a_while(spoiler):
    spoiler.add(Duplicate(copies=2, after_secs=0.5), report="fill")
    fill = spoiler.said("fill")

    assert spoiler.hear(fill) == [(0, fill), (500_000_000, fill), (1_000_000_000, fill)]


def test_a_request_can_be_doubled_and_the_venue_refuses_the_copy(spoiler):
    spoiler.add(Duplicate(), request="submit")
    sent = spoiler.request(spoiler.place("O-9"))
    kinds = [type(spoiler.venue.handle(message, spoiler.now_ns).answer).__name__ for _, message in sent]

    assert kinds == ["Done", "Refusal"]
    spoiler.venue.check()


def test_no_copies_are_an_error():
    with pytest.raises(ValueError, match="copies must be > 0"):
        Duplicate(copies=0)
