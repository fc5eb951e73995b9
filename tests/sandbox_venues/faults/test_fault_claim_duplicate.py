"""ClaimDuplicate."""

from sandbox_venues.faults import ClaimDuplicate
from sandbox_venues.messages import Done, GetOrders, Refusal


def test_an_accepted_submission_is_answered_as_a_duplicate(spoiler):
    spoiler.add(ClaimDuplicate(reason="used"), times=1)
    order = spoiler.place("O-9")

    assert spoiler.request(order) == [(0, order)]
    assert spoiler.answer(order, Done()) == [(0, Refusal(code="DUPLICATE_ID", reason="used"))]
    assert spoiler.answer(order, Done()) == [(0, Done())]


def test_other_answers_pass(spoiler):
    spoiler.add(ClaimDuplicate())

    assert spoiler.answer(GetOrders(account_id=spoiler.account), Done()) == [(0, Done())]
