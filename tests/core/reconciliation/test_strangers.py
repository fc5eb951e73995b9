"""Orders made known as a stranger's that turn out to be ours: what they have is given back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from nautilus_live.core import order_lifecycle
from nautilus_live.core.reconciliation.strangers import REASON, give_back, hand_over, is_mistaken
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.events import OrderCanceled, OrderFilled
from nautilus_live.model.identifiers import ClientOrderId, PositionId, TradeId
from nautilus_live.model.orders import Order
from tests.core.reconciliation.settling import PAIR, cached, fill, reported, settle, traded

EXT = {"client_order_id": None, "venue_order_id": "V-2"}


def made(status: str = "PARTIALLY_FILLED", filled: int = 40, **fields: Any) -> Order:
    """Return a stranger's order V-2 as reports make it known."""
    trades = [traded("T-1", filled, venue_order_id="V-2")] if filled else []
    orders = settle(orders=[reported(status, filled, **{**EXT, **fields})], fills=trades).belief.orders
    return next(iter(orders.values()))


def test_what_it_has_is_void_there_and_ours() -> None:
    stranger, ours = made(), cached()
    plan = hand_over(stranger, ours, 1_000)
    for event in plan.events:
        order_lifecycle.apply(ours if event.client_order_id == ours.client_order_id else stranger, event)
    assert (stranger.status, str(stranger.filled_qty), list(stranger.fills)) == (OrderStatus.CANCELED, "0", [])
    assert (str(ours.filled_qty), [str(one) for one in ours.fills]) == ("40", ["T-1"])
    assert [(note.kind, note.alarm) for note in plan.notes] == [("order.was_ours", True)]
    assert not is_mistaken(stranger, ours)  # there is nothing left


def test_a_trade_that_ours_has_already_is_not_booked_again() -> None:
    ours = fill(cached(), 40, trade="T-1")
    assert [event.client_order_id == ours.client_order_id for event in hand_over(made(), ours, 1_000).events] == [
        False,
        False,
    ]


def test_a_position_that_the_venue_names_keeps_its_name_one_that_we_named_does_not() -> None:
    leg, of_another = f"{PAIR.id}-LONG", f"{PAIR.id}-S-002"
    table = (("P-1", "P-1"), ("P-{}", None), (f"{PAIR.id}-EXTERNAL", None), (leg, leg), (of_another, None))
    for named, kept in table:
        stranger = made("ACCEPTED", 0)
        position_id = PositionId(named.format(stranger.client_order_id))
        trade = fill(cached(), 40, trade="T-1").fills[TradeId("T-1")]
        ids = {"client_order_id": stranger.client_order_id, "venue_order_id": stranger.venue_order_id}
        order_lifecycle.apply(stranger, structs.replace(trade, **ids, position_id=position_id))
        booked = hand_over(stranger, cached(), 1_000).events[-1]
        assert isinstance(booked, OrderFilled)
        assert booked.position_id == (None if kept is None else PositionId(kept))


def test_nothing_but_an_order_of_ours_that_it_can_be_gets_it() -> None:
    assert is_mistaken(made(), cached())
    assert not is_mistaken(cached(), cached())  # both were sent
    assert not is_mistaken(made(), made())
    assert not is_mistaken(made(order_side="SELL", filled=0, status="ACCEPTED"), cached())
    assert not is_mistaken(made("CANCELED", 0), cached())  # nothing to give back
    late = cached(ts_init=2_000)
    assert not is_mistaken(made(), late)  # it was there before ours was made


def test_the_end_of_what_was_never_a_strangers_says_why() -> None:
    (end,) = give_back(made("ACCEPTED", 0), 1_000)
    assert isinstance(end, OrderCanceled)
    assert end.reason == REASON


def test_full_order_is_given_back_without_being_canceled_too() -> None:
    stranger = made("FILLED", 100)
    for event in give_back(stranger, 1_000):
        order_lifecycle.apply(stranger, event)
    assert (stranger.is_closed, str(stranger.filled_qty)) == (True, "0")


@pytest.mark.parametrize("status", ["PENDING_UPDATE", "SUBMITTED"])
def test_report_that_names_ours_takes_it_from_the_stranger(status: str) -> None:
    trades = [traded("T-1", 40, venue_order_id="V-2")]
    belief = settle(orders=[reported("PARTIALLY_FILLED", 40, **EXT)], fills=trades).belief
    belief.add(cached(status))
    [stranger] = [order for order in belief.orders.values() if order.client_order_id != ClientOrderId("O-1")]
    result = settle(belief, [reported("PARTIALLY_FILLED", 40, venue_order_id="V-2")], trades)
    assert result.order().filled_qty == 40
    assert result.belief.orders[stranger.client_order_id].filled_qty == 0
    assert result.belief.net(PAIR) == 40
