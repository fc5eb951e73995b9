"""ResetPath."""

import asyncio

from scenarios.world.faults import ResetPath


def test_both_sides_lose_the_connection_and_what_is_under_way(wire):
    async def body(wire, client, server):
        client.transport.write(b"lost")
        wire.begin(ResetPath())
        await asyncio.sleep(1)
        await wire.connect()
        return client.log, server.log

    assert wire(body) == (["lost ConnectionResetError 0.020"], ["lost ConnectionResetError 0.020"])
