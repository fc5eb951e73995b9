"""AckAfterCancel."""

from nautilus_live.model.identifiers import ClientOrderId
from sandbox_venues.faults import AckAfterCancel
from sandbox_venues.messages import CancelOrder


def test_an_acknowledgement_comes_behind_the_cancellation_of_its_order(spoiler):
    spoiler.add(AckAfterCancel())
    placed = spoiler.venue.handle(spoiler.place("O-9"), spoiler.now_ns).messages
    cancel = CancelOrder(
        account_id=spoiler.account,
        instrument_id=spoiler.place("O-9").instrument_id,
        client_order_id=ClientOrderId("O-9"),
    )
    ended = spoiler.venue.handle(cancel, spoiler.now_ns).messages
    heard = spoiler.hear(*(message for message in [*placed, *ended] if hasattr(message, "what")))

    assert [(message.what, delay > 0) for delay, message in heard] == [("cancel", False), ("ack", True)]
