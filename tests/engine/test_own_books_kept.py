"""Own books that a node keeps, and their audit; a number in a test's name is the row of BEHAVIOUR.md."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.core.own_books import ANSWERS_MAX, entry_of
from nautilus_live.errors import WireError
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.book import OrderBook, OwnOrderBook
from nautilus_live.model.data import BookOrder, OrderBookDelta
from nautilus_live.model.enums import BookAction, OrderSide, OrderStatus
from nautilus_live.model.events import OrderCanceled, OrderFilled, OrderUpdated
from nautilus_live.model.identifiers import ClientOrderId, TradeId, VenueOrderId
from nautilus_live.model.objects import Currency, Price, Quantity
from nautilus_live.model.orders import Order
from tests.live.conftest import BTC, Stage

AUDITED: dict[str, Any] = {
    "manage_own_order_books": True,
    "own_books_audit_interval_secs": 5.0,
    "reconciliation_startup_delay_secs": 1.0,
    "inflight_check_interval_ms": 0,
}


class Running(Stage):
    """A stage with one node that runs, and its own book."""

    task: asyncio.Task[int]

    @property
    def cache(self) -> Any:
        return self.node.cache

    def own(self) -> str:
        """Return our book as text, `none` if there is none."""
        book = self.cache.own_order_book(BTC)
        if book is None:
            return "none"
        bids = " ".join(f"{price}x{size}" for price, size in book.bid_quantity().items())
        asks = " ".join(f"{price}x{size}" for price, size in book.ask_quantity().items())
        return f"{bids} | {asks}"

    async def begin(self, **engine: Any) -> None:
        self.task = await self.running(engine={**AUDITED, **engine})

    async def end(self) -> None:
        self.node.stop()
        assert await self.task == ExitCode.OK, self.node.failure

    async def submitted(self, name: str = "O-1", side: OrderSide = OrderSide.BUY, **fields: Any) -> Order:
        quantity, price = Quantity.from_str("1.000"), Price.from_str("50000.00")
        order = self.strategy.order_factory.limit(
            BTC, side, quantity, price, client_order_id=ClientOrderId(name), **fields
        )
        self.strategy.submit_order(order)
        await asyncio.sleep(0.01)
        return order

    async def hear(self, kind: Any, order: Order, **fields: Any) -> None:
        self.client.emit(kind, order, **fields)
        await asyncio.sleep(0.01)

    async def trade(self, order: Order, quantity: str, name: str = "T-1") -> None:
        await self.hear(
            OrderFilled,
            order,
            trade_id=TradeId(name),
            order_side=order.side,
            order_type=order.order_type,
            last_qty=Quantity.from_str(quantity),
            last_px=Price.from_str("50000.00"),
            currency=Currency.from_str("USDT"),
        )

    def show(self, size: str, price: str = "50000.00") -> None:
        """Let the venue's public book show that much, as of now."""
        book = self.cache.order_book(BTC)
        if book is None:
            book = OrderBook(BTC)
            self.cache.add_order_book(book)
        now = self.world.clock.timestamp_ns()
        entry = BookOrder(OrderSide.BUY, Price.from_str(price), Quantity.from_str(size))
        book.apply(OrderBookDelta(BTC, BookAction.UPDATE, entry, 0, 0, now, now))

    def said(self, caplog: pytest.LogCaptureFixture, level: int = logging.ERROR) -> list[str]:
        return [record.getMessage() for record in caplog.records if record.levelno >= level]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(TradingNode, "tunes_garbage_collection", False)
    return Running()


# -- keeping -----------------------------------------------------------------------------------------------------------


def test_the_book_follows_an_order_through_its_life_and_a_strategy_finds_it_up_to_date(stage: Running) -> None:
    seen: list[str] = []

    async def story() -> None:
        await stage.begin()
        for name in ("OrderSubmitted", "OrderAccepted", "OrderFilled", "OrderUpdated", "OrderCanceled"):
            stage.strategy.on[name] = lambda event: seen.append(stage.own())
        order = await stage.submitted()
        await stage.submitted("O-2", OrderSide.SELL)
        await stage.trade(order, "0.400")
        await stage.hear(OrderUpdated, order, price=Price.from_str("49000.00"), quantity=order.quantity)
        await stage.hear(OrderCanceled, order)
        await stage.end()

    stage.run(story)

    assert seen == [
        "50000.00x1.000 | ",
        "50000.00x1.000 | ",
        "50000.00x1.000 | 50000.00x1.000",
        "50000.00x1.000 | 50000.00x1.000",
        "50000.00x0.600 | 50000.00x1.000",
        "49000.00x0.600 | 50000.00x1.000",
        " | 50000.00x1.000",
    ]


