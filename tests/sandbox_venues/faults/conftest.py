"""Messages to spoil, and a script to spoil them."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import GetFills, GetOrders, GetPositions, PlaceOrder
from sandbox_venues.script import Script, Target
from sandbox_venues.venue import Venue, VenueConfig, VenueProfile

BTC = instrument("BTCUSDT")
SECOND_NS = 1_000_000_000


class Spoiler:
    """A venue with two filled orders and an open one, and a script with one fault."""

    def __init__(self) -> None:
        self.venue = Venue(VenueConfig(profile=VenueProfile(page_size=2)), [BTC])
        self.account = self.venue.account_ids[0]
        self.script = Script(Random(1))
        self.now_ns = 100 * SECOND_NS
        self.stream: list[Any] = []
        for number in (1, 2, 3):
            at_ns = number * SECOND_NS
            self.stream += self.venue.handle(self.place(f"O-{number}"), at_ns).messages
            if number < 3:
                self.stream += self.venue.trade(f"O-{number}", now_ns=at_ns)

    def place(self, name: str) -> PlaceOrder:
        return PlaceOrder(
            account_id=self.account, instrument_id=BTC.id, side=OrderSide.BUY, quantity=Quantity.from_str("1.000"),
            client_order_id=ClientOrderId(name), price=Price.from_str("100.00"),
        )  # fmt: skip

    def add(self, fault: Any, times: int | None = None, **target: Any) -> str:
        return self.script.add(fault, Target(**target), times=times)

    def request(self, message: Any) -> list[tuple[int, Any]]:
        return self.script.filter("request", message, "N", self.now_ns)[0]

    def answer(self, request: Any, answer: Any) -> list[tuple[int, Any]]:
        return self.script.filter("answer", answer, "N", self.now_ns, request)[0]

    def hear(self, *messages: Any) -> list[tuple[int, Any]]:
        return [item for m in messages for item in self.script.filter("stream", m, "N", self.now_ns)[0]]

    def said(self, what: str) -> Any:
        return next(m for m in self.stream if m.label == what)

    def ask(self, query: Any) -> list[Any]:
        """All pages of a query, through the script both ways."""
        from msgspec.structs import replace

        items: list[Any] = []
        while True:
            sent = self.request(query)
            (_, item), *_ = sent
            answer = self.venue.query(item, self.now_ns) if item is query else item
            (_, answer), *_ = self.answer(query, answer)
            if not hasattr(answer, "items"):
                return [*items, answer]
            items += answer.items
            if answer.cursor is None:
                return items
            query = replace(query, cursor=answer.cursor)

    def orders(self) -> list[Any]:
        return self.ask(GetOrders(account_id=self.account))

    def fills(self) -> list[Any]:
        return self.ask(GetFills(account_id=self.account))

    def positions(self) -> list[Any]:
        return self.ask(GetPositions(account_id=self.account))


@pytest.fixture
def spoiler() -> Spoiler:
    return Spoiler()


def names(items: list[Any]) -> list[str]:
    return [str(item.client_order_id) for item in items]
