"""Which position a fill belongs to, and the events that tell what it did there.

Knows the cache and `core.position_keeping`, which decides what a fill does. Promises that a fill belongs to the same
position whenever it is asked again: the one the fill names, else the one its order was given or changed before, else
the strategy's one of the instrument (netting) or the order's own (hedging).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nautilus_live.adapters.ports import Clock
from nautilus_live.core.position_keeping import netting_position_id, position_event, take
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.ids import EventIds
from nautilus_live.model.enums import OmsType
from nautilus_live.model.events import OrderFilled, PositionEvent
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId, StrategyId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position


class PositionKeeper:
    """Applies fills to positions.

    Args:
        cache: where positions live.
        clock: for the time of the events.
        event_ids: for their ids.
        venue_oms_type: returns how the venue of an instrument keeps positions.
        is_heard: returns whether anybody listens to the position events of a strategy.

    """

    def __init__(
        self,
        cache: Cache,
        clock: Clock,
        event_ids: EventIds,
        venue_oms_type: Callable[[InstrumentId], OmsType],
        is_heard: Callable[[StrategyId], bool],
    ) -> None:
        self._cache = cache
        self._now = clock.timestamp_ns
        self._next_id = event_ids.next
        self._venue_oms_type = venue_oms_type
        self._is_heard = is_heard
        self._oms_types: dict[StrategyId, OmsType] = {}
        self._netting_ids: dict[tuple[InstrumentId, StrategyId], PositionId] = {}

    def register_strategy(self, strategy_id: StrategyId, oms_type: OmsType) -> None:
        """Let the strategy keep positions its own way, whatever the venue does; UNSPECIFIED: as the venue."""
        self._oms_types[strategy_id] = oms_type
        self._netting_ids.clear()

    def position_id(self, order: Order, fill: OrderFilled) -> PositionId:
        """Return the position that the fill changes."""
        found = fill.position_id or order.position_id
        if found is not None:
            return found
        found = self._cache.position_id(order.client_order_id)
        if found is not None:
            return found
        key = (order.instrument_id, order.strategy_id)
        found = self._netting_ids.get(key)
        if found is not None:
            return found
        oms_type = self._oms_types.get(order.strategy_id) or self._venue_oms_type(order.instrument_id)
        if oms_type is OmsType.HEDGING:
            # From the order's id, not from a counter: a restart must find the same position.
            return PositionId(f"P-{order.client_order_id.value}")
        found = self._netting_ids[key] = netting_position_id(*key)
        return found

    def apply(
        self,
        order: Order,
        fill: OrderFilled,
        instrument: Instrument,
        account_id: AccountId,
        placeholders: Sequence[OrderFilled],
    ) -> Sequence[PositionEvent]:
        """Apply a fill that names its position; return the events to publish."""
        events: Sequence[PositionEvent]
        position_id = fill.position_id
        assert position_id is not None
        cache = self._cache
        position = cache.position(position_id)
        if position is None:
            position = Position(instrument, position_id, order.strategy_id, order.init.trader_id, account_id)
            cache.add_position(position)
        changes = take(position, fill, placeholders)
        if self._is_heard(position.strategy_id):
            # Made between the parts: each event shows the position as its part left it.
            now, next_id = self._now(), self._next_id
            events = [position_event(position, piece, change, next_id(), now) for piece, change in changes]
        else:
            events = []
            for _ in changes:
                pass
        cache.update_position(position, fill)
        return events
