"""Ids that two orders have, and orders that two reports tell of (D, 87 to 90)."""

from __future__ import annotations

import pytest
from msgspec import structs

from nautilus_live.core.reconciliation import reconcile
from nautilus_live.core.reconciliation.replacing import HANDOVER_NS_MAX
from nautilus_live.errors import DuplicateClientOrderId, VenueError
from nautilus_live.model.enums import OrderSide, Provenance
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.reports import OrderStatusReport
from tests.core.belief import Belief
from tests.core.conftest import make_policy, mass_status
from tests.core.reconciliation.naming import ACCEPT, CANCEL, INITIALIZED, WORKING, elsewhere
from tests.core.reconciliation.settling import (
    NOW,
    OTHER_PAIR,
    PAIR,
    believing,
    cached,
    expect,
    reported,
    settle,
    shuffled,
    traded,
)

INFERRED = "INFO fill.inferred"
DUPLICATE = "WARNING order.duplicate_client_order_id"
TWICE = "WARNING order.reported_twice"


# -- duplicates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("belief", [believing(), believing(cached())])
def test_row_087_two_orders_with_one_client_id_fail_before_anything_is_planned(belief: Belief) -> None:
    innocent = reported("CANCELED", client_order_id="O-5", venue_order_id="V-5")
    status = mass_status([innocent, reported("CANCELED"), reported("FILLED", 100, venue_order_id="V-2")])
    texts = []
    for one in (status, *shuffled(status)):
        with pytest.raises(DuplicateClientOrderId) as failure:
            reconcile(belief, one, make_policy(), NOW)
        texts.append(str(failure.value))
    assert set(texts) == {
        "2 orders have the client order id O-1: O-1 / V-1 CANCELED 0 of 100 filled; O-1 / V-2 FILLED 100 of 100 filled"
    }


@pytest.mark.parametrize("local", ["ACCEPTED", "SUBMITTED", "PENDING_CANCEL"])
def test_row_087_canceled_and_live_order_under_one_id_fail_unless_we_asked_for_a_change(local: str) -> None:
    pair = mass_status([reported("CANCELED"), reported("ACCEPTED", venue_order_id="V-2")])
    with pytest.raises(DuplicateClientOrderId):
        reconcile(believing(cached(local)), pair, make_policy(), NOW)


@pytest.mark.parametrize(("status", "venue_order_id"), [("EXPIRED", "V-1"), ("ACCEPTED", "V-1"), ("CANCELED", "V-9")])
def test_row_087_only_our_own_canceled_leg_is_explained_by_a_pending_update(status: str, venue_order_id: str) -> None:
    pair = mass_status([reported(status, venue_order_id=venue_order_id), reported("ACCEPTED", venue_order_id="V-2")])
    with pytest.raises(DuplicateClientOrderId):
        reconcile(believing(cached("PENDING_UPDATE")), pair, make_policy(), NOW)


def test_row_087_of_several_duplicates_the_same_one_is_named_whatever_comes_first() -> None:
    orders = [reported(client_order_id=f"O-{number % 4}", venue_order_id=f"V-{number}") for number in range(8)]
    texts = []
    for one in shuffled(mass_status(orders)):
        with pytest.raises(DuplicateClientOrderId) as failure:
            reconcile(believing(), one, make_policy(), NOW)
        texts.append(str(failure.value))
    assert {text.partition(":")[0] for text in texts} == {"2 orders have the client order id O-0"}


def test_row_087_three_orders_are_all_named() -> None:
    status = mass_status([reported("ACCEPTED", venue_order_id=f"V-{number}") for number in (1, 2, 3)])
    with pytest.raises(DuplicateClientOrderId, match=r"3 orders .* O-1 / V-1 .* O-1 / V-2 .* O-1 / V-3"):
        reconcile(believing(), status, make_policy(), NOW)


@pytest.mark.parametrize(("local", "by"), [("PENDING_UPDATE", Provenance.STREAM), ("CANCELED", Provenance.POLICY)])
def test_row_087_field_report_e1_both_legs_of_a_change_whose_answer_was_lost_are_one_order(
    local: str, by: Provenance
) -> None:
    order = cached(local, by=by)
    result = settle(believing(order), [reported("CANCELED"), reported("ACCEPTED", venue_order_id="V-2", price="1.02")])
    updated = "Updated O-1/V-2 to 100 @ 1.02000 at 200"
    reopened = local == "CANCELED"
    expect(
        result,
        ["Accepted O-1/V-1 at 200", updated] if reopened else [updated],
        {"O-1": "ACCEPTED 0/100 @ 1.02000 V-2"},
        ["INFO order.superseded", "INFO order.replaced", *["WARNING! order.reopened"] * reopened],
    )


