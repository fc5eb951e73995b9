"""Campaigns: many seeds, each a scenario that nobody thought of, run, checked, and the failures made small and kept.

May know: the generator, the play, the minimiser, and `concurrent.futures.Executor`, which is how it runs on one
process, on all cores or on a cluster. Promises: what a range of seeds finds depends on the range alone, not on who ran
which part of it; whatever ends a campaign early (a budget, Ctrl+C, a dying worker), what it had found is told.

A seed in `REPEATED_EVERY` is run twice, and must give the same trace (invariant 14). The others are played quickly,
without a trace, and once more in whole where something seems to be wrong: that is the failure that counts.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field, structs

from nautilus_live.marks import MARKS, counting
from scenarios.drawn_play import play
from scenarios.dump import dump
from scenarios.format import Scenario
from scenarios.generate import generate
from scenarios.minimise import kind_of, minimise
from scenarios.trace import first_difference
from scenarios.world.frozen import real_perf_counter

CHUNK_SEEDS = 25
"""Seeds that travel together: long enough to be worth the way, short enough for a lively progress bar."""
CLUSTER_CHUNK_SEEDS = 100
"""The same on a cluster, where each chunk is worth a process of its own."""
AHEAD = 3
"""Chunks under way for each process, so that none waits for us."""
COLLECTED_EVERY = 5
"""Seeds after which garbage is collected: seldom enough to be cheap, often enough to stay small."""
REPEATED_EVERY = 50
SAME_SEED = "invariant 14 (the same seed gives the same trace)"
MARKS_SEEDS_MIN = 10_000
"""Seeds after which a declared mark must have been reached; fewer prove nothing about a rare one."""


class Failure(Struct, frozen=True, kw_only=True):
    """A seed that failed: what (`kind_of`), and the first failure in full."""

    seed: int
    invariant: str
    text: str


class Chunk(Struct, frozen=True, kw_only=True):
    """What some seeds brought."""

    count: int
    failures: list[Failure]
    marks: dict[str, int]


class Kept(Struct, frozen=True, kw_only=True):
    """A failure made small: the scenario, and the runs that took."""

    failure: Failure
    scenario: Scenario
    runs: int


class Outcome(Struct, kw_only=True):
    """What a campaign brought so far."""

    count: int = 0
    failures: list[Failure] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    wall_s: float = 0.0
    ended_early: str = ""

    def take(self, chunk: Chunk) -> None:
        """Add what a chunk brought."""
        self.count += chunk.count
        self.failures = sorted([*self.failures, *chunk.failures], key=lambda failure: failure.seed)
        for name, count in chunk.marks.items():
            self.marks[name] = self.marks.get(name, 0) + count

    def missed_marks(self) -> list[str]:
        """Return the declared marks that were not reached."""
        return [name for name in MARKS if not self.marks.get(name)]


def run_seed(seed: int, transport: str = "direct") -> Failure | None:
    """Run one seed; return what failed first."""
    scenario = generate(seed)
    if seed % REPEATED_EVERY == 0:
        _, failures, trace = play(scenario, transport)
        if not failures:
            difference = first_difference(trace, play(scenario, transport)[2])
            failures = [f"{SAME_SEED}: {difference}"] if difference else []
    else:
        _, failures, _ = play(scenario, transport, quick=True)
        if failures:
            _, failures, _ = play(scenario, transport)
    if not failures:
        return None
    return Failure(seed=seed, invariant=kind_of(failures[0]), text=failures[0])


def run_chunk(seeds: range, transport: str = "direct") -> Chunk:
    """Run some seeds; at module level, so that another process can."""
    found: list[Failure | None] = []
    with counting() as marks, _collecting_seldom() as collect:
        for index, seed in enumerate(seeds):
            found.append(run_seed(seed, transport))
            if index % COLLECTED_EVERY == 0:
                collect()
    return Chunk(count=len(seeds), failures=[one for one in found if one is not None], marks=dict(marks))


@contextmanager
def _collecting_seldom() -> Iterator[Callable[[], object]]:
    """Leave it to us when garbage is collected: a run leaves one big heap of it, and nothing in between."""
    was_on = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def make_small(failure: Failure, transport: str = "direct") -> Kept:
    """Minimise a failure; at module level, so that another process can."""
    small = minimise(generate(failure.seed), failure.invariant, transport)
    scenario = structs.replace(small.scenario, title=_title(failure), story=_story(failure, small.failure))
    return Kept(failure=failure, scenario=scenario, runs=small.runs)


class Campaign:
    """A range of seeds on its way through an executor.

    Args:
        seeds: the seeds.
        executor: runs them.
        jobs: how many processes it has.
        chunk_seeds: how many seeds travel together.
        transport: how the node reaches the venues.
        budget_s: real seconds after which no further seeds are begun.
        kept_max: how many failures of each kind are made small, the first ones; 0 for none.
        on_progress: called with the outcome so far, as chunks come in.

    """

    def __init__(
        self,
        seeds: range,
        executor: Executor,
        *,
        jobs: int = 1,
        chunk_seeds: int = CHUNK_SEEDS,
        transport: str = "direct",
        budget_s: float | None = None,
        kept_max: int = 1,
        on_progress: Callable[[Outcome], object] = lambda outcome: None,
    ) -> None:
        self.outcome = Outcome()
        self._seeds = seeds
        self._executor = executor
        self._ahead = AHEAD * jobs
        self._chunk_seeds = chunk_seeds
        self._transport = transport
        self._budget_s = budget_s
        self._kept_max = kept_max
        self._on_progress = on_progress

    def run(self) -> Outcome:
        """Run to the end of the seeds, of the budget, or until Ctrl+C; then make small what was found."""
        started = real_perf_counter()
        try:
            self._run_seeds(started)
            self._make_small()
        except KeyboardInterrupt:
            self.outcome.ended_early = "interrupted"
        self.outcome.wall_s = real_perf_counter() - started
        return self.outcome

    def _run_seeds(self, started: float) -> None:
        chunks = _chunks(self._seeds, self._chunk_seeds)
        under_way: dict[Future[Chunk], None] = {}
        try:
            while True:
                in_time = self._budget_s is None or real_perf_counter() - started < self._budget_s
                while in_time and len(under_way) < self._ahead and (seeds := next(chunks, None)) is not None:
                    under_way[self._executor.submit(run_chunk, seeds, self._transport)] = None
                if not under_way:
                    break
                for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                    del under_way[done]
                    self.outcome.take(done.result())
                self._on_progress(self.outcome)
        finally:
            for future in under_way:
                future.cancel()
        if self.outcome.count < len(self._seeds):
            self.outcome.ended_early = f"the budget of {self._budget_s:g} s is used up"

    def _make_small(self) -> None:
        chosen: list[Failure] = []
        for failure in self.outcome.failures:
            if (
                failure.invariant != SAME_SEED
                and sum(one.invariant == failure.invariant for one in chosen) < self._kept_max
            ):
                chosen.append(failure)
        futures = [self._executor.submit(make_small, failure, self._transport) for failure in chosen]
        try:
            self.outcome.kept += [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()


def save(kept: Kept, folder: Path) -> Path:
    """Write a failure that was made small into `folder`, ready to commit; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_slug(kept.failure)}.toml"
    path.write_text(dump(kept.scenario), encoding="utf-8")
    return path


def _chunks(seeds: range, size: int) -> Iterator[range]:
    for start in range(0, len(seeds), size):
        yield seeds[start : start + size]


def _title(failure: Failure) -> str:
    return f"Seed {failure.seed}: {failure.invariant}"


def _story(failure: Failure, shown: str) -> str:
    return (
        f"Found by the campaign at seed {failure.seed} and made small. What did not hold:\n{shown}\n"
        "Say here what the venue does and what the node must do, once it is understood.\n"
    )


def _slug(failure: Failure) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in failure.invariant.lower()).split()
    return "_".join([*words, "seed", str(failure.seed)])
