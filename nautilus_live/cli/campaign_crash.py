"""Kill the node at every callback of a scenario, one run each, start it again, and hold the invariants.

  nautilus-live campaign crash scenarios/days/trading_day.toml            every callback of the node's first life
  nautilus-live campaign crash FILE --life 2                              of the life after the first restart
  nautilus-live campaign crash FILE --every 50 --jobs 1                   a sample

Exits with 0 if the node and the venues agree after every crash, 1 if not, 2 if there is no such file or it fails
without any crash.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

RUNS_PER_TASK = 8


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a scenario file")
    parser.add_argument("--life", type=_number, default=1, metavar="N", help="which start of the node (default 1)")
    parser.add_argument("--every", type=_number, default=1, metavar="N", help="every Nth callback (default all)")
    parser.add_argument("--jobs", type=_number, default=None, metavar="N", help="processes (default one per core)")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="another seed than the file's")
    parser.add_argument("--transport", default="direct", metavar="NAME", help="how the node reaches the venues")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.crashes import callbacks, run_crashed_at
    from scenarios.library import read
    from scenarios.links import link_maker
    from scenarios.problems import ScenarioError

    started_s = perf_counter()
    try:
        link_maker(arguments.transport)
        scenario = read(arguments.file)
        assert scenario is not None, "a file that must be a scenario is one or raises"
        count = callbacks(scenario, seed=arguments.seed, transport=arguments.transport, life=arguments.life)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    moments = range(0, count + 1, arguments.every)
    chunks = [moments[i : i + RUNS_PER_TASK] for i in range(0, len(moments), RUNS_PER_TASK)]
    jobs = min(arguments.jobs or os.cpu_count() or 1, len(chunks))
    options = {"seed": arguments.seed, "transport": arguments.transport, "life": arguments.life}
    broken: dict[int, list[str]] = {}
    done = 0
    with ExitStack() as stack:
        results: Iterable[dict[int, list[str]]]
        if jobs > 1:
            pool = stack.enter_context(ProcessPoolExecutor(jobs))
            waiting = [pool.submit(run_crashed_at, scenario, chunk, **options) for chunk in chunks]
            results = (future.result() for future in waiting)
        else:
            results = (run_crashed_at(scenario, chunk, **options) for chunk in chunks)
        for chunk, found in zip(chunks, results, strict=True):
            done += len(chunk)
            broken.update(found)
            if sys.stderr.isatty():
                print(f"\r{done} of {len(moments)} crashes, {len(broken)} not healed", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    wall_s = perf_counter() - started_s
    _tell(arguments, len(moments), count, broken, wall_s)
    return 1 if broken else 0


def _tell(arguments: Namespace, runs: int, count: int, broken: dict[int, list[str]], wall_s: float) -> None:
    if arguments.json:
        failed = [{"callback": moment, "failure": failures[0]} for moment, failures in broken.items()]
        print(json.dumps({"callbacks": count, "runs": runs, "failed": failed, "wall_s": round(wall_s, 6)}))
        return
    for moment, failures in broken.items():
        print(f"killed after callback {moment}: {failures[0]}")
    print(f"{runs} crashes over {count} callbacks, {len(broken)} not healed, {wall_s:.1f} s")


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"must be a whole number of at least 1, was {text!r}")
    return int(text)
