"""One life of the node: a start, and what became of it.

May know: the kernel's public classes, hosts. Nothing here acts.
"""

from __future__ import annotations

import asyncio

from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.enums import ComponentState
from nautilus_live.store.memory import MemoryConnection
from nautilus_live.trading.strategy import Strategy
from scenarios.world.host import Host

RECONCILED = "initialise_portfolio"
"""The step of a start that comes after reconciliation: whoever gets there has been reconciled."""
STRATEGIES_STARTED = "start_trader"
"""The step of a start that starts the strategies."""


class Life:
    """One start of the node."""

    def __init__(
        self,
        node: TradingNode,
        host: Host,
        store: MemoryConnection,
        strategies: dict[str, Strategy],
        secrets: tuple[str, ...] = (),
    ) -> None:
        self.node = node
        self.secrets = secrets
        """What nobody may log, store or show."""
        self.host = host
        self.store = store
        self.strategies = strategies
        self.task: asyncio.Task[int] | None = None
        self.reached: list[str] = []
        self.crashed = False

    @property
    def state(self) -> str:
        """RUNNING, STOPPED, FAILED or CRASHED, or where it is on its way."""
        if self.crashed:
            return "CRASHED"
        if self.task is not None and self.task.done():
            return "STOPPED" if self.node.exit_code in (ExitCode.OK, ExitCode.STOP_INCOMPLETE) else "FAILED"
        return "RUNNING" if self.node.state is ComponentState.RUNNING else self.node.state.value

    @property
    def has_traded(self) -> bool:
        """Whether the strategies were started in this life."""
        return STRATEGIES_STARTED in self.reached

    @property
    def exit_code(self) -> int | None:
        """What the process returned, `None` while it runs or if it was killed."""
        return int(self.node.exit_code) if self.task is not None and self.task.done() and not self.crashed else None

    @property
    def reconciliation(self) -> str:
        """How startup reconciliation ended."""
        if RECONCILED in self.reached:
            return "succeeded"
        return "failed" if self.exit_code == ExitCode.RECONCILIATION_FAILED else ""
