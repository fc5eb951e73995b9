"""The execution engine: what becomes of a command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config.clients import RoutingConfig
from nautilus_live.core.tombstones import tombstone_of
from nautilus_live.errors import ConfigError, WireTimeout
from nautilus_live.model.commands import (
    BatchCancelOrders,
    CancelAllOrders,
    CancelOrder,
    ModifyOrder,
    QueryAccount,
    QueryOrder,
    SubmitOrder,
    SubmitOrderList,
)
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderDenied
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    InstrumentId,
    OrderListId,
    StrategyId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.objects import Quantity
from nautilus_live.model.orders import Order, OrderList
from nautilus_live.model.reports import OrderStatusReport
from nautilus_live.store.memory import MemoryStore

Play = Callable[..., Any]
COMMON: dict[str, Any] = {"trader_id": TraderId("TRADER-001"), "command_id": "C", "ts_init": 0}


def about(order: Order) -> dict[str, Any]:
    return {
        **COMMON,
        "strategy_id": order.strategy_id,
        "instrument_id": order.instrument_id,
        "client_order_id": order.client_order_id,
    }


def test_a_submitted_order_is_known_at_once_and_sent_in_its_turn(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.submit(rig.order(), client_id=ClientId("SIM"))
        assert rig.cache.order(order.client_order_id) is order
        assert rig.cache.client_id(order.client_order_id) == ClientId("SIM")
        assert rig.client.commands == []
        await rig.settle()
        assert [command.order for command in rig.client.commands] == [order]

    play(story)


def test_an_order_is_in_the_store_before_it_is_sent(play: Play) -> None:
    stored: list[int] = []

    async def story(rig: Any) -> None:
        rig.client.on_submit = lambda command: stored.append(len(rig.store.data["trader-TRADER-001:orders:O-1"]))
        rig.submit(rig.order())

    play(story, store=MemoryStore())

    assert stored == [1]


def test_an_order_that_the_store_did_not_take_is_denied_and_never_sent(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        store.fail_next(1)
        order = rig.submit(rig.order())
        await rig.settle()
        assert order.status is OrderStatus.DENIED
        assert rig.client.commands == []
        await asyncio.sleep(2)
        assert rig.writer.is_healthy
        rig.submit(rig.order("O-2"))
        await rig.settle()
        assert [command.order.client_order_id.value for command in rig.client.commands] == ["O-2"]

    rig = play(story, store=store)

    assert "the disk is full" in rig.last(OrderDenied).reason
    assert len(store.data["trader-TRADER-001:orders:O-1"]) == 2


def test_a_used_id_is_never_submitted_again_and_its_order_stays_as_it_is(play: Play) -> None:
    async def story(rig: Any) -> None:
        first = rig.submit(rig.order("O-1", "BUY"))
        rig.submit(first)
        rig.submit(rig.order("O-1", "SELL"))
        rig.engine.deny(rig.order("O-1", "SELL"), "whatever")
        await rig.settle()
        assert rig.cache.order(first.client_order_id) is first
        assert first.status is OrderStatus.INITIALIZED
        assert len(rig.client.commands) == 1

    play(story)


def test_the_id_of_a_purged_order_is_a_used_one(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.order()
        rig.cache.bury(tombstone_of(order, 0))
        rig.submit(order)
        await rig.settle()
        assert rig.client.commands == []
        assert not rig.cache.order_exists(order.client_order_id)

    play(story)


@pytest.mark.parametrize(
    ("fields", "client_id", "wanted"),
    [
        ({"instrument_id": InstrumentId.from_str("X.NOWHERE")}, None, "a client for NOWHERE"),
        ({}, ClientId("OTHER"), "client OTHER"),
    ],
)
def test_an_order_that_nobody_can_take_is_denied(
    play: Play, fields: dict[str, Any], client_id: ClientId | None, wanted: str
) -> None:
    async def story(rig: Any) -> None:
        order = rig.submit(rig.order(**fields), client_id=client_id)
        await rig.settle()
        assert order.status is OrderStatus.DENIED

    assert wanted in play(story).last(OrderDenied).reason


def test_commands_go_by_client_then_venue_then_default(play: Play) -> None:
    async def story(rig: Any) -> None:
        other = rig.add_client(
            "OTHER", Venue("OTHER"), routing=RoutingConfig(default=True, venues=frozenset({"THIRD"}))
        )
        rig.submit(rig.order("O-1"))
        rig.submit(rig.order("O-2"), client_id=ClientId("OTHER"))
        rig.submit(rig.order("O-3", instrument_id=InstrumentId.from_str("X.THIRD")))
        rig.submit(rig.order("O-4", instrument_id=InstrumentId.from_str("X.UNKNOWN")))
        await rig.settle()
        rig.engine.execute(CancelOrder(**about(rig.cache.orders()[1])))
        await rig.settle()
        assert [command.order.client_order_id.value for command in rig.client.commands] == ["O-1"]
        assert [getattr(command, "order", command).client_order_id.value for command in other.commands] == [
            "O-2",
            "O-3",
            "O-4",
            "O-2",
        ]
        with pytest.raises(ConfigError, match="one client"):
            rig.add_client("CLASH", Venue("THIRD"))
        await other.disconnect()

    play(story)


def test_a_second_client_of_one_venue_is_reached_by_name_only_and_keeps_its_orders(play: Play) -> None:
    async def story(rig: Any) -> None:
        second = rig.add_client("SIM-2", Venue("SIM"), routing=RoutingConfig(venues=frozenset()))
        rig.submit(rig.order("O-1"))
        rig.submit(rig.order("O-2"), client_id=ClientId("SIM-2"))
        await rig.settle()
        cancels = tuple(CancelOrder(**about(order)) for order in rig.cache.orders())
        common = {**COMMON, "strategy_id": cancels[0].strategy_id, "instrument_id": cancels[0].instrument_id}
        rig.engine.execute(BatchCancelOrders(**common, cancels=cancels))
        await rig.settle()
        for client, name in ((rig.client, "O-1"), (second, "O-2")):
            submit, batch = client.commands
            assert submit.order.client_order_id.value == name
            assert [cancel.client_order_id.value for cancel in batch.cancels] == [name]
        await second.disconnect()

    play(story)


def test_modify_and_cancel_reach_the_client_and_stop_once_the_order_is_done(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        modify = ModifyOrder(**about(order), quantity=Quantity.from_str("2.000"))
        cancel = CancelOrder(**about(order))
        rig.engine.execute(modify)
        rig.engine.execute(cancel)
        await rig.settle()
        assert rig.client.commands[1:] == [modify, cancel]
        rig.fill(order, "1.000")
        await rig.settle()
        rig.engine.execute(modify)
        rig.engine.execute(cancel)
        rig.engine.execute(CancelOrder(**about(rig.order("O-UNKNOWN"))))
        await rig.settle()
        assert len(rig.client.commands) == 3

    play(story)


def test_a_batch_leaves_out_what_is_done(play: Play) -> None:
    async def story(rig: Any) -> None:
        orders = [rig.working(rig.order(f"O-{number}"), f"V-{number}") for number in (1, 2)]
        await rig.settle()
        rig.fill(orders[0], "1.000")
        await rig.settle()
        cancels = tuple(CancelOrder(**about(order)) for order in orders)
        common = {**COMMON, "strategy_id": orders[0].strategy_id, "instrument_id": orders[0].instrument_id}
        rig.engine.execute(BatchCancelOrders(**common, cancels=cancels))
        rig.engine.execute(BatchCancelOrders(**common, cancels=cancels[:1]))
        rig.engine.execute(CancelAllOrders(**common))
        await rig.settle()
        assert rig.client.commands[2].cancels == cancels[1:]
        assert [type(command) for command in rig.client.commands[3:]] == [CancelAllOrders]

    play(story)


def test_a_list_is_sent_whole_or_not_at_all(play: Play) -> None:
    async def story(rig: Any) -> None:
        def list_of(name: str, *orders: Order) -> SubmitOrderList:
            order_list = OrderList(OrderListId(name), list(orders))
            return SubmitOrderList(
                **COMMON, strategy_id=StrategyId("S-001"), instrument_id=order_list.instrument_id, order_list=order_list
            )

        rig.engine.execute(list_of("OL-1", rig.order("O-1"), rig.order("O-2", "SELL")))
        await rig.settle()
        assert [command.order.client_order_id.value for command in rig.client.commands] == ["O-1", "O-2"]
        assert all(isinstance(command, SubmitOrder) for command in rig.client.commands)
        assert rig.cache.order_list(OrderListId("OL-1")) is not None
        rig.engine.execute(list_of("OL-2", rig.order("O-3"), rig.order("O-2")))
        await rig.settle()
        assert len(rig.client.commands) == 2
        states = {order.client_order_id.value: order.status for order in rig.cache.orders()}
        assert (list(states), states["O-3"]) == (["O-1", "O-2", "O-3"], OrderStatus.DENIED)

    play(story)


def test_a_list_that_the_store_did_not_take_is_denied_whole(play: Play) -> None:
    store = MemoryStore()

    async def story(rig: Any) -> None:
        orders = [rig.order("O-1"), rig.order("O-2", "SELL")]
        store.fail_next(1)
        rig.engine.execute(
            SubmitOrderList(
                **COMMON,
                strategy_id=orders[0].strategy_id,
                instrument_id=orders[0].instrument_id,
                order_list=OrderList(OrderListId("OL-1"), orders),
            )
        )
        await rig.settle()
        assert [order.status for order in orders] == [OrderStatus.DENIED, OrderStatus.DENIED]
        assert rig.client.commands == []

    play(story, store=store)


def query_of(order: Order) -> QueryOrder:
    return QueryOrder(**about(order))


def test_the_answer_to_a_query_is_reconciled(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        rig.client.answer = OrderStatusReport(
            account_id=AccountId("SIM-001"),
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            venue_order_id=VenueOrderId("V-1"),
            order_side=order.side,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            order_status=OrderStatus.CANCELED,
            quantity=order.quantity,
            filled_qty=Quantity.from_str("0.000"),
            price=order.price,
            ts_last=2,
        )
        rig.engine.execute(query_of(order))
        await rig.settle()
        assert order.status is OrderStatus.CANCELED
        assert rig.client.commands[-1].venue_order_id == VenueOrderId("V-1")

    play(story)


@pytest.mark.parametrize("answer", [None, WireTimeout("5 s"), ValueError("nonsense")])
def test_an_answer_that_proves_nothing_changes_nothing(play: Play, answer: Exception | None) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        rig.client.answer = answer
        rig.engine.execute(query_of(order))
        await rig.settle()
        assert order.status is OrderStatus.ACCEPTED

    assert play(story).told()[-1] == "OrderAccepted"


def test_an_account_query_goes_to_the_account_s_client(play: Play) -> None:
    async def story(rig: Any) -> None:
        query = QueryAccount(**COMMON, account_id=AccountId("SIM-001"))
        rig.engine.execute(query)
        rig.engine.execute(QueryAccount(**COMMON, account_id=AccountId("OTHER-001")))
        await rig.settle()
        assert rig.client.commands == [query]

    play(story)


def test_an_error_in_an_adapter_proves_nothing(play: Play) -> None:
    async def story(rig: Any) -> None:
        def fail(command: SubmitOrder) -> None:
            raise WireTimeout("no answer in 5 s")

        rig.client.on_submit = fail
        order = rig.submit(rig.order())
        await rig.settle()
        assert order.status is OrderStatus.INITIALIZED

    assert play(story).told() == ["OrderInitialized"]


def test_residuals_are_what_still_works(play: Play) -> None:
    async def story(rig: Any) -> None:
        assert not rig.engine.check_residuals()
        order = rig.working(rig.order())
        await rig.settle()
        assert rig.engine.check_residuals()
        rig.client.generate_order_canceled(
            order.strategy_id, order.instrument_id, order.client_order_id, VenueOrderId("V-1"), 1
        )
        await rig.settle()
        assert not rig.engine.check_residuals()

    play(story)
