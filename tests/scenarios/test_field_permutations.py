"""FIELD D8 on the whole node: acknowledgement, two fills and the end, in all 24 orders of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest

from scenarios.format import load_text
from scenarios.run import run

MESSAGES = ("ACK", "FILL1", "FILL2", "CLOSE")
SENT_S = {"ACK": 2, "FILL1": 3, "FILL2": 3, "CLOSE": 4}
MATCHED = {
    "ACK": 'report = "ack", times = 1',
    "FILL1": 'report = "fill", times = 1',
    "FILL2": 'report = "fill", times = 1, skip = 1',
    "CLOSE": 'report = "cancel", times = 1',
}


def scenario_text(arrival: tuple[str, ...]) -> str:
    """Return the scenario in which the messages arrive in that order, a second apart, from 6 s on."""
    delays = "\n".join(
        f'  {{ at = "1s", do = "wire.delay", {MATCHED[name]}, by = "{6 + index - SENT_S[name]}s" }},'
        for index, name in enumerate(arrival)
    )
    return f"""
title = "D8"
story = "Four messages, any order."
steps = [
  {{ at = "0s", do = "node.start" }},
  {{ at = "1s", do = "wire.drop", answer = "submit" }},
{delays}
  {{ at = "2s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00" }},
  {{ at = "3s", do = "venue.trade", order = "O-1", quantity = "0.200", trade = "T-1" }},
  {{ at = "3s", do = "venue.trade", order = "O-1", quantity = "0.300", price = "49990.00", trade = "T-2" }},
  {{ at = "4s", do = "venue.cancel", order = "O-1" }},
]

[node]
inflight_check_threshold_ms = 30000

[expect]
by       = "12s"
orders   = {{ O-1 = "CANCELED 0.500 @ 49994.00" }}
position = {{ BTCUSDT = "LONG 0.500 @ 49994.00" }}
made     = []
"""


@pytest.mark.parametrize("arrival", list(permutations(MESSAGES)), ids=" ".join)
def test_four_messages_end_alike_in_any_order(arrival: tuple[str, ...]) -> None:
    result = run(load_text(scenario_text(arrival)))

    assert result.failure is None
    fills = [line for line in result.event_lines if "OrderFilled" in line]
    assert len(fills) == 2
