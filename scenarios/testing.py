"""Tests in Python: venues, a node, faults and a clock, all of them simulated. In pytest, the fixture `world`.

    from scenarios.testing import TradingWorld

    async def test_survives_a_lost_fill(world: TradingWorld) -> None:
        venue = world.venue("BINANCE")
        node = await world.start_node(strategies=[Maker(config)], open_check_interval_secs=5.0)
        venue.drop("fill")                        # the next report of a fill is lost
        venue.walk(start="50000.00")              # the market moves, drawn from the seed
        await world.sleep("30s")                  # no real time passes
        node.crash()
        node = await world.start_node()           # the same again, on what the store has
        await world.converged(within="60s")
        assert node.belief.net("BTCUSDT") == world.truth.net("BTCUSDT")

What can be done has the names of the scenario files' verbs (`scenarios/hands.py`): `venue.trade`, `venue.disconnect`,
`world.store.fail`, `world.clock.jump`. Whatever the test awaits is virtual: `asyncio.sleep`, timeouts, timers. When the
test is over, the storm ends, the node has 30 s to agree with the venues, and all invariants are held (DESIGN.md, 6),
besides those of one's own (`scenarios.invariants.invariant`). The same seed gives the same run.

One node at a time; a node that starts anew has a new process, new adapters, and what the store had taken. A test that
is no coroutine calls `world.run(coroutine)` itself, and so does a program without pytest. A world runs once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from nautilus_live.errors import KernelError
from nautilus_live.live.node import TradingNode
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.trading.strategy import Strategy
from scenarios.acting import act
from scenarios.calm import CALM_S, ask_own, end_storm, settle, verdicts_of
from scenarios.format import Scenario, make_step
from scenarios.handles import NodeHandle, VenueHandle
from scenarios.hands import Hands, plain
from scenarios.inspection import inspect_end, inspect_step
from scenarios.invariants.own import OwnInvariant
from scenarios.invariants.rules import Verdict
from scenarios.invariants.views import Truth
from scenarios.links import link_maker
from scenarios.log_tap import LogTap
from scenarios.open_stage import OpenStage
from scenarios.problems import ScenarioError, nearest
from scenarios.run import Result, result_of
from scenarios.settings import VENUE_DEFAULT, full_instrument, route
from scenarios.trace import step_text
from scenarios.values import Time
from scenarios.verbs import Step
from scenarios.world import frozen
from scenarios.world.clock import EPOCH_NS
from scenarios.world.world import World

if TYPE_CHECKING:
    from scenarios.report.recorder import Recorder

__all__ = ["InvariantViolated", "NodeHandle", "TradingWorld", "VenueHandle"]

T = TypeVar("T")
START_WITHIN_S = 600.0
LOOK_S = 0.010
TIME_LIMIT_S = 7 * 86_400.0
"""How long a test may take, in virtual time: a bound for whatever hangs."""


class InvariantViolated(AssertionError):
    """Something that must hold in every run did not.

    Attributes:
        failures: all of it, the first one first.

    """

    def __init__(self, failures: Sequence[str]) -> None:
        super().__init__("\n".join(failures))
        self.failures = tuple(failures)


class TradingWorld:
    """One simulated world. See this module.

    Args:
        seed: what all randomness follows from.
        title: what it is called in reports.
        invariants: one's own, besides ours.
        transport: how the node reaches the venues.
        records: whether to keep what a report page needs.

    Attributes:
        seed: the seed.
        converges: whether node and venues must agree when the test is over; set it to False where they cannot.
        store: what can happen to the node's store: `world.store.fail(times=2)`, `slow`, `lose`.
        clock: what can happen to the node's clock: `world.clock.jump("-5s")`, `skew`.

    """

    def __init__(
        self,
        seed: int = 0,
        *,
        title: str = "a test",
        invariants: Sequence[OwnInvariant] = (),
        transport: str = "direct",
        records: bool = False,
    ) -> None:
        link_maker(transport)
        TradingNode.tunes_garbage_collection = False  # many nodes share this process
        self.seed = seed
        self.converges = True
        self.node: NodeHandle | None = None
        self._began_s = frozen.real_perf_counter()
        self._world = World(seed, time_limit_s=TIME_LIMIT_S)
        self._log = LogTap(self._world)
        self._scenario = Scenario(title=title, story="A test in Python.")
        self._recorder = self._make_recorder() if records else None
        self._stage = OpenStage(self._world, self._scenario, transport, self._log, invariants)
        self._settings: dict[str, Any] = {}
        self._failures: list[str] = []
        self._verdicts: list[Verdict] = []
        self.store = Hands(self.do, "store")
        self.clock = Hands(self.do, "clock")

    def __repr__(self) -> str:
        return f"<TradingWorld seed {self.seed} at {self.time_s:.3f} s>"

    # -- running

    def run(self, test: Coroutine[Any, Any, T] | Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine in this world; return its result.

        Raises:
            InvariantViolated: if something that must hold does not, in the end or on the way.
            RuntimeError: if the world has run already.

        """
        __tracebackhide__ = True
        make: Callable[[], Coroutine[Any, Any, T]] = test if callable(test) else lambda: test
        with self._log.listening(logging.DEBUG):
            return self._world.run(lambda: self._main(make))

    async def _main(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        __tracebackhide__ = True
        self._world.loop.set_exception_handler(self._on_loop_error)
        result = await make()
        await self._end()
        self._raise()
        return result

    async def _end(self) -> None:
        """End the storm, let the node come to rest, and hold everything against it."""
        stage = self._stage
        end_storm(stage)
        life = stage.life
        if life is not None and life.state == "RUNNING":
            self._world.record("the storm is over")
            if self.converges:
                self._failures += await settle(stage, CALM_S, self._verdicts)
            else:
                self._failures += ask_own(stage, self._verdicts)
            if life.state == "RUNNING":
                stage.stop()
            assert life.task is not None, "a life that runs has a task"
            await life.task
            stage.check_stored()
        inspect_end(stage)

    def _collect(self) -> None:
        for text in (*self._stage.violations, *self._log.errors):
            if text not in self._failures:
                self._failures.append(text)

    def _raise(self) -> None:
        __tracebackhide__ = True
        self._collect()
        if self._failures:
            raise InvariantViolated(self._failures)

    def _on_loop_error(self, _: object, context: dict[str, Any]) -> None:
        error = context.get("exception")
        text = f"{context.get('message')}" + (f": {type(error).__name__}: {error}" if error is not None else "")
        self._world.record(f"error {text}")
        self._failures.append(f"an error reached the event loop: {text}")

    # -- venues, nodes

    def venue(self, name: str = VENUE_DEFAULT, **settings: Any) -> VenueHandle:
        """Return the venue of that name; the first time it is opened, with settings as `[venue]` has them.

        `profile="hedging"`, `instruments=["BTCUSDT", "ETHUSDT"]`, `balance="1000"`, `latency_ms=50`, `page_size=5`,
        ... A node trades at the venues that are open when it starts.

        Raises:
            ScenarioError: if a setting is wrong, or the venue is open already and settings are given.

        """
        link = self._stage.links.get(name)
        if link is not None and settings:
            raise ScenarioError([f"venue {name}: must be given its settings when it is opened, is open already"])
        return VenueHandle(self.do, link or self._stage.open_venue(name, settings))

    async def start_node(
        self, strategies: Sequence[Strategy] | None = None, *, wait: bool = True, **settings: Any
    ) -> NodeHandle:
        """Start the node, or a new one on what the last one has left in its store; return it when it runs.

        Without `strategies` a later start has those of the one before, made anew from their configurations. `settings`
        are the node's, flat, by the kernel's own names (`inflight_check_retries=2`); they stay for later starts. With
        `wait=False` it is returned at once.

        Raises:
            ScenarioError: if a node runs already, or a setting is wrong.
            AssertionError: if it does not come to run.

        """
        self._must_be_inside()
        if not self._stage.links:
            self.venue()
        if self._recorder is not None and self._stage.life is None:
            self._recorder.attach(self._stage)
        route({**self._settings, **settings}, "start_node")
        self._settings.update(settings)
        self._stage.configure(self._settings)
        self._stage.take(strategies)
        self._note("node.start", {})
        self.node = node = NodeHandle(self.do, self._stage, self._stage.start({}), self._log)
        if wait:
            await self.until(lambda: node.state not in ("STARTING", "READY", "INITIALIZED"), within=START_WITHIN_S)
            if node.state != "RUNNING":
                raise AssertionError(f"the node must start, was {node.state}: {node.failure}")
        return node

    def instrument(self, symbol: str = "BTCUSDT", venue: str | None = None) -> InstrumentAny:
        """Return an instrument by its symbol or full name, at that venue or at the only one.

        Raises:
            ScenarioError: if there is none.

        """
        places = [venue] if venue is not None else list(self._stage.links) or [VENUE_DEFAULT]
        known: dict[str, InstrumentAny] = {}
        for link in self._stage.links.values():
            known |= {str(instrument_id): made for instrument_id, made in link.venue.instruments.items()}
        found = [known[full_instrument(symbol, at)] for at in places if full_instrument(symbol, at) in known]
        if not found:
            raise ScenarioError([f"there is no instrument {symbol!r}{nearest(full_instrument(symbol), known)}"])
        return found[0]

    # -- time

    @property
    def time_s(self) -> float:
        """Virtual seconds since the beginning."""
        return self._world.loop.time()

    def utc_now(self) -> datetime:
        """Return what the clock on the wall says."""
        return datetime.fromtimestamp(EPOCH_NS // 10**9, UTC) + timedelta(seconds=self.time_s)

    async def sleep(self, duration: str | float | timedelta) -> None:
        """Let virtual time pass: `"1m30s"`, seconds, or a `timedelta`."""
        self._must_be_inside()
        await asyncio.sleep(_seconds(duration))

    async def until(self, condition: Callable[[], object], within: str | float | timedelta = "30s") -> None:
        """Let virtual time pass until `condition()` is true.

        Raises:
            AssertionError: if it is not, within that time.

        """
        self._must_be_inside()
        deadline_s = self.time_s + _seconds(within)
        while not condition():
            if self.time_s >= deadline_s:
                raise AssertionError(f"must have come true within {within}, has not: {condition}")
            await asyncio.sleep(LOOK_S)

    # -- what must hold

    @property
    def truth(self) -> Truth:
        """What is true at the venues."""
        return self._stage.truth

    async def converged(self, within: str | float | timedelta = "30s") -> None:
        """Let virtual time pass until node and venues agree on everything, and nothing is in flight.

        Faults that are in force stay in force, and the market goes on; `end_storm` ends both.

        Raises:
            InvariantViolated: if they do not agree within that time, or something that must hold always did not.

        """
        __tracebackhide__ = True
        self._must_be_inside()
        inspect_end(self._stage)
        self._raise()
        found = await settle(self._stage, _seconds(within), self._verdicts)
        if found:
            links = self._stage.links.values()
            names = [f"{entry.name} ({link.name})" for link in links for entry in link.script.entries]
            still = [f"faults still in force: {', '.join(names)}"] if names else []
            raise InvariantViolated([f"not converged within {within}: {found[0]}", *found[1:], *still])
        self._raise()

    def end_storm(self) -> None:
        """End every fault, heal every connection, let the markets stand still."""
        self._world.record("end of the storm")
        end_storm(self._stage)

    # -- doing, and looking back

    def do(self, verb: str, **fields: Any) -> None:
        """Do what a step of a scenario file does, by its full name: `world.do("wire.drop", report="fill")`.

        Raises:
            ScenarioError: if there is no such verb, a field is wrong, or it is impossible at present.

        """
        if verb == "node.start" or verb.startswith("strategy."):
            raise ScenarioError([f"{verb}: is for scenario files; a test has start_node, and strategies of its own"])
        step = self._note(verb, {key: plain(value) for key, value in fields.items()})
        try:
            act(self._stage, step)
        except ScenarioError:
            raise
        except (KernelError, LookupError, ValueError) as error:
            raise ScenarioError([f"{verb}: {error}"]) from error
        self._stage.note_steps()
        inspect_step(self._stage)

    def _note(self, verb: str, fields: dict[str, Any]) -> Step:
        self._must_be_inside()
        step = make_step(verb, {"at": f"{round(self.time_s * 1e9)}ns", **fields})
        self._scenario.steps.append(step)
        self._world.record(step_text(step))
        return step

    def _must_be_inside(self) -> None:
        """Refuse what would happen in real time, on another loop, or on none."""
        if asyncio._get_running_loop() is not self._world.loop:
            raise RuntimeError(
                "must happen while the world runs: in a coroutine test that takes `world` (and is left to this plugin),"
                " or in the coroutine that world.run is given"
            )

    def random(self, name: str) -> Random:
        """Return the seeded stream of randomness of that name."""
        return self._world.entropy.stream(f"test:{name}")

    @property
    def scenario(self) -> Scenario:
        """What was done, as a scenario."""
        return self._stage.scenario

    @property
    def trace(self) -> list[str]:
        """Everything that has happened, line by line."""
        return self._world.trace

    @property
    def failures(self) -> list[str]:
        """What did not hold so far."""
        self._collect()
        return list(self._failures)

    @property
    def invariants_checked(self) -> list[Verdict]:
        """What became of every invariant so far."""
        return verdicts_of(self._stage, self._failures, self._verdicts, converges=self.converges)

    def result(self) -> Result:
        """Return what became of this run, as a scenario's."""
        self._collect()
        wall_s = frozen.real_perf_counter() - self._began_s
        stage, records = self._stage, [] if self._recorder is None else self._recorder.records()
        verdicts = self.invariants_checked
        return result_of(self._world, stage.scenario, stage.transport, self._failures, verdicts, records, wall_s)

    def _make_recorder(self) -> Recorder:
        from scenarios.report.recorder import Recorder  # nobody else pays for it

        return Recorder(self._world, self._scenario)


def _seconds(duration: str | float | timedelta) -> float:
    if isinstance(duration, str):
        return Time.parse(duration).seconds
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    return float(duration)
