"""Whole runs: what is told of them, that they repeat, that faults do what they say, and that bad steps are named."""

from __future__ import annotations

import pytest

from scenarios.format import Scenario, load_text
from scenarios.problems import NotSupported
from scenarios.run import Result, first_difference, run, transports_for

SUBMIT = 'at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00"'
START = 'at = "0s", do = "node.start"'


def scenario_of(*steps: str, tables: str = "") -> Scenario:
    lines = "".join(f"  {{ {step} }},\n" for step in steps)
    return load_text(f'title = "t"\nstory = "s"\nsteps = [\n{lines}]\n{tables}')


def result_of(*steps: str, tables: str = "") -> Result:
    return run(scenario_of(*steps, tables=tables))


def test_a_submitted_order_is_accepted_in_virtual_time() -> None:
    events = '["OrderSubmitted O-1", "OrderAccepted O-1"]'
    tables = f'[expect]\nevents = {events}\norders = {{ O-1 = "ACCEPTED" }}\nnode = "RUNNING"'
    result = result_of(START, SUBMIT, tables=tables)

    assert result.passed, result.failures
    assert any(line.startswith("1.000000000 node") and "OrderSubmitted O-1" in line for line in result.trace)
    assert 30 < result.virtual_s < 60
    assert result.wall_s < 5


def test_the_same_seed_gives_the_same_trace() -> None:
    scenario = scenario_of(START, SUBMIT, 'at = "2s", do = "node.crash"', 'at = "3s", do = "node.start"')
    first, second = run(scenario, seed=7), run(scenario, seed=7)

    assert first_difference(first.trace, second.trace) == ""
    assert first.digest == second.digest


def test_jitter_is_drawn_from_the_seed() -> None:
    scenario = scenario_of(START, SUBMIT, tables="[venue]\njitter_ms = 5.0")

    assert run(scenario, seed=1).digest == run(scenario, seed=1).digest
    assert run(scenario, seed=1).digest != run(scenario, seed=2).digest


def test_a_failed_expectation_is_the_failure() -> None:
    result = result_of(START, SUBMIT, tables='[expect]\norders = { O-1 = "FILLED" }')

    assert not result.passed
    assert result.failure is not None
    assert result.failure.startswith("orders.O-1: wanted FILLED, was ACCEPTED")


@pytest.mark.parametrize(
    ("steps", "failure"),
    [
        (
            (START, 'at = "1s", do = "strategy.cancel", order = "O-9"'),
            "steps[1]: O-9: the node must know the order by now",
        ),
        ((START, 'at = "1s", do = "venue.trade", order = "O-9", quantity = "1"'), "steps[1]: "),
        ((START, 'at = "1s", do = "node.start"'), "steps[1]: the node must be down to be started, was RUNNING"),
        ((START, 'at = "1s", do = "node.crash"', SUBMIT.replace("1s", "2s")), "steps[2]: the node must be up"),
        (
            (START, 'at = "1s", do = "wire.release", name = "x"'),
            "steps[1]: wire.release: a script entry must be one of none",
        ),
        (
            (START, 'at = "1s", do = "venue.liquidate"'),
            "steps[1]: venue.liquidate: must say at which price, was none",
        ),
        (
            (START, 'at = "1s", do = "wire.half_open", venue = "SIMM"'),
            "steps[1]: there is no venue 'SIMM'; did you mean 'SIM'?",
        ),
        (
            (START, 'at = "1s", do = "strategy.cancel", order = "O", strategy = "S-002"'),
            "steps[1]: there is no strategy",
        ),
    ],
)
def test_a_step_that_cannot_be_carried_out_is_the_failure(steps: tuple[str, ...], failure: str) -> None:
    result = result_of(*steps)

    assert not result.passed
    assert result.failure is not None
    assert result.failure.startswith(failure)


