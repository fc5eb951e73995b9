"""Slow."""

import pytest

from sandbox_venues.outages import Slow


def test_latency_is_multiplied_until_it_ends(line):
    async def body(line):
        line.bench.gateway.begin(Slow(factor=10))
        slow = await line.ask()
        Slow(factor=10).end(line.bench.gateway)
        return slow, await line.ask()

    assert line(body) == ("page 0.220", "page 0.240")


def test_a_factor_is_not_negative():
    with pytest.raises(ValueError, match="at least 0, was -1"):
        Slow(factor=-1)
