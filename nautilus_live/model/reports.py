"""Reports: what a venue says about orders, fills and positions when it is asked (or pushes it unasked).

A field that the venue did not send is `None`, never a made-up zero: unknown is not empty. Times are integer
nanoseconds since 1970; `ts_init` is the time of receipt on our clock.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from nautilus_live.model.enums import (
    ContingencyType,
    LiquiditySide,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    Provenance,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientId,
    ClientOrderId,
    InstrumentId,
    OrderListId,
    PositionId,
    TradeId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.objects import Money, Price, Quantity

LONG, SHORT, FLAT = PositionSide.LONG, PositionSide.SHORT, PositionSide.FLAT
_OPEN = (
    OrderStatus.ACCEPTED,
    OrderStatus.TRIGGERED,
    OrderStatus.PENDING_UPDATE,
    OrderStatus.PENDING_CANCEL,
    OrderStatus.PARTIALLY_FILLED,
)


class Report(Struct, frozen=True, kw_only=True, gc=False, tag=True, omit_defaults=True):
    """A venue's statement about one account."""

    account_id: AccountId
    instrument_id: InstrumentId
    ts_init: int = 0
    report_id: str = ""

    @property
    def id(self) -> str:
        """The report's own id, empty if it has none."""
        return self.report_id


class OrderStatusReport(Report, frozen=True, kw_only=True, gc=False, tag=True, omit_defaults=True):
    """The state of one order at the venue."""

    venue_order_id: VenueOrderId
    order_side: OrderSide
    order_type: OrderType
    time_in_force: TimeInForce
    order_status: OrderStatus
    quantity: Quantity
    filled_qty: Quantity
    client_order_id: ClientOrderId | None = None
    venue_position_id: PositionId | None = None
    avg_px: Decimal | None = None
    price: Price | None = None
    trigger_price: Price | None = None
    trigger_type: TriggerType = TriggerType.NO_TRIGGER
    trailing_offset: Decimal | None = None
    limit_offset: Decimal | None = None
    trailing_offset_type: TrailingOffsetType = TrailingOffsetType.NO_TRAILING_OFFSET
    display_qty: Quantity | None = None
    expire_time_ns: int = 0
    post_only: bool = False
    reduce_only: bool = False
    contingency_type: ContingencyType = ContingencyType.NO_CONTINGENCY
    order_list_id: OrderListId | None = None
    linked_order_ids: tuple[ClientOrderId, ...] = ()
    parent_order_id: ClientOrderId | None = None
    cancel_reason: str | None = None
    ts_accepted: int = 0
    ts_triggered: int = 0
    ts_last: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the order still works at the venue."""
        return self.order_status in _OPEN


class FillReport(Report, frozen=True, kw_only=True, gc=False, tag=True, omit_defaults=True):
    """One execution at the venue."""

    venue_order_id: VenueOrderId
    trade_id: TradeId
    order_side: OrderSide
    last_qty: Quantity
    last_px: Price
    commission: Money | None = None
    liquidity_side: LiquiditySide = LiquiditySide.NO_LIQUIDITY_SIDE
    client_order_id: ClientOrderId | None = None
    venue_position_id: PositionId | None = None
    ts_event: int = 0


class PositionStatusReport(Report, frozen=True, kw_only=True, gc=False, tag=True, omit_defaults=True):
    """The size of one position at the venue; `venue_position_id` only where the venue keeps several per instrument.

    Raises:
        ValueError: if a quantity has no side, so that nobody could say what the venue holds.

    """

    position_side: PositionSide
    quantity: Quantity
    avg_px_open: Decimal | None = None
    venue_position_id: PositionId | None = None
    ts_last: int = 0

    def __post_init__(self) -> None:
        side = self.position_side
        if side is not LONG and side is not SHORT and (side is not FLAT or self.quantity.value):
            raise ValueError(
                f"{self.instrument_id}: a position must be LONG, SHORT, or FLAT with quantity 0,"
                f" was {side} {self.quantity}"
            )

    @property
    def signed_qty(self) -> Decimal:
        """The quantity, negative when short."""
        return -self.quantity.value if self.position_side is SHORT else self.quantity.value


class ExecutionMassStatus(Struct, kw_only=True):
    """Everything a venue said about one account when asked at startup, as three complete lists.

    `orders`, `fills` and `positions` keep what was sent in the order it was sent, duplicates included: whether a
    duplicate matters is decided by reconciliation. A list is `None` when the question was not answered: unknown, not
    empty. `unreadable` describes records of the list of orders that could not be read: nothing is known of those, and
    the others count.
    """

    client_id: ClientId
    account_id: AccountId
    venue: Venue
    orders: list[OrderStatusReport] | None = None
    fills: list[FillReport] | None = None
    positions: list[PositionStatusReport] | None = None
    ts_init: int = 0
    start_ns: int | None = None
    report_id: str = ""
    unreadable: tuple[str, ...] = ()

    def add_order_reports(self, reports: list[OrderStatusReport]) -> None:
        """Add order reports."""
        self.orders = (self.orders or []) + list(reports)

    def add_fill_reports(self, reports: list[FillReport]) -> None:
        """Add fill reports."""
        self.fills = (self.fills or []) + list(reports)

    def add_position_reports(self, reports: list[PositionStatusReport]) -> None:
        """Add position reports."""
        self.positions = (self.positions or []) + list(reports)

    @property
    def is_complete(self) -> bool:
        """Whether all three questions were answered."""
        return self.orders is not None and self.fills is not None and self.positions is not None


class CommandOutcome(Struct, frozen=True, kw_only=True, tag=True):
    """What a venue's answer to a command proves."""


class Confirmed(CommandOutcome, frozen=True, kw_only=True, tag=True):
    """The venue carried the command out (and may have said under which id)."""

    venue_order_id: VenueOrderId | None = None
    provenance: Provenance = Provenance.RESPONSE


class Refused(CommandOutcome, frozen=True, kw_only=True, tag=True):
    """The venue definitely did not carry the command out."""

    reason: str


class Unknown(CommandOutcome, frozen=True, kw_only=True, tag=True):
    """No answer that proves anything: timed out, cut off, or ambiguous. Not a failure, never retried blindly."""

    reason: str
