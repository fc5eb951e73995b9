"""W3: N cached ACCEPTED orders; the venue reports all of them FILLED, with one fill each that we missed."""

from __future__ import annotations

import asyncio
import time

from common import ACCOUNT, AUDUSD, PX, QTY, SUFFIX, TRADER, Env, arg_n, emit, run, side_of
from mass_status import mass_status, reconcile

from nautilus_live.core import order_lifecycle
from nautilus_live.live.garbage import GarbageTuning
from nautilus_live.model.events import OrderAccepted, OrderSubmitted
from nautilus_live.model.identifiers import ClientOrderId, StrategyId, VenueOrderId
from nautilus_live.trading.order_factory import OrderFactory


def cache_accepted_orders(env: Env, n: int) -> list[ClientOrderId]:
    """Put N accepted orders into the cache and return their ids."""
    strategy_id = StrategyId("S-001")
    factory = OrderFactory(TRADER, strategy_id, env.clock, env.event_ids)
    ids = []
    for index in range(n):
        order = factory.limit(AUDUSD.id, side_of(index, n), QTY, PX)
        env.cache.add_order(order)
        now = env.clock.timestamp_ns()
        for event in (
            OrderSubmitted(
                event_id=env.event_ids.next(),
                ts_event=now,
                ts_init=now,
                trader_id=TRADER,
                strategy_id=strategy_id,
                instrument_id=AUDUSD.id,
                client_order_id=order.client_order_id,
                account_id=ACCOUNT,
            ),
            OrderAccepted(
                event_id=env.event_ids.next(),
                ts_event=now,
                ts_init=now,
                trader_id=TRADER,
                strategy_id=strategy_id,
                instrument_id=AUDUSD.id,
                client_order_id=order.client_order_id,
                venue_order_id=VenueOrderId(f"V-{index}"),
                account_id=ACCOUNT,
            ),
        ):
            order_lifecycle.apply(order, event)
            env.cache.update_order(order)
        ids.append(order.client_order_id)
    return ids


async def main() -> None:
    n = arg_n()
    env = Env(asyncio.get_running_loop())
    env.client.mass = mass_status(n, cache_accepted_orders(env, n))
    assert len(env.cache.orders_open()) == n
    GarbageTuning().apply()
    began = time.perf_counter()
    result = await reconcile(env)
    seconds = time.perf_counter() - began
    orders = env.cache.orders_closed()
    assert result.succeeded, result
    assert len(orders) == n
    net = sum(position.signed_qty for position in env.cache.positions_open())
    emit("W3" + SUFFIX, n, seconds, ok=result.succeeded, orders=len(orders), net=str(net))


run(main)
