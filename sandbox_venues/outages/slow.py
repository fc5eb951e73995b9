"""Everything takes longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_venues.outages.outage import Outage

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class Slow(Outage, frozen=True, kw_only=True):
    """Latency and its jitter are multiplied.

    Attributes:
        factor: by how much; 1 is normal.

    """

    factor: float

    def __post_init__(self) -> None:
        if self.factor < 0:
            raise ValueError(f"a latency factor must be at least 0, was {self.factor}")

    def begin(self, gateway: VenueGateway) -> int:
        """Slow down."""
        gateway.latency_factor = self.factor
        return len(gateway.connections)

    def end(self, gateway: VenueGateway) -> None:
        """Go on as usual."""
        gateway.latency_factor = 1.0
