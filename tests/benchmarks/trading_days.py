"""Thousands of random days against the oracle: `python tests/benchmarks/trading_days.py [COUNT] [--first SEED]`.

Each day is the whole node on a sandbox venue; its positions, profits, balances, margins and valuations must be what
`tests/oracles` works out from the venue's raw fills, to the last decimal. COUNT days are played in each way: plain,
such as lose reports of fills, and crowded ones, in which others trade on the account. Prints one JSON line; what
differs goes before it. Exits with 1 if anything does.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scenarios.testing import InvariantViolated  # the path comes first
from tests.oracles.play_days import TradingDay

COUNT = 1_000
WAYS: dict[str, dict[str, bool]] = {"plain": {}, "loses": {"loses": True}, "crowded": {"crowded": True}}


def main() -> int:
    """Play the days; return the exit code."""
    logging.disable(logging.ERROR)
    parser = ArgumentParser(description="random trading days against an independent recomputation")
    parser.add_argument("count", type=int, nargs="?", default=COUNT, help=f"how many of each (default {COUNT})")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first day's seed (default 0)")
    parser.add_argument("--way", choices=WAYS, help="only days of this way")
    arguments = parser.parse_args()
    ways = WAYS if arguments.way is None else {arguments.way: WAYS[arguments.way]}
    began = time.perf_counter()  # sim-ok: a benchmark measures
    fills, wrong = 0, 0
    kinds: dict[str, int] = {}
    seeds = range(arguments.first, arguments.first + arguments.count)
    for way, seed in [(way, seed) for way in ways for seed in seeds]:
        day = TradingDay(seed, **ways[way])
        try:
            differences = day.play()
        except InvariantViolated as error:  # the day did not even end as it should
            differences = [str(error)]
        fills += day.fill_count
        kinds[day.kind] = kinds.get(day.kind, 0) + 1
        if differences:
            wrong += 1
            print(f"{way} {day}", *differences, sep="\n    ")
    seconds = round(time.perf_counter() - began, 1)  # sim-ok: a benchmark measures
    days = len(seeds) * len(ways)
    print(json.dumps({"days": days, "fills": fills, "wrong": wrong, "kinds": kinds, "seconds": seconds}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
