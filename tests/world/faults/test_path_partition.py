"""PartitionPath."""

import asyncio

import pytest

from scenarios.world.faults import PartitionPath


@pytest.mark.parametrize(
    ("toward", "client_hears", "server_hears"),
    [
        ("both", ["down 1.030"], ["up 1.030"]),
        ("client", ["down 1.030"], ["up 0.030"]),
        ("server", ["down 0.030"], ["up 1.030"]),
    ],
)
def test_what_goes_that_way_is_held_until_the_end(wire, toward, client_hears, server_hears):
    async def body(wire, client, server):
        fault = PartitionPath(toward=toward)
        wire.begin(fault)
        client.transport.write(b"up")
        server.transport.write(b"down")
        await asyncio.sleep(1)
        wire.end(fault)
        await asyncio.sleep(1)
        return client.log, server.log

    assert wire(body) == (client_hears, server_hears)


@pytest.mark.parametrize("toward", ["both", "client", "server"])
def test_a_new_connection_waits_for_the_end(wire, toward):
    async def body(wire, client, server):
        fault = PartitionPath(toward=toward)
        wire.begin(fault)
        attempt = asyncio.ensure_future(wire.connect())
        await asyncio.sleep(1)
        waited = not attempt.done()
        wire.end(fault)
        await attempt
        return waited, wire.world.loop.time() > 1

    assert wire(body) == (True, True)
