"""Published strategies, unmodified, on a sandbox venue for a virtual day: do they trade, and does the truth survive?

    python tests/benchmarks/published_strategies.py FILE_OR_FOLDER... [--hours 24] [--weather fair|storm] [--only NAME]
        [--set bar_type=BTCUSDT.SIM-1-MINUTE-MID-INTERNAL] [--set EMACross.trade_size=0.5] [--seed 0] [--trace FOLDER]

Each Strategy, Actor and ExecAlgorithm in the files gets a configuration (`published_parts.py`), and a day of its own: a
seeded random market with quotes, trades, books, bars, marks, index prices and funding, in fair weather and in a storm
(reports lost, late, doubled; commands refused or unanswered; connections cut; the node killed and stopped every few
hours). After the storm every invariant of `scenarios/invariants` must hold, and no callback may have raised. All
execution algorithms found stand by in every run; one that is looked at has a customer who sends it orders. Node, store
and venue forget what is over for long, so that memory stays flat; a trace is kept with `--trace` alone. Prints one line
a run; exits with 1 if any failed, with 2 if there is nothing to run.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import msgspec
from msgspec import Struct, field
from published_parts import INSTRUMENTS, Part, PartError, files_in, parts_in

from nautilus_live.live.garbage import THRESHOLDS
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.exec_algorithm import ExecAlgorithm
from scenarios.format import Scenario, from_table
from scenarios.problems import ScenarioError
from scenarios.run import Result, run

WEATHERS = ("fair", "storm")
STARTS = ("50000.00", "3000.00")
"""The first price of each instrument."""
BOOKS_EVERY_S = 2
"""Seconds between two books; an order for each of them is as much as a day should bring."""
NODE: dict[str, Any] = {
    "open_check_interval_secs": 5.0,
    "position_check_interval_secs": 30.0,
    "purge_closed_orders_interval_mins": 15,
    "purge_closed_orders_buffer_mins": 60,
    "purge_closed_positions_interval_mins": 15,
    "purge_closed_positions_buffer_mins": 60,
    "purge_account_events_interval_mins": 15,
    "purge_account_events_lookback_mins": 60,
    "purge_from_database": True,
    "load_state": True,
    "save_state": True,
}
"""What the guide advises for live trading: the node looks for what it may have missed, and forgets what is over."""
BOOKS_KEEP_S = 7_200.0
"""How long the venue lists what is over: longer than the node remembers it, and not for ever, as everywhere."""
TROUBLES: tuple[dict[str, Any], ...] = (
    {"do": "wire.drop", "report": "fill", "chance": 0.5},
    {"do": "wire.time_out", "request": "submit", "side": "after", "chance": 0.3},
    {"do": "wire.disconnect", "lasts": "20s"},
    {"do": "wire.duplicate", "report": "*", "chance": 0.3},
    {"do": "wire.refuse", "request": "submit", "chance": 0.3},
    {"do": "wire.half_open"},
    {"do": "wire.delay", "report": "*", "by": "1s", "jitter": "2s", "chance": 0.3},
    {"do": "wire.time_out", "request": "cancel", "side": "after", "chance": 0.5},
    {"do": "wire.partition", "lasts": "15s"},
    {"do": "node.restart", "how": "crash", "after": "3s"},
    {"do": "wire.drop", "report": "ack", "chance": 0.5},
    {"do": "wire.time_out", "request": "submit", "side": "before", "chance": 0.3},
    {"do": "wire.refuse", "request": "cancel", "chance": 0.3},
    {"do": "wire.reset"},
    {"do": "wire.drop", "report": "cancel", "chance": 0.5},
    {"do": "wire.fail_query", "request": "query.*", "chance": 0.3},
    {"do": "venue.restart", "lasts": "20s"},
    {"do": "wire.reorder", "report": "*", "window": "2s", "chance": 0.5},
    {"do": "wire.unclear", "request": "submit", "side": "after", "chance": 0.3},
    {"do": "node.restart", "how": "stop", "after": "5s"},
)
"""A storm goes through these, one every so often, again and again; where nothing is said they last half that time."""
TROUBLES_PER_HOUR = 2
TROUBLES_AT_LEAST = len(TROUBLES)


class Day(Struct, frozen=True, kw_only=True):
    """What became of one part in one day."""

    name: str
    weather: str
    counts: Counter[str]
    alarms: Counter[str]
    raised: list[str]
    failures: list[str]
    wall_s: float
    trace: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether everything held, and no callback raised."""
        return not self.failures and not self.raised


