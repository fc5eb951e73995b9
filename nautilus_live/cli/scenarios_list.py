"""List the rows of the guide, and the scenario files that stand for each.

A row without a file is a row that nothing holds us to. Files that stand for no row (field reports, found cases) come
last.

  nautilus-live scenarios list --markdown              the rows and their files as a Markdown table
  nautilus-live scenarios list --markdown README.md    written between the marks of that file
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

STDOUT = Path("-")


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: the library)")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help='print {"rows": [{"guide", "files"}]}')
    shape.add_argument(
        "--markdown",
        nargs="?",
        type=Path,
        const=STDOUT,
        metavar="FILE",
        help="print the rows and their files as a Markdown table, or bring the table in FILE up to date",
    )


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.library import find, guide_table, rows
    from scenarios.problems import ScenarioError

    try:
        files = find(arguments.paths)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.markdown is not None:
        return _markdown(guide_table(files), arguments.markdown)
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


def _markdown(table: str, path: Path) -> int:
    """Print the table, or write it into the file at `path` where that does not have it yet."""
    from scenarios.library import with_guide_table
    from scenarios.problems import ScenarioError

    if path == STDOUT:
        print(table)
        return 0
    try:
        before = path.read_text(encoding="utf-8")
        after = with_guide_table(before, table)
    except (OSError, UnicodeError, ScenarioError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    if after != before:
        path.write_text(after, encoding="utf-8")
    print(f"{path}: {'current' if after == before else 'brought up to date'}")
    return 0
