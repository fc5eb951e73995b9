"""Fills: what they add up to, which are refused, and how real trades take the place of placeholders."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from nautilus_live.core import order_lifecycle
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, Provenance
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.identifiers import PositionId, TradeId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order, order_from
from tests.core.conftest import (
    BNB,
    USDT,
    apply,
    make_event,
    make_fill,
    make_init,
    make_order,
    make_placeholder,
    money,
    order_in,
    px,
    qty,
    snapshot,
)

D = Decimal


def assert_refused(order: Order, event: OrderEvent, because: str, *, allow_overfills: bool = False) -> None:
    before = snapshot(order)
    with pytest.raises(IllegalTransition) as caught:
        order_lifecycle.apply(order, event, allow_overfills=allow_overfills)
    assert snapshot(order) == before
    assert str(caught.value) == f"O-1: cannot apply OrderFilled in {order.status}: {because}"


# -- what fills add up to --------------------------------------------------------------------------------------------


def test_before_any_fill_there_is_no_average() -> None:
    order = order_in("ACCEPTED")
    assert (order.average, order.filled_notional, order.filled_qty, order.leaves_qty) == (None, 0, 0, 1)
    assert order.paid is None
    assert order.last_trade_id is None
    assert order.liquidity_side is LiquiditySide.NO_LIQUIDITY_SIDE


def test_one_fill_says_what_it_was_worth() -> None:
    order = apply(make_order(), make_fill(make_order(), "1.000", "50000.01", "T-1"))
    assert (order.avg_px, order.filled_notional) == (D("50000.01"), D("50000.01"))


def test_fills_add_up_exactly() -> None:
    order = order_in("ACCEPTED", quantity="0.900")
    apply(order, make_fill(order, "0.300", "50000.01", "T-1"))
    assert (order.status, order.filled_qty, order.leaves_qty) == (
        OrderStatus.PARTIALLY_FILLED,
        qty("0.300"),
        qty("0.600"),
    )
    apply(order, make_fill(order, "0.400", "50000.02", "T-2", liquidity_side=LiquiditySide.MAKER))
    assert order.status is OrderStatus.PARTIALLY_FILLED
    apply(order, make_fill(order, "0.200", "49999.97", "T-3"))
    assert (order.status, order.filled_qty, order.leaves_qty) == (OrderStatus.FILLED, qty("0.900"), 0)
    notional = D("0.300") * D("50000.01") + D("0.400") * D("50000.02") + D("0.200") * D("49999.97")
    assert order.filled_notional == notional
    assert order.avg_px == notional / D("0.900")
    assert order.trade_ids == [TradeId("T-1"), TradeId("T-2"), TradeId("T-3")]
    assert order.last_trade_id == TradeId("T-3")
    assert order.liquidity_side is LiquiditySide.TAKER
    assert order.filled_qty.precision == 3


@pytest.mark.parametrize("asked", [(), (OrderPendingUpdate,), (OrderPendingCancel,)], ids=str)
def test_an_update_to_no_more_than_what_is_filled_completes_the_order(asked: tuple[type[OrderEvent], ...]) -> None:
    order = apply(order_in("PARTIALLY_FILLED"), *asked)
    assert order.filled_qty == qty("0.500")

    apply(order, make_event(OrderUpdated, order, quantity=qty("0.600")))
    assert order.is_open
    apply(order, make_event(OrderUpdated, order, quantity=qty("0.500"), ts_event=77))

    assert (order.status, order.leaves_qty, order.ts_closed) == (OrderStatus.FILLED, 0, 77)


def test_commissions_add_up_by_currency() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_fill(order, "0.100", commission="1.10"))
    apply(order, make_fill(order, "0.100", commission="2.20"))
    apply(order, make_fill(order, "0.100", commission=money("0.001", BNB)))
    apply(order, make_fill(order, "0.100", commission="-0.30"))  # a rebate
    apply(order, make_fill(order, "0.100"))
    apply(order, make_fill(order, "0.100", commission="0"))
    assert order.paid == {USDT: D("3.00"), BNB: D("0.001")}
    assert order.commissions() == [money("3.00"), money("0.001", BNB)]
    assert order.commission(USDT) == money("3.00")


def test_an_order_without_commissions_keeps_no_table_of_them() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_fill(order, "0.100", commission="0"), make_fill(order, "0.100"))
    assert order.paid is None


def test_a_fill_tells_the_position_that_it_belongs_to() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_fill(order, "0.100"))
    assert order.position_id is None
    apply(order, make_fill(order, "0.100", position_id="P-1"))
    apply(order, make_fill(order, "0.100"))
    assert order.position_id == PositionId("P-1")


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "REJECTED"])
def test_a_late_fill_counts_and_the_order_stays_ended_unless_it_is_complete(status: str) -> None:
    order = order_in(status)
    apply(order, make_fill(order, "0.400"))
    assert (order.status, order.filled_qty) == (OrderStatus[status], qty("0.400"))
    assert order.is_closed
    apply(order, make_fill(order, "0.600"))
    assert (order.status, order.filled_qty) == (OrderStatus.FILLED, qty("1.000"))


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 9_999_999)), min_size=1, max_size=12))
def test_the_notional_is_the_exact_sum_whatever_the_fills(fills: list[tuple[int, int]]) -> None:
    total = sum(quantity for quantity, _ in fills)
    order = order_in("ACCEPTED", quantity=str(D(total) / 1000))
    for index, (quantity, price) in enumerate(fills):
        apply(order, make_fill(order, D(quantity) / 1000, D(price) / 100, f"T-{index}"))
    assert order.filled_notional == sum(D(quantity) * D(price) for quantity, price in fills) / 100_000
    assert order.filled_qty == D(total) / 1000
    assert order.status is OrderStatus.FILLED


# -- what is refused -------------------------------------------------------------------------------------------------


def test_a_trade_is_applied_once() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_fill(order, "0.400", trade="T-1"))
    assert_refused(order, make_fill(order, "0.100", trade="T-1"), "trade T-1 is applied already")
    assert_refused(order, make_fill(order, "0.100", trade="T-1"), "trade T-1 is applied already", allow_overfills=True)


def test_a_trade_on_the_other_side_is_refused() -> None:
    order = order_in("ACCEPTED", side="SELL")
    fill = make_fill(order, order_side=OrderSide.BUY)
    assert_refused(order, fill, "its side is BUY, the order's is SELL")


def test_a_trade_of_nothing_is_refused() -> None:
    order = order_in("ACCEPTED")
    assert_refused(order, make_fill(order, "0.000"), "its quantity is zero")


@pytest.mark.parametrize("status", ["DENIED", "EMULATED", "RELEASED"])
def test_an_order_that_never_left_is_not_filled(status: str) -> None:
    order = order_in(status)
    before = snapshot(order)
    with pytest.raises(IllegalTransition, match=f"cannot apply OrderFilled in {status}$"):
        apply(order, make_fill(order, "0.400"))
    assert snapshot(order) == before


def test_an_overfill_changes_nothing_unless_it_is_allowed() -> None:
    """Hole (h): the reference's status is FILLED before its quantity check raises."""
    order = order_in("ACCEPTED", quantity="100")
    apply(order, make_fill(order, "80"))
    assert_refused(order, make_fill(order, "80"), "filled 80.000 + 80.000 would exceed quantity 100.000")
    assert order.overfill_qty == 0
    order_lifecycle.apply(order, make_fill(order, "80"), allow_overfills=True)
    assert (order.status, order.filled_qty, order.overfill_qty, order.leaves_qty) == (OrderStatus.FILLED, 160, 60, 0)
    order_lifecycle.apply(order, make_fill(order, "1"), allow_overfills=True)
    assert (order.filled_qty, order.overfill_qty) == (161, 61)


