"""Rearrange."""

import pytest

from sandbox_venues.faults import Rearrange


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("double", ["O-1", "O-1", "O-2", "O-2", "O-3", "O-3"]),
        ("reverse", ["O-2", "O-1", "O-3"]),
        ("newest_first", ["O-2", "O-1", "O-3"]),
    ],
)
def test_pages_are_rearranged(spoiler, how, expected):
    spoiler.add(Rearrange(how=how), request="query.orders")

    assert [str(report.client_order_id) for report in spoiler.orders()] == expected
    assert len(spoiler.fills()) == 2


def test_one_order_can_be_doubled(spoiler):
    spoiler.add(Rearrange(how="double"), order="O-1")

    assert [str(report.client_order_id) for report in spoiler.fills()] == ["O-1", "O-1", "O-2"]


def test_a_shuffle_keeps_what_there_is(spoiler):
    spoiler.add(Rearrange(how="shuffle"))

    assert sorted(str(report.client_order_id) for report in spoiler.orders()) == ["O-1", "O-2", "O-3"]
