"""What a release makes of an order that was held here, and what else the emulator does to one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.core.reconciliation.unsent import doubt_unsent
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderStatus, OrderType, TimeInForce, TrailingOffsetType, TriggerType
from nautilus_live.model.events import OrderEmulated, OrderReleased, OrderUpdated
from nautilus_live.model.identifiers import ExecAlgorithmId
from nautilus_live.model.orders import LimitOrder, MarketOrder, Order
from tests.core.conftest import apply, make_event, make_order, px

HELD = {"emulation_trigger": TriggerType.BID_ASK}
TRAILS: dict[str, Any] = {"trailing_offset": Decimal(5), "trailing_offset_type": TrailingOffsetType.PRICE}


def held(kind: OrderType, price: str | None = None, trigger: str | None = None, **fields: Any) -> Order:
    stop = None if trigger is None else px(trigger)
    return make_order(price=price, order_type=kind, trigger_price=stop, **{**HELD, **fields})


@pytest.mark.parametrize(
    ("order", "kind", "price"),
    [
        (held(OrderType.STOP_MARKET, None, "49000.00"), MarketOrder, None),
        (held(OrderType.MARKET_IF_TOUCHED, None, "49000.00"), MarketOrder, None),
        (held(OrderType.LIMIT, "49000.00", post_only=True), MarketOrder, None),
        (held(OrderType.TRAILING_STOP_MARKET, None, "49000.00", **TRAILS), MarketOrder, None),
        (held(OrderType.STOP_LIMIT, "48900.00", "49000.00"), LimitOrder, "48900.00"),
        (held(OrderType.LIMIT_IF_TOUCHED, "48900.00", "49000.00"), LimitOrder, "48900.00"),
        (
            held(OrderType.TRAILING_STOP_LIMIT, "48900.00", "49000.00", limit_offset=Decimal(1), **TRAILS),
            LimitOrder,
            "48900.00",
        ),
    ],
)
def test_a_released_order_is_a_plain_one(order: Order, kind: type[Order], price: str | None) -> None:
    first = order.events[0]

    apply(order, OrderEmulated, OrderReleased)

    assert (type(order), order.status) == (kind, OrderStatus.RELEASED)
    assert order.price == (None if price is None else px(price))
    assert (order.trigger_price, order.trigger_type, order.emulation_trigger) == (None, 0, 0)
    assert (order.trailing_offset, order.limit_offset, order.activation_price) == (None, None, None)
    assert not order.is_post_only
    assert order.events[0] is first  # what was asked for is still known


def test_only_an_order_with_a_limit_keeps_its_date() -> None:
    dated = {"time_in_force": TimeInForce.GTD, "expire_time_ns": 9}
    market = held(OrderType.STOP_MARKET, None, "49000.00", **dated)
    limit = held(OrderType.STOP_LIMIT, "49000.00", "49000.00", **dated)
    for order in (market, limit):
        apply(order, OrderEmulated, OrderReleased)

    assert (market.time_in_force, market.expire_time_ns) == (TimeInForce.GTC, 0)
    assert (limit.time_in_force, limit.expire_time_ns) == (TimeInForce.GTD, 9)


def test_an_order_without_a_trigger_of_its_own_stays_what_it_is() -> None:
    order = make_order()
    apply(order, OrderReleased)

    assert (type(order), order.price) == (LimitOrder, px("50000.00"))


def test_the_market_gives_a_trailing_stop_its_first_trigger_and_says_when_it_follows() -> None:
    order = held(OrderType.TRAILING_STOP_MARKET, **TRAILS)
    apply(order, OrderEmulated)
    apply(order, make_event(OrderUpdated, order, trigger_price=px("49995.00"), is_activated=True))

    assert (order.status, order.trigger_price, order.is_activated) == (OrderStatus.EMULATED, px("49995.00"), True)
    with pytest.raises(IllegalTransition, match="no trigger price"):
        apply(make_order(), make_event(OrderUpdated, make_order(), trigger_price=px("1.00")))


def test_what_was_released_is_rebuilt_from_its_events() -> None:
    order = held(OrderType.STOP_LIMIT, "48900.00", "49000.00")
    apply(order, OrderEmulated, OrderReleased)

    first: Any = order.events[0]
    again = type(held(OrderType.STOP_LIMIT, "1.00", "1.00")).create(first)
    apply(again, *order.events[1:])

    assert (type(again), again.order_type, again.price) == (LimitOrder, OrderType.LIMIT, px("48900.00"))


def test_what_was_held_here_has_not_left_and_is_not_asked_about_at_a_start() -> None:
    waiting = held(OrderType.STOP_MARKET, None, "49000.00", name="O-1")
    primary = make_order("O-2", exec_algorithm_id=ExecAlgorithmId("TWAP"))
    piece = make_order("O-2-E1", exec_algorithm_id=ExecAlgorithmId("TWAP"), exec_spawn_id=primary.client_order_id)
    released = held(OrderType.STOP_MARKET, None, "49000.00", name="O-3")
    apply(released, OrderEmulated, OrderReleased)

    plan = doubt_unsent([waiting, primary, piece, released, make_order("O-4")], now=9)

    assert [event.client_order_id.value for event in plan.events] == ["O-2-E1", "O-3", "O-4"]
