"""Run scenarios that nobody thought of: one for each seed, generated, run, checked.

Every seed meets the whole node with venues, faults and settings of its own; the invariants must hold. What fails is
made small and written down as a scenario file, ready to commit. A range A..B has A in it and B not.

  nautilus-live campaign --seeds 0..10000 --jobs 2         ten thousand seeds on two processes
  nautilus-live campaign --seeds 0..1000000 --budget 60s   as many as fit into a minute
  nautilus-live campaign --seeds 0..100000 --scheduler tcp://10.0.0.5:8786    on a Dask cluster
  nautilus-live campaign replay 4711                       what happened there

Exits with 0 if all seeds hold, 1 if one fails or a declared mark was never reached (asked of 10,000 seeds and more, or
with --require-marks), 2 for wrong use.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from scenarios.campaign import Outcome

CONNECT_S = 10.0
"""How long a scheduler may take to answer."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--seeds", type=_seeds, required=True, metavar="A..B", help="the seeds from A to, not with, B")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs", type=_jobs, default=0, metavar="N", help="processes to run in (default 0: one per core)"
    )
    where.add_argument("--scheduler", metavar="ADDRESS", help="the scheduler of a Dask cluster, as tcp://HOST:PORT")
    parser.add_argument(
        "--budget", type=_budget, metavar="TIME", help="begin no further seeds after this time: 60s, 5m"
    )
    parser.add_argument("--transport", default="direct", metavar="NAME", help="how the node reaches the venues")
    parser.add_argument(
        "--found", type=Path, metavar="DIR", help="where to write what fails (default: scenarios/found of the checkout)"
    )
    parser.add_argument(
        "--keep", type=_jobs, default=1, metavar="N", help="failures of each invariant to make small (default 1)"
    )
    parser.add_argument("--require-marks", action="store_true", help="ask for every mark, however few the seeds")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the tables")


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.campaign import MARKS_SEEDS_MIN, Campaign, save
    from scenarios.links import link_maker
    from scenarios.problems import ScenarioError

    try:
        link_maker(arguments.transport)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with (
            _executor(arguments.scheduler, arguments.jobs or os.cpu_count() or 1) as place,
            _progress(arguments) as on_progress,
        ):
            outcome = Campaign(
                arguments.seeds,
                place.executor,
                jobs=place.jobs,
                chunk_seeds=place.chunk_seeds,
                transport=arguments.transport,
                budget_s=arguments.budget,
                kept_max=arguments.keep,
                on_progress=on_progress,
            ).run()
    except _NoCluster as error:
        print(error, file=sys.stderr)
        return 2
    folder = arguments.found or _found_folder()
    files = {kept.failure.seed: str(save(kept, folder)) for kept in outcome.kept}
    demands = arguments.require_marks or outcome.count >= MARKS_SEEDS_MIN
    missed = outcome.missed_marks() if demands else []
    if arguments.json:
        print(json.dumps(_as_json(outcome, files)))
    else:
        _print_outcome(outcome, files, missed)
    return 1 if outcome.failures or missed else 0


class _NoCluster(Exception):
    """There is no way to the cluster; the text says what to do."""


class _Place(NamedTuple):
    """What runs the seeds, how many chunks at a time, and how large they are."""

    executor: Executor
    jobs: int
    chunk_seeds: int


@contextmanager
def _executor(scheduler: str | None, jobs: int) -> Iterator[_Place]:
    from scenarios.campaign import CHUNK_SEEDS
    from scenarios.in_process import InProcess

    if scheduler is not None:
        with _cluster(scheduler) as place:
            yield place
    elif jobs == 1:
        yield _Place(InProcess(), 1, CHUNK_SEEDS)
    else:
        with ProcessPoolExecutor(jobs, initializer=_leave_interrupts_alone) as pool:
            yield _Place(pool, jobs, CHUNK_SEEDS)


@contextmanager
def _cluster(scheduler: str) -> Iterator[_Place]:
    from scenarios.apart import Apart
    from scenarios.campaign import CLUSTER_CHUNK_SEEDS

    try:
        from distributed import Client
    except ImportError:
        raise _NoCluster("--scheduler needs Dask: pip install 'nautilus-live[dask]'") from None
    try:
        connect: Any = Client  # its library has no types
        client = connect(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _NoCluster(f"--scheduler {scheduler}: there is no scheduler: {error}") from None
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise _NoCluster(f"--scheduler {scheduler}: the cluster must have a worker, has none")
        yield _Place(Apart(client.get_executor(pure=False)), workers, CLUSTER_CHUNK_SEEDS)


def _leave_interrupts_alone() -> None:
    # Ctrl+C goes to the whole group of processes; the one in front decides what becomes of the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _progress(arguments: Namespace) -> Iterator[Callable[[Outcome], object]]:
    """Yield what is told of every chunk: a bar with rate and finds, or nothing where nobody looks."""
    if arguments.json or not sys.stderr.isatty():
        yield lambda outcome: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("campaign"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.speed:.0f} seeds/s"),
        TextColumn("[red]{task.fields[finds]} found"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(arguments.seeds), finds=0)
        yield lambda outcome: bar.update(task, completed=outcome.count, finds=len(outcome.failures))


def _as_json(outcome: Outcome, files: dict[int, str]) -> dict[str, Any]:
    from nautilus_live.marks import MARKS

    return {
        "seeds": outcome.count,
        "seeds_per_s": round(_rate(outcome), 3),
        "failed": [
            {"seed": failure.seed, "invariant": failure.invariant, "file": files.get(failure.seed)}
            for failure in outcome.failures
        ],
        "marks": {name: outcome.marks.get(name, 0) for name in MARKS},
        "wall_s": round(outcome.wall_s, 6),
    }


def _print_outcome(outcome: Outcome, files: dict[int, str], missed: list[str]) -> None:
    from nautilus_live.marks import MARKS

    width = max((len(name) for name in MARKS), default=0)
    for name, meaning in MARKS.items():
        print(f"{outcome.marks.get(name, 0):>9}  {name:<{width}}  {meaning}")
    for failure in outcome.failures:
        print(f"\nseed {failure.seed}: {failure.text}")
        if failure.seed in files:
            print(f"  made small: {files[failure.seed]}")
        print(f"  replay: nautilus-live campaign replay {failure.seed}")
    if missed:
        print(f"\nnever reached: {', '.join(missed)}")
    early = f", {outcome.ended_early}" if outcome.ended_early else ""
    print(
        f"\n{outcome.count} seeds, {len(outcome.failures)} failed, {outcome.wall_s:.1f} s,"
        f" {_rate(outcome):.0f} seeds/s{early}"
    )


def _rate(outcome: Outcome) -> float:
    return outcome.count / outcome.wall_s if outcome.wall_s else 0.0


def _found_folder() -> Path:
    """Return the library's folder for finds in a checkout; where the library is installed, one where we stand."""
    from scenarios.library import LIBRARY

    return LIBRARY / "found" if (LIBRARY.parent / "pyproject.toml").exists() else Path("found")


def _seeds(text: str) -> range:
    first, dots, end = text.partition("..")
    if not (first.isdecimal() and dots and end.isdecimal()):
        raise ArgumentTypeError(f"must be written like 0..10000, was {text!r}")
    if int(first) >= int(end):
        raise ArgumentTypeError(f"must have a seed in it, was {text!r} ({end} itself is not)")
    return range(int(first), int(end))


def _jobs(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"must be a whole number from 0 on, was {text!r}")
    return int(text)


def _budget(text: str) -> float:
    from scenarios.values import Time

    try:
        return Time.parse(text).seconds
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
