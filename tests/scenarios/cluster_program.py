"""A Dask scheduler and two workers on loopback, told about on stdout; they end when stdin does.

One process is enough for the three: they talk over TCP all the same, and each chunk of a campaign runs in a process of
its own (`scenarios/apart.py`).
"""

from __future__ import annotations

import asyncio
import sys

from distributed import Scheduler, Worker

HERE = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}  # no fixed port: two runs of the tests may meet


async def main() -> None:
    """Run the cluster; both workers are there when its address is told."""
    async with (
        Scheduler(port=0, **HERE) as scheduler,
        Worker(scheduler.address, name="one", nthreads=1, memory_limit=0, **HERE),
        Worker(scheduler.address, name="two", nthreads=1, memory_limit=0, **HERE),
    ):
        print(scheduler.address, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
