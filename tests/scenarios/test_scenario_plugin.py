"""The pytest plugin: which files it collects, what their tests are called, what a failure shows."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

GOOD = """title = "Good one"
story = "s"
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "2.00" },
]

[expect]
orders = { O-1 = "ACCEPTED" }
events = [
  "OrderSubmitted O-1",
]
"""


@pytest.fixture
def session(pytester: pytest.Pytester) -> pytest.Pytester:
    """A test folder with scenarios in it and other TOML files beside them."""
    pytester.makefile(".toml", pyproject='[project]\nname = "x"\n', other="a = 1\n", broken="a = [\n")
    return pytester


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest("-p", "scenarios.pytest_plugin", "-p", "no:cacheprovider", *arguments)


def test_scenario_files_are_tests_and_other_toml_files_are_left_alone(session: pytest.Pytester) -> None:
    session.makefile(
        ".toml", good=GOOD.replace('  "OrderSubmitted O-1",', '  "OrderSubmitted O-1",\n  "OrderAccepted O-1",')
    )
    result = run(session, "-v")

    result.stdout.fnmatch_lines(["good.toml::direct PASSED*"])
    result.assert_outcomes(passed=1)


def test_a_failure_shows_what_was_expected_the_trace_and_how_to_replay(session: pytest.Pytester) -> None:
    session.makefile(".toml", bad=GOOD)
    result = run(session, "--scenario-seed", "5")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "Good one on direct, seed 5",
            "  events[[]1[]]: wanted no further event, was OrderAccepted O-1",
            "  the last 10 of * trace lines:",
            "  replay: pytest bad.toml::direct --scenario-seed 5 --trace-scenarios",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_events_are_rewritten_on_request(session: pytest.Pytester) -> None:
    path = session.makefile(".toml", stale=GOOD)
    run(session, "--update-scenarios").assert_outcomes(passed=1)

    assert '  "OrderSubmitted O-1",\n  "OrderAccepted O-1",\n]' in path.read_text()
    run(session).assert_outcomes(passed=1)


def test_a_bad_scenario_file_is_an_error_with_its_path(session: pytest.Pytester) -> None:
    session.makefile(".toml", bad=GOOD.replace("quantity", "quantiy"))
    result = run(session)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*bad.toml: $.steps[[]1[]].quantiy: there is no such field; did you mean 'quantity'?"])


def test_an_unknown_transport_is_an_error(session: pytest.Pytester) -> None:
    session.makefile(".toml", good=GOOD)
    result = run(session, "--transport", "pigeon")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*transport must be one of direct*was 'pigeon'"])


def test_a_run_that_does_not_repeat_fails_at_the_first_differing_line(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    import itertools

    from scenarios.world.world import World

    counter = itertools.count()
    record = World.record

    def leak(self: World, line: str) -> None:
        record(self, f"{line} {next(counter)}" if line.startswith("expectations") else line)

    monkeypatch.setattr(World, "record", leak)
    session.makefile(".toml", good=GOOD.split("events")[0])
    result = run(session)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["  invariant 14 (same seed, same run): line *expectations 0* and *expectations 1*"])


def test_sessions_without_scenarios_import_nothing_of_the_kernel(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    session.makepyfile("import sys\ndef test_nothing():\n    assert 'nautilus_live.model.events' not in sys.modules\n")
    result = session.runpytest_subprocess("-p", "scenarios.pytest_plugin", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=1)
