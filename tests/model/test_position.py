"""Positions: what they say about themselves. How fills change them is tested with `core.position_keeping`."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.core.position_keeping import apply as take_part
from nautilus_live.core.position_keeping import parts
from nautilus_live.model.enums import OrderSide, PositionSide
from nautilus_live.model.identifiers import ClientOrderId, PositionId, TradeId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Money
from nautilus_live.model.position import Position
from tests.core.conftest import (
    ACCOUNT,
    BNB,
    BTC,
    INVERSE,
    LINEAR,
    SPOT,
    STRATEGY,
    TRADER,
    USDT,
    make_fill,
    make_order,
    make_perpetual,
    px,
)


def make_position(instrument: Instrument = SPOT) -> Position:
    """Return a position that never had a fill."""
    return Position(instrument, PositionId("P-1"), STRATEGY, TRADER, ACCOUNT)


def take(position: Position, side: str, quantity: str, price: str, name: str = "O-1", **fields: Any) -> Position:
    """Fill an order of `side` into `position`; returns the position."""
    order = make_order(name, side, quantity, instrument=position.instrument)
    for part in parts(position, make_fill(order, quantity, price, **fields)):
        take_part(position, part)
    return position


def test_a_new_position_is_flat_and_was_never_open() -> None:
    position = make_position()

    assert position.side is PositionSide.FLAT
    assert (position.is_open, position.is_closed, position.is_long, position.is_short) == (False, False, False, False)
    assert str(position.quantity) == "0.000"
    assert (position.trade_ids, position.commissions()) == ([], [])
    assert position.entry is OrderSide.NO_ORDER_SIDE
    assert (position.ts_opened, position.ts_closed, position.ts_last, position.cycle_count) == (0, 0, 0, 0)
    assert (position.opening_order_id, position.closing_order_id, position.avg_px_close) == (None, None, 0)
    assert str(position.realized_pnl) == str(position.total_realized_pnl) == "0.00000000 USDT"
    assert str(position.unrealized_pnl(px("1.00"))) == str(position.total_pnl(px("1.00"))) == "0.00000000 USDT"
    assert str(position.notional_value(px("1.00"))) == "0.00000000 USDT"
    assert (position.id, position.instrument_id, position.account_id) == (PositionId("P-1"), SPOT.id, ACCOUNT)


@pytest.mark.parametrize(
    ("side", "position_side", "signed", "opposite"),
    [
        ("BUY", PositionSide.LONG, "0.500", OrderSide.SELL),
        ("SELL", PositionSide.SHORT, "-0.500", OrderSide.BUY),
    ],
)
def test_an_open_position_has_a_side(side: str, position_side: PositionSide, signed: str, opposite: OrderSide) -> None:
    position = take(make_position(), side, "0.500", "100.00", trade="T-1")

    assert position.side is position_side
    assert (position.is_open, position.is_closed) == (True, False)
    assert (position.is_long, position.is_short) == (side == "BUY", side == "SELL")
    assert position.signed_decimal_qty() == position.signed_qty == Decimal(signed)
    assert str(position.quantity) == "0.500"
    assert position.entry is OrderSide[side]
    assert (position.opening_order_id, position.trade_ids) == (ClientOrderId("O-1"), [TradeId("T-1")])
    assert position.is_opposite_side(opposite)
    assert not position.is_opposite_side(opposite.opposite)
    assert repr(position) == f"Position({position_side} 0.500 BTCUSDT.SIM, id=P-1)"


def test_nothing_is_opposite_to_a_flat_position() -> None:
    for side in OrderSide:
        assert not make_position().is_opposite_side(side)


def test_a_position_closed_was_open_once() -> None:
    position = take(take(make_position(), "BUY", "1.000", "100.00"), "SELL", "1.000", "110.00", "O-2")

    assert (position.is_open, position.is_closed, position.side) == (False, True, PositionSide.FLAT)
    assert position.closing_order_id == ClientOrderId("O-2")
    assert position.avg_px_close == 110


@pytest.mark.parametrize(
    ("instrument", "side", "quantity", "opened", "last", "profit", "notional"),
    [
        (SPOT, "BUY", "2.000", "100.00", "110.00", "20.00000000 USDT", "220.00000000 USDT"),
        (SPOT, "SELL", "2.000", "100.00", "110.00", "-20.00000000 USDT", "220.00000000 USDT"),
        (LINEAR, "SELL", "2.000", "100.00", "90.00", "20.00000000 USDT", "180.00000000 USDT"),
        (INVERSE, "BUY", "10000.000", "40000.00", "50000.00", "0.05000000 BTC", "0.20000000 BTC"),
        (INVERSE, "SELL", "10000.000", "40000.00", "50000.00", "-0.05000000 BTC", "0.20000000 BTC"),
        (SPOT, "SELL", "2.000", "100.00", "100.00", "0.00000000 USDT", "200.00000000 USDT"),
    ],
)
def test_unrealized_profit_and_value_follow_the_last_price(
    instrument: Instrument, side: str, quantity: str, opened: str, last: str, profit: str, notional: str
) -> None:
    position = take(make_position(instrument), side, quantity, opened)

    assert str(position.unrealized_pnl(px(last))) == profit
    assert position.total_pnl(px(last)) == position.realized_pnl + position.unrealized_pnl(px(last))
    assert str(position.notional_value(px(last))) == notional


def test_realized_profit_is_net_of_commissions_in_the_settlement_currency() -> None:
    position = take(make_position(), "BUY", "1.000", "100.00", commission="0.10")
    take(position, "SELL", "0.500", "110.00", "O-2", commission=Money(Decimal("0.25"), BNB))

    assert str(position.realized_pnl) == "4.90000000 USDT"
    assert position.commissions() == [Money(Decimal("0.1"), USDT), Money(Decimal("0.25"), BNB)]
    assert str(position.total_pnl(px("120.00"))) == "14.90000000 USDT"


def test_profit_of_all_cycles_outlives_the_cycle() -> None:
    position = take(take(make_position(), "BUY", "1.000", "100.00"), "SELL", "3.000", "110.00", "O-2")

    assert position.side is PositionSide.SHORT  # it flipped: a second cycle
    assert position.cycle_count == 1
    assert (str(position.realized_pnl), str(position.total_realized_pnl)) == ("0.00000000 USDT", "10.00000000 USDT")
    assert position.entry is OrderSide.SELL


def test_a_quanto_counts_profit_in_its_settlement_currency() -> None:
    position = make_position(make_perpetual("BTCUSDT-QUANTO.SIM", settlement=BNB))

    assert (position.quote_currency, position.settlement_currency) == (USDT, BNB)
    assert position.realized_pnl.currency == BNB
    assert make_position(INVERSE).settlement_currency == BTC


# -- copies ------------------------------------------------------------------------------------------------------------


def state(position: Position) -> dict[str, Any]:
    """Return everything that a position holds, apart from what it shares by being frozen."""
    held = {name: getattr(position, name) for name in Position.__slots__}
    return {**held, "fills": list(position.fills), "commissions": dict(position.paid)}


def test_a_copy_has_everything_and_is_independent() -> None:
    position = take(make_position(), "BUY", "1.000", "100.00", commission="0.10")
    twin = position.copy()
    assert state(twin) == state(position)
    before = copy.copy(state(position))

    take(twin, "SELL", "2.000", "110.00", "O-2", commission="0.20")

    assert state(position) == before
    assert twin.side is PositionSide.SHORT
    twin_before = copy.copy(state(twin))
    take(position, "SELL", "0.500", "120.00", "O-3", commission="0.30")
    assert state(twin) == twin_before


def test_a_position_has_no_room_for_a_misspelt_name() -> None:
    with pytest.raises(AttributeError):
        make_position().signed_quantity = Decimal(1)  # type: ignore[attr-defined]  # that it cannot is the test


# -- the ecosystem's names ---------------------------------------------------------------------------------------------


def test_a_position_tells_what_it_is_in_and_how_it_came_about() -> None:
    position = take(make_position(LINEAR), "BUY", "2", "100.00", name="O-2", trade="T-1", ts=50)
    take(position, "BUY", "1", "130.00", name="O-1", trade="T-2", ts=70)

    assert (position.symbol, position.venue) == (LINEAR.symbol, LINEAR.venue)
    assert (position.base_currency, position.is_inverse, str(position.multiplier)) == (BTC, False, "1")
    assert (position.price_precision, position.size_precision) == (2, 3)
    assert position.client_order_ids == [ClientOrderId("O-1"), ClientOrderId("O-2")]
    assert [str(one) for one in position.venue_order_ids] == ["V-O-1", "V-O-2"]
    assert (position.event_count, position.last_trade_id) == (2, TradeId("T-2"))
    assert position.last_event is position.events[-1] is position.fills[-1]
    assert (position.ts_init, position.duration_ns) == (50, 0)
    assert position.closing_order_side() is OrderSide.SELL
    assert position.info() == "LONG 3.000 BTCUSDT-PERP.SIM"

    take(position, "SELL", "3", "121.00", ts=90)
    assert position.duration_ns == 40
    assert position.realized_return == Decimal("0.1")
    assert position.closing_order_side() is OrderSide.NO_ORDER_SIDE
    assert position.info() == "FLAT BTCUSDT-PERP.SIM"


def test_a_position_without_fills_has_no_history() -> None:
    position = make_position()

    assert (position.last_event, position.last_trade_id, position.events, position.event_count) == (None, None, [], 0)
    assert (position.ts_init, position.duration_ns) == (0, 0)
    assert position.realized_return == 0


def test_the_return_of_a_short_position_is_positive_when_the_price_fell() -> None:
    position = take(take(make_position(LINEAR), "SELL", "1", "100.00"), "BUY", "1", "75.00")

    assert position.realized_return == Decimal("0.25")


def test_profit_between_two_prices_is_for_the_side_of_entry() -> None:
    long = take(make_position(LINEAR), "BUY", "1", "100.00")
    short = take(make_position(INVERSE), "SELL", "100", "50.00")

    assert long.calculate_pnl(100, 110.5, long.quantity) == Money(Decimal("10.5"), USDT)
    assert short.calculate_pnl(Decimal(50), Decimal(40), short.quantity) == Money(Decimal("0.5"), BTC)


def test_sides_of_orders_and_positions_go_together() -> None:
    sides = [Position.side_from_order_side(side) for side in OrderSide]

    assert sides == [PositionSide.FLAT, PositionSide.LONG, PositionSide.SHORT]
