"""PartialPages."""

import pytest

from sandbox_venues.faults import PartialPages
from sandbox_venues.messages import Trouble


def test_a_later_page_fails(spoiler):
    spoiler.add(PartialPages(page=2), request="query.orders")
    *items, last = spoiler.orders()

    assert len(items) == 2
    assert isinstance(last, Trouble)
    assert len(spoiler.fills()) == 2


def test_later_pages_can_be_lost_without_notice(spoiler):
    spoiler.add(PartialPages(page=2, how="lost"), request="query.orders")

    assert [str(report.client_order_id) for report in spoiler.orders()] == ["O-1", "O-2"]


def test_a_first_page_cannot_be_lost_without_notice():
    with pytest.raises(ValueError, match="at least 1"):
        PartialPages(page=1, how="lost")
