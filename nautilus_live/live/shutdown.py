"""The stop of a node: one method for each of `STOP_STEPS` and `ABORT_STEPS`.

May know: the kernel. A stop always gets to its end: a step that raises or times out is logged as an error and the
next one runs. What did not go well is in `problems`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from nautilus_live.adapters.ports import DataClient, ExecutionClient
from nautilus_live.live.kernel import Kernel
from nautilus_live.live.lifecycle import ABORT_STEPS, STOP_STEPS, Step, StepTimeout, end_tasks, one_turn, run_step
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.orders import Order

ORDERS_NAMED_MAX = 20
FORCED_TIMEOUT_S = 1.0
_log = logging.getLogger(__name__)


class Shutdown:
    """Brings a kernel to its end, from whatever state it is in.

    Args:
        kernel: what is stopped.
        before_step: called with each step before it runs.

    """

    def __init__(self, kernel: Kernel, before_step: Callable[[Step], object] | None = None) -> None:
        self._kernel = kernel
        self._before_step = before_step
        self._done: dict[str, None] = {}
        self._was_trading = False
        self.problems: list[str] = []

    async def run(self) -> None:
        """Stop in order."""
        await self._run_steps(STOP_STEPS, None)

    async def abort(self, *, forced: bool = False) -> None:
        """Stop at once; `forced` gives no step more than a second. Goes on where an orderly stop was cut off."""
        await self._run_steps(ABORT_STEPS, FORCED_TIMEOUT_S if forced else None)

    async def _run_steps(self, steps: Iterable[Step], timeout_s_max: float | None) -> None:
        for step in steps:
            if step.action in self._done:
                continue
            if self._before_step is not None:
                self._before_step(step)
            _log.debug("stop: %s", step.name)
            timeout_s = None if step.timeout_setting is None else getattr(self._kernel.config, step.timeout_setting)
            if timeout_s is not None and timeout_s_max is not None:
                timeout_s = min(timeout_s, timeout_s_max)
            try:
                await run_step(step, getattr(self, step.action), timeout_s)
            except Exception as error:
                if not (step.may_run_out and isinstance(error, StepTimeout)):
                    self._report(step, error)
            self._done[step.action] = None

    def _report(self, step: Step, error: Exception) -> None:
        self.problems.append(f"cannot {step.name}: {error}")
        _log.error("stop: cannot %s: %s", step.name, error, exc_info=error)

    # -- the steps -----------------------------------------------------------------------------------------------------

    async def leave_markets(self) -> None:
        """Wait until the strategies with `manage_stop` have left their markets or given up; the checks still run."""
        kernel = self._kernel
        over = kernel.loop.create_future()
        waiting = 0

        def leave() -> None:
            nonlocal waiting
            waiting -= 1
            if not waiting and not over.done():
                over.set_result(None)

        exits = kernel.trader.leave_markets(leave) if kernel.trader.is_running else 0
        waiting += exits  # those that were over at once have counted already
        if waiting > 0:
            await over

    def stop_monitors(self) -> None:
        """Ask the venues nothing more; what they are being asked ends unanswered. Purge and snapshot nothing more."""
        self._kernel.stop_asking()
        self._kernel.leftovers += self._kernel.periodic.stop()

    def stop_trader(self) -> None:
        """Call every `on_stop`."""
        self._was_trading = self._kernel.trader.is_running
        self._kernel.trader.begin_stop()

    async def wait_until_settled(self) -> None:
        """Wait until no order works or is on its way; resting orders that nobody cancels use up the whole time."""
        kernel = self._kernel
        settled = kernel.loop.create_future()
        waiting = {order.client_order_id: None for order in kernel.cache.orders() if _is_unsettled(order)}

        def look(event: OrderEvent) -> None:
            order = kernel.cache.order(event.client_order_id)
            if order is not None and _is_unsettled(order):
                waiting[order.client_order_id] = None
                return
            waiting.pop(event.client_order_id, None)
            if not waiting and not settled.done():
                settled.set_result(None)

        kernel.msgbus.subscribe("events.order.*", look, priority=-1)
        try:
            if self._was_trading and waiting:  # before the start we have sent nothing to wait for
                await settled
        finally:
            kernel.msgbus.unsubscribe("events.order.*", look)
            kernel.trader.finish_stop()

    def report_residuals(self) -> None:
        """Warn of orders that still work and of open positions: the node ends flat or says that it does not."""
        self._kernel.exec_engine.check_residuals()

    def save_states(self) -> None:
        """Save what the strategies want kept, with `save_state`."""
        if self._kernel.config.save_state and self._was_trading:  # what never ran must not overwrite what is saved
            self._kernel.trader.save()

    def report_pending_requests(self) -> None:
        """Name the orders whose cancel or modification is unanswered: the requests die with the connection."""
        for status, what in ((OrderStatus.PENDING_CANCEL, "cancel"), (OrderStatus.PENDING_UPDATE, "modification")):
            pending = [order for order in self._kernel.cache.orders_inflight() if order.status is status]
            if pending:
                _log.error("disconnecting with %d %s requests unanswered: %s", len(pending), what, _named(pending))

    async def disconnect_clients(self) -> None:
        """Disconnect all clients at once; one that raises does not keep the others."""
        kernel = self._kernel
        clients: list[DataClient | ExecutionClient] = [*kernel.data_clients, *kernel.exec_clients]
        if not clients or not kernel.connecting:
            return
        tasks = {asyncio.ensure_future(client.disconnect()): client for client in clients}
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            hanging = ", ".join(str(client.id) for task, client in tasks.items() if not task.done())
            self.problems.append(f"not disconnected: {hanging}")
            _log.error("not disconnected in time: %s", hanging)
            raise
        finally:
            kernel.leftovers += await end_tasks(list(tasks))
        for task, client in tasks.items():
            error = None if task.cancelled() else task.exception()
            if error is not None:
                self.problems.append(f"{client.id}: disconnect raised {error!r}")
                _log.error("%s: disconnect raised %r", client.id, error, exc_info=error)

    def stop_engines(self) -> None:
        """Handle what is still queued, then nothing more."""
        kernel = self._kernel
        kernel.emulator.stop()
        kernel.data_engine.stop()
        kernel.risk_engine.stop()
        kernel.exec_engine.stop()

    def kill_engines(self) -> None:
        """Handle nothing more."""
        self._kernel.kill_engines()

    def end_trader(self) -> None:
        """Let nothing reach a strategy any more; `on_stop` is not called, its commands would go nowhere."""
        self._kernel.trader.abandon()

    def flush_store(self) -> None:
        """Write what is waiting, and close the store."""
        if not self._kernel.cache.flush():
            self.problems.append("the store did not take the last writes")
        self._kernel.cache.dispose()

    async def cancel_tasks(self) -> None:
        """Cancel the components' timers, and wait for calls into clients that did not end when they were cancelled."""
        trader = self._kernel.trader
        for component in (*trader.strategies(), *trader.actors(), *trader.exec_algorithms()):
            component.clock.cancel_timers()
        await one_turn()  # tasks that the engines cancelled end here
        leftovers = [task for task in self._kernel.leftovers if not task.done()]
        if leftovers:
            try:
                await asyncio.wait(leftovers)
            finally:
                for task in leftovers:
                    if not task.done():
                        self.problems.append("a call into a client does not end")
                        _log.error("does not end although it was cancelled: %r", task)


def _is_unsettled(order: Order) -> bool:
    return not order.is_closed and not order.is_held_here


def _named(orders: list[Order]) -> str:
    shown = ", ".join(str(order.client_order_id) for order in orders[:ORDERS_NAMED_MAX])
    return shown if len(orders) <= ORDERS_NAMED_MAX else f"{shown} and {len(orders) - ORDERS_NAMED_MAX} more"