def scenario_of(part: Part, algorithms: Sequence[Part], *, hours: float, weather: str, seed: int) -> Scenario:
    """Return the day of a part as a scenario.

    Raises:
        ScenarioError: if its configuration is refused.

    """
    day_s = round(hours * 3_600)
    steps: list[dict[str, Any]] = [
        {
            "at": "0s", "do": "venue.walk", "start": start, "volatility": 1.5, "every": f"{BOOKS_EVERY_S}s",
            "levels": 5, "spread_max": 10, "trades": 0.9, "trades_max": 3, "mark": 2.0, "funding": 1.0,
            "instrument": instrument, "lasts": f"{day_s}s",
        }
        for instrument, start in zip(INSTRUMENTS, STARTS, strict=True)
        if instrument == INSTRUMENTS[0] or instrument in str(part.config)
    ]  # fmt: skip
    steps.append({"at": "1s", "do": "node.start"})
    if weather == "storm":
        steps += storm(day_s, Random(seed))
    table: dict[str, Any] = {
        "title": f"{part.name} on a day of {weather}",
        "story": "A published strategy, as it is.",
        "steps": steps,
        "seed": seed,
        "node": {**NODE, "exec_algorithms": [_importable(one, "exec_algorithm") for one in algorithms]},
        "venue": {
            "instruments": [name.partition(".")[0] for name in INSTRUMENTS],
            "funding_interval_secs": 28_800,
            "books_keep_secs": BOOKS_KEEP_S,
        },
        "expect": {"by": f"{day_s}s"},
    }
    if issubclass(part.kind, ExecAlgorithm):
        config = {"instrument_id": INSTRUMENTS[0], "trade_size": "0.010", "exec_algorithm_id": str(part.make().id)}
        table["strategy"] = {"path": "published_customer:Customer", "config": config}
    elif part.kind is Actor:
        table["node"]["actors"] = [_importable(part, "actor")]
    else:
        table["strategy"] = {"path": part.path, "config_path": part.config_path, "config": part.config}
    return from_table(table, part.name)


def storm(day_s: int, rng: Random) -> list[dict[str, Any]]:
    """Return the troubles of a day that is `day_s` long, in the order of time; the last twentieth of it is calm."""
    count = max(TROUBLES_AT_LEAST, round(day_s / 3_600 * TROUBLES_PER_HOUR))
    gap_s = day_s * 0.95 / (count + 1)
    steps = []
    for number in range(count):
        trouble = dict(TROUBLES[number % len(TROUBLES)])
        if "chance" in trouble:
            trouble["lasts"] = f"{gap_s / 2:.3f}s"
        at_s = gap_s * (number + 1 + rng.uniform(-0.2, 0.2))
        steps.append({"at": f"{at_s:.3f}s", **trouble})
    return steps


def _importable(part: Part, word: str) -> dict[str, Any]:
    return {f"{word}_path": part.path, "config_path": part.config_path, "config": part.config}


def play(part: Part, algorithms: Sequence[Part], *, hours: float, weather: str, seed: int, traced: bool = False) -> Day:
    """Run a part for a day; return what became of it. A configuration that is refused is a failure, too.

    A trace is kept only if it is to be `traced`: that of a day has a million lines.
    """
    try:
        scenario = scenario_of(part, algorithms, hours=hours, weather=weather, seed=seed)
    except ScenarioError as error:
        none: Counter[str] = Counter()
        return Day(
            name=part.name, weather=weather, counts=none, alarms=none, raised=[], failures=[*error.problems], wall_s=0.0
        )
    return day_of(part.name, weather, run(scenario, traced=traced))


