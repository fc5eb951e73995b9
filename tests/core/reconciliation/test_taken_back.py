"""Trades that the venue's record no longer has, orders known by their trades only, and namesakes."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.reconciliation import Policy, reconcile_reports
from nautilus_live.core.reconciliation.clocks import LAG_NS
from nautilus_live.core.reconciliation.taken_back import is_lower
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.events import OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import ClientOrderId, TradeId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport
from tests.core.conftest import apply, make_event, make_placeholder
from tests.core.reconciliation.settling import (
    PAIR,
    Settled,
    believing,
    cached,
    expect,
    fill,
    held,
    reported,
    settle,
    traded,
    units,
)

VOIDED = "WARNING! fill.voided"
REGRESSED = "WARNING! order.filled_quantity_regressed"


def two_trades() -> Order:
    """Return O-1 with T-1 of 30 and T-2 of 20."""
    return fill(fill(cached(), 30, trade="T-1"), 20, "1.10000", trade="T-2")


def settle_two(filled: int, *fills: Any, status: str = "PARTIALLY_FILLED", **fields: Any) -> Settled:
    return settle(believing(two_trades()), [reported(status, filled, **fields)], fills)


def loud(settled: Settled) -> list[str]:
    return [note for note in settled.notes if not note.startswith("DEBUG")]


# -- taken back --------------------------------------------------------------------------------------------------------


def test_what_is_missing_from_a_record_that_adds_up_was_taken_back() -> None:
    settled = settle_two(20, traded("T-2", 20, "1.10000"))

    assert settled.events == ["FillVoided O-1/V-1 T-1 at 200"]
    assert settled.orders == {"O-1": "PARTIALLY_FILLED 20/100 @ 1.00000 avg 1.1 V-1"}
    assert (loud(settled), settled.verdict) == ([VOIDED], "ok")
    assert settled.belief.net(PAIR) == 20
    assert [str(note.trade_id) for note in settled.plan.notes if note.alarm] == ["T-1"]
    assert settled.text("fill.voided") == "the venue's record has trade T-1 no longer, 30 @ 1.00000; taken back"


def test_the_position_is_compared_with_what_is_left() -> None:
    settled = settle(
        believing(two_trades()),
        [reported("PARTIALLY_FILLED", 20)],
        [traded("T-2", 20, "1.10000")],
        [held("20", "1.10000")],
    )

    assert settled.events == ["FillVoided O-1/V-1 T-1 at 200"]
    assert settled.belief.net(PAIR) == 20


def test_a_trade_of_another_size_is_corrected() -> None:
    settled = settle_two(40, traded("T-1", 20, "0.90000"), traded("T-2", 20, "1.10000"))

    assert settled.events == ["Filled O-1/V-1 20 @ 0.90000 T-1 TAKER corrects T-1 at 150"]
    assert loud(settled) == ["WARNING! fill.corrected"]
    assert (settled.order().filled_qty, settled.belief.net(PAIR)) == (units(40), 40)
    assert [str(note.trade_id) for note in settled.plan.notes if note.alarm] == ["T-1"]
    assert settled.text("fill.corrected") == "trade T-1 was 30 @ 1.00000; the venue's record has 20"


def test_a_trade_of_the_same_size_under_another_id_stands_in_the_place_of_ours() -> None:
    settled = settle_two(50, traded("T-1.02", 30, "0.90000", ts=199), traded("T-2", 20, "1.10000"))

    assert [event.split()[0] for event in settled.events] == ["FillVoided", "Filled"]
    assert (settled.order().filled_qty, settled.belief.net(PAIR)) == (units(50), 50)
    assert sorted(str(trade) for trade in settled.order().fills) == ["T-1.02", "T-2"]


def test_trades_that_are_new_and_add_up_with_ours_take_nothing_back() -> None:
    settled = settle_two(60, traded("T-1", 30), traded("T-2", 20, "1.10000"), traded("T-3", 10, ts=199))

    assert settled.events == ["Filled O-1/V-1 10 @ 1.00000 T-3 TAKER at 199"]


def test_a_trade_in_another_size_that_the_newer_total_proves_is_corrected() -> None:
    settled = settle_two(60, traded("T-1", 40), traded("T-2", 20, "1.10000"), avg_px="1.0")

    assert [event.split()[0] for event in settled.events] == ["Filled"]
    assert settled.order().fills[TradeId("T-1")].last_qty == units(40)
    assert "WARNING! fill.corrected" in settled.notes


@pytest.mark.parametrize(
    ("total", "first"),
    [
        (60, traded("T-1", 35)),  # does not add up: what the total has more is a guess until the venue says otherwise
        (50, traded("T-1", 30, "1.20000")),  # another price only
    ],
)
def test_of_trades_that_differ_without_such_proof_ours_are_kept(total: int, first: FillReport) -> None:
    """The guide's rule for different fill data."""
    settled = settle_two(total, first, traded("T-2", 20, "1.10000"), avg_px="1.0")

    assert "WARNING fill.differs" in settled.notes
    assert settled.order().fills[TradeId("T-1")].last_qty == units(30)
    assert settled.order().fills[TradeId("T-1")].last_px.value == 1


