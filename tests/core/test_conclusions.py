"""Conclusions: every field of the event that ends an order by policy, and that it can be applied."""

from __future__ import annotations

import pytest

from nautilus_live.core import order_lifecycle
from nautilus_live.core.conclusions import NANOSECONDS_PER_MILLISECOND, NANOSECONDS_PER_MINUTE, Outcome, conclude
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderCanceled, OrderRejected
from tests.core.conftest import order_in

NOW = 1_700_000_000_000_000_000


@pytest.mark.parametrize(("kind", "status"), [(OrderRejected, "SUBMITTED"), (OrderCanceled, "PENDING_CANCEL")])
def test_a_conclusion_names_the_order_in_full_and_is_provisional(
    kind: type[OrderRejected | OrderCanceled], status: str
) -> None:
    order = order_in(status)
    before = len(order.events)

    event = conclude(order, kind, "INFLIGHT_TIMEOUT", NOW)

    assert event == kind(
        event_id=f"P-O-1-{before}",
        ts_event=NOW,
        ts_init=NOW,
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        account_id=order.account_id,
        provenance=Provenance.POLICY,
        reason="INFLIGHT_TIMEOUT",
    )
    assert event.provisional
    order_lifecycle.apply(order, event)
    assert order.status is (OrderStatus.REJECTED if kind is OrderRejected else OrderStatus.CANCELED)
    assert order.provisional


def test_a_second_conclusion_about_an_order_has_an_id_of_its_own() -> None:
    order = order_in("PENDING_CANCEL")
    first = conclude(order, OrderCanceled, "INFLIGHT_TIMEOUT", NOW)
    order_lifecycle.apply(order, first)

    assert conclude(order, OrderCanceled, "INFLIGHT_TIMEOUT", NOW).event_id != first.event_id


def test_outcomes_and_units_are_what_they_say() -> None:
    assert [outcome.value for outcome in Outcome] == ["found", "not there", "unanswered"]
    assert NANOSECONDS_PER_MILLISECOND * 60_000 == NANOSECONDS_PER_MINUTE == 60 * 10**9