def test_a_filled_order_takes_no_more() -> None:
    order = order_in("FILLED")
    with pytest.raises(IllegalTransition):
        order_lifecycle.apply(order, make_fill(order, "0.001"))
    assert_refused(order, make_fill(order, "0.001"), "filled 1.000 + 0.001 would exceed quantity 1.000")


# -- placeholders ----------------------------------------------------------------------------------------------------


def inferred(quantity: str = "1.000", price: str = "50000.00", commission: str | None = None) -> Order:
    """Return an order of 1.000 with one placeholder P-1."""
    order = order_in("ACCEPTED")
    return apply(order, make_placeholder(order, quantity, price, "P-1", commission=commission))


def test_an_equal_trade_takes_the_placeholders_place() -> None:
    order = inferred(commission="5.00")
    real = make_fill(order, "1.000", "50010.00", "T-1", commission="4.00", replaces=["P-1"])
    apply(order, real)
    assert (order.status, order.filled_qty) == (OrderStatus.FILLED, qty("1.000"))
    assert order.trade_ids == [TradeId("T-1")]
    assert order.fills[TradeId("T-1")] is real
    assert (order.filled_notional, order.avg_px) == (D("50010"), D("50010"))
    assert order.paid == {USDT: D("4.00")}


def test_a_smaller_trade_leaves_a_rest_that_keeps_the_venues_average() -> None:
    order = inferred(price="50000.00", commission="5.00")
    apply(order, make_fill(order, "0.400", "50030.00", "T-1", commission="1.00", replaces=["P-1"]))
    assert (order.status, order.filled_qty, order.avg_px) == (OrderStatus.FILLED, qty("1.000"), D("50000"))
    rest = order.fills[TradeId("P-1")]
    assert (rest.last_qty, rest.last_px, rest.inferred) == (qty("0.600"), px("49980.00"), True)
    assert rest.commission == money("3.00")
    assert order.paid == {USDT: D("4.00")}
    apply(order, make_fill(order, "0.600", "49980.00", "T-2", commission="1.50", replaces=["P-1"]))
    assert order.trade_ids == [TradeId("T-1"), TradeId("T-2")]
    assert (order.filled_qty, order.avg_px, order.paid) == (qty("1.000"), D("50000"), {USDT: D("2.50")})


