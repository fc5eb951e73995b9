"""Scenario files: what is read, what is refused and how, and that dumping loses nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from scenarios.format import VERBS, Given, load, load_text
from scenarios.library import LIBRARY
from scenarios.problems import ScenarioError
from scenarios.values import Number, Offset, Size, Time
from scenarios.verbs import NodeStart, StrategySubmit

HEAD = 'title = "t"\nstory = "s"\n'
START = '{ at = "0s", do = "node.start" }'


def text_with(*steps: str, tables: str = "") -> str:
    return f"{HEAD}steps = [\n{START},\n" + "".join(f"  {{ {step} }},\n" for step in steps) + f"]\n{tables}"


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "file.toml")
    return caught.value.problems


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('at = "1s", do = "node.strt"', "$.steps[1].do: there is no verb 'node.strt'; did you mean 'node.start'?"),
        ('at = "1s"', "$.steps[1]: must say what it does in `do`"),
        (
            'at = "1s", do = "strategy.submit", order = "O", side = "BUY", quantiy = "1"',
            "$.steps[1].quantiy: there is no such field; did you mean 'quantity'?",
        ),
        ('at = "1s", do = "strategy.cancel"', "$.steps[1]: Object missing required field `order`"),
        (
            'at = "1x", do = "node.stop"',
            "$.steps[1].at: a time must be written like 250ms, 1.5s, 1m30s or 2h, was '1x'",
        ),
        ("at = 1, do = 'node.stop'", "$.steps[1].at: a time must be written like 250ms, 1.5s, 1m30s or 2h, was 1"),
        (
            'at = "1s", do = "strategy.submit", order = "O", side = "BYU", quantity = "1"',
            "$.steps[1].side: Invalid enum value 'BYU'; must be one of BUY, SELL",
        ),
        (
            'at = "1s", do = "strategy.submit", order = "O", side = "BUY", quantity = "0"',
            "$.steps[1].quantity: a quantity must be greater than zero, was '0'",
        ),
        (
            'at = "1s", do = "strategy.submit", order = "O", side = "BUY", quantity = 1.5',
            '$.steps[1].quantity: a number with decimal places must be written in quotes, was 1.5 (write "1.5")',
        ),
        (
            'at = "1s", do = "strategy.submit", order = "O", side = "BUY", quantity = "NaN"',
            "$.steps[1].quantity: a number must be finite, was 'NaN'",
        ),
    ],
)
def test_a_bad_step_is_refused_with_its_path(step: str, problem: str) -> None:
    assert problems_of(text_with(step)) == (problem,)


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ("[expct]", "$.expct: there is no such field; did you mean 'expect'?"),
        ("[expect]\nordres = {}", "$.expect.ordres: there is no such field; did you mean 'orders'?"),
        (
            '[expect]\norders = { O-1 = "FILED" }',
            "$.expect: an order must begin with its status, was 'FILED'; did you mean 'FILLED'?",
        ),
        (
            '[expect]\nposition = { BTCUSDT = "LONG" }',
            "$.expect: a position must be FLAT, or LONG or SHORT with a quantity, was 'LONG'",
        ),
        ('[expect]\nby = "0s"\n', ""),
        (
            "[node]\ninflight_check_retrie = 2",
            "$.node.inflight_check_retrie: the node has no such setting; did you mean 'inflight_check_retries'?",
        ),
        ("[node]\ninflight_check_retries = -1", "$.node.inflight_check_retries: must be an integer >= 0, was -1"),
        (
            "[strategy]\nexternal_order_claim = []",
            (
                "$.strategy.external_order_claim: StrategyConfig has no setting 'external_order_claim';"
                " did you mean 'external_order_claims'?"
            ),
        ),
        ("[venue]\npage_sizes = 2", "$.venue.page_sizes: a venue has no such setting; did you mean 'page_size'?"),
        (
            '[given.node]\norders = [{ side = "BUY", quanity = "1" }]',
            "$.given.node.orders[0].quanity: there is no such field; did you mean 'quantity'?",
        ),
    ],
)
def test_a_bad_table_is_refused_with_its_path(tables: str, problem: str) -> None:
    text = text_with(tables=tables)
    if not problem:
        assert load_text(text).expect.by == 0
        return
    assert problems_of(text) == (problem,)


def test_all_bad_steps_of_a_file_are_told_with_its_name() -> None:
    text = text_with('at = "1s", do = "node.strt"', 'at = "2s", do = "strategy.cancel", ordr = "O"', tables="[expct]")
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "file.toml")
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["$.steps[1].do", "$.steps[2].ordr", "$.expct"]
    assert all(line.startswith("file.toml: ") for line in lines)


def test_steps_must_be_in_the_order_of_time() -> None:
    assert problems_of(text_with('at = "2s", do = "node.stop"', 'at = "1s", do = "node.start"')) == (
        "$.steps[2].at: steps must be in the order of time, was 1s after 2s",
    )


def test_expectations_cannot_precede_the_last_step() -> None:
    assert problems_of(text_with('at = "2s", do = "node.stop"', tables='[expect]\nby = "1s"')) == (
        "$.expect.by: must not be before the last step at 2s, was 1s",
    )


def test_a_scenario_without_a_start_is_refused() -> None:
    assert "the node must be started" in problems_of(f"{HEAD}steps = []")[0]


@pytest.mark.parametrize(
    ("guide", "hint"),
    [
        ("startup: Missed fill", "did you mean 'startup: Missed fills'?"),
        ("Missed fills", "must name a row"),
        ("issue: Duplicate ids", "must name a row"),
    ],
)
def test_only_real_rows_of_the_guide_are_accepted(guide: str, hint: str) -> None:
    assert hint in problems_of(f'guide = "{guide}"\n' + text_with())[0]


@pytest.mark.parametrize(
    "guide",
    [
        "startup: Position quantity mismatch (long)",
        "runtime: In-flight order timeout",
        "procedure: Individual adapter failures",
        "issue: Precision differences",
        "lookback: Complete window",
    ],
)
def test_rows_of_every_kind_are_accepted(guide: str) -> None:
    assert load_text(f'guide = "{guide}"\n' + text_with()).guide == guide


def test_text_that_is_not_toml_is_refused() -> None:
    assert problems_of("title = ")[0].startswith("is not valid TOML")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"nowhere\.toml: cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_the_design_example_reads_as_it_is_meant() -> None:
    scenario = load(LIBRARY / "startup" / "missed_fills.toml")
    assert scenario.guide == "startup: Missed fills"
    assert [step.at for step in scenario.steps] == [Time.parse(text) for text in ("0s", "1s", "2s", "3s", "10s")]
    assert scenario.steps[0] == NodeStart(at=Time(0))
    assert scenario.steps[1] == StrategySubmit(
        at=Time.parse("1s"), order="O-1", side="BUY", quantity=Size("1.000"), price=Number("50000.00")
    )
    assert scenario.end == Time.parse("12s")


def test_given_states_are_read_with_their_defaults() -> None:
    tables = """
