"""Words of the venue that cannot be understood before it has answered us.

Know the cache, and the event loop for their time. Three kinds: the cancel of an order that we are just modifying, which
some venues say when they replace it, and the end of an order of which more was filled than we know, while the venue is
asked for the trade (`core.admission` says so of both); and a report that names no order of ours but describes one whose
acknowledgement is still on its way. A word waits until its order has moved on, or its time is over; then it is handled
like any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from msgspec import Struct

from nautilus_live.core.candidates import candidate
from nautilus_live.core.reconciliation.replacing import may_end_a_leg_only
from nautilus_live.core.unheard import End, unheard_qty
from nautilus_live.engine.cache import Cache
from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport

Word = End | OrderStatusReport

WAIT_S_MAX = 5.0
"""How long a word waits for an answer that may have been lost. The in-flight check asks meanwhile."""


class Overdue(Struct, frozen=True):
    """A word that has waited long enough: it is taken as it is."""

    word: Word


class _Waiting(Struct, frozen=True):
    word: Word
    status: OrderStatus
    timer: asyncio.TimerHandle
    waits_for_fills: bool

    def is_over(self, order: Order) -> bool:
        """Return whether `order` has moved on as far as the word waits for."""
        if isinstance(self.word, OrderStatusReport):
            return order.status is not self.status
        if self.waits_for_fills:
            return order.is_closed or not unheard_qty(order, self.word)
        return order.is_closed or not may_end_a_leg_only(order, self.word)


class WaitingWords:
    """The words that wait.

    Args:
        loop: the event loop.
        cache: what is known.
        put: takes words whose time has come.
        log: where to log.

    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        cache: Cache,
        put: Callable[[Word | Overdue], object],
        log: logging.Logger,
    ) -> None:
        self._loop = loop
        self._cache = cache
        self._put = put
        self._log = log
        self.words: dict[ClientOrderId, list[_Waiting]] = {}
        """What waits, by the order that it speaks of."""

    def takes(self, report: OrderStatusReport) -> bool:
        """Let a report wait that is probably about an order whose acknowledgement is on its way; tell whether it is."""
        if self._cache.client_order_id(report.venue_order_id, report.instrument_id) is not None:
            return False
        order = candidate(self._cache.orders_inflight(), report)
        if order is not None:
            self._hold(order, report)
        return order is not None

    def hold(self, event: End) -> None:
        """Let an end wait until its order is no longer what it is now, or all that it says was filled is known."""
        order = self._cache.order(event.client_order_id)
        if order is not None:
            self._hold(order, event)

    def _hold(self, order: Order, word: Word) -> None:
        self._log.info("%s: %s waits for the venue's answer", order.client_order_id, type(word).__name__)
        timer = self._loop.call_later(WAIT_S_MAX, self._expire, order.client_order_id, word)
        waits_for_fills = not isinstance(word, OrderStatusReport) and bool(unheard_qty(order, word))
        waiting = _Waiting(word, order.status, timer, waits_for_fills)
        self.words.setdefault(order.client_order_id, []).append(waiting)

    def moved(self, order: Order) -> None:
        """Learn that something happened to `order`, and pass on what waited for just that."""
        waiting = self.words.get(order.client_order_id)
        if waiting is None:
            return
        over = [one for one in waiting if one.is_over(order)]
        if len(over) < len(waiting):
            self.words[order.client_order_id] = [one for one in waiting if not one.is_over(order)]
        else:
            del self.words[order.client_order_id]
        for one in over:
            one.timer.cancel()
            self._put(one.word)

    def clear(self) -> None:
        """Forget all of them."""
        for waiting in self.words.values():
            for one in waiting:
                one.timer.cancel()
        self.words.clear()

    def _expire(self, client_order_id: ClientOrderId, word: Word) -> None:
        left = [one for one in self.words.pop(client_order_id) if one.word is not word]
        if left:
            self.words[client_order_id] = left
        self._put(Overdue(word))
