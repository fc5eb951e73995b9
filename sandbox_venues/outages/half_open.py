"""Streams fall silent."""

from __future__ import annotations

from sandbox_venues.outages.outage import Outage, streams_of
from sandbox_venues.switchboard import Switchboard


class HalfOpen(Outage, frozen=True, kw_only=True):
    """Nothing arrives on streams any more and nobody is told, until they are opened again.

    Attributes:
        node: the name of the connection, `None` for all.

    """

    node: str | None = None

    def begin(self, switchboard: Switchboard) -> int:
        """Silence the streams."""
        chosen = streams_of(switchboard, self.node)
        for connection in chosen:
            connection.silent = True
            switchboard.record("fault", "half_open", connection.node, None)
        return len(chosen)
