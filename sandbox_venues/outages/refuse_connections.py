"""The venue takes no new streams."""

from __future__ import annotations

from sandbox_venues.faults.fault import to_ns
from sandbox_venues.outages.outage import Outage
from sandbox_venues.switchboard import Switchboard


class RefuseConnections(Outage, frozen=True, kw_only=True):
    """Whoever wants to connect is refused; who is connected stays.

    Attributes:
        for_secs: for how long.

    """

    for_secs: float

    def begin(self, switchboard: Switchboard) -> int:
        """Close the door."""
        switchboard.closed_until["*"] = switchboard.clock.timestamp_ns() + to_ns(self.for_secs)
        switchboard.record("fault", "refuse_connections", "*", None)
        return 0
