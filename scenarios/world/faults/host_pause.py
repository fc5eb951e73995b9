"""The process stands still."""

from __future__ import annotations

from scenarios.world.faults.fault import HostFault
from scenarios.world.host import Host


class PauseHost(HostFault, frozen=True, kw_only=True):
    """The process is stopped (SIGSTOP, a long garbage collection); what became due meanwhile runs when it goes on."""

    def begin(self, host: Host) -> None:
        """Stop it."""
        host.pause()

    def end(self, host: Host) -> None:
        """Let it go on, if it still stands."""
        if host.state == "PAUSED":
            host.resume()
