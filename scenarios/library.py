"""The scenario files: where they are, what they are called, which rows of the guide they stand for.

May know: the file system. A file's name is its path below the folder it was found in, so that it does not depend on
where the command was typed: `scenarios/startup/missed_fills.toml` for the library, `FOLDER/…/file.toml` for others.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from scenarios.format import Scenario, from_table, is_scenario
from scenarios.guide import NOT_YET, ROWS
from scenarios.importing import look_in
from scenarios.problems import ScenarioError

LIBRARY = Path(__file__).resolve().parent
TABLE_BEGINS, TABLE_ENDS = "<!-- guide-table -->", "<!-- /guide-table -->"
"""Where the table of rows and files stands in a Markdown file."""


class ScenarioFile(Struct, frozen=True, kw_only=True):
    """A file with a scenario in it."""

    name: str
    path: Path
    scenario: Scenario


def find(paths: Sequence[Path] = (), containing: str = "") -> list[ScenarioFile]:
    """Return the scenarios in `paths` (files or folders; by default the library) whose name or title has `containing`.

    Raises:
        ScenarioError: if any file is bad, or there is no such path; it lists the problems of all of them.

    """
    look_in(Path.cwd())  # for what the files name by import path
    problems: list[str] = []
    found: dict[Path, ScenarioFile] = {}
    for path in paths or (LIBRARY,):
        resolved = path.resolve()
        if not resolved.exists():
            problems.append(f"{path}: there is no such file or folder")
            continue
        named = resolved.is_file()
        for file in [resolved] if named else sorted(resolved.rglob("*.toml")):
            try:
                scenario = read(file, must_be=named)
            except ScenarioError as error:
                problems.extend(str(error).splitlines())
                continue
            if scenario is not None and file not in found:
                name = name_of(file, resolved.parent.parent if named else resolved.parent)
                found[file] = ScenarioFile(name=name, path=file, scenario=scenario)
    if problems:
        raise ScenarioError(problems)
    wanted = containing.lower()
    return [file for file in found.values() if wanted in file.name.lower() or wanted in file.scenario.title.lower()]


def read(path: Path, *, must_be: bool = True) -> Scenario | None:
    """Return the scenario in a file; `None` if it is TOML of another kind and need not be one.

    Raises:
        ScenarioError: if it is a scenario, or must be one, and is bad.

    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        if not must_be:
            return None
        raise ScenarioError([f"cannot be read as TOML: {error}"], str(path)) from None
    if not must_be and not is_scenario(table):
        return None
    return from_table(table, str(path))


def name_of(path: Path, root: Path) -> str:
    """Return what a file is called: below the library by the library, else below `root`."""
    base = LIBRARY.parent if path.is_relative_to(LIBRARY) else root
    return path.relative_to(base).as_posix()


def rows(files: Iterable[ScenarioFile]) -> dict[str, list[str]]:
    """Return the names of the files by the row that they stand for; all rows, in the order of `scenarios/guide.py`."""
    return {row: [file.name for file in of_row] for row, of_row in _by_row(files).items()}


def guide_table(files: Iterable[ScenarioFile]) -> str:
    """Return the rows and their files as a Markdown table; each link says what the file adds to its row."""
    lines = ["| | row | scenarios |", "|---|---|---|"]
    last_kind = ""
    for row, of_row in _by_row(files).items():
        kind, _, title = row.partition(": ")
        links = ", ".join(f"[{_label(file, kind, title)}]({file.name})" for file in of_row)
        first = f"{kind} |" if kind != last_kind else "|"
        lines.append(f"| {first} {title} | {links or 'not yet: ' + NOT_YET.get(row, 'no file')} |")
        last_kind = kind
    return "\n".join(lines)


def with_guide_table(text: str, table: str) -> str:
    """Return a Markdown text with `table` between its marks.

    Raises:
        ScenarioError: if the marks are not there, once each and in this order.

    """
    before, opening, rest = text.partition(TABLE_BEGINS)
    _, closing, after = rest.partition(TABLE_ENDS)
    if not opening or not closing or TABLE_BEGINS in rest or TABLE_ENDS in before + after:
        raise ScenarioError([f"the text must have {TABLE_BEGINS} and {TABLE_ENDS}, once each and in this order"])
    return f"{before}{opening}\n{table}\n{closing}{after}"


def _by_row(files: Iterable[ScenarioFile]) -> dict[str, list[ScenarioFile]]:
    by_row: dict[str, list[ScenarioFile]] = {row: [] for row in ROWS}
    for file in files:
        if file.scenario.guide is not None:
            by_row[file.scenario.guide].append(file)
    return by_row


def _label(file: ScenarioFile, kind: str, row_title: str) -> str:
    title = file.scenario.title.removeprefix(f"{row_title}: ").removeprefix(f"{kind.capitalize()}: ")
    return title.replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")
