"""Misname."""

import pytest

from sandbox_venues.faults import Misname


def test_what_is_said_about_an_order_names_another(spoiler):
    spoiler.add(Misname(client_order="O-2", venue_order="V-77"), order="O-1")
    fill = spoiler.said("fill")
    ((_, heard),) = spoiler.hear(fill)

    assert (str(heard.order.client_order_id), str(heard.order.venue_order_id)) == ("O-2", "V-77")
    assert (str(heard.fill.client_order_id), str(heard.fill.venue_order_id)) == ("O-2", "V-77")
    assert heard.fill.trade_id == fill.fill.trade_id
    assert [str(report.client_order_id) for report in spoiler.orders()] == ["O-2", "O-2", "O-3"]


def test_one_of_the_ids_must_be_given():
    with pytest.raises(ValueError, match="client_order or venue_order must be given, was neither"):
        Misname()
