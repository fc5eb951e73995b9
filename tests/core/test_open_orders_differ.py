"""The open-order check: what it asks for, and orders that the venue has otherwise; numbers are rows of BEHAVIOUR.md."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.core.open_orders import Findings, OpenOrdersCheck
from nautilus_live.model.enums import OrderStatus, OrderType
from nautilus_live.model.events import OrderAccepted, OrderUpdated
from nautilus_live.model.orders import OPEN_STATUSES
from nautilus_live.model.reports import OrderStatusReport
from tests.core.belief import Belief
from tests.core.conftest import OTHER_SPOT, apply, make_event, make_fill, order_in, order_report, px
from tests.core.open_orders_drill import Drill, S, accepted

# -- what to ask for ---------------------------------------------------------------------------------------------------


def test_open_orders_are_asked_for_without_a_limit_in_time() -> None:
    poll = OpenOrdersCheck(open_only=True, lookback_mins=5).poll(1_000 * S)

    assert (poll.open_only, poll.start_ns) == (True, None)


def test_the_history_is_asked_for_as_far_as_the_lookback() -> None:
    poll = OpenOrdersCheck(open_only=False, lookback_mins=5).poll(1_000 * S)

    assert (poll.open_only, poll.start_ns) == (False, 700 * S)


# -- what differs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(OPEN_STATUSES, key=str))
def test_row_183_an_answer_that_agrees_changes_nothing(status: OrderStatus) -> None:
    order = order_in(status)
    done = Drill(order)

    assert done.poll(order_report(order)) == Findings()
    assert done.belief.applied == []


def test_row_183_a_listed_order_is_no_longer_counted_missing() -> None:
    order = accepted()
    done = Drill(order).polls(4)
    assert done.check.missed_count(order.client_order_id) == 4

    done.poll(order_report(order))

    assert done.check.missed_count(order.client_order_id) == 0


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "REJECTED", "FILLED"])
@pytest.mark.parametrize("ours", ["ACCEPTED", "SUBMITTED", "PENDING_CANCEL", "PENDING_UPDATE"])
def test_row_185_an_end_at_the_venue_is_an_end_here(ours: str, status: str) -> None:
    order = order_in(ours)
    done = Drill(order, open_only=False)

    done.poll(
        order_report(order, order_status=status, filled_qty="1.000" if status == "FILLED" else "0.000", ts_last=S)
    )

    # Canceled while our modification waits: that may be half of it, see below.
    expected = ours if (ours, status) == ("PENDING_UPDATE", "CANCELED") else status
    assert order.status is OrderStatus[expected]
    assert not order.provisional


def test_field_e2_what_works_under_another_id_after_that_is_our_order() -> None:
    order = order_in("PENDING_UPDATE")
    done = Drill(order, open_only=False)

    done.poll(order_report(order, order_status="CANCELED", ts_last=S))
    done.poll(order_report(order, venue_order_id="V-2", price="49000.00", ts_last=2 * S))

    assert (order.status, str(order.price), str(order.venue_order_id)) == (OrderStatus.ACCEPTED, "49000.00", "V-2")


def test_row_186_more_filled_at_the_venue_is_reconciled() -> None:
    order = accepted()
    done = Drill(order)

    done.poll(order_report(order, order_status="PARTIALLY_FILLED", filled_qty="0.400", avg_px="50000"))

    assert (order.status, str(order.filled_qty)) == (OrderStatus.PARTIALLY_FILLED, "0.400")


def test_row_186_a_difference_waits_while_the_order_is_busy() -> None:
    order = order_in("PARTIALLY_FILLED")
    done = Drill(order, threshold_ms=5_000)
    apply(order, make_event(OrderUpdated, order, ts=6 * S))

    assert done.compare(order_report(order, filled_qty="0.900")) == Findings()
    assert len(done.compare(order_report(order, filled_qty="0.900")).differing) == 1


def test_what_was_heard_after_the_question_is_newer_than_its_answer() -> None:
    order = accepted()
    belief = Belief()
    belief.add(order)
    apply(order, make_event(OrderUpdated, order, ts=100 * S))
    check = OpenOrdersCheck(threshold_ms=0, missing_retries=0)
    report = order_report(order, filled_qty="0.400")

    assert check.compare(belief, [order], [report], asked_ns=99 * S, now=101 * S).differing == []
    assert check.compare(belief, [order], [], asked_ns=99 * S, now=101 * S).questions == []
    assert check.compare(belief, [order], [report], asked_ns=100 * S, now=101 * S).differing == []
    assert check.compare(belief, [order], [report], asked_ns=101 * S, now=102 * S).differing == [[report]]


def test_an_order_is_busy_for_less_than_the_threshold() -> None:
    order = accepted()
    belief = Belief()
    belief.add(order)
    apply(order, make_event(OrderUpdated, order, ts=100 * S))
    check = OpenOrdersCheck(threshold_ms=5_000)
    report = order_report(order, filled_qty="0.400")

    assert check.compare(belief, [order], [report], 104 * S, 105 * S - 1).differing == []
    assert check.compare(belief, [order], [report], 104 * S, 105 * S).differing == [[report]]


def test_a_clock_set_back_does_not_make_orders_busy() -> None:
    order = accepted()
    apply(order, make_event(OrderUpdated, order, ts=3_600 * S))

    assert Drill(order, missing_retries=0).polls(1).asked == [(10.0, "O-1")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"price": "49000.00"}, ("1.000", "49000.00")),
        ({"quantity": "0.700"}, ("0.700", "50000.00")),
        ({"quantity": "2.000", "price": "49500.00"}, ("2.000", "49500.00")),
    ],
)
def test_row_188_an_amendment_at_the_venue_is_seen(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    order = accepted()
    done = Drill(order)

    done.poll(order_report(order, ts_last=S, **fields))

    assert (str(order.quantity), str(order.price)) == expected
    assert [type(event) for event in done.belief.applied] == [OrderUpdated]
    assert done.poll(order_report(order)) == Findings()


def test_row_188_a_trigger_moved_at_the_venue_is_seen() -> None:
    order = accepted(order_type=OrderType.STOP_LIMIT, trigger_price=px("51000.00"))

    Drill(order).poll(order_report(order, trigger_price="52000.00", ts_last=S))

    assert str(order.trigger_price) == "52000.00"


def test_where_a_stop_trails_to_is_seen_although_nobody_had_said_where_it_begins() -> None:
    fields = {"trailing_offset": Decimal(10), "limit_offset": Decimal(20)}
    order = accepted(order_type=OrderType.TRAILING_STOP_LIMIT, price=None, **fields)

    Drill(order).poll(order_report(order, price="48000.00", trigger_price="48010.00", ts_last=S))

    assert (str(order.price), str(order.trigger_price)) == ("48000.00", "48010.00")


def test_a_stop_triggered_at_the_venue_is_seen() -> None:
    order = accepted(order_type=OrderType.STOP_LIMIT, trigger_price=px("51000.00"))

    Drill(order).poll(order_report(order, order_status="TRIGGERED", ts_last=S))

    assert order.status is OrderStatus.TRIGGERED


def test_a_replacement_at_the_venue_is_seen_and_its_old_leg_does_not_count_as_listed() -> None:
    order = accepted()
    done = Drill(order)
    done.poll(order_report(order, venue_order_id="V-2", ts_last=S))
    assert str(order.venue_order_id) == "V-2"

    done.poll(order_report(order, venue_order_id="V-O-1", order_status="CANCELED"))

    assert done.check.missed_count(order.client_order_id) == 1
    assert order.status is OrderStatus.ACCEPTED


@pytest.mark.parametrize("ours", ["PENDING_CANCEL", "PENDING_UPDATE"])
def test_a_pending_request_that_the_list_does_not_show_is_the_in_flight_checks(ours: str) -> None:
    order = order_in(ours)

    assert Drill(order).poll(order_report(order, order_status="ACCEPTED")) == Findings()


def test_a_submitted_order_in_the_list_is_accepted() -> None:
    order = order_in("SUBMITTED")

    Drill(order).poll(order_report(order, order_status="ACCEPTED"))

    assert order.status is OrderStatus.ACCEPTED


def test_an_order_that_we_gave_up_and_that_is_listed_is_open_again() -> None:
    order = accepted()
    done = Drill(order, missing_retries=0).polls(1)
    assert (order.status, order.provisional) == (OrderStatus.REJECTED, True)

    done.poll(order_report(order, order_status="ACCEPTED", ts_last=S))

    assert (order.status, order.provisional) == (OrderStatus.ACCEPTED, False)


def test_row_189_an_unknown_open_order_becomes_external() -> None:
    done = Drill()

    done.poll(order_report(client_order_id="X-1"))

    assert [str(order.strategy_id) for order in done.belief.orders.values()] == ["EXTERNAL"]


def test_an_unknown_order_that_may_be_the_one_in_flight_is_left_to_the_in_flight_check() -> None:
    """FIELD C15."""
    sent = order_in("SUBMITTED")
    done, check = Drill(sent), OpenOrdersCheck()
    unnamed = order_report(sent, client_order_id=None, venue_order_id="V-9", order_status="ACCEPTED")
    other = order_report(sent, client_order_id=None, venue_order_id="V-8", order_status="ACCEPTED", quantity="2.000")

    left = check.compare(done.belief, [], [unnamed, other], 0, 10 * S, inflight=[sent])

    assert left.differing == [[other]]
    assert check.compare(done.belief, [], [unnamed], 0, 10 * S).differing == [[unnamed]]


@pytest.mark.parametrize("status", ["CANCELED", "FILLED", "EXPIRED", "REJECTED"])
def test_row_190_an_unknown_closed_order_is_ignored(status: str) -> None:
    assert Drill(open_only=False).poll(order_report(order_status=status)) == Findings()


def test_a_contradiction_is_looked_at_once_until_something_changes() -> None:
    order = order_in("CANCELED")
    done = Drill(order)
    report = order_report(order, order_status="ACCEPTED", ts_last=S)

    assert [len(done.poll(report).differing) for _ in range(3)] == [1, 0, 0]
    done.poll()
    assert len(done.poll(report).differing) == 1, "it was gone, and is there again"


@pytest.mark.parametrize(
    "change",
    [
        {"order_status": "PENDING_CANCEL"},
        {"filled_qty": "0.001"},
        {"quantity": "3.000"},
        {"price": "1.00"},
        {"trigger_price": "1.00"},
        {"client_order_id": None},
    ],
)
def test_a_contradiction_that_says_something_else_is_looked_at_again(change: dict[str, Any]) -> None:
    order = order_in("CANCELED")
    check, belief = OpenOrdersCheck(), Belief()
    belief.add(order)
    first = order_report(order, order_status="ACCEPTED")
    check.settled(belief, [first])

    def differing(report: OrderStatusReport) -> int:
        return len(check.compare(belief, [], [report], 100 * S, 100 * S).differing)

    assert differing(first) == 0
    assert differing(order_report(order, **{"order_status": "ACCEPTED", **change})) == 1


def test_a_contradiction_is_looked_at_again_when_the_order_has_changed() -> None:
    order = order_in("CANCELED")
    check, belief = OpenOrdersCheck(), Belief()
    belief.add(order)
    report = order_report(order, order_status="ACCEPTED")
    check.settled(belief, [report])
    apply(order, make_fill(order, "0.100"))

    assert len(check.compare(belief, [], [report], 100 * S, 100 * S).differing) == 1


def test_a_report_that_only_contradicted_another_is_looked_at_when_it_comes_alone() -> None:
    """Found by the campaign at seed 1152907: the order was smaller by then, and nobody looked."""
    order = accepted()
    smaller, alias = (order_report(order, quantity="0.500", venue_order_id=name) for name in ("V-O-1", "V-9"))
    done = Drill(order)
    done.check.settled(done.belief, [smaller, alias])

    assert done.compare(smaller, alias).differing == []
    assert done.compare(smaller).differing == [[smaller]]


def test_the_same_venue_id_in_two_instruments_is_two_orders() -> None:
    done = Drill()
    here = order_report(client_order_id=None, venue_order_id="7")
    there = order_report(client_order_id=None, venue_order_id="7", instrument_id=OTHER_SPOT.id)

    assert done.compare(here, there).differing == [[here], [there]]
    done.check.settled(done.belief, [here])
    assert done.compare(here, there).differing == [[there]]


def test_unknown_orders_are_told_apart_by_the_venues_id_and_joined_by_a_common_client_id() -> None:
    nameless = [order_report(client_order_id=None, venue_order_id=name) for name in ("7", "8")]
    twins = [order_report(client_order_id="X-1", venue_order_id=name) for name in ("9", "10")]
    done = Drill()

    assert done.compare(*nameless, *twins).differing == [[nameless[0]], [nameless[1]], twins]
    done.check.settled(done.belief, nameless[:1])
    assert done.compare(*nameless, *twins).differing == [[nameless[1]], twins]


def test_a_group_is_due_if_one_of_its_reports_is() -> None:
    order = accepted()
    reports = [order_report(order), order_report(order, venue_order_id="V-9")]

    assert Drill(order).compare(*reports).differing == [reports]


def test_a_report_that_names_the_venues_id_alone_is_about_our_order() -> None:
    order = accepted()
    done = Drill(order)

    assert done.poll(order_report(order, client_order_id=None)) == Findings()
    done.poll(order_report(order, client_order_id=None, price="49000.00", ts_last=S))

    assert str(order.price) == "49000.00"
    assert list(done.belief.orders.values()) == [order]


def test_an_order_that_was_accepted_without_a_venue_id_is_not_replaced() -> None:
    order = order_in("SUBMITTED")
    apply(order, make_event(OrderAccepted, order, venue_order_id=None))

    assert Drill(order).poll(order_report(order)) == Findings()


@pytest.mark.parametrize(
    ("ours", "fields", "differs"),
    [
        ("CANCELED", {"order_status": "CANCELED"}, False),
        ("CANCELED", {"order_status": "EXPIRED"}, False),
        ("CANCELED", {"order_status": "CANCELED", "filled_qty": "0.400"}, True),
        ("FILLED", {"order_status": "FILLED"}, False),
        ("FILLED", {"order_status": "PARTIALLY_FILLED", "filled_qty": "0.400"}, True),
    ],
)
def test_two_ends_differ_by_what_was_filled(ours: str, fields: dict[str, Any], differs: bool) -> None:
    order = order_in(ours)

    assert len(Drill(order, open_only=False).compare(order_report(order, **fields)).differing) == differs


@pytest.mark.parametrize(("status", "differs"), [("REJECTED", False), ("CANCELED", True)])
def test_an_end_of_our_own_gives_way_to_the_venues(status: str, differs: bool) -> None:
    order = accepted()
    done = Drill(order, missing_retries=0).polls(1)
    assert order.provisional

    assert len(done.compare(order_report(order, order_status=status)).differing) == differs


def test_a_report_that_was_not_reconciled_comes_back_in_the_next_cycle() -> None:
    order = accepted()
    done = Drill(order)
    report = order_report(order, filled_qty="0.400")

    assert [len(done.compare(report).differing) for _ in range(3)] == [1, 1, 1]


def test_reports_of_one_order_stay_together() -> None:
    order = accepted()
    legs = [order_report(order, venue_order_id="V-9", order_status="CANCELED"), order_report(order, price="49000.00")]

    assert Drill(order).compare(*legs, order_report(client_order_id="X-1", venue_order_id="V-7")).differing == [
        legs,
        [order_report(client_order_id="X-1", venue_order_id="V-7")],
    ]


# -- single reports: the ground that the check stands on ---------------------------------------------------------------


@pytest.mark.parametrize("row", [208, 209, 210])
def test_row_208_to_210_a_report_and_then_its_own_trade_count_once(row: int) -> None:
    order = accepted()
    done = Drill(order)
    filled, status = ("1.000", "FILLED") if row == 210 else ("0.400", "PARTIALLY_FILLED")
    done.poll(order_report(order, order_status=status, filled_qty=filled, avg_px="50000", ts_last=10 * S))
    placeholder = order.last_trade_id
    assert placeholder is not None

    trade = make_fill(order, filled, ts=5 * S if row == 209 else 10 * S, replaces=[placeholder.value], trade="T-real")
    done.belief.apply([trade])

    assert str(order.filled_qty) == filled
    assert str(done.belief.net()) == filled
    assert [str(one) for one in order.trade_ids] == ["T-real"]
