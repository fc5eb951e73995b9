"""Lie."""

from decimal import Decimal

import pytest

from nautilus_live.model.enums import OrderSide, OrderStatus, PositionSide
from sandbox_venues.faults import Lie


@pytest.mark.parametrize(
    ("field", "to", "expected"),
    [
        ("avg_px", "99.5", Decimal("99.5")),
        ("price", "101", Decimal(101)),
        ("quantity", "2", Decimal(2)),
        ("filled_qty", "0.5", Decimal("0.5")),
        ("status", "CANCELED", OrderStatus.CANCELED),
        ("side", "SELL", OrderSide.SELL),
        ("ts_last", "7", 7),
    ],
)
def test_a_field_of_an_order_is_set(spoiler, field, to, expected):
    spoiler.add(Lie(field=field, to=to), answer="query.orders", order="O-1")
    lied, honest, _ = spoiler.orders()
    name = {"status": "order_status", "side": "order_side"}.get(field, field)

    assert getattr(lied, name) == expected
    assert getattr(honest, name) == getattr(spoiler.venue.orders()[1], name) != expected


def test_a_number_can_be_added_to(spoiler):
    spoiler.add(Lie(field="last_px", add="0.5"), answer="query.fills")
    spoiler.add(Lie(field="commission", add="-0.01"), answer="query.fills")

    assert [str(fill.last_px) for fill in spoiler.fills()] == ["100.50", "100.50"]
    assert [fill.commission.value for fill in spoiler.fills()] == [Decimal("0.01")] * 2


def test_a_field_can_be_missing_on_the_stream_too(spoiler):
    spoiler.add(Lie(field="client_order_id", missing=True), report="*")
    heard = [message for _, message in spoiler.hear(spoiler.said("fill"))]

    assert (heard[0].order.client_order_id, heard[0].fill.client_order_id) == (None, None)


def test_only_reports_of_one_kind_can_be_meant(spoiler):
    spoiler.add(Lie(field="venue_order_id", to="X", of="fill"), report="fill")
    heard = spoiler.hear(spoiler.said("fill"))[0][1]

    assert (str(heard.fill.venue_order_id), str(heard.order.venue_order_id)) == ("X", "V-1")


def test_positions_are_lied_about_by_the_same_words(spoiler):
    spoiler.add(Lie(field="side", to="SHORT"))
    spoiler.add(Lie(field="avg_px", add="1"))
    spoiler.add(Lie(field="quantity", add="0.5"))
    position = spoiler.positions()[0]

    assert (position.position_side, position.avg_px_open) == (PositionSide.SHORT, Decimal(101))
    assert position.signed_qty == Decimal("-2.5")


def test_what_is_not_there_stays_not_there(spoiler):
    spoiler.add(Lie(field="avg_px", add="1"), answer="query.orders", order="O-3")

    assert spoiler.orders()[2].avg_px is None


@pytest.mark.parametrize(
    "fields", [{"field": "price"}, {"field": "price", "to": "1", "add": "1"}, {"field": "prise", "to": "1"}]
)
def test_a_lie_that_makes_no_sense_is_an_error(fields):
    with pytest.raises(ValueError, match="must be"):
        Lie(**fields)
