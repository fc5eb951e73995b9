"""W2: reconcile N orders that the venue has FILLED (one fill each, matching position) into an empty cache."""

from __future__ import annotations

import asyncio
import time

from common import SUFFIX, Env, arg_n, emit, run
from mass_status import mass_status, reconcile

from nautilus_live.live.garbage import GarbageTuning


async def main() -> None:
    n = arg_n()
    env = Env(asyncio.get_running_loop())
    env.client.mass = mass_status(n)
    GarbageTuning().apply()
    began = time.perf_counter()
    result = await reconcile(env)
    seconds = time.perf_counter() - began
    orders = env.cache.orders_closed()
    assert result.succeeded, result
    assert len(orders) == n
    net = sum(position.signed_qty for position in env.cache.positions_open())
    emit("W2" + SUFFIX, n, seconds, ok=result.succeeded, orders=len(orders), net=str(net))


run(main)