def test_a_dropped_report_leaves_the_node_behind_until_the_storm_is_over() -> None:
    # The acknowledgement comes twice over, in the answer and on the stream: both must go.
    result = result_of(
        START,
        'at = "500ms", do = "wire.drop", report = "ack", order = "O-1"',
        'at = "500ms", do = "wire.time_out", request = "submit", side = "after"',
        SUBMIT,
        tables='[expect]\nby = "3s"\norders = { O-1 = "SUBMITTED" }\nvenue = { O-1 = "ACCEPTED" }',
    )
    shown = [failure for failure in result.failures if not failure.startswith("invariant")]

    assert shown == []
    assert sum(" fault " in line for line in result.trace) == 2


def test_a_held_report_arrives_when_it_is_released() -> None:
    result = result_of(
        START,
        SUBMIT,
        'at = "2s", do = "wire.hold", report = "fill", name = "late"',
        'at = "3s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1"',
        'at = "5s", do = "wire.release", name = "late"',
        tables='[expect]\norders = { O-1 = "FILLED 1.000 @ 50000.00" }\nposition = { BTCUSDT = "LONG 1.000" }',
    )

    assert result.passed, result.failures
    assert any(line.startswith("5.01") and "OrderFilled O-1" in line for line in result.trace)


def test_a_lost_store_is_lost_and_the_venue_gives_it_back() -> None:
    result = result_of(
        START,
        SUBMIT,
        'at = "2s", do = "node.crash"',
        'at = "3s", do = "store.lose"',
        'at = "4s", do = "node.start"',
        tables='[expect]\nby = "6s"\norders = { O-1 = "ACCEPTED by EXTERNAL" }',
    )

    assert result.passed, result.failures


def test_an_orderly_stop_is_told_apart_from_a_crash() -> None:
    stopped = result_of(
        START, 'at = "1s", do = "node.stop"', tables='[expect]\nby = "20s"\nnode = "STOPPED"\nexit_code = 0'
    )
    crashed = result_of(START, 'at = "1s", do = "node.crash"', tables='[expect]\nby = "2s"\nnode = "CRASHED"')

    assert stopped.passed, stopped.failures
    assert crashed.passed, crashed.failures


def test_node_settings_reach_the_node() -> None:
    given = '[given.venue]\norders = [{ order = "X-1", side = "BUY", quantity = "1.000", price = "2.00" }]\n'
    wanted = '[expect]\nby = "2s"\nmade = []'
    shown = result_of(START, tables=given + wanted)
    filtered = result_of(START, tables=f"[node]\nfilter_unclaimed_external_orders = true\n{given}{wanted}")

    assert shown.failure is not None
    assert shown.failure.startswith("made: wanted 0 orders, was 1")
    assert filtered.passed, filtered.failures


def test_given_states_of_the_node_are_loaded_as_after_a_restart() -> None:
    order = 'order = "O-1", side = "SELL", quantity = "2.000", price = "10.00", filled = "0.500"'
    order += ', status = "PARTIALLY_FILLED"'
    tables = f"""
[given.node]
orders = [{{ {order} }}]
[given.venue]
orders = [{{ {order} }}]
[expect]
by = "2s"
orders = {{ O-1 = "PARTIALLY_FILLED 0.500 @ 10.00 SELL" }}
position = {{ BTCUSDT = "SHORT 0.500 @ 10.00" }}
events = []
made = []
"""
    result = result_of(START, tables=tables)

    assert result.passed, result.failures


def test_given_states_that_contradict_themselves_are_the_failure() -> None:
    order = '{ order = "O-1", side = "BUY", quantity = "1.000", price = "1.00", filled = "2.000", status = "FILLED" }'
    result = result_of(START, tables=f"[given.node]\norders = [{order}]")

    assert result.failure is not None
    assert result.failure.startswith("$.given.node")


def test_a_crash_may_lose_what_the_buffer_held_and_nothing_else() -> None:
    steps = (START, SUBMIT, 'at = "1050ms", do = "node.crash"', 'at = "5s", do = "node.start"')
    buffered = result_of(*steps, tables="[node]\nbuffer_interval_ms = 100")
    late = result_of(*steps[:2], steps[2].replace("1050ms", "2s"), steps[3], tables="[node]\nbuffer_interval_ms = 100")

    assert buffered.passed, buffered.failures
    assert late.passed, late.failures
    assert "by EXTERNAL" in "\n".join(buffered.trace)
    assert "by EXTERNAL" not in "\n".join(late.trace)


