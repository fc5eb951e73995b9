"""The trading node: everything together, with one way in and one way out.

`build`, then `run` (or `run_async` on a loop of yours), `stop`, `dispose`. Promises:

1. `run` returns when the node has stopped, whatever stopped it, with an `ExitCode` (also in `exit_code`, the reason
   in `failure`).
2. No strategy starts unless every step of the start succeeded. A start that fails, times out or is stopped is undone.
3. `stop` may be called from anywhere and any number of times: a strategy, a signal handler, another thread, before
   the start.
4. A stop comes to its end, whatever hangs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, ClassVar

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.node import TradingNodeConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.errors import KernelError, ProgrammerError
from nautilus_live.live import logs
from nautilus_live.live.clock import SystemClock
from nautilus_live.live.entropy import Entropy, SystemEntropy
from nautilus_live.live.factories import Factories
from nautilus_live.live.garbage import GarbageTuning
from nautilus_live.live.kernel import Kernel
from nautilus_live.live.lifecycle import ExitCode, Step, end_tasks
from nautilus_live.live.shutdown import Shutdown
from nautilus_live.live.signals import SignalHandling
from nautilus_live.live.startup import StartFailure, Startup
from nautilus_live.live.stores import open_store
from nautilus_live.model.commands import ShutdownSystem
from nautilus_live.model.enums import ComponentState
from nautilus_live.model.identifiers import TraderId
from nautilus_live.store.port import Store
from nautilus_live.trading.trader import Trader

SHUTDOWN_TOPIC = "commands.system.shutdown"
_log = logging.getLogger(__name__)


class TradingNode:
    """A live trading node.

    Args:
        config: its configuration; `None` for all defaults.
        loop: the event loop; by default the running one, else one of its own.
        clock: wall time; by default the operating system's.
        store: the database connection; by default the one that the configuration names.
        entropy: randomness; by default the operating system's.
        catches_signals: whether SIGINT, SIGTERM and SIGABRT stop the node.
        before_step: called with each step of the start and the stop before it runs.

    """

    tunes_garbage_collection: ClassVar[bool] = True
    """Whether running nodes tune the collector of their process; a simulation of many nodes switches it off."""

    def __init__(
        self,
        config: TradingNodeConfig | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        clock: Clock | None = None,
        store: Store | None = None,
        *,
        entropy: Entropy | None = None,
        catches_signals: bool = True,
        before_step: Callable[[Step], object] | None = None,
    ) -> None:
        self.config = TradingNodeConfig() if config is None else config
        self.exit_code = 0
        self.failure: str | None = None
        self._runner: asyncio.Runner | None = None
        self._loop = loop or _running_loop() or self._make_loop()
        self._state = ComponentState.READY
        self._built = False
        self._catches_signals = catches_signals
        self._before_step = before_step
        self._garbage = GarbageTuning()
        self._data_factories = Factories("data")
        self._exec_factories = Factories("exec")
        self._stop_requested = asyncio.Event()
        self._abort_requested = asyncio.Event()
        self._forced = False
        self._finished = asyncio.Event()
        self._supervisor: asyncio.Task[Any] | None = None
        if store is None and self.config.cache is not None and self.config.cache.database is not None:
            store = open_store(self.config.cache.database)
        self._kernel = Kernel(
            self.config,
            self._loop,
            clock or SystemClock(),
            entropy or SystemEntropy(),
            store,
            self._on_engine_fault,
            self._on_component_stop,
            self._stop_requested.is_set,
        )
        self._kernel.msgbus.subscribe(SHUTDOWN_TOPIC, self.shutdown_system)

    def _make_loop(self) -> asyncio.AbstractEventLoop:
        self._runner = asyncio.Runner(debug=self.config.loop_debug or None)
        return self._runner.get_loop()

    # -- what it is made of --------------------------------------------------------------------------------------------

    @property
    def kernel(self) -> Kernel:
        """The parts of the node: engines, bus, clients."""
        return self._kernel

    @property
    def trader_id(self) -> TraderId:
        """The trader's id."""
        return self._kernel.trader_id

    @property
    def instance_id(self) -> str:
        """The name of this run."""
        return self._kernel.instance_id

    @property
    def trader(self) -> Trader:
        """Runs the strategies; add yours here, before or while the node runs."""
        return self._kernel.trader

    @property
    def cache(self) -> Cache:
        """Everything the node knows."""
        return self._kernel.cache

    @property
    def portfolio(self) -> Portfolio:
        """What the positions add up to."""
        return self._kernel.portfolio

    @property
    def state(self) -> ComponentState:
        """Where the node is in its life."""
        return self._state

    def get_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop that the node runs on."""
        return self._loop

    def is_built(self) -> bool:
        """Return whether the clients were made."""
        return self._built

    def is_running(self) -> bool:
        """Return whether the start has succeeded and no stop has begun."""
        return self._state is ComponentState.RUNNING

    # -- building ------------------------------------------------------------------------------------------------------

    def add_data_client_factory(self, name: str, factory: Any) -> None:
        """Let `factory` make the data clients called `name`, or `name` with a suffix after `-` or `_`."""
        self._data_factories.add(name, factory)

    def add_exec_client_factory(self, name: str, factory: Any) -> None:
        """Let `factory` make the execution clients called `name`, or `name` with a suffix after `-` or `_`."""
        self._exec_factories.add(name, factory)

    def build(self) -> None:
        """Make the clients, and the strategies and actors that the configuration names.

        Raises:
            ConfigError: if a client has no factory, or an import path leads nowhere.
            ProgrammerError: if it was built already.

        """
        if self._built:
            raise ProgrammerError(f"{self.trader_id}: a node is built once, was already")
        self._kernel.build_clients(self._data_factories, self._exec_factories)
        self._kernel.build_components()
        self._kernel.check_wiring()
        self._built = True

    # -- running -------------------------------------------------------------------------------------------------------

    def run(self, raise_exception: bool = False) -> int:
        """Run until the node has stopped; returns the exit code, 0 if all went well.

        Raises:
            ProgrammerError: if the node was not built, ran before, or its loop is running (use `run_async` there).
            RuntimeError: with `raise_exception`, if the node failed.

        """
        if self._loop.is_running():
            raise ProgrammerError(f"{self.trader_id}: the loop is running already, await run_async() there")
        code = (self._loop.run_until_complete if self._runner is None else self._runner.run)(self.run_async())
        if raise_exception and self.failure is not None:
            raise RuntimeError(f"{self.trader_id}: the node failed with exit code {code}: {self.failure}")
        return code

    async def run_async(self) -> int:
        """Run until the node has stopped; returns the exit code. Cancelling this stops the node first, in order."""
        if not self._built:
            raise ProgrammerError(f"{self.trader_id}: must be built before it runs, was not")
        if self._supervisor is not None:
            raise ProgrammerError(f"{self.trader_id}: a node runs once, was {self._state.value}")
        if asyncio.get_running_loop() is not self._loop:
            raise ProgrammerError(f"{self.trader_id}: must run on the loop it was made with")
        if self.config.logging is not None:
            logs.configure(self.config.logging, self.trader_id.value, self.instance_id, self._kernel.clock)
        self._supervisor = asyncio.create_task(self._supervise(), name=f"node {self.trader_id}")
        cancelled: asyncio.CancelledError | None = None
        while not self._supervisor.done():
            try:
                await asyncio.shield(self._supervisor)
            except asyncio.CancelledError as error:
                # The first asks us to stop; a second one means it. Either way we leave nothing behind before we go.
                if cancelled is None:
                    cancelled = error
                    self._request_stop("its task was cancelled")
                else:
                    self._force("its task was cancelled again")
        self._supervisor.result()
        if cancelled is not None:
            raise cancelled
        return self.exit_code

    async def _supervise(self) -> None:
        signals = SignalHandling(self._loop, self._on_first_signal, self._on_second_signal)
        if self._catches_signals:
            signals.install()
        try:
            if await self._start():
                self._state = ComponentState.RUNNING
                _log.info("%s: RUNNING", self.trader_id)
                if self.tunes_garbage_collection:
                    self._garbage.apply()
                await self._stop_requested.wait()
        except asyncio.CancelledError:
            # Whoever cancels everything (the end of `asyncio.run`) gets an orderly end all the same.
            self._request_stop("all tasks were cancelled")
        try:
            self._state = ComponentState.STOPPING
            await self._end()
        finally:
            signals.remove()
            self._garbage.undo()
            self._state = ComponentState.STOPPED
            _log.info("%s: STOPPED, exit code %d %s", self.trader_id, self.exit_code, self.failure or "")
            self._finished.set()

    async def _start(self) -> bool:
        """Start; returns whether it succeeded and nobody has asked for a stop."""
        if self._stop_requested.is_set():
            return False
        self._state = ComponentState.STARTING
        startup = asyncio.create_task(Startup(self._kernel, self._before_step).run(), name=f"start {self.trader_id}")
        stop = asyncio.create_task(self._stop_requested.wait(), name=f"await stop {self.trader_id}")
        try:
            await asyncio.wait({startup, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._kernel.leftovers += await end_tasks([startup, stop])
        if not startup.done() or startup.cancelled():
            _log.warning("%s: stopped while starting, no strategy was started", self.trader_id)
            return False
        error = startup.exception()
        if error is not None:
            code = error.exit_code if isinstance(error, StartFailure) else ExitCode.START_FAILED
            # What we raise on purpose says it all; anything else needs its traceback.
            self._fail(str(error), code, None if isinstance(error.__cause__, KernelError) else error)
            return False
        return not self._stop_requested.is_set()

    async def _end(self) -> None:
        """Tear down, in order or, once that is asked for, at once."""
        shutdown = Shutdown(self._kernel, self._before_step)
        abort = asyncio.create_task(self._abort_requested.wait(), name=f"await abort {self.trader_id}")
        orderly = asyncio.create_task(shutdown.run(), name=f"stop {self.trader_id}")
        if self._abort_requested.is_set():
            orderly.cancel()
        try:
            await asyncio.wait({orderly, abort}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._force("its tasks were cancelled while it stopped")
        await end_tasks([abort, orderly])
        if not orderly.done() or orderly.cancelled():
            await shutdown.abort(forced=self._forced)
        elif orderly.exception() is not None:  # a step's errors are caught; this is one of the stop itself
            self._fail(f"the stop raised {orderly.exception()!r}", ExitCode.FAULT, orderly.exception())
            await shutdown.abort()
        if shutdown.problems and not self.exit_code:
            self._fail("; ".join(shutdown.problems), ExitCode.STOP_INCOMPLETE)

    # -- stopping ------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the node to stop. Returns at once on the node's loop and from other threads.

        With the loop not running (after a KeyboardInterrupt out of `run`), it runs the loop until the node has stopped.
        """
        if _running_loop() is self._loop:
            self._request_stop("stop() was called")
        elif self._loop.is_running():
            self._loop.call_soon_threadsafe(self._request_stop, "stop() was called from another thread")
        elif self._supervisor is not None and not self._supervisor.done():
            self._request_stop("stop() was called")
            self._loop.run_until_complete(self._finished.wait())
        else:
            self._request_stop("stop() was called")

    async def stop_async(self) -> None:
        """Ask the node to stop, and wait until it has; nothing to wait for if it does not run."""
        self._request_stop("stop_async() was called")
        if self._supervisor is not None:
            await self._finished.wait()

    def kill(self, reason: str = "kill() was called") -> None:
        """End at once: what is queued is dropped and no `on_stop` runs. Call it on the node's loop."""
        self._fail(f"killed: {reason}", ExitCode.FAULT)
        self._force(reason)

    def shutdown_system(self, command: ShutdownSystem) -> None:
        """Obey a command to shut down, if it is for this trader and the node runs."""
        if command.trader_id != self.trader_id:
            _log.warning("%s: shutdown ignored, it is for %s", self.trader_id, command.trader_id)
        elif self._state not in (ComponentState.STARTING, ComponentState.RUNNING) or self._stop_requested.is_set():
            _log.warning("%s: shutdown ignored, stopping or not running", self.trader_id)
        else:
            self._request_stop(f"{command.component_id} asked for it: {command.reason or 'no reason given'}")

    def dispose(self) -> None:
        """Stop the node if it runs, dispose of the strategies, close the loop if it is the node's own. A second call
        does nothing.

        Raises:
            ProgrammerError: if the node runs on the loop that this is called on: await `stop_async()` first.

        """
        if self._state is ComponentState.DISPOSED:
            return
        if self._supervisor is not None and not self._supervisor.done():
            if self._loop.is_running():
                raise ProgrammerError(f"{self.trader_id}: must have stopped before dispose, was {self._state.value}")
            self.stop()
        self._stop_requested.set()
        self._kernel.trader.dispose()
        self._kernel.cache.dispose()
        self._state = ComponentState.DISPOSED
        if self._runner is not None and not self._loop.is_running():
            self._runner.close()

    def _request_stop(self, reason: str) -> None:
        if not self._stop_requested.is_set():
            self._stop_requested.set()
            if self._supervisor is not None:
                _log.info("%s: stopping, %s", self.trader_id, reason)

    def _force(self, reason: str) -> None:
        if not self._forced:
            _log.warning("%s: forced to stop at once, %s", self.trader_id, reason)
        self._forced = True
        self._kernel.kill_engines()
        self._stop_requested.set()
        self._abort_requested.set()

    def _fail(self, reason: str, code: int, error: BaseException | None = None) -> None:
        # The first failure is the cause; what follows from it is only logged.
        if self.failure is None:
            self.failure = reason
            self.exit_code = int(code)
        _log.error("%s: %s", self.trader_id, reason, exc_info=error)
        logs.flush(_log)

    def _on_component_stop(self, reason: str, *, failed: bool = False) -> None:
        if failed:
            self._fail(reason, ExitCode.FAULT)
        self._request_stop(reason)

    def _on_engine_fault(self, engine: str, error: Exception, graceful: bool) -> None:
        self._fail(f"unexpected error in the {engine}: {type(error).__name__}: {error}", ExitCode.FAULT, error)
        if not graceful:
            self._kernel.kill_engines()
            self._abort_requested.set()
        self._request_stop(f"the {engine} failed")

    def _on_first_signal(self, name: str) -> None:
        self._request_stop(f"received {name}")

    def _on_second_signal(self, name: str) -> None:
        import signal

        self._fail(f"forced by a second signal, {name}", 128 + signal.Signals[name].value)
        self._force(f"received {name}")


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
