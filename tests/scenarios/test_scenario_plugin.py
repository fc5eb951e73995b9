"""The pytest plugin: which files it collects, what their tests are called, what a failure shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import scenarios.testing  # noqa: F401  # so that it is not imported anew in each of the sessions below

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
    # Hypothesis' plugin would import all of Hypothesis at the end of each session.
    quick = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    return pytester.runpytest("-p", "scenarios.pytest_plugin", *quick, *arguments)


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


# -- tests with `world`

WORLD_TEST = """
import pytest

async def test_starts(world):
    node = await world.start_node()
    assert node.state == "RUNNING"
"""


def test_a_coroutine_that_takes_a_world_runs_in_it(session: pytest.Pytester) -> None:
    session.makepyfile(WORLD_TEST)

    run(session).assert_outcomes(passed=1)


def test_a_failing_test_shows_its_world_and_how_to_replay(session: pytest.Pytester) -> None:
    session.makepyfile(WORLD_TEST.replace("RUNNING", "WALKING"))
    result = run(session, "--scenario-seed", "7", "--scenario-report", "pages")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*assert 'RUNNING' == 'WALKING'*",
            "*the world of this test*",
            "  seed 7, at * virtual s",
            "  the last 10 of * trace lines:",
            "    * node SIM answer *",
            "  replay: pytest test_*.py::test_starts --scenario-seed 7 --trace-scenarios",
        ]
    )
    (page,) = (session.path / "pages").iterdir()
    assert "<html" in page.read_text()


def test_a_mark_repeats_a_test_over_seeds_and_an_option_asks_for_one(session: pytest.Pytester) -> None:
    session.makepyfile(WORLD_TEST.replace("async def", "@pytest.mark.seeds(2, 5)\nasync def"))

    run(session, "-v").stdout.fnmatch_lines(["*test_starts?seed-2?*", "*test_starts?seed-3?*", "*test_starts?seed-4?*"])
    only_one = run(session, "-v", "--scenario-seed", "3")
    only_one.assert_outcomes(passed=1)
    only_one.stdout.fnmatch_lines(["*test_starts?seed-3? PASSED*"])


def test_a_test_that_does_not_repeat_is_found_by_running_it_twice(session: pytest.Pytester) -> None:
    session.makepyfile(
        """
        count = 0

        async def test_steady(world):
            await world.start_node()

        async def test_drifts(world):
            global count
            count += 1
            await world.sleep(count)
            await world.start_node()
        """
    )

    run(session).assert_outcomes(passed=2)
    result = run(session, "--scenario-twice")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["invariant 14 (same seed, same run): line 1: '1.000* step node.start* and '2.000*"])


def test_the_invariants_hold_when_the_test_is_over(session: pytest.Pytester) -> None:
    session.makepyfile(
        """
        async def test_lies(world):
            venue = world.venue()
            await world.start_node(filter_position_reports=False)
            venue.set_position("1.000", "50000.00")
        """
    )
    result = run(session)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E   *InvariantViolated: invariant 9 (positions equal the venue's): BTCUSDT.SIM: *"])
    assert "pytest_plugin.py" not in result.stdout.str()


RULE = """
from scenarios.invariants import invariant

@invariant("nothing is held", when="always")
def flat(belief):
    assert belief.net("BTCUSDT") == 0, "something is held"
"""
TRADES = GOOD.split("events")[0].replace("orders =", "venue =").replace(
    "\n]\n", '\n  { at = "2s", do = "venue.trade", order = "O-1", quantity = "1.000" },\n]\n'
).replace("ACCEPTED", "FILLED")


def test_invariants_of_a_conftest_hold_in_everything_below_it(session: pytest.Pytester) -> None:
    for folder in ("strict", "free"):
        session.mkdir(folder).joinpath("trades.toml").write_text(TRADES)
    (session.path / "strict" / "conftest.py").write_text(RULE)
    result = run(session, "-v")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["free/trades.toml::direct PASSED*", "strict/trades.toml::direct FAILED*"])
    result.stdout.fnmatch_lines(["  invariant (nothing is held): something is held"])


def test_invariants_of_a_test_module_hold_in_its_worlds_only(session: pytest.Pytester) -> None:
    trading = """
async def test_trades(world):
    venue = world.venue()
    node = await world.start_node(filter_unclaimed_external_orders=False)
    venue.external_order("BUY", "1.000", order="X-1", price="50000.00")
    venue.trade("X-1", "1.000")
"""
    session.makepyfile(test_strict=RULE + trading, test_free=trading)
    result = run(session, "-v")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["test_strict.py::test_trades FAILED*"])
    result.stdout.fnmatch_lines(["E   *InvariantViolated: invariant (nothing is held): something is held"])


def test_files_name_strategies_of_the_rootdir(session: pytest.Pytester) -> None:
    session.mkpydir("desk").joinpath("makers.py").write_text(
        "from nautilus_live.trading.strategy import Strategy\nclass Maker(Strategy):\n    pass\n"
    )
    session.makefile(".toml", own=GOOD.split("steps")[0] + """
steps = [{ at = "0s", do = "node.start" }]
[strategy]
path = "desk.makers:Maker"
[expect]
started = true
""")

    run(session).assert_outcomes(passed=1)
