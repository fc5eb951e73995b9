"""RefuseConnections."""

import asyncio

from sandbox_venues.outages import RefuseConnections


def test_who_is_connected_stays_and_who_is_not_is_refused(line):
    async def body(line):
        line.bench.gateway.begin(RefuseConnections(for_secs=3.0))
        await line.ask(line.order("O-1"))
        refused = await line.reopen()
        await asyncio.sleep(3.0)
        return [item.split()[0] for item in line.heard], refused.split()[0], (await line.reopen()).split()[0]

    assert line(body) == (["ack", "account"], "WireError", "open")
