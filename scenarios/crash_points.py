"""Crashes at a moment: the node killed before or after it writes, sends or receives something.

May know: the stage, the store's troubles, the links' watchers. A point fires once; until then it costs a look at every
write or message, and without one nothing. What dies in the middle of a callback still runs to its next `await`, with
every port cut: it sends, stores and tells nothing any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextvars import Context
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from nautilus_live.errors import StoreError
from nautilus_live.store.port import Write
from sandbox_venues.messages import Message, Request
from sandbox_venues.script import Target
from scenarios.problems import ScenarioError
from scenarios.verbs import NodeCrash, NodeRestart
from scenarios.world.faults import CrashHost

if TYPE_CHECKING:
    from scenarios.stage import Stage

WRITES = ("before_write", "after_write")


def crash(stage: Stage, step: NodeCrash) -> None:
    """Kill the node, now or when the step says.

    Raises:
        ScenarioError: if the node is down.

    """
    if stage.life is None or stage.life.state in ("CRASHED", "STOPPED", "FAILED"):
        state = "never started" if stage.life is None else stage.life.state
        raise ScenarioError([f"the node must be up to be killed, was {state}"])
    life = stage.life

    def kill() -> None:
        if stage.life is not life or life.crashed:
            return
        stage.world.record(f"fault node.crash after {life.host.callbacks} callbacks")
        stage.crash()
        if step.restart is not None:
            stage.world.loop.call_later(step.restart.seconds, start_again, stage, context=Context())

    if step.moment is not None:
        CrashPoint(stage, step, kill).arm()
    else:
        CrashHost(after_callbacks=step.callbacks, kill=kill).begin(life.host)


def restart(stage: Stage, step: NodeRestart) -> None:
    """Take the node down, and start it again a while after it is down."""

    def start_later(_: object = None) -> None:
        loop = stage.world.loop
        loop.call_later(step.after.seconds, start_again, stage, step.settings, context=Context())

    if step.how == "crash":
        stage.crash()
        start_later()
        return
    stage.stop()
    life = stage.life
    assert life is not None, "what can be stopped was started"
    assert life.task is not None, "a life has a task"
    # In nobody's context: the host that the task belongs to is about to be gone.
    life.task.add_done_callback(start_later, context=Context())


def start_again(stage: Stage, settings: dict[str, object] | None = None) -> None:
    """Start the node if it is down; whoever was faster wins."""
    if stage.life is not None and stage.life.state in ("CRASHED", "STOPPED"):
        stage.world.record("the node is started again")
        stage.start(settings or stage.start_settings)


class CrashPoint:
    """One armed moment: a trouble of the store or a watcher of the links, or first the one and then the other."""

    def __init__(self, stage: Stage, step: NodeCrash, kill: Callable[[], None]) -> None:
        self._stage = stage
        self._step = step
        self._kill = kill
        self._skip = step.skip
        self._order = Target(order=step.order)
        # A name of bytes, not part of a longer one: O-1 is not O-10.
        name = re.escape((step.order or "").encode())
        self._stored_name = re.compile(rb"(?<![\w-])" + name + rb"(?![\w-])") if step.order else None

    def arm(self) -> None:
        """Lie in wait."""
        if self._step.moment in WRITES and self._step.message is None:
            self._stage.store.troubles[self] = None
            return
        for link in self._stage.links.values():
            link.watchers.append(self.on_moment)

    def disarm(self) -> None:
        """Wait no more."""
        self._stage.store.troubles.pop(self, None)
        for link in self._stage.links.values():
            if self.on_moment in link.watchers:
                link.watchers.remove(self.on_moment)

    # -- messages

    def on_moment(self, moment: str, message: Message, request: Request | None) -> None:
        """Take a moment of a message."""
        step = self._step
        wanted = "after_receive" if step.moment in WRITES else step.moment
        if moment != wanted or not self._is_meant(message, request):
            return
        if self._skip:
            self._skip -= 1
        elif step.moment in WRITES:
            self.disarm()
            self._stage.store.troubles[self] = None
        else:
            self._fire()

    def _is_meant(self, message: Message, request: Request | None) -> bool:
        label = message.label if request is None else request.label
        pattern = self._step.message
        return (pattern is None or fnmatchcase(label, pattern)) and self._order.concerns(message, request)

    # -- the store

    def before_write(self, batch: Sequence[Write]) -> None:
        """Take the moment before a write."""
        if self._step.moment == "before_write" and self._is_due(batch):
            self._fire()
            raise StoreError(f"cannot write {len(batch)} changes: the process is dead")

    def after_write(self, batch: Sequence[Write]) -> None:
        """Take the moment after a write."""
        if self._step.moment == "after_write" and self._is_due(batch):
            self._fire()

    def before_read(self, prefix: str) -> None:
        """Let reads pass."""

    def _is_due(self, batch: Sequence[Write]) -> bool:
        name = self._stored_name
        if name is not None and not any(name.search(write.key.encode() + b" " + write.value) for write in batch):
            return False
        if self._skip and self._step.message is None:
            self._skip -= 1
            return False
        return True

    def _fire(self) -> None:
        self.disarm()
        self._kill()
