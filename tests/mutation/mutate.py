"""Break the code on purpose, one small change at a time, and see whether the tests notice.

    python tests/mutation/mutate.py --files nautilus_live/core/order_lifecycle.py --sample 200 --seed 1 --jobs 2

Every mutant runs in a process forked from this one, which has imported pytest, hypothesis and everything else that
does not depend on the mutated file; the forked process imports the mutated file in place of the real one and runs the
tests, stopping at the first failure. A mutant that no test notices survives and is printed with its line.

Tests for `PACKAGE/.../NAME.py` are `tests/.../test_NAME.py` and `test_NAME_*.py`, or else all tests of that directory,
unless `--tests` names others. Survivors that are known to change nothing are listed in `equivalents.txt` beside this
file, as `FILE | FUNCTION | WHAT | REASON`; they do not count.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import CodeType, ModuleType

import hypothesis
import hypothesis.stateful
import pytest
from mutants import Mutant, find_mutants, plain

ROOT = Path(__file__).resolve().parents[2]
OURS = ("nautilus_live", "sandbox_venues", "scenarios", "tests")
EQUIVALENTS = Path(__file__).with_name("equivalents.txt")
PASSED, FAILED = int(pytest.ExitCode.OK), int(pytest.ExitCode.TESTS_FAILED)


@dataclass
class Target:
    """One file with its mutants and what became of them."""

    path: Path
    tests: list[str]
    tree: ast.Module
    mutants: list[Mutant]
    chosen: list[Mutant] = field(default_factory=list)
    survivors: list[Mutant] = field(default_factory=list)
    equivalent: list[Mutant] = field(default_factory=list)
    timed_out: int = 0
    killed: int = 0

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def module(self) -> str:
        parts = list(self.path.relative_to(ROOT).with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def score(self) -> float:
        counted = self.killed + len(self.survivors)
        return self.killed / counted if counted else 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tool; returns 1 if a file scores below `--least`, 2 if its tests fail without any mutation."""
    options = _parse(arguments)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # scanning entry points takes longer than most tests
    hypothesis.settings.register_profile(
        "mutation",
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=25,  # unless a test asks for more
        report_multiple_bugs=False,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),  # no time lost on shrinking
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutation")
    targets = [_target(Path(name).resolve(), options) for name in options.files]
    known = _known_equivalents()
    status = 0
    for target in targets:
        baseline = _baseline(target)
        if baseline is None:
            print(f"{target.name}: its tests fail as they are: {' '.join(target.tests)}")
            status = 2
            continue
        limit_s = options.timeout or max(5.0, 6 * baseline)
        _run(target, known, options.jobs, limit_s, verbose=options.verbose)
        _report(target, baseline)
        if target.score < options.least:
            status = max(status, 1)
    if options.json:
        print(json.dumps({target.name: _summary(target) for target in targets}, sort_keys=True))
    return status


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", nargs="+", required=True, help="source files to mutate")
    parser.add_argument("--tests", nargs="+", help="test files or directories (default: see above)")
    parser.add_argument("--sample", type=int, default=0, help="how many mutants per file; 0 is all")
    parser.add_argument("--lines", help="only mutants on these lines, as FIRST-LAST")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--timeout", type=float, default=0, help="seconds per mutant (default: 6 times the plain run)")
    parser.add_argument("--least", type=float, default=0.0, help="fail if a file scores below this, 0 to 1")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument("--verbose", action="store_true", help="print every mutant with its fate")
    return parser.parse_args(arguments)


def _target(path: Path, options: argparse.Namespace) -> Target:
    tree = ast.parse(path.read_text(), str(path))
    mutants = find_mutants(tree, _enums())
    target = Target(path, options.tests or _tests_of(path), tree, mutants)
    chosen = mutants
    if options.lines:
        first, _, last = options.lines.partition("-")
        chosen = [one for one in mutants if int(first) <= one.line <= int(last or first)]
    if options.sample and options.sample < len(chosen):
        picked = random.Random(f"{options.seed}:{target.name}").sample(range(len(chosen)), options.sample)
        chosen = [chosen[index] for index in sorted(picked)]
    target.chosen = chosen
    return target


def _enums() -> dict[str, type[Enum]]:
    module = importlib.import_module("nautilus_live.model.enums")
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Enum) and value.__members__
    }


def _tests_of(path: Path) -> list[str]:
    """Return the mirrored test files of a source file, else all tests of the mirrored directory."""
    relative = path.relative_to(ROOT)
    directory = ROOT / "tests" / Path(*relative.parts[1:-1])
    while not list(directory.rglob("test_*.py")):
        directory = directory.parent
    stem = relative.parent.name if relative.stem == "__init__" else relative.stem
    found = sorted(directory.rglob("test_*.py"))
    mirrored = [one for one in found if one.stem == f"test_{stem}" or one.stem.startswith(f"test_{stem}_")]
    return [str(one.relative_to(ROOT)) for one in mirrored or found]


