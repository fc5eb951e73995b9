"""Refuse."""

from sandbox_venues.faults import Refuse
from sandbox_venues.messages import GetOrders, Refusal, Trouble


def test_a_command_is_refused_and_queries_pass(spoiler):
    spoiler.add(Refuse(code="X", reason="no"))
    query = GetOrders(account_id=spoiler.account)

    assert spoiler.request(spoiler.place("O-9")) == [(0, Refusal(code="X", reason="no"))]
    assert spoiler.request(query) == [(0, query)]


def test_an_ambiguous_refusal_is_an_error(spoiler):
    spoiler.add(Refuse(ambiguous=True))

    assert isinstance(spoiler.request(spoiler.place("O-9"))[0][1], Trouble)
