"""Drop."""

from sandbox_venues.faults import Drop


def test_what_is_dropped_never_arrives_and_the_rest_does(spoiler):
    spoiler.add(Drop(), times=1, report="fill")
    heard = [message.label for _, message in spoiler.hear(*spoiler.stream)]

    assert heard.count("fill") == 1
    assert len(heard) == len(spoiler.stream) - 1
