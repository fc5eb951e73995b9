"""Marks: what the kernel says it decided, declared in one table and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

from nautilus_live.marks import MARKS, counting, mark
from scenarios.campaign import Chunk, Outcome

KERNEL = Path(__file__).resolve().parents[2] / "nautilus_live"


def _marks_in_the_source() -> dict[str, int]:
    found: dict[str, int] = {}
    for path in sorted(KERNEL.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "mark":
                name = node.args[0]
                assert isinstance(name, ast.Constant), f"{path}:{node.lineno}: a mark's name must be written out"
                found[str(name.value)] = found.get(str(name.value), 0) + 1
    return found


def test_every_mark_is_declared_and_every_declared_mark_stands_somewhere_once() -> None:
    found = _marks_in_the_source()

    assert sorted(found) == sorted(MARKS)
    assert [name for name, count in found.items() if count > 1] == []
    assert len(MARKS) >= 30


def test_marks_say_what_they_mean() -> None:
    assert all(meaning[:1].islower() and len(meaning) > 15 and not meaning.endswith(".") for meaning in MARKS.values())


def test_nobody_counts_outside_a_campaign() -> None:
    mark("inflight.asked")
    with counting() as counts:
        mark("inflight.asked")
        mark("inflight.asked")
        with counting() as inner:
            mark("inflight.resolved")
    mark("inflight.asked")

    assert counts == {"inflight.asked": 2}
    assert inner == {"inflight.resolved": 1}


def test_a_campaign_adds_its_marks_up_and_knows_what_it_missed() -> None:
    outcome = Outcome()
    outcome.take(Chunk(count=1, failures=[], marks={"inflight.asked": 2}))
    outcome.take(Chunk(count=2, failures=[], marks=dict.fromkeys(list(MARKS)[1:], 1)))

    assert outcome.count == 3
    assert outcome.marks["inflight.asked"] == 3
    assert outcome.missed_marks() == list(MARKS)[:1]
