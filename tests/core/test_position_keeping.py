"""Positions: cycles, averages, profit and commissions, against a plain average-cost reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.position_keeping import (
    PositionChange,
    apply,
    netting_position_id,
    parts,
    position_event,
    take,
)
from nautilus_live.model.enums import OrderSide, PositionSide
from nautilus_live.model.events import OrderFilled, PositionChanged, PositionClosed, PositionOpened
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Quantity
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
    money,
    px,
    qty,
)

D = Decimal
NOTHING = D(0)
OPENED, CHANGED, CLOSED = PositionChange.OPENED, PositionChange.CHANGED, PositionChange.CLOSED


def new_position(instrument: Instrument = LINEAR) -> Position:
    return Position(instrument, PositionId("P"), STRATEGY, TRADER, ACCOUNT)


def trade(signed: str, price: str = "100.00", ts: int = 10, order: str = "O-1", **fields: object) -> OrderFilled:
    """Return a fill: positive buys, negative sells."""
    number = D(signed)
    made = make_order(order, "BUY" if number > 0 else "SELL", "1000.000")
    return make_fill(made, abs(number), price, ts=ts, **fields)  # type: ignore[arg-type]  # texts and moneys


def play(position: Position, *fills: OrderFilled) -> list[PositionChange]:
    return [change for fill in fills for _, change in take(position, fill)]


# -- a plain reference -----------------------------------------------------------------------------------------------


@dataclass
class Reference:
    """Average cost, written down as plainly as it goes; every amount as told by the fills, over all cycles."""

    inverse: bool = False
    signed: Decimal = NOTHING
    average: Decimal = NOTHING
    profit: Decimal = NOTHING
    paid: dict[Currency, Decimal] = field(default_factory=dict)
    peak: Decimal = NOTHING

    def take(self, fill: OrderFilled) -> None:
        for _ in range(int(fill.last_qty.value * 1000)):
            self._take_one(D("0.001") * fill.order_side.sign, fill.last_px.value)
        if fill.commission is not None:
            self.paid[fill.commission.currency] = self.paid.get(fill.commission.currency, D(0)) + fill.commission.value

    def _take_one(self, one: Decimal, price: Decimal) -> None:
        """Take the smallest lot, which cannot cross zero."""
        if self.signed * one >= 0:
            if not self.signed:
                self.peak = D(0)
            size = abs(self.signed)
            if self.inverse and size:
                self.average = (size + abs(one)) / (size / self.average + abs(one) / price)
            else:
                self.average = (size * self.average + abs(one) * price) / (size + abs(one))
        elif self.inverse:
            self.profit += -one * (1 / self.average - 1 / price)
        else:
            self.profit += -one * (price - self.average)
        self.signed += one
        self.peak = max(self.peak, abs(self.signed))


def close_to(first: Decimal, second: Decimal, within: str = "1e-18") -> bool:
    return abs(first - second) <= D(within)


# -- cycles ----------------------------------------------------------------------------------------------------------


def test_a_long_position_opens_grows_shrinks_and_closes() -> None:
    position = new_position()
    assert (position.side, position.is_open, position.is_closed) == (PositionSide.FLAT, False, False)
    assert play(position, trade("1", "100.00", 10, "O-1")) == [OPENED]
    assert (position.side, position.entry, position.ts_opened) == (PositionSide.LONG, OrderSide.BUY, 10)
    assert play(position, trade("3", "120.00", 20, "O-2")) == [CHANGED]
    assert (position.signed_qty, position.avg_px_open, position.peak_qty) == (4, 115, 4)
    assert play(position, trade("-1", "125.00", 30, "O-3")) == [CHANGED]
    assert (position.avg_px_open, position.avg_px_close, position.realized, position.closed_qty) == (115, 125, 10, 1)
    assert play(position, trade("-3", "105.00", 40, "O-4")) == [CLOSED]
    assert (position.side, position.is_open, position.is_closed) == (PositionSide.FLAT, False, True)
    assert (position.avg_px_close, position.realized, position.closed_qty) == (110, -20, 4)
    assert (position.peak_qty, position.ts_closed, position.ts_last) == (4, 40, 40)
    assert (position.opening_order_id, position.closing_order_id) == (ClientOrderId("O-1"), ClientOrderId("O-4"))
    assert len(position.fills) == 4
    assert position.realized_pnl == money("-20")


def test_a_short_position_earns_when_the_price_falls() -> None:
    position = new_position()
    play(position, trade("-2", "100.00"))
    assert (position.side, position.entry, position.signed_qty) == (PositionSide.SHORT, OrderSide.SELL, -2)
    assert position.unrealized_pnl(px("90.00")) == money("20")
    play(position, trade("0.5", "90.00"))
    assert (position.realized, position.signed_qty, position.peak_qty) == (5, D("-1.5"), 2)
    play(position, trade("1.5", "110.00"))
    assert position.realized == -10


def test_an_inverse_position_is_counted_in_the_base_currency() -> None:
    position = new_position(INVERSE)
    play(position, trade("1000", "50000.00"), trade("-1000", "40000.00"))
    assert position.realized == 1000 * (D(1) / 50000 - D(1) / 40000) == D("-0.005")
    assert position.realized_pnl == money("-0.005", BTC)


def test_the_multiplier_counts() -> None:
    position = new_position(make_perpetual(multiplier=Quantity.from_str("10")))
    play(position, trade("2", "100.00"), trade("-1", "101.00"))
    assert position.realized == 10
    assert position.unrealized_pnl(px("103.00")) == money("30")


def test_a_position_that_opens_again_starts_a_new_cycle() -> None:
    position = new_position()
    play(position, trade("1", "100.00", 10, "O-1", commission="0.25"), trade("-1", "110.00", 20, "O-2"))
    assert (position.cycle_count, position.realized, position.realized_before) == (0, D("9.75"), 0)
    assert play(position, trade("-2", "200.00", 30, "O-3")) == [OPENED]
    assert (position.cycle_count, position.realized, position.realized_before) == (1, 0, D("9.75"))
    assert (position.avg_px_open, position.avg_px_close, position.closed_qty) == (200, 0, 0)
    assert (position.peak_qty, position.entry, position.ts_opened, position.ts_closed) == (2, OrderSide.SELL, 30, 0)
    assert (position.opening_order_id, position.closing_order_id) == (ClientOrderId("O-3"), None)
    assert len(position.fills) == 1
    play(position, trade("2", "150.00", 40, "O-4"))
    assert position.total_realized_pnl == money("109.75")
    assert position.paid == {USDT: D("0.25")}
    play(position, trade("1", "150.00", 50, "O-5"))
    assert (position.cycle_count, position.realized_before) == (2, D("109.75"))


def test_a_position_opened_at_time_zero_was_opened() -> None:
    position = new_position()
    play(position, trade("1", ts=0), trade("-1", ts=0))
    assert (position.ts_opened, position.is_closed) == (1, True)


def test_an_older_fill_does_not_turn_the_clock_back() -> None:
    position = new_position()
    play(position, trade("1", ts=20), trade("1", ts=10))
    assert position.ts_last == 20


# -- flips -----------------------------------------------------------------------------------------------------------


def test_a_fill_that_crosses_zero_closes_and_opens() -> None:
    position = new_position()
    play(position, trade("1", "100.00", 10, "O-1"))
    fill = trade("-3", "110.00", 20, "O-2", trade="T-9")
    steps = [(piece.last_qty, change, position.signed_qty) for piece, change in take(position, fill)]
    assert steps == [(qty("1"), CLOSED, 0), (qty("2"), OPENED, -2)]
    assert (position.avg_px_open, position.realized, position.realized_before) == (110, 0, 10)
    assert (position.entry, position.cycle_count, position.peak_qty) == (OrderSide.SELL, 1, 2)
    assert [piece.last_qty for piece in position.fills] == [qty("2")]


@pytest.mark.parametrize(
    ("held", "signed", "wanted"),
    [
        ("", "2", ["2"]),
        ("1", "2", ["2"]),
        ("-1", "-2", ["2"]),
        ("2", "-1", ["1"]),
        ("2", "-2", ["2"]),
        ("2", "-3", ["2", "1"]),
        ("-2", "3", ["2", "1"]),
    ],
)
def test_only_a_fill_that_crosses_zero_is_split(held: str, signed: str, wanted: list[str]) -> None:
    position = new_position()
    if held:
        play(position, trade(held))
    fill = trade(signed)
    pieces = parts(position, fill)
    assert [piece.last_qty for piece in pieces] == [qty(quantity) for quantity in wanted]
    if len(wanted) == 1:
        assert pieces[0] is fill
    assert {piece.trade_id for piece in pieces} == {fill.trade_id}


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(-999, 999))
def test_the_parts_of_a_split_fill_pay_its_commission_to_the_last_digit(held: int, more: int, paid: int) -> None:
    position = new_position()
    play(position, trade(str(D(held) / 1000)))
    commission = money(D(paid) / 10**8)
    closing, opening = parts(position, trade(str(-D(held + more) / 1000), commission=commission))
    assert closing.commission is not None
    assert opening.commission is not None
    assert closing.commission + opening.commission == commission
    assert closing.last_qty + opening.last_qty == D(held + more) / 1000
    assert abs(closing.commission.value - commission.value * held / (held + more)) <= D("5e-9")


def test_a_split_fill_without_commission_stays_without() -> None:
    position = new_position()
    play(position, trade("1"))
    assert [piece.commission for piece in parts(position, trade("-3"))] == [None, None]


# -- commissions -----------------------------------------------------------------------------------------------------


def test_commissions_in_the_settlement_currency_lower_the_profit_others_are_kept_by_currency() -> None:
    position = new_position()
    play(
        position,
        trade("1", "100.00", commission=money("0.10")),
        trade("1", "100.00", commission=money("0.002", BNB)),
        trade("-2", "101.00", commission=money("-0.05")),
        trade("-1", "101.00", commission=money("0")),
    )
    assert position.total_realized_pnl == money("1.95")
    assert position.paid == {USDT: D("0.05"), BNB: D("0.002")}
    assert position.commissions() == [money("0.05"), money("0.002", BNB)]


# -- what is told ----------------------------------------------------------------------------------------------------


def told(position: Position, fill: OrderFilled) -> list[PositionOpened | PositionChanged | PositionClosed]:
    return [position_event(position, piece, change, "E-1", 99) for piece, change in take(position, fill)]


def test_the_events_show_the_position_as_each_part_left_it() -> None:
    position = new_position()
    (opened,) = told(position, trade("2", "100.00", 10, "O-1"))
    (changed,) = told(position, trade("-0.5", "110.00", 20, "O-2", commission="1.00"))
    closed, reopened = told(position, trade("-2.5", "90.00", 35, "O-3"))
    assert [type(event) for event in (opened, changed, closed, reopened)] == [
        PositionOpened,
        PositionChanged,
        PositionClosed,
        PositionOpened,
    ]
    common = (opened.event_id, opened.ts_init, opened.trader_id, opened.strategy_id, opened.account_id)
    assert common == ("E-1", 99, TRADER, STRATEGY, ACCOUNT)
    assert (opened.instrument_id, opened.position_id, opened.currency) == (LINEAR.id, PositionId("P"), USDT)
    assert (opened.opening_order_id, opened.entry, opened.side) == (
        ClientOrderId("O-1"),
        OrderSide.BUY,
        PositionSide.LONG,
    )
    assert (opened.signed_qty, opened.quantity, opened.peak_qty) == (2, qty("2"), qty("2"))
    assert (opened.last_qty, opened.last_px, opened.avg_px_open, opened.avg_px_close) == (
        qty("2"),
        px("100"),
        100,
        0,
    )
    assert (opened.ts_event, opened.ts_opened, opened.realized_pnl) == (10, 10, money("0"))
    assert (changed.signed_qty, changed.quantity, changed.peak_qty) == (D("1.5"), qty("1.5"), qty("2"))
    assert (changed.last_qty, changed.last_px, changed.avg_px_close) == (qty("0.5"), px("110"), 110)
    assert (changed.realized_pnl, changed.ts_event, changed.ts_opened) == (money("4"), 20, 10)
    assert isinstance(closed, PositionClosed)
    assert (closed.signed_qty, closed.quantity, closed.side, closed.peak_qty) == (0, 0, PositionSide.FLAT, qty("2"))
    assert (closed.opening_order_id, closed.closing_order_id) == (ClientOrderId("O-1"), ClientOrderId("O-3"))
    assert (closed.entry, closed.last_qty, closed.last_px) == (OrderSide.BUY, qty("1.5"), px("90"))
    assert (closed.avg_px_open, closed.avg_px_close, closed.realized_pnl) == (100, 95, money("-11"))
    assert (closed.ts_event, closed.ts_init, closed.ts_opened, closed.ts_closed) == (35, 99, 10, 35)
    assert closed.duration_ns == 25
    assert (closed.event_id, closed.trader_id, closed.strategy_id, closed.account_id) == (
        "E-1",
        TRADER,
        STRATEGY,
        ACCOUNT,
    )
    assert (closed.instrument_id, closed.position_id, closed.currency) == (LINEAR.id, PositionId("P"), USDT)
    assert (reopened.side, reopened.entry, reopened.signed_qty) == (PositionSide.SHORT, OrderSide.SELL, -1)
    assert (reopened.quantity, reopened.peak_qty, reopened.avg_px_open) == (qty("1"), qty("1"), 90)


def test_a_close_that_is_older_than_the_opening_took_no_time() -> None:
    position = new_position()
    play(position, trade("1", ts=20))
    (closed,) = told(position, trade("-1", ts=15))
    assert isinstance(closed, PositionClosed)
    assert (closed.ts_closed, closed.duration_ns) == (15, 0)


def test_the_netting_id_is_a_function_of_instrument_and_strategy() -> None:
    assert netting_position_id(InstrumentId.from_str("BTCUSDT.SIM"), STRATEGY) == PositionId("BTCUSDT.SIM-S-001")


def test_apply_takes_one_part() -> None:
    position = new_position()
    assert apply(position, trade("1")) is OPENED
    assert apply(position, trade("1")) is CHANGED
    assert apply(position, trade("-2")) is CLOSED


# -- against the reference --------------------------------------------------------------------------------------------

COMMISSIONS = st.sampled_from([None, money("0.13"), money("-0.07"), money("0.00031", BNB), money("0.00001", BTC)])
FILLS = st.lists(
    st.tuples(st.integers(-30, 30).filter(bool), st.integers(9_000, 11_000), COMMISSIONS), min_size=1, max_size=14
)


@pytest.mark.parametrize("instrument", [LINEAR, SPOT, INVERSE], ids=["linear", "spot", "inverse"])
@given(fills=FILLS)
def test_a_position_equals_the_plain_reference(instrument: Instrument, fills: list[tuple[int, int, object]]) -> None:
    position, reference = new_position(instrument), Reference(instrument.is_inverse)
    for index, (quantity, price, commission) in enumerate(fills):
        fill = trade(str(D(quantity) / 1000), str(D(price) / 100), index + 1, commission=commission)
        play(position, fill)
        reference.take(fill)
        assert position.signed_qty == reference.signed
        if reference.signed:
            assert close_to(position.avg_px_open, reference.average)
        assert position.peak_qty == reference.peak
        settled = reference.paid.get(instrument.settlement_currency, D(0))
        assert close_to(position.realized + position.realized_before, reference.profit - settled)
        assert {name: paid for name, paid in position.paid.items() if paid} == {
            name: paid for name, paid in reference.paid.items() if paid
        }
    assert position.signed_qty == sum(D(quantity) for quantity, _, _ in fills) / 1000


@given(fills=FILLS, last=st.integers(9_000, 11_000))
def test_realised_plus_unrealised_is_what_the_cash_flows_give(fills: list[tuple[int, int, object]], last: int) -> None:
    position = new_position()
    cash = D(0)
    for index, (quantity, price, commission) in enumerate(fills):
        fill = trade(str(D(quantity) / 1000), str(D(price) / 100), index + 1, commission=commission)
        play(position, fill)
        cash -= D(quantity) / 1000 * D(price) / 100
        if fill.commission is not None and fill.commission.currency == USDT:
            cash -= fill.commission.value
    at = D(last) / 100
    open_profit = LINEAR.pnl(position.signed_qty, position.avg_px_open, at) if position.signed_qty else D(0)
    worth = cash + position.signed_qty * at
    assert close_to(position.realized + position.realized_before + open_profit, worth, "1e-20")


def test_a_flip_keeps_every_unit_although_the_venue_leaves_out_final_zeros() -> None:
    position = new_position()
    for fill in (trade("-0.315"), trade("1.49", last_qty=Quantity.from_str("1.49"))):
        for _ in take(position, fill):
            pass
    assert position.signed_qty == D("1.175")
    assert [str(fill.last_qty) for fill in position.fills] == ["1.175"]
