"""FailQuery."""

from sandbox_venues.faults import FailQuery
from sandbox_venues.messages import Trouble


def test_a_query_is_answered_with_an_error_so_many_times(spoiler):
    spoiler.add(FailQuery(code="503", reason="busy"), times=1, request="query.fills")

    assert spoiler.fills() == [Trouble(code="503", reason="busy")]
    assert len(spoiler.fills()) == 2
    assert len(spoiler.orders()) == 3


def test_commands_pass(spoiler):
    spoiler.add(FailQuery())
    order = spoiler.place("O-9")

    assert spoiler.request(order) == [(0, order)]
