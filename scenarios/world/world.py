"""One simulated world: a seed and everything that follows from it.

May know: every other module of this package. A world runs once. Promises: the same seed gives the same trace, line by
line; after `run` nothing is pending and nothing is left behind for the next world of the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from scenarios.world import frozen
from scenarios.world.clock import VirtualClock
from scenarios.world.entropy import Entropy, seeded_global_random
from scenarios.world.host import CURRENT_HOST, Host
from scenarios.world.loop import Deadlock, EndOfTime, Livelock, SimulatedLoop
from scenarios.world.network import Network
from scenarios.world.routing import tasks_through_the_loop

T = TypeVar("T")


class World:
    """The loop, the network, the clock, the randomness, the hosts and the trace of one run."""

    def __init__(
        self,
        seed: int = 0,
        *,
        time_limit_s: float | None = None,
        latency_s: float = 0.010,
        jitter_s: float = 0.0,
        signals: bool = True,
        traced: bool = True,
    ) -> None:
        frozen.start()
        self.seed = seed
        self.entropy = Entropy(seed)
        self.loop = SimulatedLoop(seed, time_limit_s=time_limit_s, signals=signals)
        self.clock = VirtualClock(self.loop)
        self.network = Network(self.loop, self.entropy, latency_s=latency_s, jitter_s=jitter_s)
        self.loop.network = self.network
        self.hosts: list[Host] = []
        self.trace: list[str] = []
        self.traced = traced
        self._ran = False

    def host(self, name: str, *, skew_ns: int = 0) -> Host:
        """A new process. A restart is a new host of the same name."""
        host = Host(name, self.loop, skew_ns=skew_ns)
        self.hosts.append(host)
        return host

    def record(self, line: str) -> None:
        """Add a line to the trace, with the virtual time and the host it comes from. The dead record nothing.

        Nor does anybody in a world with `traced=False`, which is for runs of days and for those that are run again
        with a trace should anybody want one.
        (How many `finally` blocks of a dead host still run differs between Python versions.)
        """
        if not self.traced:
            return
        host = CURRENT_HOST.get()
        if host is not None and host.dead:
            return
        origin = f"{host.name} " if host is not None else ""
        self.trace.append(f"{self.loop.time():.9f} {origin}{line}")

    def run(self, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `main()` until it returns, then end everything it left behind. Returns its result.

        An attempt to leave the simulation fails the run even if the code that made it went on as if nothing had
        happened.
        """
        if self._ran:
            raise RuntimeError(f"a world runs once, seed {self.seed} has run")
        self._ran = True
        try:
            with (
                seeded_global_random(self.seed),
                tasks_through_the_loop(),
                asyncio.Runner(loop_factory=lambda: self.loop) as runner,
            ):
                return self._run_in(runner, main)
        finally:
            if self.loop.escapes:
                raise self.loop.escapes[0]

    def _run_in(self, runner: asyncio.Runner, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            try:
                result = runner.run(main())
            except BaseException:
                with suppress(Deadlock, EndOfTime, Livelock):  # the first failure is the one to tell
                    runner.run(self._end_rest())
                raise
            runner.run(self._end_rest())
            return result
        except BaseException:
            self.loop.put_down_rest()
            raise
        finally:
            self.network.end()

    async def _end_rest(self) -> None:
        """Switch off the hosts, then cancel what else is left, in order of birth, and wait for it.

        A host that shall stop in peace is stopped by `main`; switched off, it adds nothing to the trace.
        """
        for host in self.hosts:
            host.crash()
        rest = [task for task in self.loop.tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        for task, outcome in zip(rest, await asyncio.gather(*rest, return_exceptions=True), strict=True):
            if isinstance(outcome, Exception):
                message = "a task left behind raised when it was cancelled"
                self.loop.call_exception_handler({"message": message, "exception": outcome, "task": task})