def _known_equivalents() -> set[tuple[str, ...]]:
    if not EQUIVALENTS.exists():
        return set()
    lines = (line.split("|") for line in EQUIVALENTS.read_text().splitlines() if line and not line.startswith("#"))
    return {tuple(part.strip() for part in parts[:3]) for parts in lines}


# -- running ---------------------------------------------------------------------------------------------------------


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module from code that is not in its file."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the mutated module before anybody else does."""

    def __init__(self, target: Target) -> None:
        self._name = target.module
        self._path = str(target.path)
        self._code = compile(plain(target.tree), self._path, "exec")
        self._package = [str(target.path.parent)] if target.path.stem == "__init__" else None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = _Loader(fullname, self._path, self._code)
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=loader, submodule_search_locations=self._package
        )


def _run_tests(tests: Sequence[str]) -> int:
    arguments = ["-x", "-q", "-p", "no:cacheprovider", "-o", "addopts=", "--import-mode=importlib", "--no-header"]
    return int(pytest.main([*arguments, "--tb=no", *tests]))


def _forked(target: Target, mutant: Mutant | None, tell: int | None = None) -> int:
    """Return the id of a new process that runs the tests, on the mutant if there is one."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = FAILED
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if mutant is not None:
            mutant.edit()
            sys.meta_path.insert(0, _Finder(target))
        code = _run_tests(target.tests)
        if tell is not None:
            foreign = [name for name in sys.modules if name.partition(".")[0] not in OURS]
            os.write(tell, "\n".join(foreign).encode())
    finally:
        os._exit(code)


def _baseline(target: Target) -> float | None:
    """Run the tests unmutated; import what they needed from elsewhere, time them again, return the seconds taken."""
    with tempfile.TemporaryFile() as needed:
        _, code = os.waitpid(_forked(target, None, needed.fileno()), 0)
        needed.seek(0)
        names = needed.read().decode().split("\n")
    if os.waitstatus_to_exitcode(code) != PASSED:
        return None
    for name in names:
        _preload(name)
    if not target.module.startswith("nautilus_live.model"):
        for path in sorted((ROOT / "nautilus_live" / "model").glob("*.py")):
            _preload(f"nautilus_live.model.{path.stem}")
    gc.freeze()  # what is imported is shared with every forked process; collecting it would copy its pages
    started = time.monotonic()
    os.waitpid(_forked(target, None), 0)
    return time.monotonic() - started


def _preload(name: str) -> None:
    if name and name not in sys.modules and not name.startswith(("__", "_pytest.assertion")):
        try:
            importlib.import_module(name)
        except Exception:  # a name that is no module of its own: the tests will import what they need
            return


def _run(target: Target, known: set[tuple[str, ...]], jobs: int, limit_s: float, *, verbose: bool) -> None:
    waiting = list(reversed(target.chosen))
    running: dict[int, tuple[Mutant, float]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            if (target.name, mutant.scope, mutant.what) in known:
                target.equivalent.append(mutant)
                continue
            running[_forked(target, mutant)] = (mutant, time.monotonic() + limit_s)
        if not running:
            break
        pid, code = os.waitpid(-1, os.WNOHANG)
        if not pid:
            for late, (_, deadline) in running.items():
                if time.monotonic() > deadline:
                    os.kill(late, signal.SIGKILL)
            time.sleep(0.005)
            continue
        mutant, _ = running.pop(pid)
        exit_code = os.waitstatus_to_exitcode(code)
        if exit_code == PASSED:
            target.survivors.append(mutant)
        else:
            target.killed += 1
            target.timed_out += exit_code < 0
        if verbose:
            print(f"{'SURVIVED' if exit_code == PASSED else 'killed  '} {target.name}:{mutant.key}")


def _report(target: Target, baseline: float) -> None:
    late = f", {target.timed_out} of them by the clock" if target.timed_out else ""
    aside = f", {len(target.equivalent)} known equivalents aside" if target.equivalent else ""
    counted = target.killed + len(target.survivors)
    print(
        f"{target.name}: {target.score:.1%} - {target.killed} of {counted} killed{late}{aside}"
        f" ({len(target.mutants)} possible; tests take {baseline:.2f} s)"
    )
    for mutant in sorted(target.survivors, key=lambda one: (one.line, one.what)):
        print(f"  survived {target.name}:{mutant.key}")
    sys.stdout.flush()


def _summary(target: Target) -> dict[str, object]:
    return {
        "score": round(target.score, 4),
        "killed": target.killed,
        "survivors": [mutant.key for mutant in target.survivors],
        "equivalents": len(target.equivalent),
        "timed_out": target.timed_out,
    }


if __name__ == "__main__":
    sys.exit(main())
