"""The position book: what the positions of one account will be once the planned fills are applied.

It works on copies, made when a position is first touched, and resolves a fill's position as the execution engine
does: the id that the fill names, else the one its order was given, else (netting) the instrument's position of the
order's strategy. A fill of nobody's order is shared out as `core.foreign_fills` says.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.core import fill_corrections, order_lifecycle, position_keeping
from nautilus_live.core.fill_corrections import Correction
from nautilus_live.core.foreign_fills import HEDGING, corrections, is_in_nobodys_way, is_shared_out, shares
from nautilus_live.core.position_ids import id_in_account
from nautilus_live.core.position_legs import holder_of_leg
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided, OrderInitialized
from nautilus_live.model.identifiers import InstrumentId, PositionId, StrategyId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order, order_from
from nautilus_live.model.position import Position

ZERO = Decimal(0)


class PositionBook:
    """Copies of the positions of one account, with the planned fills applied."""

    __slots__ = ("_copies", "_loaded", "_netting_ids", "_work")

    def __init__(self, work: Workspace) -> None:
        self._work = work
        self._copies: dict[InstrumentId, dict[PositionId, Position]] = {}
        self._loaded: dict[InstrumentId, bool] = {}
        self._netting_ids: dict[tuple[InstrumentId, StrategyId], PositionId] = {}

    def is_cold(self, instrument_id: InstrumentId) -> bool:
        """Whether we have never held a position in the instrument, as far as memory goes."""
        self._of(instrument_id)
        return not self._loaded[instrument_id]

    def positions(self, instrument_id: InstrumentId) -> list[Position]:
        """Return the open positions in the instrument."""
        return [position for position in self._of(instrument_id).values() if position.net_qty]

    def position(self, instrument_id: InstrumentId, position_id: PositionId) -> Position | None:
        """Return one position, open or closed."""
        copies = self._of(instrument_id)
        found = copies.get(position_id)
        if found is None:
            known = self._work.local.position(position_id)
            if known is not None and (known.instrument_id, known.account_id) == (instrument_id, self._work.account_id):
                found = copies[position_id] = known.copy()
        return found

    def leg(self, instrument_id: InstrumentId, named: PositionId) -> Decimal:
        """Return what is held in one of the venue's positions, be it one of ours or a part of one."""
        found = self.position(instrument_id, named)
        if found is not None:
            return found.net_qty
        holder = holder_of_leg(self.positions(instrument_id), named)
        return ZERO if holder is None or holder.legs is None else holder.legs[named]

    def net(self, instrument_id: InstrumentId) -> Decimal:
        """Return the signed sum of the open positions."""
        return sum((position.net_qty for position in self.positions(instrument_id)), ZERO)

    def average(self, instrument_id: InstrumentId) -> Decimal | None:
        """Return the average open price over the positions on the net side, None when flat."""
        return self.average_of(instrument_id, self.net(instrument_id))

    def average_of(self, instrument_id: InstrumentId, side: Decimal) -> Decimal | None:
        """Return the average open price over the positions that have the sign of `side`, None without any."""
        average = size = ZERO
        for position in self.positions(instrument_id):
            if position.net_qty * side > 0:
                more, price = abs(position.net_qty), position.avg_px_open
                average = position.instrument.average(size, average, more, price) if size else price
                size += more
        return average if size else None

    def apply(self, order: Order, fill: OrderFilled) -> None:
        """Apply a planned fill."""
        if not fill.affects_position:
            return
        if fill.corrects is not None:
            self.correct(order, fill)
            return
        instrument = self._work.local.instrument(fill.instrument_id)
        if instrument is None:
            raise LookupError(f"{fill.instrument_id}: a fill of an unknown instrument cannot be planned")
        placeholders = self._placeholders(order, fill) if fill.replaces else []
        parts, own_id = [fill], None
        if fill.position_id is None and is_shared_out(order, self._work.policy.oms_type):
            own_id, held = self._netting_id(fill.instrument_id, order.strategy_id), self.positions(fill.instrument_id)
            if placeholders or not is_in_nobodys_way(fill, held, own_id):
                parts = shares(fill, held, own_id, placeholders)
        for part in parts:
            replaced = placeholders and [one for one in placeholders if one.trade_id in part.replaces]
            for _ in position_keeping.take(self._for(order, part, instrument, own_id), part, replaced):
                pass  # nobody hears of planned changes

    def correct(self, order: Order, correction: Correction) -> None:
        """Apply a planned correction of a trade that we have."""
        trade_id = correction.trade_id if isinstance(correction, OrderFillVoided) else correction.corrects
        gone = next(
            (fill for fill in self._before(order, correction).fills.values() if fill.trade_id == trade_id), None
        )
        instrument = self._work.local.instrument(order.instrument_id)
        if gone is None or instrument is None or not gone.affects_position:
            return
        shared: list[tuple[Position, OrderFilled, Correction]] = []
        if is_shared_out(order, self._work.policy.oms_type):
            shared = corrections(correction, gone, self._all(order.instrument_id))
        for position, part, own in shared or [(self._for(order, gone, instrument), gone, correction)]:
            for entry in fill_corrections.entries(position, own, part):
                for _ in fill_corrections.put(position, entry):
                    pass

    def _placeholders(self, order: Order, fill: OrderFilled) -> list[OrderFilled]:
        """Return what `fill` replaces, as the order counts it before this fill; the draft is past it already."""
        before = self._before(order, fill)
        return [before.fills[trade_id] for trade_id in fill.replaces]

    def _before(self, order: Order, planned: OrderEvent) -> Order:
        known = self._work.local.order(order.client_order_id)
        before = order_from(order.init) if known is None else known.copy()
        for event in order.events:
            if event.event_id == planned.event_id:
                break
            if type(event) is not OrderInitialized:
                order_lifecycle.apply(before, event, allow_overfills=self._work.policy.allow_overfills)
        return before

    def _for(
        self, order: Order, fill: OrderFilled, instrument: Instrument, own_id: PositionId | None = None
    ) -> Position:
        position_id = fill.position_id or own_id or order.position_id
        if fill.position_id is not None and order.strategy_id.is_external():
            holder = holder_of_leg(self.positions(fill.instrument_id), fill.position_id)
            position_id = fill.position_id if holder is None else holder.id
        if position_id is None:
            if self._work.policy.oms_type is HEDGING:
                position_id = PositionId(f"P-{order.client_order_id}")
            else:
                position_id = self._netting_id(fill.instrument_id, order.strategy_id)
        found = self.position(fill.instrument_id, position_id)
        if found is None:
            found = Position(instrument, position_id, order.strategy_id, order.init.trader_id, self._work.account_id)
            self._copies[fill.instrument_id][position_id] = found
        return found

    def _netting_id(self, instrument_id: InstrumentId, strategy_id: StrategyId) -> PositionId:
        key = (instrument_id, strategy_id)
        found = self._netting_ids.get(key)
        if found is None:
            found = position_keeping.netting_position_id(*key)
            found = id_in_account(found, self._work.account_id, self._work.local.position)
            self._netting_ids[key] = found
        return found

    def _all(self, instrument_id: InstrumentId) -> list[Position]:
        """Return the positions in the instrument, closed ones too."""
        for known in self._work.local.positions_known(instrument_id, self._work.account_id):
            self.position(instrument_id, known.id)
        return list(self._of(instrument_id).values())

    def _of(self, instrument_id: InstrumentId) -> dict[PositionId, Position]:
        copies = self._copies.get(instrument_id)
        if copies is None:
            known = self._work.local.positions_open(instrument_id=instrument_id, account_id=self._work.account_id)
            copies = self._copies[instrument_id] = {position.id: position.copy() for position in known}
            self._loaded[instrument_id] = bool(copies)
        return copies
