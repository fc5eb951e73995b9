"""Show what happened in one scenario of a campaign: a seed, or a file that a campaign wrote.

  nautilus-live campaign replay 4711                          title, first broken invariant, the last ten trace lines
  nautilus-live campaign replay 4711 --toml                   the scenario, without the steps that were impossible
  nautilus-live campaign replay scenarios/found/x.toml --trace --report out/

Exits with 0 if it holds, 1 if it does not, 2 if there is no such file or seed.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

if TYPE_CHECKING:
    from scenarios.format import Scenario

TRACE_LINES_SHOWN = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("what", metavar="SEED|FILE", help="a seed, or a scenario file")
    parser.add_argument("--transport", default="direct", metavar="NAME", help="how the node reaches the venues")
    parser.add_argument("--trace", action="store_true", help="print everything that happened")
    parser.add_argument("--toml", action="store_true", help="print the scenario")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write a page to look at into DIR")


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.drawn_play import play
    from scenarios.dump import dump
    from scenarios.links import link_maker
    from scenarios.problems import ScenarioError

    try:
        link_maker(arguments.transport)
        scenario = _scenario(arguments.what)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    drawn, failures, trace = play(scenario, arguments.transport)
    possible = [step for index, step in enumerate(scenario.steps) if index not in drawn.skipped]
    if arguments.toml:
        print(dump(structs.replace(scenario, steps=possible)))
    print(scenario.title)
    print(f"  {failures[0] if failures else 'holds'}")
    shown = trace if arguments.trace else trace[-TRACE_LINES_SHOWN:]
    print(f"  {'all' if arguments.trace else 'the last'} {len(shown)} of {len(trace)} trace lines:")
    for line in shown:
        print(f"    {line}")
    if arguments.report is not None:
        _write_report(arguments, structs.replace(scenario, steps=possible))
    return 1 if failures else 0


def _write_report(arguments: Namespace, scenario: Scenario) -> None:
    from scenarios.library import ScenarioFile
    from scenarios.report.index import write_report
    from scenarios.run import run as run_scenario

    result = run_scenario(scenario, transport=arguments.transport, records=True)
    name = f"seed_{arguments.what}.toml" if arguments.what.isdecimal() else arguments.what
    index = write_report(arguments.report, [(ScenarioFile(name=name, path=Path(name), scenario=scenario), result)])
    print(f"the report is in {index}", file=sys.stderr)


def _scenario(what: str) -> Scenario:
    """Return the scenario of a seed, or of a file."""
    from scenarios.format import load
    from scenarios.generate import generate

    return generate(int(what)) if what.isdecimal() else load(Path(what))
