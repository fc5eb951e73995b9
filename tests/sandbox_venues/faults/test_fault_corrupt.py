"""Corrupt."""

from sandbox_venues.faults import Corrupt
from sandbox_venues.messages import Garbled


def test_a_message_becomes_unreadable(spoiler):
    spoiler.add(Corrupt(), times=1, report="fill")
    first, second = (message for message in spoiler.stream if message.label == "fill")
    (_, heard), (_, unspoiled) = spoiler.hear(first, second)

    assert isinstance(heard, Garbled)
    assert "O-1 V-1 T-1" in heard.was
    assert unspoiled == second
