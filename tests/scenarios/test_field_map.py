"""The field reports against the files: every finding is told or excused, every file is in the map."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scenarios.library import LIBRARY, ScenarioFile, find

FIELD = LIBRARY / "field"
FINDINGS: dict[str, list[int]] = {
    "A": list(range(1, 15)),
    "B": list(range(1, 14)),
    "C": [*range(1, 10), *range(13, 18)],
    "D": list(range(1, 9)),
    "E": list(range(1, 7)),
    "F": list(range(1, 29)),
    "G": list(range(1, 11)),
    "H": list(range(1, 11)),
    "I": list(range(1, 9)),
    "J": list(range(1, 9)),
}
"""The findings of FIELD_REPORTS by section; a section is checked from the day that it is listed here."""
RANKS = range(1, 16)

FILES = [file for file in find([FIELD]) if file.path.stem[0].upper() in FINDINGS]
ROW = re.compile(r"^\| (?P<finding>[A-J]\d+) \| (?P<files>.*?) \| ?(?P<does>.*?) ?\|$", re.MULTILINE)
RANK = re.compile(r"^\| (?P<rank>\d+) \| (?P<scenario>.*?) \| (?P<files>.*?) \|$", re.MULTILINE)
LINK = re.compile(r"\[(\w+)\]\(((?:\.\./(?:startup|runtime)/(?:\w+/)?)?)(\w+)\.toml\)")
README = (FIELD / "README.md").read_text(encoding="utf-8")
ROWS = {match["finding"]: match for match in ROW.finditer(README)}
RANKED = {int(match["rank"]): match for match in RANK.finditer(README)}


def names_in(finding: str) -> list[str]:
    return [target for _, folder, target in LINK.findall(ROWS[finding]["files"]) if not folder]


def finding_of(path: Path) -> str:
    head = path.stem.partition("_")[0]
    return f"{head[0].upper()}{int(head[1:])}"


@pytest.mark.parametrize("section", FINDINGS)
def test_every_finding_of_a_section_has_its_row_in_order(section: str) -> None:
    assert [name for name in ROWS if name[0] == section] == [f"{section}{number}" for number in FINDINGS[section]]


@pytest.mark.parametrize("finding", ROWS)
def test_a_finding_has_files_and_what_the_kernel_does_or_a_reason(finding: str) -> None:
    row = ROWS[finding]
    if LINK.search(row["files"]):
        assert len(row["does"]) > 10
    else:
        assert re.fullmatch(r"none: .{20,}", row["files"])


@pytest.mark.parametrize("finding", ROWS)
def test_the_links_lead_to_files_of_that_finding(finding: str) -> None:
    for text, folder, target in LINK.findall(ROWS[finding]["files"]):
        assert text == target
        assert (FIELD / folder / f"{target}.toml").is_file()
        assert folder or finding_of(Path(target)) == finding


@pytest.mark.parametrize("rank", RANKS)
def test_each_of_what_hurts_most_leads_to_files(rank: int) -> None:
    links = LINK.findall(RANKED[rank]["files"])

    assert len(links) >= 2
    for text, folder, target in links:
        assert text == target
        assert (FIELD / folder / f"{target}.toml").is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path.stem)
def test_every_file_is_in_the_map_and_names_its_finding(file: ScenarioFile) -> None:
    finding = finding_of(file.path)

    assert file.path.stem in names_in(finding)
    assert f"FIELD {finding}" in " ".join(file.scenario.story.split())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path.stem)
def test_every_file_tells_its_story_and_says_what_comes_of_it(file: ScenarioFile) -> None:
    expect = file.scenario.expect

    assert file.scenario.guide is None, "field reports are no rows of the guide"
    assert 60 <= len(file.scenario.story) <= 700, "a story says why it matters, and is short"
    assert expect.by is not None
    assert expect.events is not None or expect.orders or expect.made or expect.position or expect.positions
