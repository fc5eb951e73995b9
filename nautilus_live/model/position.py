"""Positions: what the fills of an account add up to. State only; `core/position_keeping.py` applies fills to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from nautilus_live.model.enums import InstrumentClass, OrderSide, PositionSide
from nautilus_live.model.event_facts import realized_return
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.figures import Figure
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Currency, Money, Price, Quantity, to_decimal
from nautilus_live.model.plain import plain

ZERO = Decimal(0)
SELL = OrderSide.SELL  # looking a member up in its class is slow
FLAT, LONG, SHORT = PositionSide.FLAT, PositionSide.LONG, PositionSide.SHORT


_PLAIN = (
    *(
        "trader_id",
        "strategy_id",
        "instrument_id",
        "account_id",
        "opening_order_id",
        "closing_order_id",
        "entry",
        "side",
    ),
    *("signed_qty", "quantity", "peak_qty", "avg_px_open", "avg_px_close", "realized_return", "realized_pnl"),
    *("quote_currency", "base_currency", "settlement_currency", "ts_init", "ts_opened", "ts_last"),
)
"""What `to_dict` tells as it is."""


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

    What authors calculate on (`signed_qty`, `avg_px_open`, ...) are figures, which go with floats; the engines read the
    numbers behind them.

    `net_qty` is what it holds, negative when short; `open_px` the average price of what is open, `close_px` of what was
    closed, `peak` the most it held. `realized` is the profit of what was closed, less the commissions paid in the
    settlement currency, since the position was last flat; `realized_before` the sum of all earlier cycles of the same
    position id, `paid` the commissions of all cycles. `fills` are the fills since it was last flat (a fill that flips
    the position is kept as its two parts); what a purge folded of them is in `base`. `counted` is what the cache's sums
    of profits have taken in of this one. `legs`, of a position that is the sum of several at the venue, are those, by
    their names there (see `core.position_legs`); None of any other.
    """

    __slots__ = (
        "account_id",
        "base",
        "close_px",
        "closed_qty",
        "closing_order_id",
        "counted",
        "cycle_count",
        "entry",
        "fills",
        "id",
        "instrument",
        "instrument_id",
        "legs",
        "net_qty",
        "open_px",
        "opening_order_id",
        "paid",
        "peak",
        "realized",
        "realized_before",
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
        self.net_qty: Decimal = ZERO
        self.open_px: Decimal = ZERO
        self.close_px: Decimal | None = None
        self.closed_qty: Decimal = ZERO
        self.peak: Decimal = ZERO
        self.realized: Decimal = ZERO
        self.realized_before: Decimal = ZERO
        self.cycle_count = 0
        self.counted: Decimal = ZERO
        self.paid: dict[Currency, Decimal] = {}
        self.fills: list[OrderFilled] = []
        self.base: CycleBase | None = None
        self.legs: dict[PositionId, Decimal] | None = None
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
        twin.paid = dict(self.paid)
        twin.fills = list(self.fills)
        twin.legs = None if self.legs is None else dict(self.legs)
        return twin

    def __repr__(self) -> str:
        return f"Position({self.info()}, id={self.id})"

    @property
    def side(self) -> PositionSide:
        """Long, short or flat."""
        signed = self.net_qty
        return LONG if signed > 0 else SHORT if signed < 0 else FLAT

    @property
    def signed_qty(self) -> Decimal:
        """What it holds, negative when short."""
        return Figure(self.net_qty)

    @property
    def avg_px_open(self) -> Decimal:
        """The average price of what is open."""
        return Figure(self.open_px)

    @property
    def avg_px_close(self) -> Decimal:
        """The average price of what was closed, 0 before."""
        return Figure(self.close_px or ZERO)

    @property
    def peak_qty(self) -> Quantity:
        """The most it held since it was last flat."""
        return Quantity(self.peak, self.instrument.size_precision)

    @property
    def quantity(self) -> Quantity:
        """The open quantity, unsigned."""
        return Quantity(abs(self.net_qty), self.instrument.size_precision)

    @property
    def is_open(self) -> bool:
        """Whether anything is open."""
        return bool(self.net_qty)

    @property
    def is_closed(self) -> bool:
        """Whether it was open and is flat now."""
        return not self.net_qty and bool(self.ts_opened)

    @property
    def is_long(self) -> bool:
        """Whether it is long."""
        return self.net_qty > 0

    @property
    def is_short(self) -> bool:
        """Whether it is short."""
        return self.net_qty < 0

    # -- what it is in -----------------------------------------------------------------------------------------------

    @property
    def symbol(self) -> Symbol:
        """The instrument's symbol."""
        return self.instrument_id.symbol

    @property
    def venue(self) -> Venue:
        """The instrument's venue."""
        return self.instrument_id.venue

    @property
    def base_currency(self) -> Currency | None:
        """The instrument's base currency, None if there is none."""
        return self.instrument.base_currency

    @property
    def quote_currency(self) -> Currency:
        """The instrument's quote currency."""
        return self.instrument.quote_currency

    @property
    def settlement_currency(self) -> Currency:
        """The currency of the realised profit."""
        return self.instrument.settlement_currency

    @property
    def is_inverse(self) -> bool:
        """Whether the quantity counts quote currency and the profit is in the base currency."""
        return self.instrument.is_inverse

    @property
    def multiplier(self) -> Quantity:
        """How many units one contract is of."""
        return self.instrument.multiplier

    @property
    def price_precision(self) -> int:
        """Decimal places of prices."""
        return self.instrument.price_precision

    @property
    def size_precision(self) -> int:
        """Decimal places of quantities."""
        return self.instrument.size_precision

    # -- how it came about, since it was last flat -------------------------------------------------------------------

    @property
    def events(self) -> list[OrderFilled]:
        """The fills."""
        return list(self.fills)

    @property
    def event_count(self) -> int:
        """How many fills there are."""
        return len(self.fills)

    @property
    def last_event(self) -> OrderFilled | None:
        """The last fill, None before the first."""
        return self.fills[-1] if self.fills else None

    @property
    def last_trade_id(self) -> TradeId | None:
        """The id of the last fill, None before the first."""
        return self.fills[-1].trade_id if self.fills else None

    @property
    def trade_ids(self) -> list[TradeId]:
        """The ids of the fills."""
        return [fill.trade_id for fill in self.fills]

    @property
    def client_order_ids(self) -> list[ClientOrderId]:
        """The orders that filled, each once, sorted."""
        return sorted({fill.client_order_id for fill in self.fills}, key=str)

    @property
    def venue_order_ids(self) -> list[VenueOrderId]:
        """The orders that filled, by the venue's ids, each once, sorted."""
        return sorted({fill.venue_order_id for fill in self.fills if fill.venue_order_id is not None}, key=str)

    @property
    def ts_init(self) -> int:
        """When the node heard of the first fill; 0 before."""
        return self.fills[0].ts_init if self.fills else 0

    @property
    def duration_ns(self) -> int:
        """How long it was open; 0 as long as it is."""
        return max(self.ts_closed - self.ts_opened, 0) if self.ts_closed else 0

    # -- profit ------------------------------------------------------------------------------------------------------

    @property
    def realized_return(self) -> Decimal:
        """What was closed, as a fraction of the average opening price; negative for a loss."""
        return realized_return(self.entry, self.open_px, self.close_px)

    @property
    def realized_pnl(self) -> Money:
        """Profit of what was closed since it was last flat, less commissions in the settlement currency."""
        return self.instrument.settle(self.realized)

    @property
    def total_realized_pnl(self) -> Money:
        """Realised profit of all cycles of this position id."""
        return self.instrument.settle(self.realized + self.realized_before)

    def commissions(self) -> list[Money]:
        """Return the commissions paid in all cycles, one amount per currency."""
        return [Money(amount, currency) for currency, amount in self.paid.items()]

    def unrealized_pnl(self, price: Price) -> Money:
        """Return the profit if everything open were closed at `price`."""
        if not self.net_qty:
            return Money(ZERO, self.instrument.settlement_currency)
        return self.instrument.settle(self.instrument.pnl(self.net_qty, self.open_px, price.value))

    def total_pnl(self, price: Price) -> Money:
        """Return realised plus unrealised profit at `price`."""
        return self.realized_pnl + self.unrealized_pnl(price)

    def calculate_pnl(self, avg_px_open: Decimal | float, avg_px_close: Decimal | float, quantity: Quantity) -> Money:
        """Return what `quantity` on the side of entry makes from one price to the other, without commissions."""
        signed = quantity.value if self.entry is not OrderSide.SELL else -quantity.value
        return self.instrument.settle(self.instrument.pnl(signed, to_decimal(avg_px_open), to_decimal(avg_px_close)))

    @property
    def instrument_class(self) -> InstrumentClass:
        """The legal form of its instrument."""
        return self.instrument.instrument_class

    @property
    def is_spot_currency(self) -> bool:
        """Whether its instrument exchanges two currencies at once."""
        return self.instrument.is_spot

    def notional_value(
        self, price: Price, target_currency: Currency | None = None, conversion_price: Price | None = None
    ) -> Money:
        """Return the value of what is open at `price`, converted if both a currency and its price are given."""
        return self.instrument.notional_value(self.quantity, price, False, target_currency, conversion_price)

    def cross_notional_value(
        self, price: Price, quote_price: Price, base_price: Price, target_currency: Currency
    ) -> Money:
        """Return the value of what is open at `price` in another currency, whose prices of quote and base are given."""
        known = base_price if self.instrument.is_inverse else quote_price
        return self.notional_value(price, target_currency, known)

    def signed_decimal_qty(self) -> Decimal:
        """Return the quantity, negative when short."""
        return self.net_qty

    def closing_order_side(self) -> OrderSide:
        """Return the side of an order that closes it, NO_ORDER_SIDE if it is flat."""
        if not self.net_qty:
            return OrderSide.NO_ORDER_SIDE
        return OrderSide.SELL if self.net_qty > 0 else OrderSide.BUY

    @staticmethod
    def side_from_order_side(side: OrderSide) -> PositionSide:
        """Return the side of a position that an order on `side` opens."""
        return {OrderSide.BUY: LONG, OrderSide.SELL: SHORT}.get(side, FLAT)

    def info(self) -> str:
        """Return side, quantity and instrument in words."""
        size = f"{self.quantity.to_formatted_str()} " if self.net_qty else ""
        return f"{self.side} {size}{self.instrument_id}"

    def is_opposite_side(self, side: OrderSide) -> bool:
        """Return whether an order on `side` would reduce the position."""
        return (self.net_qty > 0) == (side is SELL) and bool(self.net_qty)

    def to_dict(self) -> dict[str, Any]:
        """Return how it stands as plain values; what is not there is None."""
        return {
            "position_id": str(self.id),
            **{name: plain(getattr(self, name)) for name in _PLAIN},
            "avg_px_close": plain(self.avg_px_close) or None,
            "ts_closed": self.ts_closed or None,
            "duration_ns": self.duration_ns or None,
            "commissions": [str(amount) for amount in self.commissions()],
        }
