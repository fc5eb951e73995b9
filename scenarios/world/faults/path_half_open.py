"""Connections are half open: one side thinks that they live."""

from __future__ import annotations

from scenarios.world.faults.fault import Ends, PathFault
from scenarios.world.network import Network


class HalfOpenPath(PathFault, frozen=True, kw_only=True):
    """What is sent toward that side vanishes for good, and nobody is told; new connections work.

    Attributes:
        toward: the side that hears nothing.

    """

    toward: Ends = "both"

    def begin(self, network: Network, path: str) -> None:
        """Let it vanish."""
        network.half_open(path, self.toward)
