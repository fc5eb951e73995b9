"""Campaigns: the same finds whoever runs them, small failures that fail the same way, and an end that tells all."""

from __future__ import annotations

import signal
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from scenarios import campaign
from scenarios.campaign import Campaign, Failure, make_small, run_chunk, run_seed, save
from scenarios.drawn_play import play
from scenarios.format import Scenario, load, load_text
from scenarios.in_process import InProcess
from scenarios.minimise import kind_of, minimise
from scenarios.run import run

pytestmark = pytest.mark.usefixtures("frozen_again")
BROKEN = """
title = "Too much"
story = "An order is filled, and the file expects that it is not."
seed = 5
steps = [
  { at = "0s", do = "node.start" },
  { at = "0s", do = "venue.quote", bid = "49000.00", ask = "51000.00" },
  { at = "700ms", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.250", price = "49900.00" },
  { at = "900ms", do = "wire.delay", report = "ack", by = "30ms", jitter = "40ms", times = 3 },
  { at = "1200ms", do = "strategy.submit", order = "O-2", side = "SELL", quantity = "1.750", price = "50200.00" },
  { at = "1300ms", do = "venue.trade", order = "O-2", quantity = "0.250", trade = "F-1", liquidity = "MAKER" },
  { at = "1800ms", do = "strategy.cancel", order = "O-1" },
  { at = "2300ms", do = "wire.end" },
  { at = "4300ms", do = "node.stop" },
  { at = "34300ms", do = "node.start" },
]
[node]
inflight_check_retries = 1
open_check_interval_secs = 3.0
open_check_missing_retries = 1
position_check_interval_secs = 2.0
[venue]
profile = "hedging"
latency_ms = 40
[expect]
by = "40s"
node = "RUNNING"
position = { BTCUSDT = "FLAT" }
"""


@pytest.fixture
def broken() -> Scenario:
    return load_text(BROKEN)


# -- playing what was drawn


def test_impossible_steps_are_left_out_and_the_rest_is_the_same_run_to_the_letter() -> None:
    scenario = load_text(
        BROKEN.replace('{ at = "2300ms"', '{ at = "2s", do = "venue.cancel", order = "O-9" },\n  { at = "2300ms"')
    )
    drawn, failures, trace = play(structs.replace(scenario, seed=0), "direct")
    possible = [step for index, step in enumerate(scenario.steps) if index not in drawn.skipped]
    strict = run(structs.replace(scenario, steps=possible), seed=0)

    assert drawn.skipped == [7]
    assert any("left out" in line for line in trace)
    assert strict.failures == failures
    assert strict.trace == [line for line in trace if "O-9" not in line]


def test_nobody_overfills_an_order_by_accident(broken: Scenario) -> None:
    steps = [structs.replace(step, quantity=type(step.quantity)("9.000")) if i == 5 else step  # type: ignore[attr-defined]  # a trade
             for i, step in enumerate(broken.steps)]  # fmt: skip
    drawn, _, _ = play(structs.replace(broken, steps=steps), "direct")

    assert drawn.skipped == [5]


# -- making small


def test_a_failure_is_made_small_and_fails_in_the_same_way(broken: Scenario) -> None:
    small = minimise(broken, kind_of(play(broken, "direct")[1][0]))
    result = run(small.scenario)

    assert result.failure == small.failure
    assert small.failure.startswith("position.BTCUSDT: wanted FLAT, was SHORT 1.000 @ 50000.00")
    assert [str(step.__struct_config__.tag) for step in small.scenario.steps] == [
        "node.start",
        "strategy.submit",
        "venue.trade",
    ]
    assert small.scenario.venue == {}
    assert small.scenario.seed == 0
    assert small.scenario.node == {"inflight_check_retries": 1}


def test_making_small_is_bounded_and_repeats(broken: Scenario) -> None:
    kind = kind_of(play(broken, "direct")[1][0])
    few = minimise(broken, kind, runs_max=20)

    assert few.runs <= 21
    assert few == minimise(broken, kind, runs_max=20)


def test_what_does_not_fail_cannot_be_made_small(broken: Scenario) -> None:
    with pytest.raises(ValueError, match="must fail with 'invariant 4"):
        minimise(broken, "invariant 4 (no order twice)")


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("invariant 9 (orders equal the venue's): O-1: ACCEPTED here", "invariant 9 (orders equal the venue's)"),
        ("node: wanted RUNNING, was FAILED", "node: wanted RUNNING, was FAILED"),
        ("an unexpected error was logged: x failed: TypeError: no", "an unexpected error was logged: TypeError"),
        ("position.BTCUSDT: wanted FLAT, was LONG 1", "position.BTCUSDT"),
    ],
)
def test_failures_are_alike_if_the_same_thing_broke(failure: str, kind: str) -> None:
    assert kind_of(failure) == kind


def test_a_find_is_written_down_ready_to_commit(
    broken: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "generate", lambda seed: broken)
    failure = run_seed(7)
    assert failure is not None
    kept = make_small(failure)
    path = save(kept, tmp_path / "found")
    written = load(path)

    assert path.name == "position_btcusdt_seed_7.toml"
    assert written == kept.scenario
    assert "seed 7" in written.story
    assert not run(written).passed


# -- the range


def test_the_finds_do_not_depend_on_who_ran_what(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Campaign(range(100, 115), InProcess(), kept_max=0).run()
    with ProcessPoolExecutor(2) as pool:
        together = Campaign(range(100, 115), pool, jobs=2, kept_max=0).run()

    assert (alone.count, alone.failures, alone.marks) == (together.count, together.failures, together.marks)
    assert alone.count == 15
    assert sum(alone.marks.values()) > 20


def test_a_seed_that_does_not_repeat_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def wobbly(scenario: Scenario, transport: str, *, quick: bool = False) -> tuple[None, list[str], list[str]]:
        calls.append(1)
        return None, [], ["the same", f"run {len(calls)}"]

    monkeypatch.setattr(campaign, "play", wobbly)

    failure = run_seed(campaign.REPEATED_EVERY)
    assert failure is not None
    assert failure.text == f"{campaign.SAME_SEED}: line 2: 'run 1' and 'run 2'"
    assert run_seed(campaign.REPEATED_EVERY + 1) is None


def test_the_budget_ends_a_campaign_between_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1_000))
    monkeypatch.setattr(campaign, "real_perf_counter", lambda: float(next(clock)))
    monkeypatch.setattr(campaign, "run_seed", lambda seed, transport: None)
    outcome = Campaign(range(10_000), InProcess(), budget_s=5).run()

    assert 0 < outcome.count < 10_000
    assert outcome.count % campaign.CHUNK_SEEDS == 0
    assert outcome.ended_early == "the budget of 5 s is used up"


def test_an_interrupt_tells_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(InProcess):
        """Is interrupted while it runs the third chunk."""

        calls = 0

        def submit(self, fn: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
            Interrupted.calls += 1
            if Interrupted.calls == 3:
                signal.raise_signal(signal.SIGINT)
            return super().submit(fn, *arguments, **named)

    failure = Failure(seed=3, invariant="x", text="x: y")
    monkeypatch.setattr(campaign, "AHEAD", 1)
    monkeypatch.setattr(campaign, "run_seed", lambda seed, transport: failure if seed == 3 else None)
    outcome = Campaign(range(1_000), Interrupted()).run()

    assert outcome.ended_early == "interrupted"
    assert outcome.count == 2 * campaign.CHUNK_SEEDS
    assert outcome.failures == [failure]


def test_a_chunk_says_what_it_brought() -> None:
    chunk = run_chunk(range(3))

    assert chunk.count == 3
