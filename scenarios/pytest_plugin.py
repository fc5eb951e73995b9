"""pytest collects scenario files, and has a fixture `world` for tests in Python.

Each `*.toml` scenario is a test, once per transport; its id reads `scenarios/startup/missed_fills.toml::direct`. It
runs the scenario twice and compares the two traces line by line: the first line that differs is the failure. TOML files
that are no scenarios (`pyproject.toml`) are left alone. Modules that files name are found in pytest's rootdir.

A test that takes `world` gets a new `scenarios.testing.TradingWorld`. A coroutine runs in it without further ado;
`@pytest.mark.seeds(0, 100)` repeats the test for seeds 0 to 99. What of one's own invariants can be seen in a test's
module, or in a `conftest.py` above it, is held in its world; those of a `conftest.py` hold in the scenario files below
it as well.

Installed, this module is loaded into every pytest run of the environment, so it imports nothing but pytest until a
scenario or a world is asked for.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scenarios.format import Scenario
    from scenarios.invariants import OwnInvariant
    from scenarios.run import Result
    from scenarios.testing import TradingWorld

SUFFIX = ".toml"
TRACE_LINES_SHOWN = 10
WIDTH = 300
# Every TOML file of a repository passes here; these are never scenarios, and need not be opened.
NEVER = ("pyproject.toml", "ruff.toml", "Cargo.toml", "uv.lock", "poetry.toml", "netlify.toml")
WORLD = pytest.StashKey["TradingWorld"]()
MAKE_WORLD = pytest.StashKey[Any]()
"""Makes another world of the same seed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("scenarios", "scenario files (*.toml) and tests with a simulated world")
    # Not --seed: conftest.py files in the wild have an option of that name, and two of them end pytest.
    group.addoption("--scenario-seed", type=int, metavar="N", help="run scenarios and worlds with this seed")
    group.addoption(
        "--transport", action="append", metavar="NAME", help="run scenarios on this transport only; repeatable"
    )
    group.addoption(
        "--update-scenarios", action="store_true", help="rewrite `events` in scenario files with what was published"
    )
    group.addoption("--trace-scenarios", action="store_true", help="show everything that happened in each run")
    group.addoption(
        "--scenario-twice", action="store_true", help="run each coroutine test with `world` twice, and compare (14)"
    )
    group.addoption(
        "--scenario-report", type=Path, metavar="DIR", help="write a page to look at for each run that fails into DIR"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, and let files name modules of the repository."""
    import sys

    config.addinivalue_line("markers", "seeds(first, end): run a test with `world` once for each of these seeds")
    root = str(config.rootpath)
    if root not in sys.path:
        sys.path.append(root)  # what `scenarios.importing.look_in` does, without importing it


# -- scenario files
# ------------------------------------------------------------------------------------------------------


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
        from scenarios.run import first_difference

        result = self._run()
        if self.config.getoption("--trace-scenarios"):
            self.add_report_section("call", "trace", "\n".join(result.trace))
        if self.config.getoption("--update-scenarios"):
            result = self._updated(result)
        if not result.passed:
            self._write_page()
            raise ScenarioFailed(self, result, result.failure or "failed")
        again = self._run()
        difference = first_difference(result.trace, again.trace)
        if difference:
            from scenarios.invariants import SAME_SEED

            raise ScenarioFailed(self, again, SAME_SEED.broken(difference))

    def _run(self, *, records: bool = False) -> Result:
        from scenarios.run import run

        own = _conftest_invariants(self.config, self.path)
        seed = self.config.getoption("--scenario-seed")
        return run(self.scenario, seed=seed, transport=self.name, records=records, invariants=own)

    def _updated(self, result: Result) -> Result:
        from scenarios.format import load
        from scenarios.update import update_events

        if self.scenario.expect.events is None or not update_events(self.path, result.event_lines):
            return result
        self.scenario = load(self.path)
        return self._run()

    def _write_page(self) -> None:
        folder = self.config.getoption("--scenario-report")
        if folder is not None:
            _write_page(folder, self.nodeid, self.scenario, self._run(records=True), self._replay)

    @property
    def _replay(self) -> str:
        return _replay(self.config, self.nodeid, self.scenario.seed)

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
        lines = [f"{item.scenario.title} on {item.name}, seed {result.seed}", f"  {failure}"]
        lines += _last_lines(result.trace)
        lines.append(f"  replay: {_replay(item.config, item.nodeid, result.seed)}")
        super().__init__("\n".join(lines))


# -- tests in Python
# -----------------------------------------------------------------------------------------------------


@pytest.fixture
def world(request: pytest.FixtureRequest) -> TradingWorld:
    """A simulated world with venues, a node, faults and a clock; see `scenarios.testing`."""
    from scenarios.testing import TradingWorld

    config = request.config
    seed = getattr(request, "param", None)
    if seed is None:
        seed = config.getoption("--scenario-seed") or 0
    own = list(dict.fromkeys([*_conftest_invariants(config, request.path), *_own_in(vars(request.module))]))
    records = config.getoption("--scenario-report") is not None

    def make() -> TradingWorld:
        return TradingWorld(seed, title=request.node.name, invariants=own, records=records)

    request.node.stash[MAKE_WORLD] = make
    made = request.node.stash[WORLD] = make()
    return made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test with `world` for the seeds of its mark; `--scenario-seed N` asks for that one only."""
    mark = metafunc.definition.get_closest_marker("seeds")
    if mark is None or "world" not in metafunc.fixturenames:
        return
    seeds: Iterable[int] = range(*mark.args)
    chosen = metafunc.config.getoption("--scenario-seed")
    if chosen is not None:
        seeds = [chosen]
    metafunc.parametrize("world", list(seeds), indirect=True, ids=lambda seed: f"seed-{seed}")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine that takes a world in that world."""
    made = pyfuncitem.stash.get(WORLD, None)
    if made is None or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    __tracebackhide__ = True
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    made.run(lambda: pyfuncitem.obj(**arguments))
    if pyfuncitem.config.getoption("--scenario-twice") and "world" in arguments:
        again = pyfuncitem.stash[WORLD] = pyfuncitem.stash[MAKE_WORLD]()
        again.run(lambda: pyfuncitem.obj(**{**arguments, "world": again}))
        _must_be_the_same(made.trace, again.trace)
    return True


def _must_be_the_same(first: list[str], second: list[str]) -> None:
    from scenarios.invariants import SAME_SEED
    from scenarios.run import first_difference

    __tracebackhide__ = True
    difference = first_difference(first, second)
    if difference:
        pytest.fail(SAME_SEED.broken(difference), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with a failure which world it was, what happened last, and how to see it again."""
    report = yield
    made = item.stash.get(WORLD, None)
    if made is None or call.when != "call":
        return report
    if item.config.getoption("--trace-scenarios"):
        report.sections.append(("trace", "\n".join(made.trace)))
    if report.failed:
        replay = _replay(item.config, item.nodeid, made.seed)
        lines = [f"  seed {made.seed}, at {made.time_s:.3f} virtual s"]
        lines += [f"  {text}" for text in made.failures if text not in str(call.excinfo and call.excinfo.value)]
        lines += [*_last_lines(made.trace), f"  replay: {replay}"]
        report.sections.append(("the world of this test", "\n".join(lines)))
        folder = item.config.getoption("--scenario-report")
        if folder is not None:
            _write_page(folder, item.nodeid, made.scenario, made.result(), replay)
    return report


# -- invariants of one's own, what is shown
# ------------------------------------------------------------------------------


def _own_in(namespace: dict[str, Any]) -> list[OwnInvariant]:
    from scenarios.invariants import own_in

    return own_in(namespace)


def _conftest_invariants(config: pytest.Config, path: Path) -> list[OwnInvariant]:
    """Return the invariants of the `conftest.py` files above a path, the outermost first."""
    found: list[tuple[int, list[OwnInvariant]]] = []
    for plugin in config.pluginmanager.get_plugins():
        file = Path(getattr(plugin, "__file__", None) or "")
        if file.name == "conftest.py" and path.is_relative_to(file.parent):
            found.append((len(file.parts), _own_in(vars(plugin))))
    return [own for _, several in sorted(found, key=lambda pair: pair[0]) for own in several]


def _last_lines(trace: list[str]) -> list[str]:
    shown = [line if len(line) <= WIDTH else f"{line[:WIDTH]} ..." for line in trace[-TRACE_LINES_SHOWN:]]
    return [f"  the last {len(shown)} of {len(trace)} trace lines:", *(f"    {line}" for line in shown)]


def _replay(config: pytest.Config, nodeid: str, seed: int) -> str:
    import shlex

    return f"pytest {shlex.quote(nodeid) if '[' in nodeid else nodeid} --scenario-seed {seed} --trace-scenarios"


def _write_page(folder: Path, nodeid: str, scenario: Scenario, result: Result, replay: str) -> None:
    import re

    from scenarios.report.page import page

    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9_]+", "-", nodeid).strip("-")
    (folder / f"{name}.html").write_text(page(scenario, result, nodeid, replay), encoding="utf-8")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take the virtual wall clock out again, if any scenario put it in."""
    import sys

    if "scenarios.world.frozen" not in sys.modules:
        return
    if any(isinstance(item, ScenarioItem) or WORLD in item.stash for item in session.items):
        from scenarios.world import frozen

        frozen.stop()
