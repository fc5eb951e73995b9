"""FIELD J8 on the whole node: what is bad for a long time is told, and not told every few seconds for ever."""

from __future__ import annotations

import pytest

from scenarios.format import load_text
from scenarios.run import run

LINES_MAX = 24
"""Warnings and errors in an hour. Told at each attempt there would be more than seven hundred."""

CONDITIONS = {
    "no question is answered": '{ at = "12s", do = "wire.fail_query", request = "query.*", lasts = "1h" }',
    "the venue is away": '{ at = "12s", do = "venue.restart", lasts = "1h" }',
    "questions are lost": '{ at = "12s", do = "wire.time_out", request = "query.*", lasts = "1h" }',
    "the order is in no list": '{ at = "12s", do = "wire.forget", answer = "query.orders", lasts = "1h" }',
    "the position differs": '{ at = "12s", do = "venue.set_position", quantity = "3.000", price = "50000.00" }',
    "the store is full": '{ at = "12s", do = "store.full", lasts = "1h" }',
    "the venue says pending": (
        '{ at = "12s", do = "wire.time_out", request = "cancel", side = "before" },'
        '{ at = "12s", do = "wire.lie", answer = "query.order*", field = "status", to = "PENDING_CANCEL" },'
        '{ at = "12s", do = "strategy.cancel", order = "O-1" }'
    ),
}


def scenario_text(steps: str) -> str:
    return f"""
title = "J8"
story = "A bad condition lasts for an hour."
converges = false
steps = [
  {{ at = "0s", do = "node.start" }},
  {{ at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00" }},
  {steps},
]
[node]
generate_missing_orders      = false
open_check_interval_secs     = 5
position_check_interval_secs = 5
[expect]
by = "1h"
"""


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_that_lasts_is_told_now_and_then(condition: str) -> None:
    result = run(load_text(scenario_text(CONDITIONS[condition])))
    told = [line for line in result.trace if "node log WARNING" in line or "node log ERROR" in line]
    alarms = [line for line in result.trace if "node alarm" in line]

    assert not result.failures
    assert told or condition == "the order is in no list"
    assert len(told) <= LINES_MAX, told[:10]
    assert len(alarms) <= LINES_MAX // 4, alarms[:10]
