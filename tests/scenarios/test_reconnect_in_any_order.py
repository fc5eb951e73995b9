"""What happens in gaps, and while the node finds out, comes in any order; the end is always the venue's (FIELD B4).

Five orders rest; then trades, cancels, amendments and orders from elsewhere mix with lost lines, silent streams and
questions that are answered late or not at all. The invariants of every scenario are what is checked.
"""

from __future__ import annotations

from random import Random

import pytest

from scenarios.format import load_text
from scenarios.run import run

RUNS, RUNS_PER_TEST = 40, 10
FAULTS = (
    '"wire.disconnect", lasts = "{brief}ms"',
    '"wire.disconnect", lasts = "{brief}ms"',
    '"wire.half_open"',
    '"wire.delay", answer = "query.*", by = "{brief}ms", lasts = "3s"',
    '"wire.fail_query", request = "query.*", times = {few}',
)
ENDINGS = ("cancel", "expire")


def afternoon(seed: int) -> str:
    """Return a scenario drawn from `seed`."""
    random = Random(seed)
    steps = ['{ at = "0s", do = "node.start" }']
    left = {f"O-{number}": 4 for number in range(1, 6)}  # pieces that may still trade; nobody knows of the last one
    for name in left:
        terms = 'side = "BUY", quantity = "2.000", price = "50000.00"'
        steps.append(f'{{ at = "1s", do = "strategy.submit", order = "{name}", {terms} }}')
    at_ms = 1_500
    for number in range(random.randint(8, 24)):
        at_ms += random.choice((0, 10, 20, 50, 300, 1_000, 2_000))
        working = [name for name, pieces in left.items() if pieces > 1]
        if random.random() < 0.45 or not working:
            doing = random.choice(FAULTS).format(brief=random.choice((0, 50, 300, 1_500)), few=random.randint(1, 4))
        elif random.random() < 0.7:
            name = random.choice(working)
            left[name] -= 1
            doing = f'"venue.trade", order = "{name}", quantity = "0.500", trade = "T-{number}"'
        elif random.random() < 0.5:
            name = random.choice(working)
            left[name] = 0
            doing = f'"venue.{random.choice(ENDINGS)}", order = "{name}"'
        elif random.random() < 0.5:
            doing = f'"venue.amend", order = "{random.choice(working)}", price = "{random.randint(48_000, 52_000)}.00"'
        else:
            doing = (
                f'"venue.external_order", order = "X-{number}", side = "BUY", quantity = "1.000", price = "49000.00"'
            )
        steps.append(f'{{ at = "{at_ms}ms", do = {doing} }}')
    venue = 'profile = "terse"\n' if random.random() < 0.25 else ""
    return (
        f'title = "Gaps {seed}"\nstory = "Drawn from seed {seed}."\nsteps = [\n  {(", ".join(steps))}\n]\n'
        f'[venue]\nheartbeat_secs = 3.0\nrequest_timeout_secs = 2.0\n{venue}[expect]\nby = "{at_ms + 1_000}ms"\n'
    )


@pytest.mark.parametrize("first", range(0, RUNS, RUNS_PER_TEST))
def test_whatever_happens_in_gaps_the_node_ends_where_the_venue_is(first: int) -> None:
    for seed in range(first, first + RUNS_PER_TEST):
        result = run(load_text(afternoon(seed)))
        assert result.passed, f"seed {seed}: {result.failures}"


def test_the_drawn_scenarios_have_gaps_that_are_told() -> None:
    lines = [line for seed in range(10) for line in run(load_text(afternoon(seed))).trace]
    assert sum("StreamGap SIM execution" in line for line in lines) > 10
    assert any("from reconciliation" in line for line in lines)
