"""HalfOpen."""

from sandbox_venues.outages import HalfOpen


def test_the_stream_is_silent_until_it_is_opened_again_and_requests_work(line):
    async def body(line):
        met = line.bench.gateway.begin(HalfOpen())
        answered = await line.ask(line.order("O-1"))
        silent = list(line.heard)
        await line.reopen()
        await line.ask(line.order("O-2"))
        return met, answered.split()[0], silent, line.lost, [item.split()[0] for item in line.heard]

    assert line(body) == (1, "done", [], [], ["ack", "account"])
