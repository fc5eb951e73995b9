"""Streams end with notice."""

from __future__ import annotations

from sandbox_venues.faults.fault import to_ns
from sandbox_venues.outages.outage import Outage, streams_of
from sandbox_venues.switchboard import Switchboard


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

    def begin(self, switchboard: Switchboard) -> int:
        """End the streams."""
        if self.for_secs:
            switchboard.closed_until[self.node or "*"] = switchboard.clock.timestamp_ns() + to_ns(self.for_secs)
        ended = streams_of(switchboard, self.node)
        for connection in ended:
            connection.has_stream = False
            connection.stream.drop()
            connection.answers.send(switchboard.latency_s(), connection.lose_stream, self.reason)
            switchboard.record("fault", "disconnect", connection.node, None)
        return len(ended)
