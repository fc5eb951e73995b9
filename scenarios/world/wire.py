"""The simulation's way to a venue: aiohttp connectors that end on the network in memory and die with their host.

May know: aiohttp and hosts. In production a node gets a `TCPConnector` where it asks for one; all else is the same.
"""

from __future__ import annotations

from typing import Any

import aiohttp

from scenarios.world.host import CURRENT_HOST


def connector(path: str, **options: Any) -> aiohttp.UnixConnector:
    """A connector to the listener of a path, for the host that asks.

    A process that is killed warns of nothing, so the host's crash marks the connector as closed: whenever the dead
    node's client session is collected, it finds nothing to complain about ("Unclosed client session").
    """
    made = aiohttp.UnixConnector(path=path, **options)
    host = CURRENT_HOST.get()
    if host is not None:

        def cut() -> None:
            # Not made.close(): that would say goodbye to the peers. Their connections are cut as ports of their own.
            made._closed = True

        host.add_port(cut)
    return made
