"""What reconciliation is told, may look up, and answers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from nautilus_live.core.tombstones import Tombstone
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OmsType
from nautilus_live.model.events import OrderEvent
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport

SILENCE_WAY_OUT = (
    'if this venue leaves out what is flat, set position_silence = "flat"; otherwise look there, and call'
    " clear_uncertain() of the execution engine once the position is known"
)
"""What ends a doubt about a position of which a venue never says anything."""


class LocalState(Protocol):
    """What we believe. The engine's cache is one; tests bring their own. Nothing here is changed by reconciliation."""

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """Return the order with that id."""
        ...

    def client_order_id(
        self, venue_order_id: VenueOrderId, instrument_id: InstrumentId | None = None
    ) -> ClientOrderId | None:
        """Return our id of the venue's order; superseded venue ids (cancel-replace) still lead to their order."""
        ...

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return the instrument."""
        ...

    def quote_tick(self, instrument_id: InstrumentId) -> QuoteTick | None:
        """Return the latest quote."""
        ...

    def position(self, position_id: PositionId) -> Position | None:
        """Return the position with that id, open or closed."""
        ...

    def positions_known(self, instrument_id: InstrumentId, account_id: AccountId) -> list[Position]:
        """Return the positions, closed ones too, in the order they were opened."""
        ...

    def positions_open(
        self, *, instrument_id: InstrumentId | None = None, account_id: AccountId | None = None
    ) -> list[Position]:
        """Return the open positions, in the order they were opened."""
        ...

    def orders_open(
        self, *, instrument_id: InstrumentId | None = None, account_id: AccountId | None = None
    ) -> list[Order]:
        """Return the open orders, in the order they were made."""
        ...

    def orders_inflight(self, *, instrument_id: InstrumentId | None = None) -> list[Order]:
        """Return the orders that wait for a venue's answer, in the order they were made."""
        ...

    def tombstone(
        self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None, instrument_id: InstrumentId
    ) -> Tombstone | None:
        """Return what is left of an order that was known, closed, and purged from memory: it must not come back."""
        ...

    def is_buried(self, client_order_id: ClientOrderId) -> bool:
        """Return whether the name is that of a purged order, of whatever instrument: its record may still be stored."""
        ...

    def is_forgotten(self, ts: int) -> bool:
        """Return whether orders that ended at `ts` (the venue's time) were purged so long ago that no stone is left."""
        ...


class Policy(Struct, frozen=True, kw_only=True):
    """How to decide where there is a choice; names as in `LiveExecEngineConfig`, defaults the guide's."""

    trader_id: TraderId
    oms_type: OmsType = OmsType.NETTING
    instrument_ids: frozenset[InstrumentId] = frozenset()
    filtered_client_order_ids: frozenset[ClientOrderId] = frozenset()
    filter_unclaimed_external_orders: bool = False
    filter_position_reports: bool = False
    generate_missing_orders: bool = True
    duplicate_order_ids: str = "fail"
    claims: dict[InstrumentId, StrategyId] = {}
    claim_alignment_orders: bool = False
    allow_overfills: bool = False
    position_silence: str = "unknown"
    filled_quantity_regression: str = "quarantine"
    fill_price_tolerance_ticks: int = 1
    fill_commission_tolerance: Decimal = Decimal("0.0001")
    average_price_tolerance: Decimal = Decimal("0.0001")


class Level(IntEnum):
    """How loud a note is; the numbers are the `logging` module's."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


class Note(Struct, frozen=True, kw_only=True):
    """Something worth logging, with a stable name for what it is.

    `kind` is a dotted name such as `fill.differs`; `alarm` asks for a human.
    """

    level: Level
    kind: str
    text: str
    instrument_id: InstrumentId | None = None
    client_order_id: ClientOrderId | None = None
    venue_order_id: VenueOrderId | None = None
    trade_id: TradeId | None = None
    alarm: bool = False


class Plan(Struct, kw_only=True):
    """What brings our belief into line with the venue.

    `events` are to be applied in this order; an `OrderInitialized` makes an order that we did not know. `failed` says
    why reconciliation did not succeed (empty: it did). `uncertain` are instruments whose position we could not bring
    into line or must not, `postponed` those of them that are to be compared later. `quarantined` are orders whose
    reports contradict what we know, `doubted` those of them that leave open what we hold, `agreed` orders that are now
    just as a report has them. `deferred` are fills kept for an order that is not known yet. `tombstones` are those of
    purged orders that were spoken of, as they are now, by client order id. `left_out` are orders to be asked about
    alone: they work here and no report mentioned them, or ended here and a report no newer than that says they work.
    """

    events: list[OrderEvent] = []
    notes: list[Note] = []
    failed: list[str] = []
    uncertain: dict[InstrumentId, str] = {}
    quarantined: dict[ClientOrderId, str] = {}
    doubted: dict[ClientOrderId, InstrumentId] = {}
    agreed: dict[ClientOrderId, None] = {}
    postponed: dict[InstrumentId, None] = {}
    deferred: list[FillReport] = []
    tombstones: dict[str, Tombstone] = {}
    left_out: dict[ClientOrderId, None] = {}
    orders_received: int = 0
    fills_received: int = 0
    positions_received: int = 0
    orders_skipped: int = 0
    fills_skipped: int = 0
    positions_skipped: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether nothing went wrong that must stop a start."""
        return not self.failed

    def extend(self, events: Iterable[OrderEvent]) -> None:
        """Add events."""
        self.events.extend(events)
