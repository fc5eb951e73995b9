"""Cached orders against reports, state by state: the table of section 3.5 and its rows (B, 26 to 56)."""

from __future__ import annotations

import pytest
from msgspec import structs

from nautilus_live.model.enums import OrderStatus, OrderType, Provenance
from nautilus_live.model.orders import Order
from tests.core.reconciliation.cached import (
    ACCEPT,
    ACCEPT_AGAIN,
    ASIDE,
    CANCEL,
    DENIED,
    EXPIRE,
    FAIL,
    FAILED,
    FILL_100,
    INFERRED,
    LATE,
    POLICY,
    REGRESSED,
    REOPENED,
    WORKS,
    state,
)
from tests.core.reconciliation.settling import PAIR, believing, cached, expect, price, reported, settle, traded

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
REJECT = "Rejected O-1/V-1 UNKNOWN at 200"
FILL_50 = "Inferred O-1/V-1 50 @ 1.00000 fee 0.02 USD at 200"
CLOSED_ALREADY = "WARNING order.already_closed"

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


def test_row_036_an_end_with_what_is_filled_for_its_quantity_is_no_amendment() -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported("CANCELED", 50, quantity="50")])
    expect(result, [CANCEL], state("CANCELED", 50))


@pytest.mark.parametrize("status", ["FILLED", "PARTIALLY_FILLED"])
def test_row_036_quantity_cut_to_what_is_filled_completes_the_order(status: str) -> None:
    result = settle(believing(cached("PARTIALLY_FILLED")), [reported(status, 50, quantity="50")])
    expect(result, ["Updated O-1/V-1 to 50 @ 1.00000 at 200"], state("FILLED", 50, of=50))


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