def test_a_trade_in_another_size_takes_the_guess_of_it_along() -> None:
    order = fill(cached(), 30, trade="T-1")
    apply(order, make_placeholder(order, "20", "1.10000", last_qty=units(20)))

    settled = settle(believing(order), [reported("PARTIALLY_FILLED", 50)], [traded("T-1", 50)])

    assert [str(trade) for trade in settled.order().fills] == ["T-1"]
    assert settled.order().filled_qty == 50


def test_a_placeholder_is_replaced_and_not_taken_back() -> None:
    order = fill(cached(), 30, trade="T-1")
    apply(order, make_placeholder(order, "20", "1.10000", last_qty=units(20)))

    settled = settle(
        believing(order), [reported("PARTIALLY_FILLED", 50)], [traded("T-1", 30), traded("T-2", 20, "1.10000", ts=1)]
    )

    assert [event for event in settled.plan.events if isinstance(event, OrderFillVoided)] == []
    assert [str(trade) for trade in settled.order().fills] == ["T-1", "T-2"]


def test_an_order_that_the_venue_closed_with_nothing_has_no_trades() -> None:
    settled = settle_two(0, status="CANCELED")

    assert settled.events == [
        "FillVoided O-1/V-1 T-1 at 200",
        "FillVoided O-1/V-1 T-2 at 200",
        "Canceled O-1/V-1 at 200",
    ]
    assert (settled.order().status, settled.belief.net(PAIR)) == (OrderStatus.CANCELED, 0)


@pytest.mark.parametrize(
    "record",
    [
        {"filled": 20},
        {"filled": 20, "fills": [traded("T-1", 30)]},
        {"filled": 20, "fills": [traded("T-2", 20, "1.10000"), traded("T-3", 5)]},
        {"filled": 20, "fills": [traded("T-2", 20, "1.10000", order_side=OrderSide.SELL)]},
        {"filled": 0},
    ],
    ids=["no trades", "others", "too many", "the other side", "nothing of a working order"],
)
def test_a_record_that_does_not_add_up_proves_nothing(record: dict[str, Any]) -> None:
    settled = settle(
        believing(two_trades()),
        [reported("PARTIALLY_FILLED" if record["filled"] else "ACCEPTED", record["filled"])],
        record.get("fills", []),
    )

    assert [event for event in settled.plan.events if isinstance(event, OrderFillVoided)] == []
    assert settled.order().filled_qty.value >= 50
    assert REGRESSED in settled.notes


