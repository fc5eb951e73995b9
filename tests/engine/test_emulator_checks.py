"""What the emulator refuses as soon as it hears of it, not in the moment in which it is wanted; whose prices count."""

from __future__ import annotations

from typing import Any

import pytest

from nautilus_live.model.commands import ModifyOrder
from nautilus_live.model.enums import OrderStatus, OrderType, TriggerType
from nautilus_live.model.events import OrderDenied, OrderModifyRejected
from nautilus_live.model.identifiers import InstrumentId, Symbol
from nautilus_live.model.instruments import CurrencyPair
from nautilus_live.model.objects import Currency, Price, Quantity
from tests.engine.test_emulated_lists import bracket
from tests.engine.test_emulator import Desk

AUD = InstrumentId.from_str("AUD/USD.SIM")
HELD_FOR_AUD = {"trigger_instrument_id": AUD, "emulation_trigger": TriggerType.BID_ASK}


def add_aud(desk: Desk) -> None:
    desk.rig.cache.add_instrument(
        CurrencyPair(
            id=AUD, raw_symbol=Symbol("AUD/USD"), base_currency=Currency.from_str("AUD"),
            quote_currency=Currency.from_str("USD"), price_precision=5, size_precision=0,
            price_increment=Price.from_str("0.00001"), size_increment=Quantity.from_str("1"),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"quantity": "1.0005"}, "quantity: must be a multiple of 0.001, was 1.0005"),
        ({"order_type": OrderType.STOP_LIMIT, "price": "48999.999"}, "price: must have at most 2 decimal places"),
    ],
)
def test_an_order_that_could_never_leave_is_denied_at_once(play: Any, fields: Any, reason: str) -> None:
    async def story(rig: Any) -> None:
        order = Desk(rig).submit(**fields)
        await rig.settle()
        assert order.status is OrderStatus.DENIED
        assert rig.last(OrderDenied).reason.startswith(f"emulation: {reason}")

    play(story)


def test_a_list_with_an_exit_that_could_never_leave_is_denied_whole(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(rig: Any) -> None:
        desk = Desk(rig)
        made = rig.order
        wrong = {"T": {"price": "51000.001"}}
        monkeypatch.setattr(rig, "order", lambda name, *args, **more: made(name, *args, **more | wrong.get(name, {})))
        orders = bracket(desk)
        await rig.settle()
        assert [order.status for order in orders] == [OrderStatus.DENIED] * 3
        assert rig.last(OrderDenied).reason.startswith("emulation: T: price: must have at most 2 decimal places")
        assert desk.sent() == []

    play(story)


def test_a_trigger_of_another_market_is_a_price_of_that_market(play: Any) -> None:
    async def story(rig: Any) -> None:
        desk = Desk(rig)
        add_aud(desk)
        order = desk.submit(trigger_price=Price.from_str("0.64000"), **HELD_FOR_AUD)
        change = {"client_order_id": order.client_order_id}
        desk.command(ModifyOrder, order, trigger_price=Price.from_str("0.64321"), **change)
        assert order.trigger_price == Price.from_str("0.64321")
        desk.command(ModifyOrder, order, trigger_price=Price.from_str("0.643215"), **change)
        assert rig.last(OrderModifyRejected).reason.startswith("trigger_price: must have at most 5 decimal places")
        desk.command(ModifyOrder, order, quantity=Quantity.from_str("0.0001"), **change)
        assert rig.last(OrderModifyRejected).reason.startswith("quantity: must be a multiple of 0.001")

    play(story)
