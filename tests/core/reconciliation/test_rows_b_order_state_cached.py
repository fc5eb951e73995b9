"""Group B of the behaviour catalogue: what the venue reports about orders of ours, and the table of section 3.5."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core.reconciliation import reconcile
from nautilus_live.model.enums import OrderStatus, OrderType, Provenance
from nautilus_live.model.events import OrderPendingCancel, OrderPendingUpdate, OrderUpdated
from nautilus_live.model.orders import Order
from tests.core.conftest import SPOT, apply, make_event, make_policy, mass_status, qty
from tests.core.reconciliation.settling import (
    PAIR,
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

LOCAL, POLICY = Provenance.LOCAL, Provenance.POLICY
AT_100 = "100 @ 1.00000"


def state(status: str, filled: int = 0, *, of: int = 100, venue: str | None = "V-1", more: str = "") -> dict[str, str]:
    """Return what O-1 is to be, its fills all at 1.00000."""
    text = f"{status} {filled}/{of} @ 1.00000" + (" avg 1" if filled else "")
    return {"O-1": text + (f" {venue}" if venue else "") + more}


def replaced(order: Order, venue_order_id: str = "V-2", ts: int = 50) -> Order:
    """Let the venue replace the order under another id."""
    return apply(order, make_event(OrderUpdated, order, venue_order_id=venue_order_id, ts=ts))


# -- section 3.5: cached status x report status, without fill reports --------------------------------------------------

REPORTS = {
    "REJECTED": lambda local: reported("REJECTED"),
    "ACCEPTED": lambda local: reported("ACCEPTED"),
    "CANCELED": lambda local: reported("CANCELED", local),
    "EXPIRED": lambda local: reported("EXPIRED", local),
    "PARTIALLY_FILLED": lambda local: reported("PARTIALLY_FILLED", 50, avg_px="1.0"),
    "FILLED": lambda local: reported("FILLED", 100, avg_px="1.0"),
    "PENDING_UPDATE": lambda local: reported("PENDING_UPDATE"),
    "PENDING_CANCEL": lambda local: reported("PENDING_CANCEL"),
}
"""Reports of that status; an end says what we have filled already."""

RELEASED = "Released O-1 at 200"
SUBMITTED = "Submitted O-1 at 200"
ACCEPT = "Accepted O-1/V-1 at 110"
ACCEPT_AGAIN = "Accepted O-1/V-1 at 200"
REJECT = "Rejected O-1/V-1 UNKNOWN at 200"
CANCEL = "Canceled O-1/V-1 at 200"
EXPIRE = "Expired O-1/V-1 at 200"
FILL_50 = "Inferred O-1/V-1 50 @ 1.00000 fee 0.02 USD at 200"
FILL_100 = "Inferred O-1/V-1 100 @ 1.00000 fee 0.04 USD at 200"

INFERRED = "INFO fill.inferred"
LATE = "WARNING! fill.late"
REOPENED = "WARNING! order.reopened"
CLOSED_ALREADY = "WARNING order.already_closed"
WORKS = "WARNING! order.works_after_close"
REGRESSED = "WARNING! order.filled_quantity_regressed"
FAILED = "ERROR! order.filled_quantity_regressed"
DENIED = "WARNING! order.denied_but_at_venue"

ASIDE = "quarantined O-1"
FAIL = "quarantined O-1, failed"

Cell = tuple[list[str], str, list[str], str]


def cell(events: list[str], then: str, notes: list[str] | None = None, verdict: str = "ok") -> Cell:
    return events, then, notes or [], verdict


def unsent(*before: str) -> dict[str, Cell]:
    """Return the row of an order that had not got an answer."""
    return {
        "REJECTED": cell([*before, REJECT], "REJECTED 0"),
        "ACCEPTED": cell([*before, ACCEPT], "ACCEPTED 0"),
        "CANCELED": cell([*before, ACCEPT, CANCEL], "CANCELED 0"),
        "EXPIRED": cell([*before, ACCEPT, EXPIRE], "EXPIRED 0"),
        "PARTIALLY_FILLED": cell([*before, ACCEPT, FILL_50], "PARTIALLY_FILLED 50", [INFERRED]),
        "FILLED": cell([*before, ACCEPT, FILL_100], "FILLED 100", [INFERRED]),
        "PENDING_UPDATE": cell([*before, ACCEPT], "ACCEPTED 0"),
        "PENDING_CANCEL": cell([*before, ACCEPT], "ACCEPTED 0"),
    }


def working(status: str, acknowledged: list[str], *, then: str = "ACCEPTED 0") -> dict[str, Cell]:
    """Return the row of an order that works; `acknowledged` is what an ACCEPTED report gives."""
    return {
        "REJECTED": cell([REJECT], "REJECTED 0"),
        "ACCEPTED": cell(acknowledged, then),
        "CANCELED": cell([CANCEL], "CANCELED 0"),
        "EXPIRED": cell([EXPIRE], "EXPIRED 0"),
        "PARTIALLY_FILLED": cell([FILL_50], "PARTIALLY_FILLED 50", [INFERRED]),
        "FILLED": cell([FILL_100], "FILLED 100", [INFERRED]),
        "PENDING_UPDATE": cell([], f"{status} 0"),
        "PENDING_CANCEL": cell([], f"{status} 0"),
    }


def ended(status: str) -> dict[str, Cell]:
    """Return the row of an order that the venue itself ended with nothing filled: only a fill can change it."""
    same = f"{status} 0"
    contradicted = cell([], same, [WORKS], ASIDE)
    return {
        "REJECTED": cell([], same, [] if status == "REJECTED" else [CLOSED_ALREADY]),
        "ACCEPTED": contradicted,
        "CANCELED": cell([], same),
        "EXPIRED": cell([], same),
        "PARTIALLY_FILLED": cell([FILL_50], f"{status} 50", [INFERRED, LATE, WORKS], ASIDE),
        "FILLED": cell([FILL_100], "FILLED 100", [INFERRED, LATE]),
        "PENDING_UPDATE": contradicted,
        "PENDING_CANCEL": contradicted,
    }


def given_up(status: str) -> dict[str, Cell]:
    """Return the row of an order that we ended ourselves, without the venue: its word counts."""
    opened = cell([ACCEPT_AGAIN], "ACCEPTED 0", [REOPENED])
    still = f"{status} 0"
    return {
        "REJECTED": cell([], f"{still}?") if status == "REJECTED" else cell([REJECT], "REJECTED 0"),
        "ACCEPTED": opened,
        "CANCELED": cell([], f"{still}?") if status == "CANCELED" else cell([CANCEL], "CANCELED 0"),
        "EXPIRED": cell([EXPIRE], "EXPIRED 0"),
        "PARTIALLY_FILLED": cell([ACCEPT_AGAIN, FILL_50], "PARTIALLY_FILLED 50", [REOPENED, INFERRED]),
        "FILLED": cell([FILL_100], "FILLED 100", [INFERRED, LATE]),
        "PENDING_UPDATE": opened,
        "PENDING_CANCEL": opened,
    }


HALF = "PARTIALLY_FILLED 50"
BACK_TO_NOTHING = cell([], HALF, [REGRESSED], ASIDE)
MATRIX: dict[str, dict[str, Cell]] = {
    "INITIALIZED": unsent(),
    "SUBMITTED": unsent(),
    "RELEASED": unsent(SUBMITTED),
    "EMULATED": unsent(RELEASED, SUBMITTED),
    "ACCEPTED": working("ACCEPTED", []),
    "TRIGGERED": working("TRIGGERED", [], then="TRIGGERED 0"),
    "PENDING_CANCEL": working("PENDING_CANCEL", [ACCEPT_AGAIN]),
    "PENDING_UPDATE": working("PENDING_UPDATE", [ACCEPT_AGAIN]),
    "PARTIALLY_FILLED": {
        "REJECTED": cell([CANCEL], "CANCELED 50"),
        "ACCEPTED": BACK_TO_NOTHING,
        "CANCELED": cell([CANCEL], "CANCELED 50"),
        "EXPIRED": cell([EXPIRE], "EXPIRED 50"),
        "PARTIALLY_FILLED": cell([], HALF),
        "FILLED": cell([FILL_50], "FILLED 100", [INFERRED]),
        "PENDING_UPDATE": BACK_TO_NOTHING,
        "PENDING_CANCEL": BACK_TO_NOTHING,
    },
    "CANCELED": ended("CANCELED"),
    "EXPIRED": ended("EXPIRED"),
    "REJECTED": ended("REJECTED"),
    "FILLED": {
        "REJECTED": cell([], "FILLED 100", [CLOSED_ALREADY]),
        "CANCELED": cell([], "FILLED 100"),
        "EXPIRED": cell([], "FILLED 100"),
        "FILLED": cell([], "FILLED 100"),
        **dict.fromkeys(
            ("ACCEPTED", "PARTIALLY_FILLED", "PENDING_UPDATE", "PENDING_CANCEL"),
            cell([], "FILLED 100", [REGRESSED, FAILED], FAIL),
        ),
    },
    "DENIED": dict.fromkeys(REPORTS, cell([], "DENIED 0", [DENIED], ASIDE)),
    "REJECTED by policy": given_up("REJECTED"),
    "CANCELED by policy": given_up("CANCELED"),
}


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("local", MATRIX)
def test_section_3_5_every_report_status_meets_every_cached_status(local: str, report: str) -> None:
    name, _, by = local.partition(" by ")
    order = cached(name, by=POLICY if by else Provenance.STREAM)
    filled = int(order.filled_qty.value)
    events, then, notes, verdict = MATRIX[local][report]
    trigger = {"order_type": order.order_type, "trigger_price": order.trigger_price}
    given = REPORTS[report](filled)
    result = settle(believing(order), [structs.replace(given, **trigger)])
    status, quantity = then.rstrip("?").split()
    after = result.order()
    assert (result.events, sorted(result.notes), result.verdict) == (events, sorted(notes), verdict)
    assert (after.status.name, str(after.filled_qty)) == (status, quantity)
    assert after.provisional == then.endswith("?")
    if events:
        assert str(after.venue_order_id) == "V-1"


def test_section_3_5_the_table_covers_every_status_an_order_can_have() -> None:
    assert {name.partition(" by ")[0] for name in MATRIX} == {status.name for status in OrderStatus}
    assert all(sorted(row) == sorted(REPORTS) for row in MATRIX.values())


# -- rows --------------------------------------------------------------------------------------------------------------


def test_row_026_submitted_order_that_the_venue_rejected_is_rejected() -> None:
    result = settle(believing(cached("SUBMITTED")), [reported("REJECTED", cancel_reason="no margin")])
    expect(result, ["Rejected O-1/V-1 no margin at 200"], state("REJECTED"))


@pytest.mark.parametrize(("ts_accepted", "at"), [(110, 110), (0, 200)])
def test_row_027_submitted_order_is_accepted_when_the_venue_says_it_was(ts_accepted: int, at: int) -> None:
    result = settle(believing(cached("SUBMITTED")), [reported("ACCEPTED", ts_accepted=ts_accepted)])
    expect(result, [f"Accepted O-1/V-1 at {at}"], state("ACCEPTED"))
    assert result.order().ts_accepted == at


@pytest.mark.parametrize(("status", "event"), [("CANCELED", CANCEL), ("EXPIRED", EXPIRE)])
def test_row_028_submitted_order_that_ended_is_accepted_first(status: str, event: str) -> None:
    expect(settle(believing(cached("SUBMITTED")), [reported(status)]), [ACCEPT, event], state(status))


def test_row_029_submitted_order_that_was_filled_gets_its_fill_inferred() -> None:
    result = settle(believing(cached("SUBMITTED")), [reported("FILLED", 100, avg_px="1.0")])
    expect(result, [ACCEPT, FILL_100], state("FILLED", 100), [INFERRED])
    assert result.belief.net(PAIR) == 100
    [position] = result.belief.positions.values()
    assert str(position.strategy_id) == "S-001"


def test_row_030_order_that_a_crash_left_initialized_is_accepted() -> None:
    expect(settle(believing(cached("INITIALIZED")), [reported("ACCEPTED")]), [ACCEPT], state("ACCEPTED"))


@pytest.mark.parametrize(("status", "event"), [("CANCELED", CANCEL), ("EXPIRED", EXPIRE), ("REJECTED", REJECT)])
def test_row_032_accepted_order_takes_the_end_that_the_venue_reports(status: str, event: str) -> None:
    expect(settle(believing(cached()), [reported(status)]), [event], state(status))


def test_row_033_accepted_order_that_the_venue_has_alike_stays() -> None:
    expect(settle(believing(cached()), [reported("ACCEPTED")]), [], state("ACCEPTED"))


@pytest.mark.parametrize(
    ("fields", "event", "then"),
    [
        ({"price": "1.05000"}, "Updated O-1/V-1 to 100 @ 1.05000 at 200", "ACCEPTED 0/100 @ 1.05000 V-1"),
        ({"quantity": "150"}, "Updated O-1/V-1 to 150 @ 1.00000 at 200", "ACCEPTED 0/150 @ 1.00000 V-1"),
        ({"quantity": "60"}, "Updated O-1/V-1 to 60 @ 1.00000 at 200", "ACCEPTED 0/60 @ 1.00000 V-1"),
    ],
)
def test_row_034_amended_price_or_quantity_is_followed(fields: dict[str, str], event: str, then: str) -> None:
    expect(settle(believing(cached()), [reported("ACCEPTED", **fields)]), [event], {"O-1": then})


@pytest.mark.parametrize(
    ("kind", "px", "fields", "event", "then"),
    [
        (OrderType.STOP_MARKET, None, {"trigger_price": "1.2"}, "to 100 trigger 1.20000", "trigger 1.20000"),
        (
            OrderType.STOP_LIMIT,
            "1.0",
            {"trigger_price": "1.2"},
            "to 100 @ 1.00000 trigger 1.20000",
            "@ 1.00000 trigger 1.20000",
        ),
        (
            OrderType.LIMIT_IF_TOUCHED,
            "1.0",
            {"price": "1.1"},
            "to 100 @ 1.10000 trigger 1.30000",
            "@ 1.10000 trigger 1.30000",
        ),
        (OrderType.MARKET_IF_TOUCHED, None, {"trigger_price": "1.2"}, "to 100 trigger 1.20000", "trigger 1.20000"),
        (OrderType.MARKET_TO_LIMIT, "1.0", {"price": "1.1"}, "to 100 @ 1.10000", "@ 1.10000"),
        (OrderType.TRAILING_STOP_MARKET, None, {"trigger_price": "1.2"}, "to 100 trigger 1.20000", "trigger 1.20000"),
    ],
)
def test_row_034_amended_trigger_or_price_is_followed_for_every_order_type(
    kind: OrderType, px: str | None, fields: dict[str, str], event: str, then: str
) -> None:
    trigger = None if kind is OrderType.MARKET_TO_LIMIT else "1.30000"
    order = cached("ACCEPTED", order_type=kind, price=None if px is None else price(px), trigger_price=trigger)
    same = {"order_type": kind, "price": px, "trigger_price": trigger}
    expect(settle(believing(order), [reported("ACCEPTED", **same)]), [], {"O-1": describe_price(order)})
    result = settle(believing(order), [reported("ACCEPTED", **{**same, **fields})])
    expect(result, [f"Updated O-1/V-1 {event} at 200"], {"O-1": f"ACCEPTED 0/100 {then} V-1"})


def describe_price(order: Order) -> str:
    parts = ["ACCEPTED 0/100"]
    parts += [f"@ {order.price}"] if order.price is not None else []
    parts += [f"trigger {order.trigger_price}"] if order.trigger_price is not None else []
    return " ".join([*parts, "V-1"])


@pytest.mark.parametrize("status", ["ACCEPTED", "PARTIALLY_FILLED"])
def test_row_035_fill_of_an_accepted_order_is_applied(status: str) -> None:
    result = settle(believing(cached()), [reported(status, 40)], [traded("T-1", 40)])
    expect(result, ["Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150"], state("PARTIALLY_FILLED", 40))


def test_row_036_amendment_of_a_partially_filled_order_keeps_its_fills() -> None:
    report = reported("PARTIALLY_FILLED", 50, quantity="150", price="1.01000")
    expect(
        settle(believing(cached("PARTIALLY_FILLED")), [report]),
        ["Updated O-1/V-1 to 150 @ 1.01000 at 200"],
        {"O-1": "PARTIALLY_FILLED 50/150 @ 1.01000 avg 1 V-1"},
    )


def test_row_036_quantity_below_what_is_filled_is_not_taken_over() -> None:
    report = reported("PARTIALLY_FILLED", 50, quantity="40")
    result = settle(believing(cached("PARTIALLY_FILLED")), [report])
    expect(result, [], state("PARTIALLY_FILLED", 50), ["WARNING! order.quantity_below_filled"])


def test_row_036_quantity_cut_to_what_is_filled_completes_nothing_by_itself() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("CANCELED", 50, quantity="50")])
    expect(result, ["Updated O-1/V-1 to 50 @ 1.00000 at 200", CANCEL], state("CANCELED", 50, of=50))


def test_row_038_canceled_order_keeps_its_fills() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("CANCELED", 50)])
    expect(result, [CANCEL], state("CANCELED", 50))
    assert [str(name) for name in result.order().fills] == ["T-0"]
    assert result.belief.net(PAIR) == 50


@pytest.mark.parametrize(("status", "event"), [("CANCELED", CANCEL), ("EXPIRED", EXPIRE)])
def test_row_039_what_was_filled_before_the_end_is_inferred_before_the_end(status: str, event: str) -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported(status, 70, avg_px="1.0")])
    expect(
        result,
        ["Inferred O-1/V-1 20 @ 1.00000 fee 0.01 USD at 200", event],
        state(status, 70),
        [INFERRED],
    )


def test_row_040_lower_filled_quantity_sets_the_order_aside() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("PARTIALLY_FILLED", 40)])
    expect(result, [], state("PARTIALLY_FILLED", 50), [REGRESSED], ASIDE)
    assert "says 40 filled, we have 50" in result.text("order.filled_quantity_regressed")


def test_row_040_lower_filled_quantity_stops_the_start_if_that_is_wanted() -> None:
    report = reported("PARTIALLY_FILLED", 40)
    result = settle(believing(cached("PARTIALLY_FILLED")), [report], filled_quantity_regression="fail")
    expect(result, [], state("PARTIALLY_FILLED", 50), [REGRESSED, FAILED], FAIL)
    assert result.plan.failed == ["O-1: the venue says 40 filled, we have 50"]


def test_row_040_an_end_with_less_filled_does_not_end_the_order() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("CANCELED", 40)])
    expect(result, [], state("PARTIALLY_FILLED", 50), [REGRESSED], ASIDE)


def test_row_041_accepted_with_nothing_filled_is_a_regression() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("ACCEPTED")])
    expect(result, [], state("PARTIALLY_FILLED", 50), [REGRESSED], ASIDE)


@pytest.mark.parametrize(("ts_last", "aside"), [(3, False), (4, True), (0, True)])
def test_row_041_report_from_before_our_last_event_is_only_old(ts_last: int, aside: bool) -> None:
    order = cached("PARTIALLY_FILLED")
    assert order.ts_last == 4
    result = settle(believing(order), [reported("ACCEPTED", ts_last=ts_last)])
    notes, verdict = ([REGRESSED], ASIDE) if aside else (["WARNING order.report_outdated"], "ok")
    expect(result, [], state("PARTIALLY_FILLED", 50), notes, verdict)


def test_row_042_partially_filled_order_cannot_be_rejected_its_rest_is_canceled() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("REJECTED")])
    expect(result, [CANCEL], state("CANCELED", 50))


def test_row_042_rejected_report_with_fills_cancels_the_rest() -> None:
    result = settle(believing(cached()), [reported("REJECTED", 40)], [traded("T-1", 40)])
    expect(result, ["Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150", CANCEL], state("CANCELED", 40))
    result = settle(believing(cached()), [reported("REJECTED")], [traded("T-1", 40)])
    assert result.events[0] == "Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150"
    assert result.verdict == ASIDE  # a rejected order with nothing filled has a trade


def test_row_044_order_whose_cancel_the_venue_does_not_know_works_on() -> None:
    expect(settle(believing(cached("PENDING_CANCEL")), [reported("ACCEPTED")]), [ACCEPT_AGAIN], state("ACCEPTED"))


def test_row_045_pending_cancel_that_the_venue_carried_out_is_canceled() -> None:
    expect(settle(believing(cached("PENDING_CANCEL")), [reported("CANCELED")]), [CANCEL], state("CANCELED"))


def test_row_046_pending_update_with_the_new_price_at_the_venue_is_updated() -> None:
    result = settle(believing(cached("PENDING_UPDATE")), [reported("ACCEPTED", price="1.02000")])
    expect(result, ["Updated O-1/V-1 to 100 @ 1.02000 at 200"], {"O-1": "ACCEPTED 0/100 @ 1.02000 V-1"})


def test_row_046_pending_update_with_the_old_price_at_the_venue_works_on_as_it_was() -> None:
    expect(settle(believing(cached("PENDING_UPDATE")), [reported("ACCEPTED")]), [ACCEPT_AGAIN], state("ACCEPTED"))


@pytest.mark.parametrize("local", ["PENDING_CANCEL", "PENDING_UPDATE"])
@pytest.mark.parametrize("venue", ["PENDING_CANCEL", "PENDING_UPDATE"])
def test_row_047_pending_order_that_is_pending_at_the_venue_stays(local: str, venue: str) -> None:
    expect(settle(believing(cached(local)), [reported(venue)]), [], state(local))


def test_row_048_fill_that_completes_a_canceled_order_fills_it_and_is_alarmed() -> None:
    result = settle(believing(cached("CANCELED")), [reported("FILLED", 100)], [traded("T-1", 100)])
    expect(result, [f"Filled O-1/V-1 {AT_100} T-1 TAKER at 150"], state("FILLED", 100), [LATE])
    assert "after it was CANCELED" in result.text("fill.late")
    assert result.belief.net(PAIR) == 100


def test_row_050_late_fill_of_a_canceled_order_is_applied_and_it_stays_canceled() -> None:
    result = settle(believing(cached("CANCELED")), [reported("CANCELED", 40)], [traded("T-1", 40)])
    expect(result, ["Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150"], state("CANCELED", 40), [LATE])


def test_row_050_late_total_of_a_canceled_order_is_inferred_and_alarmed() -> None:
    result = settle(believing(cached("CANCELED")), [reported("CANCELED", 40, avg_px="1.0")])
    expect(result, ["Inferred O-1/V-1 40 @ 1.00000 fee 0.02 USD at 200"], state("CANCELED", 40), [INFERRED, LATE])


@pytest.mark.parametrize("by", [POLICY, Provenance.STREAM])
def test_row_051_venue_fill_beats_a_reject(by: Provenance) -> None:
    order = cached("REJECTED", by=by)
    result = settle(believing(order), [reported("FILLED", 100)], [traded("T-1", 100)])
    expect(result, [f"Filled O-1/V-1 {AT_100} T-1 TAKER at 150"], state("FILLED", 100), [LATE])


def test_row_051_partial_fill_of_an_order_that_we_gave_up_opens_it_again() -> None:
    order = cached("REJECTED", by=POLICY)
    result = settle(believing(order), [reported("PARTIALLY_FILLED", 40)], [traded("T-1", 40)])
    expect(
        result,
        [ACCEPT_AGAIN, "Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150"],
        state("PARTIALLY_FILLED", 40),
        [REOPENED],
    )


def test_row_052_order_that_we_gave_up_and_the_venue_has_is_open_again() -> None:
    result = settle(believing(cached("REJECTED", by=POLICY)), [reported("ACCEPTED")])
    expect(result, [ACCEPT_AGAIN], state("ACCEPTED"), [REOPENED])
    assert "we had given the order up as REJECTED; the venue reports ACCEPTED" in result.text("order.reopened")


def test_row_052_reopened_order_takes_the_venues_price_too() -> None:
    result = settle(believing(cached("REJECTED", by=POLICY)), [reported("ACCEPTED", price="1.02000")])
    expect(
        result,
        [ACCEPT_AGAIN, "Updated O-1/V-1 to 100 @ 1.02000 at 200"],
        {"O-1": "ACCEPTED 0/100 @ 1.02000 V-1"},
        [REOPENED],
    )


def test_row_052_order_that_we_gave_up_during_an_update_and_that_filled_at_its_new_size_is_followed() -> None:
    result = settle(believing(cached("CANCELED", by=POLICY)), [reported("FILLED", 150, quantity="150", avg_px="1.0")])
    expect(
        result,
        [
            ACCEPT_AGAIN,
            "Updated O-1/V-1 to 150 @ 1.00000 at 200",
            "Inferred O-1/V-1 150 @ 1.00000 fee 0.06 USD at 200",
        ],
        state("FILLED", 150, of=150),
        [REOPENED, INFERRED],
    )


def test_row_052_order_that_the_venue_itself_rejected_does_not_come_back() -> None:
    result = settle(believing(cached("REJECTED")), [reported("ACCEPTED")])
    expect(result, [], state("REJECTED", venue=None), [WORKS], ASIDE)
    assert "had told us that the order is REJECTED" in result.text("order.works_after_close")


@pytest.mark.parametrize(("ts_last", "aside"), [(2, False), (3, True), (0, True)])
def test_row_052_working_report_from_before_the_end_is_only_old(ts_last: int, aside: bool) -> None:
    order = cached("REJECTED")
    assert order.ts_last == 3
    result = settle(believing(order), [reported("ACCEPTED", ts_last=ts_last)])
    notes, verdict = ([WORKS], ASIDE) if aside else (["WARNING order.report_outdated"], "ok")
    expect(result, [], state("REJECTED", venue=None), notes, verdict)


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED"])
def test_row_053_filled_order_that_the_venue_ended_stays_filled(status: str) -> None:
    expect(settle(believing(cached("FILLED")), [reported(status, 100)]), [], state("FILLED", 100))


@pytest.mark.parametrize("status", ["CANCELED", "EXPIRED"])
def test_row_053_filled_order_that_ended_with_less_at_the_venue_is_set_aside(status: str) -> None:
    expect(settle(believing(cached("FILLED")), [reported(status, 40)]), [], state("FILLED", 100), [REGRESSED], ASIDE)


def test_row_054_filled_order_that_is_half_filled_at_the_venue_fails() -> None:
    result = settle(believing(cached("FILLED")), [reported("PARTIALLY_FILLED", 50)])
    expect(result, [], state("FILLED", 100), [REGRESSED, FAILED], FAIL)
    assert result.plan.failed == ["O-1: the venue says 50 filled, we have 100"]


def test_row_054_filled_order_that_was_enlarged_unheard_works_on() -> None:
    """Found by the campaign: full by what we knew, and alone with its rest at the venue."""
    result = settle(believing(cached("FILLED")), [reported("PARTIALLY_FILLED", 100, quantity="250")])
    expect(
        result,
        ["Updated O-1/V-1 to 250 @ 1.00000 at 200", "Accepted O-1/V-1 at 200"],
        state("PARTIALLY_FILLED", 100, of=250),
        ["INFO order.works_on"],
    )


def test_row_054_filled_order_that_was_enlarged_and_filled_unheard_is_followed() -> None:
    fills = [traded("T-0", 100), traded("T-1", 150)]
    result = settle(believing(cached("FILLED")), [reported("FILLED", 250, quantity="250")], fills)
    assert result.orders == state("FILLED", 250, of=250)
    assert result.plan.quarantined == {}


def test_row_054_filled_order_is_not_enlarged_by_an_old_report() -> None:
    expect(
        settle(believing(cached("FILLED")), [reported("PARTIALLY_FILLED", 100, quantity="250", ts_last=3)]),
        [],
        state("FILLED", 100),
    )


def test_row_054_old_report_of_a_filled_order_fails_nothing() -> None:
    result = settle(believing(cached("FILLED")), [reported("PARTIALLY_FILLED", 50, ts_last=3)])
    expect(result, [], state("FILLED", 100), ["WARNING order.report_outdated"])


def test_row_056_report_without_client_id_is_matched_by_its_venue_id() -> None:
    result = settle(believing(cached()), [reported("CANCELED", client_order_id=None)])
    expect(result, [CANCEL], state("CANCELED"))


def test_row_057_report_with_a_foreign_client_id_is_matched_by_its_venue_id() -> None:
    result = settle(believing(cached()), [reported("CANCELED", client_order_id="X-9")])
    expect(result, [CANCEL], state("CANCELED"), ["WARNING order.other_client_order_id"])
    assert "calls our order X-9; matched by its venue id V-1" in result.text("order.other_client_order_id")


def test_row_057_field_report_c16_fills_under_the_foreign_client_id_belong_to_our_order() -> None:
    result = settle(
        believing(cached()),
        [reported("CANCELED", 40, client_order_id="X-9")],
        [traded("T-1", 40, client_order_id="X-9")],
    )
    expect(
        result,
        ["Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150", CANCEL],
        state("CANCELED", 40),
        ["WARNING order.other_client_order_id"],
    )


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
    result = settle(believing(cached("CANCELED")), [reported("ACCEPTED", venue_order_id="V-2")])
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
