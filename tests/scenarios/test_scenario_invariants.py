"""The net has no holes: a node or a venue with a planted bug is caught by the invariant that is about it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from nautilus_live.core import order_lifecycle
from nautilus_live.engine.cache_records import CacheRecords
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.news import News
from nautilus_live.engine.order_events import OrderEvents
from nautilus_live.model.enums import Provenance
from nautilus_live.model.events import (
    AccountState,
    OrderAccepted,
    OrderFilled,
    OrderInitialized,
    OrderRejected,
    OrderSubmitted,
)
from nautilus_live.model.identifiers import ClientOrderId, TradeId
from nautilus_live.model.objects import Price, Quantity
from scenarios.format import load_text
from scenarios.invariants import ALWAYS, EVENTUALLY, SAME_SEED
from scenarios.library import find
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


def broken(result: Result) -> set[str]:
    """Return the names of the rules that were found violated."""
    names = {text.partition("(")[2].partition("):")[0] for text in result.failures if text.startswith("invariant ")}
    assert names == {verdict.name for verdict in result.invariants_checked if verdict.held is False}
    return names


def tell_also(monkeypatch: pytest.MonkeyPatch, made: Callable[[Any], Any]) -> None:
    """Plant a bug: after each event the node also publishes what `made` makes of it, unless that is None."""
    tell = OrderEvents._tell

    def tell_more(self: OrderEvents, event: Any) -> None:
        tell(self, event)
        more = made(event)
        if more is not None:
            tell(self, more)

    monkeypatch.setattr(OrderEvents, "_tell", tell_more)


def numbers(result: Result) -> set[int]:
    """Return the numbers of the invariants that were found violated."""
    return {int(text.split()[1]) for text in result.failures if text.startswith("invariant ")}


def test_nothing_is_found_in_a_sound_run() -> None:
    result = played()

    assert result.passed, result.failures


def test_every_rule_that_can_wait_for_the_calm_is_checked_there() -> None:
    once = [*range(11, 14), *range(15, 36), *range(37, 42)]
    assert [invariant.number for invariant in EVENTUALLY] == [2, 9, 9, 9, 10, 10, *once]
    assert all(invariant.rule.endswith(".") for invariant in (*ALWAYS, *EVENTUALLY, SAME_SEED))


def test_the_list_is_complete_and_no_two_rules_have_the_same_name() -> None:
    rules = [(rule.number, rule.name) for rule in (*ALWAYS, *EVENTUALLY, SAME_SEED)]

    assert {number for number, _ in rules} == set(range(1, 42))
    assert len({name for _, name in rules}) == len(rules)


def test_the_result_says_what_became_of_every_rule() -> None:
    verdicts = played().invariants_checked

    assert [(verdict.number, verdict.name) for verdict in verdicts] == [
        (rule.number, rule.name) for rule in (*ALWAYS, *EVENTUALLY)
    ]
    assert {verdict.held for verdict in verdicts} == {True}
    assert {verdict.exempt for verdict in verdicts} == {()}
    loose = played(TRADED.replace("steps = [", "converges = false\nsteps = [")).invariants_checked
    assert {str(verdict) for verdict in loose if verdict.number == 13} == {
        "(13) profit is what the fills give: not asked; left out: converges = false"
    }


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
            tell(self, replace(event, client_order_id=type(event.client_order_id)("NOBODY")))

    monkeypatch.setattr(OrderEvents, "_tell", tell_of_a_stranger)

    assert 1 in numbers(played())


def test_a_fill_that_the_venue_does_not_have_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    hear = ExecutionEngine._on_fill

    def hear_and_invent(self: ExecutionEngine, fill: OrderFilled) -> None:
        hear(self, fill)
        if fill.trade_id.value == "T-1":
            trade_id = type(fill.trade_id)("INVENTED")
            hear(self, replace(fill, trade_id=trade_id, event_id="invented"))

    monkeypatch.setattr(ExecutionEngine, "_on_fill", hear_and_invent)

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
    def lose_fills(self: ExecutionEngine, fill: OrderFilled) -> None:
        """Hear nothing."""

    monkeypatch.setattr(ExecutionEngine, "_on_fill", lose_fills)

    assert {9, 11} <= numbers(played())


def test_a_wrong_price_shows_in_average_and_profit(monkeypatch: pytest.MonkeyPatch) -> None:
    hear = ExecutionEngine._on_fill

    def worsen(self: ExecutionEngine, fill: OrderFilled) -> None:
        if fill.trade_id.value == "T-1":
            fill = replace(fill, last_px=Price(fill.last_px.value + Decimal(100), 2))
        hear(self, fill)

    monkeypatch.setattr(ExecutionEngine, "_on_fill", worsen)

    assert {9, 13} <= numbers(played())


def test_an_answer_that_never_comes_is_still_in_flight() -> None:
    # The in-flight check is switched off, so nobody ever asks.
    text = TRADED.replace(
        '{ at = "1s", do', '{ at = "500ms", do = "wire.time_out", request = "submit" },\n  { at = "1s", do'
    )
    text = text.split('  { at = "2s"')[0] + "]\n[node]\ninflight_check_interval_ms = 0\n"

    assert 10 in numbers(played(text))


def test_an_order_made_twice_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    tell_also(monkeypatch, lambda event: event if isinstance(event, OrderInitialized) else None)
    elsewhere = '{ at = "1s", do = "venue.external_order", side = "BUY", quantity = "1.000", price = "2.00" }'

    assert "no order twice" in broken(played(f"{HEAD}\nsteps = [{{ at = '0s', do = 'node.start' }}, {elsewhere}]"))


def test_a_trade_applied_to_two_orders_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ClientOrderId("O-2")
    held: list[Any] = []
    tell = OrderEvents._tell

    def mistake_one_for_the_other(self: OrderEvents, event: Any) -> None:
        if isinstance(event, OrderFilled):
            held.append(event)
        if isinstance(event, OrderAccepted) and event.client_order_id == other:
            tell(self, replace(event, venue_order_id=held[0].venue_order_id))
            tell(self, replace(held[0], client_order_id=other, event_id="x"))
        else:
            tell(self, event)

    monkeypatch.setattr(OrderEvents, "_tell", mistake_one_for_the_other)

    assert "no fill twice" in broken(played(TRADED.replace("SELL", "BUY"))), played().failures


def test_a_conclusion_from_silence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(event: Any) -> Any:
        if not isinstance(event, OrderSubmitted):
            return None
        given = {name: getattr(event, name) for name in event.__struct_fields__ if name != "provenance"}
        return OrderRejected(**given, reason="INFLIGHT_TIMEOUT", provenance=Provenance.POLICY)

    tell_also(monkeypatch, give_up)

    assert "unknown changes nothing" in broken(played())


def test_more_filled_than_ordered_is_noticed_if_the_venue_has_less(monkeypatch: pytest.MonkeyPatch) -> None:
    apply = order_lifecycle.apply
    # Two bugs: the lifecycle takes everything, and a trade is read as one of ten times its size.
    def apply_anything(order: Any, event: Any, allow_overfills: bool = False) -> None:
        apply(order, event, allow_overfills=True)

    monkeypatch.setattr(order_lifecycle, "apply", apply_anything)

    def inflate(event: Any) -> Any:
        if isinstance(event, OrderFilled) and event.trade_id.value == "T-1":
            return replace(event, last_qty=Quantity(10, 3), trade_id=TradeId("T-X"), event_id="x")
        return None

    tell_also(monkeypatch, inflate)

    assert {"never more than ordered", "no fill invented"} <= broken(played())


def test_an_overfill_that_the_venue_made_is_not_the_nodes_fault() -> None:
    text = TRADED.replace('quantity = "1.000", trade = "T-1"', 'quantity = "3.000", trade = "T-1"')
    result = played(text + "[node]\nallow_overfills = true\n")

    assert result.passed, result.failures


def test_a_filled_quantity_that_falls_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TRADED[: TRADED.rindex("]")] + '  { at = "5s", do = "venue.bust", trade = "T-2" },\n]\n'
    assert played(text).passed
    # The venue takes a trade back, which is an excuse; now there is none.
    monkeypatch.setattr("scenarios.watch._may_shrink", lambda event: False)

    assert "filled never falls" in broken(played(text))


def test_a_closed_order_that_opens_without_the_venues_word_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = find(containing="runtime/open_orders_check_given_up_too_early.toml")
    assert run(file.scenario).passed
    # The same words, were they not the venue's.
    monkeypatch.setattr("scenarios.watch.is_venue_word", lambda provenance: False)

    assert broken(run(file.scenario)) == {"closed stays closed"}


def test_a_wrong_balance_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    take = News.account_state

    def take_the_first_only(self: News, state: AccountState) -> None:
        if self._cache.account(state.account_id) is None:
            take(self, state)

    monkeypatch.setattr(News, "account_state", take_the_first_only)

    assert broken(played()) == {"balances equal the venue's"}


def test_a_position_that_differs_is_noticed() -> None:
    # Nobody asks for positions, and the venue says nothing when one is set.
    text = TRADED[: TRADED.rindex("]")] + '  { at = "5s", do = "venue.set_position", quantity = "7.000" },\n]\n'

    assert "positions equal the venue's" in broken(played(text))


def test_a_commission_that_is_not_counted_shows_in_the_profit(monkeypatch: pytest.MonkeyPatch) -> None:
    hear = ExecutionEngine._on_fill

    def forget_commission(self: ExecutionEngine, fill: OrderFilled) -> None:
        hear(self, replace(fill, commission=None))

    monkeypatch.setattr(ExecutionEngine, "_on_fill", forget_commission)

    assert "profit is what the fills give" in broken(played())


def test_profit_is_counted_over_several_positions_too() -> None:
    hedged = """title = "t"
