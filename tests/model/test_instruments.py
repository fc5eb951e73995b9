"""Instruments: their rules, and the arithmetic that follows from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.enums import AssetClass
from nautilus_live.model.instruments import (
    INSTRUMENT_KINDS,
    CryptoPerpetual,
    CurrencyPair,
    Instrument,
    InstrumentAny,
)
from nautilus_live.model.objects import Currency, Money, Price, Quantity
from tests.core.conftest import BNB, BTC, INVERSE, LINEAR, SPOT, USDT, make_instrument, make_perpetual, px, qty

TEN = Money(Decimal(10), USDT)
QUANTO = make_perpetual("BTCUSDT-QUANTO.SIM", settlement=BNB)


# -- validation --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_instrument, make_perpetual])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"price_increment": Price.zero(2)}, "price_increment must be positive at precision 2, was 0.00"),
        ({"price_increment": Price.from_str("-0.01")}, "price_increment must be positive at precision 2, was -0.01"),
        ({"price_increment": Price.from_str("0.1")}, "price_increment must be positive at precision 2, was 0.1"),
        ({"price_precision": 3}, "price_increment must be positive at precision 3, was 0.01"),
        ({"size_increment": Quantity.zero(3)}, "size_increment must be positive at precision 3, was 0.000"),
        ({"size_precision": 0}, "size_increment must be positive at precision 0, was 0.001"),
        (
            {"min_quantity": qty("2"), "max_quantity": qty("1")},
            "max_quantity 1.000 must not be below min_quantity 2.000",
        ),
        ({"min_price": px("2"), "max_price": px("1")}, "max_price 1.00 must not be below min_price 2.00"),
        ({"multiplier": Quantity.zero()}, "multiplier must be positive, was 0"),
        (
            {"min_notional": Money(Decimal(2), USDT), "max_notional": Money(Decimal(1), USDT)},
            "max_notional 1.00000000 USDT must not be below min_notional 2.00000000 USDT",
        ),
    ],
)
def test_contradictory_rules_are_refused(make: Any, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make("X.SIM", **fields)

    assert str(caught.value) == f"X.SIM: {message}"


def test_limits_may_be_one_sided_or_equal() -> None:
    made = make_instrument(min_quantity=qty("1"), max_quantity=qty("1"), min_price=px("-5"), max_notional=TEN)

    assert made.max_quantity == made.min_quantity
    assert (made.max_price, made.min_notional) == (None, None)


def test_the_defaults_are_no_limits_no_fees_and_a_multiplier_of_one() -> None:
    limits = ("lot_size", "max_quantity", "min_quantity", "max_notional", "min_notional", "max_price", "min_price")

    assert [getattr(SPOT, name) for name in limits] == [None] * len(limits)
    assert str(SPOT.multiplier) == "1"
    assert (SPOT.ts_event, SPOT.ts_init) == (0, 0)
    assert SPOT.maker_fee == SPOT.taker_fee == SPOT.margin_init == SPOT.margin_maint == 0


# -- what kind it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "settlement", "cost", "spot", "inverse"),
    [
        (SPOT, USDT, USDT, True, False),
        (LINEAR, USDT, USDT, False, False),
        (INVERSE, BTC, BTC, False, True),
        (QUANTO, BNB, BNB, False, False),
    ],
)
def test_each_kind_settles_in_its_currency(
    instrument: Instrument, settlement: Currency, cost: Currency, spot: bool, inverse: bool
) -> None:
    assert instrument.settlement_currency == instrument.get_settlement_currency() == settlement
    assert instrument.get_cost_currency() == cost
    assert instrument.get_base_currency() == instrument.base_currency == BTC
    assert (instrument.is_spot, instrument.is_inverse) == (spot, inverse)
    assert (instrument.symbol, instrument.venue) == (instrument.id.symbol, instrument.id.venue)


def test_a_quanto_settles_in_a_third_currency() -> None:
    assert QUANTO.is_quanto
    for other in (LINEAR, INVERSE, make_perpetual(settlement=USDT), make_perpetual(settlement=BTC, inverse=True)):
        assert not other.is_quanto


def test_the_asset_classes_are_the_ecosystems() -> None:
    assert SPOT.asset_class is AssetClass.CRYPTOCURRENCY
    assert LINEAR.asset_class is AssetClass.CRYPTOCURRENCY


# -- ticks and lots ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1.00"), (0.125, "0.12"), ("0.135", "0.14"), (Decimal("-1.5"), "-1.50"), (Price.from_str("7.123"), "7.12")],
)
def test_a_price_is_made_at_the_instruments_precision(value: Any, text: str) -> None:
    made = SPOT.make_price(value)

    assert type(made) is Price
    assert str(made) == text


@pytest.mark.parametrize(
    ("value", "down", "text"),
    [
        (1, False, "1.000"),
        (1.0005, False, "1.000"),
        ("1.0015", False, "1.002"),
        (Decimal("1.0019"), True, "1.001"),
        (Quantity.from_str("2.9999"), True, "2.999"),
        (0, False, "0.000"),
        (0, True, "0.000"),
    ],
)
def test_a_quantity_is_made_at_the_instruments_precision(value: Any, down: bool, text: str) -> None:
    made = SPOT.make_qty(value, round_down=down)

    assert type(made) is Quantity
    assert str(made) == text


@pytest.mark.parametrize(("value", "down"), [("0.0004", False), ("0.0005", False), ("0.0009", True)])
def test_a_quantity_must_not_vanish_in_rounding(value: str, down: bool) -> None:
    with pytest.raises(ValueError) as caught:
        SPOT.make_qty(value, round_down=down)

    assert str(caught.value) == f"BTCUSDT.SIM: {value} rounds to zero at size precision 3"


def test_a_quantity_is_rounded_half_even_unless_told_otherwise() -> None:
    assert str(SPOT.make_qty("1.0019")) == "1.002"


@pytest.mark.parametrize("value", [float("nan"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_what_is_no_finite_number_makes_nothing(value: Any) -> None:
    for make in (SPOT.make_qty, lambda number: SPOT.make_qty(number, round_down=True)):
        with pytest.raises(ValueError, match=r"^Quantity must be a finite number, was"):
            make(value)
    with pytest.raises(ValueError, match=r"^Price must be a finite number, was"):
        SPOT.make_price(value)


def test_a_quantity_rounded_down_has_at_most_28_digits_too() -> None:
    with pytest.raises(ValueError, match="Quantity must have at most 28 digits, was 1E\\+30 at 3 places"):
        SPOT.make_qty(Decimal("1E+30"), round_down=True)


def test_a_negative_quantity_makes_nothing() -> None:
    with pytest.raises(ValueError, match="Quantity must be a number >= 0"):
        SPOT.make_qty(-1)


def test_ticks_and_lots_may_be_wider_than_a_unit() -> None:
    futures = make_perpetual(price_increment=Price.from_str("0.50"), size_increment=Quantity.from_str("0.005"))

    assert [futures.is_on_tick(px(text)) for text in ("100.00", "100.50", "-0.50", "100.25", "0.01")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [futures.is_on_lot(qty(text)) for text in ("0", "0.005", "1.000", "0.001")] == [True, True, True, False]


@given(ticks=st.integers(-(10**9), 10**9), lots=st.integers(0, 10**9))
def test_whole_numbers_of_increments_are_on_tick_and_on_lot(ticks: int, lots: int) -> None:
    odd = make_perpetual(price_increment=Price.from_str("0.25"), size_increment=Quantity.from_str("0.003"))

    assert odd.is_on_tick(Price(ticks * odd.price_increment.value, 2))
    assert odd.is_on_lot(Quantity(lots * odd.size_increment.value, 3))


# -- value and profit --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "quantity", "price", "value"),
    [
        (SPOT, "0.500", "50000.00", "25000.00000000 USDT"),
        (LINEAR, "0.001", "50000.10", "50.00010000 USDT"),
        (make_perpetual(multiplier=Quantity.from_int(10)), "2.000", "100.00", "2000.00000000 USDT"),
        (INVERSE, "1000.000", "50000.00", "0.02000000 BTC"),
        (make_perpetual(inverse=True, multiplier=Quantity.from_int(100)), "5.000", "50000.00", "0.01000000 BTC"),
        (SPOT, "0", "50000.00", "0.00000000 USDT"),
    ],
)
def test_the_notional_value_is_in_the_cost_currency(
    instrument: Instrument, quantity: str, price: str, value: str
) -> None:
    made = instrument.notional_value(qty(quantity), px(price))

    assert str(made) == value
    assert made == instrument.calculate_notional_value(qty(quantity), px(price))
    assert made.currency == instrument.get_cost_currency()


@pytest.mark.parametrize(
    ("instrument", "quantity", "opened", "closed", "profit"),
    [
        (SPOT, "2", "100", "110", "20"),
        (SPOT, "-2", "100", "110", "-20"),
        (LINEAR, "2", "100", "90", "-20"),
        (make_perpetual(multiplier=Quantity.from_int(10)), "-2", "100", "90", "200"),
        (INVERSE, "10000", "50000", "40000", "-0.05"),
        (INVERSE, "10000", "40000", "50000", "0.05"),
        (INVERSE, "-10000", "40000", "50000", "-0.05"),
        (make_perpetual(inverse=True, multiplier=Quantity.from_int(100)), "100", "40000", "50000", "0.05"),
        (SPOT, "1", "100", "100", "0"),
    ],
)
def test_profit_follows_quantity_and_price(
    instrument: Instrument, quantity: str, opened: str, closed: str, profit: str
) -> None:
    assert instrument.pnl(Decimal(quantity), Decimal(opened), Decimal(closed)) == Decimal(profit)


@given(
    quantity=st.integers(1, 10**6),
    prices=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
    inverse=st.booleans(),
)
def test_a_long_and_a_short_make_opposite_profits(quantity: int, prices: tuple[int, int], inverse: bool) -> None:
    instrument = INVERSE if inverse else LINEAR
    opened, closed = map(Decimal, prices)
    profit = instrument.pnl(Decimal(quantity), opened, closed)

    assert instrument.pnl(Decimal(-quantity), opened, closed) == -profit
    assert (profit > 0, profit < 0) == (closed > opened, closed < opened)


# -- as a value --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instrument", [SPOT, LINEAR, INVERSE, QUANTO], ids=str)
def test_an_instrument_survives_encoding_and_hashing(instrument: Instrument) -> None:
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(instrument), type=InstrumentAny)

    assert type(read) is type(instrument)
    assert read == instrument
    assert hash(read) == hash(instrument)
    assert msgspec.structs.replace(instrument, taker_fee=Decimal("0.001")) != instrument


def test_what_is_read_is_checked_again() -> None:
    fields = msgspec.to_builtins(SPOT)
    fields[1 + CurrencyPair.__struct_fields__.index("price_increment")] = ["0.00", 2]  # behind the class's name

    with pytest.raises(msgspec.ValidationError, match="price_increment must be positive"):
        msgspec.convert(fields, CurrencyPair)


def test_every_kind_is_in_the_union() -> None:
    assert InstrumentAny.__args__ == INSTRUMENT_KINDS
    assert {CurrencyPair, CryptoPerpetual} < set(INSTRUMENT_KINDS)


@pytest.mark.parametrize(
    ("value", "price"),
    [
        (3017.395, "3017.39"),  # a hair below the tie
        (2985.085, "2985.09"),  # a hair above it
        (1.115, "1.11"),
        (0.125, "0.12"),  # on it: to the even neighbour
        ("3017.395", "3017.40"),  # texts and decimals say exactly what they mean
        (Decimal("2985.085"), "2985.08"),
    ],
)
def test_a_float_is_rounded_by_its_bits_and_anything_else_by_its_digits(value: Any, price: str) -> None:
    instrument = make_instrument(size_precision=2, size_increment=Quantity.from_str("0.01"), min_quantity=None)

    assert str(instrument.make_price(value)) == price
    assert str(instrument.make_qty(value)) == price
