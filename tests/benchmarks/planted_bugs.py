"""Prove the net: plant one bug after the other and count the fresh seeds until the campaign notices.

    python -m tests.benchmarks.planted_bugs [--from SEED] [--seeds N] [--jobs N] [TEXT]

Prints a line for each bug (of those with TEXT in them) and the median. Exits with 1 if a bug was not found.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import median

from scenarios.campaign import run_seed
from tests.scenarios.planted import seeds_to_find
from tests.scenarios.planted_lines import EVERY_BUG as BUGS


def main() -> int:
    """Run the program; return its exit code."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("containing", nargs="?", default="", metavar="TEXT")
    parser.add_argument("--from", dest="first", type=int, default=1_000_000, metavar="SEED")
    parser.add_argument("--seeds", type=int, default=1_000, metavar="N", help="seeds to try for each bug")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    arguments = parser.parse_args()
    chosen = [index for index, bug in enumerate(BUGS) if arguments.containing in str(bug)]
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    found = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for index, (count, text) in zip(chosen, pool.map(partial(search, seeds=seeds), chosen), strict=True):
            print(f"{'-' if count is None else count:>6}  {BUGS[index]}\n        {text[:160]}", flush=True)
            found.append(count)
    counts = [count for count in found if count is not None]
    print(f"{len(counts)} of {len(found)} planted bugs found, median {median(counts) if counts else '-'} seeds")
    return 0 if len(counts) == len(found) else 1


def search(index: int, seeds: range) -> tuple[int | None, str]:
    """Search for one bug; a seed that fails without it does not count."""
    known: set[int] = set()
    while True:
        count, text = seeds_to_find(BUGS[index], seeds, frozenset(known))
        if count is None or run_seed(seeds[count - 1]) is None:
            return count, text
        known.add(seeds[count - 1])


if __name__ == "__main__":
    sys.exit(main())
