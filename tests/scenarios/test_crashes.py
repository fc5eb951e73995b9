"""The node killed at a callback, started again by a supervisor, and in agreement with the venues at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.crashes import callbacks, run_crashed, run_crashed_at
from scenarios.format import Scenario, load, load_text
from scenarios.library import LIBRARY
from scenarios.problems import ScenarioError

DAY = LIBRARY / "days" / "trading_day.toml"
STRIDE = 127
"""A prime, so that the sample meets every kind of moment; `nautilus-live campaign crash` takes them all."""

SHORT = """
title = "One order"
story = "An order is sent and filled."
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00" },
  { at = "2s", do = "venue.trade", order = "O-1", quantity = "1.000" },
]
"""


def short() -> Scenario:
    return load_text(SHORT)


def test_the_trading_day_has_two_hundred_steps() -> None:
    assert len(load(DAY).steps) == 200


def test_a_trading_day_survives_a_crash_at_any_callback() -> None:
    day = load(DAY)
    count = callbacks(day)
    assert count > 1_000
    assert run_crashed_at(day, range(0, count + 1, STRIDE)) == {}


def test_a_short_scenario_survives_a_crash_at_every_callback() -> None:
    scenario = short()
    assert run_crashed_at(scenario, range(callbacks(scenario) + 1)) == {}


def test_the_life_after_a_restart_survives_too() -> None:
    scenario = load_text(
        SHORT.replace("]\n", '  { at = "3s", do = "node.crash" },\n  { at = "4s", do = "node.start" },\n]\n')
    )
    count = callbacks(scenario, life=2)
    assert run_crashed_at(scenario, range(0, count + 1, 7), life=2) == {}
    with pytest.raises(ScenarioError, match="must have 3 lives, was started 2 times"):
        callbacks(scenario, life=3)


def test_counting_is_the_same_every_time() -> None:
    assert callbacks(short()) == callbacks(short())


def test_a_scenario_that_fails_by_itself_cannot_be_crashed() -> None:
    wrong = load_text(SHORT + '[expect]\nby = "9s"\norders = { O-9 = "FILLED" }\n')
    assert callbacks(wrong) > 0  # what a file expects of an undisturbed day is not asked here
    impossible = load_text(SHORT.replace('order = "O-1", quantity', 'order = "O-7", quantity'))
    with pytest.raises(ScenarioError, match="must pass without a crash first: steps"):
        callbacks(impossible)


@pytest.fixture
def crash_cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    from nautilus_live.cli import main

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["campaign", "crash", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_run_crashed_says_what_did_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    from scenarios import crashes

    monkeypatch.setattr(crashes, "STARTS_MAX", 0)
    found = run_crashed(short(), 50)
    assert found
    assert "the node must run again after the crash" in found[0]


def test_the_command_tells_how_many_crashes_were_healed(
    crash_cli: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    import json

    file = tmp_path / "short.toml"
    file.write_text(SHORT, encoding="utf-8")
    code, out, _ = crash_cli(str(file), "--every", "10", "--jobs", "1", "--json")
    told = json.loads(out)
    assert (code, told["failed"]) == (0, [])
    assert told["runs"] == told["callbacks"] // 10 + 1
    code, out, _ = crash_cli(str(file), "--every", "40", "--jobs", "2")
    assert code == 0
    assert "0 not healed" in out


def test_the_command_refuses_what_it_cannot_use(
    crash_cli: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    code, _, err = crash_cli(str(tmp_path / "none.toml"))
    assert (code, "cannot be read" in err) == (2, True)
    code, _, err = crash_cli(str(DAY), "--every", "0")
    assert (code, "at least 1, was '0'" in err) == (2, True)
    code, _, err = crash_cli(str(DAY), "--life", "7")
    assert (code, "must have 7 lives" in err) == (2, True)
