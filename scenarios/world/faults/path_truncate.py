"""Connections break in the middle of a message."""

from __future__ import annotations

from scenarios.world.faults.fault import PathFault, Toward
from scenarios.world.network import Network


class TruncatePath(PathFault, frozen=True, kw_only=True):
    """So many bytes of what is sent next toward that side arrive, then both sides see a reset.

    Attributes:
        toward: the side that gets half a message.
        after_bytes: how much of it.

    """

    toward: Toward = "client"
    after_bytes: int = 0

    def begin(self, network: Network, path: str) -> None:
        """Lie in wait."""
        network.truncate(path, self.toward, self.after_bytes)