[given.node]
orders = [{ order = "O-1", side = "BUY", quantity = "1.000", status = "PARTIALLY_FILLED", filled = "0.400" }]
positions = [{ quantity = "-0.400", price = "1.00" }]
"""
    given = load_text(text_with(tables=tables)).given
    assert given is not None
    assert given.node.orders[0].status == "PARTIALLY_FILLED"
    assert given.node.positions[0].quantity == Decimal("-0.400")
    assert given.venue == Given().venue


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [("0s", 0), ("250ms", 250_000_000), ("1.5s", 1_500_000_000), ("1m30s", 90_000_000_000), ("2h", 7_200_000_000_000)],
)
def test_times_are_read_in_nanoseconds_and_written_back(text: str, nanoseconds: int) -> None:
    assert Time.parse(text) == nanoseconds
    assert Time.parse(str(Time.parse(text))) == nanoseconds


@pytest.mark.parametrize("text", ["", "1", "s", "1 s", "-1s", "1.5", "1sx", "0.1ns", None, 3])
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="a time must be"):
        Time.parse(text)


def test_offsets_may_be_negative() -> None:
    assert Offset.parse("-1.5s") == -1_500_000_000
    assert str(Offset.parse("-1.5s")) == "-1s500ms"


def test_every_verb_says_who_acts() -> None:
    assert {verb.partition(".")[0] for verb in VERBS} == {"node", "strategy", "venue", "wire", "store", "clock"}
