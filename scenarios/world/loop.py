"""The event loop of the simulation: asyncio, unchanged, in virtual time.

May know: asyncio and the standard library. Asks the attached network for connections, and hosts whether a
callback may run.

Only the selector, the order of timers and the hash of tasks differ from the stock loop, so it runs under the stock
`asyncio.Runner(loop_factory=SimulatedLoop)` and production is the same line without the argument. Promises:

1. Time starts at 0.0 and stands still while callbacks run. When nothing is ready it jumps to the next deadline.
2. Time is held on a grid of nanoseconds: twenty sleeps of 0.1 s end where one of 2 s ends, so that coinciding timers
   do coincide. A positive delay always takes at least one nanosecond.
3. Ready callbacks run first in, first out, as in production. Timers with equal deadlines run in the order of their
   creation (seed 0) or in an order drawn from the seed; nothing else is shuffled.
4. Nothing waits for ever: `Deadlock` when nothing is scheduled, `EndOfTime` at the time limit, `Livelock` when
   callbacks run on and on without time passing.
5. Nothing real gets in: threads, sockets, subprocesses and name look-ups raise `Escape`.
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable
from contextvars import Context
from heapq import heapify, heappop, heappush
from typing import Any, NoReturn, Protocol, TypeVar, TypeVarTuple

from scenarios.world.ends import Deadlock, EndOfTime, Escape, Livelock
from scenarios.world.escapes import ESCAPE_ROUTES
from scenarios.world.handles import LeanHandle, LeanTimer
from scenarios.world.host import CURRENT_HOST, Host, HostLoop
from scenarios.world.privates import BaseLoop, Handle, TimerHandle
from scenarios.world.signals import SignalHandlers
from scenarios.world.tasks import GeneratorRegistry, SimulatedTask, birth_order, describe, host_of, put_down

__all__ = ["Deadlock", "EndOfTime", "Escape", "Livelock", "SimulatedLoop", "Wire"]

T = TypeVar("T")
Args = TypeVarTuple("Args")

NS_PER_S = 1_000_000_000
# After EndOfTime, `asyncio.Runner` cancels what is left; `finally` blocks that sleep have this long.
GRACE_S = 600.0
CANCELLED_TIMERS_KEPT = 100
TASKS_KEPT = 100


class Wire(Protocol):
    """What the loop asks of an attached network."""

    async def connect(
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], path: str
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]: ...

    async def listen(
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], path: str, *, start_serving: bool
    ) -> asyncio.AbstractServer: ...


class SimulatedLoop(BaseLoop, HostLoop):
    """An asyncio event loop whose time is virtual. One seed, one run."""

    def __init__(
        self,
        seed: int = 0,
        on_advance: Callable[[float], None] | None = None,
        time_limit_s: float | None = None,
        *,
        signals: bool = True,
        livelock_cycles_max: int = 1_000_000,
    ) -> None:
        super().__init__()
        self.seed = seed
        self.on_advance = on_advance
        self.network: Wire | None = None
        self.hosted = False  # set by the first host
        self.escapes: list[Escape] = []  # first to last, for a run may have swallowed one
        self._now_s = 0.0
        self._time_limit_s = math.inf if time_limit_s is None else time_limit_s
        self._tie_bits = random.Random(seed).getrandbits if seed else None
        self._timers: list[tuple[float, int, TimerHandle]] = []
        self._timers_made = 0
        self._timers_cancelled = 0
        # asyncio holds tasks weakly: one that nobody refers to vanishes when it happens to be collected. Not here.
        self._tasks: list[SimulatedTask] = []
        self._tasks_made = 0
        self._tasks_kept_max = TASKS_KEPT
        self._cycles_now = 0
        self._livelock_cycles_max = livelock_cycles_max
        self._signals = signals
        self._signal_handlers = SignalHandlers()
        self._thread_own = threading.get_ident()
        self._asyncgens = GeneratorRegistry()

    def time(self) -> float:
        """Virtual seconds since the run began."""
        return self._now_s

    # -- scheduling

    def call_soon(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        if self._debug or self._closed:
            return super().call_soon(callback, *args, context=context)  # checks, then does the same
        handle = LeanHandle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self._schedule(self._now_s + delay, callback, args, context)

    def call_at(
        self, when: float, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self._schedule(when, callback, args, context)

    def _schedule(
        self, when: float, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None
    ) -> asyncio.TimerHandle:
        if self._closed:
            self._check_closed()
        now_s = self._now_s
        if when == math.inf:
            due_s = when
        else:
            due_s = int(when * NS_PER_S + 0.5) / NS_PER_S
            if due_s <= now_s < when:  # rounded down to now: time must pass, or `while time() < when: sleep()` hangs
                due_s = (int(now_s * NS_PER_S + 0.5) + 1) / NS_PER_S
        handle = (TimerHandle if self._debug else LeanTimer)(due_s, callback, args, self, context)
        handle._scheduled = True
        number = self._timers_made = self._timers_made + 1
        tie = number if self._tie_bits is None else self._tie_bits(64) << 64 | number
        heappush(self._timers, (due_s, tie, handle))
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        if threading.get_ident() != self._thread_own:
            self.refuse("call_soon_threadsafe from another thread", "a task on this loop: threads do not repeat")
        return self.call_soon(callback, *args, context=context)

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: Context | None = None,
        **options: Any,
    ) -> asyncio.Task[T]:
        self._check_closed()
        if self._task_factory is not None:
            return super().create_task(coro, name=name, context=context, **options)
        # Everywhere a task takes its first step in the next cycle: Python 3.11 knows no eager start.
        options.pop("eager_start", None)
        self._tasks_made += 1
        task = SimulatedTask(coro, loop=self, birth=self._tasks_made, name=name, context=context, **options)
        self._tasks.append(task)
        if len(self._tasks) > self._tasks_kept_max:
            self._tasks = [task for task in self._tasks if not task.done()]
            self._tasks_kept_max = 2 * len(self._tasks) + TASKS_KEPT
        if self.hosted and (host := host_of(task)) is not None and host.dead:
            # From the `finally` block of a dead host: its first step would be dropped and the coroutine left hanging.
            host.last_words.extend(put_down(task))
        return task

    def requeue(self, handles: Iterable[Handle]) -> None:
        """Make callbacks ready that were held back, in the order given."""
        self._ready.extend(handles)

    def _timer_handle_cancelled(self, handle: TimerHandle) -> None:
        # Called by TimerHandle.cancel. Dead timers at the top are skipped for free; the rest must not pile up.
        if not handle._scheduled:  # already due, no longer in the heap
            return
        self._timers_cancelled += 1
        if self._timers_cancelled > CANCELLED_TIMERS_KEPT and self._timers_cancelled * 2 > len(self._timers):
            self._timers[:] = [timer for timer in self._timers if timer[2] is not handle and not timer[2].cancelled()]
            heapify(self._timers)
            self._timers_cancelled = 0

    # -- running

    def run_forever(self) -> None:
        self._thread_own = threading.get_ident()
        super().run_forever()

    def _run_once(self) -> None:
        ready, timers = self._ready, self._timers
        if not ready and not self._stopping:
            self._advance()
        now_s = self._now_s
        while timers and timers[0][0] <= now_s:
            timer = heappop(timers)[2]
            timer._scheduled = False
            if timer._cancelled:
                self._timers_cancelled -= 1
            else:
                ready.append(timer)
        self._cycles_now += 1
        if self._cycles_now > self._livelock_cycles_max:
            self._fail_in_livelock()
        # Read once: a host that starts during this cycle has its first callback in the next.
        hosted = self.hosted
        for _ in range(len(ready)):
            handle = ready.popleft()
            if handle._cancelled:
                continue
            if hosted and (host := handle._context.get(CURRENT_HOST)) is not None:
                host.step(handle)
            else:
                handle._run()

    def _advance(self) -> None:
        """Jump to the next deadline."""
        timers = self._timers
        while timers and timers[0][2]._cancelled:
            heappop(timers)
            self._timers_cancelled -= 1
        if not timers or timers[0][0] == math.inf:
            raise Deadlock(f"nothing is scheduled at {self._now_s} s, the main future is not done, {self._waiting()}")
        due_s = timers[0][0]
        if due_s > self._time_limit_s:
            limit_s, self._now_s = self._time_limit_s, self._time_limit_s
            self._time_limit_s += GRACE_S
            raise EndOfTime(f"the run must end by {limit_s} s, the next deadline was {due_s} s, {self._waiting()}")
        self._cycles_now = 0
        if due_s > self._now_s:
            self._now_s = due_s
            if self.on_advance is not None:
                self.on_advance(due_s)

    def _fail_in_livelock(self) -> NoReturn:
        cycles, self._cycles_now = self._cycles_now, 0
        raise Livelock(f"{cycles} cycles ran at {self._now_s} s without time passing, {self._waiting()}")

    def _waiting(self) -> str:
        lines = "".join(f"\n  {describe(task)}" for task in self.tasks())
        return f"tasks waiting:{lines or ' none'}"

    def tasks(self) -> list[asyncio.Task[Any]]:
        """The tasks that are not done, in the order of their birth."""
        if self._task_factory is not None:
            return sorted(asyncio.all_tasks(self), key=birth_order)
        return [task for task in self._tasks if not task.done()]

    # -- ends

    def bury(self, host: Host) -> list[BaseException]:
        """Drop the timers, signal handlers, tasks and generators of a dead host. Returns what its coroutines raised."""
        for _, _, timer in self._timers.copy():
            if not timer._cancelled and timer._context.get(CURRENT_HOST) is host:
                timer.cancel()
        self._signal_handlers.bury(host)
        running = asyncio.current_task(self) if self.is_running() else None
        last_words: list[BaseException] = []
        if running is not None and host_of(running) is host:
            # It called crash() itself and cannot be closed while it runs: right after it, in nobody's name.
            self.call_soon(self._bury_late, host, context=Context())
        # Again and again, for a `finally` block may start a task (an eager one even runs at once).
        while doomed := [task for task in self.tasks() if task is not running and host_of(task) is host]:
            for task in doomed:
                last_words.extend(put_down(task))
            last_words.extend(self._asyncgens.put_down(host))
        return last_words

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Log what nobody handled, unless the task that raised it died with its host."""
        task = context.get("task") or context.get("future")
        if isinstance(task, asyncio.Task) and (host := host_of(task)) is not None and host.dead:
            return
        super().default_exception_handler(context)

    def put_down_rest(self) -> None:
        """Close what is still pending, in the order of birth, and drop every callback. For a loop that has stopped."""
        while doomed := self.tasks():
            for task in doomed:
                put_down(task)
            self._asyncgens.put_down()
        self._ready.clear()
        self._timers.clear()

    def _bury_late(self, host: Host) -> None:
        host.last_words.extend(self.bury(host))

    def _asyncgen_finalizer_hook(self, generator: AsyncGenerator[Any, Any]) -> None:
        host = CURRENT_HOST.get()
        # See put_down_generator: what still counts as running when its last reference goes was cut off in a crash.
        if generator.ag_running or (host is not None and host.dead):  # type: ignore[attr-defined]  # typeshed lacks it
            return
        super()._asyncgen_finalizer_hook(generator)

    def close(self) -> None:
        """Close the loop. What is still pending is closed now, not when it is collected."""
        if not self.is_running() and not self.is_closed():
            self.put_down_rest()
            self._signal_handlers.clear()
        super().close()

    def __del__(self) -> None:
        """Nothing: an unclosed simulated loop holds no resource, so there is nothing to warn of."""

    # -- signals, one table per host as there is one per process

    def add_signal_handler(self, sig: int, callback: Callable[[*Args], object], *args: *Args) -> None:
        """Register a handler, of the current host, for `deliver_signal`."""
        if not self._signals:
            raise NotImplementedError("add_signal_handler: this loop was made with signals=False, as on Windows")
        self._signal_handlers.add(sig, callback, args, self)

    def remove_signal_handler(self, sig: int) -> bool:
        """Forget a handler of the current host. Returns whether there was one."""
        if not self._signals:
            raise NotImplementedError("remove_signal_handler: this loop was made with signals=False, as on Windows")
        return self._signal_handlers.remove(sig)

    def deliver_signal(self, sig: int, host: Host | None = None) -> None:
        """Send a signal to a host (None: to code outside any host), as `kill` would."""
        self._ready.append(self._signal_handlers.handler(sig, host))

    # -- the network, in memory

    async def create_unix_connection(
        self, protocol_factory: Any, path: Any = None, *, ssl: Any = None, sock: Any = None, **options: Any
    ) -> Any:
        """Connect to a listener of the attached network."""
        network = self._network_for("create_unix_connection", path, ssl, sock)
        return await network.connect(protocol_factory, _path_text(path))

    async def create_unix_server(
        self, protocol_factory: Any, path: Any = None, *, ssl: Any = None, sock: Any = None, **options: Any
    ) -> Any:
        """Listen on the attached network."""
        network = self._network_for("create_unix_server", path, ssl, sock)
        start_serving = bool(options.get("start_serving", True))
        return await network.listen(protocol_factory, _path_text(path), start_serving=start_serving)

    def _network_for(self, name: str, path: Any, ssl: Any, sock: Any) -> Wire:
        if self.network is None:
            self.refuse(name, "a loop with a network attached: loop.network = Network(...)")
        if path is None or sock is not None:
            self.refuse(f"{name} with a socket", "a path")
        if ssl:
            self.refuse(f"{name} with TLS", "a plain connection: TLS is not simulated")
        return self.network

    def refuse(self, attempt: str, instead: str) -> NoReturn:
        """Raise `Escape` and remember it."""
        escape = Escape(f"nothing may leave the simulation: {attempt} at {self._now_s} s; use {instead}")
        self.escapes.append(escape)
        raise escape


def _path_text(path: Any) -> str:
    return os.fsdecode(path)


def _refusal(name: str, instead: str) -> Callable[..., NoReturn]:
    def refusal(self: SimulatedLoop, *args: Any, **options: Any) -> NoReturn:
        self.refuse(name, instead)

    refusal.__name__ = name
    return refusal


for _name, _instead in ESCAPE_ROUTES.items():
    setattr(SimulatedLoop, _name, _refusal(_name, _instead))
