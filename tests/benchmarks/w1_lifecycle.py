"""W1: N limit orders strategy -> risk -> execution engine -> mock client -> submitted, accepted, filled.

Timed: from the first submit to the N-th `on_order_filled`; submits in bursts of 100 with a turn of the loop between.
Second figure: ping-pong, the next order submitted on the fill of the former, microseconds per round trip.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from common import AUDUSD, PX, QTY, SHAPE, SUFFIX, Env, arg_n, emit, run, side_of

from nautilus_live.config.strategy import StrategyConfig
from nautilus_live.model.enums import OmsType, OrderStatus
from nautilus_live.trading.strategy import Strategy


class Trial(Strategy):
    """Sends orders and counts fills."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig(strategy_id="S", order_id_tag="001", oms_type=OmsType.NETTING))
        self.filled = self.sent = self.pingpong = 0
        self.done: asyncio.Future[None] | None = None

    def send(self) -> None:
        """Submit the next order."""
        side = side_of(self.sent, 1 << 60)
        self.sent += 1
        self.submit_order(self.order_factory.limit(AUDUSD.id, side, QTY, PX))

    def on_order_filled(self, event: Any) -> None:
        self.filled += 1
        if self.pingpong:
            self.pingpong -= 1
            if self.pingpong:
                self.send()
            elif self.done is not None:
                self.done.set_result(None)


async def main() -> None:
    n = arg_n()
    loop = asyncio.get_running_loop()
    env = Env(loop)
    trial = Trial()
    env.start(trial)
    await asyncio.sleep(0.05)
    began = time.perf_counter()
    for sent in range(0, n, 100):
        for _ in range(min(100, n - sent)):
            trial.send()
        await asyncio.sleep(0)
    while trial.filled < n:  # noqa: ASYNC110  # an event would be set once per order inside the timed region
        await asyncio.sleep(0)
    seconds = time.perf_counter() - began
    orders = env.cache.orders_closed()
    assert len(orders) == n
    assert all(order.status is OrderStatus.FILLED for order in orders)
    assert SHAPE == "grow" or n % 2 or env.portfolio.is_completely_flat()
    rounds = min(n, 2000)
    trial.done, trial.pingpong = loop.create_future(), rounds
    began = time.perf_counter()
    trial.send()
    await trial.done
    emit("W1" + SUFFIX, n, seconds, pingpong_us=round((time.perf_counter() - began) / rounds * 1e6, 1))
    os._exit(0)  # no orderly stop: not part of the measurement


run(main)