def test_a_larger_trade_fills_the_order_further() -> None:
    order = inferred("0.300", "50000.00")
    apply(order, make_fill(order, "0.500", "50010.00", "T-1", replaces=["P-1"]))
    assert (order.status, order.filled_qty, order.avg_px) == (OrderStatus.PARTIALLY_FILLED, qty("0.500"), D("50010"))
    assert order.filled_notional == D("25005")
    assert order.trade_ids == [TradeId("T-1")]


def test_a_larger_trade_completes_the_order_when_it_reaches_the_quantity() -> None:
    order = inferred("0.300")
    apply(order, make_fill(order, "1.000", "50010.00", "T-1", replaces=["P-1"]))
    assert (order.status, order.filled_qty) == (OrderStatus.FILLED, qty("1.000"))


def test_a_trade_eats_several_placeholders_in_the_order_it_names_them() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_placeholder(order, "0.200", "50000.00", "P-1"))
    apply(order, make_placeholder(order, "0.300", "50100.00", "P-2"))
    apply(order, make_placeholder(order, "0.500", "50200.00", "P-3"))
    average = order.avg_px
    apply(order, make_fill(order, "0.400", "50050.00", "T-1", replaces=["P-2", "P-1", "P-3"]))
    assert {str(name): str(fill.last_qty) for name, fill in order.fills.items()} == {
        "P-1": "0.100",
        "P-3": "0.500",
        "T-1": "0.400",
    }
    assert (order.filled_qty, order.status) == (qty("1.000"), OrderStatus.FILLED)
    # P-2 went entirely, so its price gave way to the trade's; the rest of P-1 keeps the value of P-1.
    assert order.fills[TradeId("P-1")].last_px == px("49950.00")
    assert order.avg_px != average
    assert order.filled_notional == sum(fill.last_qty.value * fill.last_px.value for fill in order.fills.values())


