"""Coalesce."""

import pytest

from sandbox_venues.faults import Coalesce


def test_messages_come_together_and_in_order(spoiler):
    """FIELD B7."""
    name = spoiler.add(Coalesce(count=3), report="*")
    messages = [message for message in spoiler.stream if hasattr(message, "what")]
    first, second, third, fourth, *_ = messages

    assert spoiler.hear(first) == spoiler.hear(second) == []
    assert spoiler.hear(third) == [(0, first), (0, second), (0, third)]
    assert spoiler.hear(fourth) == []
    assert [held[1] for held in spoiler.script.remove(name)] == [fourth]


def test_a_burst_has_at_least_two_messages():
    with pytest.raises(ValueError, match="at least 2 messages, was 1"):
        Coalesce(count=1)
