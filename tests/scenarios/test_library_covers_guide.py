"""The library against the guide: no row without a file, no file without a row, and what is not there yet is said."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scenarios.guide import ISSUES, LOOKBACK, NOT_YET, PROCEDURE, ROWS, RUNTIME, STARTUP
from scenarios.library import LIBRARY, ScenarioFile, rows
from tests.library import library

FILES = library()
FOLDERS_WITHOUT_ROWS = tuple(
    f"scenarios/{name}/"
    for name in ("runtime", "orders", "risk", "data", "portfolio", "strategies", "days", "venue", "examples", "money")
)
"""Where files may stand for themselves rather than for a row of the guide."""
GUIDE_FILES = [file for file in FILES if not file.name.startswith(("scenarios/field/", "scenarios/found/"))]
STARTUP_FILES = [file for file in FILES if file.name.startswith("scenarios/startup/")]
BY_ROW = rows(FILES)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_file_or_is_listed_as_not_there_yet(row: str) -> None:
    assert bool(BY_ROW[row]) is (row not in NOT_YET), BY_ROW[row] or "no file"


def test_not_there_yet_are_runtime_rows_only() -> None:
    assert set(NOT_YET) <= {f"runtime: {title}" for title in RUNTIME}


def test_the_rows_are_those_of_the_guide() -> None:
    assert (len(STARTUP), len(RUNTIME), len(ISSUES)) == (13, 3, 6)
    assert len(ROWS) == len(set(ROWS)) == 13 + 3 + 6 + len(PROCEDURE) + len(LOOKBACK)


@pytest.mark.parametrize("file", GUIDE_FILES, ids=lambda file: file.name)
def test_every_library_file_stands_for_a_row_where_it_lies(file: ScenarioFile) -> None:
    if file.scenario.guide is None:  # the guide says nothing of it, the story says who does
        assert file.name.startswith(FOLDERS_WITHOUT_ROWS)
        return
    kind, _, _ = file.scenario.guide.partition(": ")
    folders = {
        "startup": "scenarios/startup",
        "procedure": "scenarios/startup/procedure",
        "lookback": "scenarios/startup/lookback",
        "issue": "scenarios/startup/issues",
        "runtime": "scenarios/runtime",
    }

    assert file.name.rpartition("/")[0] == folders[kind]


@pytest.mark.parametrize("file", STARTUP_FILES, ids=lambda file: file.name)
def test_every_startup_file_tells_its_story_and_says_precisely_what_comes_of_it(file: ScenarioFile) -> None:
    scenario = file.scenario

    assert 60 <= len(scenario.story) <= 700, "a story says why it matters, and is short"
    assert scenario.expect.events is not None, "what is published is expected to the letter"
    assert scenario.expect.by is not None


def test_no_two_library_files_have_one_title() -> None:
    titles = [file.scenario.title for file in FILES]

    assert sorted(titles) == sorted(set(titles))


def test_every_toml_file_in_the_library_is_a_scenario() -> None:
    found = {file.path for file in FILES}
    others = [path for path in LIBRARY.rglob("*.toml") if path not in found]

    assert others == []
    assert all("title" in tomllib.loads(Path(file.path).read_text(encoding="utf-8")) for file in FILES)
