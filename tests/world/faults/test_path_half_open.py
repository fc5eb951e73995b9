"""HalfOpenPath."""

import asyncio

import pytest

from scenarios.world.faults import HalfOpenPath


@pytest.mark.parametrize(
    ("toward", "client_hears", "server_hears"),
    [("both", [], []), ("client", [], ["up 0.030"]), ("server", ["down 0.030"], [])],
)
def test_what_goes_toward_that_side_vanishes(wire, toward, client_hears, server_hears):
    async def body(wire, client, server):
        wire.begin(HalfOpenPath(toward=toward))
        client.transport.write(b"up")
        server.transport.write(b"down")
        await asyncio.sleep(5)
        return client.log, server.log

    assert wire(body) == (client_hears, server_hears)
