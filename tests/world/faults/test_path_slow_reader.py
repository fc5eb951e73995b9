"""SlowReader."""

import asyncio

import pytest

from scenarios.world.faults import SlowReader


def test_the_writer_has_to_wait_for_a_slow_reader(wire):
    async def body(wire, client, server):
        fault = SlowReader(toward="client", bytes_per_s=100_000.0)
        wire.begin(fault)
        for _ in range(40):
            server.transport.write(b"x" * 10_000)
        paused = list(server.log)
        await asyncio.sleep(10)
        return paused, server.log[-1], client.bytes, client.log[-1]

    paused, last, received, end = wire(body)

    assert paused == ["pause 0.020"]
    assert last.startswith("resume ")
    assert (received, end) == (400_000, "10000 bytes 4.030")


def test_new_connections_are_read_slowly_too_until_it_ends(wire):
    async def body(wire, client, server):
        fault = SlowReader(toward="server", bytes_per_s=10.0)
        wire.begin(fault)
        second, other = await wire.connect()
        second.transport.write(b"0123456789")
        await asyncio.sleep(2)
        wire.end(fault)
        second.transport.write(b"done")
        await asyncio.sleep(1)
        return [item.split()[0] for item in other.log], [float(item.split()[1]) for item in other.log]

    heard, times = wire(body)

    assert heard == ["0123456789", "done"]
    assert times == [pytest.approx(1.045, abs=0.02), pytest.approx(2.05, abs=0.02)]
