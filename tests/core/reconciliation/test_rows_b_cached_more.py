"""Cached orders: stops, averages, times and sequences; what section 3.5 and incident reports add to the rows."""

from __future__ import annotations

import pytest

from nautilus_live.core.reconciliation import reconcile
from nautilus_live.model.enums import OrderType
from nautilus_live.model.events import OrderPendingCancel, OrderPendingUpdate, OrderUpdated
from nautilus_live.model.orders import Order
from tests.core.conftest import SPOT, apply, make_event, make_policy, mass_status, qty
from tests.core.reconciliation.cached import (
    ACCEPT,
    ACCEPT_AGAIN,
    ASIDE,
    AT_100,
    CANCEL,
    DENIED,
    EXPIRE,
    FILL_100,
    INFERRED,
    LATE,
    LOCAL,
    state,
)
from tests.core.reconciliation.settling import (
    believing,
    cached,
    describe,
    expect,
    fill,
    held,
    price,
    reported,
    settle,
    traded,
)

# -- more of section 3.5 -----------------------------------------------------------------------------------------------


def stop_limit(status: str = "ACCEPTED") -> Order:
    return cached(status, order_type=OrderType.STOP_LIMIT, trigger_price="1.10000")


STOP = {"order_type": OrderType.STOP_LIMIT, "trigger_price": "1.10000", "ts_triggered": 130}
STOPPED = "0/100 @ 1.00000 trigger 1.10000 V-1"
TRIGGER = "Triggered O-1/V-1 at 130"


@pytest.mark.parametrize(
    ("local", "status", "events", "then"),
    [
        ("ACCEPTED", "TRIGGERED", [TRIGGER], "TRIGGERED"),
        ("SUBMITTED", "TRIGGERED", [ACCEPT, TRIGGER], "TRIGGERED"),
        ("TRIGGERED", "TRIGGERED", [], "TRIGGERED"),
        ("PENDING_CANCEL", "TRIGGERED", [ACCEPT_AGAIN, TRIGGER], "TRIGGERED"),
        ("ACCEPTED", "CANCELED", [TRIGGER, CANCEL], "CANCELED"),
        ("ACCEPTED", "EXPIRED", [TRIGGER, EXPIRE], "EXPIRED"),
        ("TRIGGERED", "CANCELED", [CANCEL], "CANCELED"),
        ("CANCELED", "CANCELED", [], "CANCELED"),
    ],
)
def test_section_3_5_stop_that_was_triggered_is_triggered_before_anything_else(
    local: str, status: str, events: list[str], then: str
) -> None:
    expect(settle(believing(stop_limit(local)), [reported(status, **STOP)]), events, {"O-1": f"{then} {STOPPED}"})


def test_section_3_5_filled_part_of_a_triggered_stop_is_not_triggered_again() -> None:
    order = fill(stop_limit(), 40)
    result = settle(believing(order), [reported("TRIGGERED", 40, **STOP)])
    expect(result, [], {"O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 trigger 1.10000 avg 1 V-1"})
    result = settle(believing(stop_limit()), [reported("CANCELED", 40, avg_px="1.0", **STOP)])
    assert result.events == ["Inferred O-1/V-1 40 @ 1.00000 fee 0.02 USD at 200", CANCEL]


def test_section_3_5_market_style_stop_with_a_trigger_time_is_ended_without_an_error() -> None:
    order = cached("ACCEPTED", order_type=OrderType.STOP_MARKET, price=None, trigger_price="1.10000")
    report = reported("CANCELED", **{**STOP, "order_type": OrderType.STOP_MARKET, "price": None})
    expect(settle(believing(order), [report]), [CANCEL], {"O-1": "CANCELED 0/100 trigger 1.10000 V-1"})


def test_section_3_5_filled_report_of_less_than_the_quantity_is_set_aside() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("FILLED", 50)])
    expect(result, [], state("PARTIALLY_FILLED", 50), ["WARNING! order.filled_short"], ASIDE)
    assert "reports FILLED with 50, the order's quantity is 100" in result.text("order.filled_short")


def test_section_3_5_stop_that_the_venue_does_not_call_triggered_is_only_ended() -> None:
    report = reported("CANCELED", **{**STOP, "ts_triggered": 0})
    expect(settle(believing(stop_limit()), [report]), [CANCEL], {"O-1": f"CANCELED {STOPPED}"})


def test_section_3_5_price_of_an_order_that_ended_does_not_matter() -> None:
    expect(settle(believing(cached("CANCELED")), [reported("CANCELED", price="1.1")]), [], state("CANCELED"))


