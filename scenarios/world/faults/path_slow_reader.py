"""One side reads so slowly that the other has to wait."""

from __future__ import annotations

from scenarios.world.faults.fault import PathFault, Toward
from scenarios.world.network import Network


class SlowReader(PathFault, frozen=True, kw_only=True):
    """That side takes in so many bytes a second; the writer's buffer fills and it is told to pause: back-pressure.

    Attributes:
        toward: the side that reads slowly.
        bytes_per_s: how fast.

    """

    toward: Toward = "client"
    bytes_per_s: float

    def begin(self, network: Network, path: str) -> None:
        """Read slowly."""
        network.slow_reader(path, self.toward, self.bytes_per_s)

    def end(self, network: Network, path: str) -> None:
        """Read at once again."""
        network.slow_reader(path, self.toward, 0.0)
