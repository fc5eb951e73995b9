"""Words of the venue that wait for its answer to a command of ours (FIELD C15, D6, E1)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.engine.waiting_words import WAIT_S_MAX, Overdue, WaitingWords
from nautilus_live.model.enums import OrderSide, OrderStatus, OrderType, Provenance, TimeInForce
from nautilus_live.model.events import OrderCanceled, OrderExpired, OrderFilled, OrderUpdated
from nautilus_live.model.identifiers import AccountId, ClientOrderId, TradeId, VenueOrderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport

Play = Callable[..., Any]
V1, V2 = VenueOrderId("V-1"), VenueOrderId("V-2")
ACCOUNT = AccountId("SIM-001")


def ids(order: Order) -> tuple[Any, ...]:
    return order.strategy_id, order.instrument_id, order.client_order_id


def modify(rig: Any, order: Order) -> None:
    rig.client.generate_order_pending_update(*ids(order), V1, rig.clock.timestamp_ns())


def update(rig: Any, order: Order, venue_order_id: VenueOrderId) -> None:
    price = Price.from_str("50001.00")
    now = rig.clock.timestamp_ns()
    rig.client.generate_order_updated(*ids(order), venue_order_id, order.quantity, price, None, now)


def cancel(rig: Any, order: Order, venue_order_id: VenueOrderId = V1) -> None:
    rig.client.generate_order_canceled(*ids(order), venue_order_id, rig.clock.timestamp_ns())


def unnamed(order: Order, **fields: Any) -> OrderStatusReport:
    settings: dict[str, Any] = {
        "account_id": ACCOUNT,
        "instrument_id": order.instrument_id,
        "venue_order_id": V1,
        "order_side": order.side,
        "order_type": OrderType.LIMIT,
        "time_in_force": TimeInForce.GTC,
        "order_status": OrderStatus.ACCEPTED,
        "quantity": order.quantity,
        "filled_qty": Quantity.from_str("0.000"),
        "price": order.price,
        "ts_last": 2,
    }
    return OrderStatusReport(**{**settings, **fields})


async def later(rig: Any, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await rig.settle()


def test_a_replacement_heard_in_reverse_is_one_update(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        modify(rig, order)
        cancel(rig, order)
        await rig.settle()
        assert order.status is OrderStatus.PENDING_UPDATE
        update(rig, order, V2)
        await later(rig, WAIT_S_MAX + 1)
        assert (order.status, order.venue_order_id) == (OrderStatus.ACCEPTED, V2)

    assert play(story).told()[-2:] == ["OrderPendingUpdate", "OrderUpdated"]


def test_a_trade_in_between_does_not_make_the_old_legs_cancel_the_end(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        modify(rig, order)
        rig.fill(order, "0.400")
        cancel(rig, order)
        await rig.settle()
        assert order.status is OrderStatus.PARTIALLY_FILLED
        update(rig, order, V2)
        await later(rig, WAIT_S_MAX + 1)
        assert (order.status, order.venue_order_id) == (OrderStatus.PARTIALLY_FILLED, V2)

    assert play(story).told(OrderFilled | OrderCanceled | OrderUpdated) == ["OrderFilled", "OrderUpdated"]


def test_a_cancel_that_we_asked_for_waits_for_the_modification_that_we_asked_for_before(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        modify(rig, order)
        rig.client.generate_order_pending_cancel(*ids(order), V1, rig.clock.timestamp_ns())
        cancel(rig, order)
        await rig.settle()
        assert order.status is OrderStatus.PENDING_CANCEL
        update(rig, order, V2)
        await rig.settle()
        assert (order.status, order.venue_order_id) == (OrderStatus.PENDING_CANCEL, V2)

    assert play(story).told()[-3:] == ["OrderPendingUpdate", "OrderPendingCancel", "OrderUpdated"]


def test_a_cancel_is_told_when_the_modification_is_refused(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        modify(rig, order)
        cancel(rig, order)
        rig.client.generate_order_modify_rejected(*ids(order), V1, "no such order", rig.clock.timestamp_ns())
        await rig.settle()
        assert order.status is OrderStatus.CANCELED

    assert play(story).told()[-3:] == ["OrderPendingUpdate", "OrderModifyRejected", "OrderCanceled"]


def test_a_cancel_is_told_when_the_answer_does_not_come_in_time(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        modify(rig, order)
        cancel(rig, order)
        await later(rig, WAIT_S_MAX - 0.1)
        assert order.status is OrderStatus.PENDING_UPDATE
        await later(rig, 0.2)
        assert order.status is OrderStatus.CANCELED

    assert play(story).told()[-1] == "OrderCanceled"


def test_what_waits_ends_with_the_engine(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        modify(rig, order)
        cancel(rig, order)
        await rig.settle()
        rig.engine.stop()
        await later(rig, WAIT_S_MAX + 1)
        assert order.status is OrderStatus.PENDING_UPDATE

    play(story)


def test_a_report_that_names_nobody_waits_for_the_acknowledgement_and_makes_no_second_order(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.submit(rig.order())
        rig.client.generate_order_submitted(*ids(order), rig.clock.timestamp_ns())
        rig.engine.receive_report(fill_of(order))
        rig.engine.receive_report(
            unnamed(order, order_status=OrderStatus.PARTIALLY_FILLED, filled_qty=Quantity.from_str("0.400"))
        )
        await rig.settle()
        assert [one.client_order_id for one in rig.cache.orders()] == [ClientOrderId("O-1")]
        now = rig.clock.timestamp_ns()
        rig.client.generate_order_accepted(*ids(order), V1, now, Provenance.RESPONSE)
        await rig.settle()
        assert (order.status, order.filled_qty) == (OrderStatus.PARTIALLY_FILLED, Quantity.from_str("0.400"))
        assert list(order.fills) == [TradeId("T-1")]

    rig = play(story)
    assert len(rig.cache.orders()) == 1


def fill_of(order: Order) -> FillReport:
    return FillReport(
        account_id=ACCOUNT,
        instrument_id=order.instrument_id,
        venue_order_id=V1,
        trade_id=TradeId("T-1"),
        order_side=order.side,
        last_qty=Quantity.from_str("0.400"),
        last_px=order.price,  # type: ignore[arg-type]  # a limit order
        ts_event=2,
    )


def test_a_report_that_nobody_claims_in_time_is_of_an_external_order(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.submit(rig.order())
        rig.client.generate_order_submitted(*ids(order), rig.clock.timestamp_ns())
        rig.engine.receive_report(unnamed(order))
        await later(rig, WAIT_S_MAX - 0.1)
        assert len(rig.cache.orders()) == 1
        await later(rig, 0.2)
        assert [one.strategy_id.value for one in rig.cache.orders()] == ["S-001", "EXTERNAL"]

    play(story)


def test_a_report_of_another_order_waits_for_nobody(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.submit(rig.order())
        rig.client.generate_order_submitted(*ids(order), rig.clock.timestamp_ns())
        await rig.settle()
        rig.engine.receive_report(unnamed(order, order_side=OrderSide.SELL))
        await rig.settle()
        assert [one.strategy_id.value for one in rig.cache.orders()] == ["S-001", "EXTERNAL"]

    play(story)


def test_two_words_that_wait_for_one_order_end_each_in_its_time(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.submit(rig.order())
        rig.client.generate_order_submitted(*ids(order), rig.clock.timestamp_ns())
        rig.engine.receive_report(unnamed(order))
        await later(rig, 2.0)
        rig.engine.receive_report(unnamed(order, venue_order_id=V2))
        await later(rig, WAIT_S_MAX - 1.0)
        assert len(rig.cache.orders()) == 2
        await later(rig, 2.0)
        assert len(rig.cache.orders()) == 3

    play(story)


class Desk:
    """Waiting words by themselves: an order on a loop of their own, and what was passed on."""

    def __init__(self, rig: Any, order: Order) -> None:
        self.passed: list[Any] = []
        self.words = WaitingWords(rig.loop, rig.cache, self.passed.append, logging.getLogger("words"))
        self.order = order
        self.errors: list[Any] = []
        rig.loop.set_exception_handler(lambda _, context: self.errors.append(context))


async def desk_of(rig: Any) -> Desk:
    order = rig.submit(rig.order())
    rig.client.generate_order_submitted(*ids(order), rig.clock.timestamp_ns())
    await rig.settle()
    return Desk(rig, order)


def test_only_a_report_that_names_nobody_known_may_wait(play: Play) -> None:
    async def story(rig: Any) -> None:
        desk = await desk_of(rig)
        assert desk.words.takes(unnamed(desk.order, client_order_id=ClientOrderId("O-1"))) is False
        assert desk.words.takes(unnamed(desk.order, quantity=Quantity.from_str("2.000"))) is False
        other = rig.working(rig.order("O-2"), "V-2")
        await rig.settle()
        assert desk.words.takes(unnamed(other, venue_order_id=V2)) is False
        assert not desk.words.words
        assert desk.words.takes(unnamed(desk.order)) is True
        assert desk.words.words
        desk.words.clear()

    play(story)


def test_a_word_is_passed_on_once_when_its_order_moves_on(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    async def story(rig: Any) -> None:
        desk = await desk_of(rig)
        report = unnamed(desk.order)
        desk.words.takes(report)
        desk.words.moved(desk.order)
        assert desk.passed == [], "it is what it was"
        desk.words.moved(rig.order("O-9"))
        rig.client.generate_order_accepted(*ids(desk.order), V1, rig.clock.timestamp_ns())
        await rig.settle()
        desk.words.moved(desk.order)
        desk.words.moved(desk.order)
        await later(rig, WAIT_S_MAX + 1)
        assert (desk.passed, desk.errors) == ([report], [])
        assert not desk.words.words

    with caplog.at_level(logging.INFO, "words"):
        play(story)
    assert [record.getMessage() for record in caplog.records if record.name == "words"] == [
        "O-1: OrderStatusReport waits for the venue's answer"
    ]


def test_each_word_is_overdue_in_its_own_time(play: Play) -> None:
    async def story(rig: Any) -> None:
        desk = await desk_of(rig)
        first, second = unnamed(desk.order), unnamed(desk.order, venue_order_id=V2)
        desk.words.takes(first)
        await later(rig, 2.0)
        desk.words.takes(second)
        await later(rig, WAIT_S_MAX - 1.0)
        assert desk.passed == [Overdue(first)]
        third = unnamed(desk.order, venue_order_id=VenueOrderId("V-3"))
        desk.words.takes(third)
        await later(rig, 2.0)
        assert desk.passed == [Overdue(first), Overdue(second)]
        rig.client.generate_order_accepted(*ids(desk.order), V1, rig.clock.timestamp_ns())
        await rig.settle()
        desk.words.moved(desk.order)
        assert desk.passed == [Overdue(first), Overdue(second), third]
        assert not desk.words.words

    play(story)


def test_nothing_is_passed_on_after_clearing(play: Play) -> None:
    async def story(rig: Any) -> None:
        desk = await desk_of(rig)
        desk.words.takes(unnamed(desk.order))
        desk.words.clear()
        assert not desk.words.words
        await later(rig, WAIT_S_MAX + 1)
        assert (desk.passed, desk.errors) == ([], [])

    play(story)


def test_the_cancel_of_an_order_that_is_not_known_does_not_wait(play: Play) -> None:
    async def story(rig: Any) -> None:
        desk = await desk_of(rig)
        stranger = rig.order("O-9")
        desk.words.hold(canceled(rig, stranger))
        assert not desk.words.words
        desk.words.hold(canceled(rig, desk.order))
        assert desk.words.words
        desk.words.clear()

    play(story)


def canceled(rig: Any, order: Order) -> OrderCanceled:
    return OrderCanceled(
        event_id="E-X",
        ts_event=1,
        ts_init=1,
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
    )


# -- an end that tells of a fill which was not heard -------------------------------------------------------------------


def end(rig: Any, order: Order, filled: str, how: str = "canceled") -> None:
    say = getattr(rig.client, f"generate_order_{how}")
    say(*ids(order), V1, rig.clock.timestamp_ns(), Provenance.STREAM, Quantity.from_str(filled))


def asked(rig: Any) -> list[Order]:
    found: list[Order] = []
    rig.engine.question_hook = found.append
    return found


@pytest.mark.parametrize("how", ["canceled", "expired"])
def test_an_end_waits_for_the_fill_that_it_tells_of(play: Play, how: str) -> None:
    async def story(rig: Any) -> None:
        questions = asked(rig)
        order = rig.working(rig.order())
        end(rig, order, "0.500", how)
        await rig.settle()
        assert (order.status, questions) == (OrderStatus.ACCEPTED, [order])
        rig.fill(order, "0.300")
        await rig.settle()
        assert order.status is OrderStatus.PARTIALLY_FILLED, "0.200 are still to come"
        rig.fill(order, "0.200")
        await rig.settle()
        assert order.is_closed
        assert rig.engine.uncertain_instruments() == {}

    assert play(story).told(OrderFilled | OrderCanceled | OrderExpired) == [
        "OrderFilled", "OrderFilled", f"Order{how.capitalize()}",
    ]  # fmt: skip


def test_an_end_whose_fill_nobody_shows_is_told_in_time_and_its_instrument_is_uncertain(play: Play) -> None:
    async def story(rig: Any) -> None:
        questions = asked(rig)
        order = rig.working(rig.order())
        end(rig, order, "0.500")
        await later(rig, WAIT_S_MAX + 0.1)
        assert (order.status, questions) == (OrderStatus.CANCELED, [order, order])
        assert "0.500 of it was filled" in rig.engine.uncertain_instruments()[order.instrument_id]
        rig.fill(order, "0.500")
        await rig.settle()
        assert rig.engine.uncertain_instruments() == {}

    play(story)


def test_an_end_that_agrees_with_what_is_known_waits_for_nothing(play: Play) -> None:
    async def story(rig: Any) -> None:
        questions = asked(rig)
        order = rig.working(rig.order())
        rig.fill(order, "0.500")
        end(rig, order, "0.500")
        await rig.settle()
        assert (order.status, questions) == (OrderStatus.CANCELED, [])

    play(story)


def test_nobody_doubts_the_end_of_an_order_that_is_none_of_our_business(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        end(rig, order, "0.500")
        await later(rig, WAIT_S_MAX + 0.1)
        assert order.status is OrderStatus.CANCELED
        assert rig.engine.uncertain_instruments() == {}

    play(story, exec_config=LiveExecEngineConfig(filtered_client_order_ids=[ClientOrderId("O-1")]))
