"""RefusePath."""

import pytest

from scenarios.world.faults import RefusePath


def test_new_connections_are_refused_after_a_round_trip_and_open_ones_go_on(wire):
    async def body(wire, client, server):
        fault = RefusePath()
        wire.begin(fault)
        with pytest.raises(ConnectionRefusedError):
            await wire.connect()
        refused_at = wire.world.loop.time()
        client.transport.write(b"still here")
        wire.end(fault)
        await wire.connect()
        return refused_at, server.log

    assert wire(body) == (0.040, ["still here 0.050"])
