"""The net has no holes: whichever decision of the kernel is broken, the campaign notices.

Quick form of `python -m tests.benchmarks.planted_bugs`, which measures with fresh seeds: here each bug is tried first
on a seed that showed it, then on a few more, because any change of the generator gives seeds another meaning.
"""

from __future__ import annotations

from statistics import median

import pytest

from scenarios.campaign import run_seed
from tests.scenarios.planted import Bug, planted, seeds_to_find
from tests.scenarios.planted_lines import EVERY_BUG as BUGS

SEEDS_MAX = 100
FIRST = 40_000


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_found(bug: Bug, record_property: pytest.RecordProperty) -> None:
    tried = [bug.seed, *range(FIRST, FIRST + SEEDS_MAX)]
    count, failure = seeds_to_find(bug, tried)

    assert count is not None, f"{bug}: not found in {len(tried)} seeds"
    assert run_seed(tried[count - 1]) is None, f"seed {tried[count - 1]} fails without the bug too"
    assert failure
    record_property("seeds", count)
    FOUND.append(count)


FOUND: list[int] = []


def test_there_are_enough_bugs_each_another_one(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        if FOUND:
            print(f"\n{len(FOUND)} of {len(BUGS)} planted bugs found, median {median(FOUND)} seeds (known ones first)")

    assert len(BUGS) >= 25
    assert len({(bug.target, bug.wrong) for bug in BUGS}) == len(BUGS)
    assert len({bug.target for bug in BUGS}) >= 22


def test_what_was_planted_is_taken_out_again() -> None:
    from nautilus_live.core import order_lifecycle
    from nautilus_live.core.reconciliation import fills, orders

    bug = next(bug for bug in BUGS if bug.target.endswith("order_lifecycle:_apply_updated"))
    before = [*vars(order_lifecycle).values()]
    with planted(bug):
        assert [*vars(order_lifecycle).values()] != before
    assert [*vars(order_lifecycle).values()] == before

    applied = next(bug for bug in BUGS if bug.target.endswith("fills:apply_fills"))
    was = orders.apply_fills
    with planted(applied):
        assert orders.apply_fills is fills.apply_fills
        assert orders.apply_fills is not was
    assert orders.apply_fills is was
