"""Orders: what they say about themselves in every status, and that copies are independent."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nautilus_live.model.enums import (
    ContingencyType,
    LiquiditySide,
    OrderStatus,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.events import OrderAccepted, OrderFilled, OrderInitialized, OrderSubmitted, OrderUpdated
from nautilus_live.model.identifiers import (
    ClientOrderId,
    ExecAlgorithmId,
    OrderListId,
    PositionId,
    Symbol,
    TradeId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.objects import Money, Quantity
from nautilus_live.model.order_types import TypedOrder
from nautilus_live.model.orders import (
    ORDER_CLASSES,
    PENDING_STATUSES,
    TRIGGERABLE_TYPES,
    LimitIfTouchedOrder,
    LimitOrder,
    MarketIfTouchedOrder,
    MarketOrder,
    MarketToLimitOrder,
    Order,
    OrderList,
    StopLimitOrder,
    StopMarketOrder,
    TrailingStopLimitOrder,
    TrailingStopMarketOrder,
    order_from,
)
from tests.core.conftest import (
    ACCOUNT,
    BNB,
    OTHER_SPOT,
    SPOT,
    STRATEGY,
    TRADER,
    USDT,
    apply,
    make_event,
    make_fill,
    make_init,
    make_order,
    order_in,
    px,
    qty,
    snapshot,
)

CATEGORIES: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "order_lifecycle.json").read_text()
)["categories"]
OPEN = next(names for title, names in CATEGORIES.items() if title.startswith("open "))


# -- classes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order_type", "kind"),
    [
        (OrderType.MARKET, MarketOrder),
        (OrderType.LIMIT, LimitOrder),
        (OrderType.STOP_MARKET, StopMarketOrder),
        (OrderType.STOP_LIMIT, StopLimitOrder),
        (OrderType.MARKET_TO_LIMIT, MarketToLimitOrder),
        (OrderType.MARKET_IF_TOUCHED, MarketIfTouchedOrder),
        (OrderType.LIMIT_IF_TOUCHED, LimitIfTouchedOrder),
        (OrderType.TRAILING_STOP_MARKET, TrailingStopMarketOrder),
        (OrderType.TRAILING_STOP_LIMIT, TrailingStopLimitOrder),
    ],
)
def test_an_order_is_of_the_class_of_its_type(order_type: OrderType, kind: type[Order]) -> None:
    order = order_from(make_init(order_type=order_type))

    assert type(order) is kind
    assert type(order.copy()) is kind
    assert order.order_type is order_type
    assert not hasattr(order, "__dict__")  # a forgotten `__slots__` would double the memory of an order


def test_every_order_type_has_a_class() -> None:
    assert set(ORDER_CLASSES) == set(OrderType)
    assert set(ORDER_CLASSES.values()) == set(TypedOrder.__subclasses__())


# -- what was asked for ------------------------------------------------------------------------------------------------

ASKED: dict[str, Any] = {
    "order_type": OrderType.TRAILING_STOP_LIMIT,
    "time_in_force": TimeInForce.GTD,
    "trigger_price": px("51000.00"),
    "trigger_type": TriggerType.MARK_PRICE,
    "activation_price": px("50500.00"),
    "trailing_offset": Decimal(10),
    "limit_offset": Decimal(5),
    "trailing_offset_type": TrailingOffsetType.PRICE,
    "expire_time_ns": 99,
    "display_qty": qty("0.100"),
    "emulation_trigger": TriggerType.BID_ASK,
    "contingency_type": ContingencyType.OCO,
    "order_list_id": OrderListId("OL-1"),
    "linked_order_ids": (ClientOrderId("O-2"),),
    "parent_order_id": ClientOrderId("O-0"),
    "exec_algorithm_id": ExecAlgorithmId("TWAP"),
    "tags": ("A", "B"),
}


def test_an_order_tells_everything_that_was_asked_for() -> None:
    order = make_order(ts=7, post_only=True, reduce_only=True, quote_quantity=True, **ASKED)

    lists = {name: list(ASKED[name]) for name in ("tags", "linked_order_ids")}
    assert {name: getattr(order, name) for name in ASKED} == ASKED | lists
    assert (order.is_post_only, order.is_reduce_only, order.is_quote_quantity) == (True, True, True)
    assert (order.trader_id, order.strategy_id, order.instrument_id) == (TRADER, STRATEGY, SPOT.id)
    assert (order.symbol, order.venue) == (Symbol("BTCUSDT"), Venue("SIM"))
    assert (order.client_order_id, order.quantity, order.price) == (ClientOrderId("O-1"), qty("1.000"), px("50000.00"))
    assert (order.ts_init, order.ts_last) == (7, 7)


def test_an_order_of_which_little_was_asked_says_so() -> None:
    order = make_order(price=None)

    assert (order.is_post_only, order.is_reduce_only, order.is_quote_quantity) == (False, False, False)
    assert (order.has_price, order.has_trigger_price) == (False, False)
    assert order.time_in_force is TimeInForce.GTC
    assert order.emulation_trigger is TriggerType.NO_TRIGGER
    assert order.contingency_type is ContingencyType.NO_CONTINGENCY
    for name in ("display_qty", "activation_price", "trailing_offset", "limit_offset", "order_list_id"):
        assert getattr(order, name) is None
    assert (order.linked_order_ids, order.tags, order.expire_time_ns) == (None, None, 0)


@pytest.mark.parametrize(("side", "buys"), [("BUY", True), ("SELL", False)])
def test_sides_prices_and_kinds_are_told_apart(side: str, buys: bool) -> None:
    order = make_order(side=side, trigger_price=px("1.00"))

    assert (order.is_buy, order.is_sell) == (buys, not buys)
    assert (order.has_price, order.has_trigger_price) == (True, True)


@pytest.mark.parametrize("order_type", OrderType)
def test_only_a_market_order_is_aggressive(order_type: OrderType) -> None:
    order = make_order(order_type=order_type)

    assert order.is_aggressive is (order_type is OrderType.MARKET)
    assert order.is_passive is not order.is_aggressive


def test_a_new_order_has_nothing_but_its_initial_event() -> None:
    init = make_init(quantity="1.500")
    order = order_from(init)

    assert order.init is init
    assert order.events == [init]
    assert (order.last_event, order.event_count) == (init, 1)
    assert (order.status, order.previous_status) == (OrderStatus.INITIALIZED, OrderStatus.INITIALIZED)
    assert (str(order.filled_qty), str(order.leaves_qty), str(order.overfill_qty)) == ("0.000", "1.500", "0")
    assert (order.average, order.avg_px) == (None, 0)
    assert order.filled_notional == order.signed_filled_qty == 0
    assert (order.trade_ids, order.last_trade_id, order.commissions()) == ([], None, [])
    assert order.commission(USDT) is None
    assert order.liquidity_side is LiquiditySide.NO_LIQUIDITY_SIDE
    assert (order.venue_order_id, order.account_id, order.position_id) == (None, None, None)
    assert (order.ts_submitted, order.ts_accepted, order.ts_closed, order.provisional) == (0, 0, 0, False)


def test_an_order_may_be_born_with_the_venues_ids() -> None:
    order = make_order(venue_order_id=VenueOrderId("V-9"), account_id=ACCOUNT)

    assert (order.venue_order_id, order.account_id) == (VenueOrderId("V-9"), ACCOUNT)


def test_an_order_prints_as_one_line_that_names_it() -> None:
    stands = "status=INITIALIZED, client_order_id=O-1, venue_order_id=None, position_id=None"
    assert repr(make_order()) == f"LimitOrder(BUY 1.000 BTCUSDT.SIM LIMIT @ 50_000.00 GTC, {stands}, tags=None)"
    linked = make_order(
        price=None, contingency_type=ContingencyType.OCO, linked_order_ids=(ClientOrderId("O-2"),), tags=("A",)
    )
    assert repr(linked) == (
        f"MarketOrder(BUY 1.000 BTCUSDT.SIM MARKET GTC, {stands},"
        " contingency_type=OCO, linked_order_ids=[O-2], tags=['A'])"
    )


# -- states ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", OrderStatus)
def test_the_categories_of_a_status_are_the_references(status: OrderStatus) -> None:
    order = order_in(status)
    name = status.name

    assert order.is_open is (name in OPEN)
    assert order.is_closed is (name in CATEGORIES["closed"])
    assert order.is_inflight is (name in CATEGORIES["in_flight"])
    assert order.is_active_local is (name in CATEGORIES["local_active"])
    assert order.is_emulated is (name == "EMULATED")
    assert order.is_pending_update is (name == "PENDING_UPDATE")
    assert order.is_pending_cancel is (name == "PENDING_CANCEL")
    assert order.is_canceled is (name == "CANCELED")


@pytest.mark.parametrize("status", OrderStatus)
def test_every_status_is_here_or_on_its_way_or_at_the_venue_or_done(status: OrderStatus) -> None:
    order = order_in(status)
    places = [order.is_active_local, status is OrderStatus.SUBMITTED, order.is_open, order.is_closed]

    assert places.count(True) == 1


def test_the_pending_statuses_are_those_that_wait_for_an_answer_to_a_change() -> None:
    assert {status.name for status in PENDING_STATUSES} == {"PENDING_UPDATE", "PENDING_CANCEL"}


def test_what_becomes_a_limit_order_at_its_trigger_can_be_triggered() -> None:
    assert {kind.name for kind in TRIGGERABLE_TYPES} == {"STOP_LIMIT", "TRAILING_STOP_LIMIT", "LIMIT_IF_TOUCHED"}


@pytest.mark.parametrize("status", OrderStatus)
def test_an_order_closed_is_an_order_with_a_time_of_closing(status: OrderStatus) -> None:
    order = order_in(status)

    assert bool(order.ts_closed) is order.is_closed


# -- what was executed -------------------------------------------------------------------------------------------------


def test_fills_add_up() -> None:
    order = order_in("ACCEPTED", quantity="3.000")
    other_fee = Money(Decimal("0.5"), BNB)
    apply(order, make_fill(order, "1.000", "100.00", "T-1", commission="0.10"))
    assert order.filled_notional == order.avg_px == 100
    apply(order, make_fill(order, "0.500", "103.00", "T-2", commission=other_fee, liquidity_side=LiquiditySide.MAKER))
    apply(order, make_fill(order, "0.500", "101.00", "T-3", commission="0.05"))

    assert str(order.filled_qty) == "2.000"
    assert str(order.leaves_qty) == "1.000"
    assert order.filled_notional == Decimal("202.0")
    assert order.avg_px == 101
    assert order.trade_ids == [TradeId("T-1"), TradeId("T-2"), TradeId("T-3")]
    assert order.last_trade_id == TradeId("T-3")
    assert order.liquidity_side is LiquiditySide.TAKER
    assert order.commissions() == [Money(Decimal("0.15"), USDT), Money(Decimal("0.5"), BNB)]
    assert order.commission(BNB) == Money(Decimal("0.5"), BNB)
    assert order.signed_filled_qty == 2


def test_the_filled_quantity_of_a_sell_is_negative() -> None:
    assert order_in("PARTIALLY_FILLED", side="SELL", quantity="1.000").signed_filled_qty == Decimal("-0.5")


def test_what_is_left_is_never_negative() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_fill(order, "1.250"), allow_overfills=True)

    assert str(order.leaves_qty) == "0.000"
    assert order.overfill_qty == Decimal("0.25")


def test_what_is_left_follows_the_orders_quantity() -> None:
    order = order_in("PARTIALLY_FILLED", quantity="1.000")
    apply(order, make_event(OrderUpdated, order, quantity=qty("2.0000")))

    assert str(order.leaves_qty) == "1.5000"


# -- copies ------------------------------------------------------------------------------------------------------------


def full_order() -> Order:
    """Return an order of which no slot is as it was at first."""
    order = order_in("ACCEPTED", quantity="3.000", trigger_price=px("1.00"))
    for trade in ("T-1", "T-2"):
        apply(order, make_fill(order, "0.500", "101.00", trade, commission="0.10"))
    order.position_id = PositionId("P-1")
    order.superseded_venue_order_ids = (VenueOrderId("V-0"),)
    order.voided_trade_ids = (TradeId("T-0"),)
    order.provisional = True
    order.is_activated = True
    order.ts_closed = 5
    return order


def test_a_copy_has_everything_but_the_events() -> None:
    order = full_order()
    new = snapshot(make_order())
    unset = [name for name, value in snapshot(order).items() if value in (None, 0, False, ())]
    assert unset == []  # every slot says something, so that none can be forgotten unseen
    assert new.keys() == snapshot(order).keys()

    twin = order.copy()

    assert twin.events == []
    assert {**snapshot(twin), "events": None} == {**snapshot(order), "events": None}


@pytest.mark.parametrize("status", OrderStatus)
def test_a_copy_in_any_status_is_as_good_as_the_order(status: OrderStatus) -> None:
    order = order_in(status)

    assert {**snapshot(order.copy()), "events": None} == {**snapshot(order), "events": None}


def test_changing_a_copy_does_not_change_the_order() -> None:
    order = full_order()
    before = copy.deepcopy(snapshot(order))
    twin = order.copy()

    apply(twin, make_fill(twin, "2.000", "105.00", "T-3", commission="0.10"))
    twin.provisional = False
    twin.quantity = Quantity.from_int(9)

    assert twin.status is OrderStatus.FILLED
    assert snapshot(order) == before


def test_changing_the_order_does_not_change_the_copy() -> None:
    order = full_order()
    twin = order.copy()
    before = copy.deepcopy(snapshot(twin))

    apply(order, make_fill(order, "2.000", "105.00", "T-3", commission="0.10"))

    assert snapshot(twin) == before


# -- lists -------------------------------------------------------------------------------------------------------------


def test_a_list_has_orders_of_one_instrument() -> None:
    first, second = make_order("O-1"), make_order("O-2", "SELL")
    made = OrderList(OrderListId("OL-1"), [first, second])

    assert (made.id, made.orders) == (OrderListId("OL-1"), [first, second])
    assert made.first is first
    assert made.instrument_id == SPOT.id
    with pytest.raises(ValueError, match=r"^an order list must have orders, OL-1 has none$"):
        OrderList(OrderListId("OL-1"), [])
    with pytest.raises(ValueError, match=r"^the orders of a list must be of one instrument, OL-1 has several$"):
        OrderList(OrderListId("OL-1"), [first, make_order("O-2", instrument=OTHER_SPOT)])
    with pytest.raises(ValueError, match=r"^the orders of a list must have ids of their own, OL-1 has "):
        OrderList(OrderListId("OL-1"), [first, make_order("O-1", "SELL")])


def test_the_events_of_an_order_are_kept_in_order() -> None:
    order = order_in("FILLED")

    assert [type(event) for event in order.events] == [OrderInitialized, OrderSubmitted, OrderAccepted, OrderFilled]
    assert order.event_count == 4
    assert order.last_event is order.events[-1]
