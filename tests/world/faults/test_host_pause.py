"""PauseHost."""

import asyncio

from scenarios.world.faults import PauseHost
from scenarios.world.world import World


def test_a_paused_process_does_nothing_and_catches_up_when_it_goes_on():
    world = World(time_limit_s=100.0, signals=False)
    turns = []

    async def count():
        for _ in range(4):
            await asyncio.sleep(1)
            turns.append(world.loop.time())

    async def main():
        host, fault = world.host("node"), PauseHost()
        task = host.run(count)
        await asyncio.sleep(1.5)
        fault.begin(host)
        await asyncio.sleep(5)
        fault.end(host)
        await asyncio.wait([task])
        fault.end(host)  # what does not stand cannot go on twice

    world.run(main)

    assert turns == [1.0, 6.5, 7.5, 8.5]
