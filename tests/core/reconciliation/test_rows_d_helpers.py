"""The functions under duplicates and filters: which report knows more, and what a filter drops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from nautilus_live.core.reconciliation.duplicates import more_advanced, unique_orders
from nautilus_live.core.reconciliation.filters import Filters
from nautilus_live.core.reconciliation.types import Note
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.reports import OrderStatusReport
from tests.core.belief import Belief
from tests.core.conftest import make_policy
from tests.core.reconciliation.naming import O_1, ONLY_PAIR, SECOND, elsewhere
from tests.core.reconciliation.settling import OTHER_PAIR, PAIR, believing, cached, expect, reported, settle, traded

# -- helpers -----------------------------------------------------------------------------------------------------------


def unique(
    reports: Sequence[OrderStatusReport], belief: Belief | None = None, **choices: Any
) -> list[OrderStatusReport]:
    notes: list[Note] = []
    return unique_orders(list(reports), belief or believing(), make_policy(**choices), notes)


def test_unique_orders_keeps_what_is_unique_in_the_order_it_came() -> None:
    reports = [reported(**SECOND), reported(), reported(client_order_id=None, venue_order_id="V-3")]
    assert unique(reports) == reports
    assert unique([]) == []


def test_unique_orders_without_client_ids_are_told_apart_by_their_venue_ids() -> None:
    nameless = [reported(client_order_id=None, venue_order_id=f"V-{number}") for number in (1, 2)]
    assert unique(nameless) == nameless


def test_unique_orders_drops_only_the_duplicate() -> None:
    nameless = reported(client_order_id=None, venue_order_id="V-3")
    first, second = reported("ACCEPTED"), reported("FILLED", 100, venue_order_id="V-2")
    assert unique([first, nameless, second], duplicate_order_ids="dedupe") == [nameless, second]


MORE = [
    (reported("CANCELED", 39), reported("ACCEPTED", 40)),  # filled quantity first
    (reported("PARTIALLY_FILLED", 40), reported("FILLED", 40)),  # then how far the status is
    (reported("PARTIALLY_FILLED", 40), reported("CANCELED", 40)),
    (reported("PARTIALLY_FILLED", 40), reported("EXPIRED", 40)),
    (reported("PENDING_CANCEL"), reported("PARTIALLY_FILLED")),
    (reported("CANCELED"), reported("FILLED")),
    (reported("ACCEPTED"), reported("PENDING_CANCEL")),
    (reported("ACCEPTED"), reported("PENDING_UPDATE")),
    (reported("ACCEPTED"), reported("TRIGGERED")),
    (reported("TRIGGERED"), reported("REJECTED")),
    (reported("SUBMITTED"), reported("ACCEPTED")),
    (reported("ACCEPTED", ts_last=200), reported("ACCEPTED", ts_last=201)),  # then the time
    (reported("EXPIRED", ts_last=200), reported("CANCELED", ts_last=201)),  # one end is as far as another
    (reported("CANCELED", ts_last=200), reported("REJECTED", ts_last=201)),
    (reported("REJECTED", ts_last=200), reported("EXPIRED", ts_last=201)),
    (reported("PENDING_CANCEL", ts_last=200), reported("PENDING_UPDATE", ts_last=201)),
    (reported("PENDING_UPDATE", ts_last=200), reported("TRIGGERED", ts_last=201)),
    (reported("TRIGGERED", ts_last=200), reported("PENDING_CANCEL", ts_last=201)),
    (reported("ACCEPTED", ts_last=300), reported("TRIGGERED", ts_last=200)),
    (reported("TRIGGERED", ts_last=300), reported("PARTIALLY_FILLED", ts_last=200)),
    (reported("PARTIALLY_FILLED", ts_last=300), reported("EXPIRED", ts_last=200)),
    (reported("CANCELED", ts_last=300), reported("FILLED", ts_last=200)),
    (reported("ACCEPTED", venue_order_id="V-1"), reported("ACCEPTED", venue_order_id="V-2")),  # then the venue's id
    (reported("ACCEPTED", price="1.00000"), reported("ACCEPTED", price="1.00001")),  # then anything that is stable
]


@pytest.mark.parametrize(("less", "more"), MORE)
def test_more_advanced_is_the_report_that_knows_more(less: OrderStatusReport, more: OrderStatusReport) -> None:
    assert more_advanced(less, more) is more
    assert more_advanced(more, less) is more


def test_more_advanced_of_equals_is_the_first() -> None:
    first, second = reported(), reported()
    assert more_advanced(first, second) is first


def filters(belief: Belief | None = None, **choices: Any) -> Filters:
    return Filters(belief or believing(), make_policy(**choices))


def test_filters_without_a_rule_pass_the_very_lists() -> None:
    orders, fills = [reported()], [traded("T-1", 1)]
    passed = filters().select(orders, fills)
    assert passed[0] is orders
    assert passed[1] is fills


def test_filters_pass_what_they_do_not_name() -> None:
    orders, fills = [reported(), reported(**SECOND)], [traded("T-1", 1), traded("T-2", 1, **SECOND)]
    assert filters(filtered_client_order_ids=O_1).select(orders, fills) == (orders[1:], fills[1:])


def test_filters_tell_instruments_with_the_same_venue_id_apart() -> None:
    orders = [reported(), reported(client_order_id="O-2", instrument_id=OTHER_PAIR.id)]
    fills = [traded("T-1", 1, client_order_id=None, instrument_id=OTHER_PAIR.id)]
    assert filters(filtered_client_order_ids=O_1).select(orders, fills) == (orders[1:], fills)


def test_filters_with_both_rules_drop_what_either_names() -> None:
    orders = [reported(), reported(**SECOND), reported(**elsewhere({"client_order_id": "O-3"}))]
    both = filters(filtered_client_order_ids=O_1, instrument_ids=ONLY_PAIR)
    assert both.select(orders, []) == (orders[1:2], [])


def test_filters_drop_an_instrument_only_where_there_is_an_include_list() -> None:
    assert not filters().drops_instrument(PAIR.id)
    assert not filters(instrument_ids=ONLY_PAIR).drops_instrument(PAIR.id)
    assert filters(instrument_ids=ONLY_PAIR).drops_instrument(OTHER_PAIR.id)


def test_filters_know_which_of_our_own_orders_they_drop() -> None:
    order = cached()
    assert not filters().drops_known(order)
    assert filters(filtered_client_order_ids=O_1).drops_known(order)
    assert filters(instrument_ids=frozenset({OTHER_PAIR.id})).drops_known(order)
    assert not filters(instrument_ids=ONLY_PAIR).drops_known(order)


def test_side_of_a_filtered_report_does_not_matter() -> None:
    result = settle(orders=[reported("FILLED", 100, order_side=OrderSide.SELL)], filtered_client_order_ids=O_1)
    expect(result, [], {})
