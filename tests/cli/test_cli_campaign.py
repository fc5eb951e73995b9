"""The campaign commands: what they print, how they exit, what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nautilus_live.cli import main
from nautilus_live.marks import MARKS
from scenarios import campaign
from scenarios.campaign import Failure

pytestmark = pytest.mark.usefixtures("frozen_again")
FAILING = Failure(seed=4, invariant="node: wanted X, was Y", text="node: wanted X, was Y")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeds cost nothing, and number 4 fails."""
    monkeypatch.setattr(campaign, "run_seed", lambda seed, transport: FAILING if seed == 4 else None)


@pytest.mark.usefixtures("quick")
def test_json_has_the_shape_that_other_programs_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["campaign", "--seeds", "0..30", "--jobs", "1", "--json", "--keep", "0"])
    printed = capsys.readouterr()
    report = json.loads(printed.out)

    assert code == 1
    assert printed.err == ""
    assert list(report) == ["seeds", "seeds_per_s", "failed", "marks", "wall_s"]
    assert report["seeds"] == 30
    assert report["failed"] == [{"seed": 4, "invariant": "node: wanted X, was Y", "file": None}]
    assert report["marks"] == dict.fromkeys(MARKS, 0)
    assert report["seeds_per_s"] == pytest.approx(30 / report["wall_s"], rel=0.01)


@pytest.mark.usefixtures("quick")
def test_a_range_that_holds_exits_with_0_and_prints_the_marks(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["campaign", "--seeds", "5..30", "--jobs", "1"])
    printed = capsys.readouterr().out

    assert code == 0
    assert all(name in printed for name in MARKS)
    assert "25 seeds, 0 failed" in printed


@pytest.mark.usefixtures("quick")
def test_marks_are_asked_for_where_the_range_is_large_or_somebody_asks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["campaign", "--seeds", "5..30", "--jobs", "1", "--require-marks"]) == 1
    assert "never reached: admission.told_twice" in capsys.readouterr().out

    monkeypatch.setattr(campaign, "MARKS_SEEDS_MIN", 25)
    assert main(["campaign", "--seeds", "5..30", "--jobs", "1"]) == 1


def test_real_seeds_run_on_several_processes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["campaign", "--seeds", "200..230", "--jobs", "2", "--json", "--keep", "0", "--found", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)

    assert report["seeds"] == 30
    assert sum(report["marks"].values()) > 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seeds", "10"], "must be written like 0..10000, was '10'"),
        (["--seeds", "9..3"], "must have a seed in it, was '9..3' (3 itself is not)"),
        (["--seeds", "a..3"], "must be written like 0..10000, was 'a..3'"),
        (["--seeds", "0..3", "--jobs", "-1"], "must be a whole number from 0 on, was '-1'"),
        (["--seeds", "0..3", "--budget", "soon"], "a time must be written like 250ms, 1.5s, 1m30s or 2h, was 'soon'"),
        (["--seeds", "0..3", "--transport", "pigeon"], "transport must be one of direct"),
        (["--jobs", "2"], "the following arguments are required: --seeds"),
        (["--seeds", "0..3", "--jobs", "2", "--scheduler", "tcp://x"], "not allowed with argument"),
    ],
)
def test_wrong_use_is_refused_with_the_rule_and_the_value(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["campaign", *words]) == 2
    assert said in capsys.readouterr().err


def test_replay_shows_title_result_and_the_last_lines(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["campaign", "replay", "3"])
    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "Seed 3"
    assert (code == 0) == (lines[1] == "  holds")
    assert lines[2].startswith("  the last 10 of ")
    assert len(lines) == 13


def test_replay_takes_a_file_and_prints_the_scenario_and_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'title = "Mine"\nstory = "s"\nsteps = [{ at = "0s", do = "node.start" }, { at = "1s", do = "node.crash" }]\n'
        '[expect]\nnode = "RUNNING"\n'
    )
    code = main(["campaign", "replay", str(file), "--toml", "--trace", "--report", str(tmp_path / "out")])
    printed = capsys.readouterr()

    assert code == 1
    assert "node: wanted RUNNING, was CRASHED" in printed.out
    assert 'do = "node.crash"' in printed.out
    assert (tmp_path / "out" / "index.html").exists()


def test_replay_says_what_it_cannot_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["campaign", "replay", "nowhere.toml"]) == 2
    assert "nowhere.toml: cannot be read" in capsys.readouterr().err
