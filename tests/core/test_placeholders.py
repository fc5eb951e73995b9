"""Placeholders give way to real trades, first come first served, and keep what they were worth."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.placeholders import replace_with
from nautilus_live.model.events import OrderFilled
from tests.core.conftest import make_fill, make_order, make_placeholder, money, px, qty

D = Decimal
ORDER = make_order(quantity="10.000")


def held(quantity: str, price: str = "100.00", **fields: str) -> OrderFilled:
    return make_placeholder(ORDER, quantity, price, **fields)


def test_without_placeholders_nothing_is_replaced() -> None:
    assert replace_with([], make_fill(ORDER, "1.000")) == ([], 0)


def test_an_equal_trade_leaves_nothing() -> None:
    assert replace_with([held("1.000")], make_fill(ORDER, "1.000", "90.00")) == ([None], 1)


def test_a_larger_trade_replaces_what_there_is() -> None:
    assert replace_with([held("1.000"), held("2.000")], make_fill(ORDER, "5.000")) == ([None, None], 3)


def test_a_placeholder_that_no_quantity_reaches_stays_itself() -> None:
    first, second = held("1.000"), held("2.000")
    left, replaced = replace_with([first, second], make_fill(ORDER, "1.000"))
    assert replaced == 1
    assert left[0] is None
    assert left[1] is second


def test_the_rest_keeps_the_value() -> None:
    placeholder = held("1.000", "100.00", trade="P-1", commission="0.40")
    (rest,), replaced = replace_with([placeholder], make_fill(ORDER, "0.250", "106.00"))
    assert replaced == D("0.250")
    assert rest is not None
    assert (rest.last_qty, rest.last_px, rest.commission) == (qty("0.750"), px("98.00"), money("0.30"))
    assert (rest.trade_id, rest.event_id, rest.inferred) == (placeholder.trade_id, placeholder.event_id, True)
    assert (rest.last_qty.precision, rest.last_px.precision) == (3, 2)


def test_the_rest_keeps_its_share_of_the_commission() -> None:
    (rest,), _ = replace_with([held("4.000", commission="0.80")], make_fill(ORDER, "1.000"))
    assert rest is not None
    assert rest.commission == money("0.60")


def test_a_rest_without_commission_has_none() -> None:
    (rest,), _ = replace_with([held("1.000")], make_fill(ORDER, "0.250"))
    assert rest is not None
    assert rest.commission is None


def test_a_rest_whose_price_would_be_zero_or_less_keeps_its_old_price() -> None:
    for real_px in ("200.00", "300.00"):
        (rest,), _ = replace_with([held("1.000", "100.00")], make_fill(ORDER, "0.500", real_px))
        assert rest is not None
        assert rest.last_px == px("100.00")
    (rest,), _ = replace_with([held("1.000", "100.00")], make_fill(ORDER, "0.500", "199.98"))
    assert rest is not None
    assert rest.last_px == px("0.02")


def test_a_rest_whose_price_would_round_to_zero_keeps_its_old_price() -> None:
    (rest,), _ = replace_with([held("1.000", "0.01")], make_fill(ORDER, "0.500", "0.02"))
    assert rest is not None
    assert rest.last_px == px("0.01")
    (rest,), _ = replace_with([held("3.000", "0.01")], make_fill(ORDER, "1.000", "0.03"))
    assert rest is not None
    assert rest.last_px == px("0.01")
    (rest,), _ = replace_with([held("4.000", "0.01")], make_fill(ORDER, "1.000", "0.03"))
    assert rest is not None
    assert rest.last_px.value > 0


@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=5),
    st.integers(1, 12000),
    st.integers(9_000, 11_000),
)
def test_quantity_is_conserved_and_the_value_of_each_rest_is_kept_within_rounding(
    quantities: list[int], real_quantity: int, real_price: int
) -> None:
    placeholders = [held(str(D(quantity) / 1000)) for quantity in quantities]
    real = make_fill(ORDER, D(real_quantity) / 1000, D(real_price) / 100)
    left, replaced = replace_with(placeholders, real)
    assert replaced == D(min(real_quantity, sum(quantities))) / 1000
    rest = sum((one.last_qty.value for one in left if one is not None), D(0))
    assert rest + replaced == D(sum(quantities)) / 1000
    for placeholder, one in zip(placeholders, left, strict=True):
        if one is None or one is placeholder:
            continue
        eaten = placeholder.last_qty.value - one.last_qty.value
        value = eaten * real.last_px.value + one.last_qty.value * one.last_px.value
        kept = placeholder.last_qty.value * placeholder.last_px.value
        assert one.last_px == px("100.00") or abs(value - kept) <= one.last_qty.value * D("0.005")
