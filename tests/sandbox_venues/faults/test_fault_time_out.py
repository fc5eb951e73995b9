"""TimeOut."""

from sandbox_venues.faults import TimeOut
from sandbox_venues.messages import Done


def test_before_means_that_the_venue_never_hears_of_it(spoiler):
    spoiler.add(TimeOut(side="before"), times=1, request="submit")
    order = spoiler.place("O-9")

    assert spoiler.request(order) == []
    assert spoiler.request(order) == [(0, order)]


def test_after_means_that_the_answer_is_lost(spoiler):
    spoiler.add(TimeOut(side="after"), times=1, request="submit")
    order = spoiler.place("O-9")

    assert spoiler.request(order) == [(0, order)]
    assert spoiler.answer(order, Done()) == []
    assert spoiler.answer(order, Done()) == [(0, Done())]
