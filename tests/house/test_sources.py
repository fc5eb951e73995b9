"""Rules of the house that can be read off the source: sizes, banned calls, and who may set an order's status.

A line that must break a rule says so with `# sim-ok: reason`.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("nautilus_live", "sandbox_venues", "scenarios")
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LINE_LENGTH_MAX = 120

# Modules that are longer, each with the reason; the list may only shrink.
LONGER_MODULES = {
    "nautilus_live/model/objects.py": "arithmetic of prices, quantities and money, one short method an operator",
    "nautilus_live/model/orders.py": "one short property a field",
}
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
IDS = [str(path.relative_to(ROOT)) for path in SOURCES]

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


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _docstring_lines(path: Path) -> set[int]:
    return {
        number
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    if str(path.relative_to(ROOT)) in LONGER_MODULES:
        return
    assert len(lines_of(path)) <= MODULE_LINES_MAX, "could an idea move out?"


def test_the_list_of_longer_modules_only_names_longer_modules() -> None:
    short = [name for name in LONGER_MODULES if len(lines_of(ROOT / name)) <= MODULE_LINES_MAX]
    assert short == []


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_functions_fit_on_a_screen_and_lines_on_a_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    long_functions = [
        f"{node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    long_lines = [number for number, line in enumerate(text.splitlines(), 1) if len(line) > LINE_LENGTH_MAX]

    assert long_functions == []
    assert long_lines == []


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_no_wall_clock_no_chance_no_threads_no_swallowed_errors(path: Path) -> None:
    wrong = []
    docstrings = _docstring_lines(path)
    for number, line in enumerate(lines_of(path), 1):
        code = line.split("#")[0]
        if "sim-ok:" in line or number in docstrings:
            continue
        for pattern, instead in BANNED.items():
            if re.search(pattern, code):
                wrong.append(f"{number}: {line.strip()} (use {instead})")
    assert wrong == []


@pytest.mark.parametrize("path", SOURCES, ids=IDS)
def test_no_loop_runs_over_a_set_where_order_can_show(path: Path) -> None:
    """A literal set or a call of set() may be asked about membership, never be walked through."""
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        walked = []
        if isinstance(node, ast.For | ast.AsyncFor):
            walked = [node.iter]
        elif isinstance(node, ast.ListComp | ast.DictComp | ast.GeneratorExp):
            walked = [generator.iter for generator in node.generators]
        for iterated in walked:
            called = isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Name)
            if isinstance(iterated, ast.Set | ast.SetComp) or (called and iterated.func.id in ("set", "frozenset")):
                wrong.append(iterated.lineno)
    assert wrong == []


def test_nothing_but_the_lifecycle_sets_an_orders_status() -> None:
    """`core/order_lifecycle.py` holds the one table; elsewhere `.status = ` would be a second one."""
    allowed = {"nautilus_live/core/order_lifecycle.py", "nautilus_live/model/orders.py"}
    wrong = []
    for path in (ROOT / "nautilus_live").rglob("*.py"):
        name = str(path.relative_to(ROOT))
        if name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AugAssign | ast.AnnAssign)
                else []
            )
            wrong += [
                f"{name}:{target.lineno}"
                for target in targets
                if isinstance(target, ast.Attribute) and target.attr in ("status", "previous_status", "filled_qty")
            ]
    assert wrong == []


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