def test_without_the_setting_there_are_no_books_and_nobody_listens(stage: Running) -> None:
    async def story() -> None:
        await stage.begin(manage_own_order_books=False, own_books_audit_interval_secs=None)
        patterns = [sub.priority for sub in stage.node.kernel.msgbus.subscriptions() if sub.priority > 0]
        await stage.submitted()
        assert (stage.node.kernel.own_books, stage.own(), stage.cache.own_order_books(), patterns) == (
            None,
            "none",
            [],
            [],
        )
        await stage.end()

    stage.run(story)


def test_field_d1_a_fill_after_its_cancel_leaves_the_own_book_empty(stage: Running) -> None:
    async def story() -> None:
        await stage.begin()
        order = await stage.submitted()
        await stage.hear(OrderCanceled, order)
        await stage.trade(order, "0.300")
        await stage.trade(order, "0.300", "T-2")
        assert (order.status, order.filled_qty, stage.own()) == (
            OrderStatus.CANCELED,
            Quantity.from_str("0.600"),
            " | ",
        )
        await stage.end()

    stage.run(story)


def test_row_240_external_orders_of_a_start_and_those_of_the_last_run_stand_in_the_book(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "nautilus_live.engine.own_books")

    async def first() -> None:
        await stage.begin()
        await stage.submitted("O-1")
        await stage.end()

    def script(client: Any) -> None:
        client.hold_order("O-1")
        client.hold_order("FOREIGN", quantity=Quantity.from_str("0.500"))

    async def second() -> None:
        stage.scripts["SIM"] = script
        stage.strategy = type(stage.strategy)()
        caplog.clear()
        await stage.begin()
        assert stage.own() == "50000.00x1.500 | "
        names = [order.client_order_id.value for order in stage.cache.own_order_book(BTC).orders()]
        assert names == ["O-1", "FOREIGN"]
        await asyncio.sleep(30.0)
        assert [text for text in stage.said(caplog) if "own_books" in text] == []
        await stage.end()

    async def story() -> None:
        await first()
        await second()

    stage.run(story)
    assert "FOREIGN: added to the own book, ACCEPTED" in caplog.text


# -- the audit against our own orders ----------------------------------------------------------------------------------


