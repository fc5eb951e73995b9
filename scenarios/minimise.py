"""The smallest scenario that still shows a failure.

May know: the format and the play of drawn scenarios. Surgery on data: drop chunks of steps, then single ones; drop
settings and fields; make numbers and times plain; pull later steps earlier. A change is kept only if the same
invariant fails still. Promises: the same input gives the same result; the number of runs is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct, structs

from scenarios.drawn_play import play
from scenarios.dump import changed_fields, fields_of
from scenarios.format import Scenario
from scenarios.generate.healing import heals
from scenarios.values import Number, Size, Time
from scenarios.verbs import NodeStart, Step

RUNS_MAX = 1_500
"""How many runs one failure is worth."""
GAPS_NS = (0, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 2_000_000_000, 5_000_000_000, 10_000_000_000)
PLAIN_QUANTITIES = ("1.000", "2.000")
PLAIN_PRICES = ("50000.00",)
SETTINGS = ("node", "venue", "strategy", "venues", "strategies")
_EXCEPTION = re.compile(r": (\w+(?:Error|Exception|Escape|Deadlock|Livelock)): ")


class Minimised(Struct, frozen=True, kw_only=True):
    """What is left of a scenario, its failure, and how many runs that took."""

    scenario: Scenario
    failure: str
    runs: int


def kind_of(failure: str) -> str:
    """Return what failed, without the particulars: the invariant, the expectation, the error's class."""
    head = failure.partition(":")[0]
    error = _EXCEPTION.search(failure)
    if head.startswith("invariant") or (error is None and head != "node"):
        return head
    return failure if error is None else f"{head}: {error[1]}"


def minimise(scenario: Scenario, invariant: str, transport: str = "direct", runs_max: int = RUNS_MAX) -> Minimised:
    """Return the smallest scenario found in which `invariant` (as `kind_of` names it) is the first thing that fails.

    Raises:
        ValueError: if it does not fail to begin with.

    """
    search = _Search(scenario, invariant, transport, runs_max)
    before = None
    while search.scenario != before and search.runs < runs_max:
        before = search.scenario
        search.drop_steps()
        search.drop_settings()
        search.drop_fields()
        search.plain_numbers()
        search.pull_earlier()
        search.plain_seed()
    return Minimised(scenario=search.scenario, failure=search.failure, runs=search.runs)


