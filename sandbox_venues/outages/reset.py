"""Connections break at once, with everything on them."""

from __future__ import annotations

from sandbox_venues.outages.outage import Outage
from sandbox_venues.switchboard import Switchboard


class Reset(Outage, frozen=True, kw_only=True):
    """Requests, answers and stream messages under way are lost; the client is told at once, new connections work.

    Attributes:
        node: the name of the connection, `None` for all.

    """

    node: str | None = None

    def begin(self, switchboard: Switchboard) -> int:
        """Break the connections."""
        chosen = [one for one in switchboard.connections if self.node in (None, one.node)]
        for connection in chosen:
            connection.has_stream = False
            for lane in (connection.requests, connection.answers, connection.stream):
                lane.drop()
            connection.answers.send(0.0, connection.lose_everything, "reset by the network")
            switchboard.record("fault", "reset", connection.node, None)
        return len(chosen)
