"""Reports without a name, named by asking (FIELD C15)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nautilus_live.adapters.ports import OrderQuery
from nautilus_live.engine.naming import name_reports
from nautilus_live.errors import WireError
from nautilus_live.model.enums import OrderSide, OrderStatus
from nautilus_live.model.identifiers import ClientOrderId, VenueOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import ExecutionMassStatus, OrderStatusReport
from tests.core.conftest import SPOT, fill_report, mass_status, order_in, order_report

V1, V2 = VenueOrderId("V-1"), VenueOrderId("V-2")
NAMED, UNNAMED = ClientOrderId("O-1"), None


class Venue:
    """A client that knows which of its orders are ours."""

    def __init__(self, **ours: OrderStatusReport | Exception | None) -> None:
        self.ours = ours
        self.asked: list[OrderQuery] = []

    async def generate_order_status_report(self, query: OrderQuery) -> OrderStatusReport | None:
        self.asked.append(query)
        answer = self.ours[str(query.client_order_id).replace("-", "")]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Known:
    """What of the cache is looked at."""

    def __init__(self, *inflight: Order, venue_ids: tuple[VenueOrderId, ...] = ()) -> None:
        self.inflight, self.venue_ids = list(inflight), venue_ids

    def orders_inflight(self) -> list[Order]:
        return self.inflight

    def client_order_id(self, venue_order_id: VenueOrderId, _: object) -> ClientOrderId | None:
        return ClientOrderId("O-9") if venue_order_id in self.venue_ids else None


def unnamed(venue_order_id: VenueOrderId = V1, **fields: Any) -> OrderStatusReport:
    return order_report(**{"client_order_id": None, "venue_order_id": venue_order_id, **fields})


def name(venue: Venue, known: Known, mass: ExecutionMassStatus) -> ExecutionMassStatus:
    return asyncio.run(name_reports(venue, known, mass))  # type: ignore[arg-type]  # the parts that are used


def names(mass: ExecutionMassStatus) -> list[tuple[str, ClientOrderId | None]]:
    return [(str(one.venue_order_id), one.client_order_id) for one in (*(mass.orders or ()), *(mass.fills or ()))]


def test_what_the_venue_says_is_ours_gets_our_name_and_its_trades_too() -> None:
    venue = Venue(O1=unnamed())
    fills = [fill_report(client_order_id=None, venue_order_id=one) for one in ("V-1", "V-2")]
    named_already = order_report(client_order_id="O-7", venue_order_id="V-7")
    mass = mass_status([unnamed(), unnamed(V2, quantity="2.000"), named_already], fills)

    named = name(venue, Known(order_in("SUBMITTED")), mass)

    seventh = ("V-7", ClientOrderId("O-7"))
    assert names(named) == [("V-1", NAMED), ("V-2", UNNAMED), seventh, ("V-1", NAMED), ("V-2", UNNAMED)]
    assert venue.asked == [OrderQuery(instrument_id=SPOT.id, client_order_id=NAMED)]
    assert names(mass)[0] == ("V-1", UNNAMED), "what the venue sent stays as it is"


def test_two_alike_are_told_apart_by_the_venue() -> None:
    venue = Venue(O1=unnamed(V2), O2=unnamed(V1))
    mass = mass_status([unnamed(), unnamed(V2)])

    named = name(venue, Known(order_in("SUBMITTED", "O-1"), order_in("SUBMITTED", "O-2")), mass)

    assert names(named) == [("V-1", ClientOrderId("O-2")), ("V-2", NAMED)]


def test_what_the_venue_does_not_have_of_ours_is_a_stranger_s() -> None:
    mass = mass_status([unnamed()])

    assert name(Venue(O1=None), Known(order_in("SUBMITTED")), mass) is mass


def test_an_answer_that_does_not_come_leaves_the_list_unknown() -> None:
    with pytest.raises(WireError, match="cut off"):
        name(Venue(O1=WireError("cut off")), Known(order_in("SUBMITTED")), mass_status([unnamed()]))


@pytest.mark.parametrize(
    ("known", "report"),
    [
        (Known(order_in("SUBMITTED"), venue_ids=(V1,)), unnamed()),
        (Known(order_in("SUBMITTED")), unnamed(order_side=OrderSide.SELL)),
        (Known(order_in("SUBMITTED")), unnamed(client_order_id="O-7")),
        (Known(order_in("PENDING_CANCEL")), unnamed()),
        (Known(), unnamed(order_status=OrderStatus.FILLED)),
    ],
    ids=["known by its venue id", "another order", "has a name", "was acknowledged", "nothing in flight"],
)
def test_nothing_is_asked_where_nothing_is_in_question(known: Known, report: OrderStatusReport) -> None:
    venue, mass = Venue(), mass_status([report])

    assert name(venue, known, mass) is mass
    assert venue.asked == []


def test_of_an_incomplete_answer_nothing_is_asked() -> None:
    venue, mass = Venue(), mass_status([unnamed()])
    mass.fills = None

    assert name(venue, Known(order_in("SUBMITTED")), mass) is mass
    assert venue.asked == []
