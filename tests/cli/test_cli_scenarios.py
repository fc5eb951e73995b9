"""The scenario commands: shapes of what they print, exit codes, independence of the current directory."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nautilus_live.cli import COMMANDS, main
from scenarios.guide import ROWS
from tests import children

ROOT = Path(__file__).resolve().parents[2]
GOOD = """title = "Good one"
guide = "startup: Missed fills"
story = "s"
steps = [{ at = "0s", do = "node.start" }]
[expect]
node = "RUNNING"
"""
FAILING = GOOD.replace("Good one", "Bad one").replace("RUNNING", "STOPPED")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "good.toml").write_text(GOOD)
    return mine


def test_json_has_the_shape_that_other_programs_rely_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "failing.toml").write_text(FAILING)
    code = main(["scenarios", "run", str(folder), "--json"])
    printed = capsys.readouterr()
    report = json.loads(printed.out)

    assert code == 1
    assert printed.err == ""
    assert list(report) == ["scenarios", "passed", "failed", "wall_s"]
    assert (report["passed"], report["failed"]) == (1, 1)
    failing, good = report["scenarios"]
    keys = ["file", "title", "guide", "transport", "passed", "digest", "virtual_s", "wall_s", "failure"]
    assert list(good) == keys
    assert (good["file"], good["transport"], good["passed"], good["failure"]) == (
        "mine/good.toml",
        "direct",
        True,
        None,
    )
    assert good["guide"] == "startup: Missed fills"
    assert len(good["digest"]) == 64
    assert failing["failure"] == "node: wanted STOPPED, was RUNNING"


def test_digests_are_one_line_a_run_and_repeat(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["scenarios", "run", str(folder), "--digest"]) == 0
    first = capsys.readouterr().out
    monkeypatch.chdir(folder)
    assert main(["scenarios", "run", ".", "--digest"]) == 0

    assert capsys.readouterr().out == first
    name, transport, digest = first.split()
    assert (name, transport, len(digest)) == ("mine/good.toml", "direct", 64)


def test_the_table_shows_failures_with_trace_and_replay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "failing.toml").write_text(FAILING)
    assert main(["scenarios", "run", str(folder)]) == 1
    shown = capsys.readouterr().out

    assert "startup: Missed fills  mine/good.toml     direct     passed" in shown
    assert "node: wanted STOPPED, was RUNNING" in shown
    assert "trace lines:" in shown
    assert f"replay: nautilus-live scenarios run {folder / 'failing.toml'} --transport direct --seed 0 --trace" in shown
    assert "1 passed, 1 failed" in shown


def test_the_trace_is_shown_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "run", str(folder), "--trace", "--seed", "3"]) == 0
    assert "0.000000000 step node.start" in capsys.readouterr().out


def test_what_became_of_the_invariants_is_shown_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "loose.toml").write_text(GOOD.replace("steps", "converges = false\nsteps"))
    assert main(["scenarios", "run", str(folder), "-v"]) == 0
    good, loose = capsys.readouterr().out.split("\nmine/")[1:]

    assert "  (9) orders equal the venue's: held\n" in good
    assert "  (9) orders equal the venue's: not asked; left out: converges = false\n" in loose
    assert "  (1) closed stays closed: held\n" in loose


def test_several_processes_give_the_same_digests(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "other.toml").write_text(GOOD)
    main(["scenarios", "run", str(folder), "--digest"])
    alone = capsys.readouterr().out
    assert main(["scenarios", "run", str(folder), "--digest", "--jobs", "2"]) == 0

    assert capsys.readouterr().out == alone


def test_junit_names_every_run_and_its_failure(folder: Path, tmp_path: Path) -> None:
    (folder / "failing.toml").write_text(FAILING)
    report = tmp_path / "out" / "junit.xml"
    assert main(["scenarios", "run", str(folder), "--digest", "--junit", str(report)]) == 1
    suite = ET.parse(report).getroot()[0]

    assert suite.attrib["tests"] == "2"
    assert suite.attrib["failures"] == "1"
    assert [case.attrib["name"] for case in suite] == ["Bad one [direct]", "Good one [direct]"]
    assert suite[0][0].attrib["message"] == "node: wanted STOPPED, was RUNNING"


def test_bad_files_are_all_told_and_nothing_is_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("x", "y"):
        (folder / f"{name}.toml").write_text(GOOD.replace("node.start", "node.strt"))
    code = main(["scenarios", "run", str(folder), "--json"])
    printed = capsys.readouterr()

    assert code == 2
    assert printed.out == ""
    assert printed.err.count("did you mean 'node.start'?") == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scenarios", "run", "nowhere.toml"], "there is no such file or folder"),
        (["scenarios", "run", "-k", "no such scenario"], "nothing to run"),
        (["scenarios", "run", "--transport", "pigeon"], "was 'pigeon'"),
        (["scenarios", "run", "--seed", "x"], "invalid int value"),
        (["scenarios", "show", "nowhere.toml"], "cannot be read"),
        (["scnarios", "run"], "did you mean 'scenarios run'?"),
        (["scenarios"], "usage: nautilus-live scenarios COMMAND"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_the_list_has_every_row_of_the_guide(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "list", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert list(report) == ["rows"]
    assert all(list(row) == ["guide", "files"] for row in report["rows"])
    assert [row["guide"] for row in report["rows"]][: len(ROWS)] == list(ROWS)
    by_row = {row["guide"]: row["files"] for row in report["rows"]}
    assert "scenarios/startup/missed_fills.toml" in by_row["startup: Missed fills"]


def test_a_file_is_shown_as_it_was_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "show", "scenarios/startup/missed_fills.toml"]) == 0
    assert '  { at = "2s", do = "node.crash" },' in capsys.readouterr().out


def test_verbs_are_listed_with_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "verbs", "strategy.submit"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("strategy.submit  order side: BUY|SELL quantity [price]")
    assert '[tif="GTC"]' in shown
    assert main(["scenarios", "verbs", "nothing like it"]) == 2


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["scenarios", "run", str(folder)]) == 0
    assert "scenarios" in capsys.readouterr().err
    assert main(["scenarios", "run", str(folder), "--json"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: nautilus-live {command}")
    assert len(shown) > 200


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


def test_it_runs_as_a_module_from_any_directory_under_any_hash_seed(tmp_path: Path) -> None:
    def digest(seed: str) -> str:
        command = [sys.executable, "-m", "nautilus_live", "scenarios", "run", "-k", "missed_fills", "--digest"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        done = children.run(command, cwd=tmp_path, env=environment)
        assert done.stderr == ""
        return done.stdout

    first = digest("1")
    assert first.startswith("scenarios/startup/missed_fills.toml direct ")
    assert digest("77") == first


def test_starting_up_loads_neither_kernel_nor_scenarios(tmp_path: Path) -> None:
    code = (
        "import sys; from nautilus_live.cli import main; main(['--help']);"
        "print([m for m in sys.modules if m.startswith(('scenarios', 'sandbox_venues', 'msgspec'))])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = children.run(command, cwd=tmp_path, env=environment)
    assert done.stdout.splitlines()[-1] == "[]"
