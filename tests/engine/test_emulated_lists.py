"""Lists of which the exits are held by the emulator, through fills, ends and refusals."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nautilus_live.core.conclusions import take_back
from nautilus_live.core.own_words import own_word
from nautilus_live.model.commands import CancelOrder, SubmitOrderList
from nautilus_live.model.enums import ContingencyType, OrderStatus, OrderType, Provenance, TradingState, TriggerType
from nautilus_live.model.events import OrderDenied, OrderRejected, OrderReleased, OrderSubmitted
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
        assert [order.status for order in (entry, profit)] == [OrderStatus.DENIED, OrderStatus.DENIED]
        assert len(desk.sent()) == 1

    play(story)


@pytest.mark.parametrize(("kind", "end"), [("denied", OrderStatus.DENIED), ("rejected", OrderStatus.REJECTED)])
def test_a_released_order_that_is_refused_ends_and_takes_its_sibling_with_it(
    play: Any, kind: str, end: OrderStatus
) -> None:
    async def story(rig: Any) -> None:
        desk = Desk(rig)
        _, stop, profit = await filled(desk)
        if kind == "denied":
            rig.risk.set_trading_state(TradingState.HALTED)
        await desk.quote("48000.00")
        if kind == "rejected":
            ids = (stop.strategy_id, stop.instrument_id, stop.client_order_id)
            rig.client.generate_order_submitted(*ids, rig.clock.timestamp_ns())
            rig.client.generate_order_rejected(*ids, "busy", rig.clock.timestamp_ns())
            await rig.settle()
        assert (stop.status, profit.status) == (end, OrderStatus.CANCELED)
        assert (stop in desk.sent()) is (kind == "rejected")
        reasons = [event.reason for event in rig.heard if type(event) in (OrderDenied, OrderRejected)]
        assert reasons == ["trading_state: no order may leave in HALTED" if kind == "denied" else "busy"]

    play(story)


def test_what_an_earlier_life_let_go_and_never_sent_is_held_and_watched_again(play: Any) -> None:
    async def story(rig: Any) -> None:
        desk = Desk(rig)
        order = desk.submit("S", "SELL")
        await desk.quote("49500.00")
        for event in (OrderReleased, OrderSubmitted):
            provenance = Provenance.LOCAL if event is OrderReleased else Provenance.RECONCILIATION
            rig.engine.process(own_word(order, event, event_id=event.__name__, now=1, provenance=provenance))
            await rig.settle()
        desk.emulator.stop()
        desk.emulator._returns.restore()
        rig.engine.process(take_back(order, 2))
        await rig.settle()
        assert order.status is OrderStatus.EMULATED
        assert desk.sent() == []
        await desk.quote("48000.00")
        assert desk.sent() == [order]

    play(story)
