"""What actors and strategies have in common: a life, a log, and callbacks that cannot hurt anyone else.

Promises:
1. A callback that raises is contained: its error is logged with the traceback, alarmed once per kind, and handled by
   the component's `callback_error_policy`; whoever called (an engine, a queue, a timer) never sees it. One that takes
   too long is named in an alarm.
2. Nothing is delivered before `start` or after the stop; while it stops, events of orders and positions alone: neither
   data nor timers lead it back. What arrives while `on_start` runs is kept and delivered right after it, in order.
3. Only callbacks that a subclass has overridden are called; which ones is worked out once, at the start.
4. What belongs to the base classes alone is called `_name_`: an author's own `_name` never collides with it. (What
   published strategies do use is called as they call it: `_clock`, `_log`, `_cache`, `_config`.)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nautilus_live.engine.alarms import ALARMS_TOPIC, Alarm
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.enums import ComponentState
from nautilus_live.model.events import KernelEvent
from nautilus_live.trading.clock import TimeEvent, TimerCallback, TimerClock
from nautilus_live.trading.log import ComponentLog
from nautilus_live.trading.services import Services

READY = ComponentState.READY
STARTING = ComponentState.STARTING
RUNNING = ComponentState.RUNNING
STOPPING = ComponentState.STOPPING
STOPPED = ComponentState.STOPPED
DISPOSED = ComponentState.DISPOSED
DEGRADED = ComponentState.DEGRADED
FAULTED = ComponentState.FAULTED

Class = type  # within the class `type` is a property, as in the ecosystem
ACTIVE = (RUNNING, STARTING, STOPPING, DEGRADED)  # the usual one first; hashing such a member is slow
STARTABLE = frozenset({READY, STOPPED})
Handlers = Mapping[type, tuple[Callable[[Any], object], ...]]


class Component:
    """A part of the trader: `start`, `stop`, `resume`, `reset`, `dispose`, and a callback for each."""

    # Read for every event. Slots stay fast in a strategy that has more attributes than Python keeps a short cut to.
    __slots__ = (
        "_alarmed_", "_clock", "_config", "_deferred_", "_handlers_", "_log", "_logs_events_", "_now_s_",
        "_services_", "_stall_alarm_s_", "_state_", "_warning_events_",
    )  # fmt: skip

    def __init__(self, component_id: str, config: Any) -> None:
        self._config = config
        self._state_ = READY
        self._services_: Services | None = None
        self._clock: TimerClock | None = None
        self._log = ComponentLog(component_id)
        self._handlers_: Handlers = {}
        self._deferred_: list[Any] = []
        self._alarmed_: dict[tuple[str, type], int] = {}
        self._logs_events_ = False
        self._warning_events_: dict[Class, None] = {}
        self._now_s_: Callable[[], float] = float  # always 0.0: without an alarm nobody asks how long it took
        self._stall_alarm_s_ = 0.0

    # -- what the author sees ------------------------------------------------------------------------------------------

    @property
    def config(self) -> Any:
        """The configuration."""
        return self._config

    @property
    def state(self) -> ComponentState:
        """Where the component is in its life."""
        return self._state_

    @property
    def is_running(self) -> bool:
        """Whether the component is running."""
        return self._state_ is RUNNING

    @property
    def is_stopped(self) -> bool:
        """Whether the component was stopped."""
        return self._state_ is STOPPED

    @property
    def is_initialized(self) -> bool:
        """Whether the component is part of a node."""
        return self._services_ is not None

    @property
    def is_degraded(self) -> bool:
        """Whether the component works, but said that it does so with less than it needs."""
        return self._state_ is DEGRADED

    @property
    def is_faulted(self) -> bool:
        """Whether the component failed."""
        return self._state_ is FAULTED

    @property
    def type(self) -> Class:
        """The component's class."""
        return self.__class__

    @classmethod
    def fully_qualified_name(cls) -> str:
        """Return the path `module:Name` of the class."""
        return f"{cls.__module__}:{cls.__qualname__}"

    @property
    def is_disposed(self) -> bool:
        """Whether the component was disposed of."""
        return self._state_ is DISPOSED

    @property
    def log(self) -> ComponentLog:
        """The component's log."""
        return self._log

    @property
    def clock(self) -> TimerClock:
        """The clock, with timers of this component's own."""
        if self._clock is None:
            raise self._unregistered_("clock")
        return self._clock

    def on_start(self) -> None:
        """Called at the start, when the cache and the portfolio agree with the venues."""

    def on_stop(self) -> None:
        """Called at the stop; what is sent here is still carried out within `timeout_post_stop`."""

    def on_resume(self) -> None:
        """Called when a component goes on that was stopped, or had less than it needs."""

    def on_reset(self) -> None:
        """Called when a stopped component is set back to its beginning."""

    def on_dispose(self) -> None:
        """Called at the end of the component's life."""

    def on_degrade(self) -> None:
        """Called when the component goes on with less than it needs."""

    def on_fault(self) -> None:
        """Called when the component failed."""

    def on_save(self) -> dict[str, bytes]:
        """Return what is to be there again at the next start (with `save_state`)."""
        return {}

    def on_load(self, state: dict[str, bytes]) -> None:
        """Take what was saved, before `on_start` (with `load_state`)."""

    def on_event(self, event: Any) -> None:
        """Called with every event, after the callbacks for its kind."""

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start: `on_start`, then RUNNING; FAULTED if `on_start` raises."""
        self._enter_(STARTING, STARTABLE, "start")
        self._begin_(self.on_start)

    def resume(self) -> None:
        """Go on after a stop or in full after a `degrade`: `on_resume`, then RUNNING."""
        self._enter_(STARTING, {STOPPED, DEGRADED}, "resume")
        self._begin_(self.on_resume)

    def stop(self) -> None:
        """Stop: `on_stop`, then STOPPED. Does nothing to a component that does not run."""
        self.begin_stop()
        self.finish_stop()

    def begin_stop(self) -> None:
        """Call `on_stop`; events of orders and positions go on arriving until `finish_stop`."""
        if self._state_ in (STARTING, RUNNING, DEGRADED):
            self._state_ = STOPPING
            self._guarded_(self.on_stop)

    def finish_stop(self) -> None:
        """End a stop: cancel the timers and deliver nothing more."""
        if self._state_ is STOPPING:
            self._end_(STOPPED)

    def degrade(self) -> None:
        """Go on with less than is needed: `on_degrade`, then DEGRADED, in which everything is delivered as before."""
        self._enter_(DEGRADED, {RUNNING}, "degrade")
        self._guarded_(self.on_degrade)

    def fault(self) -> None:
        """Fail: `on_fault`, then FAULTED; nothing is delivered any more. A second call does nothing."""
        if self._state_ not in (FAULTED, DISPOSED):
            self._guarded_(self.on_fault)
            self._end_(FAULTED)

    def register_warning_event(self, event: Class) -> None:
        """Log events of that class as warnings from now on."""
        self._warning_events_[event] = None
        self._logs_events_ = True

    def deregister_warning_event(self, event: Class) -> None:
        """Log events of that class as any other."""
        self._warning_events_.pop(event, None)
        self._logs_events_ = self._has_to_log_events_()

    def abandon(self) -> None:
        """End a run without `on_stop`: nothing the component sent would be carried out."""
        if self._state_ in ACTIVE:
            self._end_(STOPPED)

    def reset(self) -> None:
        """Go back to the beginning: `on_reset`, then READY."""
        self._enter_(READY, {READY, STOPPED, FAULTED}, "reset")
        self._alarmed_.clear()
        self._guarded_(self.on_reset)

    def dispose(self) -> None:
        """End for good: `on_dispose`, then DISPOSED. A second call does nothing."""
        if self._state_ is DISPOSED:
            return
        self.stop()
        self._guarded_(self.on_dispose)
        self._end_(DISPOSED)

    def save(self) -> dict[str, bytes]:
        """Return what the component wants kept; nothing if it raised.

        Raises:
            ProgrammerError: if `on_save` returned anything but texts with bytes.

        """
        state = self.on_save()
        if not isinstance(state, dict) or not all(
            isinstance(k, str) and isinstance(v, bytes) for k, v in state.items()
        ):
            raise ProgrammerError(f"{self._log.name}: on_save must return a dict of text to bytes, was {state!r:.120}")
        return state

    def load(self, state: dict[str, bytes]) -> None:
        """Hand back what was saved; an error of `on_load` is the caller's to report."""
        self.on_load(state)

    def shutdown_system(self, reason: str | None = None) -> None:
        """Stop the whole node."""
        self._registered_("shutdown_system").request_stop(reason or f"{self._log.name} asked for it")

    # -- machinery -----------------------------------------------------------------------------------------------------

    def _register_(self, services: Services) -> None:
        if self._services_ is not None:
            raise ProgrammerError(f"{self._log.name}: a component is registered once, was already")
        self._services_ = services
        if services.stall_alarm_s is not None:
            self._now_s_, self._stall_alarm_s_ = services.now_s, services.stall_alarm_s
        self._clock = services.make_clock(self._on_timer_)
        self._clock.register_default_handler(self.handle_event)

    def _registered_(self, purpose: str) -> Services:
        if self._services_ is None:
            raise self._unregistered_(purpose)
        return self._services_

    def _unregistered_(self, purpose: str) -> ProgrammerError:
        return ProgrammerError(f"{self._log.name}: must be added to a trader before {purpose} is used, was not")

    def _resolve_handlers_(self) -> Handlers:
        return {}

    def _refresh_handlers_(self, *, begins: bool = False) -> None:
        """Work out anew which event calls what, if that is in use."""
        if begins or self._handlers_:
            self._handlers_ = self._resolve_handlers_()

    def _written_below_(self, base: Class) -> set[str]:
        """Return the names of what the author has written: in this object, or in its classes below `base`."""
        written = set(self.__dict__)
        for kind in type(self).__mro__:
            if kind is base:
                break
            written.update(kind.__dict__)
        return written

    def _callbacks_(self, names: Iterable[str], written: set[str]) -> tuple[Callable[[Any], object], ...]:
        return tuple([getattr(self, name) for name in names if name in written])

    def _begin_(self, callback: Callable[[], object]) -> None:
        self._refresh_handlers_(begins=True)
        self._logs_events_ = self._has_to_log_events_()
        if not self._guarded_(callback):
            if self._state_ is STARTING:  # the policy may have stopped it already
                self._end_(FAULTED)
            return
        if self._state_ is not STARTING:  # `on_start` itself stopped it
            return
        self._state_ = RUNNING
        while self._deferred_ and self._state_ is RUNNING:
            self._deliver_(self._deferred_.pop(0))

    def _end_(self, state: ComponentState) -> None:
        self._state_ = state
        self._deferred_.clear()
        if self._clock is not None:
            self._clock.cancel_timers()

    def _enter_(self, state: ComponentState, allowed: Iterable[ComponentState], verb: str) -> None:
        if self._state_ not in allowed:
            raise ProgrammerError(f"{self._log.name}: cannot {verb} in {self._state_.value}")
        self._state_ = state

    def _deliver_(self, event: Any) -> None:
        """Call whatever the author has overridden for this event."""
        state = self._state_
        if state is not RUNNING and state is not DEGRADED:
            if state is STARTING:
                self._deferred_.append(event)
            if state is not STOPPING or not isinstance(event, KernelEvent):
                return
        now_s = self._now_s_
        for handler in self._handlers_.get(type(event), ()):
            began_s = now_s()
            try:
                handler(event)
            except Exception as error:
                self._contain_(handler, error)
            if now_s() - began_s > self._stall_alarm_s_:
                self._tell_of_stall_(handler, now_s() - began_s)

    def _has_to_log_events_(self) -> bool:
        is_told = getattr(self._config, "log_events", False) and self._log.is_enabled_for(logging.INFO)
        return bool(is_told or self._warning_events_)

    def _log_event_(self, event: Any) -> None:
        if type(event) in self._warning_events_:
            self._log.warning("received %s", event)
        elif getattr(self._config, "log_events", False):
            self._log.info("received %s", event)

    def handle_event(self, event: Any) -> None:
        """Take an event about this component's orders, positions or timers."""
        if self._logs_events_:
            self._log_event_(event)
        if self._handlers_.get(type(event)) or self._state_ is not RUNNING:  # nobody minds most of what happens
            self._deliver_(event)

    def _on_timer_(self, callback: TimerCallback, event: TimeEvent) -> None:
        authors_own = getattr(callback, "__self__", self) is self
        if self._state_ in ACTIVE and not (self._state_ is STOPPING and authors_own):
            self._guarded_(callback, event)

    def _guarded_(self, callback: Callable[..., object], *arguments: object) -> bool:
        began_s = self._now_s_()
        try:
            callback(*arguments)
        except Exception as error:
            self._contain_(callback, error)
            return False
        finally:
            if self._now_s_() - began_s > self._stall_alarm_s_:
                self._tell_of_stall_(callback, self._now_s_() - began_s)
        return True

    def _tell_of_stall_(self, callback: Callable[..., object], took_s: float) -> None:
        """Name a callback that kept everything else waiting."""
        text = f"{getattr(callback, '__name__', repr(callback))} took {took_s:.1f} s; nothing else ran meanwhile"
        self._log.error("%s", text)
        services = self._services_
        if services is not None:
            ids = {"component": self._log.name}
            now = services.time.timestamp_ns()
            services.msgbus.publish(ALARMS_TOPIC, Alarm(kind="callback.stalled", text=text, ts=now, ids=ids))

    def _contain_(self, callback: Callable[..., object], error: Exception) -> None:
        name = getattr(callback, "__name__", repr(callback))
        policy = getattr(self._config, "callback_error_policy", "keep")
        text = f"{name} raised {type(error).__name__}: {error}"
        self._log.error("%s in %s, policy %s", text, self._state_.value, policy, exc_info=error)
        services = self._services_
        if services is None:
            return
        kind = (name, type(error))
        self._alarmed_[kind] = count = self._alarmed_.get(kind, 0) + 1
        if count == 1:  # one alarm per kind of error: a callback that fails on every tick must not bury the others
            services.msgbus.publish(
                ALARMS_TOPIC,
                Alarm(
                    kind="callback.error", text=text, ts=services.time.timestamp_ns(), ids={"component": self._log.name}
                ),
            )
        if policy == "stop_node":
            services.request_stop(f"{self._log.name}: {text}", failed=True)
        elif policy == "stop_strategy" and name != "on_stop":
            self.stop()
