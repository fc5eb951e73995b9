"""ClosePath."""

import asyncio

from scenarios.world.faults import ClosePath


def test_the_client_reads_what_was_written_and_then_the_end(wire):
    async def body(wire, client, server):
        server.transport.write(b"goodbye")
        wire.begin(ClosePath())
        await asyncio.sleep(1)
        return client.log, server.log

    assert wire(body) == (["goodbye 0.030", "eof 0.030", "lost NoneType 0.030"], ["lost NoneType 0.020"])
