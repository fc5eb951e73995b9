"""Reorder."""

import pytest

from sandbox_venues.faults import Reorder


def test_so_many_messages_arrive_last_first(spoiler):
    spoiler.add(Reorder(count=3))
    first, second, third, fourth = spoiler.stream[:4]
    heard = spoiler.hear(first, second, third, fourth)

    assert [message for _, message in sorted(heard, key=lambda item: item[0])] == [third, second, first]
    assert [held[1] for held in spoiler.script.clear()] == [fourth]


def test_within_a_window_each_is_late_by_its_own_draw(spoiler):
    spoiler.add(Reorder(window_secs=0.5))
    delays = [delay for delay, _ in spoiler.hear(*spoiler.stream)]

    assert all(0 <= delay <= 500_000_000 for delay in delays)
    assert delays != sorted(delays)


@pytest.mark.parametrize("fields", [{}, {"count": 1}, {"window_secs": 0.0}, {"count": 2, "window_secs": 1.0}])
def test_one_way_of_reordering_must_be_chosen(fields):
    with pytest.raises(ValueError, match="must be"):
        Reorder(**fields)
