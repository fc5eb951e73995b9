"""Streams fall silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox_venues.outages.outage import Outage, streams_of

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class HalfOpen(Outage, frozen=True, kw_only=True):
    """Nothing arrives on streams any more and nobody is told, until they are opened again.

    Attributes:
        node: the name of the connection, `None` for all.

    """

    node: str | None = None

    def begin(self, gateway: VenueGateway) -> int:
        """Silence the streams."""
        chosen = streams_of(gateway, self.node)
        for connection in chosen:
            connection.silent = True
            gateway.record("fault", "half_open", connection.node, None)
        return len(chosen)
