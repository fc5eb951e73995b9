"""Orders that were released when the process died, and that their venue never got: they are held here again."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core import order_lifecycle
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.inflight import InflightCheck, Query, Resolve
from nautilus_live.core.reconciliation.unsent import doubt_unsent
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.enums import OrderStatus, OrderType, Provenance, TriggerType
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderEmulated,
    OrderRejected,
    OrderReleased,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.orders import MarketOrder, Order, StopMarketOrder
from tests.core.conftest import apply, make_event, make_fill, make_order, px, qty

S = 1_000_000_000


def released_stop() -> Order:
    order = make_order(
        "O-1", "SELL", "1.000", order_type=OrderType.STOP_MARKET, price=None, trigger_price=px("99.00"),
        emulation_trigger=TriggerType.BID_ASK, reduce_only=True,
    )  # fmt: skip
    changed = make_event(OrderUpdated, order, quantity=qty("0.600"), price=None, trigger_price=px("98.00"))
    return apply(order, OrderEmulated, changed, OrderReleased)


def doubted_stop() -> Order:
    order = released_stop()
    for event in doubt_unsent([order], 0).events:
        order_lifecycle.apply(order, event)
    return order


def resolve(order: Order, answer: Outcome, until_s: int = 60) -> list[Any]:
    check = InflightCheck(threshold_ms=5_000, retries=5)
    found: list[Any] = []
    for now_s in range(0, until_s, 2):
        for action in check.tick([order], now_s * S):
            if isinstance(action, Query):
                check.answered(action, answer)
            elif isinstance(action, Resolve):
                order_lifecycle.apply(order, action.event)
                found.append(action)
    return found


def test_what_the_venue_never_got_is_held_again_as_it_was() -> None:
    order = doubted_stop()
    assert isinstance(order, MarketOrder)

    (found,) = resolve(order, Outcome.NOT_THERE)

    assert type(found.event) is OrderEmulated
    assert found.event.provenance is Provenance.POLICY
    assert "never sent, and held here again" in found.note.text
    assert isinstance(order, StopMarketOrder)
    assert (order.status, order.trigger_price, order.quantity) == (OrderStatus.EMULATED, px("98.00"), qty("0.600"))
    assert order.emulation_trigger is TriggerType.BID_ASK
    again = apply(order, OrderReleased)
    assert isinstance(again, MarketOrder)


def test_silence_takes_nothing_back() -> None:
    order = doubted_stop()

    assert resolve(order, Outcome.UNANSWERED) == []
    assert order.status is OrderStatus.SUBMITTED


def test_what_was_sent_ends_as_the_guide_says() -> None:
    order = apply(released_stop(), OrderSubmitted)

    (found,) = resolve(order, Outcome.NOT_THERE)

    assert type(found.event) is OrderRejected
    with pytest.raises(IllegalTransition, match="it was sent"):
        apply(apply(released_stop(), OrderSubmitted), OrderEmulated)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (OrderAccepted, OrderStatus.ACCEPTED),
        (OrderCanceled, OrderStatus.CANCELED),
        (OrderRejected, OrderStatus.REJECTED),
        ("0.200", OrderStatus.PARTIALLY_FILLED),
        ("0.600", OrderStatus.FILLED),
    ],
)
def test_the_venue_may_have_it_after_all(word: Any, status: OrderStatus) -> None:
    order = doubted_stop()
    resolve(order, Outcome.NOT_THERE)

    said = make_fill(order, word) if isinstance(word, str) else make_event(word, order, provenance=Provenance.STREAM)
    order_lifecycle.apply(order, said)

    assert order.status is status
    assert isinstance(order, MarketOrder), "what the venue has is the plain order"
    assert not order.provisional
