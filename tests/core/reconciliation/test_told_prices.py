"""Prices that the venue says first: learned while the order works, no news when it has ended, and never unlearned."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.core.reconciliation.told_prices import tells_new_prices
from nautilus_live.model.enums import OrderType
from tests.core.reconciliation.settling import believing, cached, price, reported, settle

TO_LIMIT, LIMIT, TRAILS = OrderType.MARKET_TO_LIMIT, OrderType.TRAILING_STOP_LIMIT, OrderType.TRAILING_STOP_MARKET


@pytest.mark.parametrize(
    ("kind", "ours", "theirs", "status", "is_news"),
    [
        (TO_LIMIT, {}, {"price": "1.3"}, "ACCEPTED", True),
        (TO_LIMIT, {}, {"price": "1.3"}, "CANCELED", False),
        (TO_LIMIT, {}, {}, "ACCEPTED", False),
        (TRAILS, {}, {"trigger_price": "1.3"}, "ACCEPTED", True),
        (LIMIT, {}, {"price": "1.2"}, "ACCEPTED", True),
        (OrderType.MARKET, {}, {"price": "1.3"}, "ACCEPTED", False),
        (OrderType.STOP_MARKET, {"trigger_price": "1.1"}, {"trigger_price": "1.1", "price": "1.3"}, "ACCEPTED", False),
        (OrderType.LIMIT, {"price": "1.1"}, {"price": "1.3"}, "ACCEPTED", True),
        (OrderType.LIMIT, {"price": "1.1"}, {}, "ACCEPTED", False),
    ],
)
def test_a_price_is_news(
    kind: OrderType, ours: dict[str, str], theirs: dict[str, str], status: str, is_news: bool
) -> None:
    order = cached("ACCEPTED", order_type=kind, **{"price": None, **ours})
    told: dict[str, Any] = {name: price(f"{text}0000") for name, text in theirs.items()}

    assert tells_new_prices(order, reported(status, order_type=kind, **{"price": None, **told})) is is_news


def test_the_price_at_which_the_rest_of_an_order_stands_is_learned_once() -> None:
    order = cached("ACCEPTED", order_type=TO_LIMIT, price=None)

    result = settle(believing(order), [reported("ACCEPTED", order_type=TO_LIMIT, price="1.3")])

    assert result.events == ["Updated O-1/V-1 to 100 @ 1.30000 at 200"]
