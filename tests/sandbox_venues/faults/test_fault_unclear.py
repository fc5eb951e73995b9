"""Unclear: the twins of an ambiguous 503."""

import pytest

from nautilus_live.model.identifiers import ClientOrderId
from sandbox_venues.faults import Unclear
from sandbox_venues.messages import CancelOrder, CancelOrders, Done, GetOrders, Refusal, Trouble


def test_before_the_venue_acted_it_never_hears_of_the_command(spoiler):
    spoiler.add(Unclear(side="before"), request="submit")
    order = spoiler.place("O-9")

    assert spoiler.request(order) == [(0, Trouble(code="503", reason=Unclear().reason))]
    assert spoiler.answer(order, Done()) == [(0, Done())]


def test_after_the_venue_acted_the_answer_proves_nothing(spoiler):
    spoiler.add(Unclear(side="after", code="504", reason="gateway timeout"), answer="submit")
    order = spoiler.place("O-9")

    assert spoiler.request(order) == [(0, order)]
    assert spoiler.answer(order, Done()) == [(0, Trouble(code="504", reason="gateway timeout"))]


@pytest.mark.parametrize("side", ["before", "after"])
def test_questions_pass(spoiler, side):
    spoiler.add(Unclear(side=side))
    query = GetOrders(account_id=spoiler.account)

    assert spoiler.request(query) == [(0, query)]
    assert spoiler.answer(query, Done()) == [(0, Done())]


def test_in_a_batch_the_answer_for_one_order_can_be_blurred_alone(spoiler):
    """FIELD I7."""
    spoiler.add(Unclear(), answer="batch_cancel", order="O-4")
    for name in ("O-4", "O-5"):
        spoiler.venue.handle(spoiler.place(name), spoiler.now_ns)
    instrument_id = spoiler.place("O-4").instrument_id
    cancels = tuple(
        CancelOrder(account_id=spoiler.account, instrument_id=instrument_id, client_order_id=ClientOrderId(name))
        for name in ("O-4", "O-5", "O-none")
    )
    batch = CancelOrders(account_id=spoiler.account, cancels=cancels)
    ((_, answer),) = spoiler.answer(batch, spoiler.venue.handle(batch, spoiler.now_ns).answer)

    assert [type(part) for part in answer.results] == [Trouble, Done, Refusal]
