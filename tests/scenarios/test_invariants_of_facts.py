"""A node that counts, asks, keeps, forgets or lets go wrongly is caught, by the rule that is about it."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core import order_fills
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.emulation import Watchlist
from nautilus_live.core.inflight import InflightCheck
from nautilus_live.core.open_orders import OpenOrdersCheck
from nautilus_live.core.position_check import PositionCheck
from nautilus_live.engine import emulator, purging
from nautilus_live.engine.alarms import Notices
from nautilus_live.model.book import OrderBook
from scenarios.format import load_text
from scenarios.run import run

HEAD = 'title = "t"\nstory = "s"\n'
TRADED = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1" },
  { at = "3s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-2", price = "49900.00" },
]
"""
LOST = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "wire.drop", request = "submit", times = 1 },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
]
[node]
inflight_check_interval_ms = 1_000
inflight_check_threshold_ms = 1_000
inflight_check_retries = 2
"""
LEFT_OUT = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2800ms", do = "wire.forget", what = "open_orders", answer = "query.orders", lasts = "9s" },
  { at = "2900ms", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1" },
]
[node]
open_check_interval_secs = 1.0
open_check_threshold_ms = 2_000
reconciliation_startup_delay_secs = 0.1
open_check_missing_retries = 0
"""
MOVED = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2600ms", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1" },
  { at = "2700ms", do = "venue.set_position", quantity = "2.000", price = "50000.00" },
]
[node]
position_check_interval_secs = 1.0
position_check_threshold_ms = 3_000
reconciliation_startup_delay_secs = 0.1
"""
RESTED = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "strategy.cancel", order = "O-1" },
  { at = "3m30s", do = "strategy.submit", order = "O-2", side = "BUY", quantity = "2.000", price = "50000.00" },
]
[node]
purge_closed_orders_interval_mins = 1
purge_closed_orders_buffer_mins = 0
"""
HELD = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "venue.quote", bid = "50000.00", ask = "50001.00" },
  { at = "2s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", \
type = "STOP_MARKET", trigger = "50100.00", emulate = "BID_ASK" },
  { at = "3s", do = "venue.quote", bid = "50200.00", ask = "50201.00" },
]
"""
LINKED = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "venue.quote", bid = "50000.00", ask = "50001.00" },
  { at = "2s", do = "strategy.bracket", order = "O-1", side = "BUY", quantity = "1.000", \
price = "49900.00", stop = "49500.00", target = "50500.00", emulate = "BID_ASK" },
  { at = "4s", do = "venue.quote", bid = "50600.00", ask = "50601.00" },
  { at = "6s", do = "venue.quote", bid = "49800.00", ask = "49801.00" },
]
"""
SHOWN = """
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.subscribe", what = "book" },
  { at = "2s", do = "venue.book", bids = ["50000.00 x 1.000"], asks = ["50100.00 x 1.000"] },
  { at = "3s", do = "venue.book", bids = ["50010.00 x 2.000"], asks = ["50100.00 x 1.000"] },
]
"""


def nothing(*_: Any, **__: Any) -> None:
    return None


def no(*_: Any, **__: Any) -> bool:
    return False


def a_bad_count(order: Any, fill: Any) -> None:
    order.fills[fill.trade_id] = fill  # and its worth is not counted


def found_is_not_there(answered: Any) -> Any:
    def worse(self: Any, query: Any, outcome: Outcome) -> None:
        answered(self, query, Outcome.NOT_THERE)
        answered(self, query, Outcome.NOT_THERE)

    return worse


CASES = {
    "orders add up": (TRADED, order_fills, "count", a_bad_count),
    "asked before concluded": (LOST, InflightCheck, "answered", found_is_not_there(InflightCheck.answered)),
    "what we conclude is told": (LOST, Notices, "note", nothing),
    "news protect, of orders": (LEFT_OUT, OpenOrdersCheck, "_is_recent", no),
    "news protect, of positions": (MOVED, PositionCheck, "_is_recent", no),
    "memory keeps what works": (RESTED, purging, "orders_to_purge", lambda *_: []),
    "what is held is watched": (HELD, Watchlist, "observe", lambda *_: []),
    "a child waits for its parent": (LINKED, emulator, "is_waiting", no),
    "a book is the venue's": (SHOWN, OrderBook, "bids", lambda *_: []),
}


@pytest.mark.parametrize("rule", CASES)
def test_what_is_wrong_is_found_by_the_rule_about_it(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, owner, name, worse = CASES[rule]
    scenario = load_text(HEAD + text)
    assert run(scenario).failures == []

    monkeypatch.setattr(owner, name, worse)
    failures = run(scenario).failures

    assert any(f"({rule.partition(', of')[0]}): " in failure for failure in failures), failures[:3]
