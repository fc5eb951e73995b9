"""List the rows of the guide, and the scenario files that stand for each.

A row without a file is a row that nothing holds us to. Files that stand for no row (field reports, found cases) come
last.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: the library)")
    parser.add_argument("--json", action="store_true", help='print {"rows": [{"guide", "files"}]}')


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.library import find, rows
    from scenarios.problems import ScenarioError

    try:
        files = find(arguments.paths)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    by_row = rows(files)
    if arguments.json:
        print(json.dumps({"rows": [{"guide": guide, "files": names} for guide, names in by_row.items()]}))
        return 0
    for guide, names in by_row.items():
        print(guide)
        for name in names or ["(no file)"]:
            print(f"    {name}")
    others = [file for file in files if file.scenario.guide is None]
    if others:
        print("standing for no row of the guide")
        for file in others:
            print(f"    {file.name}  {file.scenario.title}")
    return 0
