"""W5: N quotes, ready objects, through the data engine: queue, cache, bus, `on_quote_tick`.

Timed: from the first quote to the N-th callback; quotes in bursts of 1,000 with a turn of the loop between.
"""

from __future__ import annotations

import asyncio
import os
import time

from common import AUDUSD, TRADER, Env, arg_n, emit, run

from nautilus_live.adapters.client import LiveDataClient
from nautilus_live.adapters.ports import DataClientContext
from nautilus_live.config.strategy import StrategyConfig
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.trading.strategy import Strategy

BURST = 1_000


class Quotes(LiveDataClient):
    """A source of quotes that are made elsewhere."""

    async def _connect(self) -> None:
        pass

    async def _disconnect(self) -> None:
        pass

    async def _subscribe_quote_ticks(self, instrument_id: InstrumentId) -> None:
        pass


class Counter(Strategy):
    """Counts quotes."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig(strategy_id="S", order_id_tag="001"))
        self.seen = 0

    def on_start(self) -> None:
        self.subscribe_quote_ticks(AUDUSD.id)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        self.seen += 1


async def main() -> None:
    n = arg_n(100_000)
    loop = asyncio.get_running_loop()
    env = Env(loop)
    context = DataClientContext(
        name="SIM", trader_id=TRADER.value, loop=loop, clock=env.clock, sink=env.data_engine, cache=env.cache
    )
    env.data_engine.register_client(Quotes(context, venue=Venue("SIM")))
    strategy = Counter()
    env.start(strategy)
    await asyncio.sleep(0.05)
    size = Quantity.from_int(1_000_000)
    steps = [(Price.from_str(f"{0.75 + i / 1e5:.5f}"), Price.from_str(f"{0.7501 + i / 1e5:.5f}")) for i in range(100)]
    ticks = [QuoteTick(AUDUSD.id, *steps[i % 100], size, size, i, i) for i in range(n)]
    process = env.data_engine.process
    began = time.perf_counter()
    for first in range(0, n, BURST):
        for tick in ticks[first : first + BURST]:
            process(tick)
        await asyncio.sleep(0)
    while strategy.seen < n:  # noqa: ASYNC110  # as the peer's script waits
        await asyncio.sleep(0)
    seconds = time.perf_counter() - began
    assert env.cache.quote_tick_count(AUDUSD.id) > 0
    emit("W5", n, seconds)


if __name__ == "__main__":
    run(main)
    os._exit(0)  # nothing is to be put in order, and the peer leaves this way too
