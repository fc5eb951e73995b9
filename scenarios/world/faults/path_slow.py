"""Everything takes longer."""

from __future__ import annotations

from scenarios.world.faults.fault import PathFault
from scenarios.world.network import Network


class SlowPath(PathFault, frozen=True, kw_only=True):
    """Latency is multiplied.

    Attributes:
        factor: by how much.

    """

    factor: float

    def begin(self, network: Network, path: str) -> None:
        """Slow down."""
        network.slow(path, self.factor)

    def end(self, network: Network, path: str) -> None:
        """Go on as usual."""
        network.slow(path, 1)
