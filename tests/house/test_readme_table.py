"""README's table of guide rows and scenario files is the library's own, not somebody's memory of it."""

from __future__ import annotations

from pathlib import Path

from scenarios.library import guide_table, with_guide_table
from tests.library import library

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_in_readme_is_current() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert with_guide_table(readme, guide_table(library())) == readme, (
        "bring it up to date: nautilus-live scenarios list --markdown README.md"
    )


def test_every_link_of_the_table_leads_to_a_file() -> None:
    links = [part.partition(")")[0] for part in guide_table(library()).split("](")[1:]]

    assert len(links) == len([file for file in library() if file.scenario.guide is not None])
    assert all((ROOT / link).is_file() for link in links)
