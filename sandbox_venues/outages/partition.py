"""Nothing gets through, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sandbox_venues.outages.outage import Outage, Toward

if TYPE_CHECKING:
    from sandbox_venues.gateway import VenueGateway


class Partition(Outage, frozen=True, kw_only=True):
    """Everything is held, in order, until `heal`; new connections wait as well.

    Attributes:
        toward: only what travels to that end is held: `client` (answers and the stream) or `server` (requests).

    """

    toward: Literal["client", "server", "both"] = "both"

    @property
    def ends(self) -> tuple[Toward, ...]:
        """The ends that nothing reaches."""
        return ("client", "server") if self.toward == "both" else (self.toward,)

    def begin(self, gateway: VenueGateway) -> int:
        """Hold."""
        gateway.partitioned.update(dict.fromkeys(self.ends))
        for connection in gateway.connections:
            gateway.hold(connection)
        return len(gateway.connections)

    def end(self, gateway: VenueGateway) -> None:
        """Let go of what was held."""
        gateway.let_go(*self.ends)
