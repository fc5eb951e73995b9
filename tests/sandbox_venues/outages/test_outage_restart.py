"""Restart."""

import asyncio

import pytest

from sandbox_venues.outages import Restart


@pytest.mark.parametrize(("requests", "first"), [("refused", "trouble"), ("lost", "WireTimeout")])
def test_requests_are_refused_or_lost_until_the_venue_is_back(line, requests, first):
    """FIELD H5."""

    async def body(line):
        line.bench.gateway.begin(Restart(for_secs=3.0, requests=requests))
        during = await line.ask(line.order("O-1"), 1.0)
        nothing_done = line.bench.venue.orders() == []
        await asyncio.sleep(3.0)
        after = await line.ask(line.order("O-2"), 1.0)
        return during.split()[0], nothing_done, line.lost, after.split()[0], (await line.reopen()).split()[0]

    assert line(body) == (first, True, ["the venue restarts 0.030"], "done", "open")
