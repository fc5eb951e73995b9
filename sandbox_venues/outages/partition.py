"""Nothing gets through, and nothing is lost."""

from __future__ import annotations

from typing import Literal

from sandbox_venues.outages.outage import Outage
from sandbox_venues.switchboard import Switchboard, Toward


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

    def begin(self, switchboard: Switchboard) -> int:
        """Hold."""
        switchboard.partitioned.update(dict.fromkeys(self.ends))
        for connection in switchboard.connections:
            switchboard.hold(connection)
        return len(switchboard.connections)

    def end(self, switchboard: Switchboard) -> None:
        """Let go of what was held."""
        switchboard.let_go(*self.ends)
