"""A node that asks too early, too much or not at all, or tells nobody, is caught, by the rule that is about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.core import position_keeping
from nautilus_live.engine.alarms import Notices
from nautilus_live.engine.holds import Holds
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.engine.position_monitor import PositionMonitor
from nautilus_live.engine.positions import PositionKeeper
from nautilus_live.engine.reconnect import Look
from scenarios.format import load_text
from scenarios.run import run

HEAD = 'title = "t"\nstory = "s"\n'
LOST = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "wire.disconnect", lasts = "2s" },
  { at = "3s", do = "strategy.submit", order = "O-2", side = "BUY", quantity = "1.000", price = "49000.00" },
  { at = "12s", do = "strategy.submit", order = "O-3", side = "BUY", quantity = "1.000", price = "48000.00" },
]
"""
CLOSED = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "venue.trade", order = "O-1", quantity = "2.000", trade = "T-1" },
  { at = "3s", do = "venue.external_order", order = "X-1", side = "SELL", quantity = "1.000", price = "50000.00" },
  { at = "4s", do = "venue.trade", order = "X-1", quantity = "1.000", trade = "T-2" },
]
"""
SHARED = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "venue.trade", order = "O-1", quantity = "2.000", trade = "T-1" },
{ at = "3s", do = "strategy.submit", order = "O-2", strategy = "S-002", side = "BUY", quantity = "1", price = "50000" },
  { at = "4s", do = "venue.trade", order = "O-2", quantity = "1.000", trade = "T-2" },
]
[strategies.S-002]
"""


def first_failure(text: str) -> str:
    failures = run(load_text(HEAD + text)).failures
    return failures[0] if failures else ""


def nothing(*_: Any, **__: Any) -> None:
    return None


def all_at_one(original: Callable[..., Any]) -> Callable[..., Any]:
    def named(self: Any, order: Any, fill: Any, account_id: Any) -> Any:
        first = next(iter(self._cache.positions()), None)
        return original(self, order, fill, account_id) if first is None else first.id

    return named


def asks_from_now_on(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, client, start_ns: original(self, client, self._clock.timestamp_ns())


def without_signs(self: Any, instrument_id: Any, account_id: Any = None) -> Any:
    return sum(one.quantity.value + 1 for one in self._cache.positions_open(instrument_id=instrument_id))


CASES = (
    (LOST, Holds, "hold", lambda _: nothing, "invariant 36 (who is not heard is sent nothing)"),
    (LOST, Holds, "release", lambda _: lambda *_: False, "invariant 37 (gaps end and are told)"),
    (LOST, Look, "_ask", asks_from_now_on, "invariant 5 (asked before concluded)"),
    (CLOSED, Notices, "_publish", lambda _: nothing, "invariant 38 (surprises are told)"),
    (CLOSED, position_keeping, "_pay", lambda _: nothing, "invariant 13 (profit is what the fills give)"),
    (CLOSED, Portfolio, "net_position", lambda _: without_signs, "invariant 40 (the portfolio adds up)"),
    (SHARED, PositionKeeper, "position_id", all_at_one, "invariant 41 (to everybody his own)"),
)


@pytest.mark.parametrize(("text", "owner", "name", "worse", "rule"), CASES)
def test_what_is_broken_is_found_by_its_rule(
    text: str,
    owner: Any,
    name: str,
    worse: Callable[[Any], Any],
    rule: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert first_failure(text) == ""

    monkeypatch.setattr(owner, name, worse(getattr(owner, name)))

    assert first_failure(text).startswith(rule)


def test_positions_are_not_looked_into_while_an_order_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
    steps = [
      { at = "0s", do = "node.start" },
      { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
      { at = "2s", do = "venue.set_position", quantity = "1.000", price = "50000.00" },
      { at = "2s", do = "wire.drop", request = "cancel", times = 1 },
      { at = "2s", do = "strategy.cancel", order = "O-1" },
    ]
    [node]
    position_check_interval_secs = 1.0
    position_check_threshold_ms = 100
    reconciliation_startup_delay_secs = 0.1
    """
    assert first_failure(text) == ""

    monkeypatch.setattr(PositionMonitor, "_busy", lambda self: [])

    assert first_failure(text).startswith("invariant 5 (news protect)")
