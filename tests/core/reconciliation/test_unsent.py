"""Orders of an earlier life that may or may not have left (FIELD G10)."""

from __future__ import annotations

import pytest

from nautilus_live.core.reconciliation.unsent import doubt_unsent
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.identifiers import INTERNAL_DIFF
from tests.core.conftest import apply, order_in

NOW = 10_000_000_000


def test_what_was_written_and_not_known_to_be_sent_is_taken_for_sent() -> None:
    order = order_in("INITIALIZED")

    plan = doubt_unsent([order], NOW)
    apply(order, *plan.events)

    assert order.status is OrderStatus.SUBMITTED
    assert order.last_event.provenance is Provenance.RECONCILIATION
    assert order.last_event.ts_init == NOW
    assert [note.kind for note in plan.notes] == ["order.may_have_left"]


@pytest.mark.parametrize("status", ["SUBMITTED", "ACCEPTED", "DENIED", "CANCELED", "FILLED", "PENDING_CANCEL"])
def test_what_is_known_is_left_as_it_is(status: str) -> None:
    plan = doubt_unsent([order_in(status)], NOW)
    assert (plan.events, plan.notes) == ([], [])


def test_an_alignment_order_that_waits_for_its_price_was_never_to_be_sent() -> None:
    assert doubt_unsent([order_in("INITIALIZED", strategy_id=INTERNAL_DIFF)], NOW).events == []
