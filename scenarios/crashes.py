"""A crash at every callback: the same day, over and over, with the node killed one callback later each time.

`callbacks(scenario)` counts what a life of the node takes; `run_crashed(scenario, n)` plays the scenario with that life
killed after `n` of them, and a new node started on what the store had taken. From then on the script goes on as well
as it can: what it can no longer do (trade an order that never reached the venue) it leaves out. The file's own
expectations are about a day without a crash; after one the invariants must hold, all of them, and the node must run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context
from typing import Any

from msgspec import structs

from nautilus_live.live.node import TradingNode
from scenarios.expect import Expect
from scenarios.format import Scenario
from scenarios.problems import ScenarioError
from scenarios.run import AFTERMATH_S, Play
from scenarios.stage import Life, Stage
from scenarios.values import Time
from scenarios.verbs import Step
from scenarios.world.world import World

RESTART_AFTER_S = 1.0
"""How long the node lies dead before somebody starts it again."""
PATIENCE_S = 60.0
"""How long node and venue have to agree: an order written and never sent is asked about until it is given up."""
STARTS_MAX = 30
"""How often the supervisor looks until somebody calls it a failure."""
MARGIN_NS = 5_000_000_000
"""How much longer the script waits for its end than without a crash."""


class CrashedPlay(Play):
    """A play whose node is killed in one of its lives.

    Args:
        world: where it is played.
        scenario: what is played.
        transport: how the node reaches the venues.
        life: which life of the node is killed, counted from 1.
        after_callbacks: how many callbacks it has before; None lets it live, to count them.

    """

    def __init__(
        self, world: World, scenario: Scenario, transport: str, *, life: int, after_callbacks: int | None
    ) -> None:
        patient = Expect(by=Time(scenario.end + MARGIN_NS))
        super().__init__(world, structs.replace(scenario, expect=patient), transport)
        self.doomed: Life | None = None
        self.skipped: list[str] = []
        self._life = life
        self._lives = 0
        self._after_callbacks = after_callbacks
        self._settings: dict[str, Any] = {}
        self._over = False
        self._calm_s = PATIENCE_S

    async def _play(self, stage: Stage) -> None:
        await super()._play(stage)
        self._over = True

    def _take(self, stage: Stage, index: int, step: Step) -> None:
        before = stage.life
        try:
            super()._take(stage, index, step)
        except ScenarioError as error:
            if self.doomed is None or not self.doomed.crashed:
                raise
            self.skipped += error.problems
            self._world.record(f"left out after the crash: {error}")
        if stage.life is not None and stage.life is not before:
            self._settings = getattr(step, "settings", {})
            self._lives += 1
            if self._lives == self._life:
                self._doom(stage, stage.life)

    def _doom(self, stage: Stage, life: Life) -> None:
        self.doomed = life
        if self._after_callbacks is None:
            return
        life.host.add_port(lambda: self._on_death(stage, life))
        life.host.crash_after(self._after_callbacks)

    def _on_death(self, stage: Stage, life: Life) -> None:
        if self._over or life.crashed:
            return  # switched off with everything else, or killed by the script itself
        life.crashed = True
        loop = stage.world.loop
        loop.call_soon(stage.check_stored, context=Context())
        loop.call_later(RESTART_AFTER_S, self._supervise, stage, context=Context())

    def _supervise(self, stage: Stage) -> None:
        """Start the node, and once more whenever it gives up because it cannot reach a venue: as a supervisor does."""
        if self._over or stage.life is None:
            return
        if stage.life.crashed or stage.life.state == "FAILED":
            self._world.record("the supervisor starts the node")
            stage.start(self._settings)
        if stage.life.state != "RUNNING":
            stage.world.loop.call_later(RESTART_AFTER_S, self._supervise, stage, context=Context())

    async def _calm_down(self, stage: Stage) -> None:
        if self.doomed is None:  # there was no such life
            await super()._calm_down(stage)
            return
        await self._until_up(stage)
        lived = not self.doomed.crashed
        try:
            await super()._calm_down(stage)
        except asyncio.CancelledError:
            if not self.doomed.crashed:
                raise
        if lived and self.doomed.crashed:  # killed after the storm, or while it stopped: again, with the next life
            self._failures.clear()
            await self._until_up(stage)
            await super()._calm_down(stage)

    async def _until_up(self, stage: Stage) -> None:
        """Wait for the supervisor, which needs the storm to be over."""
        for link in stage.links.values():
            link.end_faults()
        for _ in range(STARTS_MAX):
            if self.doomed is None or not self.doomed.crashed or (stage.life and stage.life.state == "RUNNING"):
                return
            await self._until(self._world.loop.time() + RESTART_AFTER_S)
        state = "never started" if stage.life is None else f"{stage.life.state}: {stage.life.node.failure}"
        self._failures.append(f"the node must run again after the crash, was {state}")


def callbacks(scenario: Scenario, *, seed: int | None = None, transport: str = "direct", life: int = 1) -> int:
    """Return how many callbacks a life of the node takes in the undisturbed scenario.

    Raises:
        ScenarioError: if the scenario fails without any crash, or the node has no such life in it.

    """
    play, failures = _play(scenario, seed, transport, life, None)
    if failures:
        raise ScenarioError([f"must pass without a crash first: {failures[0]}"])
    if play.doomed is None:
        raise ScenarioError([f"the node must have {life} lives, was started {play._lives} times"])
    return play.doomed.host.callbacks


def run_crashed(
    scenario: Scenario, after_callbacks: int, *, seed: int | None = None, transport: str = "direct", life: int = 1
) -> list[str]:
    """Play the scenario with the node killed after so many callbacks of one life; return what did not hold."""
    return _play(scenario, seed, transport, life, after_callbacks)[1]


def run_crashed_at(
    scenario: Scenario, moments: Sequence[int], *, seed: int | None = None, transport: str = "direct", life: int = 1
) -> dict[int, list[str]]:
    """Play the scenario once for each number of callbacks; return what did not hold, by the number."""
    runs = {
        moment: run_crashed(scenario, moment, seed=seed, transport=transport, life=life) for moment in moments
    }
    return {moment: failures for moment, failures in runs.items() if failures}


def _play(
    scenario: Scenario, seed: int | None, transport: str, life: int, after_callbacks: int | None
) -> tuple[CrashedPlay, list[str]]:
    TradingNode.tunes_garbage_collection = False
    limit_s = scenario.end.seconds + MARGIN_NS / 1e9 + PATIENCE_S + AFTERMATH_S
    world = World(scenario.seed if seed is None else seed, time_limit_s=limit_s)
    play = CrashedPlay(world, scenario, transport, life=life, after_callbacks=after_callbacks)
    failures = play.run()
    return play, failures
