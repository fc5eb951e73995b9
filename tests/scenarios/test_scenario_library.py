"""Finding scenario files: what counts as one, what it is called, what is told about bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.guide import ROWS
from scenarios.library import LIBRARY, find, name_of, rows
from scenarios.problems import ScenarioError
from tests.library import library

GOOD = 'title = "Good one"\nstory = "s"\nsteps = [{ at = "0s", do = "node.start" }]\n'
BAD = GOOD.replace("node.start", "node.strt")


def test_library_files_are_named_below_the_package_wherever_the_command_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [file.name for file in library()]

    assert "scenarios/startup/missed_fills.toml" in names
    assert names == sorted(names)
    assert [file.name for file in find([LIBRARY / "startup" / "missed_fills.toml"])] == [
        "scenarios/startup/missed_fills.toml"
    ]


def test_other_files_are_named_below_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "deep"
    folder.mkdir(parents=True)
    (folder / "one.toml").write_text(GOOD)

    assert [file.name for file in find([tmp_path / "mine"])] == ["mine/deep/one.toml"]
    assert [file.name for file in find([folder / "one.toml"])] == ["deep/one.toml"]
    assert name_of(LIBRARY / "x.toml", tmp_path) == "scenarios/x.toml"


def test_toml_of_another_kind_is_left_alone_in_folders_and_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    (tmp_path / "broken.toml").write_text("a = [")
    (tmp_path / "one.toml").write_text(GOOD)

    assert [file.path.name for file in find([tmp_path])] == ["one.toml"]
    with pytest.raises(ScenarioError, match=r"broken\.toml: cannot be read as TOML"):
        find([tmp_path / "broken.toml"])


def test_all_bad_files_are_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(BAD)
    with pytest.raises(ScenarioError) as caught:
        find([tmp_path, tmp_path / "nowhere"])

    text = str(caught.value)
    assert text.count("there is no verb 'node.strt'") == 2
    assert "a.toml" in text
    assert "b.toml" in text
    assert "nowhere: there is no such file or folder" in text


def test_files_are_chosen_by_name_or_title(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(GOOD)
    (tmp_path / "two.toml").write_text(GOOD.replace("Good one", "Another"))

    assert [file.path.name for file in find([tmp_path], "good")] == ["one.toml"]
    assert [file.path.name for file in find([tmp_path], "TWO")] == ["two.toml"]


def test_every_row_of_the_guide_is_listed_even_without_a_file() -> None:
    listed = rows([])

    assert tuple(listed) == ROWS
    assert "scenarios/startup/missed_fills.toml" in rows(library())["startup: Missed fills"]
