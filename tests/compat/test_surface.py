"""What a strategy touches is here: every name of the table leads through compat to one of ours, with its arguments.

`surface.txt` is a table of facts about release 1.221.0 of the ecosystem's package: classes by import path, with their
properties (`name`), methods (`name(arguments in order)`), and how they are made (`call:`, `fields:` by name only). What
is not here on purpose is not in it; `nautilus_live.compat` and its tables say what that is, and why.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from nautilus_live import compat


def table() -> Iterator[tuple[str, list[str]]]:
    """Yield each class of the table with what it says of it."""
    text = (Path(__file__).parent / "surface.txt").read_text(encoding="utf-8")
    for block in text.replace("\n    ", " ").splitlines():
        path, _, facts = block.partition(" ")
        yield path, [fact.strip() for fact in facts.split(";")]


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


TABLE = dict(table())


@pytest.mark.parametrize("path", TABLE)
def test_a_class_of_the_ecosystem_is_here_with_all_that_strategies_use_of_it(path: str) -> None:
    module, _, name = path.partition(":")
    found = getattr(importlib.import_module(f"nautilus_trader.{module}"), name)

    assert [wrong for fact in TABLE[path] if (wrong := what_is_wrong(found, fact))] == []


def what_is_wrong(kind: Any, fact: str) -> str:
    """Return in what a class differs from a fact of the table, nothing if it does not."""
    if fact.startswith("fields: "):
        missing = [name for name in fact.split()[1:] if name not in kind.__struct_fields__]
        return f"has no settings {missing}" if missing else ""
    if fact.startswith("call: "):
        return differing("a call", _arguments_of(kind), fact.split()[1:])
    name, is_method, rest = fact.partition("(")
    if issubclass(kind, Enum):
        return "" if name in kind.__members__ else f"has no member {name}"
    if not hasattr(kind, name) and name not in _set_when_made(kind):
        return f"has no {name}"
    member = getattr(kind, name, None)
    if bool(is_method) is not (inspect.isroutine(member) and not inspect.isdatadescriptor(member)):
        return f"{name} must be {'a method' if is_method else 'an attribute'}"
    return differing(name, _parameters(member), [one.strip() for one in rest[:-1].split(",")]) if is_method else ""


def differing(what: str, ours: list[str], theirs: list[str]) -> str:
    """Return how arguments differ: each of theirs must be at its place in ours; ours may have more behind them."""
    theirs = [name for name in theirs if name]
    return "" if ours[: len(theirs)] == theirs else f"{what}: takes {ours}, should take {theirs}"


def _arguments_of(kind: Any) -> list[str]:
    in_order = getattr(kind, "in_order", ())
    if in_order:
        return list(in_order)
    theirs = {ours: name for name, ours in getattr(kind, "also_called", {}).items()}
    return [theirs.get(name, name) for name in _parameters(kind)]


def _parameters(called: Any) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(called).parameters.values()
    return [one.name for one in found if one.kind in kinds and one.name not in ("self", "cls")]


def _set_when_made(kind: type) -> list[str]:
    """Return the attributes that are there once an object is made."""
    made = [vars(base).get("__init__") for base in kind.__mro__]
    return [name for one in made if inspect.isfunction(one) for name in one.__code__.co_names]
