"""Linked orders that the venue looks after, and orders of one account that are about to meet."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.model.enums import ContingencyType, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.messages import AmendOrder, CancelAll, CancelOrder, Done, PlaceOrders
from sandbox_venues.venue import AccountConfig, Venue, VenueConfig

SYMBOL = "BTCUSDT"
OCO, OTO, OUO = ContingencyType.OCO, ContingencyType.OTO, ContingencyType.OUO


def ids(*names: str) -> tuple[ClientOrderId, ...]:
    return tuple(ClientOrderId(name) for name in names)


def states(bench: Any, *names: str) -> list[str]:
    return [f"{bench.report(name).order_status} {bench.report(name).filled_qty}" for name in names]


def bracket(bench: Any, exits: ContingencyType = OUO, quantity: str = "1.000", entry: str | None = "100.00") -> Any:
    """An entry at 100 with a stop at 90 and a target at 110."""
    parent = ids("E")[0]
    orders = (
        bench.order("E", price=entry, quantity=quantity, contingency_type=OTO, linked_order_ids=ids("SL", "TP")),
        bench.order(
            "SL", side="SELL", price=None, order_type=OrderType.STOP_MARKET, trigger_price="90.00", quantity=quantity,
            contingency_type=exits, linked_order_ids=ids("TP"), parent_order_id=parent, reduce_only=True,
        ),
        bench.order(
            "TP", side="SELL", price="110.00", quantity=quantity, contingency_type=exits, linked_order_ids=ids("SL"),
            parent_order_id=parent, reduce_only=True,
        ),
    )  # fmt: skip
    return bench.handle(PlaceOrders(account_id=bench.account, orders=orders))


def pair(bench: Any, kind: ContingencyType) -> None:
    for name, price, mate in (("A", "110.00", "B"), ("B", "111.00", "A")):
        bench.place(name, side="SELL", price=price, contingency_type=kind, linked_order_ids=ids(mate))


def test_without_contingencies_linked_orders_are_plain_ones(floor):
    bench = floor(contingencies=False)
    bench.do("set_position", SYMBOL, "1", "100")
    bracket(bench)
    bench.do("add_liquidity", SYMBOL, "BUY", "110", "1")

    assert states(bench, "E", "SL", "TP") == ["ACCEPTED 0.000", "ACCEPTED 0.000", "FILLED 1.000"]


def test_children_wait_for_their_parent_and_then_end_each_other(floor):
    bench = floor(contingencies=True)
    answers = bracket(bench).answer.results
    assert [type(answer) for answer in answers] == [Done, Done, Done]
    bench.do("set_book", SYMBOL, bids=[("120", "1")], asks=[("121", "1")])
    bench.do("set_price", SYMBOL, last="80")
    assert states(bench, "SL", "TP") == ["ACCEPTED 0.000", "ACCEPTED 0.000"], "neither triggered nor matched"
    bench.do("set_book", SYMBOL, bids=[("99", "5")], asks=[("111", "5")])
    bench.do("set_price", SYMBOL, last="100")
    bench.do("trade", "E")
    bench.do("add_liquidity", SYMBOL, "BUY", "110", "1")

    assert states(bench, "E", "SL", "TP") == ["FILLED 1.000", "CANCELED 0.000", "FILLED 1.000"]
    assert bench.report("SL").cancel_reason == "OUO"


def test_a_bracket_around_an_order_that_fills_at_once_goes_to_work_at_once(floor):
    bench = floor(contingencies=True)
    bench.do("set_book", SYMBOL, bids=[("99", "5")], asks=[("101", "5")])
    bracket(bench, entry=None)
    bench.do("set_price", SYMBOL, last="90")

    assert states(bench, "E", "SL", "TP") == ["FILLED 1.000", "FILLED 1.000", "CANCELED 0.000"]


def test_children_end_with_a_parent_that_ends_unfilled(floor):
    bench = floor(contingencies=True)
    bracket(bench)
    bench.do("trade", "E", "0.4")
    handled = bench.handle(CancelOrder(account_id=bench.account, instrument_id=bench.order("X").instrument_id,
                                       client_order_id=ClientOrderId("E")))  # fmt: skip

    assert [m.what for m in handled.messages if hasattr(m, "what")] == ["cancel", "cancel", "cancel"]
    assert [bench.report(name).cancel_reason for name in ("SL", "TP")] == ["OTO", "OTO"]


def test_children_are_released_with_each_part_of_their_parent_where_the_profile_says_so(floor):
    bench = floor(contingencies=True, oto_release="partial")
    bench.do("set_price", SYMBOL, last="100")
    bracket(bench)
    bench.do("trade", "E", "0.4")
    assert [str(bench.report(n).quantity) for n in ("SL", "TP")] == ["0.400", "0.400"]
    bench.do("add_liquidity", SYMBOL, "BUY", "110", "0.1")
    assert [str(bench.report(n).quantity) for n in ("SL", "TP")] == ["0.300", "0.400"]
    bench.do("trade", "E", "0.6", "100")
    assert [str(bench.report(n).quantity) for n in ("SL", "TP")] == ["0.900", "1.000"]
    bench.do("set_book", SYMBOL, bids=[("89", "5")])
    bench.do("set_price", SYMBOL, last="89")

    assert states(bench, "E", "SL", "TP") == ["FILLED 1.000", "FILLED 0.900", "CANCELED 0.100"]
    assert bench.venue.positions()[0].signed_qty == 0


def test_a_child_of_nobody_is_refused(floor):
    bench = floor(contingencies=True)

    assert bench.place("C", parent_order_id=ids("X")[0]).answer.code == "UNKNOWN_PARENT"


@pytest.mark.parametrize(("rule", "expected"), [("cancel", "CANCELED 0.000"), ("keep", "ACCEPTED 0.000")])
def test_a_partial_fill_of_one_cancels_the_other_or_leaves_it(floor, rule, expected):
    bench = floor(contingencies=True, oco_on_partial=rule)
    pair(bench, OCO)
    bench.do("add_liquidity", SYMBOL, "BUY", "110", "0.4")
    assert states(bench, "A", "B") == ["PARTIALLY_FILLED 0.400", expected]
    bench.do("add_liquidity", SYMBOL, "BUY", "110", "0.6")

    assert states(bench, "A", "B") == ["FILLED 1.000", "CANCELED 0.000"]


def test_one_sweep_fills_only_one_of_two_orders_that_cancel_each_other(floor):
    bench = floor(contingencies=True)
    pair(bench, OCO)
    bench.do("add_liquidity", SYMBOL, "BUY", "120", "5")

    assert states(bench, "A", "B") == ["FILLED 1.000", "CANCELED 0.000"]


def test_an_order_whose_mate_is_over_already_ends_when_it_comes(floor):
    bench = floor(contingencies=True)
    bench.do("set_book", SYMBOL, bids=[("110", "5")])
    pair(bench, OCO)

    assert states(bench, "A", "B") == ["FILLED 1.000", "CANCELED 0.000"]


def test_a_cancel_of_one_cancels_the_other(floor):
    for kind in (OCO, OUO):
        bench = floor(contingencies=True)
        pair(bench, kind)
        bench.do("cancel", "B")
        assert bench.report("A").cancel_reason == kind.name


def test_cancel_all_answers_for_orders_that_ended_meanwhile(floor):
    bench = floor(contingencies=True)
    pair(bench, OCO)
    results = bench.handle(CancelAll(account_id=bench.account)).answer.results

    assert [getattr(r, "code", "") for r in results] == ["", "ORDER_CLOSED"]


def test_sizes_follow_fills_and_changes(floor):
    bench = floor(contingencies=True)
    pair(bench, OUO)
    bench.do("add_liquidity", SYMBOL, "BUY", "110", "0.4")
    assert str(bench.report("B").quantity) == "0.600"
    change = AmendOrder(
        account_id=bench.account, instrument_id=bench.order("X").instrument_id, client_order_id=ClientOrderId("A"),
        quantity=Quantity.from_str("1.200"),
    )  # fmt: skip
    bench.handle(change)

    assert [str(bench.report(n).quantity) for n in ("A", "B")] == ["1.200", "0.800"]


def test_a_held_order_can_be_canceled_and_locks_nothing(floor):
    bench = floor(contingencies=True, account_type="CASH")
    bench.place("E", price="100.00", contingency_type=OTO, linked_order_ids=ids("C"))
    bench.place("C", side="SELL", price="200.00", quantity="5000.000", parent_order_id=ids("E")[0])
    assert {b.currency.code: b.locked.value for b in bench.venue.balances()}["BTC"] == 0
    bench.do("trade", "E")

    assert bench.report("C").cancel_reason == "INSUFFICIENT_FUNDS"


# -- self-trade prevention


def self_trade(floor: Any, mode: str, newest: str = "1.000", **more: Any) -> Any:
    bench = floor(self_trade_prevention=mode, **more)
    bench.place("OLD", side="SELL", price="100.00")
    bench.do("add_liquidity", SYMBOL, "SELL", "100", "5")
    bench.place("NEW", price="100.00", quantity=newest)
    return bench


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("none", ["FILLED 1.000", "FILLED 1.000"]),
        ("cancel_newest", ["ACCEPTED 0.000", "EXPIRED 0.000"]),
        ("cancel_oldest", ["EXPIRED 0.000", "FILLED 1.000"]),
        ("cancel_both", ["EXPIRED 0.000", "EXPIRED 0.000"]),
        ("decrement", ["EXPIRED 0.000", "EXPIRED 0.000"]),
    ],
)
def test_orders_of_one_account_do_not_trade_with_each_other(floor, mode, expected):
    assert states(self_trade(floor, mode), "OLD", "NEW") == expected


@pytest.mark.parametrize(
    ("mode", "filled"), [("cancel_oldest", "1.000"), ("cancel_newest", "0.000"), ("decrement", "0.000")]
)
def test_all_or_nothing_is_nothing_if_an_own_order_stands_in_the_way(floor, mode, filled):
    bench = floor(self_trade_prevention=mode)
    bench.do("add_liquidity", SYMBOL, "SELL", "99", "0.6")
    bench.place("OLD", side="SELL", price="100.00")
    bench.do("add_liquidity", SYMBOL, "SELL", "101", "5")
    bench.place("NEW", price=None, time_in_force=TimeInForce.FOK)

    assert str(bench.report("NEW").filled_qty) == filled


def test_both_lose_what_would_have_traded(floor):
    bench = self_trade(floor, "decrement", newest="3.000", self_trade_ends="cancel")

    assert states(bench, "OLD", "NEW") == ["CANCELED 0.000", "FILLED 2.000"]
    assert bench.report("OLD").cancel_reason == "SELF_TRADE"
    assert all(str(fill.client_order_id) == "NEW" for fill in bench.venue.fills())


def test_two_accounts_do_trade():
    from sandbox_venues.instruments import instrument
    from sandbox_venues.profiles import profile

    accounts = (AccountConfig(id="S-1"), AccountConfig(id="S-2"))
    config = VenueConfig(profile=profile(self_trade_prevention="cancel_both"), accounts=accounts)
    venue = Venue(config, [instrument(SYMBOL)])
    venue.external_order(SYMBOL, "SELL", "1", "100", client_order_id="A", account="S-1", now_ns=1)
    venue.external_order(SYMBOL, "BUY", "1", "100", client_order_id="B", account="S-2", now_ns=2)

    assert [str(fill.client_order_id) for fill in venue.fills()] == ["B", "A"]


@pytest.mark.parametrize(("street", "expected"), [("1", "EXPIRED 0.000"), ("2", "FILLED 2.000")])
def test_fill_or_kill_does_not_count_what_it_may_not_trade_with(floor, street, expected):
    bench = floor(self_trade_prevention="cancel_oldest", immediate_remainder="expire")
    bench.place("OLD", side="SELL", price="100.00")
    bench.do("add_liquidity", SYMBOL, "SELL", "101", street)
    bench.place("NEW", price="101.00", quantity="2.000", time_in_force=TimeInForce.FOK)

    assert states(bench, "NEW") == [expected]


def test_fill_or_kill_that_reduces_only_counts_what_there_is_to_reduce(floor):
    bench = floor()
    bench.do("set_position", SYMBOL, "0.6", "100")
    bench.do("set_book", SYMBOL, bids=[("100", "5")])
    bench.place("F", side="SELL", price="100.00", reduce_only=True, time_in_force=TimeInForce.FOK)

    assert states(bench, "F") == ["CANCELED 0.000"]


def test_a_held_order_expires_in_its_time_and_a_changed_one_stays_held(floor):
    bench = floor(contingencies=True)
    bench.place("E", price="100.00", contingency_type=OTO, linked_order_ids=ids("C"))
    bench.place(
        "C", side="SELL", price="110.00", parent_order_id=ids("E")[0], time_in_force=TimeInForce.GTD,
        expire_time_ns=5_000,
    )  # fmt: skip
    change = AmendOrder(
        account_id=bench.account, instrument_id=bench.order("X").instrument_id, client_order_id=ClientOrderId("C"),
        price=Price.from_str("109.00"),
    )  # fmt: skip
    bench.handle(change)
    bench.do("add_liquidity", SYMBOL, "BUY", "109", "1")
    assert states(bench, "C") == ["ACCEPTED 0.000"]
    bench.venue.advance(5_000)

    assert states(bench, "C", "E") == ["EXPIRED 0.000", "ACCEPTED 0.000"]


def test_nothing_is_remembered_of_linked_orders_that_are_over(floor):
    bench = floor(contingencies=True)
    bench.do("set_book", SYMBOL, bids=[("99", "5")], asks=[("101", "5")])
    bracket(bench, entry=None)
    bench.do("set_price", SYMBOL, last="90")
    links = bench.venue._links

    assert (links._children, links._granted, links._touched) == ({}, {}, {})


def test_an_entry_that_waited_for_a_market_and_found_nothing_to_reduce_takes_its_children_with_it(floor):
    bench = floor(market_remainder="wait")
    bench.place(
        "E", side="SELL", price=None, order_type=OrderType.MARKET_IF_TOUCHED, trigger_price="96.00", reduce_only=True,
        contingency_type=OTO, linked_order_ids=ids("C"),
    )  # fmt: skip
    bench.place("C", price="90.00", parent_order_id=ids("E")[0])
    bench.do("set_price", SYMBOL, last="97")
    assert states(bench, "E", "C") == ["ACCEPTED 0.000", "ACCEPTED 0.000"]
    bench.do("add_liquidity", SYMBOL, "BUY", "95", "1")

    assert states(bench, "E", "C") == ["CANCELED 0.000", "CANCELED 0.000"]


def test_a_child_that_waits_for_its_parent_cannot_be_triggered_by_hand(floor):
    bench = floor()
    bracket(bench)
    with pytest.raises(ValueError, match="SL: only an order that works can be triggered"):
        bench.do("trigger", "SL")