def legs(*ends: str, filled: tuple[int, ...] = (0, 0, 0), gap: int = 0) -> list[OrderStatusReport]:
    """Return the legs V-1, V-2, ... of O-1, each placed `gap` ns after the one before ended."""
    return [
        reported(
            end,
            filled[number],
            venue_order_id=f"V-{number + 1}",
            ts_accepted=100 * (number + 1) + gap,
            ts_last=100 * (number + 2),
        )
        for number, end in enumerate(ends)
    ]


@pytest.mark.parametrize("belief", [believing(), believing(cached())])
@pytest.mark.parametrize("end", ["ACCEPTED", "EXPIRED", "CANCELED"])
def test_row_087_legs_that_the_venue_replaced_unheard_are_one_order(belief: Belief, end: str) -> None:
    result = settle(belief, legs("CANCELED", "CANCELED", end))
    assert result.orders == {"O-1": f"{end} 0/100 @ 1.00000 V-3"}
    assert result.notes.count("INFO order.superseded") == 2


def test_row_087_a_leg_may_be_placed_a_moment_after_the_one_before_was_canceled() -> None:
    result = settle(orders=legs("CANCELED", "ACCEPTED", gap=HANDOVER_NS_MAX))
    assert result.orders == {"O-1": "ACCEPTED 0/100 @ 1.00000 V-2"}


def test_row_087_trades_on_unheard_legs_belong_to_the_order() -> None:
    trades = [traded("T-1", 30, client_order_id="O-1"), traded("T-2", 10, venue_order_id="V-2", client_order_id="O-1")]
    result = settle(orders=legs("CANCELED", "PARTIALLY_FILLED", filled=(30, 40)), fills=trades)
    assert result.orders == {"O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 avg 1 V-2"}
    assert sum(event.startswith("Filled O-1/V-2") for event in result.events) == 2


@pytest.mark.parametrize(
    "pair",
    [
        legs("CANCELED", "ACCEPTED", gap=HANDOVER_NS_MAX + 1),  # placed much later: the id was used again
        legs("CANCELED", "ACCEPTED", gap=-1),  # placed while the other one still worked
        legs("CANCELED", "ACCEPTED", filled=(30, 0)),  # what was filled cannot be lost by a replacement
        legs("EXPIRED", "ACCEPTED"),
        [*legs("CANCELED"), structs.replace(legs("CANCELED", "ACCEPTED")[1], order_side=OrderSide.SELL)],
    ],
)
def test_row_087_two_different_orders_are_no_legs(pair: list[OrderStatusReport]) -> None:
    with pytest.raises(DuplicateClientOrderId):
        reconcile(believing(cached()), mass_status(pair), make_policy(), NOW)


def test_row_088_most_advanced_of_two_orders_is_kept_where_that_is_wanted() -> None:
    result = settle(
        orders=[reported("CANCELED", 30), reported("PARTIALLY_FILLED", 40, venue_order_id="V-2")],
        fills=[traded("T-1", 30), traded("T-2", 40, venue_order_id="V-2")],
        duplicate_order_ids="dedupe",
    )
    expect(
        result,
        [
            INITIALIZED.replace("V-1", "V-2"),
            ACCEPT.replace("V-1", "V-2"),
            "Filled O-1/V-2 40 @ 1.00000 T-2 TAKER at 150",
        ],
        {"O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 avg 1 V-2"},
        [DUPLICATE],
    )
    assert result.text("order.duplicate_client_order_id") == (
        "2 orders have the client order id O-1: O-1 / V-1 CANCELED 30 of 100 filled;"
        " O-1 / V-2 PARTIALLY_FILLED 40 of 100 filled; keeping O-1 / V-2 PARTIALLY_FILLED 40 of 100 filled"
    )
    assert result.plan.fills_skipped == 1


def test_row_088_note_names_the_order_that_was_kept() -> None:
    reports = [reported(), reported("FILLED", 100, avg_px="1.0", venue_order_id="V-2")]
    result = settle(orders=reports, duplicate_order_ids="dedupe")
    [note] = [note for note in result.plan.notes if note.kind == "order.duplicate_client_order_id"]
    assert (str(note.client_order_id), str(note.venue_order_id), note.instrument_id) == ("O-1", "V-2", PAIR.id)


def test_row_088_an_order_that_works_is_not_lost_to_a_canceled_leg() -> None:
    """The venue canceled the one to put the other in its place: the one that works is the order."""
    result = settle(orders=[reported(), reported("CANCELED", venue_order_id="V-2")], duplicate_order_ids="dedupe")
    [note] = result.plan.notes
    assert str(note.venue_order_id) == "V-1"


def test_row_089_order_reported_twice_counts_as_the_most_advanced() -> None:
    reports = [reported("ACCEPTED", ts_last=300), reported("FILLED", 100, avg_px="1.0")]
    result = settle(orders=reports)
    expect(
        result,
        [INITIALIZED, ACCEPT, "Inferred O-1/V-1 100 @ 1.00000 fee 0.04 USD at 200"],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1 V-1"},
        [TWICE, INFERRED],
    )
    assert result.text("order.reported_twice").startswith("order reported 2 times, keeping O-1 / V-1 FILLED 100 of 100")


