"""Streams end with notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_venues.faults.fault import to_ns
from sandbox_venues.outages.outage import Outage, streams_of

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class Disconnect(Outage, frozen=True, kw_only=True):
    """The venue closes streams and says so; requests and answers go on.

    Attributes:
        node: the name of the connection, `None` for all.
        for_secs: for how long it takes no new streams.
        reason: what it says.

    """

    node: str | None = None
    for_secs: float = 0.0
    reason: str = "closed by the venue"

    def begin(self, gateway: VenueGateway) -> int:
        """End the streams."""
        if self.for_secs:
            gateway.closed_until[self.node or "*"] = gateway.clock.timestamp_ns() + to_ns(self.for_secs)
        ended = streams_of(gateway, self.node)
        for connection in ended:
            connection.has_stream = False
            connection.stream.drop()
            connection.answers.send(gateway.latency_s(), connection.lose_stream, self.reason)
            gateway.record("fault", "disconnect", connection.node, None)
        return len(ended)
