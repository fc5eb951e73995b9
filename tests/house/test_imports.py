"""Arrows run one way: which package may import which, as a table, checked on the source itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]

KERNEL = "nautilus_live"
ALWAYS = (f"{KERNEL}.model", f"{KERNEL}.errors", f"{KERNEL}.secrets", f"{KERNEL}.marks")

# A package, and what of our own code it may import (itself included). The most specific line counts.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "nautilus_live.errors": (),
    "nautilus_live.secrets": ("nautilus_live.errors",),
    "nautilus_live.marks": (),
    "nautilus_live.model": ("nautilus_live.model",),
    "nautilus_live.core": (*ALWAYS, "nautilus_live.core"),
    "nautilus_live.indicators": (*ALWAYS, "nautilus_live.indicators"),
    "nautilus_live.config": (*ALWAYS, "nautilus_live.config"),
    "nautilus_live.store": (*ALWAYS, "nautilus_live.core", "nautilus_live.config", "nautilus_live.store"),
    "nautilus_live.adapters": (*ALWAYS, "nautilus_live.config", "nautilus_live.adapters"),
    "nautilus_live.engine": (
        *ALWAYS,
        "nautilus_live.adapters.ports",
        "nautilus_live.adapters.tasks",
        "nautilus_live.config",
        "nautilus_live.core",
        "nautilus_live.engine",
        "nautilus_live.store.encoding",
        "nautilus_live.store.port",
    ),
    "nautilus_live.trading": (
        *ALWAYS,
        "nautilus_live.adapters.ports",
        "nautilus_live.config",
        "nautilus_live.core",
        "nautilus_live.engine",
        "nautilus_live.indicators",
        "nautilus_live.trading",
    ),
    "nautilus_live.live": ("nautilus_live",),
    # The composition root: it alone may reach up, and only inside a command's functions (see the test below).
    "nautilus_live.cli": ("nautilus_live", "sandbox_venues", "scenarios"),
    "nautilus_live.__main__": ("nautilus_live.cli",),
    "nautilus_live": ("nautilus_live",),
    "sandbox_venues": ("nautilus_live.model", "nautilus_live.errors", "sandbox_venues"),
    # The adapter is where the two sides meet: it implements the kernel's port.
    "sandbox_venues.adapter": (*ALWAYS, "nautilus_live.adapters", "nautilus_live.config", "sandbox_venues"),
    "sandbox_venues.adapter_config": (*ALWAYS, "nautilus_live.adapters", "nautilus_live.config", "sandbox_venues"),
    "sandbox_venues.adapter_data": (*ALWAYS, "nautilus_live.adapters", "nautilus_live.config", "sandbox_venues"),
    "sandbox_venues.adapter_stream": (*ALWAYS, "nautilus_live.adapters", "nautilus_live.config", "sandbox_venues"),
    "sandbox_venues.paper": (*ALWAYS, "nautilus_live.adapters", "nautilus_live.config", "sandbox_venues"),
    "sandbox_venues.paper_config": (*ALWAYS, "nautilus_live.config", "sandbox_venues"),
    "sandbox_venues.paging": (*ALWAYS, "nautilus_live.adapters.ports", "sandbox_venues"),
    "scenarios.world": ("scenarios.world",),
    "scenarios": ("nautilus_live", "sandbox_venues", "scenarios"),
}
OURS = ("nautilus_live", "sandbox_venues", "scenarios")
PURE_PACKAGES = ("nautilus_live.model", "nautilus_live.core")
IMPURE_MODULES = (
    "asyncio",
    "datetime",
    "logging",
    "os",
    "random",
    "selectors",
    "socket",
    "subprocess",
    "threading",
    "time",
    "uuid",
)


def modules() -> list[tuple[str, Path]]:
    found = []
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append((name, path))
    return found


class Imports(NamedTuple):
    """What a module imports: anywhere in it, and as soon as it is imported itself."""

    anywhere: tuple[str, ...]
    at_once: tuple[str, ...]


@cache
def imports(path: Path) -> Imports:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return Imports(_named(ast.walk(tree)), _named(_outside_functions(tree)))


def _named(nodes: Iterable[ast.AST]) -> tuple[str, ...]:
    names: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.append(node.module)
    return tuple(names)


def _outside_functions(tree: ast.Module) -> list[ast.AST]:
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            for_types_only = (
                isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"
            )
            if not for_types_only and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(child)
                waiting.append(child)
    return found


def rule_for(module: str) -> tuple[str, ...]:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        rule = MAY_IMPORT.get(".".join(parts[:length]))
        if rule is not None:
            return rule
    raise AssertionError(f"{module} has no line in MAY_IMPORT")


def within(name: str, allowed: str) -> bool:
    return name == allowed or name.startswith(allowed + ".")


MODULES = modules()


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_a_module_imports_only_what_its_package_may(module: str, path: Path) -> None:
    allowed = rule_for(module)
    ours = [name for name in imports(path).anywhere if name.split(".")[0] in OURS]

    wrong = [name for name in ours if not any(within(name, each) for each in allowed)]

    assert wrong == [], f"{module} may import only {', '.join(allowed) or 'nothing of ours'}"


@pytest.mark.parametrize(
    ("module", "path"),
    [(name, path) for name, path in MODULES if any(within(name, package) for package in PURE_PACKAGES)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_and_decisions_are_pure(module: str, path: Path) -> None:
    wrong = [name for name in imports(path).anywhere if name.split(".")[0] in IMPURE_MODULES]
    # A length of time, and what a time is called (UTC), are values; asking for the time of day is banned everywhere.
    named = r"^from datetime import (UTC|datetime|timedelta|tzinfo)(, (UTC|datetime|timedelta|tzinfo))*$"
    if wrong == ["datetime"] and re.search(named, path.read_text(encoding="utf-8"), re.MULTILINE):
        wrong = []  # a length of time is a value; it is no clock

    assert wrong == [], f"{module} must not know time, chance or the outside world"


def test_the_command_line_reaches_up_only_inside_a_command() -> None:
    wrong = {
        name: reached
        for name, path in MODULES
        if within(name, "nautilus_live")
        and (reached := [one for one in imports(path).at_once if one.split(".")[0] in OURS[1:]])
    }

    assert wrong == {}, "the kernel must import without the packages above it"