def test_section_3_5_filled_order_that_the_venue_still_lists_with_all_of_it_filled_is_done() -> None:
    expect(settle(believing(cached("FILLED")), [reported("PARTIALLY_FILLED", 100)]), [], state("FILLED", 100))


def test_section_3_5_order_that_the_venue_has_submitted_is_no_contradiction() -> None:
    expect(settle(believing(cached()), [reported("SUBMITTED")]), [], state("ACCEPTED"))


def test_section_3_5_average_of_an_order_with_nothing_filled_says_nothing() -> None:
    expect(settle(believing(cached()), [reported("ACCEPTED", avg_px="1.0")]), [], state("ACCEPTED"))


def test_section_3_5_fraction_of_a_unit_is_a_gap_like_any_other() -> None:
    belief = believing(cached(instrument=SPOT), instruments=[SPOT])
    report = reported("PARTIALLY_FILLED", instrument_id=SPOT.id, filled_qty=qty("0.5"), avg_px="1.0")
    result = settle(belief, [report])
    assert result.events == ["Inferred O-1/V-1 0.500 @ 1.00 fee 0.00000000 USDT at 200"]


def test_section_3_5_fill_inferred_after_the_end_goes_to_the_order_as_we_know_it() -> None:
    report = reported("FILLED", 100, venue_order_id="V-2", avg_px="1.0")
    result = settle(believing(cached("CANCELED")), [report])
    expect(result, [FILL_100], state("FILLED", 100), ["INFO order.replaced", INFERRED, LATE])


def test_row_062_fill_without_any_price_in_the_report_takes_our_limit_price() -> None:
    result = settle(believing(cached()), [reported("FILLED", 100, price=None)])
    assert result.events == ["Inferred O-1/V-1 100 @ 1.00000 fee 0.04 USD estimated at 200"]
    bare = cached("ACCEPTED", order_type=OrderType.MARKET_TO_LIMIT, price=None)
    result = settle(believing(bare), [reported("FILLED", 100, order_type=OrderType.MARKET_TO_LIMIT, price="1.3")])
    assert result.events == ["Inferred O-1/V-1 100 @ 1.30000 fee 0.05 USD estimated at 200"]


def test_section_3_5_denied_order_that_the_venue_has_is_set_aside() -> None:
    result = settle(believing(cached("DENIED")), [reported("ACCEPTED")])
    expect(result, [], state("DENIED", venue=None), [DENIED], ASIDE)
    assert "we denied the order, the venue has it as ACCEPTED" in result.text("order.denied_but_at_venue")


@pytest.mark.parametrize("status", ["ACCEPTED", "SUBMITTED", "PARTIALLY_FILLED", "CANCELED", "PENDING_CANCEL"])
def test_section_3_5_order_that_the_venue_leaves_out_stays_as_it_is(status: str) -> None:
    order = cached(status)
    result = settle(believing(order))
    notes = [] if status in ("SUBMITTED", "CANCELED") else ["WARNING order.not_reported"]
    assert (result.events, result.notes, result.verdict) == ([], notes, "ok")
    assert result.order().status.name == status


def test_field_report_d3_repeated_acceptance_never_lowers_what_is_filled() -> None:
    order = cached("PARTIALLY_FILLED")
    belief = believing(order)
    for ts_last in (3, 200):
        result = settle(belief, [reported("ACCEPTED", 0, ts_last=ts_last)])
        assert result.events == []
        assert str(result.order().filled_qty) == "50"


def test_field_report_d7_amendment_older_than_our_last_update_does_not_undo_it() -> None:
    order = cached()
    apply(order, make_event(OrderUpdated, order, ts=60, price=price("1.02000")))
    result = settle(believing(order), [reported("ACCEPTED", ts_last=59)])
    expect(result, [], {"O-1": "ACCEPTED 0/100 @ 1.02000 V-1"}, ["WARNING order.report_outdated"])
    for ts_last in (60, 0):
        assert len(settle(believing(order), [reported("ACCEPTED", ts_last=ts_last)]).events) == 1


def test_field_report_d7_our_own_later_command_does_not_make_a_report_old() -> None:
    order = cached("PENDING_UPDATE")
    apply(order, make_event(OrderPendingUpdate, order, ts=900))
    result = settle(believing(order), [reported("ACCEPTED", price="1.02000", ts_last=200)])
    assert result.events == ["Updated O-1/V-1 to 100 @ 1.02000 at 200"]


