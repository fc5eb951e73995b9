"""The lifecycle as data: which steps a start and a stop have, in which order, and which setting bounds each.

A step names a method of `Startup` or `Shutdown`. A step with a timeout setting is cut off when that time is over; for
a start this is its failure, for a stop an error that is logged while the stop goes on.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from enum import IntEnum, unique
from typing import Any, NamedTuple

from nautilus_live.errors import WireTimeout

CANCEL_GRACE_S = 0.1
_log = logging.getLogger(__name__)


@unique
class ExitCode(IntEnum):
    """How a node ended; what `run()` returns and the process exits with.

    A node forced by a second signal ends with 128 + the signal's number, as shells have it.
    """

    OK = 0
    """Stopped because it was asked to."""
    FAULT = 1
    """An unexpected error in an engine, or a strategy whose policy is `stop_node`."""
    CONFIGURATION = 2
    """The configuration cannot be used; the node did not start."""
    START_FAILED = 3
    """A step of the start failed or timed out; no strategy was started."""
    RECONCILIATION_FAILED = 4
    """Startup reconciliation failed or timed out; no strategy was started."""
    STOP_INCOMPLETE = 5
    """Stopped as asked, but a client did not disconnect in time or the store did not take the last writes."""


class Step(NamedTuple):
    """One step.

    `name` is what the log calls it, `action` the method, `timeout_setting` bounds it (None: it waits for nothing),
    `exit_code` is the node's if a start fails there; `may_run_out` says that its time being over is no error.
    """

    name: str
    action: str
    timeout_setting: str | None = None
    exit_code: ExitCode = ExitCode.START_FAILED
    may_run_out: bool = False


START_STEPS = (
    Step("load the cache", "load_cache"),
    Step("start the engines", "start_engines"),
    Step("connect the clients", "connect_clients", "timeout_connection"),
    Step("take in the instruments", "take_instruments", "timeout_connection"),
    Step(
        "reconcile with the venues", "reconcile", None, ExitCode.RECONCILIATION_FAILED
    ),  # bounds itself, see Reconciler
    Step("watch the orders held here", "arm_held_orders"),
    Step("initialise the portfolio", "initialise_portfolio", "timeout_portfolio"),
    Step("prepare the strategies", "prepare_trader"),
    Step("start the runtime checks", "start_monitors"),
    Step("start the trader", "start_trader"),
)

STOP_STEPS = (
    Step("leave the markets", "leave_markets"),  # bounds itself, see MarketExit
    Step("stop the runtime checks", "stop_monitors"),
    Step("stop the trader", "stop_trader"),
    Step("wait for what still arrives", "wait_until_settled", "timeout_post_stop", may_run_out=True),
    Step("report what is left", "report_residuals"),
    Step("save the strategies' states", "save_states"),
    Step("report requests without an answer", "report_pending_requests"),
    Step("disconnect the clients", "disconnect_clients", "timeout_disconnection"),
    Step("stop the engines", "stop_engines"),
    Step("flush the store", "flush_store"),
    Step("cancel what still runs", "cancel_tasks", "timeout_shutdown"),
)
"""An orderly stop."""

ABORT_STEPS = (
    Step("kill the engines", "kill_engines"),
    Step("end the trader", "end_trader"),
    Step("report what is left", "report_residuals"),
    Step("disconnect the clients", "disconnect_clients", "timeout_disconnection"),
    Step("flush the store", "flush_store"),
    Step("cancel what still runs", "cancel_tasks", "timeout_shutdown"),
)
"""A stop that waits for nothing and handles nothing more: after an unexpected error, or forced."""


class StepTimeout(WireTimeout):
    """A step took longer than its setting allows."""


async def run_step(step: Step, action: Callable[[], Any], timeout_s: float | None) -> None:
    """Run one step, and end it when its time is over.

    Raises:
        StepTimeout: if it took longer than `timeout_s`.

    """
    result = action()
    if not inspect.isawaitable(result):
        return
    if timeout_s is None:
        await result
        return
    await within(timeout_s, result, f"{step.name}: must end within {step.timeout_setting} ({timeout_s} s)")


async def within(timeout_s: float, work: Awaitable[Any], rule: str) -> None:
    """Wait for `work`, at most `timeout_s` seconds, even if it ignores being cancelled.

    Raises:
        StepTimeout: with `rule`, when the time is over.

    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
    except asyncio.CancelledError:
        await end_tasks([task])
        raise
    if not done:
        await end_tasks([task])
        raise StepTimeout(f"{rule}, was not done")
    task.result()


async def one_turn() -> None:
    """Wait until everything that is scheduled on the loop now has had its turn."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_soon(over.set_result, None)
    await over


async def end_tasks(tasks: list[asyncio.Future[Any]], grace_s: float = CANCEL_GRACE_S) -> list[asyncio.Future[Any]]:
    """Cancel `tasks` and wait for them, at most `grace_s` seconds. Returns those that did not end."""
    pending = [task for task in tasks if not task.done()]
    for task in pending:
        task.cancel()
    if not pending:
        return []
    done, stubborn = await asyncio.wait(pending, timeout=grace_s)
    for task in done:
        if not task.cancelled() and task.exception() is not None:
            _log.error("an error on the way out: %r", task.exception())
    return [task for task in pending if task in stubborn]
