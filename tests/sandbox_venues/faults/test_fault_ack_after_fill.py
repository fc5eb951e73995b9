"""AckAfterFill."""

from sandbox_venues.faults import AckAfterFill


def test_an_acknowledgement_comes_behind_the_fill_of_its_order(spoiler):
    spoiler.add(AckAfterFill())
    messages = [message for message in spoiler.stream if hasattr(message, "what")]
    heard = spoiler.hear(*messages)

    assert [(message.what, str(message.order.client_order_id)) for _, message in heard] == [
        ("fill", "O-1"),
        ("ack", "O-1"),
        ("fill", "O-2"),
        ("ack", "O-2"),
    ]
    assert [str(held[1].order.client_order_id) for held in spoiler.script.clear()] == ["O-3"]
