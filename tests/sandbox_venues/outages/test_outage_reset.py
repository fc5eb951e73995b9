"""Reset."""

import asyncio

from sandbox_venues.outages import Reset


def test_what_is_under_way_is_lost_and_the_client_is_told_at_once(line):
    async def body(line):
        question = asyncio.ensure_future(line.ask(line.order("O-1"), 10.0))
        await asyncio.sleep(0.005)
        line.bench.gateway.begin(Reset())
        answered = await question
        await asyncio.sleep(1.0)
        return answered, line.lost, line.bench.venue.orders(), (await line.reopen()).split()[0]

    assert line(body) == ("WireError 0.025", ["reset by the network 0.025"], [], "open")


def test_an_answer_on_its_way_is_lost_though_the_venue_acted(line):
    async def body(line):
        question = asyncio.ensure_future(line.ask(line.order("O-1"), 10.0))
        await asyncio.sleep(0.015)
        line.bench.gateway.begin(Reset())
        return (await question).split()[0], len(line.bench.venue.orders()), line.heard

    assert line(body) == ("WireError", 1, [])
