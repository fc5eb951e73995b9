"""The verbs of markets: what each becomes at the venue, and what cannot be."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from random import Random

import pytest

from sandbox_venues.instruments import instrument
from scenarios.acting_market import market_action
from scenarios.moving import _books
from scenarios.problems import ScenarioError
from scenarios.values import Number, Size, Time
from scenarios.verbs_market import (
    VenueBook,
    VenueFunding,
    VenuePhase,
    VenuePrice,
    VenuePrint,
    VenueReplay,
    VenueSettle,
    VenueWalk,
)

AT = Time(1)
PERP = instrument("BTCUSDT-PERP")


@pytest.mark.parametrize(
    ("step", "action", "arguments"),
    [
        (
            VenueBook(at=AT, bids=["99.5 x 2"], asks=["100 x 0.5"]),
            "set_book",
            {"bids": [(Decimal("99.5"), Decimal(2))], "asks": [(Decimal(100), Decimal("0.5"))]},
        ),
        (
            VenuePrint(at=AT, price=Number("100"), quantity=Size("2"), side="SELL"),
            "print_trade",
            {"price": Decimal(100), "quantity": Decimal(2), "side": "SELL"},
        ),
        (VenuePrice(at=AT, mark=Number("100")), "set_price", {"mark": Decimal(100)}),
        (VenuePhase(at=AT, phase="halted"), "set_phase", {"phase": "halted"}),
        (VenueFunding(at=AT, rate=Number("0.01")), "pay_funding", {"rate": Decimal("0.01")}),
        (VenueFunding(at=AT, rate=Number("0.01"), pay=False), "set_funding", {"rate": Decimal("0.01")}),
        (VenueSettle(at=AT), "settle", {}),
    ],
    ids=str,
)
def test_a_market_verb_is_an_action_of_the_venue(step, action, arguments):
    assert market_action(step) == (action, {"instrument": "BTCUSDT", **arguments})


@pytest.mark.parametrize("text", ["100", "100 x", "x 5", "a x b"])
def test_a_level_that_cannot_be_read_is_named(text):
    with pytest.raises(ScenarioError, match="PRICE x SIZE"):
        market_action(VenueBook(at=AT, bids=[text]))


def test_every_field_of_a_walk_changes_the_market():
    def market(**fields):
        step = VenueWalk(at=AT, start=Size("50000"), **fields)
        return [(s.action, s.arguments) for s in islice(_books(step, PERP, Random(1)), 60)]

    changes = (
        {}, {"ticks": 5}, {"spread": 4}, {"trades": 0.9}, {"trades_max": 3}, {"volatility": 5.0}, {"spread_max": 9},
        {"levels": 1}, {"lots": 7}, {"mark": 3.0}, {"funding": 2.0},
    )  # fmt: skip
    seen = [market(**fields) for fields in changes]

    assert all(one != other for number, one in enumerate(seen) for other in seen[:number])


def test_every_field_of_a_replay_changes_the_market(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("ts,open,high,low,close\n0,100,110,90,105\n60000,105,106,80,90\n", encoding="utf-8")

    def market(**fields):
        step = VenueReplay(at=AT, file=str(path), **fields)
        return list(_books(step, PERP, Random(1)))

    bars = Time(1_000_000_000)
    changes = ({}, {"unit": "ms"}, {"speed": Size("2")}, {"size": Size("3")}, {"bar": bars}, {"spread": 5})
    seen = [market(**({"unit": "s"} | fields)) for fields in changes]

    assert all(one != other for number, one in enumerate(seen) for other in seen[:number])


def test_a_recording_that_is_not_there_stops_the_run():
    with pytest.raises(ScenarioError, match="cannot be read"):
        list(_books(VenueReplay(at=AT, file="nowhere.csv"), PERP, Random(1)))
