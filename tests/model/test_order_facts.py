"""What an order says of itself under the ecosystem's names."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from nautilus_live.model.enums import ContingencyType, OrderSide, OrderType, PositionSide, TimeInForce, TriggerType
from nautilus_live.model.events import OrderAccepted, OrderSubmitted, OrderTriggered
from nautilus_live.model.identifiers import ClientOrderId, ExecAlgorithmId, OrderListId
from nautilus_live.model.orders import OrderList
from tests.core.conftest import apply, make_fill, make_order, px, qty


def test_what_was_asked_for_in_words() -> None:
    order = make_order(
        order_type=OrderType.STOP_LIMIT,
        trigger_price=px("49900.00"),
        trigger_type=TriggerType.BID_ASK,
        time_in_force=TimeInForce.GTD,
        expire_time_ns=86_400_000_000_000,
        tags=("A",),
    )

    assert order.info() == (
        "BUY 1.000 BTCUSDT.SIM STOP_LIMIT @ 49_900.00-STOP[BID_ASK] 50_000.00-LIMIT GTD 1970-01-02T00:00:00.000Z"
    )
    assert (order.side_string(), order.type_string(), order.tif_string()) == ("BUY", "STOP_LIMIT", "GTD")
    assert order.status_string() == "INITIALIZED"
    assert order.expire_time == datetime(1970, 1, 2, tzinfo=UTC)
    assert make_order().expire_time is None
    assert (order.init_event, order.init_id) == (order.events[0], order.events[0].event_id)
    told = order.to_dict()
    assert (told["type"], told["price"], told["tags"]) == ("STOP_LIMIT", "50000.00", ["A"])
    assert told["venue_order_id"] is None


def test_primary_and_spawned_orders() -> None:
    algorithm = ExecAlgorithmId("TWAP")
    primary = make_order("O-1", exec_algorithm_id=algorithm, exec_algorithm_params={"n": 2})
    piece = make_order("O-1-E1", exec_algorithm_id=algorithm, exec_spawn_id=ClientOrderId("O-1"))

    assert (primary.is_primary, primary.is_spawned, primary.exec_spawn_id) == (True, False, ClientOrderId("O-1"))
    assert (piece.is_primary, piece.is_spawned, piece.exec_spawn_id) == (False, True, ClientOrderId("O-1"))
    assert (make_order().is_primary, make_order().is_spawned, make_order().exec_spawn_id) == (False, False, None)
    assert primary.exec_algorithm_params == {"n": 2}
    assert (primary.is_held_here, piece.is_held_here, make_order().is_held_here) == (True, False, False)


def test_parents_and_children() -> None:
    parent = make_order(contingency_type=ContingencyType.OTO)
    child = make_order(parent_order_id=ClientOrderId("O-1"), contingency_type=ContingencyType.OUO)

    assert (parent.is_contingency, parent.is_parent_order, parent.is_child_order) == (True, True, False)
    assert (child.is_contingency, child.is_parent_order, child.is_child_order) == (True, False, True)
    assert not make_order().is_contingency


def test_what_would_only_reduce() -> None:
    order = make_order("O-1", "SELL", "1.000")

    assert order.would_reduce_only(PositionSide.LONG, qty("1.000"))
    assert not order.would_reduce_only(PositionSide.LONG, qty("0.999"))
    assert not order.would_reduce_only(PositionSide.SHORT, qty("1.000"))
    assert not order.would_reduce_only(PositionSide.FLAT, qty("0.000"))
    assert order.opposite_side(OrderSide.SELL) is OrderSide.BUY
    assert [order.closing_side(side) for side in (PositionSide.LONG, PositionSide.SHORT, PositionSide.FLAT)] == [
        OrderSide.SELL,
        OrderSide.BUY,
        OrderSide.NO_ORDER_SIDE,
    ]
    assert order.signed_decimal_qty() == Decimal("-1.000")


def test_what_became_of_it() -> None:
    order = make_order(order_type=OrderType.STOP_LIMIT, trigger_price=px("49900.00"))
    assert (order.is_triggered, order.ts_triggered, order.venue_order_ids, order.slippage) == (False, 0, [], 0)

    apply(order, OrderSubmitted, OrderAccepted, OrderTriggered)
    assert order.is_triggered
    assert order.ts_triggered == order.ts_last
    apply(order, make_fill(order, "1.000", "50000.50"))
    assert (order.is_triggered, order.slippage) == (True, Decimal("0.50"))
    assert order.venue_order_ids == [order.venue_order_id]


def test_a_list_says_whose_it_is() -> None:
    first, second = make_order("O-1", ts=7), make_order("O-2", ts=8)
    orders = OrderList(OrderListId("OL-1"), [first, second])

    assert (orders.first, orders.strategy_id, orders.ts_init) == (first, first.strategy_id, 7)