story = "s"
steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "2.000", price = "50000.00" },
  { at = "2s", do = "venue.trade", order = "O-1", quantity = "2.000" },
  { at = "3s", do = "strategy.submit", order = "O-2", strategy = "B-2", side = "SELL", quantity = "3", price = "5" },
  { at = "4s", do = "venue.trade", order = "O-2", quantity = "3.000" },
]
[strategies.B-2]
"""
    result = played(hedged)
    verdict = next(verdict for verdict in result.invariants_checked if verdict.number == 13)

    assert result.passed, result.failures
    assert (verdict.held, verdict.exempt) == (True, ())


def test_a_store_that_differs_is_noticed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from nautilus_live.engine.cache import Cache

    load = Cache.load

    def load_less(self: Cache) -> None:
        load(self)
        for order in self.orders():
            order.fills.clear()

    monkeypatch.setattr(Cache, "load", load_less)

    assert "a restart gives the same state" in broken(played())


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


UNDONE = f"""{HEAD}
steps = [
  {{ at = "0s", do = "node.start" }},
  {{ at = "1s", do = "strategy.submit", order = "O-1", side = "SELL", quantity = "0.500", price = "50100.00" }},
  {{ at = "2s", do = "venue.trade", order = "O-1", quantity = "0.500" }},
  {{ at = "3s", do = "strategy.submit", order = "O-2", side = "BUY", quantity = "1.000", price = "50000.00" }},
  {{ at = "4s", do = "venue.trade", order = "O-2", quantity = "1.000", trade = "F-2" }},
  {{ at = "5s", do = "venue.bust", trade = "F-2" }},
]
"""


def test_a_flip_that_was_taken_back_leaves_the_profit_right_and_its_division_into_cycles_open() -> None:
    """Found by the campaign at seed 17177."""
    result = played(UNDONE)
    left_out = [text for verdict in result.invariants_checked for text in verdict.exempt]

    assert result.failures == []
    assert any("undone, at its own price" in text for text in left_out)


REFUSED_HERE = f"""{HEAD}
steps = [
  {{ at = "0s", do = "node.start" }},
  {{ at = "100ms", do = "wire.time_out", side = "before" }},
  {{ at = "100ms", do = "strategy.submit", order = "O-1", side = "SELL", quantity = "2.000" }},
  {{ at = "100ms", do = "wire.disconnect", lasts = "5s" }},
  {{ at = "2s100ms", do = "strategy.modify", order = "O-1", quantity = "1.000" }},
]
[node]
reconciliation_startup_delay_secs = 0.5
inflight_check_interval_ms = 2000
inflight_check_threshold_ms = 300
inflight_check_retries = 1
"""


def test_a_command_that_never_left_makes_no_earlier_answer_worthless() -> None:
    """Found by the campaign at seed 21468."""
    result = played(REFUSED_HERE)

    assert result.failures == []
    assert "OrderRejected O-1 (INFLIGHT_TIMEOUT) from policy" in result.event_lines


PAUSED = f"""{HEAD}
steps = [
  {{ at = "0s", do = "node.start" }},
  {{ at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00" }},
  {{ at = "1s", do = "node.pause" }},
  {{ at = "4s", do = "node.resume" }},
  {{ at = "4s", do = "node.crash" }},
  {{ at = "5s", do = "node.start" }},
]
[node]
buffer_interval_ms = 20
"""


def test_a_process_that_stands_still_empties_no_buffer() -> None:
    """Found by the campaign at seed 15789."""
    assert played(PAUSED).failures == []


def test_what_a_dead_node_stored_is_looked_up_behind_a_broken_connection() -> None:
    """Found by the campaign at seed 11564."""
    cut = '{ at = "2s", do = "store.disconnect", lasts = "1s" },\n  { at = "2s1ms", do = "node.crash" },\n'
    text = PAUSED.partition('  { at = "1s", do = "node.pause"')[0] + cut + '{ at = "5s", do = "node.start" }]\n'
    result = played(text)

    assert result.failures == []
    assert result.event_lines == ["OrderSubmitted O-1", "OrderAccepted O-1"]