def test_field_report_f16_order_that_vanished_is_canceled_once_with_its_fills_kept() -> None:
    belief = believing(cached("PARTIALLY_FILLED"))
    first = settle(belief, [reported("REJECTED")])
    assert first.events == [CANCEL]
    assert settle(first.belief, [reported("REJECTED")]).events == []


def test_several_orders_are_planned_in_the_order_of_time_and_then_of_venue_ids() -> None:
    orders = [cached("ACCEPTED", f"O-{number}") for number in (1, 2, 3)]
    names = [{"client_order_id": f"O-{number}", "venue_order_id": f"V-{number}"} for number in (1, 2, 3)]
    result = settle(
        believing(*orders),
        [
            reported("CANCELED", ts_last=300, **names[0]),
            reported("CANCELED", ts_last=250, **names[1]),
            reported("CANCELED", ts_last=250, **names[2]),
        ],
    )
    assert result.events == ["Canceled O-2/V-2 at 250", "Canceled O-3/V-3 at 250", "Canceled O-1/V-1 at 300"]


def test_events_of_one_order_stay_in_their_sequence_whatever_their_times() -> None:
    late = reported("FILLED", 100, ts_accepted=900)
    other = reported("CANCELED", client_order_id="O-2", venue_order_id="V-2", ts_last=500, ts_accepted=400)
    belief = believing(cached("SUBMITTED"), cached("SUBMITTED", "O-2"))
    result = settle(belief, [late, other], [traded("T-1", 100)])
    assert result.events == [
        "Accepted O-1/V-1 at 900",  # does not hold up the trade, which goes by its own time
        f"Filled O-1/V-1 {AT_100} T-1 TAKER at 150",
        "Accepted O-2/V-2 at 400",
        "Canceled O-2/V-2 at 500",
    ]


def test_events_of_one_time_go_by_the_venues_ids_before_ours() -> None:
    first = reported("CANCELED", client_order_id="O-1", venue_order_id="V-9")
    second = reported("CANCELED", client_order_id="O-2", venue_order_id="V-2")
    result = settle(believing(cached("SUBMITTED"), cached("SUBMITTED", "O-2")), [first, second])
    assert [text.split()[1] for text in result.events] == ["O-2/V-2", "O-1/V-9"] * 2


def test_section_3_7_single_report_at_runtime_is_planned_as_at_a_start() -> None:
    belief = believing(cached())
    report = reported("PARTIALLY_FILLED", 40, avg_px="1.0")
    result = settle(belief, [report], runtime=True)
    assert result.events == ["Inferred O-1/V-1 40 @ 1.00000 fee 0.02 USD at 200"]
    result = settle(belief, fills=[traded("T-1", 40)], runtime=True)
    expect(result, ["Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150"], state("PARTIALLY_FILLED", 40))
    assert (result.plan.orders_received, result.plan.fills_received) == (0, 1)


def test_event_ids_go_on_where_the_order_left_off() -> None:
    order = cached("ACCEPTED")
    assert len(order.events) == 3
    plan = reconcile(
        believing(order), mass_status([reported("FILLED", 100)], [traded("T-1", 40)]), make_policy(), 1_000
    )
    assert [event.event_id for event in plan.events] == ["R-O-1-3", "R-O-1-4"]
    assert [describe(event).split()[0] for event in plan.events] == ["Filled", "Inferred"]


def test_purged_order_does_not_come_back() -> None:
    belief = believing()
    belief.purged["O-1"] = None
    result = settle(belief, [reported("FILLED", 100)], [traded("T-1", 100)], [held("0")])
    assert (result.events, result.notes, result.verdict) == ([], [], "ok")
    assert result.plan.orders_skipped == 1


def test_venue_order_id_of_a_submitted_order_is_learned_from_its_report() -> None:
    result = settle(believing(cached("SUBMITTED")), [reported("ACCEPTED", venue_order_id="V-77")])
    assert result.orders == state("ACCEPTED", venue="V-77")


# -- two clocks --------------------------------------------------------------------------------------------------------


def test_our_own_time_does_not_make_a_report_of_the_venue_old() -> None:
    """Found by the campaign at seed 62065, FIELD H7: the venue's clock is behind ours, by more than it took."""
    asked = apply(cached("PARTIALLY_FILLED"), make_event(OrderPendingCancel, cached(), ts=9_000, provenance=LOCAL))
    corrected = settle(believing(asked), [reported("CANCELED", 20)], [traded("T-0", 20)])

    assert corrected.orders == state("CANCELED", 20)
    assert corrected.plan.quarantined == {}
