"""A scenario run: the whole node against sandbox venues, in virtual time.

`run(scenario)` builds a world, lets the steps happen at their times, compares what came about with what the file
expects, ends the storm, and holds the invariants. Thousands of runs fit into one process; nothing of a run is left
when it returns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field, structs

from nautilus_live.errors import KernelError
from nautilus_live.live.node import TradingNode
from scenarios import expect as expectations
from scenarios.acting import act
from scenarios.calm import CALM_S, ask_own, end_storm, settle, verdicts_of
from scenarios.came_about import what_came_about
from scenarios.expect import LEVELS, LogWanted
from scenarios.format import Scenario
from scenarios.given_node import store_given
from scenarios.given_venue import state_orders, state_position, state_quote
from scenarios.inspection import inspect_end, inspect_step
from scenarios.invariants.own import OwnInvariant
from scenarios.invariants.rules import Verdict
from scenarios.links import LINKS, link_maker
from scenarios.log_tap import LogTap
from scenarios.problems import ScenarioError
from scenarios.settings import VENUE_DEFAULT
from scenarios.stage import Stage
from scenarios.trace import digest, first_difference, step_text
from scenarios.verbs import Step
from scenarios.world import frozen
from scenarios.world.clock import EPOCH_NS
from scenarios.world.tasks import host_of
from scenarios.world.world import World

if TYPE_CHECKING:
    from scenarios.report.recorder import Recorder
    from scenarios.report.records import AnyRecord

__all__ = ["AFTERMATH_S", "CALM_S", "Result", "first_difference", "run", "transports_for"]

AFTERMATH_S = 3_600.0
"""How long a run may take beyond its last moment: shutting down, and a bound for whatever hangs."""


class Result(Struct, kw_only=True):
    """What became of one run. `failure` is the first thing that did not hold, `failures` all of them.

    `invariants_checked` says of every rule whether it held, was not asked, or what it left out, and why; (14) is for
    whoever runs twice. `alarms` are what the node raised, kind and text. `records` is the trace as data, for reports;
    empty unless `run` was asked for it.
    """

    title: str
    guide: str | None
    transport: str
    seed: int
    passed: bool
    failure: str | None
    failures: list[str]
    trace: list[str]
    digest: str
    event_lines: list[str]
    virtual_s: float
    wall_s: float
    alarms: list[str] = field(default_factory=list)
    invariants_checked: list[Verdict] = field(default_factory=list)
    records: list[AnyRecord] = field(default_factory=list)


def transports_for(scenario: Scenario, wanted: str | None = None) -> list[str]:
    """Return the transports that a scenario runs on here (only `wanted`, if given).

    Raises:
        NotSupported: if there is no transport of that name here.

    """
    if wanted is not None:
        link_maker(wanted)
    return [
        name for name in LINKS if wanted in (None, name) and (not scenario.transports or name in scenario.transports)
    ]


def run(
    scenario: Scenario,
    seed: int | None = None,
    transport: str = "direct",
    *,
    records: bool = False,
    invariants: Sequence[OwnInvariant] = (),
    traced: bool = True,
) -> Result:
    """Run a scenario once. Never raises for what happens inside: an error of the scenario or the node is a failure.

    Without `traced` no trace is kept, and of the log only what warns: the same run, for days of many orders. With
    `records` the result also holds what happened as data, for a report; the run itself is the same. `invariants` hold
    besides ours and those that the scenario names.

    Raises:
        NotSupported: if there is no such transport.

    """
    link_maker(transport)
    chosen = scenario.seed if seed is None else seed
    started = frozen.real_perf_counter()
    # Tuning the collector is for a process that is one node; here thousands of nodes share one.
    TradingNode.tunes_garbage_collection = False
    world = World(chosen, time_limit_s=scenario.end.seconds + CALM_S + AFTERMATH_S, traced=traced)
    recorder = _recorder(world, scenario) if records else None
    play = Play(world, scenario, transport, recorder, invariants)
    failures = play.run()
    made = [] if recorder is None else recorder.records()
    wall_s = frozen.real_perf_counter() - started
    result = result_of(world, scenario, transport, failures, play.verdicts(), made, wall_s)
    return structs.replace(result, event_lines=play.event_lines, alarms=play.alarms, virtual_s=play.virtual_s)


def result_of(
    world: World,
    scenario: Scenario,
    transport: str,
    failures: list[str],
    verdicts: list[Verdict],
    records: list[AnyRecord],
    wall_s: float,
) -> Result:
    """Return what became of a run, as far as its world tells."""
    return Result(
        title=scenario.title,
        guide=scenario.guide,
        transport=transport,
        seed=world.seed,
        passed=not failures,
        failure=failures[0] if failures else None,
        failures=failures,
        trace=world.trace,
        digest=digest(world.trace),
        event_lines=[],
        invariants_checked=verdicts,
        virtual_s=round(world.loop.time(), 9),
        wall_s=wall_s,
        records=records,
    )


def _recorder(world: World, scenario: Scenario) -> Recorder:
    from scenarios.report.recorder import Recorder  # nobody else pays for it

    return Recorder(world, scenario)


class Play:
    """One run, from the stated beginning to the last check."""

    def __init__(
        self,
        world: World,
        scenario: Scenario,
        transport: str,
        recorder: Recorder | None = None,
        own: Sequence[OwnInvariant] = (),
    ) -> None:
        self.event_lines: list[str] = []
        self.virtual_s = 0.0
        self._world = world
        self._scenario = scenario
        self._transport = transport
        self._recorder = recorder
        self._failures: list[str] = []
        self._own = tuple(own)
        self._calm_s = CALM_S
        self._calm: list[Verdict] = []
        self._stage: Stage | None = None

    def run(self) -> list[str]:
        """Play the scenario; return what did not hold."""
        log = LogTap(self._world)
        try:
            with log.listening(self._log_level()):
                self._world.run(lambda: self._main(log))
        except ScenarioError as error:
            self._failures.append(str(error))
        except Exception as error:
            self._failures.append(f"{type(error).__name__}: {error}")
        wanted = [item if isinstance(item, str) else item.text for item in self._scenario.expect.log]
        self._failures += [error for error in log.errors if not any(text in error for text in wanted)]
        return self._failures

    async def _main(self, log: LogTap) -> None:
        self._world.loop.set_exception_handler(self._on_loop_error)
        stage = self._stage = Stage(self._world, self._scenario, self._transport, log, self._own)
        if self._recorder is not None:
            self._recorder.attach(stage)
        await self._play(stage)

    @property
    def alarms(self) -> list[str]:
        """What the node has raised, kind and text."""
        return [] if self._stage is None else [text for _, text in self._stage.watch.alarms]

    def verdicts(self) -> list[Verdict]:
        """Return what became of every invariant."""
        if self._stage is None:
            return []
        return verdicts_of(self._stage, self._failures, self._calm, converges=self._scenario.converges)

    def _on_loop_error(self, _: object, context: dict[str, Any]) -> None:
        # An error that nobody awaited: in a callback of the venue, in a task of the node. Never lost.
        task = context.get("task") or context.get("future")
        if isinstance(task, asyncio.Task) and (host := host_of(task)) is not None and host.dead:
            return  # it failed in the moment in which its process was killed: whoever waited for it is gone, too
        error = context.get("exception")
        text = (
            f"{context.get('message')}: {type(error).__name__}: {error}"
            if error is not None
            else str(context.get("message"))
        )
        self._world.record(f"error {text}")
        self._failures.append(f"an error reached the event loop: {text}")

    def _log_level(self) -> int:
        tables = (self._scenario.strategy, *self._scenario.strategies.values())
        if any("path" in table for table in tables):
            return logging.DEBUG  # it may have secrets, which nobody may log at any level
        wanted = [LEVELS[item.level] for item in self._scenario.expect.log if isinstance(item, LogWanted)]
        return min([logging.WARNING, *wanted])

    async def _play(self, stage: Stage) -> None:
        scenario = self._scenario
        self._state_given(stage)
        for index, step in enumerate(scenario.steps):
            await self._until(step.at.seconds)
            self._take(stage, index, step)
        await self._until(scenario.end.seconds)
        self._world.record("expectations")
        outcome = what_came_about(stage, scenario)
        self.event_lines = [text for at, text in outcome.events if at >= scenario.expect.since]
        self._failures += expectations.check(scenario.expect, outcome)
        inspect_end(stage)
        self._failures += stage.violations
        if not self._failures:
            await self._calm_down(stage)
        self.virtual_s = round(self._world.loop.time(), 9)

    def _take(self, stage: Stage, index: int, step: Step) -> None:
        if self._world.traced:
            self._world.record(step_text(step))
        try:
            act(stage, step)
        except ScenarioError as error:
            raise ScenarioError([f"steps[{index}]: {problem}" for problem in error.problems]) from error
        except (KernelError, LookupError, ValueError) as error:
            raise ScenarioError([f"steps[{index}]: {step.__struct_config__.tag}: {error}"]) from error
        inspect_step(stage)

    async def _until(self, moment_s: float) -> None:
        delay_s = moment_s - self._world.loop.time()
        if delay_s > 0:
            await asyncio.sleep(delay_s)

    def _state_given(self, stage: Stage) -> None:
        given = self._scenario.given
        if given is None:
            return
        for link in stage.links.values():
            name = link.name
            state_orders(link.venue, [order for order in given.venue.orders if _is_at(order, name)], EPOCH_NS)
            for position in given.venue.positions:
                if _is_at(position, name):
                    state_position(link.venue, position, EPOCH_NS)
            for quote in given.venue.quotes:
                if _is_at(quote, name):
                    state_quote(link.venue, quote, EPOCH_NS)
        store_given(stage, given.node)

    # -- after the storm -------------------------------------------------------------------------------------------

    async def _calm_down(self, stage: Stage) -> None:
        """End the faults, let time pass, and hold the invariants; then stop the node in order."""
        end_storm(stage)
        life = stage.life
        if life is None or life.state != "RUNNING":
            return
        self._world.record("the storm is over")
        await self._until(self._world.loop.time() + self._calm_s)
        if self._scenario.converges:
            patience_s = CALM_S if stage.acts_on_its_own else 0.0
            self._failures += await settle(stage, patience_s, self._calm)
        else:
            self._failures += ask_own(stage, self._calm)
        if life.state != "RUNNING":
            self._failures.append(f"the node must still run after the storm, was {life.state}: {life.node.failure}")
            return
        stage.stop()
        assert life.task is not None, "a life that runs has a task"
        await life.task
        stage.check_stored()
        inspect_end(stage)
        self._failures += [violation for violation in stage.violations if violation not in self._failures]


def _is_at(item: Any, venue: str) -> bool:
    _, dot, named = (item.instrument or "").rpartition(".")
    return (item.venue or (named if dot else VENUE_DEFAULT)) == venue
