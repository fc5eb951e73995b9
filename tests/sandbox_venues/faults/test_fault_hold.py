"""Hold."""

import pytest

from sandbox_venues.faults import Hold


def test_messages_wait_for_their_release_in_order(spoiler):
    name = spoiler.add(Hold(), report="fill")
    fills = [message for message in spoiler.stream if message.label == "fill"]

    assert len(spoiler.hear(*spoiler.stream)) == len(spoiler.stream) - len(fills)
    assert [held[1] for held in spoiler.script.release(name)] == fills
    assert spoiler.script.release(name) == []
    with pytest.raises(ValueError, match="must be one of Hold-1"):
        spoiler.script.release("nothing")
