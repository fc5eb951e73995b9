"""Cancel and replace: what the adapter makes of the two messages of which neither is what it says."""

from __future__ import annotations

import asyncio

from nautilus_live.core import order_lifecycle
from nautilus_live.model.events import OrderAccepted, OrderCanceled, OrderUpdated
from nautilus_live.model.objects import Price


async def replaced(bench, by):
    """Bring an order to work, let the node take in its acknowledgement, and replace it."""
    client = await bench.client()
    node = bench.node
    order = node.new_order("O-1")
    client.submit_order(node.submit(order))
    await asyncio.sleep(0.1)
    for event in (node.events[0], next(event for event in node.events if isinstance(event, OrderAccepted))):
        order_lifecycle.apply(order, event)
    node.events.clear()
    if by == "node":
        client.modify_order(node.modify("O-1", price=Price.from_str("49000.00")))
    else:
        bench.gateway.do("amend", order="O-1", price="49000.00")
    await asyncio.sleep(0.1)
    return order, node.events


def test_a_replacement_that_we_asked_for_is_an_update_and_no_end(run):
    async def body(bench):
        return await replaced(bench, "node")

    order, events = run(body, modify="cancel_new")

    assert [type(event) for event in events] == [OrderUpdated, OrderUpdated]
    assert {(event.price, event.venue_order_id != order.venue_order_id) for event in events} == {
        (Price.from_str("49000.00"), True)
    }


def test_a_replacement_by_the_venue_is_an_update_too(run):
    async def body(bench):
        return await replaced(bench, "venue")

    order, events = run(body, modify="cancel_new")

    assert [type(event) for event in events] == [OrderUpdated]
    assert events[0].price == Price.from_str("49000.00")
    assert events[0].venue_order_id not in (None, order.venue_order_id)


def test_a_cancel_of_the_new_leg_is_an_end(run):
    async def body(bench):
        _, events = await replaced(bench, "venue")
        bench.gateway.do("cancel", order="O-1")
        await asyncio.sleep(0.1)
        return events

    assert [type(event) for event in run(body, modify="cancel_new")] == [OrderUpdated, OrderCanceled]


def test_a_leg_that_is_replaced_before_it_is_known_is_told_at_its_terms(run):
    async def body(bench):
        client = await bench.client()
        order = bench.node.new_order("O-1")
        client.submit_order(bench.node.submit(order))
        await asyncio.sleep(0.01)  # it is at the venue, and nobody has heard so
        bench.gateway.do("amend", order="O-1", price="49000.00")
        await asyncio.sleep(0.1)
        return bench.node.events

    events = run(body, modify="cancel_new")

    told = next(event for event in events if isinstance(event, OrderUpdated))
    legs = [event.venue_order_id for event in events if isinstance(event, OrderAccepted)]
    assert (told.price, told.venue_order_id) == (Price.from_str("49000.00"), legs[1])
    assert events.index(told) > [event.venue_order_id for event in events].index(legs[1])
    assert legs[0] != legs[1]