ACCEPTED = (START, SUBMIT)
FAULTS = [
    'do = "wire.drop", report = "account"',
    'do = "wire.delay", report = "fill", by = "2s", jitter = "1s"',
    'do = "wire.duplicate", report = "fill", copies = 2, by = "1ms"',
    'do = "wire.reorder", report = "fill", count = 2',
    'do = "wire.reorder", window = "50ms"',
    'do = "wire.hold", report = "fill"',
    'do = "wire.time_out", request = "query.*"',
    'do = "wire.fail_query", request = "query.*", times = 3',
    'do = "wire.refuse", request = "cancel"',
    'do = "wire.throttle", request = "cancel", retry_after = "500ms"',
    'do = "wire.corrupt", answer = "query.orders"',
    'do = "wire.lie", answer = "query.orders", field = "avg_px", missing = true',
    'do = "wire.rearrange", how = "shuffle"',
    'do = "wire.rearrange", how = "double"',
    'do = "wire.partial_pages"',
    'do = "wire.ack_after_fill"',
    'do = "wire.partition", lasts = "2s"',
    'do = "wire.slow", factor = 20, lasts = "5s"',
    'do = "store.fail", times = 3',
    'do = "store.slow", by = "200ms", lasts = "2s"',
    'do = "clock.jump", by = "-1h"',
    'do = "clock.skew", by = "30s"',
]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_put_in_force_and_the_node_gets_over_it(fault: str) -> None:
    result = result_of(
        *ACCEPTED,
        f'at = "1500ms", {fault}',
        'at = "2s", do = "venue.trade", order = "O-1", quantity = "0.400"',
        'at = "2s", do = "venue.trade", order = "O-1", quantity = "0.600"',
        tables="[venue]\nrequest_timeout_secs = 1.0",
    )

    assert result.passed, result.failures


def test_a_slow_store_holds_the_node_up() -> None:
    slow = result_of(START, 'at = "500ms", do = "store.slow", by = "2s"', SUBMIT, tables='[expect]\nby = "20s"')

    assert slow.passed, slow.failures
    submitted = next(line for line in slow.trace if "request submit" in line)
    assert float(submitted.split()[0]) >= 3.0


def test_two_venues_are_reconciled_each_for_itself() -> None:
    tables = """
[given.venue]
orders = [
  { order = "A-1", side = "BUY", quantity = "1.000", price = "2.00" },
  { order = "B-1", side = "BUY", quantity = "1.000", price = "2.00", venue = "OTHER" },
]
[venues.OTHER]
account = "007"
[expect]
by = "2s"
orders = { A-1 = "ACCEPTED", B-1 = "ACCEPTED" }
"""
    result = result_of(START, tables=tables)

    assert result.passed, result.failures


def test_an_unknown_transport_is_refused_by_name() -> None:
    scenario = scenario_of(START)
    with pytest.raises(NotSupported, match="was 'carrier-pigeon'"):
        run(scenario, transport="carrier-pigeon")
    with pytest.raises(NotSupported, match="transport must be one of direct"):
        transports_for(scenario, "carrier-pigeon")


def test_a_scenario_runs_only_where_it_can() -> None:
    limited = load_text(f'title = "t"\nstory = "s"\ntransports = ["binance-spot"]\nsteps = [{{ {START} }}]')

    assert "direct" not in transports_for(limited)
    assert transports_for(scenario_of(START), "direct") == ["direct"]


def test_the_first_differing_line_is_named() -> None:
    assert first_difference(["a", "b"], ["a", "b"]) == ""
    assert first_difference(["a", "b"], ["a", "c"]) == "line 2: 'b' and 'c'"
    assert first_difference(["a"], ["a", "c"]) == "line 2: '(the trace ends)' and 'c'"
