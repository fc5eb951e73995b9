"""The clock jumps."""

from __future__ import annotations

from scenarios.world.faults.fault import HostFault
from scenarios.world.host import Host


class JumpClock(HostFault, frozen=True, kw_only=True):
    """The host's clock jumps, as when it is set by hand; timers do not.

    Attributes:
        by_ns: by how much; negative is back.

    """

    by_ns: int

    def begin(self, host: Host) -> None:
        """Jump."""
        host.skew_ns += self.by_ns
