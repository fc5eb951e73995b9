"""The clock of the machine that a node runs on: what it is off by outlives the node's process.

May know: hosts and their faults.
"""

from __future__ import annotations

from scenarios.world.faults import DriftClock, JumpClock, SkewClock
from scenarios.world.host import Host
from scenarios.world.world import World


class MachineClock:
    """What the clock of the next process begins with, and what happens to it meanwhile."""

    def __init__(self) -> None:
        self.skew_ns = 0
        self._drift_ns_per_s = 0
        self._since_s = 0.0

    def new_host(self, world: World) -> Host:
        """Return a new process on the machine."""
        host = world.host("node")
        SkewClock(by_ns=self._settle(world.loop.time())).begin(host)
        if self._drift_ns_per_s:
            DriftClock(ns_per_s=self._drift_ns_per_s).begin(host)
        return host

    def skew(self, by_ns: int, now_s: float) -> None:
        """Let the clock be off by so much from the next start on."""
        self._settle(now_s)
        self.skew_ns = by_ns

    def jump(self, by_ns: int, now_s: float, host: Host | None) -> None:
        """Let the clock jump, for the process that runs too."""
        self.skew_ns = self._settle(now_s) + by_ns
        if host is not None:
            JumpClock(by_ns=by_ns).begin(host)

    def drift(self, ns_per_s: int, now_s: float, host: Host | None) -> None:
        """Let the clock run fast or slow, for the process that runs too."""
        self._settle(now_s)
        self._drift_ns_per_s = ns_per_s
        if host is not None:
            DriftClock(ns_per_s=ns_per_s).begin(host)

    def _settle(self, now_s: float) -> int:
        """Add up what the drift has made of the clock so far."""
        self.skew_ns += int((now_s - self._since_s) * self._drift_ns_per_s)
        self._since_s = now_s
        return self.skew_ns
