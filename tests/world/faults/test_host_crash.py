"""CrashHost."""

import asyncio

import pytest

from scenarios.world.faults import CrashHost
from scenarios.world.world import World


def counted(after, kill=None):
    """Run a host that counts the turns of its loop; return how far it came, and how many callbacks it had."""
    world = World(time_limit_s=100.0, signals=False)
    turns = []

    async def count():
        while True:
            turns.append(world.loop.time())
            await asyncio.sleep(1)

    async def main():
        host = world.host("node")
        host.run(count)
        CrashHost(after_callbacks=after, kill=None if kill is None else lambda: kill(host)).begin(host)
        await asyncio.sleep(10)
        return len(turns), host.callbacks, host.state

    return world.run(main)


def test_at_once_it_never_runs():
    assert counted(None) == (0, 0, "DEAD")


@pytest.mark.parametrize("callbacks", [1, 3, 5])
def test_after_so_many_callbacks_it_is_killed_before_anyone_else_runs(callbacks):
    _, ran, state = counted(callbacks)

    assert (ran, state) == (callbacks, "DEAD")


def test_what_kills_it_may_do_more():
    killed = []

    def kill(host):
        killed.append(host.callbacks)
        host.crash()

    assert counted(4, kill)[1:] == (4, "DEAD")
    assert killed == [4]


def test_it_cannot_have_happened_already():
    world = World(time_limit_s=100.0, signals=False)

    async def main():
        host = world.host("node")
        await asyncio.wait([host.run(lambda: asyncio.sleep(1))])
        with pytest.raises(ValueError, match="cannot crash after 1 callbacks, has run"):
            CrashHost(after_callbacks=1).begin(host)

    world.run(main)