def test_rows_235_to_238_both_directions_are_corrected_told_once_and_concluded_from_nothing(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        await stage.begin()
        stage.client.auto_accept = False
        waiting = await stage.submitted("O-WAITS")
        stage.client.auto_accept = True
        gone, absent, wrong = [await stage.submitted(name) for name in ("O-GONE", "O-ABSENT", "O-WRONG")]
        book: OwnOrderBook = stage.cache.own_order_book(BTC)
        old = entry_of(gone)
        await stage.hear(OrderCanceled, gone)
        fresh = stage.strategy.order_factory.limit(BTC, OrderSide.BUY, gone.quantity, gone.price or old.price)
        stage.cache.add_order(fresh)
        book.update(old)
        book.update(entry_of(fresh))
        book.remove(absent.client_order_id)
        await stage.trade(wrong, "0.250")
        stale = entry_of(absent)
        book.update(type(stale)(**{**_fields(stale), "client_order_id": wrong.client_order_id}))
        caplog.clear()
        await asyncio.sleep(30.0)
        what_it_is = "the order is BUY 0.750 @ 50000.00 PARTIALLY_FILLED (V-O-WRONG)"
        assert sorted(text.partition(": ")[2] for text in stage.said(caplog)) == sorted(
            [
                "O-GONE: in the own book, but is CANCELED; removed",
                f"{fresh.client_order_id}: in the own book, but is INITIALIZED; removed",
                "O-ABSENT: ACCEPTED, but absent from the own book; added",
                f"O-WRONG: the own book has BUY 1.000 @ 50000.00 ACCEPTED (V-O-ABSENT), {what_it_is}; corrected",
            ]
        )
        assert stage.own() == "50000.00x2.750 | "
        assert waiting.status is OrderStatus.SUBMITTED
        assert book.is_order_in_book(waiting.client_order_id)
        await stage.end()

    stage.run(story)


def _fields(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


def test_a_book_that_is_missing_altogether_is_made(stage: Running, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        await stage.begin()
        await stage.submitted()
        stage.cache._own_books.clear()
        await asyncio.sleep(10.0)
        assert stage.own() == "50000.00x1.000 | "
        await stage.end()

    stage.run(story)
    assert "O-1: ACCEPTED, but absent from the own book; added" in caplog.text


@pytest.mark.parametrize("interval", [None, 0])
def test_an_audit_that_is_off_corrects_and_asks_nothing(
    stage: Running, caplog: pytest.LogCaptureFixture, interval: float | None
) -> None:
    async def story() -> None:
        await stage.begin(own_books_audit_interval_secs=interval)
        order = await stage.submitted()
        stage.cache.own_order_book(BTC).remove(order.client_order_id)
        stage.show("1.000", "1.00")
        await asyncio.sleep(120.0)
        assert (stage.own(), stage.said(caplog), stage.client.calls.count("order_status")) == (" | ", [], 0)
        await stage.end()

    stage.run(story)


# -- the audit against the venue's public book -------------------------------------------------------------------------


@pytest.mark.parametrize("manages", [True, False])
def test_row_239_a_level_that_the_venue_lacks_leads_to_a_question_and_its_answer_is_applied(
    stage: Running, caplog: pytest.LogCaptureFixture, manages: bool
) -> None:
    async def story() -> None:
        await stage.begin(manage_own_order_books=manages)
        order = await stage.submitted()
        stage.client.hold_order("O-1", OrderStatus.CANCELED, ts_last=1)
        stage.show("1.000")
        await asyncio.sleep(20.0)
        assert (stage.said(caplog), order.status) == ([], OrderStatus.ACCEPTED)
        stage.show("0.000")
        await asyncio.sleep(20.0)
        assert (order.status, stage.client.calls.count("order_status")) == (OrderStatus.CANCELED, 1)
        assert [alarm.kind for alarm in stage.alarms] == ["own_books.public_mismatch"]
        await stage.end()

    stage.run(story)
    assert ("only public books are compared" in caplog.text) is not manages


def test_a_question_without_an_answer_is_asked_again_and_told_once(
    stage: Running, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        await stage.begin()
        order = await stage.submitted()
        stage.client.hooks["order_status"] = _raise
        stage.show("1.000", "1.00")
        await asyncio.sleep(31.0)
        asked = stage.client.calls.count("order_status")
        assert asked >= 3
        assert order.status is OrderStatus.ACCEPTED
        stage.client.hooks.clear()
        await asyncio.sleep(60.0)
        assert stage.client.calls.count("order_status") == asked + ANSWERS_MAX
        assert order.status is OrderStatus.ACCEPTED, "not there is no conclusion of this audit"
        assert [alarm.kind for alarm in stage.alarms] == ["own_books.public_mismatch"]
        await stage.end()

    stage.run(story)
    assert len([text for text in stage.said(caplog) if "public_mismatch" in text]) == 1
    assert "the venue answers that it has no such order; left as it is" in caplog.text


def _raise() -> None:
    raise WireError("no route")


@pytest.mark.parametrize(("threshold_ms", "asked_s"), [(500, 6.0), (1_000, 11.0), (20_000, 41.0)])
def test_open_check_threshold_ms_is_how_long_a_difference_must_last(
    stage: Running, threshold_ms: int, asked_s: float
) -> None:
    """Audits are at 1, 6, 11, ... s; the first that counts comes when the order was quiet for the threshold."""

    async def story() -> None:
        await stage.begin(open_check_threshold_ms=threshold_ms)
        await stage.submitted()
        stage.show("1.000", "1.00")
        await asyncio.sleep(asked_s - 0.5)
        assert stage.client.calls.count("order_status") == 0
        await asyncio.sleep(1.0)
        assert stage.client.calls.count("order_status") == 1
        await stage.end()

    stage.run(story)


def test_questions_are_bounded_and_spaced(stage: Running) -> None:
    times: list[float] = []

    async def story() -> None:
        await stage.begin(max_single_order_queries_per_cycle=2, single_order_query_delay_ms=500)
        stage.client.hooks["order_status"] = lambda: times.append(round(stage.world.loop.time(), 2))
        for number in range(3):
            order = await stage.submitted(f"O-{number}")
            stage.client.hold_order(str(order.client_order_id), venue_order_id=VenueOrderId(f"V-O-{number}"))
        stage.show("1.000", "1.00")
        await asyncio.sleep(100.0)
        await stage.end()

    stage.run(story)

    assert len(times) == 3 * ANSWERS_MAX
    assert [round(at - times[0], 1) for at in times[:4]] == [0.0, 0.5, 5.0, 5.5]


def test_an_order_in_the_book_of_another_price_only_is_a_mismatch_for_that_order_alone(stage: Running) -> None:
    async def story() -> None:
        await stage.begin()
        await stage.submitted("O-1")
        other = await stage.submitted("O-2")
        await stage.hear(OrderUpdated, other, price=Price.from_str("49000.00"), quantity=other.quantity)
        assert stage.own() == "50000.00x1.000 49000.00x1.000 | "
        stage.show("1.000", "49000.00")
        await asyncio.sleep(30.0)
        assert [alarm.ids["client_order_id"] for alarm in stage.alarms] == ["O-1"]
        assert Decimal(1) == stage.cache.order_book(BTC).bids_to_dict()[Decimal(49_000)]
        await stage.end()

    stage.run(story)