def test_a_report_that_is_not_newer_than_all_we_know_proves_nothing() -> None:
    order = two_trades()
    same_time = reported("PARTIALLY_FILLED", 20, ts_last=order.ts_last)

    settled = settle(believing(order), [same_time], [traded("T-2", 20, "1.10000")])

    assert (settled.events, settled.notes) == ([], ["DEBUG fill.differs", REGRESSED])
    assert is_lower(order, reported("PARTIALLY_FILLED", 20, ts_last=order.ts_last + 1))
    assert is_lower(order, same_time)
    assert not is_lower(order, reported("PARTIALLY_FILLED", 20, ts_last=order.ts_last - 1))
    assert not is_lower(order, reported("PARTIALLY_FILLED", 50, ts_last=order.ts_last + 1))


@pytest.mark.parametrize(
    ("age_ns", "later_ns", "filled", "trades", "taken_back"),
    [
        (LAG_NS, 0, 20, [traded("T-2", 20, "1.10000")], True),
        (LAG_NS - 1, 0, 20, [traded("T-2", 20, "1.10000")], False),
        (LAG_NS, -1, 20, [traded("T-2", 20, "1.10000")], False),
        (LAG_NS, 0, 0, [], False),
        (LAG_NS, 0, 20, [], False),
    ],
    ids=["old enough for every list", "a list may lag so far", "an older report", "nothing at all", "no trades shown"],
)
def test_a_report_of_the_last_words_time_proves_it_where_no_list_lags_so_far(
    age_ns: int, later_ns: int, filled: int, trades: list[FillReport], taken_back: bool
) -> None:
    """A venue that busts a trade and leaves the order's time as it was."""
    order = two_trades()
    report = reported("PARTIALLY_FILLED" if filled else "CANCELED", filled, ts_last=order.ts_last + later_ns)
    heard_ns = order.fills[TradeId("T-1")].ts_init
    account, policy = report.account_id, Policy(trader_id=order.trader_id)

    plan = reconcile_reports(believing(order), account, [report], trades, policy, heard_ns + age_ns)

    voided = [str(event.trade_id) for event in plan.events if isinstance(event, OrderFillVoided)]
    assert voided == (["T-1"] if taken_back else [])
    assert bool(plan.quarantined) is (not taken_back and later_ns == 0)


def test_a_trade_that_was_taken_back_does_not_come_back_by_an_old_list() -> None:
    order = two_trades()
    apply(order, make_event(OrderFillVoided, order, trade_id=TradeId("T-1"), ts=199))

    settled = settle(believing(order), [reported("PARTIALLY_FILLED", 20)], [traded("T-1", 30), traded("T-2", 20)])

    assert settled.events == []
    assert "INFO fill.voided_before" in settled.notes
    assert settled.plan.fills_skipped == 1


@pytest.mark.parametrize(("ts", "filled", "counted"), [(199, 50, True), (199, 51, False), (201, 50, False)])
def test_a_total_counts_a_trade_that_was_taken_back_after_its_report(ts: int, filled: int, counted: bool) -> None:
    order = apply(two_trades(), make_event(OrderFillVoided, two_trades(), trade_id=TradeId("T-1"), ts=200))

    settled = settle(believing(order), [reported("PARTIALLY_FILLED", filled, ts_last=ts)], [])

    assert [type(event) for event in settled.plan.events] == ([] if counted else [OrderFilled])
    assert ("WARNING order.report_outdated" in settled.notes) is counted


@pytest.mark.parametrize(("later_ns", "trade", "believed"), [(1, None, True), (0, None, False), (1, "T-1", False)])
def test_what_totals_implied_gives_way_to_a_newer_total(later_ns: int, trade: str | None, believed: bool) -> None:
    """A venue that shows no trades corrects one; a trade that was shown is no guess."""
    order = cached() if trade is None else fill(cached(), 10, trade=trade)
    inferred = {"trade": "INFERRED-1", "last_qty": units(20), "currency": PAIR.quote_currency}
    apply(order, make_placeholder(order, "20", "1.10000", **inferred))
    report = reported("PARTIALLY_FILLED", 5, ts_last=order.ts_last + later_ns, avg_px="1.2")

    settled = settle(believing(order), [report], [])

    assert (settled.order().filled_qty.value == 5) is believed
    assert (REGRESSED in settled.notes) is not believed


