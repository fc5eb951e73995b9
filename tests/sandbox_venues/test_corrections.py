"""Trades taken back and corrected (FIELD C17)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sandbox_venues.messages import OrderMessage


def filled(floor, quantity="1.000"):
    floor = floor()
    floor.place("O-1", quantity="2.000")
    floor.do("trade", "O-1", quantity, trade_id="T-1")
    return floor


def test_a_correction_takes_a_trade_back_and_books_another(floor):
    floor = filled(floor)
    heard = floor.do("correct", "O-1", "T-1", quantity="0.600", price="49000.00")
    said = [(m.what, str(m.fill.trade_id), str(m.fill.last_qty)) for m in heard if isinstance(m, OrderMessage)]

    assert said == [("bust", "T-1", "1.000"), ("fill", "T-1.2", "0.600")]
    (position,) = floor.venue.positions()
    assert (position.signed_qty, position.avg_px_open) == (Decimal("0.600"), Decimal(49000))
    assert [str(fill.trade_id) for fill in floor.venue.fills()] == ["T-1.2"]


def test_a_correction_of_a_correction_has_a_number_of_its_own(floor):
    floor = filled(floor)
    floor.do("correct", "O-1", "T-1", price="49000.00")
    floor.do("correct", "O-1", "T-1.2", price="48000.00", new_trade_id="T-final")

    (position,) = floor.venue.positions()
    assert (position.signed_qty, position.avg_px_open) == (Decimal("1.000"), Decimal(48000))
    assert [str(fill.trade_id) for fill in floor.venue.fills()] == ["T-final"]


def test_an_order_that_was_filled_can_be_corrected_to_less_and_stays_closed(floor):
    floor = filled(floor, "2.000")
    floor.do("correct", "O-1", "T-1", quantity="1.500")

    report = floor.report("O-1")
    assert (report.order_status.name, str(report.filled_qty)) == ("CANCELED", "1.500")


def test_a_correction_at_another_price_leaves_a_filled_order_filled(floor):
    floor = filled(floor, "2.000")
    floor.do("correct", "O-1", "T-1", price="49999.00")

    assert floor.report("O-1").order_status.name == "FILLED"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trade_id": "T-9"}, "a busted trade must be one of T-1, was 'T-9'"),
        ({"trade_id": "T-1", "quantity": "2.500"}, "a correction must be within 2.000, was 2.500"),
        ({"trade_id": "T-1", "new_trade_id": "T-1"}, "a trade id must be new to its order"),
    ],
)
def test_an_impossible_correction_changes_nothing(floor, fields, reason):
    floor = filled(floor)
    with pytest.raises(ValueError, match=reason):
        floor.do("correct", "O-1", **fields)

    assert [str(fill.trade_id) for fill in floor.venue.fills()] == ["T-1"]


def test_an_account_can_be_canceled_as_a_whole(floor):
    floor = floor()
    for name in ("O-1", "O-2"):
        floor.place(name)
    floor.do("cancel_account", reason="KILL")

    assert [(report.order_status.name, report.cancel_reason) for report in floor.venue.orders()] == [
        ("CANCELED", "KILL"),
        ("CANCELED", "KILL"),
    ]
