"""The own order books of a node, kept from its order events; and the monitor that audits them.

Knows bus, cache, clients; what belongs in a book and what is wrong with one says `core.own_books`. Promises:

1. When a strategy hears an order event, the own book has it already.
2. Without `manage_own_order_books` there are no own books, and no event costs anything.
3. The audit concludes nothing about orders: it corrects our own books, and asks venues where theirs disagrees.
"""

from __future__ import annotations

import asyncio
import logging

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.core.conclusions import Outcome
from nautilus_live.core.own_books import PublicBookCheck, audit, correct, place
from nautilus_live.core.reconciliation.types import Plan
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.execution import ExecutionEngine
from nautilus_live.engine.inquiries import Inquiries
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.own_book import OwnOrderBook

PRIORITY_FIRST = 1_000_000
"""Own books hear of an event before anybody who might look into them."""

_log = logging.getLogger(__name__)


class OwnBooks:
    """Keeps one own book an instrument, in the cache.

    Args:
        cache: where orders and books are.
        msgbus: where order events are heard.

    """

    def __init__(self, cache: Cache, msgbus: MessageBus) -> None:
        self._cache = cache
        msgbus.subscribe("events.order.*", self.on_order_event, PRIORITY_FIRST)

    def rebuild(self) -> None:
        """Make the books anew from the orders in the cache, as a start finds them."""
        for book in self._cache.own_order_books():
            book.clear()
        for order in active_orders(self._cache):
            self._place(order)

    def on_order_event(self, event: OrderEvent) -> None:
        """Take an order event that was applied."""
        order = self._cache.order(event.client_order_id)
        if order is not None:
            self._place(order)

    def _place(self, order: Order) -> None:
        book = self._cache.own_order_book(order.instrument_id)
        if book is None:
            book = OwnOrderBook(order.instrument_id)
            self._cache.add_own_order_book(book)
        known = len(book)
        place(book, order)
        if len(book) > known:
            _log.debug("%s: added to the own book, %s", order.client_order_id, order.status)


class OwnBooksMonitor:
    """Audits the own books, and asks about orders that a venue's public book does not show."""

    def __init__(
        self,
        engine: ExecutionEngine,
        cache: Cache,
        clock: Clock,
        config: LiveExecEngineConfig,
        inquiries: Inquiries,
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._clock = clock
        self._inquiries = inquiries
        self._manages = config.manage_own_order_books
        self._questions_max = config.max_single_order_queries_per_cycle
        self._pause_s = config.single_order_query_delay_ms / 1_000
        self._check = PublicBookCheck(
            threshold_ms=config.open_check_threshold_ms, filtered=config.filtered_client_order_ids or ()
        )
        if not self._manages:
            _log.warning("own books audit: manage_own_order_books is off, only public books are compared")

    async def cycle(self) -> None:
        """Audit once, and ask what there is to ask."""
        if self._manages:
            self._audit_own()
        now = self._clock.timestamp_ns()
        findings = self._check.compare(self._cache.orders_open(), self._cache.order_book, now)
        for finding in findings:
            if finding.note is not None:
                self._engine.apply_plan(Plan(notes=[finding.note]))
        for number, finding in enumerate(findings[: self._questions_max]):
            if number:
                await asyncio.sleep(self._pause_s)
            await self._ask(finding.order)

    def _audit_own(self) -> None:
        orders: dict[InstrumentId, list[Order]] = {book.instrument_id: [] for book in self._cache.own_order_books()}
        for order in active_orders(self._cache):
            orders.setdefault(order.instrument_id, []).append(order)
        for instrument_id, active in orders.items():
            book = self._cache.own_order_book(instrument_id)
            if book is None:
                book = OwnOrderBook(instrument_id)
                self._cache.add_own_order_book(book)
            corrections = audit(book, active, self._cache.order)
            correct(book, corrections)
            for correction in corrections:
                self._engine.apply_plan(Plan(notes=[correction.note]))

    async def _ask(self, order: Order) -> None:
        orders = self._cache.orders_open(instrument_id=order.instrument_id)
        if not self._check.still_differs(order, orders, self._cache.order_book, self._clock.timestamp_ns()):
            return  # the answer to another question explained it, or the order ended meanwhile
        outcome = Outcome.UNANSWERED
        try:
            client = self._engine.client_of(order, self._cache.client_id(order.client_order_id))
            if client is None:
                _log.warning("%s: no client to ask about it; nothing is concluded", order.client_order_id)
                return
            outcome = await self._inquiries.ask(client, order)
        finally:
            note = self._check.answered(order, outcome)
            if note is not None:
                self._engine.apply_plan(Plan(notes=[note]))


def active_orders(cache: Cache) -> list[Order]:
    """Return the orders that work at a venue or wait for its answer, in the order they were sent."""
    found = {order.client_order_id: order for order in (*cache.orders_open(), *cache.orders_inflight())}
    return sorted(found.values(), key=_sent_at)


def _sent_at(order: Order) -> int:
    return order.ts_submitted or order.ts_init
