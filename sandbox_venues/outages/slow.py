"""Everything takes longer."""

from __future__ import annotations

from sandbox_venues.outages.outage import Outage
from sandbox_venues.switchboard import Switchboard


class Slow(Outage, frozen=True, kw_only=True):
    """Latency and its jitter are multiplied.

    Attributes:
        factor: by how much; 1 is normal.

    """

    factor: float

    def __post_init__(self) -> None:
        if self.factor < 0:
            raise ValueError(f"a latency factor must be at least 0, was {self.factor}")

    def begin(self, switchboard: Switchboard) -> int:
        """Slow down."""
        switchboard.latency_factor = self.factor
        return len(switchboard.connections)

    def end(self, switchboard: Switchboard) -> None:
        """Go on as usual."""
        switchboard.latency_factor = 1.0
