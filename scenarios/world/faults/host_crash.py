"""The process is killed."""

from __future__ import annotations

from collections.abc import Callable

from scenarios.world.faults.fault import HostFault
from scenarios.world.host import Host


class CrashHost(HostFault, frozen=True, kw_only=True):
    """The process is killed: at once, or as soon as it has run so many callbacks since its birth.

    Attributes:
        after_callbacks: how many; `None` is now.
        kill: what kills it, where more dies than the host itself.

    """

    after_callbacks: int | None = None
    kill: Callable[[], None] | None = None

    def begin(self, host: Host) -> None:
        """Kill it, or lie in wait.

        Raises:
            ValueError: if it has run more callbacks already.

        """
        kill = self.kill or host.crash
        wanted = self.after_callbacks
        if wanted is None or wanted == host.callbacks:
            kill()
            return
        if wanted < host.callbacks:
            raise ValueError(f"{host.name}: cannot crash after {wanted} callbacks, has run {host.callbacks}")
        before = host.on_callback

        def look(callbacks: int) -> None:
            if before is not None:
                before(callbacks)
            if callbacks == wanted and not host.dead:
                kill()

        host.on_callback = look
