"""Fills that wait for an order that comes as a report: they go with it, so that nothing is inferred in their place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from nautilus_live.engine.early_fills import EarlyFills
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, TradeId, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.reports import FillReport, OrderStatusReport

BTC = InstrumentId.from_str("BTCUSDT.SIM")
ETH = InstrumentId.from_str("ETHUSDT.SIM")


class Silence:
    """Nobody is told of anything here."""

    def alarm(self, *_: object, **__: object) -> None:
        raise AssertionError("no fill may expire in these tests")


@pytest.fixture
def early() -> Iterator[EarlyFills]:
    loop = asyncio.new_event_loop()
    fills = EarlyFills(loop, 60.0, Silence())  # type: ignore[arg-type]  # all that is used of notices
    yield fills
    fills.clear()
    loop.close()


def fill(trade: str, venue: str = "V-1", client: str | None = None, instrument_id: InstrumentId = BTC) -> FillReport:
    return FillReport(
        account_id=AccountId("SIM-001"),
        instrument_id=instrument_id,
        venue_order_id=VenueOrderId(venue),
        client_order_id=None if client is None else ClientOrderId(client),
        trade_id=TradeId(trade),
        order_side=OrderSide.BUY,
        last_qty=Quantity.from_str("1.000"),
        last_px=Price.from_str("50000.00"),
        liquidity_side=LiquiditySide.MAKER,
        ts_event=1,
    )


def order(venue: str = "V-1", client: str | None = None) -> OrderStatusReport:
    return OrderStatusReport(
        account_id=AccountId("SIM-001"),
        instrument_id=BTC,
        venue_order_id=VenueOrderId(venue),
        client_order_id=None if client is None else ClientOrderId(client),
        order_side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        order_status=OrderStatus.PARTIALLY_FILLED,
        time_in_force=TimeInForce.GTC,
        quantity=Quantity.from_str("5.000"),
        filled_qty=Quantity.from_str("1.000"),
        ts_last=1,
    )


def test_fills_of_the_order_leave_in_the_order_they_came_and_the_others_stay(early: EarlyFills) -> None:
    mine, stranger, later = fill("T-2"), fill("T-1", venue="V-2"), fill("T-3")
    for one in (mine, stranger, later):
        assert early.hold(one)

    assert early.claim_reports(order()) == [mine, later]
    assert early.claim_reports(order()) == []
    assert early.claim_reports(order("V-2")) == [stranger]
    assert not early.waiting


def test_a_fill_may_name_its_order_by_the_client_id_alone(early: EarlyFills) -> None:
    early.hold(fill("T-1", venue="OLD-LEG", client="O-1"))

    assert early.claim_reports(order("NEW-LEG")) == []
    assert len(early.claim_reports(order("NEW-LEG", client="O-1"))) == 1


def test_the_same_venue_id_in_another_instrument_is_another_order(early: EarlyFills) -> None:
    early.hold(fill("T-1", instrument_id=ETH))

    assert early.claim_reports(order()) == []
    assert len(early.waiting) == 1