def test_what_was_inferred_before_the_reports_time_is_settled_at_once() -> None:
    """Its trade was corrected before we heard of it: the correction is all that the record has."""
    order = apply(cached(), make_placeholder(cached(), "30", "1.00000", last_qty=units(30), ts=100))
    fill(order, 30, trade="T-2")
    report = reported("PARTIALLY_FILLED", 30, ts_last=order.ts_last)

    settled = settle(believing(order), [report], [traded("T-2", 30)])

    assert [str(trade) for trade in settled.order().fills] == ["T-2"]


# -- known by its trades only ------------------------------------------------------------------------------------------


def known_by_trades() -> Settled:
    first = settle(None, [], [traded("T-1", 30, client_order_id="HAND-1")])
    assert first.orders == {"HAND-1": "FILLED 30/30 avg 1 V-1"}
    return first


def test_an_order_known_by_its_trades_only_works_on_when_the_venue_lists_it() -> None:
    belief = known_by_trades().belief

    report = reported("PARTIALLY_FILLED", 30, client_order_id="HAND-1")
    settled = settle(belief, [report], [traded("T-1", 30, client_order_id="HAND-1")])

    expect(
        settled,
        ["Updated HAND-1/V-1 to 100 at 200", "Accepted HAND-1/V-1 at 200"],
        {"HAND-1": "PARTIALLY_FILLED 30/100 avg 1 V-1"},
        ["INFO order.works_on"],
    )
    assert settled.text("order.works_on") == "taken for full with 30; it works at the venue, with 70 left"


def test_such_an_order_grows_by_its_further_trades_first() -> None:
    belief = known_by_trades().belief
    both = [traded(trade, 30, client_order_id="HAND-1") for trade in ("T-1", "T-2")]

    settled = settle(belief, [reported("PARTIALLY_FILLED", 60, client_order_id="HAND-1")], both)

    assert settled.orders == {"HAND-1": "PARTIALLY_FILLED 60/100 avg 1 V-1"}
    assert settled.belief.net(PAIR) == 60


@pytest.mark.parametrize("status", ["FILLED", "CANCELED"])
def test_such_an_order_stays_full_when_the_venue_is_done_with_it(status: str) -> None:
    belief = known_by_trades().belief

    settled = settle(belief, [reported(status, 30, client_order_id="HAND-1")])

    assert (settled.events, settled.orders) == ([], {"HAND-1": "FILLED 30/30 avg 1 V-1"})


def test_an_order_that_is_known_under_another_id_already_is_not_counted_twice() -> None:
    """FIELD C15: made for a stranger before its name was known."""
    strangers = settle(None, [reported("PARTIALLY_FILLED", 40, client_order_id=None)], [traded("T-1", 40)]).belief
    strangers.add(cached("SUBMITTED"))

    settled = settle(strangers, [reported("PARTIALLY_FILLED", 40)], [traded("T-1", 40)], runtime=True)

    assert settled.notes == ["WARNING! order.was_ours"]
    assert settled.belief.net(PAIR) == settled.order().filled_qty.value == 40


# -- namesakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["SUBMITTED", "ACCEPTED"])
def test_an_order_of_the_other_side_is_not_ours_whatever_its_name(status: str) -> None:
    """FIELD C9."""
    settled = settle(
        believing(cached(status)),
        [reported("FILLED", 100, order_side=OrderSide.SELL, venue_order_id="V-9")],
        [traded("T-1", 100, order_side=OrderSide.SELL, venue_order_id="V-9")],
    )

    assert settled.events == []
    assert settled.order().status.name == status
    assert settled.notes == ["WARNING! order.another_of_that_name"]
    assert settled.plan.quarantined.keys() == {ClientOrderId("O-1")}
    assert settled.plan.fills_skipped == 1
