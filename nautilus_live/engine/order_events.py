"""One order event, applied: order, position, cache and store in one transaction, and then told.

Knows `core.order_lifecycle` and `core.position_keeping` through the cache and the position keeper. Promises: an event
that the order refuses changes nothing and is told to nobody; a fill changes order and position together; what is told
is in the cache, and in the store if that does not buffer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import structs

from nautilus_live.core import order_lifecycle
from nautilus_live.core.fill_corrections import Correction
from nautilus_live.core.foreign_fills import as_placeholders
from nautilus_live.engine.alarms import Notices
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.message_bus import MessageBus
from nautilus_live.engine.positions import PositionKeeper, clash_between
from nautilus_live.engine.topics import Topics
from nautilus_live.errors import IllegalTransition
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided, OrderInitialized, PositionEvent
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.orders import Order, order_from
from nautilus_live.model.position import Position

_NOT_A_STEP = (OrderFilled, OrderFillVoided, OrderInitialized)


class OrderEvents:
    """Applies order events and publishes those that were applied.

    Args:
        msgbus: where they are published.
        cache: where orders and positions live.
        positions: applies fills to positions.
        notices: where refusals are told.
        account_of: returns the account that trades an instrument, for fills that do not say.
        allow_overfills: take fills beyond an order's quantity.
        log: where to log.

    """

    def __init__(
        self,
        *,
        msgbus: MessageBus,
        cache: Cache,
        positions: PositionKeeper,
        notices: Notices,
        account_of: Callable[[InstrumentId], AccountId | None],
        allow_overfills: bool,
        log: logging.Logger,
    ) -> None:
        self.applied_count = 0
        self.refused_count = 0
        self._publish = msgbus.publish
        self._cache = cache
        self._positions = positions
        self._notices = notices
        self._account_of = account_of
        self._allow_overfills = allow_overfills
        self._log = log
        self._order_topics = Topics("events.order.")
        self._fill_topics = Topics("events.fills.")
        self._position_topics = Topics("events.position.")

    def create(self, init: OrderInitialized) -> Order:
        """Remember a new order that did not come from a command, and tell of it."""
        order = order_from(init)
        self._cache.add_order(order)
        self._tell(init)
        return order

    def apply(self, order: Order, event: OrderEvent) -> bool:
        """Apply `event` to `order`, or refuse it; returns whether it was applied. An order begins once only."""
        if type(event) in _NOT_A_STEP:
            if type(event) is OrderFilled:
                return self.apply_fill(order, event)
            if type(event) is OrderFillVoided:
                return self._apply_correction(order, event, order.fills.get(event.trade_id))
            return False
        try:
            order_lifecycle.apply(order, event)
        except IllegalTransition as error:
            return self._refuse(event, error)
        self._cache.update_order(order)
        self._tell(event)
        return True

    def apply_fill(self, order: Order, fill: OrderFilled) -> bool:
        """Apply a fill to `order` and to the position that it concerns, or refuse it, as `apply` does."""
        cache = self._cache
        instrument = cache.instrument(fill.instrument_id)
        if instrument is None:
            return self._refuse(
                fill, f"{fill.client_order_id}: a fill needs its instrument, {fill.instrument_id} is not known"
            )
        if not fill.last_px.value and instrument.is_inverse:
            return self._refuse(fill, f"{fill.client_order_id}: an inverse instrument has no price of zero")
        account_id = fill.account_id or order.account_id or self._account_of(fill.instrument_id)
        if account_id is None:
            return self._refuse(
                fill, f"{fill.client_order_id}: a fill needs an account, {fill.instrument_id} has no client"
            )
        if fill.corrects is not None and fill.corrects in order.fills:
            gone = order.fills[fill.corrects]
            fill = structs.replace(fill, position_id=gone.position_id, affects_position=gone.affects_position)
            return self._apply_correction(order, fill, gone)
        moves = fill.affects_position
        placeholders: Sequence[OrderFilled] = ()
        if fill.replaces:
            placeholders = [order.fills[trade_id] for trade_id in fill.replaces if trade_id in order.fills]
        parts: Sequence[OrderFilled] = ()
        held: Position | None = None
        if moves:
            fill, parts = self._positions.place(order, fill, account_id, placeholders)
            if parts and len(parts) > 1 and fill.inferred:
                return all(self.apply_fill(order, part) for part in as_placeholders(parts))
            held = None if fill.position_id is None else cache.position(fill.position_id)
            if held is not None and held.instrument_id is not fill.instrument_id:  # mostly the very same
                if clash := clash_between(held, fill):
                    return self._refuse(fill, clash)
        position_events: Sequence[PositionEvent] = ()
        stored = cache.store is not None
        if stored:
            cache.begin()
        try:
            # What can be wrong with a fill was looked at above, or is by the order; nothing stops the position.
            order_lifecycle.apply(order, fill, self._allow_overfills)
            if parts:
                position_events = self._positions.apply_parts(order, parts, instrument, account_id, placeholders)
            elif moves:
                position_events = self._positions.apply(order, fill, instrument, account_id, placeholders)
            cache.update_order(order)
        except IllegalTransition as error:
            return self._refuse(fill, error)
        finally:
            if stored:
                cache.commit()
        self._tell(fill)
        self._tell_fill(fill)
        for event in position_events:
            self._tell_position(event)
        if moves and (parts or held is None or held.strategy_id is not order.strategy_id):
            if order.strategy_id.is_external():  # what is nobody's concerns nobody
                for note in self._positions.notes_for_owners(order, fill, parts):
                    self._notices.note(note)
        return True

    def _apply_correction(self, order: Order, correction: Correction, gone: OrderFilled | None) -> bool:
        """Apply a word that a trade was taken back or is another one; `gone` is the trade as we counted it."""
        position_events: Sequence[PositionEvent] = ()
        self._cache.begin()
        try:
            order_lifecycle.apply(order, correction, allow_overfills=self._allow_overfills)
            if gone is not None and gone.affects_position:
                position_events = self._positions.correct(correction, gone)
            self._cache.update_order(order)
        except IllegalTransition as error:
            return self._refuse(correction, error)
        finally:
            self._cache.commit()
        self._tell(correction)
        if isinstance(correction, OrderFilled):
            self._tell_fill(correction)
        for event in position_events:
            self._tell_position(event)
        return True

    def _refuse(self, event: OrderEvent, reason: object) -> bool:
        self.refused_count += 1
        ids: dict[str, Any] = {"client_order_id": event.client_order_id, "event_id": event.event_id}
        if type(event) is OrderFilled:
            # A trade that cannot be booked leaves us with another position than the venue's.
            self._notices.alarm("fill.refused", str(reason), **ids, trade_id=event.trade_id)
        else:
            self._log.warning("event refused: %s", reason, extra={name: str(value) for name, value in ids.items()})
        return False

    def _tell(self, event: OrderEvent) -> None:
        self.applied_count += 1
        self._publish(self._order_topics[event.strategy_id.value], event)

    def _tell_fill(self, fill: OrderFilled) -> None:
        self._publish(self._fill_topics[fill.instrument_id], fill)

    def _tell_position(self, event: PositionEvent) -> None:
        self._publish(self._position_topics[event.strategy_id.value], event)
