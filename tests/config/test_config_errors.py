"""The error tree: one branch for each party that may be at fault."""

from __future__ import annotations

import pickle

import pytest

from nautilus_live.errors import (
    ConfigError,
    DuplicateClientOrderId,
    IllegalTransition,
    KernelError,
    OverfillError,
    Problem,
    ProgrammerError,
    StoreError,
    VenueError,
    WireError,
    WireTimeout,
)

BRANCHES: list[tuple[type[KernelError], type[KernelError]]] = [
    (IllegalTransition, ProgrammerError),
    (DuplicateClientOrderId, VenueError),
    (OverfillError, VenueError),
    (WireTimeout, WireError),
]
ALL = [ConfigError, ProgrammerError, VenueError, WireError, StoreError, *(kind for kind, _ in BRANCHES)]


def test_base_has_no_culprit() -> None:
    """The base is for catching; raising it says nothing about who has to act."""
    with pytest.raises(TypeError, match="KernelError names no culprit"):
        KernelError("something")


@pytest.mark.parametrize("kind", ALL)
def test_branches(kind: type[KernelError]) -> None:
    """Every error is a kernel error, keeps its message, survives pickling and is documented."""
    error = kind("O-1: cannot apply OrderFilled in REJECTED")

    twin = pickle.loads(pickle.dumps(error))

    assert isinstance(error, KernelError)
    assert str(error) == str(twin) == "O-1: cannot apply OrderFilled in REJECTED"
    assert type(twin) is kind
    assert kind.__doc__


@pytest.mark.parametrize(("kind", "branch"), BRANCHES)
def test_each_on_its_branch(kind: type[KernelError], branch: type[KernelError]) -> None:
    """The special errors hang under the party at fault, and under no other."""
    others = {ConfigError, ProgrammerError, VenueError, WireError, StoreError} - {branch}

    assert issubclass(kind, branch)
    assert not issubclass(kind, tuple(others))


def test_config_error_prints_a_line_for_each_problem() -> None:
    """Path, rule, value and hint, in this order."""
    error = ConfigError(
        Problem("a.b", "must be an integer > 0", -5),
        Problem("c", "must be one of 'x', 'y'", "xx", hint="; did you mean 'x'?"),
        Problem("d", "is needed"),
        "the whole is wrong",
    )

    assert str(error).split("\n") == [
        "a.b: must be an integer > 0, was -5",
        "c: must be one of 'x', 'y', was 'xx'; did you mean 'x'?",
        "d: is needed",
        "the whole is wrong",
    ]
    assert [problem.path for problem in error.problems] == ["a.b", "c", "d", ""]
    assert isinstance(error, ValueError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_problem_under_a_parent() -> None:
    """Paths read like the way to the setting in code."""
    assert Problem("qsize", "rule").under("exec_engine").path == "exec_engine.qsize"
    assert Problem("[1].path", "rule").under("actors").path == "actors[1].path"
    assert Problem("", "rule", 5, "; hint").under("x") == Problem("x", "rule", 5, "; hint")


def test_long_values_are_cut() -> None:
    """A value that fills the screen does not bury the other problems."""
    text = str(Problem("x", "must be short", "y" * 1000))

    assert len(text) < 160
    assert text.endswith("...")


@pytest.mark.parametrize("value", [{"a": "secret"}, ["secret"], ("secret",), {"secret"}])
def test_containers_are_told_by_type(value: object) -> None:
    """What is in a container is not printed: it may be a password."""
    problem = Problem("x", "must be a number", value)

    assert str(problem) == f"x: must be a number, was of type {type(value).__name__}"
    assert "secret" not in repr(problem)
