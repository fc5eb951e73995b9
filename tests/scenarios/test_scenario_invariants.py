"""The net has no holes: a node or a venue with a planted bug is caught by the invariant that is about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.engine.cache_records import CacheRecords
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.order_events import OrderEvents
from nautilus_live.model.events import OrderAccepted, OrderFilled
from nautilus_live.model.objects import Price
from scenarios.format import load_text
from scenarios.invariants import EVENTUALLY
from scenarios.run import Result, run

HEAD = 'title = "t"\nstory = "s"\n'
TRADED = f"""{HEAD}
steps = [
  {{ at = "0s", do = "node.start" }},
  {{ at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" }},
  {{ at = "2s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1" }},
  {{ at = "3s", do = "strategy.submit", order = "O-2", side = "SELL", quantity = "1.000", price = "50100.00" }},
  {{ at = "4s", do = "venue.trade", order = "O-2", quantity = "1.000", trade = "T-2" }},
]
"""


def played(text: str = TRADED) -> Result:
    return run(load_text(text))


def numbers(result: Result) -> set[int]:
    """Return the numbers of the invariants that were found violated."""
    return {int(text.split()[1]) for text in result.failures if text.startswith("invariant ")}


def test_nothing_is_found_in_a_sound_run() -> None:
    result = played()

    assert result.passed, result.failures


def test_every_rule_that_can_wait_for_the_calm_is_checked_there() -> None:
    assert [invariant.number for invariant in EVENTUALLY] == [7, 8, 9, 9, 9, 10, 11, 12, 13]
    assert all(invariant.rule.endswith(".") for invariant in EVENTUALLY)


def test_an_event_published_twice_is_illegal(monkeypatch: pytest.MonkeyPatch) -> None:
    tell = OrderEvents._tell

    def tell_twice(self: OrderEvents, event: Any) -> None:
        tell(self, event)
        if isinstance(event, OrderFilled):
            tell(self, event)

    monkeypatch.setattr(OrderEvents, "_tell", tell_twice)

    assert 1 in numbers(played())


def test_an_event_about_nothing_is_illegal(monkeypatch: pytest.MonkeyPatch) -> None:
    tell = OrderEvents._tell

    def tell_of_a_stranger(self: OrderEvents, event: Any) -> None:
        tell(self, event)
        if isinstance(event, OrderAccepted):
            from msgspec.structs import replace

            tell(self, replace(event, client_order_id=type(event.client_order_id)("NOBODY")))

    monkeypatch.setattr(OrderEvents, "_tell", tell_of_a_stranger)

    assert 1 in numbers(played())


def test_a_fill_that_the_venue_does_not_have_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    process = ExecutionEngine.process

    def process_and_invent(self: ExecutionEngine, event: Any) -> None:
        process(self, event)
        if isinstance(event, OrderFilled) and event.trade_id.value == "T-1":
            from msgspec.structs import replace

            trade_id = type(event.trade_id)("INVENTED")
            process(self, replace(event, trade_id=trade_id, event_id="invented"))

    monkeypatch.setattr(ExecutionEngine, "process", process_and_invent)

    assert 2 in numbers(played())


def test_an_order_sent_twice_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox_venues.adapter import SandboxExecutionClient

    submit = SandboxExecutionClient._submit_order

    async def submit_twice(self: SandboxExecutionClient, command: Any) -> None:
        await submit(self, command)
        await submit(self, command)

    monkeypatch.setattr(SandboxExecutionClient, "_submit_order", submit_twice)

    assert 4 in numbers(played())


def test_what_was_told_and_not_stored_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    add = CacheRecords.add_order_event

    def forget_fills(self: CacheRecords, order: Any) -> None:
        if not isinstance(order.events[-1], OrderFilled):
            add(self, order)

    monkeypatch.setattr(CacheRecords, "add_order_event", forget_fills)

    assert {6, 12} & numbers(played())


def test_a_lost_report_that_nobody_recovers_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    process = ExecutionEngine.process

    def lose_fills(self: ExecutionEngine, event: Any) -> None:
        if not isinstance(event, OrderFilled):
            process(self, event)

    monkeypatch.setattr(ExecutionEngine, "process", lose_fills)

    assert {9, 11} <= numbers(played())


def test_a_wrong_price_shows_in_average_and_profit(monkeypatch: pytest.MonkeyPatch) -> None:
    process = ExecutionEngine.process

    def worsen(self: ExecutionEngine, event: Any) -> None:
        if isinstance(event, OrderFilled) and event.trade_id.value == "T-1":
            from msgspec.structs import replace

            event = replace(event, last_px=Price(event.last_px.value + Decimal(100), 2))
        process(self, event)

    monkeypatch.setattr(ExecutionEngine, "process", worsen)

    assert {9, 13} <= numbers(played())


def test_an_answer_that_never_comes_is_still_in_flight() -> None:
    # The in-flight check is switched off, so nobody ever asks.
    text = TRADED.replace(
        '{ at = "1s", do', '{ at = "500ms", do = "wire.time_out", request = "submit" },\n  { at = "1s", do'
    )
    text = text.split('  { at = "2s"')[0] + "]\n[node]\ninflight_check_interval_ms = 0\n"

    assert 10 in numbers(played(text))


def test_a_crooked_venue_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox_venues.registry import Registry

    move = Registry._move

    def skim(self: Registry, fill: Any, account: Any, direction: Decimal) -> None:
        move(self, fill, account, direction)
        holder = (account.holder, "USDT")
        self.ledger.holdings[holder] -= 1

    monkeypatch.setattr(Registry, "_move", skim)

    assert 7 in numbers(played())


def test_an_error_that_the_node_only_logs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox_venues.adapter import SandboxExecutionClient

    async def fail(self: SandboxExecutionClient, command: Any) -> None:
        raise ZeroDivisionError("a bug in an adapter")

    monkeypatch.setattr(SandboxExecutionClient, "_cancel_order", fail)
    text = TRADED.split('  { at = "2s"')[0] + '  { at = "2s", do = "strategy.cancel", order = "O-1" },\n]\n'
    result = played(text)

    assert any("ZeroDivisionError" in failure for failure in result.failures)


def test_a_scenario_may_say_that_it_does_not_converge() -> None:
    text = TRADED.split('  { at = "2s"')[0] + '  { at = "2s", do = "wire.drop", report = "fill" },\n'
    text += '  { at = "3s", do = "venue.trade", order = "O-1", quantity = "2.000", trade = "T-1" },\n]\n'

    assert {9, 11} <= numbers(played(text))
    assert played(text.replace("steps = [", "converges = false\nsteps = [")).passed
