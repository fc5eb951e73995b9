"""The clock is off."""

from __future__ import annotations

from scenarios.world.faults.fault import HostFault
from scenarios.world.host import Host


class SkewClock(HostFault, frozen=True, kw_only=True):
    """The host's clock is off by a constant.

    Attributes:
        by_ns: by how much; negative is behind.

    """

    by_ns: int

    def begin(self, host: Host) -> None:
        """Set it wrong."""
        host.skew_ns = self.by_ns
