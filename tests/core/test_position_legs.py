"""The venue's positions behind one of ours: counted with each fill, found for what reduces them, added up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from nautilus_live.core import fill_corrections
from nautilus_live.core.position_keeping import take
from nautilus_live.core.position_legs import leg_to_reduce, net_of_legs
from nautilus_live.model.enums import OrderSide, PositionSide, Provenance
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId
from nautilus_live.model.position import Position
from nautilus_live.model.reports import PositionStatusReport
from tests.core.conftest import ACCOUNT, STRATEGY, TRADER, make_fill, make_instrument, make_order, qty

NET = PositionId("BTCUSDT.SIM-S-001")
D = Decimal


def new_position() -> Position:
    return Position(make_instrument(), NET, STRATEGY, TRADER, ACCOUNT)


def trade(leg: str, signed: str, name: str, **fields: object) -> OrderFilled:
    side = "SELL" if signed.startswith("-") else "BUY"
    fill = make_fill(make_order(f"O-{name}", side, "9.000"), signed.lstrip("-"), trade=f"T-{name}")
    return structs.replace(fill, position_id=NET, venue_position_id=PositionId(leg), **fields)


def apply(position: Position, fill: OrderFilled, *placeholders: OrderFilled) -> None:
    for _ in take(position, fill, placeholders):
        pass


def test_each_fill_counts_for_the_leg_that_it_names() -> None:
    position = new_position()
    assert position.legs is None
    for leg, signed, name in (
        ("P-1", "1.000", "1"),
        ("P-2", "0.500", "2"),
        ("P-1", "-0.300", "3"),
        ("P-2", "-0.500", "4"),
    ):
        apply(position, trade(leg, signed, name))

    assert position.legs == {PositionId("P-1"): D("0.7")}
    assert position.net_qty == D("0.7")
    twin = position.copy()
    apply(twin, trade("P-1", "0.100", "5"))
    assert position.legs == {PositionId("P-1"): D("0.7")}, "a copy has legs of its own"


def test_a_flip_leaves_both_legs() -> None:
    position = new_position()
    apply(position, trade("LONG", "1.000", "1"))
    apply(position, trade("SHORT", "-1.500", "2"))

    assert position.legs == {PositionId("LONG"): D("1"), PositionId("SHORT"): D("-1.5")}
    assert position.net_qty == D("-0.5")


def test_a_trade_takes_the_place_of_its_placeholder() -> None:
    position = new_position()
    guess = trade("P-1", "1.000", "1", provenance=Provenance.INFERRED)
    apply(position, guess)
    real = structs.replace(guess, trade_id=trade("P-1", "1", "9").trade_id, replaces=(guess.trade_id,),
                           provenance=Provenance.STREAM)  # fmt: skip
    apply(position, real, guess)

    assert position.legs == {PositionId("P-1"): D("1")}


def test_a_trade_taken_back_was_never_in_its_leg() -> None:
    position = new_position()
    for leg, signed, name in (("P-1", "1.000", "1"), ("P-2", "0.500", "2")):
        apply(position, trade(leg, signed, name))
    gone = position.fills[1]
    corrected = structs.replace(gone, last_qty=qty("0.200"), corrects=gone.trade_id)
    for entry in fill_corrections.entries(position, corrected, gone):
        for _ in fill_corrections.put(position, entry):
            pass

    assert position.legs == {PositionId("P-1"): D("1"), PositionId("P-2"): D("0.2")}
    assert position.net_qty == D("1.2")


@pytest.mark.parametrize(
    ("side", "quantity", "leg"),
    [
        ("SELL", "0.7", "P-1"),
        ("SELL", "0.8", "P-2"),
        ("SELL", "1.1", None),
        ("BUY", "0.4", "P-3"),
        ("BUY", "0.5", None),
    ],
)
def test_what_reduces_goes_to_the_leg_that_it_reduces_whole(side: str, quantity: str, leg: str | None) -> None:
    position = new_position()
    position.legs = {PositionId("P-1"): D("0.7"), PositionId("P-3"): D("-0.4"), PositionId("P-2"): D("1")}

    assert leg_to_reduce(position, OrderSide[side], D(quantity)) == (None if leg is None else PositionId(leg))


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=6))
def test_reports_of_legs_are_compared_by_their_sum(legs: list[int]) -> None:
    position = new_position()
    position.legs = {}

    def known(_: InstrumentId, account_id: AccountId) -> list[Position]:
        return [position] if account_id == ACCOUNT else []

    reports = [
        PositionStatusReport(
            account_id=ACCOUNT, instrument_id=position.instrument_id, venue_position_id=PositionId(f"P-{number}"),
            position_side=PositionSide.FLAT if not signed else PositionSide.LONG if signed > 0 else PositionSide.SHORT,
            quantity=qty(str(abs(signed))), ts_last=number,
        )
        for number, signed in enumerate(legs)
    ]  # fmt: skip

    (report,) = net_of_legs(reports, ACCOUNT, known)
    assert (report.signed_qty, report.venue_position_id, report.ts_last) == (D(sum(legs)), None, len(legs) - 1)
    assert net_of_legs(reports, AccountId("SIM-002"), known) == reports, "where nobody nets each is compared by itself"
