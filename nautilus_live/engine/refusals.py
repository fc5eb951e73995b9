"""Refusals: what a command becomes that is not carried out. Nothing that was asked for is lost in silence.

Knows our time, the cache and who takes events. An order that was not known yet is recorded first, so that whoever looks
finds it, with the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from nautilus_live.adapters.ports import Clock
from nautilus_live.core import order_lifecycle
from nautilus_live.core.own_words import own_word
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.ids import EventIds
from nautilus_live.model.commands import CancelOrder, ModifyOrder
from nautilus_live.model.events import OrderCancelRejected, OrderDenied, OrderEvent, OrderModifyRejected
from nautilus_live.model.orders import UNSENT_STATUSES, Order


class Refusals:
    """Says no, by events.

    Args:
        cache: what is known.
        clock: our time.
        event_ids: ids for the events made here.
        process: takes the events.
        log: where to log.

    """

    def __init__(
        self,
        *,
        cache: Cache,
        clock: Clock,
        event_ids: EventIds,
        process: Callable[[OrderEvent], object],
        log: logging.Logger,
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._event_ids = event_ids
        self._process = process
        self._log = log

    def deny(self, order: Order, reason: str) -> None:
        """Refuse an order that has not left; it is known already."""
        self._log.warning("%s: denied: %s", order.client_order_id, reason)
        now = self._clock.timestamp_ns()
        self._process(own_word(order, OrderDenied, event_id=self._event_ids.next(), now=now, reason=reason))

    def turn_away(self, order: Order, reason: str) -> None:
        """Refuse an order whose id belongs to another; only the order is told, for the other has done nothing."""
        if self._cache.order(order.client_order_id) is not order and order.status in UNSENT_STATUSES:
            now = self._clock.timestamp_ns()
            order_lifecycle.apply(
                order, own_word(order, OrderDenied, event_id=self._event_ids.next(), now=now, reason=reason)
            )

    def refuse(self, command: ModifyOrder | CancelOrder, reason: str) -> None:
        """Refuse a modification or a cancel that has not left."""
        kind = OrderModifyRejected if isinstance(command, ModifyOrder) else OrderCancelRejected
        order = self._cache.order(command.client_order_id)
        now = self._clock.timestamp_ns()
        self._log.warning("%s: %s refused: %s", command.client_order_id, type(command).__name__, reason)
        self._process(
            kind(
                event_id=self._event_ids.next(),
                ts_event=now,
                ts_init=now,
                trader_id=command.trader_id,
                strategy_id=command.strategy_id,
                instrument_id=command.instrument_id,
                client_order_id=command.client_order_id,
                venue_order_id=command.venue_order_id if order is None else order.venue_order_id,
                account_id=None if order is None else order.account_id,
                reason=reason,
            )
        )
