"""Rules of the house that can be read off the source: sizes, banned calls, and who may set an order's status.

A line that must break a rule says so with `# sim-ok: reason`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("nautilus_live", "sandbox_venues", "scenarios")
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LINE_LENGTH_MAX = 120

# Modules that are longer, each with the reason; the list may only shrink.
LONGER_MODULES: dict[str, str] = {}
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# What must not be called where simulation runs, and what to use instead.
BANNED = {
    r"\btime\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns)\(": "the clock, or loop.time()",
    r"\bdatetime\.(now|utcnow|today)\(": "the clock",
    r"\bdate\.today\(": "the clock",
    r"\btime\.sleep\(": "asyncio.sleep",
    r"\buuid\.?(uuid)?[14]\(": "EventIds, or an id that is a function of facts",
    r"\brandom\.(random|randint|choice|choices|shuffle|sample|uniform|gauss|randrange)\(": "a named stream of Entropy",
    r"\brandom\.seed\(": "a named stream of Entropy",
    r"\bos\.urandom\(": "a named stream of Entropy",
    r"\bsecrets\.(token|choice|rand)": "a named stream of Entropy",
    r"\bthreading\.(Thread|Timer)\(": "a task",
    r"\bto_thread\(|\brun_in_executor\(": "a task",
    r"except( Exception| BaseException)?: *pass\b": "an error that somebody hears of",
}


ANY_BANNED = re.compile("|".join(BANNED))

# Who may set an order's status: `core/order_lifecycle.py` holds the one table, and elsewhere would be a second one.
SET_STATUS = {"nautilus_live/core/order_lifecycle.py", "nautilus_live/model/order.py"}
STATUS = ("status", "previous_status", "filled_qty")


class Source(NamedTuple):
    """A module, read and parsed once for all rules."""

    name: str
    lines: list[str]
    tree: ast.Module
    nodes: list[ast.AST]


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    return Source(str(path.relative_to(ROOT)), text.splitlines(), tree, list(ast.walk(tree)))


# -- rules: each returns what is wrong with a module


def a_module_has_at_most_400_lines(source: Source) -> list[str]:
    """Could an idea move out?"""
    count = len(source.lines)
    return [] if count <= MODULE_LINES_MAX or source.name in LONGER_MODULES else [f"{count} lines"]


def functions_fit_on_a_screen(source: Source) -> list[str]:
    return [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in source.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]


def lines_fit_on_a_line(source: Source) -> list[int]:
    return [number for number, line in enumerate(source.lines, 1) if len(line) > LINE_LENGTH_MAX]


def a_module_says_what_it_is(source: Source) -> list[str]:
    return [] if ast.get_docstring(source.tree) else ["no docstring"]


def no_wall_clock_no_chance_no_threads_no_swallowed_errors(source: Source) -> list[str]:
    suspects = [
        (number, line) for number, line in enumerate(source.lines, 1) if ANY_BANNED.search(line.split("#")[0])
    ]
    docstrings = _docstring_lines(source) if suspects else set()
    return [
        f"{number}: {line.strip()} (use {instead})"
        for number, line in suspects
        if "sim-ok:" not in line and number not in docstrings
        for pattern, instead in BANNED.items()
        if re.search(pattern, line.split("#")[0])
    ]


def _docstring_lines(source: Source) -> set[int]:
    return {
        number
        for node in source.nodes
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def no_loop_runs_over_a_set_where_order_can_show(source: Source) -> list[int]:
    """A literal set or a call of set() may be asked about membership, never be walked through."""
    wrong = []
    for node in source.nodes:
        walked = []
        if isinstance(node, ast.For | ast.AsyncFor):
            walked = [node.iter]
        elif isinstance(node, ast.ListComp | ast.DictComp | ast.GeneratorExp):
            walked = [generator.iter for generator in node.generators]
        for iterated in walked:
            called = isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Name)
            if isinstance(iterated, ast.Set | ast.SetComp) or (called and iterated.func.id in ("set", "frozenset")):
                wrong.append(iterated.lineno)
    return wrong


def nothing_but_the_lifecycle_sets_an_orders_status(source: Source) -> list[int]:
    if not source.name.startswith("nautilus_live/") or source.name in SET_STATUS:
        return []
    wrong = []
    for node in source.nodes:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        wrong += [one.lineno for one in targets if isinstance(one, ast.Attribute) and one.attr in STATUS]
    return wrong


RULES: list[Callable[[Source], Sequence[object]]] = [
    a_module_has_at_most_400_lines,
    functions_fit_on_a_screen,
    lines_fit_on_a_line,
    a_module_says_what_it_is,
    no_wall_clock_no_chance_no_threads_no_swallowed_errors,
    no_loop_runs_over_a_set_where_order_can_show,
    nothing_but_the_lifecycle_sets_an_orders_status,
]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_the_rules_of_the_house(path: Path) -> None:
    source = read(path)

    assert {rule.__name__: wrong for rule in RULES if (wrong := rule(source))} == {}


BAD = """
import time
class Swallower:
    def swallow(self, order):
        for one in {1, 2}:
            time.sleep(one)
        order.status = "FILLED"
        try:
            return [x for x in set(self.all)]
        except Exception: pass
"""


def test_each_rule_finds_what_breaks_it() -> None:
    """One module that breaks every rule: a rule that sees nothing proves nothing."""
    long = "def long():\n" + "    x = 1\n" * MODULE_LINES_MAX + f"    return {'1' * LINE_LENGTH_MAX}\n"
    tree = ast.parse(BAD + long)
    source = Source("nautilus_live/bad.py", (BAD + long).splitlines(), tree, list(ast.walk(tree)))
    found = {rule.__name__: len(rule(source)) for rule in RULES}

    assert found == {
        "a_module_has_at_most_400_lines": 1,
        "functions_fit_on_a_screen": 1,
        "lines_fit_on_a_line": 1,
        "a_module_says_what_it_is": 1,
        "no_wall_clock_no_chance_no_threads_no_swallowed_errors": 2,
        "no_loop_runs_over_a_set_where_order_can_show": 2,
        "nothing_but_the_lifecycle_sets_an_orders_status": 1,
    }


def test_the_list_of_longer_modules_only_names_longer_modules() -> None:
    short = [name for name in LONGER_MODULES if len(lines_of(ROOT / name)) <= MODULE_LINES_MAX]
    assert short == []


def test_every_ignore_carries_its_reason() -> None:
    """`# noqa` and `# type: ignore` name their code, and a second comment says why."""
    bare = re.compile(r"# (noqa|type: ignore)(?!.*#)|# noqa(?!: ?[A-Z]+[0-9]+)|# type: ignore(?!\[)")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in (*PACKAGES, "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(lines_of(path), 1)
        if bare.search(line) and path != Path(__file__)
    ]
    assert wrong == []
