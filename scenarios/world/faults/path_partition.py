"""Nothing gets through, in both directions or one."""

from __future__ import annotations

from scenarios.world.faults.fault import Ends, PathFault
from scenarios.world.network import Network


class PartitionPath(PathFault, frozen=True, kw_only=True):
    """What is sent is held, in order, and arrives when the partition ends, as TCP sends it again.

    Attributes:
        toward: the side that nothing reaches.

    """

    toward: Ends = "both"

    def begin(self, network: Network, path: str) -> None:
        """Hold."""
        network.partition(path, self.toward)

    def end(self, network: Network, path: str) -> None:
        """Let go, unless another partition's end has done so already."""
        if network.path(path).partitioned:
            network.heal(path)
