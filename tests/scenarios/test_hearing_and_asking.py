"""What callbacks heard and what the portfolio answers: how a file asks, and what it is told when it was otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.expect import Expect, LogFacts, LogWanted, Outcome, check
from scenarios.format import load_text
from scenarios.hearing import CALLBACKS
from scenarios.portfolio_questions import QUESTIONS, is_answer
from scenarios.problems import ScenarioError
from scenarios.run import run
from scenarios.values import Time

OUTCOME = Outcome(
    heard={"S-001": [(1_000, "on_bar A 1 2"), (2_000, "on_bar A 3 4"), (3_000, "on_bar A 5 6")]},
    portfolio={"net_position BTCUSDT": "1.000", "equity": "10.00 USDT, 3 BTC"},
    log=[LogFacts(level=20, text="a bar"), LogFacts(level=20, text="a bar"), LogFacts(level=40, text="no bar")],
)
FILE = """
title = "t"
story = "s"
steps = [{{ at = "0s", do = "node.start" }}, {steps}]
{rest}
[expect]
by = "3s"
{expect}
"""


def written(steps: str = "", rest: str = "", expect: str = "") -> str:
    return FILE.format(steps=steps, rest=rest, expect=expect)


@pytest.mark.parametrize(
    "expect",
    [
        {"heard": {"S-001": ["on_bar A 1 2", "on_bar * 3.0 4", "on_bar A 5 6"]}},
        {"heard": {"S-001": ["on_bar A 5 6"]}, "since": Time(2_500)},
        {"heard": {"S-002": ["on_bar never"], "S-001": ["on_bar never"]}, "since": Time(3_001)},
        {"portfolio": {"net_position BTCUSDT": "1", "equity": "10 USDT, 3.00 BTC"}},
        {"log": [LogWanted(text="a bar", level="INFO", times=2), LogWanted(text="bar", level="ERROR", times=1)]},
        {"log": [LogWanted(text="gold", times=0)]},
    ],
    ids=str,
)
def test_what_was_heard_and_answered_as_expected_is_no_failure(expect: dict[str, Any]) -> None:
    assert check(Expect(**expect), OUTCOME) == []


@pytest.mark.parametrize(
    ("expect", "failure"),
    [
        ({"heard": {"S-001": ["on_bar A 1 2"]}}, "heard.S-001[1]: wanted nothing further, was on_bar A 3 4"),
        ({"heard": {"S-001": ["on_bar never"]}}, "heard.S-001[0]: wanted nothing further, was on_bar A 1 2"),
        ({"heard": {"S-002": ["on_bar A 1 2"]}}, "heard.S-002[0]: wanted on_bar A 1 2, was nothing further"),
        ({"portfolio": {"net_position BTCUSDT": "2"}}, "portfolio.net_position BTCUSDT: wanted 2, was 1.000"),
        (
            {"portfolio": {"is_flat BTCUSDT": "true"}},
            "portfolio.is_flat BTCUSDT: wanted true, was not asked",
        ),
        (
            {"log": [LogWanted(text="a bar", level="INFO", times=1)]},
            "log: wanted 'a bar' 1 times at INFO",
        ),
    ],
    ids=str,
)
def test_what_was_otherwise_is_told_with_both_sides(expect: dict[str, Any], failure: str) -> None:
    (was,) = check(Expect(**expect), OUTCOME)
    assert was.startswith(failure)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            written(expect='heard = { S-001 = ["on_bars x"] }'),
            "must begin with a callback, was 'on_bars x'; did",
        ),
        (
            written(expect='portfolio = { "pnl BTCUSDT" = "1" }'),
            "must begin with one of its methods, was 'pnl",
        ),
        (written(expect='portfolio = { "is_flat" = "true" }'), "is_flat must be asked about one instrument"),
        (written(expect='portfolio = { "equity BTCUSDT" = "1" }'), "equity must be asked about no instrument"),
        (written(steps='{ at = "1s", do = "strategy.subscribe", what = "bars" }'), "must say which `bars`"),
        (
            written(steps='{ at = "1s", do = "strategy.request", what = "trades", bars = "1-TICK-LAST-INTERNAL" }'),
            "`bars`",
        ),
        (written(steps='{ at = "1s", do = "node.trading_state", state = "PAUSED" }'), "ACTIVE, REDUCING, HALTED"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    assert problem in str(caught.value)


def test_every_callback_and_every_question_is_known() -> None:
    assert {"on_start", "on_bar", "on_order_filled", "on_position_closed", "on_event", "on_save"} <= set(CALLBACKS)
    assert {"net_position", "unrealized_pnl", "equity", "is_completely_flat"} <= set(QUESTIONS)
    assert is_answer("1.0 USDT, x", "1 USDT, x")
    assert not is_answer("1 USDT", "1 USD")


def test_a_class_derived_from_the_scripted_one_takes_steps_and_its_callbacks_are_heard_over_lives() -> None:
    text = written(
        steps="""{ at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1", price = "9.00" },
        { at = "1500ms", do = "node.crash", restart = "100ms" }""",
        rest='[strategy]\npath = "scenarios.cast.savings:Counting"',
        expect='orders = { O-1 = "ACCEPTED" }\nheard = { S-001 = ["on_start", "on_order_accepted O-1", "on_start"] }',
    )

    assert run(load_text(text)).failures == []


def test_a_trading_state_needs_a_node_that_is_up() -> None:
    text = written(
        steps="""{ at = "1s", do = "node.crash" }, { at = "2s", do = "node.trading_state", state = "HALTED" }"""
    )

    assert run(load_text(text)).failures == ["steps[2]: the node must be up to be used, was CRASHED"]


def test_the_numbers_of_an_order_are_sent_as_they_are_written() -> None:
    text = written(
        steps="""
        { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.0005", price = "9.00" },
        { at = "1s", do = "strategy.submit", order = "O-2", side = "BUY", quantity = "1", price = "9.005" },
        { at = "1s", do = "strategy.submit", order = "O-3", side = "BUY", quantity = "1", price = "9" }""",
        expect='orders = { O-1 = "DENIED quantity 1.0005", O-2 = "DENIED price 9.005", O-3 = "ACCEPTED price 9.00" }',
    )

    assert run(load_text(text)).failures == []