def test_replacement_on_an_order_that_had_room_does_not_count_twice() -> None:
    order = inferred("0.400")
    apply(order, make_fill(order, "0.400", trade="T-1", replaces=["P-1"]))
    apply(order, make_fill(order, "0.600", trade="T-2"))
    assert (order.filled_qty, order.status) == (qty("1.000"), OrderStatus.FILLED)


def test_a_trade_too_large_for_placeholders_and_room_is_an_overfill() -> None:
    order = inferred("0.900")
    fill = make_fill(order, "1.100", trade="T-1", replaces=["P-1"])
    assert_refused(order, fill, "filled 0.900 + 0.200 would exceed quantity 1.000")
    order_lifecycle.apply(order, fill, allow_overfills=True)
    assert (order.filled_qty, order.overfill_qty) == (qty("1.100"), D("0.100"))


def test_only_placeholders_of_the_order_are_replaced_and_each_once() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_fill(order, "0.400", trade="T-1"), make_placeholder(order, "0.100", trade="P-1"))
    because = "is not a placeholder of the order"
    assert_refused(order, make_fill(order, "0.400", trade="T-2", replaces=["T-1"]), f"T-1 {because}")
    assert_refused(order, make_fill(order, "0.400", trade="T-2", replaces=["P-9"]), f"P-9 {because}")
    assert_refused(order, make_fill(order, "0.400", trade="T-2", replaces=["P-1", "P-9"]), f"P-9 {because}")
    twice = make_fill(order, "0.200", trade="T-2", replaces=["P-1", "P-1"])
    assert_refused(order, twice, "it names a placeholder twice")


def test_a_placeholder_of_a_canceled_order_is_replaced_without_opening_it() -> None:
    order = inferred("0.400")
    apply(order, OrderCanceled)
    apply(order, make_fill(order, "0.400", "50010.00", "T-1", replaces=["P-1"]))
    assert (order.status, order.filled_qty, order.avg_px) == (OrderStatus.CANCELED, qty("0.400"), D("50010"))


def test_a_placeholder_says_by_its_provenance_what_it_is() -> None:
    order = inferred()
    assert order.fills[TradeId("P-1")].provenance is Provenance.INFERRED
    assert order.fills[TradeId("P-1")].inferred


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=4),
    st.lists(st.integers(1, 400), min_size=1, max_size=6),
    st.integers(4_000_000, 6_000_000),
)
def test_whatever_is_replaced_the_totals_are_those_of_the_fills_that_count(
    inferred_quantities: list[int], real_quantities: list[int], price: int
) -> None:
    order = order_in("ACCEPTED", quantity="10.000")
    for index, quantity in enumerate(inferred_quantities):
        apply(order, make_placeholder(order, D(quantity) / 1000, D(price) / 100, f"P-{index}", commission="0.50"))
    filled = sum(inferred_quantities)
    for index, quantity in enumerate(real_quantities):
        names = [str(name) for name, fill in order.fills.items() if fill.inferred]
        held = sum(int(fill.last_qty.value * 1000) for fill in order.fills.values() if fill.inferred)
        apply(order, make_fill(order, D(quantity) / 1000, D(price + index) / 100, f"T-{index}", replaces=names))
        filled += quantity - min(quantity, held)
        counted = list(order.fills.values())
        assert order.filled_qty == D(filled) / 1000 == sum(fill.last_qty.value for fill in counted)
        assert order.filled_notional == sum(fill.last_qty.value * fill.last_px.value for fill in counted)
        paid = sum(fill.commission.value for fill in counted if fill.commission is not None)
        assert (order.paid or {})[USDT] == paid


def test_an_order_for_a_whole_number_is_filled_by_parts_of_one() -> None:
    order = order_from(structs.replace(make_init(), quantity=Quantity.from_str("2")))
    apply(order, OrderSubmitted, OrderAccepted)
    for trade, (quantity, filled, left) in enumerate([("0.400", "0.400", "1.600"), ("0.300", "0.700", "1.300")]):
        apply(order, make_fill(order, quantity, trade=f"T-{trade}"))
        assert (str(order.filled_qty), str(order.leaves_qty)) == (filled, left)
