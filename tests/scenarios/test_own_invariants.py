"""Invariants of one's own: how they are made, when they are asked, how they tell, and where they are in force."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scenarios.format import load_text
from scenarios.invariants import Belief, OwnInvariant, Truth, invariant
from scenarios.minimise import kind_of
from scenarios.problems import ScenarioError
from scenarios.run import Result, run

TRADED = """title = "t"
story = "s"
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "venue.trade", order = "O-1", quantity = "1.500", trade = "T-1" },
]
"""


def played(*own: OwnInvariant) -> Result:
    return run(load_text(TRADED), invariants=own)


def test_it_sees_belief_and_truth() -> None:
    seen: dict[str, Any] = {}

    @invariant("looks around")
    def look(belief: Belief, truth: Truth) -> None:
        seen["net"] = belief.net("BTCUSDT"), truth.net("BTCUSDT.SIM")
        seen["orders"] = [str(order.client_order_id) for order in belief.open_orders("BTCUSDT")]
        seen["known"] = belief.order("O-1") is belief.orders()[0], belief.order("O-2")
        seen["open"] = [str(report.client_order_id) for report in truth.open_orders()]
        seen["fills"] = [str(report.trade_id) for report in truth.fills("BTCUSDT")]
        seen["others"] = truth.fills("ETHUSDT"), belief.positions("ETHUSDT")
        order = truth.order("O-1")
        seen["same"] = order is not None and truth.order(str(order.venue_order_id)) == order
        seen["balances"] = belief.balance("USDT") == truth.balance("USDT") > 0
        seen["one account"] = truth.balance("USDT", "SIM-001") == truth.balance("USDT")
        seen["other account"] = truth.balance("USDT", "SIM-002"), belief.balance("USDT", "SIM-002")

    assert played(look).passed
    assert [str(net) for net in seen.pop("net")] == ["1.500", "1.500"]
    assert seen == {
        "orders": ["O-1"],
        "known": (True, None),
        "open": ["O-1"],
        "fills": ["T-1"],
        "others": ([], []),
        "same": True,
        "balances": True,
        "one account": True,
        "other account": (0, 0),
    }


def test_one_that_holds_always_is_asked_after_every_event() -> None:
    events: list[str] = []

    @invariant("listens", when="always")
    def listen(event: object) -> None:
        events.append(type(event).__name__)

    assert played(listen).passed
    assert [name for name in events if name.startswith("Order")] == [
        "OrderInitialized", "OrderSubmitted", "OrderAccepted", "OrderFilled",
    ]  # fmt: skip
    assert "PositionOpened" in events
    assert "AccountState" in events


def test_its_violation_fails_the_run_by_its_name_at_the_moment() -> None:
    @invariant("at most one", when="always")
    def small(belief: Belief) -> None:
        assert belief.net("BTCUSDT") <= 1, f"{belief.net('BTCUSDT')} held"

    result = played(small)

    assert result.failure == "invariant (at most one): 1.500 held"
    assert kind_of(result.failure) == "invariant (at most one)"
    verdict = next(verdict for verdict in result.invariants_checked if verdict.number is None)
    assert (verdict.name, verdict.held) == ("at most one", False)


def silent(belief: Belief) -> None:
    assert belief.net("BTCUSDT") == 0


def text(belief: Belief) -> str:
    return "a text"


def several(truth: Truth) -> Iterator[str]:
    yield "one"
    yield "two"


def broken(truth: Truth) -> None:
    raise KeyError("x")


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (silent, ["assert Decimal('1.500') == 0"]),  # as pytest words it; elsewhere it is the line of the source
        (text, ["a text"]),
        (several, ["one", "two"]),
        (lambda: False, ["does not hold"]),
        (lambda: True, []),
        (lambda: None, []),
        (lambda: 7, ["must return nothing, a truth value or texts, was 7"]),
    ],
)
def test_it_may_tell_in_several_ways(function: Any, told: list[str]) -> None:
    assert played(invariant("rule")(function)).failures == [f"invariant (rule): {line}" for line in told]


def test_it_is_asked_where_node_and_venue_need_not_agree() -> None:
    scenario = load_text(TRADED.replace("steps = [", "converges = false\nsteps = ["))
    result = run(scenario, invariants=[invariant("rule")(text)])

    assert result.failures == ["invariant (rule): a text"]
    assert {v.held for v in result.invariants_checked if v.number == 9} == {None}


def test_one_that_cannot_be_asked_is_violated() -> None:
    (failure,) = played(invariant("rule")(broken)).failures

    assert failure.startswith("invariant (rule): cannot be asked: line ")
    assert failure.endswith("of test_own_invariants.py: KeyError: 'x'")


def test_what_cannot_be_an_invariant_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match=r"rule.*may take belief, truth, event, was node"):
        invariant("rule")(lambda node: None)
    with pytest.raises(ValueError, match="when must be always or eventually, was 'sometimes'"):
        invariant("rule", when="sometimes")  # type: ignore[arg-type]  # that is the mistake
    with pytest.raises(ValueError, match="must have a name"):
        invariant("")


def test_it_can_be_called_like_the_function_that_it_is() -> None:
    made = invariant("rule")(lambda belief: belief * 2)

    assert made(3) == 6
    assert (made.name, made.when, made.rule) == ("rule", "eventually", "")


# -- in scenario files

RULES = '''
from scenarios.invariants import Belief, invariant


@invariant("ends flat")
def flat(belief: Belief) -> None:
    """Nothing is held in the end."""
    assert belief.net("BTCUSDT") == 0


@invariant("never short", when="always")
def long_only(belief: Belief) -> None:
    assert belief.net("BTCUSDT") >= 0
'''


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "rules_for_tests.py").write_text(RULES)
    (tmp_path / "no_rules_for_tests.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("rules_for_tests", "no_rules_for_tests"):
        sys.modules.pop(name, None)


def naming(*named: str) -> str:
    return TRADED.replace("steps = [", f"invariants = {list(named)}\nsteps = [", 1)


@pytest.mark.usefixtures("rules")
def test_a_file_names_the_modules_of_its_rules() -> None:
    result = run(load_text(naming("rules_for_tests")))
    only_one = run(load_text(naming("rules_for_tests:long_only")))

    assert result.failures == ["invariant (ends flat): assert belief.net(\"BTCUSDT\") == 0 does not hold"]
    assert only_one.passed
    assert [str(v) for v in only_one.invariants_checked if v.number is None] == ["never short: held"]


@pytest.mark.usefixtures("rules")
def test_a_file_that_names_what_is_not_there_is_refused_with_every_reason() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(naming("rules_for_test", "no_rules_for_tests", "rules_for_tests:flatt", "a b"), origin="x.toml")

    module, none, name, form = str(caught.value).splitlines()
    assert module.startswith("x.toml: $.invariants[0]: there is no module 'rules_for_test' on sys.path")
    assert none == "x.toml: $.invariants[1]: 'no_rules_for_tests' must have functions with @invariant, has none"
    assert name == "x.toml: $.invariants[2]: 'rules_for_tests' has no invariant 'flatt'; did you mean 'flat'?"
    assert form == "x.toml: $.invariants[3]: must name a module as package.module, was 'a b'"
