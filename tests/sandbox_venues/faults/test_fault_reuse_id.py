"""ReuseClientOrderId."""

from sandbox_venues.faults import ReuseClientOrderId


def test_an_order_appears_twice_under_one_client_id(spoiler):
    spoiler.add(ReuseClientOrderId(), order="O-1")
    listed = [(str(report.client_order_id), str(report.venue_order_id)) for report in spoiler.orders()]

    assert listed == [("O-1", "V-1"), ("O-2", "V-2"), ("O-1", "V-1-2"), ("O-3", "V-3")]


def test_the_other_order_can_be_in_another_state(spoiler):
    spoiler.add(ReuseClientOrderId(venue_order_id="X", status="FILLED"), order="O-3")
    other = spoiler.orders()[-1]

    assert (str(other.venue_order_id), str(other.order_status)) == ("X", "FILLED")
    assert (str(other.filled_qty), other.avg_px) == ("1.000", 100)
