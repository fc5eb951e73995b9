"""Disconnect."""

import asyncio

from sandbox_venues.outages import Disconnect


def test_streams_end_with_notice_and_can_be_opened_after_a_while(line):
    async def body(line):
        met = line.bench.gateway.begin(Disconnect(for_secs=1.0, reason="bye"))
        await line.ask(line.order("O-1"))
        first = await line.reopen()
        await asyncio.sleep(1.0)
        return met, line.heard, line.lost, first.split()[0], (await line.reopen()).split()[0]

    assert line(body) == (1, [], ["bye 0.030"], "WireError", "open")


def test_one_client_can_be_meant(line):
    async def body(line):
        return line.bench.gateway.begin(Disconnect(node="other")), line.connection.has_stream

    assert line(body) == (0, True)
