"""The start of a node: one method for each of `START_STEPS`.

May know: the kernel. A step that cannot do its work raises; `Startup.run` says which step it was, and nothing after
it runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from nautilus_live.adapters.ports import DataClient, ExecutionClient
from nautilus_live.engine.queues import ITEMS_PER_TURN_MAX
from nautilus_live.errors import KernelError, StoreError, VenueError, WireError, WireTimeout
from nautilus_live.live.kernel import Kernel
from nautilus_live.live.lifecycle import START_STEPS, ExitCode, Step, end_tasks, one_turn, run_step

_log = logging.getLogger(__name__)


class StartFailure(Exception):
    """A start that did not succeed: the step, why, and the exit code that says so."""

    def __init__(self, step: Step, cause: BaseException) -> None:
        reason = str(cause) if isinstance(cause, KernelError) else f"{type(cause).__name__}: {cause}"
        super().__init__(f"start failed: cannot {step.name}: {reason}")
        self.step = step
        self.exit_code: ExitCode = step.exit_code


class Startup:
    """Brings a kernel from built to running.

    Args:
        kernel: what is started.
        before_step: called with each step before it runs; for tests and for the log of a simulation.

    """

    def __init__(self, kernel: Kernel, before_step: Callable[[Step], object] | None = None) -> None:
        self._kernel = kernel
        self._before_step = before_step

    async def run(self) -> None:
        """Run all steps.

        Raises:
            StartFailure: at the first step that fails.

        """
        config = self._kernel.config
        for step in START_STEPS:
            if self._before_step is not None:
                self._before_step(step)
            if self._kernel.is_stopping():  # asked for by something that ran since our last `await`
                raise asyncio.CancelledError
            _log.debug("start: %s", step.name)
            timeout_s = None if step.timeout_setting is None else getattr(config, step.timeout_setting)
            try:
                await run_step(step, getattr(self, step.action), timeout_s)
            except Exception as error:
                raise StartFailure(step, error) from error

    def load_cache(self) -> None:
        """Fill the cache from the store, after deleting this trader's keys with `flush_on_start`."""
        kernel = self._kernel
        # Loading replaces what is in memory; without a store there is nothing to replace it with.
        wanted = kernel.config.exec_engine.load_cache or kernel.cache.config.flush_on_start
        if kernel.cache.store is not None and wanted:
            kernel.cache.load()
        if kernel.own_books is not None:
            kernel.own_books.rebuild()
        problems = kernel.cache.check_integrity()
        if problems:
            raise StoreError(
                f"the cache must not contradict itself: {'; '.join(problems)}; the way out is one start with"
                " `flush_on_start` of the cache: the store is emptied, and the venues' records are believed"
            )

    def start_engines(self) -> None:
        """Let the engines handle what arrives."""
        self._kernel.data_engine.start()
        self._kernel.risk_engine.start()
        self._kernel.exec_engine.start()

    async def connect_clients(self) -> None:
        """Connect all clients at once; the first that raises ends it."""
        kernel = self._kernel
        kernel.connecting = True
        clients: list[DataClient | ExecutionClient] = [*kernel.data_clients, *kernel.exec_clients]
        tasks = {asyncio.ensure_future(client.connect()): client for client in clients}
        if not tasks:
            return
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            failed = [(task, client) for task, client in tasks.items() if task.done() and _error_of(task) is not None]
            if failed:
                raise WireError(
                    "; ".join(f"{client.id} could not connect: {_error_of(task)}" for task, client in failed)
                )
        except asyncio.CancelledError:
            # One may have failed in the very moment in which the time was over.
            waiting = [client for task, client in tasks.items() if not task.done() or _error_of(task) is not None]
            _log.warning("connecting was cut off, not connected: %s", ", ".join(str(one.id) for one in waiting))
            raise
        finally:
            kernel.leftovers += await end_tasks(list(tasks))
        silent = [str(client.id) for client in clients if not client.is_connected]
        if silent:
            raise WireError(f"a client must be connected when connect returns, {', '.join(silent)} was not")

    async def take_instruments(self) -> None:
        """Let the engines handle what arrived while connecting: reconciliation needs the instruments in the cache."""
        kernel = self._kernel
        waiting = max(kernel.exec_engine.event_qsize, kernel.data_engine.data_qsize)
        for _ in range(waiting // ITEMS_PER_TURN_MAX + 1):
            await one_turn()
        _log.debug("%d instruments known", len(kernel.cache.instruments()))

    async def reconcile(self) -> None:
        """Bring orders and positions into line with every venue, or refuse to start."""
        kernel = self._kernel
        timeout_s = kernel.config.timeout_reconciliation
        result = await kernel.reconciler.reconcile_startup(timeout_s)
        kernel.seen_order_ids.update(result.seen_order_ids)
        if result.succeeded:
            return
        if kernel.config.exec_engine.reconciliation_fail_closed:
            raise VenueError("; ".join(map(str, result.failed_clients)))
        for outcome in result.failed_clients:
            kernel.halts.halt(outcome.venue, "; ".join(outcome.reasons))

    def arm_held_orders(self) -> None:
        """Watch again the orders that an earlier life held: before anything else trades, they protect positions."""
        self._kernel.emulator.start()

    async def initialise_portfolio(self) -> None:
        """Compute what the open orders lock and the open positions are worth."""
        portfolio = self._kernel.portfolio
        portfolio.initialize()
        if not portfolio.initialized:
            raise WireTimeout("the portfolio must be initialised before strategies start, was not")

    def prepare_trader(self) -> None:
        """Restore order id counts and, with `load_state`, what the strategies saved."""
        self._kernel.trader.prepare(self._kernel.seen_order_ids)

    def start_monitors(self) -> None:
        """Let the runtime checks begin after their delay, purges and snapshots after their intervals.

        A start that failed before does not come here.
        """
        kernel = self._kernel
        kernel.watchdog.start()
        kernel.monitors.start()
        kernel.reconnections.start()
        halted = kernel.halts.reasons()
        trusted = kernel.config.exec_engine.reconciliation
        kernel.second_looks.start(
            {client.id: None for client in kernel.exec_clients if not trusted or client.venue in halted}
        )
        kernel.purger.start(kernel.periodic)
        kernel.snapshots.start(kernel.periodic)

    def start_trader(self) -> None:
        """Start the strategies."""
        self._kernel.trader.start()


def _error_of(task: asyncio.Future[None]) -> BaseException | None:
    if task.cancelled():
        return WireError("connect was cancelled")
    return task.exception()
