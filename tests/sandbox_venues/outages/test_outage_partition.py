"""Partition."""

import asyncio

import pytest

from sandbox_venues.outages import Partition, RefuseConnections


@pytest.mark.parametrize(
    ("toward", "acted", "heard"),
    [("both", False, []), ("server", False, []), ("client", True, [])],
)
def test_what_goes_that_way_is_held_and_nothing_is_lost(line, toward, acted, heard):
    async def body(line):
        line.bench.gateway.begin(Partition(toward=toward))
        question = asyncio.ensure_future(line.ask(line.order("O-1"), 10.0))
        await asyncio.sleep(2.0)
        before = bool(line.bench.venue.orders()), list(line.heard)
        line.bench.gateway.heal()
        return before, (await question).split()[0], [item.split()[0] for item in line.heard]

    assert line(body) == ((acted, heard), "done", ["ack", "account"])


def test_its_end_ends_nothing_else(line):
    async def body(line):
        gateway, fault = line.bench.gateway, Partition(toward="server")
        gateway.begin(RefuseConnections(for_secs=60.0))
        gateway.begin(Partition(toward="client"))
        gateway.begin(fault)
        fault.end(gateway)
        question = asyncio.ensure_future(line.ask(line.order("O-1"), 10.0))
        await asyncio.sleep(1.0)
        return len(line.bench.venue.orders()), question.done(), "*" in gateway.closed_until, question.cancel()

    assert line(body) == (1, False, True, True)


def test_a_new_connection_waits_as_well(line):
    async def body(line):
        line.bench.gateway.begin(Partition())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(type(line)(line.bench).open(), 0.5)
        line.bench.gateway.heal()
        return (await type(line)(line.bench).open()).connection.has_stream

    assert line(body) is True
