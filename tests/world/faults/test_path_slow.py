"""SlowPath."""

import asyncio

from scenarios.world.faults import SlowPath


def test_latency_is_multiplied_while_it_lasts(wire):
    async def body(wire, client, server):
        fault = SlowPath(factor=100)
        wire.begin(fault)
        client.transport.write(b"late")
        await asyncio.sleep(2)
        wire.end(fault)
        client.transport.write(b"soon")
        await asyncio.sleep(1)
        return server.log

    assert wire(body) == ["late 1.020", "soon 2.030"]
