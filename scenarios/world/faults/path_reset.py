"""Connections are reset."""

from __future__ import annotations

from scenarios.world.faults.fault import PathFault
from scenarios.world.network import Network


class ResetPath(PathFault, frozen=True, kw_only=True):
    """Both sides lose the connections at once; bytes under way are lost."""

    def begin(self, network: Network, path: str) -> None:
        """Break them."""
        network.reset(path)
