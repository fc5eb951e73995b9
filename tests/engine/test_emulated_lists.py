"""Lists of which the exits are held by the emulator, through fills, ends and refusals."""

from __future__ import annotations

import asyncio
from typing import Any

from nautilus_live.model.commands import CancelOrder, SubmitOrderList
from nautilus_live.model.enums import ContingencyType, OrderStatus, OrderType, Provenance, TriggerType
from nautilus_live.model.identifiers import ClientOrderId, OrderListId, VenueOrderId
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order, OrderList
from tests.engine.test_emulator import ENDPOINT, Desk

ENTRY, STOP, PROFIT = (ClientOrderId(name) for name in ("E", "S", "T"))


def bracket(desk: Desk) -> list[Order]:
    """Submit an entry for the venue whose exits are held here."""
    order = desk.rig.order
    exits: dict[str, Any] = {"contingency_type": ContingencyType.OUO, "parent_order_id": ENTRY}
    held = {"emulation_trigger": TriggerType.BID_ASK}
    orders = [
        order("E", "BUY", contingency_type=ContingencyType.OTO, linked_order_ids=(STOP, PROFIT)),
        order(
            "S", "SELL", price=None, order_type=OrderType.STOP_MARKET, trigger_price=Price.from_str("49000.00"),
            linked_order_ids=(PROFIT,), **exits, **held,
        ),
        order(
            "T", "SELL", price="51000.00", order_type=OrderType.LIMIT_IF_TOUCHED,
            trigger_price=Price.from_str("50500.00"), linked_order_ids=(STOP,), **exits, **held,
        ),
    ]  # fmt: skip
    command = SubmitOrderList(
        trader_id=orders[0].trader_id,
        command_id="C",
        ts_init=0,
        strategy_id=orders[0].strategy_id,
        instrument_id=orders[0].instrument_id,
        order_list=OrderList(OrderListId("OL-1"), orders),
    )
    desk.rig.bus.send(ENDPOINT, command)
    return orders


def accept(desk: Desk, order: Order) -> None:
    rig, ids = desk.rig, (order.strategy_id, order.instrument_id, order.client_order_id)
    rig.client.generate_order_submitted(*ids, rig.clock.timestamp_ns())
    rig.client.generate_order_accepted(*ids, VenueOrderId(f"V-{order.client_order_id}"), rig.clock.timestamp_ns())


async def filled(desk: Desk) -> list[Order]:
    orders = bracket(desk)
    await desk.rig.settle()
    accept(desk, orders[0])
    desk.rig.fill(orders[0], "1.000")
    await desk.rig.settle()
    assert [order.status for order in orders[1:]] == [OrderStatus.EMULATED] * 2
    return orders


def test_the_entry_leaves_and_the_exits_wait(play: Any) -> None:
    async def story(rig: Any) -> None:
        desk = Desk(rig)
        entry, stop, profit = bracket(desk)
        await desk.quote("40000.00")
        assert desk.sent() == [entry]
        assert [stop.status, profit.status] == [OrderStatus.INITIALIZED] * 2
        assert rig.cache.orders_held_here() == [stop, profit]

    play(story)


def test_an_entry_that_ends_unfilled_takes_the_exits_with_it(play: Any) -> None:
    async def story(rig: Any) -> None:
        desk = Desk(rig)
        entry, stop, profit = bracket(desk)
        await rig.settle()
        ids = (entry.strategy_id, entry.instrument_id, entry.client_order_id)
        rig.client.generate_order_submitted(*ids, rig.clock.timestamp_ns())
        rig.client.generate_order_rejected(*ids, "busy", rig.clock.timestamp_ns())
        await rig.settle()
        assert [stop.status, profit.status] == [OrderStatus.CANCELED] * 2

    play(story)


def test_a_sibling_at_the_venue_is_canceled_and_a_refusal_asked_again_a_while_later(play: Any) -> None:
    async def story(rig: Any) -> None:
        def cancels() -> int:
            return len([one for one in rig.client.commands if isinstance(one, CancelOrder)])

        desk = Desk(rig)
        _, stop, profit = await filled(desk)
        await desk.quote("50499.00", "50500.00")
        await desk.quote("50500.00")
        assert desk.sent()[-1] is profit  # it rests at the venue now, as a limit order
        accept(desk, profit)
        await rig.settle()
        await desk.quote("48999.00")
        assert desk.sent()[-1] is stop
        accept(desk, stop)
        await rig.settle()
        rig.fill(stop, "1.000", "48999.00")
        await rig.settle()
        assert (profit.status, cancels()) == (OrderStatus.PENDING_CANCEL, 1)
        ids = (profit.strategy_id, profit.instrument_id, profit.client_order_id, profit.venue_order_id)
        now = rig.clock.timestamp_ns()
        rig.client.generate_order_cancel_rejected(*ids, "busy", now, provenance=Provenance.RESPONSE)
        await asyncio.sleep(4.0)
        assert (profit.status, cancels()) == (OrderStatus.ACCEPTED, 1)
        await asyncio.sleep(2.0)
        assert (profit.status, cancels()) == (OrderStatus.PENDING_CANCEL, 2)

    play(story)


def test_all_of_a_list_is_kept_or_none(play: Any) -> None:
    async def story(rig: Any) -> None:
        desk = Desk(rig)
        rig.submit(rig.order("S", "SELL"))
        entry, _, profit = bracket(desk)
        await rig.settle()
        assert rig.cache.order(entry.client_order_id) is None
        assert rig.cache.order(profit.client_order_id) is None
        assert len(desk.sent()) == 1

    play(story)
