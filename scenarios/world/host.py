"""Hosts: processes that crash, stop and go on, inside one event loop.

May know: context variables, and of the loop that runs the callbacks what `HostLoop` says. Knows nothing of networks and
stores; they register a *port*.

A context variable names the host a callback belongs to. A task inherits it from the task that starts it, a timer or a
callback from the code that schedules it, so a whole node belongs to the host its first task was started on. Promises:

1. After `crash()` no callback of the host runs, and whatever its `finally` blocks do reaches nobody: the ports are
   cut first, then callbacks and timers are dropped, then coroutines and async generators are closed in the order of
   their birth.
2. Other hosts go on in the order they would have gone on in.
3. A host lives once. A restart is a new `Host` (of the same name, on the same store).

How many callbacks a program takes is the same in every run, but not on every Python (`asyncio.wait_for` makes a task on
3.11 and none on 3.12): traces that must agree across versions crash their hosts at a time, not at a callback.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from scenarios.world.privates import Handle

T = TypeVar("T")

CURRENT_HOST: ContextVar[Host | None] = ContextVar("simulated_host", default=None)


class HostLoop(asyncio.AbstractEventLoop):
    """What hosts need of their loop, beside what every loop does; `SimulatedLoop` is one."""

    hosted: bool
    """Whether a host lives here: without hosts no callback pays for the question."""

    def requeue(self, handles: Iterable[Handle]) -> None:
        """Make callbacks ready that were held back, in the order given."""
        raise NotImplementedError

    def bury(self, host: Host) -> list[BaseException]:
        """Drop what is left of a dead host. Returns what its coroutines raised."""
        raise NotImplementedError


class Host:
    """One simulated process: `run` its first task, then `pause`, `resume` or `crash` it."""

    def __init__(self, name: str, loop: HostLoop | None = None, *, skew_ns: int = 0) -> None:
        self.name = name
        self.skew_ns = skew_ns
        self.drift_ns_per_s = 0
        self._drifts_since_s = 0.0
        self.callbacks = 0
        self.dead = False
        self.paused = False
        self._paused_since_s = 0.0
        self._callbacks_when_paused = -1
        self._resumed_at_s = -1.0
        self.on_callback: Callable[[int], None] | None = None
        self.last_words: list[BaseException] = []
        self._loop = loop
        self._crash_at: int | None = None
        self._held: list[Handle] = []
        self._ports: dict[Callable[[], None], None] = {}

    def __repr__(self) -> str:
        return f"<Host {self.name} {self.state} after {self.callbacks} callbacks>"

    @property
    def state(self) -> str:
        """RUNNING, PAUSED or DEAD."""
        return "DEAD" if self.dead else "PAUSED" if self.paused else "RUNNING"

    @property
    def loop(self) -> HostLoop:
        """The loop this host lives on, once known."""
        if self._loop is None:
            raise RuntimeError(f"{self.name}: a host has a loop once it ran a task or was given one, was {self.state}")
        return self._loop

    def run(self, coro_fn: Callable[[], Coroutine[Any, Any, T]], *, name: str | None = None) -> asyncio.Task[T]:
        """Start a task that belongs to this host, and so does everything it starts.

        Returns the task, which counts as cancelled once the host has crashed: wait for it with `asyncio.wait`.
        """
        if self.dead:
            raise RuntimeError(f"{self.name}: cannot run a task on a host in {self.state}")
        context = self.context()
        return self.loop.create_task(context.run(coro_fn), name=name, context=context)

    def context(self) -> Context:
        """A copy of the present context that belongs to this host: what is scheduled with it is the host's."""
        if self._loop is None:
            loop = asyncio.get_running_loop()
            if not isinstance(loop, HostLoop):  # it would not ask for hosts, and a crash would silently do nothing
                raise RuntimeError(f"this needs a SimulatedLoop to run on, was {type(loop).__name__}")
            self._loop = loop
        self._loop.hosted = True
        context = copy_context()
        context.run(CURRENT_HOST.set, self)
        return context

    def add_port(self, cut: Callable[[], None]) -> None:
        """Register what a crash must cut off before anything else; cuts run in the order of registration."""
        if self.dead:
            cut()
        else:
            self._ports[cut] = None

    def remove_port(self, cut: Callable[[], None]) -> None:
        """Forget a port that closed in peace."""
        self._ports.pop(cut, None)

    def drift(self, ns_per_s: int) -> None:
        """Let the host's clock gain so much (negative: lose) with every second from now on; 0 ends it."""
        now_s = self.loop.time()
        self.skew_ns = self.clock_offset_ns(now_s)
        self.drift_ns_per_s, self._drifts_since_s = ns_per_s, now_s

    def clock_offset_ns(self, now_s: float) -> int:
        """Return by how much the host's clock is ahead."""
        if not self.drift_ns_per_s:
            return self.skew_ns
        return self.skew_ns + int((now_s - self._drifts_since_s) * self.drift_ns_per_s)

    def crash(self) -> None:
        """Kill the process: cut its ports, drop its callbacks, close its coroutines. Does nothing to a dead host.

        A callback of the host that is running right now (it called this) goes on to its next `await`, with every port
        cut.
        """
        if self.dead:
            return
        for cut in list(self._ports):
            cut()
        self._ports.clear()
        self.dead = True
        self._held.clear()
        if self._loop is not None:
            self.last_words.extend(self._loop.bury(self))

    def crash_after(self, callbacks: int) -> None:
        """Crash as soon as the host has run that many callbacks since its birth, before anyone else runs."""
        if callbacks < self.callbacks:
            raise ValueError(f"{self.name}: cannot crash after {callbacks} callbacks, has run {self.callbacks}")
        if callbacks == self.callbacks:
            self.crash()
        else:
            self._crash_at = callbacks

    def pause(self) -> None:
        """Stop the process (SIGSTOP): its callbacks and timers are held back, in order, until `resume`."""
        if self.dead:
            raise RuntimeError(f"{self.name}: cannot pause a host in {self.state}")
        if not self.paused and self.callbacks != self._callbacks_when_paused:
            self._paused_since_s, self._callbacks_when_paused = self.loop.time(), self.callbacks
        self.paused = True

    @property
    def stood_still_s(self) -> float:
        """For how long, in seconds, the process has run nothing because it was paused; 0 if it has run since.

        In the moment in which it goes on, all that became due runs at once: it still stood until now.
        """
        stands = self.callbacks == self._callbacks_when_paused or self.loop.time() == self._resumed_at_s
        return self.loop.time() - self._paused_since_s if stands else 0.0

    def resume(self) -> None:
        """Let a paused process go on: what was held back runs next, in the order in which it became due."""
        if not self.paused or self.dead:
            raise RuntimeError(f"{self.name}: cannot resume a host in {self.state}")
        self.paused = False
        self._resumed_at_s = self.loop.time()
        held, self._held = self._held, []
        self.loop.requeue(held)

    def step(self, handle: Handle) -> None:
        """Run, hold or drop one callback of this host. For the loop only."""
        if self.dead:
            return
        if self.paused:
            self._held.append(handle)
            return
        self.callbacks += 1
        handle._run()
        if self.on_callback is not None:
            self.on_callback(self.callbacks)
        if self.callbacks == self._crash_at:
            self.crash()