def test_row_089_order_reported_twice_word_for_word_needs_no_warning() -> None:
    expect(settle(orders=[reported(), reported()]), [INITIALIZED, ACCEPT], WORKING)


def test_row_089_client_id_that_only_one_of_the_reports_has_is_kept() -> None:
    reports = [reported("ACCEPTED"), reported("CANCELED", client_order_id=None)]
    result = settle(orders=reports)
    expect(result, [INITIALIZED, ACCEPT, CANCEL], {"O-1": "CANCELED 0/100 @ 1.00000 V-1"}, [TWICE])


def test_row_089_order_without_a_client_id_is_named_so() -> None:
    nameless = [reported(client_order_id=None), reported("CANCELED", client_order_id=None)]
    assert "no client id / V-1 ACCEPTED 0 of 100 filled" in settle(orders=nameless).text("order.reported_twice")


def test_row_090_one_venue_order_under_two_client_ids_is_a_contradiction() -> None:
    status = mass_status([reported(), reported("CANCELED", client_order_id="O-2")])
    texts = []
    for one in (status, *shuffled(status)):
        for choice in ("fail", "dedupe"):
            with pytest.raises(VenueError) as failure:
                reconcile(believing(cached()), one, make_policy(duplicate_order_ids=choice), NOW)
            texts.append(str(failure.value))
    [text] = set(texts)
    assert text == (
        "one venue order must have one client order id, these contradict each other:"
        " O-1 / V-1 ACCEPTED 0 of 100 filled; O-2 / V-1 CANCELED 0 of 100 filled"
    )


def test_row_090_of_several_contradictions_the_same_one_is_named_whatever_comes_first() -> None:
    orders = [reported(client_order_id=f"O-{number}", venue_order_id=f"V-{number % 4}") for number in range(8)]
    for one in shuffled(mass_status(orders)):
        with pytest.raises(VenueError, match=r"contradict each other: O-0 / V-0 .* O-4 / V-0"):
            reconcile(believing(), one, make_policy(), NOW)


def test_row_090_same_venue_id_in_two_instruments_is_two_orders() -> None:
    result = settle(orders=[reported(), reported(**elsewhere({"venue_order_id": "V-1"}))])
    assert result.orders == {**WORKING, "O-2": "ACCEPTED 0/100 @ 1.00000 V-1"}
    assert (result.notes, result.verdict) == ([], "ok")


# -- names that two accounts use -------------------------------------------------------------------------------------


def test_an_order_of_the_same_name_in_another_instrument_is_another_order() -> None:
    """Found by the campaign at seed 16154: two venues liquidated under one name."""
    namesake = reported("FILLED", 40, quantity="40", venue_order_id="V-2", instrument_id=OTHER_PAIR.id)
    trade = traded("T-0", 40, venue_order_id="V-2", instrument_id=OTHER_PAIR.id)
    first = settle(believing(cached("FILLED")), [namesake], [trade])

    ours = "FILLED 100/100 @ 1.00000 avg 1 V-1"
    assert first.orders == {"O-1": ours, "EXT-V-2": "FILLED 40/40 @ 1.00000 avg 1 V-2"}
    expect(settle(first.belief, [namesake], [trade]), [], first.orders)


def test_an_order_of_the_same_name_on_another_account_is_another_order() -> None:
    local = believing(cached("ACCEPTED"))
    other = AccountId("SIM-002")
    namesake = reported("CANCELED", venue_order_id="V-2", account_id=other)
    plan = reconcile(local, mass_status([namesake], account_id=other), make_policy(), NOW)

    assert {event.client_order_id.value[:8] for event in plan.events} == {"EXT-V-2-"}
    assert not plan.notes


def test_trades_alone_under_a_name_that_is_taken_make_an_order_of_another_name() -> None:
    trade = traded("T-9", 40, venue_order_id="V-2", instrument_id=OTHER_PAIR.id)
    settled = settle(believing(cached("ACCEPTED")), [], [trade])

    assert settled.orders["O-1"] == WORKING["O-1"]
    assert [text for name, text in settled.orders.items() if name != "O-1"] == ["FILLED 40/40 avg 1 V-2"]


def test_what_is_given_back_to_our_order_is_recorded_under_ids_of_its_own() -> None:
    """Found by the campaign at seed 13888: a repeated event id, and the store could not be loaded any more."""
    belief = settle(believing(cached("SUBMITTED")), [reported("PARTIALLY_FILLED", 40, client_order_id=None)]).belief
    status = mass_status([reported("PARTIALLY_FILLED", 40)], [traded("T-1", 40)])
    belief.apply(reconcile(belief, status, make_policy(), NOW).events)

    recorded = [event.event_id for order in belief.orders.values() for event in order.events]
    assert "OrderCanceled" in {type(event).__name__ for order in belief.orders.values() for event in order.events}
    assert len(set(recorded)) == len(recorded)
