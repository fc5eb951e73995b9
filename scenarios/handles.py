"""What a test in Python holds in its hands: a venue, and one life of the node.

May know: links, lives and their stage. Every act goes the way that a scenario's step goes: through `do`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from nautilus_live.live.node import TradingNode
from nautilus_live.trading.strategy import Strategy
from scenarios.hands import Do, Hands
from scenarios.invariants.views import Belief, Truth
from scenarios.links import Link
from scenarios.log_tap import LogTap
from scenarios.problems import ScenarioError
from scenarios.stage import Life, Stage

DOWN = ("STOPPED", "FAILED", "CRASHED")


class VenueHandle(Hands):
    """A venue, and the way to it: every `venue.*` and `wire.*` verb is a method (`scenarios/hands.py`)."""

    def __init__(self, do: Do, link: Link) -> None:
        super().__init__(do, "venue", "wire", venue=link.name)
        self.name = link.name
        self.account_id = link.account_id
        self._link = link

    def __repr__(self) -> str:
        return f"<VenueHandle {self.name}>"

    @property
    def truth(self) -> Truth:
        """What is true at this venue."""
        return Truth([self._link.venue])


class NodeHandle:
    """One life of the node, from a start to its end."""

    def __init__(self, do: Do, stage: Stage, life: Life, log: LogTap) -> None:
        self._do = do
        self._stage = stage
        self._life = life
        self._log = log
        self._lines_before = len(log.lines)

    def __repr__(self) -> str:
        return f"<NodeHandle {self.state}>"

    @property
    def node(self) -> TradingNode:
        """The node itself."""
        return self._life.node

    @property
    def state(self) -> str:
        """RUNNING, STOPPED, FAILED, CRASHED, or where it is on its way."""
        return self._life.state

    @property
    def failure(self) -> object:
        """Why it failed, if it did."""
        return self._life.node.failure

    @property
    def exit_code(self) -> int | None:
        """What its process returned; `None` while it runs, or if it was killed."""
        return self._life.exit_code

    @property
    def belief(self) -> Belief:
        """What it believes."""
        return Belief(self._life.node.cache, self._life.node.portfolio)

    @property
    def strategies(self) -> list[Strategy]:
        """Its strategies, in the order they were given."""
        return list(self._life.strategies.values())

    @property
    def log(self) -> list[str]:
        """What it has logged, at INFO and above."""
        lines = self._log.lines[self._lines_before :]
        return [line.text for line in lines if line.level >= logging.INFO]

    def call(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call a function as the node's own process does: a method of a strategy, for example.

        What it schedules belongs to the node and dies with it; if the node is paused, the call waits.
        """
        self._must_be_up()
        self._stage.in_node(function, *arguments)

    def crash(self) -> None:
        """Kill its process: connections die, what was not flushed is lost, nothing is said."""
        self._must_be_up()
        self._do("node.crash")

    def pause(self) -> None:
        """Freeze its process."""
        self._must_be_up()
        self._do("node.pause")

    def resume(self) -> None:
        """Let a paused process go on."""
        self._must_be_up()
        self._do("node.resume")

    def signal(self, name: str = "SIGTERM") -> None:
        """Send its process a signal."""
        self._must_be_up()
        self._do("node.signal", signal=name)

    async def stop(self) -> int:
        """Stop it in order; return its exit code."""
        self._must_be_up()
        self._do("node.stop")
        assert self._life.task is not None, "a life that runs has a task"
        return await self._life.task

    def _must_be_up(self) -> None:
        if self.state in DOWN:
            raise ScenarioError([f"the node must be up, was {self.state}"])
