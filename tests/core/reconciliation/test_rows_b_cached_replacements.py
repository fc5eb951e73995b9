"""Cached orders under another venue order id, and what a report leaves out (B, 58 to 63)."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.model.enums import OrderType
from nautilus_live.model.events import OrderPendingCancel, OrderPendingUpdate, OrderUpdated
from nautilus_live.model.orders import Order
from tests.core.conftest import apply, make_event
from tests.core.reconciliation.cached import (
    ACCEPT_AGAIN,
    ASIDE,
    AT_100,
    FILL_100,
    INFERRED,
    POLICY,
    REOPENED,
    WORKS,
    state,
)
from tests.core.reconciliation.settling import believing, cached, expect, fill, reported, settle, traded


def replaced(order: Order, venue_order_id: str = "V-2", ts: int = 50) -> Order:
    """Let the venue replace the order under another id."""
    return apply(order, make_event(OrderUpdated, order, venue_order_id=venue_order_id, ts=ts))


@pytest.mark.parametrize(("status", "filled"), [("ACCEPTED", 0), ("PENDING_UPDATE", 0), ("PENDING_CANCEL", 0)])
def test_row_058_working_report_under_another_venue_id_is_a_replacement(status: str, filled: int) -> None:
    result = settle(believing(cached()), [reported(status, filled, venue_order_id="V-2")])
    expect(
        result,
        ["Updated O-1/V-2 to 100 @ 1.00000 at 200"],
        state("ACCEPTED", venue="V-2"),
        ["INFO order.replaced"],
    )
    assert [str(name) for name in result.order().superseded_venue_order_ids] == ["V-1"]
    assert result.belief.client_order_id(result.order().superseded_venue_order_ids[0]) == result.order().client_order_id


def test_row_058_replacement_that_was_filled_is_followed_and_filled() -> None:
    report = reported("FILLED", 100, venue_order_id="V-2", price="1.01000")
    result = settle(believing(cached()), [report], [traded("T-1", 100, venue_order_id="V-2")])
    expect(
        result,
        ["Updated O-1/V-2 to 100 @ 1.01000 at 200", f"Filled O-1/V-2 {AT_100} T-1 TAKER at 150"],
        {"O-1": "FILLED 100/100 @ 1.01000 avg 1 V-2"},
        ["INFO order.replaced"],
    )


def test_row_058_replacement_of_an_order_that_we_gave_up_opens_it_again() -> None:
    result = settle(believing(cached("CANCELED", by=POLICY)), [reported("ACCEPTED", venue_order_id="V-2")])
    expect(
        result,
        [ACCEPT_AGAIN, "Updated O-1/V-2 to 100 @ 1.00000 at 200"],
        state("ACCEPTED", venue="V-2"),
        ["INFO order.replaced", REOPENED],
    )


def test_row_058_order_that_is_done_is_not_replaced() -> None:
    result = settle(believing(cached("CANCELED")), [reported("ACCEPTED", venue_order_id="V-2", ts_accepted=1)])
    expect(result, [], state("CANCELED"), ["INFO order.replaced", WORKS], ASIDE)


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("CANCELED", {"ts_last": 3}),  # no news: the venue told us of V-1 at that time
        ("EXPIRED", {"ts_last": 0}),
        ("CANCELED", {"ts_accepted": 1}),  # placed before ours
        ("CANCELED", {"client_order_id": None}),
        ("REJECTED", {}),  # a replacement that was refused replaced nothing
    ],
)
def test_row_059_end_under_another_venue_id_does_not_end_the_order(status: str, fields: dict[str, Any]) -> None:
    result = settle(believing(cached()), [reported(status, **{"venue_order_id": "V-2", **fields})])
    if "client_order_id" in fields:
        assert result.orders["O-1"] == state("ACCEPTED")["O-1"]  # it is a stranger's
        return
    expect(result, [], state("ACCEPTED"), ["WARNING! order.other_venue_order_id"])
    assert "for V-2 does not end the order, which is V-1" in result.text("order.other_venue_order_id")


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED"])
def test_row_059_newer_end_under_another_venue_id_is_that_of_a_replacement_nobody_heard_of(status: str) -> None:
    report = reported(status, 40, venue_order_id="V-2", price="1.01000")
    result = settle(believing(cached()), [report], [traded("T-1", 40, venue_order_id="V-2")])
    assert result.orders == {"O-1": f"{status} 40/100 @ 1.01000 avg 1 V-2"}
    assert result.notes == ["INFO order.replaced"]


def test_row_059_newer_end_under_another_venue_id_corrects_what_we_concluded() -> None:
    result = settle(believing(cached("CANCELED", by=POLICY)), [reported("EXPIRED", venue_order_id="V-2")])
    assert result.orders == state("EXPIRED", venue="V-2")


def test_row_059_order_that_is_done_does_not_end_again_under_another_venue_id() -> None:
    result = settle(believing(cached("CANCELED")), [reported("EXPIRED", venue_order_id="V-2")])
    expect(result, [], state("CANCELED"), ["WARNING! order.other_venue_order_id"])


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED", "REJECTED", "ACCEPTED"])
def test_row_060_field_report_e2_report_of_a_replaced_leg_says_nothing(status: str) -> None:
    result = settle(believing(replaced(cached())), [reported(status, venue_order_id="V-1")])
    expect(result, [], state("ACCEPTED", venue="V-2"), ["INFO order.superseded"])


def test_row_060_replaced_leg_beside_the_live_one_is_no_duplicate() -> None:
    belief = believing(replaced(cached()))
    result = settle(belief, [reported("CANCELED"), reported("ACCEPTED", venue_order_id="V-2", price="1.01000")])
    expect(
        result,
        ["Updated O-1/V-2 to 100 @ 1.01000 at 200"],
        {"O-1": "ACCEPTED 0/100 @ 1.01000 V-2"},
        ["INFO order.superseded"],
    )


@pytest.mark.parametrize("local", [replaced(cached()), cached("PENDING_UPDATE")])
def test_row_060_replaced_leg_that_names_no_client_id_is_known_by_its_venue_id(local: Order) -> None:
    legs = [reported("CANCELED", client_order_id=None), reported("ACCEPTED", venue_order_id="V-2")]
    result = settle(believing(local), legs)
    assert result.orders == state("ACCEPTED", venue="V-2")
    assert result.verdict == "ok"


def test_row_060_all_legs_replaced_say_nothing_either() -> None:
    belief = believing(replaced(replaced(replaced(cached()), "V-3", ts=60), "V-4", ts=70))
    legs = [reported("CANCELED", venue_order_id=name) for name in ("V-1", "V-2", "V-3")]
    result = settle(belief, legs)
    expect(result, [], state("ACCEPTED", venue="V-4"), ["INFO order.superseded"])
    assert result.text("order.superseded") == "V-3 was replaced by V-4; its CANCELED says nothing about the order"


@pytest.mark.parametrize("legs", [["V-1"], ["V-1", "V-2"]])
def test_row_060_field_report_e3_trade_on_a_replaced_leg_is_applied(legs: list[str]) -> None:
    reports = {
        "V-1": reported("CANCELED", 40),
        "V-2": reported("PARTIALLY_FILLED", 40, venue_order_id="V-2"),
    }
    result = settle(believing(replaced(cached())), [reports[leg] for leg in legs], [traded("T-1", 40)])
    expect(
        result,
        ["Filled O-1/V-2 40 @ 1.00000 T-1 TAKER at 150"],
        state("PARTIALLY_FILLED", 40, venue="V-2"),
        ["INFO order.superseded"],
    )


@pytest.mark.parametrize("named", [True, False])
def test_row_060_field_report_e3_trades_on_both_legs_before_the_answer_are_applied(named: bool) -> None:
    name = "O-1" if named else None
    belief = believing(cached("PENDING_UPDATE"))
    result = settle(
        belief,
        [reported("CANCELED", 40), reported("PARTIALLY_FILLED", 70, venue_order_id="V-2", price="1.01000")],
        [
            traded("T-1", 40, client_order_id=name),
            traded("T-2", 30, ts=160, client_order_id=name, venue_order_id="V-2"),
        ],
    )
    expect(
        result,
        [
            "Updated O-1/V-2 to 100 @ 1.01000 at 200",
            "Filled O-1/V-2 40 @ 1.00000 T-1 TAKER at 150",
            "Filled O-1/V-2 30 @ 1.00000 T-2 TAKER at 160",
        ],
        {"O-1": "PARTIALLY_FILLED 70/100 @ 1.01000 avg 1 V-2"},
        ["INFO order.superseded", "INFO order.replaced"],
    )
    assert str(result.order().leaves_qty) == "30"


def test_row_060_trade_on_the_new_leg_alone_is_applied() -> None:
    result = settle(believing(cached("PENDING_UPDATE")), fills=[traded("T-1", 40, venue_order_id="V-2")])
    expect(result, ["Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150"], state("PARTIALLY_FILLED", 40))


def test_row_062_price_that_the_report_leaves_out_is_no_change() -> None:
    report = reported("FILLED", 100, price=None, avg_px="1.0")
    expect(settle(believing(cached()), [report]), [FILL_100], state("FILLED", 100), [INFERRED])


def test_row_062_trigger_that_the_report_leaves_out_is_no_change() -> None:
    order = cached("ACCEPTED", order_type=OrderType.STOP_LIMIT, trigger_price="1.10000")
    report = reported("ACCEPTED", order_type=OrderType.STOP_LIMIT, price=None)
    expect(settle(believing(order), [report]), [], {"O-1": "ACCEPTED 0/100 @ 1.00000 trigger 1.10000 V-1"})


def test_row_062_quantity_changed_beside_a_price_left_out_keeps_the_price() -> None:
    result = settle(believing(cached()), [reported("ACCEPTED", price=None, quantity="150")])
    expect(result, ["Updated O-1/V-1 to 150 at 200"], state("ACCEPTED", of=150))


@pytest.mark.parametrize("pending", [OrderPendingCancel, OrderPendingUpdate])
def test_row_063_partially_filled_order_never_goes_back_to_accepted(pending: type) -> None:
    order = fill(cached(), 40)
    result = settle(believing(apply(order, pending)), [reported("ACCEPTED", 40)])
    expect(result, [ACCEPT_AGAIN], state("PARTIALLY_FILLED", 40))
