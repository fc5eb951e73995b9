"""New connections are refused."""

from __future__ import annotations

from scenarios.world.faults.fault import PathFault
from scenarios.world.network import Network


class RefusePath(PathFault, frozen=True, kw_only=True):
    """Connecting fails with `ConnectionRefusedError` after a round trip; open connections go on."""

    def begin(self, network: Network, path: str) -> None:
        """Refuse."""
        network.refuse(path)

    def end(self, network: Network, path: str) -> None:
        """Take connections again."""
        network.refuse(path, refusing=False)
