"""The clock goes wrong, little by little."""

from __future__ import annotations

from scenarios.world.faults.fault import HostFault
from scenarios.world.host import Host


class DriftClock(HostFault, frozen=True, kw_only=True):
    """The host's clock runs fast or slow.

    Attributes:
        ns_per_s: how much it gains with every second; negative, loses.

    """

    ns_per_s: int

    def begin(self, host: Host) -> None:
        """Run fast or slow."""
        host.drift(self.ns_per_s)

    def end(self, host: Host) -> None:
        """Run right again; what it is off by stays."""
        host.drift(0)
