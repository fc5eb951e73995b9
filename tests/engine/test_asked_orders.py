"""What a strategy asks about one order: an answer counts only if the order has not moved since the question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nautilus_live.adapters.ports import OrderQuery, ReportsQuery
from nautilus_live.core.own_words import own_word
from nautilus_live.engine.asked_orders import QUESTIONS_MAX
from nautilus_live.model.commands import QueryOrder
from nautilus_live.model.enums import LiquiditySide, OrderStatus
from nautilus_live.model.events import OrderPendingUpdate
from nautilus_live.model.identifiers import TradeId, VenueOrderId
from nautilus_live.model.objects import Money, Quantity
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import FillReport, OrderStatusReport

Play = Callable[..., Any]


class SlowVenue:
    """Answers after a while with how the order was when it was asked; `meanwhile` happens before the answer is here."""

    def __init__(self, rig: Any, order: Order, meanwhile: Callable[[int], object]) -> None:
        self.asked = 0
        self._rig, self._order, self._meanwhile = rig, order, meanwhile
        rig.client.generate_order_status_report = self.answer

    async def answer(self, query: OrderQuery) -> OrderStatusReport:
        order, self.asked = self._order, self.asked + 1
        report = OrderStatusReport(
            account_id=self._rig.client.account_id,
            instrument_id=order.instrument_id,
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id or VenueOrderId("V-1"),
            order_side=order.side,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            order_status=OrderStatus.ACCEPTED,
            quantity=order.quantity,
            filled_qty=Quantity.from_str("0.000"),
            price=order.price,
            ts_last=2,
        )
        await asyncio.sleep(0.01)
        self._meanwhile(self.asked)
        await self._rig.settle()
        return report


def ask(rig: Any, order: Order) -> None:
    common: dict[str, Any] = {
        "trader_id": order.trader_id,
        "command_id": "Q",
        "ts_init": 0,
        "strategy_id": order.strategy_id,
    }
    rig.engine.execute(QueryOrder(**common, instrument_id=order.instrument_id, client_order_id=order.client_order_id))


def modify(rig: Any, order: Order) -> None:
    now = rig.clock.timestamp_ns()
    rig.engine.process(own_word(order, OrderPendingUpdate, event_id=rig.event_ids.next(), now=now))


def test_an_answer_from_before_our_command_does_not_answer_that(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        venue = SlowVenue(rig, order, lambda number: modify(rig, order) if number == 1 else None)
        ask(rig, order)
        await asyncio.sleep(0.015)
        assert (venue.asked, order.status) == (2, OrderStatus.PENDING_UPDATE)
        await asyncio.sleep(0.1)  # the second question came after the command: it is answered for good
        assert (venue.asked, order.status) == (2, OrderStatus.ACCEPTED)

    play(story)


def test_an_order_that_moves_faster_than_the_venue_answers_is_believed_by_its_events(play: Play) -> None:
    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        venue = SlowVenue(rig, order, lambda _: modify(rig, order))
        ask(rig, order)
        await asyncio.sleep(1.0)
        assert (venue.asked, order.status) == (QUESTIONS_MAX, OrderStatus.PENDING_UPDATE)

    play(story)


def test_what_filled_unheard_is_asked_for_trade_by_trade(play: Play) -> None:
    """A guess in the place of the trades would keep a guessed commission for as long as the node lives."""

    async def story(rig: Any) -> None:
        order = rig.working(rig.order())
        await rig.settle()
        ids: dict[str, Any] = {
            "account_id": rig.client.account_id,
            "instrument_id": order.instrument_id,
            "client_order_id": order.client_order_id,
            "venue_order_id": order.venue_order_id,
            "order_side": order.side,
        }
        trade = FillReport(
            **ids,
            trade_id=TradeId("T-7"),
            last_qty=order.quantity,
            last_px=order.price,
            commission=Money.from_str("-0.31 USDT"),
            liquidity_side=LiquiditySide.MAKER,
            ts_event=2,
            ts_init=2,
        )
        report = OrderStatusReport(
            **ids,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            order_status=OrderStatus.FILLED,
            quantity=order.quantity,
            filled_qty=order.quantity,
            price=order.price,
            ts_last=2,
        )
        asked: list[ReportsQuery] = []

        async def trades(query: ReportsQuery) -> list[FillReport]:
            asked.append(query)
            return [trade]

        async def answer(_: OrderQuery) -> OrderStatusReport:
            return report

        rig.client.generate_order_status_report, rig.client.generate_fill_reports = answer, trades
        ask(rig, order)
        await rig.settle()
        assert (order.status, [str(name) for name in order.fills]) == (OrderStatus.FILLED, ["T-7"])
        assert order.commissions() == [Money.from_str("-0.31 USDT")]
        ask(rig, order)
        await rig.settle()
        assert [query.venue_order_id for query in asked] == [order.venue_order_id], "known trades are not asked for"

    play(story)