class _Search:
    """The smallest scenario so far."""

    def __init__(self, scenario: Scenario, invariant: str, transport: str, runs_max: int) -> None:
        self.scenario = scenario
        self.failure = ""
        self.runs = 0
        self._invariant = invariant
        self._transport = transport
        self._runs_max = runs_max
        self._shown = ""
        if not self._try(scenario):
            raise ValueError(f"{scenario.title}: must fail with {invariant!r} to be minimised, did not")

    def _try(self, candidate: Scenario) -> bool:
        """Keep `candidate` if it fails in the same way; what it could not carry out goes at once."""
        if self.runs >= self._runs_max or not any(isinstance(step, NodeStart) for step in candidate.steps):
            return False
        if not heals(candidate):  # it would fail for want of a look at the venue, which proves nothing
            return False
        skipped = self._skipped_in(candidate)
        if skipped is None:
            return False
        if skipped:  # without what was impossible, ties may fall another way: it must fail still, to be kept
            steps = [step for index, step in enumerate(candidate.steps) if index not in skipped]
            possible = structs.replace(candidate, steps=steps)
            if heals(possible) and self._skipped_in(possible) == []:
                candidate = possible
            elif self.failure:
                return False
        self.scenario, self.failure = candidate, self._shown
        return True

    def _skipped_in(self, candidate: Scenario) -> list[int] | None:
        """Return the places of the impossible steps if the candidate fails as it should, None if it does not."""
        self.runs += 1
        drawn, failures, _ = play(candidate, self._transport)
        if not failures or kind_of(failures[0]) != self._invariant:
            return None
        self._shown = failures[0]
        return drawn.skipped

    def _try_steps(self, steps: Sequence[Step]) -> bool:
        return self._try(structs.replace(self.scenario, steps=list(steps)))

    def drop_steps(self) -> None:
        """Drop halves, quarters, ... and at last single steps, from the end."""
        size = max(1, len(self.scenario.steps) // 2)
        while True:
            end = len(self.scenario.steps)
            while end > 0:
                steps = self.scenario.steps
                self._try_steps([*steps[: max(0, end - size)], *steps[end:]])
                end = min(end - size, len(self.scenario.steps))
            if size == 1:
                return
            size //= 2

    def drop_settings(self) -> None:
        """Drop whole tables, then single settings."""
        for name in SETTINGS:
            table: dict[str, Any] = getattr(self.scenario, name)
            if not table or self._try(structs.replace(self.scenario, **{name: {}})):
                continue
            for key in list(table):
                left: dict[str, Any] = dict(getattr(self.scenario, name))
                dropped = left.pop(key)
                if self._try(structs.replace(self.scenario, **{name: left})) or not isinstance(dropped, dict):
                    continue
                for inner in list(dropped):
                    whole: dict[str, Any] = getattr(self.scenario, name)
                    kept = {item: value for item, value in whole[key].items() if item != inner}
                    self._try(structs.replace(self.scenario, **{name: {**whole, key: kept}}))

    def drop_fields(self) -> None:
        """Leave out what a step says beyond what it must."""
        self._change_each(_with_fewer_fields)

    def plain_numbers(self) -> None:
        """Write the plainest quantities and prices."""
        self._change_each(_with_plain_numbers)

    def _change_each(self, variants: Callable[[Step], Iterator[Step]]) -> None:
        index = 0
        while index < len(self.scenario.steps):
            for variant in variants(self.scenario.steps[index]):
                steps = [*self.scenario.steps]
                steps[index] = variant
                if self._try_steps(steps) and len(self.scenario.steps) < len(steps):
                    break  # others went with it, so the places have changed
            index += 1

    def pull_earlier(self) -> None:
        """Let each step follow the one before at once, or after the plainest gap that will do."""
        index = 0
        while index < len(self.scenario.steps):
            steps = self.scenario.steps
            before = steps[index - 1].at if index else 0
            gap = steps[index].at - before
            for wanted in GAPS_NS:
                if wanted >= gap or self._try_shifted(index, gap - wanted):
                    break
            index += 1
        by = self.scenario.expect.by
        if by is not None:
            for margin in GAPS_NS:
                sooner = Time(self.scenario.steps[-1].at + margin)
                wish = structs.replace(self.scenario.expect, by=sooner)
                if sooner >= by or self._try(structs.replace(self.scenario, expect=wish)):
                    break

    def _try_shifted(self, first: int, by_ns: int) -> bool:
        """Move everything from step `first` on to an earlier time."""
        steps = [
            structs.replace(step, at=Time(step.at - by_ns)) if index >= first else step
            for index, step in enumerate(self.scenario.steps)
        ]
        wish = self.scenario.expect
        if wish.by is not None:
            wish = structs.replace(wish, by=Time(wish.by - by_ns))
        return self._try(structs.replace(self.scenario, steps=steps, expect=wish))

    def plain_seed(self) -> None:
        """Let ties fall as they come, if that will do."""
        if self.scenario.seed:
            self._try(structs.replace(self.scenario, seed=0))


def _with_fewer_fields(step: Step) -> Iterator[Step]:
    changed = changed_fields(step)
    for name, required, default, make_default in fields_of(type(step)):
        if name in changed and not required:
            try:
                yield structs.replace(step, **{name: default if make_default is None else make_default()})
            except ValueError:
                continue  # it cannot be without


def _with_plain_numbers(step: Step) -> Iterator[Step]:
    for name, value in changed_fields(step).items():
        choices = PLAIN_QUANTITIES if isinstance(value, Size) else PLAIN_PRICES
        for text in choices if isinstance(value, Number) else ():
            plain = type(value)(text)
            if plain == value:
                break  # nothing plainer is left
            if plain.same_quantum(value):
                yield structs.replace(step, **{name: plain})
        if isinstance(value, Time) and name != "at":
            for span in ("1s", "100ms"):
                if Time.parse(span) < value:
                    yield structs.replace(step, **{name: Time.parse(span)})
        if type(value) is int and value > 1:
            yield structs.replace(step, **{name: 1})
