"""Show one scenario as it was understood: every step with its defaults resolved, written in the file format.

Reading a file and showing it is the quickest way to see what a misplaced key did.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a scenario file, or a name from `scenarios list`")


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.dump import dump
    from scenarios.library import LIBRARY, read
    from scenarios.problems import ScenarioError

    path: Path = arguments.file
    if not path.exists() and (LIBRARY.parent / path).exists():
        path = LIBRARY.parent / path
    try:
        scenario = read(path)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    if scenario is not None:
        print(dump(scenario), end="")
    return 0
