"""Our own words name an order by every id that it has, and can be applied to it."""

from __future__ import annotations

import pytest

from nautilus_live.core import order_lifecycle
from nautilus_live.core.own_words import own_word
from nautilus_live.model.enums import OrderStatus, Provenance
from nautilus_live.model.events import OrderPendingCancel, OrderSubmitted
from tests.core.conftest import order_in

NOW = 1_700_000_000_000_000_000


@pytest.mark.parametrize(
    ("status", "kind", "becomes"),
    [
        ("INITIALIZED", OrderSubmitted, OrderStatus.SUBMITTED),
        ("ACCEPTED", OrderPendingCancel, OrderStatus.PENDING_CANCEL),
    ],
)
def test_a_word_of_ours_names_the_order_in_full_and_is_local(
    status: str, kind: type[OrderSubmitted | OrderPendingCancel], becomes: OrderStatus
) -> None:
    order = order_in(status)

    word = own_word(order, kind, event_id="E-9", now=NOW)

    assert (word.event_id, word.ts_event, word.ts_init, word.provenance) == ("E-9", NOW, NOW, Provenance.LOCAL)
    for name in ("trader_id", "strategy_id", "instrument_id", "client_order_id", "venue_order_id", "account_id"):
        assert getattr(word, name) == getattr(order, name), name
    order_lifecycle.apply(order, word)
    assert order.status is becomes


def test_what_a_kind_has_besides_is_passed_on() -> None:
    found = Provenance.RECONCILIATION
    word = own_word(order_in("INITIALIZED"), OrderSubmitted, event_id="E-1", now=1, provenance=found)
    assert word.provenance is found