def day_of(name: str, weather: str, result: Result) -> Day:
    """Return what a run shows of a day."""
    counts = Counter(line.split(" ", 1)[0] for line in result.event_lines)
    raised = [text for text in result.alarms if text.startswith("callback.error")]
    return Day(
        name=name,
        weather=weather,
        counts=counts,
        alarms=Counter(text.split(":", 1)[0] for text in result.alarms),
        raised=raised,
        failures=result.failures,
        wall_s=result.wall_s,
        trace=result.trace,
    )


COLUMNS = (
    ("orders", "OrderSubmitted"), ("fills", "OrderFilled"), ("denied", "OrderDenied"), ("refused", "OrderRejected"),
    ("canceled", "OrderCanceled"), ("updated", "OrderUpdated"),
)  # fmt: skip


def row(day: Day) -> str:
    """Return one line of the table."""
    numbers = "".join(f"{day.counts[event]:>9}" for _, event in COLUMNS)
    verdict = "held" if day.held else f"FAILED: {(day.failures + day.raised)[0].splitlines()[0]}"
    alarms, raised = day.alarms.total(), len(day.raised)
    return f"{day.name:<48} {day.weather:<6}{numbers}{alarms:>8}{raised:>7}{day.wall_s:>8.1f}  {verdict}"


def heading() -> str:
    """Return the first line of the table."""
    names = "".join(f"{name:>9}" for name, _ in COLUMNS)
    return f"{'strategy':<48} {'day':<6}{names}{'alarms':>8}{'raised':>7}{'wall s':>8}  verdict"


# -- the command line


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Published strategies, unmodified, for a virtual day.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="Python files, or folders of them")
    parser.add_argument("--hours", type=float, default=24.0, help="how long the day is")
    parser.add_argument("--weather", choices=WEATHERS, help="one kind of day only")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT", help="parts whose name contains it")
    parser.add_argument("--set", action="append", default=[], metavar="[CLASS.]FIELD=VALUE", help="a setting")
    parser.add_argument("--seed", type=int, default=0, help="what all randomness follows from")
    parser.add_argument("--trace", type=Path, metavar="FOLDER", help="where to write each day's trace")
    given = parser.parse_args(arguments)
    if not given.hours > 0:
        parser.error(f"--hours must be positive, was {given.hours}")
    return given


def wishes_of(texts: Sequence[str]) -> dict[str, Any]:
    """Return the settings wished for; a value is JSON where it can be read so, else text.

    Raises:
        PartError: if one is not written as a setting.

    """
    wishes: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise PartError(f"--set must be written FIELD=VALUE or CLASS.FIELD=VALUE, was {text!r}")
        try:
            wishes[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            wishes[name] = value
    return wishes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return the exit code."""
    given = _parse(arguments)
    try:
        found = parts_in(files_in(given.paths), wishes_of(given.set))
        chosen = [part for part in found if not given.only or any(text in part.name for text in given.only)]
        if not chosen:
            raise PartError(f"--only {' '.join(given.only)}: must be in the name of one of {[p.name for p in found]}")
    except PartError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    algorithms = [part for part in found if issubclass(part.kind, ExecAlgorithm)]
    all_held = True
    gc.set_threshold(*THRESHOLDS)  # as in a process that is one node
    print(heading())
    for part in chosen:
        for weather in [given.weather] if given.weather else WEATHERS:
            traced = given.trace is not None
            day = play(part, algorithms, hours=given.hours, weather=weather, seed=given.seed, traced=traced)
            all_held &= day.held
            print(row(day), flush=True)
            if traced:
                given.trace.mkdir(parents=True, exist_ok=True)
                file = given.trace / f"{part.name.replace(':', '.')}.{weather}.txt"
                file.write_text("\n".join([*day.trace, *day.failures]) + "\n")
    return 0 if all_held else 1


if __name__ == "__main__":
    sys.exit(main())
