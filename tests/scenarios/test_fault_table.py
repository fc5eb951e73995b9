"""FAULTS.md: current, complete, and true to the files and tests that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandbox_venues.faults import FAULTS
from sandbox_venues.outages import OUTAGES
from sandbox_venues.profiles import PROFILES, VenueProfile
from scenarios.fault_table import OUTCOMES, PAGE, ROOT, SECTIONS, Row, page, quirk_test, quirks
from scenarios.format import VERBS
from scenarios.path_verbs import PATH_FAULTS, path_fault
from scenarios.problems import NotSupported
from scenarios.values import Time
from scenarios.verbs import NodeCrash, NodePause, NodeRestart
from scenarios.verbs_faults import MESSAGE_VERBS
from scenarios.verbs_outages import OTHER_FAULT_VERBS, OUTAGE_VERBS, VenueRestart, WireTruncate
from scenarios.world.faults import TruncatePath

ROWS = [row for rows, _ in SECTIONS.values() for row in rows]


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m scenarios.fault_table"


def test_every_verb_that_breaks_something_has_one_row() -> None:
    breaking = (*MESSAGE_VERBS, *OUTAGE_VERBS, *OTHER_FAULT_VERBS, NodeCrash, NodePause, NodeRestart)
    wanted = {verb.__struct_config__.tag for verb in breaking}
    named = [row.verb for row in ROWS]

    assert len(named) == len(set(named))
    assert wanted <= set(named)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.verb)
def test_the_files_and_tests_of_a_row_are_there(row: Row) -> None:
    assert row.files
    assert row.tests
    for name in (*row.files, *row.tests):
        assert (ROOT / name).is_file(), name
    for name in row.tests:
        assert "def test_" in (ROOT / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize(
    ("folder", "shared"),
    [
        ("sandbox_venues/faults", {"fault", "late_ack"}),
        ("sandbox_venues/outages", {"outage"}),
        ("scenarios/world/faults", {"fault"}),
        ("scenarios/store_faults", {"fault", "lasting"}),
    ],
)
def test_every_file_with_a_fault_in_it_is_in_the_table(folder: str, shared: set[str]) -> None:
    here = {f"{folder}/{path.name}" for path in (ROOT / folder).glob("*.py") if path.stem not in {"__init__", *shared}}
    named = {name for row in ROWS for name in row.files if Path(name).parent == Path(folder)}

    assert here == named


@pytest.mark.parametrize("name", VenueProfile.__struct_fields__)
def test_every_field_of_a_profile_is_explained_and_tested(name: str) -> None:
    if name == "name":
        return
    assert len(quirks()[name]) > 10
    assert re.search(rf"\b{name}\b", (ROOT / quirk_test(name)).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("outcome", "how"), OUTCOMES.items())
def test_the_outcomes_of_a_command_are_said_in_verbs_and_fields_that_exist(outcome: str, how: str) -> None:
    fields = {name for verb in VERBS.values() for name in verb.__struct_fields__} | set(VenueProfile.__struct_fields__)
    verbs = re.findall(r"\b(?:wire|venue|strategy|clock)\.\w+", how)
    settings = re.findall(r"(\w+) = ", how)

    assert set(verbs) <= set(VERBS)
    assert set(settings) <= fields
    assert verbs or settings, outcome


def test_every_ready_profile_is_named() -> None:
    assert all(f"`{name}`" in page() for name in PROFILES)


def test_faults_are_known_by_the_names_of_their_verbs() -> None:
    assert {f"wire.{name}" for name in FAULTS} == {verb.__struct_config__.tag for verb in MESSAGE_VERBS}
    assert set(OUTAGES) <= {verb.__struct_config__.tag.partition(".")[2] for verb in OUTAGE_VERBS}


def test_every_verb_of_connections_but_one_happens_to_a_path() -> None:
    assert set(OUTAGE_VERBS) - set(PATH_FAULTS) == {VenueRestart}
    assert path_fault(WireTruncate(at=Time(0), after_bytes=7)) == TruncatePath(toward="client", after_bytes=7)
    with pytest.raises(NotSupported, match=r"venue\.restart: this does not happen to a path"):
        path_fault(VenueRestart(at=Time(0), lasts=Time(1)))
