"""The same seed gives the same trace: twice in a process, under other hash seeds, on every Python of this machine.

Pythons are found on PATH and under pyenv. OTHER_PYTHONS names more, separated as PATH is: those of virtual environments
that have aiohttp and the rest, so that whole worlds are compared too.
"""

from __future__ import annotations

import difflib
import gc
import importlib.util
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests import children

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PYTHON_OLDEST = (3, 11)
NONE_FOUND = pytest.param("", marks=pytest.mark.skip("no other Python found"))


def load(name: str) -> ModuleType:
    """A program beside this file, as a module."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trace_run(seed: int) -> list[str]:
    trace: list[str] = load("trace_program").Program(seed).run()
    return trace


def world_run(seed: int) -> list[str]:
    trace: list[str] = load("world_program").run(seed)
    return trace


def other_pythons() -> list[str]:
    """Every CPython >= 3.11 on PATH or under pyenv that is not the one running, found when the tests are collected."""
    candidates = [
        program
        for folder in os.get_exec_path()
        if Path(folder).is_dir() and Path(folder).name != "shims"  # pyenv's wrappers, which run what pyenv is told to
        for program in sorted(Path(folder).iterdir())
        if re.fullmatch(r"python3\.\d+", program.name) and _new_enough(program.name.removeprefix("python"))
    ]
    candidates += [
        program
        for program in sorted(Path.home().glob(".pyenv/versions/*/bin/python"))
        if _new_enough(program.parents[1].name)
    ]
    # A virtual environment's link resolves to the interpreter it was made from, so each is run once.
    found = {program.resolve(): program for program in candidates}
    found.pop(Path(sys.executable).resolve(), None)
    named = os.environ.get("OTHER_PYTHONS", "").split(os.pathsep)
    return [str(program) for program in found.values()] + [program for program in named if program]


def _new_enough(version: str) -> bool:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= PYTHON_OLDEST


def traced_by(python: str, program: str, seed: int, hash_seed: int) -> list[str]:
    """The trace that a program beside this file prints in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(hash_seed)}
    done = children.run([python, "-W", "error", HERE / program, str(seed)], check=False, env=environment)
    if "No module named" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


def assert_same(first: list[str], second: list[str]) -> None:
    """Show the first lines that differ: a digest would tell nothing."""
    difference = list(difflib.unified_diff(first, second, "first", "second", lineterm="", n=2))
    assert difference[:20] == []


@pytest.mark.parametrize("run", [trace_run, world_run])
def test_twice_in_one_process(run: Callable[[int], list[str]]) -> None:
    litter = []
    traces = []
    for number in range(4):
        litter.append([object() for _ in range(number * 997)])  # so that objects get other addresses
        traces.append(run(number // 2))

    assert_same(traces[0], traces[1])
    assert_same(traces[2], traces[3])
    assert traces[0] != traces[2]
    assert len(traces[0]) > 100


@pytest.mark.parametrize("run", [trace_run, world_run])
def test_it_does_not_matter_when_garbage_is_collected(run: Callable[[int], list[str]]) -> None:
    thresholds = gc.get_threshold()
    calm = run(4)
    try:
        gc.set_threshold(25)
        hectic = run(4)
        gc.disable()
        lazy = run(4)
    finally:
        gc.enable()
        gc.set_threshold(*thresholds)

    assert_same(calm, hectic)
    assert_same(calm, lazy)


@pytest.mark.parametrize(("program", "run"), [("trace_program.py", trace_run), ("world_program.py", world_run)])
def test_under_other_hash_seeds(program: str, run: Callable[[int], list[str]]) -> None:
    here = run(3)

    for hash_seed in (0, 4711):
        assert_same(here, traced_by(sys.executable, program, 3, hash_seed))


@pytest.mark.parametrize("python", other_pythons() or [NONE_FOUND])
def test_on_every_python_found(python: str) -> None:
    assert_same(trace_run(4711), traced_by(python, "trace_program.py", 4711, 5))


@pytest.mark.parametrize("python", other_pythons() or [NONE_FOUND])
def test_a_whole_world_on_every_python_that_has_the_libraries(python: str) -> None:
    assert_same(world_run(4711), traced_by(python, "world_program.py", 4711, 5))
