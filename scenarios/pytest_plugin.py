"""pytest collects scenario files: each `*.toml` scenario is a test, once per transport.

A test's id reads `scenarios/startup/missed_fills.toml::direct`. It runs the scenario twice and compares the two
traces line by line: the first line that differs is the failure. TOML files that are no scenarios (`pyproject.toml`)
are left alone.

Installed, this module is loaded into every pytest run of the environment, so it imports nothing but pytest until a
scenario is found.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scenarios.format import Scenario
    from scenarios.run import Result

SUFFIX = ".toml"
TRACE_LINES_SHOWN = 10
# Every TOML file of a repository passes here; these are never scenarios, and need not be opened.
NEVER = ("pyproject.toml", "ruff.toml", "Cargo.toml", "uv.lock", "poetry.toml", "netlify.toml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("scenarios", "scenario files (*.toml)")
    group.addoption("--scenario-seed", type=int, metavar="N", help="run scenarios with this seed instead of their own")
    group.addoption(
        "--transport", action="append", metavar="NAME", help="run scenarios on this transport only; repeatable"
    )
    group.addoption(
        "--update-scenarios", action="store_true", help="rewrite `events` in scenario files with what was published"
    )
    group.addoption("--trace-scenarios", action="store_true", help="show everything that happened in each scenario")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Collect a scenario file."""
    if file_path.suffix != SUFFIX or file_path.name in NEVER or not _is_scenario(file_path, parent):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)


def _is_scenario(path: Path, parent: pytest.Collector) -> bool:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError):
        # Somebody else's business, unless it was asked for by name.
        return any(str(path) == str(Path(argument.partition("::")[0]).resolve()) for argument in parent.config.args)
    # The rule of `scenarios.format.is_scenario`, spelled out here to keep its imports out of unrelated test runs.
    return "title" in table and ("steps" in table or "given" in table)


class ScenarioFile(pytest.File):
    """One scenario file: an item for each transport."""

    def collect(self) -> Iterable[ScenarioItem]:
        """Read the file and make its items."""
        from scenarios.format import load
        from scenarios.problems import ScenarioError
        from scenarios.run import transports_for

        try:
            scenario = load(self.path)
            wanted = self.config.getoption("--transport") or [None]
            transports = [name for one in wanted for name in transports_for(scenario, one)]
        except ScenarioError as error:
            raise self.CollectError(str(error)) from None
        for name in dict.fromkeys(transports):
            yield ScenarioItem.from_parent(self, name=name, scenario=scenario)


class ScenarioItem(pytest.Item):
    """One scenario on one transport."""

    def __init__(self, *, scenario: Scenario, **options: Any) -> None:
        super().__init__(**options)
        self.scenario = scenario

    def runtest(self) -> None:
        """Run it twice; everything must hold, and nothing may differ."""
        from scenarios.run import first_difference, run

        seed = self.config.getoption("--scenario-seed")
        result = run(self.scenario, seed=seed, transport=self.name)
        if self.config.getoption("--trace-scenarios"):
            self.add_report_section("call", "trace", "\n".join(result.trace))
        if self.config.getoption("--update-scenarios"):
            result = self._updated(result)
        if not result.passed:
            raise ScenarioFailed(self, result, result.failure or "failed")
        again = run(self.scenario, seed=seed, transport=self.name)
        difference = first_difference(result.trace, again.trace)
        if difference:
            raise ScenarioFailed(self, again, f"invariant 14 (same seed, same run): {difference}")

    def _updated(self, result: Result) -> Result:
        from scenarios.format import load
        from scenarios.run import run
        from scenarios.update import update_events

        if self.scenario.expect.events is None or not update_events(self.path, result.event_lines):
            return result
        self.scenario = load(self.path)
        return run(self.scenario, seed=self.config.getoption("--scenario-seed"), transport=self.name)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what did not hold, and how to see it again; a traceback only for errors of the machine itself."""
        error = excinfo.value
        return str(error) if isinstance(error, ScenarioFailed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the item in reports."""
        return self.path, None, f"{self.scenario.title} [{self.name}]"


class ScenarioFailed(Exception):
    """Something that a scenario states, or an invariant, did not hold."""

    def __init__(self, item: ScenarioItem, result: Result, failure: str) -> None:
        shown = result.trace[-TRACE_LINES_SHOWN:]
        lines = [
            f"{item.scenario.title} on {item.name}, seed {result.seed}",
            f"  {failure}",
            f"  the last {len(shown)} of {len(result.trace)} trace lines:",
            *(f"    {line}" for line in shown),
            f"  replay: pytest {item.nodeid} --scenario-seed {result.seed} --trace-scenarios",
        ]
        super().__init__("\n".join(lines))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take the virtual wall clock out again, if any scenario put it in."""
    import sys

    if "scenarios.world.frozen" in sys.modules and any(isinstance(item, ScenarioItem) for item in session.items):
        from scenarios.world import frozen

        frozen.stop()
