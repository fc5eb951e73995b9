"""Connections are closed with notice."""

from __future__ import annotations

from scenarios.world.faults.fault import PathFault
from scenarios.world.network import Network


class ClosePath(PathFault, frozen=True, kw_only=True):
    """The listener's side closes the connections in order; what it had written arrives, then the end of the stream."""

    def begin(self, network: Network, path: str) -> None:
        """Close them."""
        network.close(path)
