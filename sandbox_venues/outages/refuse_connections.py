"""The venue takes no new streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_venues.faults.fault import to_ns
from sandbox_venues.outages.outage import Outage

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class RefuseConnections(Outage, frozen=True, kw_only=True):
    """Whoever wants to connect is refused; who is connected stays.

    Attributes:
        for_secs: for how long.

    """

    for_secs: float

    def begin(self, gateway: VenueGateway) -> int:
        """Close the door."""
        gateway.closed_until["*"] = gateway.clock.timestamp_ns() + to_ns(self.for_secs)
        gateway.record("fault", "refuse_connections", "*", None)
        return 0
