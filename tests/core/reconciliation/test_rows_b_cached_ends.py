"""Cached orders that had ended, or that we had given up, against what the venue says of them (B, 47 to 57)."""

from __future__ import annotations

import pytest

from nautilus_live.core.reconciliation.clocks import BEHIND_NS_MAX
from nautilus_live.model.enums import Provenance
from tests.core.reconciliation.cached import (
    ACCEPT_AGAIN,
    ASIDE,
    AT_100,
    CANCEL,
    FAIL,
    FAILED,
    INFERRED,
    LATE,
    POLICY,
    REGRESSED,
    REOPENED,
    WORKS,
    state,
)
from tests.core.reconciliation.settling import PAIR, believing, cached, expect, reported, settle, traded


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
@pytest.mark.parametrize(("later_ns", "aside"), [(0, False), (1, True)])
def test_row_052_working_report_of_the_moment_of_the_end_is_from_before_it(
    status: str, later_ns: int, aside: bool
) -> None:
    """A stream that does not name orders tells of the acknowledgement when the answer has told of the end already."""
    order = cached(status)
    result = settle(believing(order), [reported("ACCEPTED", ts_last=order.ts_last + later_ns)])
    notes, verdict = ([WORKS], ASIDE) if aside else (["WARNING order.report_outdated"], "ok")
    expect(result, [], state(status), notes, verdict)


def test_row_052_a_venue_that_goes_on_saying_that_an_ended_order_works_contradicts_itself() -> None:
    order = cached("CANCELED")
    report = reported("ACCEPTED", ts_last=order.ts_last)
    heard_ns = order.last_event.ts_init

    behind = settle(believing(order), [report], now=heard_ns + BEHIND_NS_MAX)
    expect(behind, [], state("CANCELED"), ["WARNING order.report_outdated"])
    meant = settle(believing(order), [report], now=heard_ns + BEHIND_NS_MAX + 1)
    expect(meant, [], state("CANCELED"), [WORKS], ASIDE)


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
