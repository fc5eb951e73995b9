"""UnreadableRecord."""

from sandbox_venues.faults import Forget, UnreadableRecord
from sandbox_venues.messages import Garbled


def test_only_the_record_that_is_meant_cannot_be_read(spoiler):
    """FIELD F19."""
    spoiler.add(UnreadableRecord(), order="O-2")
    first, second, third = spoiler.orders()

    assert isinstance(second, Garbled)
    assert "O-2" in second.was
    assert [str(first.client_order_id), str(third.client_order_id)] == ["O-1", "O-3"]


def test_other_faults_leave_an_unreadable_record_alone(spoiler):
    spoiler.add(UnreadableRecord(), order="O-2")
    spoiler.add(Forget(what="everything"))

    assert [type(item) for item in spoiler.orders()] == [Garbled]
