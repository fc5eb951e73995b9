"""Connections break at once, with everything on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_venues.outages.outage import Outage

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class Reset(Outage, frozen=True, kw_only=True):
    """Requests, answers and stream messages under way are lost; the client is told at once, new connections work.

    Attributes:
        node: the name of the connection, `None` for all.

    """

    node: str | None = None

    def begin(self, gateway: VenueGateway) -> int:
        """Break the connections."""
        chosen = [one for one in gateway.connections if self.node in (None, one.node)]
        for connection in chosen:
            connection.has_stream = False
            for lane in (connection.requests, connection.answers, connection.stream):
                lane.drop()
            connection.answers.send(0.0, connection.lose_everything, "reset by the network")
            gateway.record("fault", "reset", connection.node, None)
        return len(chosen)
