"""Positions: what the fills of an account add up to. State only; `core/position_keeping.py` applies fills to it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from nautilus_live.model.enums import OrderSide, PositionSide
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
)
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Money, Price, Quantity

ZERO = Decimal(0)
FLAT, LONG, SHORT = PositionSide.FLAT, PositionSide.LONG, PositionSide.SHORT


class CycleBase(NamedTuple):
    """How a position stood, since it was last flat, before the first of its `fills`."""

    signed_qty: Decimal
    avg_px_open: Decimal
    avg_px_close: Decimal | None
    closed_qty: Decimal
    peak_qty: Decimal
    realized: Decimal


class Position:
    """One position, open or closed.

    `signed_qty` is negative when short. `avg_px_open` is the average price of what is open. `realized` is the profit
    of what was closed, less the commissions paid in the settlement currency, since the position was last flat;
    `realized_before` the sum of all earlier cycles of the same position id. `fills` are the fills since it was last
    flat (a fill that flips the position is kept as its two parts); what a purge folded of them is in `base`.
    """

    __slots__ = (
        "account_id",
        "avg_px_close",
        "avg_px_open",
        "base",
        "closed_qty",
        "closing_order_id",
        "commissions",
        "cycle_count",
        "entry",
        "fills",
        "id",
        "instrument",
        "instrument_id",
        "opening_order_id",
        "peak_qty",
        "realized",
        "realized_before",
        "signed_qty",
        "strategy_id",
        "trader_id",
        "ts_closed",
        "ts_last",
        "ts_opened",
    )

    def __init__(
        self,
        instrument: Instrument,
        position_id: PositionId,
        strategy_id: StrategyId,
        trader_id: TraderId,
        account_id: AccountId,
    ) -> None:
        self.id = position_id
        self.instrument = instrument
        self.instrument_id: InstrumentId = instrument.id
        self.strategy_id = strategy_id
        self.trader_id = trader_id
        self.account_id = account_id
        self.signed_qty: Decimal = ZERO
        self.avg_px_open: Decimal = ZERO
        self.avg_px_close: Decimal | None = None
        self.closed_qty: Decimal = ZERO
        self.peak_qty: Decimal = ZERO
        self.realized: Decimal = ZERO
        self.realized_before: Decimal = ZERO
        self.cycle_count = 0
        self.commissions: dict[Currency, Decimal] = {}
        self.fills: list[OrderFilled] = []
        self.base: CycleBase | None = None
        self.entry = OrderSide.NO_ORDER_SIDE
        self.opening_order_id: ClientOrderId | None = None
        self.closing_order_id: ClientOrderId | None = None
        self.ts_opened = 0
        self.ts_closed = 0
        self.ts_last = 0

    def copy(self) -> Position:
        """Return a position that can be changed without changing this one."""
        twin = object.__new__(Position)
        for name in Position.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.commissions = dict(self.commissions)
        twin.fills = list(self.fills)
        return twin

    def __repr__(self) -> str:
        return f"Position({self.id} {self.side} {self.quantity} @ {self.avg_px_open})"

    @property
    def side(self) -> PositionSide:
        """Long, short or flat."""
        signed = self.signed_qty
        return LONG if signed > 0 else SHORT if signed < 0 else FLAT

    @property
    def quantity(self) -> Quantity:
        """The open quantity, unsigned."""
        return Quantity(abs(self.signed_qty), self.instrument.size_precision)

    @property
    def is_open(self) -> bool:
        """Whether anything is open."""
        return bool(self.signed_qty)

    @property
    def is_closed(self) -> bool:
        """Whether it was open and is flat now."""
        return not self.signed_qty and bool(self.ts_opened)

    @property
    def is_long(self) -> bool:
        """Whether it is long."""
        return self.signed_qty > 0

    @property
    def is_short(self) -> bool:
        """Whether it is short."""
        return self.signed_qty < 0

    @property
    def quote_currency(self) -> Currency:
        """The instrument's quote currency."""
        return self.instrument.quote_currency

    @property
    def settlement_currency(self) -> Currency:
        """The currency of the realised profit."""
        return self.instrument.settlement_currency

    @property
    def trade_ids(self) -> list[TradeId]:
        """The ids of the fills since it was last flat."""
        return [fill.trade_id for fill in self.fills]

    @property
    def realized_pnl(self) -> Money:
        """Profit of what was closed since it was last flat, less commissions in the settlement currency."""
        return Money(self.realized, self.instrument.settlement_currency)

    @property
    def total_realized_pnl(self) -> Money:
        """Realised profit of all cycles of this position id."""
        return Money(self.realized + self.realized_before, self.instrument.settlement_currency)

    def total_commissions(self) -> list[Money]:
        """Return the commissions paid in all cycles, one amount per currency."""
        return [Money(amount, currency) for currency, amount in self.commissions.items()]

    def unrealized_pnl(self, last: Price) -> Money:
        """Return the profit if everything open were closed at `last`."""
        if not self.signed_qty:
            return Money(ZERO, self.instrument.settlement_currency)
        return Money(
            self.instrument.pnl(self.signed_qty, self.avg_px_open, last.value), self.instrument.settlement_currency
        )

    def total_pnl(self, last: Price) -> Money:
        """Return realised plus unrealised profit at `last`."""
        return self.realized_pnl + self.unrealized_pnl(last)

    def notional_value(self, last: Price) -> Money:
        """Return the value of what is open at `last`."""
        return self.instrument.notional_value(self.quantity, last)

    def signed_decimal_qty(self) -> Decimal:
        """Return the quantity, negative when short; the ecosystem's name for `signed_qty`."""
        return self.signed_qty

    def is_opposite_side(self, side: OrderSide) -> bool:
        """Return whether an order on `side` would reduce the position."""
        return (self.signed_qty > 0) == (side is OrderSide.SELL) and bool(self.signed_qty)
