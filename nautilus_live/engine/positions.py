"""Which position a fill belongs to, and the events that tell what it did there.

Knows the cache, `core.position_keeping`, which decides what a fill does, and `core.foreign_fills`, which decides whom
a trade of nobody's order concerns. Promises that a fill belongs to the same position whenever it is asked again: the
one the fill names (as its account calls it), else the one its order was given or changed before, else the strategy's
one of the instrument (netting) or the order's own (hedging). A fill that no strategy of ours caused has no position
before it happens: on an account that nets it is shared out among those that it concerns; where the venue hedges, it is
the position's of which the one that it names is a leg.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import structs

from nautilus_live.adapters.ports import Clock
from nautilus_live.core import fill_corrections
from nautilus_live.core.fill_corrections import Correction
from nautilus_live.core.foreign_fills import corrections, is_newly_changed, shares
from nautilus_live.core.position_ids import id_in_account, own_position_id, pass_on
from nautilus_live.core.position_keeping import (
    PositionChange,
    is_in_cycle,
    netting_position_id,
    position_event,
    take,
)
from nautilus_live.core.position_legs import holder_of_leg
from nautilus_live.core.reconciliation.types import Level, Note
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.ids import EventIds
from nautilus_live.engine.oms_types import HEDGING, OmsTypes
from nautilus_live.engine.topics import Topics
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
        is_heard: returns whether anybody listens to a topic.

    """

    def __init__(
        self,
        cache: Cache,
        clock: Clock,
        event_ids: EventIds,
        venue_oms_type: Callable[[InstrumentId], OmsType],
        is_heard: Callable[[str], bool],
    ) -> None:
        self._cache = cache
        self._now = clock.timestamp_ns
        self._next_id = event_ids.next
        self.oms_types = OmsTypes(venue_oms_type)
        self._is_heard = is_heard
        self._topics = Topics("events.position.")
        self._netting_ids: dict[tuple[InstrumentId, StrategyId], PositionId] = {}
        self._nobodys_ids: dict[tuple[InstrumentId, StrategyId], PositionId] = {}

    def register_strategy(self, strategy_id: StrategyId, oms_type: OmsType) -> None:
        """Let the strategy keep positions its own way, whatever the venue does; UNSPECIFIED: as the venue."""
        self.oms_types.register(strategy_id, oms_type)
        self._netting_ids.clear()

    def nets_here(self, order: Order) -> bool:
        """Return whether the order's strategy nets at a venue that hedges, so that the venue's ids are not ours."""
        oms_types = self.oms_types
        return bool(oms_types.own) and oms_types.nets_here(order.strategy_id, order.instrument_id)

    def position_id(self, order: Order, fill: OrderFilled, account_id: AccountId) -> PositionId:
        """Return the position of that account that the fill changes."""
        named = fill.position_id
        if named is not None:
            if self.nets_here(order):
                named = None
            elif order.strategy_id.is_external() and (holder := self._holder(named, fill.instrument_id, account_id)):
                return holder.id
        if named is None:
            if order.position_id is not None:
                return order.position_id
            named = self._cache.given_position_id(order)
        if named is not None:
            return own_position_id(named, account_id, self._cache.position)
        key = (order.instrument_id, order.strategy_id)
        found = self._netting_ids.get(key)
        if found is None:
            if self.oms_types.of(order.strategy_id, order.instrument_id) is HEDGING:
                return self._virtual_id(order)
            found = self._netting_ids[key] = netting_position_id(*key)
        return id_in_account(found, account_id, self._cache.position)

    def place(
        self, order: Order, fill: OrderFilled, account_id: AccountId, placeholders: Sequence[OrderFilled]
    ) -> tuple[OrderFilled, Sequence[OrderFilled]]:
        """Return a fill with the name of the position that it changes; and its parts, if it is shared out.

        Args:
            order: the order, before the fill.
            fill: the fill, which may carry the venue's name of a position.
            account_id: whose fill it is.
            placeholders: the fills that it replaces, as the order counts them.

        """
        if fill.position_id is None and order.strategy_id.is_external():
            parts = self._share_out(order, fill, account_id, placeholders)
            if len(parts) == 1 and not placeholders:  # all of it is one position's
                return parts[0], ()
            if parts:
                return structs.replace(fill, position_id=parts[0].position_id, venue_position_id=None), parts
        position_id = self.position_id(order, fill, account_id)
        if position_id != fill.position_id:
            leg = None if fill.position_id is None else self._leg_of(order, fill, position_id)
            fill = structs.replace(fill, position_id=position_id, venue_position_id=leg)
        return fill, ()

    def _leg_of(self, order: Order, fill: OrderFilled, position_id: PositionId) -> PositionId | None:
        """Return what the venue calls the part of `position_id` that the fill changes, None if it is all of it."""
        named = fill.position_id
        if named is None or self.nets_here(order):
            return named
        held = self._cache.position(position_id)
        return None if held is None or not held.legs or named not in held.legs else named

    def _holder(self, leg: PositionId, instrument_id: InstrumentId, account_id: AccountId) -> Position | None:
        """Return the position of a strategy that nets at a venue which hedges, if `leg` is a part of it."""
        if not self.oms_types.own:
            return None
        return holder_of_leg(self._cache.positions_open(instrument_id=instrument_id, account_id=account_id), leg)

    def _virtual_id(self, order: Order) -> PositionId:
        """Return the position of a strategy that hedges, where the venue names none: one for each entry.

        An exit changes the position of its parent, what an algorithm spawned that of its primary. The id is made of the
        order's, not by a counter: a restart must find the same position.
        """
        parent = order.parent_order_id
        if parent is not None:
            return self._cache.position_id(parent) or PositionId(f"P-{parent}")
        return PositionId(f"P-{order.exec_spawn_id or order.client_order_id}")

    def _share_out(
        self, order: Order, fill: OrderFilled, account_id: AccountId, placeholders: Sequence[OrderFilled]
    ) -> Sequence[OrderFilled]:
        """Return the parts of a fill that no strategy of ours caused, each naming its position; none if not shared."""
        if self.oms_types.venue(order.instrument_id) is HEDGING:
            return ()
        cache = self._cache
        key = (order.instrument_id, order.strategy_id)
        own_id = self._nobodys_ids.get(key)
        if own_id is None:
            own_id = self._nobodys_ids[key] = netting_position_id(*key)
        own_id = id_in_account(own_id, account_id, cache.position)
        if not placeholders and cache.is_no_other_open(own_id, order.instrument_id):  # as at most starts
            return (structs.replace(fill, position_id=own_id),)
        held = cache.positions_open(instrument_id=order.instrument_id, account_id=account_id)
        return shares(fill, held, own_id, placeholders)

    def apply_parts(
        self,
        order: Order,
        parts: Sequence[OrderFilled],
        instrument: Instrument,
        account_id: AccountId,
        placeholders: Sequence[OrderFilled],
    ) -> list[PositionEvent]:
        """Apply the parts of a fill that was shared out; return the events to publish."""
        events: list[PositionEvent] = []
        for part in parts:
            own = [placeholder for placeholder in placeholders if placeholder.trade_id in part.replaces]
            events += self.apply(order, part, instrument, account_id, own)
        return events

    def notes_for_owners(self, order: Order, fill: OrderFilled, parts: Sequence[OrderFilled]) -> list[Note]:
        """Return what people must learn of a foreign fill and the `parts` that it was shared out in, once applied.

        An alarm for each strategy's position that the order changed for the first time, and a warning if its fill
        concerned several.
        """
        changed: list[Position] = []
        for part in parts or (fill,):
            position = None if part.position_id is None else self._cache.position(part.position_id)
            if position is not None and is_newly_changed(position, fill):
                changed.append(position)
        notes: list[Note] = []
        if len(changed) > 1:
            names = ", ".join(position.id.value for position in changed)
            text = f"{fill.trade_id}: several positions share the instrument; reduced, the largest first: {names}"
            notes.append(_note("position.shared", text, order, fill))
        for position in changed:
            text = (
                f"{order.client_order_id}, an order that no strategy sent, {fill.order_side} {fill.last_qty} @"
                f" {fill.last_px}: {position.id} is {position.side} {position.quantity} now"
            )
            notes.append(_note("position.changed_by_venue", text, order, fill, alarm=True))
        return notes

    def apply(
        self,
        order: Order,
        fill: OrderFilled,
        instrument: Instrument,
        account_id: AccountId,
        placeholders: Sequence[OrderFilled],
    ) -> Sequence[PositionEvent]:
        """Apply a fill that names its position; return the events to publish."""
        position_id = fill.position_id
        assert position_id is not None
        cache = self._cache
        position = cache.position(position_id)
        if position is None:
            position = Position(instrument, position_id, order.strategy_id, order.init.trader_id, account_id)
            cache.add_position(position)
        elif not position.net_qty and position.strategy_id is not fill.strategy_id:
            pass_on(position, fill.strategy_id)
        for gone in placeholders:
            if not is_in_cycle(position, gone):  # it may have been purged, record and all: a restart must know it
                cache.update_position(position, structs.replace(gone, affects_position=False))
        events = self._tell(position, take(position, fill, placeholders))
        cache.update_position(position, fill)
        return events

    def correct(self, correction: Correction, gone: OrderFilled) -> Sequence[PositionEvent]:
        """Let the position of `gone` be as if only its last version had existed; return the events to publish."""
        events: list[PositionEvent] = []
        for position, part, own in self._places(correction, gone):
            for entry in fill_corrections.entries(position, own, part):
                events += self._tell(position, fill_corrections.put(position, entry))
                self._cache.update_position(position, entry)
        return events

    def _places(self, correction: Correction, gone: OrderFilled) -> list[tuple[Position, OrderFilled, Correction]]:
        """Return the positions that took a trade, what each took, and its correction; none if they are forgotten."""
        position = None if gone.position_id is None else self._cache.position(gone.position_id)
        if position is None:  # purged since; what is flat and forgotten stays so
            return []
        shared: list[tuple[Position, OrderFilled, Correction]] = []
        if gone.strategy_id.is_external() and self.oms_types.venue(gone.instrument_id) is not HEDGING:
            held = self._cache.positions(instrument_id=gone.instrument_id, account_id=position.account_id)
            shared = corrections(correction, gone, held)
        return shared or [(position, gone, correction)]

    def _tell(self, position: Position, changes: Iterable[tuple[OrderFilled, PositionChange]]) -> list[PositionEvent]:
        """Let the changes happen; return an event for each if anybody listens."""
        if not self._is_heard(self._topics[position.strategy_id.value]):
            for _ in changes:
                pass
            return []
        # Made between the parts: each event shows the position as its part left it.
        now, next_id = self._now(), self._next_id
        return [position_event(position, piece, change, next_id(), now) for piece, change in changes]


def clash_between(named: Position, fill: OrderFilled) -> str:
    """Return why a fill cannot change the position that it names, an empty text if it can."""
    if named.instrument_id == fill.instrument_id:
        return ""
    return (
        f"{fill.client_order_id}: a position id must be unique in {named.account_id}, {named.id} is of"
        f" {named.instrument_id}, the fill is of {fill.instrument_id}"
    )


def _note(kind: str, text: str, order: Order, fill: OrderFilled, *, alarm: bool = False) -> Note:
    return Note(
        level=Level.WARNING,
        kind=kind,
        text=text,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=fill.venue_order_id,
        trade_id=fill.trade_id,
        alarm=alarm,
    )
