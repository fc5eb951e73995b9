"""Forget."""

import pytest

from sandbox_venues.faults import Forget


@pytest.mark.parametrize(
    ("fault", "orders", "fills", "positions"),
    [
        (Forget(what="orders"), 0, 2, 1),
        (Forget(what="closed_orders"), 1, 2, 1),
        (Forget(what="open_orders"), 2, 2, 1),
        (Forget(what="fills"), 3, 0, 1),
        (Forget(what="positions"), 3, 2, 0),
        (Forget(), 0, 0, 0),
        (Forget(older_than_secs=98.5), 2, 1, 1),
        (Forget(what="fills", newer_than_secs=98.5), 3, 1, 1),
    ],
)
def test_items_are_missing_from_every_answer(spoiler, fault, orders, fills, positions):
    spoiler.add(fault)

    assert (len(spoiler.orders()), len(spoiler.fills()), len(spoiler.positions())) == (orders, fills, positions)


def test_one_order_can_be_forgotten_with_its_fills(spoiler):
    spoiler.add(Forget(), order="O-2")

    assert [str(report.client_order_id) for report in spoiler.orders()] == ["O-1", "O-3"]
    assert [str(report.client_order_id) for report in spoiler.fills()] == ["O-1"]


def test_the_stream_is_not_forgetful(spoiler):
    spoiler.add(Forget())

    assert len(spoiler.hear(*spoiler.stream)) == len(spoiler.stream)
