"""What a node believes, for the tests of the core: a `LocalState` of real orders and positions that applies plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import structs

from nautilus_live.core import fill_corrections, order_lifecycle, position_keeping
from nautilus_live.core.foreign_fills import as_placeholders, is_shared_out, shares
from nautilus_live.core.reconciliation import Plan
from nautilus_live.core.tombstones import Tombstone
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OmsType
from nautilus_live.model.events import OrderEvent, OrderFilled, OrderFillVoided, OrderInitialized
from nautilus_live.model.identifiers import AccountId, ClientOrderId, InstrumentId, PositionId, VenueOrderId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import CLOSED_STATUSES, Order, order_from
from nautilus_live.model.position import Position
from tests.core.conftest import ACCOUNT, INVERSE, LINEAR, OTHER_SPOT, SPOT, ZERO


class Belief:
    """A `LocalState` of real orders and positions, which applies plans as the execution engine does.

    Attributes:
        orders: by client order id, in the order they were made.
        positions: by position id.
        instruments, quotes: by instrument id; what is missing is not known.
        purged: client or venue order ids of orders that were known and purged, with the tombstone where it matters.
        forgotten_until: the venue's time until which orders that ended have not even a tombstone.
        applied: every event applied, in order.

    """

    def __init__(
        self,
        *instruments: Instrument,
        oms_type: OmsType = OmsType.NETTING,
        allow_overfills: bool = False,
        quotes: Sequence[QuoteTick] = (),
    ) -> None:
        self.oms_type = oms_type
        self.allow_overfills = allow_overfills
        self.orders: dict[ClientOrderId, Order] = {}
        self.positions: dict[PositionId, Position] = {}
        self.instruments = {one.id: one for one in instruments or (SPOT, LINEAR, INVERSE, OTHER_SPOT)}
        self.quotes = {quote.instrument_id: quote for quote in quotes}
        self.purged: dict[str, Tombstone | None] = {}
        self.forgotten_until = -1
        self.applied: list[OrderEvent] = []

    # -- LocalState --------------------------------------------------------------------------------------------------

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        return self.orders.get(client_order_id)

    def client_order_id(
        self, venue_order_id: VenueOrderId, instrument_id: InstrumentId | None = None
    ) -> ClientOrderId | None:
        for order in self.orders.values():
            if instrument_id is not None and order.instrument_id != instrument_id:
                continue
            if venue_order_id == order.venue_order_id or venue_order_id in order.superseded_venue_order_ids:
                return order.client_order_id
        return None

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        return self.instruments.get(instrument_id)

    def quote_tick(self, instrument_id: InstrumentId) -> QuoteTick | None:
        return self.quotes.get(instrument_id)

    def position(self, position_id: PositionId) -> Position | None:
        return self.positions.get(position_id)

    def positions_known(self, instrument_id: InstrumentId, account_id: AccountId) -> list[Position]:
        return [
            one
            for one in self.positions.values()
            if (one.instrument_id, one.account_id) == (instrument_id, account_id)
        ]

    def positions_open(
        self, *, instrument_id: InstrumentId | None = None, account_id: AccountId | None = None
    ) -> list[Position]:
        return [
            one
            for one in self.positions.values()
            if one.is_open and instrument_id in (None, one.instrument_id) and account_id in (None, one.account_id)
        ]

    def orders_inflight(self, *, instrument_id: InstrumentId | None = None) -> list[Order]:
        return [
            order
            for order in self.orders.values()
            if order.is_inflight and instrument_id in (None, order.instrument_id)
        ]

    def orders_open(
        self, *, instrument_id: InstrumentId | None = None, account_id: AccountId | None = None
    ) -> list[Order]:
        return [
            one
            for one in self.orders.values()
            if one.is_open and instrument_id in (None, one.instrument_id) and account_id in (None, one.account_id)
        ]

    def tombstone(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None, instrument_id: InstrumentId
    ) -> Tombstone | None:
        for name in (str(client_order_id), str(venue_order_id)):
            if name in self.purged:
                return self.purged[name] or _stone_of_all(name, instrument_id)
        return None

    def is_buried(self, client_order_id: ClientOrderId) -> bool:
        return str(client_order_id) in self.purged

    def is_forgotten(self, ts: int) -> bool:
        return 0 < ts <= self.forgotten_until

    # -- changing it -------------------------------------------------------------------------------------------------

    def add(self, order: Order) -> Order:
        """Take an order, and count the fills it has already into positions."""
        self.orders[order.client_order_id] = order
        for fill in order.fills.values():
            self._count(order, fill, ())
        return order

    def apply(self, plan: Plan | Iterable[OrderEvent]) -> None:
        """Apply a plan's events, or any events, in order.

        Raises:
            IllegalTransition: if one is not legal; a plan's always are.

        """
        for event in plan.events if isinstance(plan, Plan) else plan:
            self._apply(event)

    def _apply(self, event: OrderEvent) -> None:
        if isinstance(event, OrderInitialized):
            assert event.client_order_id not in self.orders, f"{event.client_order_id} exists already"
            self.orders[event.client_order_id] = order_from(event)
        else:
            order = self.orders[event.client_order_id]
            if isinstance(event, OrderFillVoided) or (isinstance(event, OrderFilled) and event.corrects in order.fills):
                self._correct(order, event)
            elif isinstance(event, OrderFilled):
                self._fill(order, event)
            else:
                order_lifecycle.apply(order, event)
        self.applied.append(event)

    def _correct(self, order: Order, event: OrderFilled | OrderFillVoided) -> None:
        gone = order.fills.get(
            event.trade_id if isinstance(event, OrderFillVoided) else event.corrects or event.trade_id
        )
        order_lifecycle.apply(order, event, allow_overfills=self.allow_overfills)
        if gone is not None and gone.affects_position:
            position = self.positions[gone.position_id or order.position_id or self._position_id(order)]
            for entry in fill_corrections.entries(position, event, gone):
                for _ in fill_corrections.put(position, entry):
                    pass

    def _fill(self, order: Order, fill: OrderFilled) -> None:
        placeholders = [order.fills[one] for one in fill.replaces if one in order.fills]
        parts = [fill]
        if fill.affects_position and fill.position_id is None and is_shared_out(order, self.oms_type):
            held = self.positions_open(instrument_id=order.instrument_id, account_id=fill.account_id)
            parts = shares(fill, held, self._position_id(order), placeholders)
            if fill.inferred and len(parts) > 1:
                for part in as_placeholders(parts):
                    self._fill(order, part)
                return
            fill = structs.replace(fill, position_id=parts[0].position_id)
        order_lifecycle.apply(order, fill, allow_overfills=self.allow_overfills)
        for part in parts:
            self._count(order, part, [one for one in placeholders if one.trade_id in part.replaces])

    def _count(self, order: Order, fill: OrderFilled, placeholders: Sequence[OrderFilled]) -> None:
        if not fill.affects_position:
            return
        position_id = fill.position_id or order.position_id or self._position_id(order)
        position = self.positions.get(position_id)
        if position is None:
            instrument = self.instruments[order.instrument_id]
            position = Position(instrument, position_id, order.strategy_id, order.trader_id, fill.account_id or ACCOUNT)
            self.positions[position_id] = position
        for _ in position_keeping.take(position, fill, placeholders):
            pass

    def _position_id(self, order: Order) -> PositionId:
        if self.oms_type is OmsType.HEDGING:
            return PositionId(f"P-{order.client_order_id}")
        return position_keeping.netting_position_id(order.instrument_id, order.strategy_id)

    # -- looking at it -----------------------------------------------------------------------------------------------

    def net(self, instrument: Instrument = SPOT) -> Decimal:
        """Return the signed sum of all positions in an instrument."""
        return sum((one.signed_qty for one in self.positions.values() if one.instrument_id == instrument.id), ZERO)

    def closed(self) -> list[Order]:
        """Return the orders that are done."""
        return [order for order in self.orders.values() if order.status in CLOSED_STATUSES]

    def copy(self) -> Belief:
        """Return a belief that can be changed without changing this one; orders keep their events."""
        twin = Belief(
            *self.instruments.values(),
            oms_type=self.oms_type,
            allow_overfills=self.allow_overfills,
            quotes=tuple(self.quotes.values()),
        )
        twin.purged = dict(self.purged)
        for name, order in self.orders.items():
            twin.orders[name] = order.copy()
            twin.orders[name].events = list(order.events)
        twin.positions = {name: position.copy() for name, position in self.positions.items()}
        return twin


def _stone_of_all(name: str, instrument_id: InstrumentId) -> Tombstone:
    """Return the tombstone of an order of which every trade was booked, and every word was told before."""
    return Tombstone(
        client_order_id=name,
        venue_order_ids=(),
        instrument_id=instrument_id,
        trade_ids=(),
        filled_qty=Decimal("Infinity"),
        inferred_qty=Decimal("Infinity"),
        ts_last=1 << 62,
        ts_purged=0,
        is_told=True,
    )
