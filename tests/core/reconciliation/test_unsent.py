"""Orders of an earlier life that may or may not have left (FIELD G10)."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.reconciliation.alignment import RECONCILIATION_TAGS
from nautilus_live.core.reconciliation.unsent import doubt_unsent
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.identifiers import EXTERNAL, INTERNAL_DIFF
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


@pytest.mark.parametrize(
    "fields",
    [{"strategy_id": INTERNAL_DIFF}, {"tags": RECONCILIATION_TAGS, "provenance": Provenance.RECONCILIATION}],
    ids=["nobody's", "claimed"],
)
def test_an_alignment_order_that_was_only_written_down_is_over(fields: dict[str, Any]) -> None:
    order = order_in("INITIALIZED", **fields)

    plan = doubt_unsent([order], NOW)
    apply(order, *plan.events)

    assert order.status is OrderStatus.CANCELED
    assert plan.notes == []


def test_a_tag_alone_makes_no_alignment_order() -> None:
    order = order_in("INITIALIZED", tags=RECONCILIATION_TAGS)

    apply(order, *doubt_unsent([order], NOW).events)

    assert order.status is OrderStatus.SUBMITTED, "a strategy may call its orders what it likes"


def test_a_strangers_order_that_was_only_written_down_is_asked_about() -> None:
    order = order_in("INITIALIZED", provenance=Provenance.RECONCILIATION, strategy_id=EXTERNAL, tags=("EXTERNAL",))

    plan = doubt_unsent([order], NOW)
    apply(order, *plan.events)

    assert order.status is OrderStatus.SUBMITTED
    assert "it was being made known, and no report tells of it, so the venue is asked" in plan.notes[0].text
