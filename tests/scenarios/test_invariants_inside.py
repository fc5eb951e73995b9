"""A node that tells, lists or shows something else than it knows is caught, by the rule that is about it."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.adapters.event_maker import EventMaker
from nautilus_live.core import own_books
from nautilus_live.engine.alarms import Notices
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.commands import CommandRouter
from nautilus_live.engine.order_events import OrderEvents
from nautilus_live.engine.snapshots import Snapshots
from scenarios.drawn_play import play
from scenarios.format import load_text
from scenarios.generate import generate
from scenarios.generate.healing import needed_s
from scenarios.run import run

DAY = """
title = "t"
story = "s"
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1" },
  { at = "3s", do = "strategy.submit", order = "O-2", side = "SELL", quantity = "1.000", price = "50100.00" },
]
[node]
manage_own_order_books = true
snapshot_orders = true
snapshot_positions = true
"""


def first_failure() -> str:
    failures = run(load_text(DAY)).failures
    return failures[0] if failures else ""


def nothing(*_: Any, **__: Any) -> None:
    return None


def test_nothing_is_found_in_a_sound_run() -> None:
    result = run(load_text(DAY))

    assert result.failures == []
    assert {verdict.held for verdict in result.invariants_checked} == {True}


@pytest.mark.parametrize("name", ["_tell_position", "_tell_fill"])
def test_what_nobody_was_told_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrderEvents, name, nothing)

    assert first_failure().startswith("invariant 15 (what is known was told): ")


def test_a_birth_that_nobody_was_told_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    record = CommandRouter.record

    def silent(self: CommandRouter, *arguments: Any, **named: Any) -> Any:
        publish, self._msgbus.publish = self._msgbus.publish, nothing  # type: ignore[method-assign]  # the planted bug
        try:
            return record(self, *arguments, **named)
        finally:
            self._msgbus.publish = publish  # type: ignore[method-assign]  # as it was

    monkeypatch.setattr(CommandRouter, "record", silent)

    assert first_failure() == "invariant 15 (what is known was told): O-1: OrderInitialized was applied and not told"


def test_a_list_that_leaves_an_order_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cache, "orders_closed", lambda self, *_, **__: self.orders())

    assert first_failure() == "invariant 16 (lookups agree): orders closed: listed are 2, there are 0"


def test_an_own_book_without_an_order_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nautilus_live.engine.own_books.place", lambda book, order: book.remove(order.client_order_id))
    assert own_books.place is not None

    assert first_failure() == "invariant 17 (own books show the orders): O-1: works, and is in no own book"


def test_an_alarm_on_a_good_day_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    tell = OrderEvents._tell

    def alarmed(self: OrderEvents, event: Any) -> None:
        tell(self, event)
        notices: Notices = self._notices
        notices.alarm("fill.strange", "it is not what it was")

    monkeypatch.setattr(OrderEvents, "_tell", alarmed)

    assert first_failure() == ("invariant 18 (fair weather leaves no doubt): alarm fill.strange: it is not what it was")


def test_what_had_to_be_found_out_on_a_good_day_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventMaker, "generate_order_canceled", nothing)
    day = load_text(DAY.replace("\n]\n", '\n  { at = "5s", do = "venue.cancel", order = "O-2" },\n]\n'))
    day.node["open_check_interval_secs"] = 2.0

    assert run(day).failures[0] == "invariant 18 (fair weather leaves no doubt): OrderCanceled O-2 is from 3"


def test_a_day_on_which_the_venue_closes_positions_by_itself_is_no_good_day() -> None:
    day = load_text(
        """
        title = "t"
        story = "s"
        steps = [
          { at = "0s", do = "node.start" },
          { at = "1s", do = "venue.quote", bid = "50000.00", ask = "50001.00" },
          { at = "2s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "0.500" },
          { at = "3s", do = "venue.quote", bid = "46000.00", ask = "46001.00" },
        ]
        [venue]
        margin_calls = true
        balance = "2000"
        """
    )
    result = run(day)

    assert result.failures == []
    assert any("position.changed_by_venue" in line for line in result.trace), "it was told, as it should be"


def test_a_fill_that_waits_in_vain_for_an_order_that_is_known_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    tell = OrderEvents._tell

    def alarmed(self: OrderEvents, event: Any) -> None:
        tell(self, event)
        notices: Notices = self._notices
        if event.client_order_id.value == "O-2" and event.venue_order_id is not None:
            ids = {"instrument_id": event.instrument_id, "venue_order_id": event.venue_order_id}
            notices.alarm("fill.unclaimed", "V-2: T-9 waited", **ids)

    monkeypatch.setattr(OrderEvents, "_tell", alarmed)

    assert first_failure() == "invariant 2 (no fill forgotten): V-2: T-9 waited, and its order V-2 is known"


def test_a_snapshot_that_was_not_taken_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Snapshots, "_take", nothing)

    assert first_failure() == "invariant 19 (snapshots show what is): O-1: no snapshot was taken"


def test_a_quick_play_keeps_no_trace_and_comes_to_the_same_end() -> None:
    scenario = generate(1)
    whole, failures, trace = play(scenario, "direct")
    quick, quick_failures, no_trace = play(scenario, "direct", quick=True)

    assert (failures, quick_failures) == ([], [])
    assert trace
    assert no_trace == []
    assert quick.event_lines == whole.event_lines
    assert quick.virtual_s == pytest.approx(whole.virtual_s - 30.0 + min(30.0, needed_s(scenario)), abs=1.0)
