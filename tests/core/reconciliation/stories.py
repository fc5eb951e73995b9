"""Random but true venue histories, what the venue tells of them at some moment, and what a node may know by then.

A `Story` is drawn by Hypothesis; everything else is computed from it: `Story.mass_status(moment)` is a truthful venue's
answer (with gaps: fills and orders that it does not list, averages and client order ids that it does not state),
`Story.belief(moment)` a node that heard of its own orders until that moment, except for what got lost on the way.
The venue's own position book is written here anew, on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from nautilus_live.core.admission import admit
from nautilus_live.core.reconciliation import Policy
from nautilus_live.model.enums import LiquiditySide, OmsType, OrderSide, OrderStatus, OrderType, Provenance, TimeInForce
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderInitialized,
    OrderRejected,
    OrderSubmitted,
    OrderUpdated,
)
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, PositionId, StrategyId, TradeId, VenueOrderId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Money
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport, PositionStatusReport
from tests.core.belief import Belief
from tests.core.conftest import ACCOUNT, make_init, make_policy, mass_status, position_report
from tests.core.reconciliation.settling import OTHER_PAIR, PAIR, USD, price, units

ZERO = Decimal(0)
END = 10_000
NEVER = END + 1
INSTRUMENTS = (PAIR, OTHER_PAIR)
ENDS: dict[OrderStatus, Callable[..., OrderEvent]] = {
    OrderStatus.CANCELED: OrderCanceled,
    OrderStatus.EXPIRED: OrderExpired,
    OrderStatus.REJECTED: OrderRejected,
}


@dataclass(frozen=True)
class Trade:
    """One execution; `lost`: the node never heard of it; `hidden`: how long the venue does not list it."""

    name: str
    quantity: int
    price: Decimal
    ts: int
    lost: bool = False
    hidden_until: int = 0

    def __repr__(self) -> str:
        flaws = " lost" * self.lost + f" hidden until {self.hidden_until}" * bool(self.hidden_until)
        return f"<{self.name} {self.quantity} @ {self.price} at {self.ts}{flaws}>"


@dataclass(frozen=True, repr=False)
class VenueOrder:
    """One order as it really went."""

    number: int
    instrument: Instrument
    is_buy: bool
    quantity: int
    price: Decimal | None
    ts: int
    trades: tuple[Trade, ...]
    strategy: str | None  # None: not from this node
    end: OrderStatus | None = None
    ts_end: int = NEVER
    ts_replaced: int = NEVER
    ack_lost: bool = False
    end_lost: bool = False
    update_lost: bool = False
    names_client: bool = True
    states_average: bool = True
    listed_from: int = 0
    pending: bool = False
    position: str | None = None

    def __repr__(self) -> str:
        shown = ("number", "instrument", "is_buy", "quantity", "price", "ts", "trades")
        first = f"O-{self.number} {self.instrument.id} {self.side} {self.quantity} @ {self.price} at {self.ts}"
        others = [f"{one.name}={getattr(self, one.name)!r}" for one in fields(self)
                  if one.name not in shown and getattr(self, one.name) != one.default]  # fmt: skip
        return f"<{first} {list(self.trades)} {' '.join(others)}>"

    @property
    def client_order_id(self) -> ClientOrderId:
        return ClientOrderId(f"O-{self.number}")

    def venue_order_id(self, moment: int) -> VenueOrderId:
        return VenueOrderId(f"{'W' if moment >= self.ts_replaced else 'V'}-{self.number}")

    @property
    def side(self) -> OrderSide:
        return OrderSide.BUY if self.is_buy else OrderSide.SELL

    def trades_until(self, moment: int) -> list[Trade]:
        return [trade for trade in self.trades if trade.ts <= moment]

    def filled(self, moment: int) -> int:
        return sum(trade.quantity for trade in self.trades_until(moment))

    def limit(self, moment: int) -> Decimal | None:
        if self.price is None:
            return None
        return self.price + Decimal("0.01") if moment >= self.ts_replaced else self.price

    def status(self, moment: int) -> OrderStatus:
        filled = self.filled(moment)
        if filled == self.quantity:
            return OrderStatus.FILLED
        if self.end is not None and self.ts_end <= moment:
            return self.end
        if self.pending:
            return OrderStatus.PENDING_CANCEL
        return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.ACCEPTED

    def ts_last(self, moment: int) -> int:
        times = [self.ts + 1, *(trade.ts for trade in self.trades), self.ts_end, self.ts_replaced]
        return max(ts for ts in times if ts <= moment)

    def average(self, moment: int) -> Decimal | None:
        filled = self.filled(moment)
        if not filled or not self.states_average:
            return None
        return sum((trade.quantity * trade.price for trade in self.trades_until(moment)), ZERO) / filled

    def report(self, moment: int) -> OrderStatusReport:
        limit = self.limit(moment)
        return OrderStatusReport(
            account_id=ACCOUNT,
            instrument_id=self.instrument.id,
            client_order_id=self.client_order_id if self.names_client else None,
            venue_order_id=self.venue_order_id(moment),
            venue_position_id=None if self.position is None else PositionId(self.position),
            order_side=self.side,
            order_type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            time_in_force=TimeInForce.GTC,
            order_status=self.status(moment),
            quantity=units(self.quantity),
            filled_qty=units(self.filled(moment)),
            avg_px=self.average(moment),
            price=None if limit is None else price(str(limit)),
            ts_accepted=self.ts + 1,
            ts_last=self.ts_last(moment),
        )

    def fill_report(self, trade: Trade) -> FillReport:
        return FillReport(
            account_id=ACCOUNT,
            instrument_id=self.instrument.id,
            client_order_id=self.client_order_id if self.names_client else None,
            venue_order_id=self.venue_order_id(trade.ts),
            venue_position_id=None if self.position is None else PositionId(self.position),
            trade_id=TradeId(trade.name),
            order_side=self.side,
            last_qty=units(trade.quantity),
            last_px=price(str(trade.price)),
            commission=Money(Decimal("0.01"), USD),
            liquidity_side=LiquiditySide.TAKER,
            ts_event=trade.ts,
        )


@dataclass(frozen=True, repr=False)
class Story:
    """A true history, and how it is told."""

    orders: tuple[VenueOrder, ...]
    policy: Policy
    moment: int  # the node hears of its own orders until then
    base: dict[InstrumentId, tuple[int, Decimal]] = field(default_factory=dict)  # what was open before all this
    averages_stated: bool = True
    positions_listed: bool = True
    repeated: int = 0  # this many reports of each kind come twice

    def __repr__(self) -> str:
        told = f"averages={self.averages_stated} positions={self.positions_listed} repeated={self.repeated}"
        lines = "".join(f"\n  {order!r}" for order in self.orders)
        claims = dict(self.policy.claims)
        return f"<{self.policy.oms_type} until {self.moment} base={self.base} {told} claims={claims}{lines}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # what Hypothesis shows

    @property
    def hedging(self) -> bool:
        return self.policy.oms_type is OmsType.HEDGING

    # -- the venue ---------------------------------------------------------------------------------------------------

    def positions(self, moment: int) -> dict[tuple[InstrumentId, str | None], tuple[Decimal, Decimal]]:
        """Return the venue's positions: signed quantity and average by the average-cost rule."""
        book: dict[tuple[InstrumentId, str | None], tuple[Decimal, Decimal]] = {
            (instrument_id, None): (Decimal(quantity), average)
            for instrument_id, (quantity, average) in self.base.items()
        }
        trades = [(trade, order) for order in self.orders for trade in order.trades_until(moment)]
        for trade, order in sorted(trades, key=lambda pair: (pair[0].ts, pair[1].number, pair[0].name)):
            key = (order.instrument.id, order.position)
            held, average = book.get(key, (ZERO, ZERO))
            signed = Decimal(trade.quantity if order.is_buy else -trade.quantity)
            after = held + signed
            if held * signed >= 0:
                average = (held * average + signed * trade.price) / after
            elif held * after < 0:
                average = trade.price
            book[key] = (after, average)
        return book

    def mass_status(self, moment: int = END) -> ExecutionMassStatus:
        there = [order for order in self.orders if order.ts < moment]
        orders = [order.report(moment) for order in there if order.listed_from <= moment]
        fills = [
            order.fill_report(trade)
            for order in there
            for trade in order.trades_until(moment)
            if trade.hidden_until <= moment
        ]
        positions = [
            self._position_report(key, quantity, average)
            for key, (quantity, average) in self.positions(moment).items()
            if self.positions_listed
        ]
        return mass_status(
            orders + orders[: self.repeated], fills + fills[: self.repeated], positions + positions[: self.repeated]
        )

    def _position_report(
        self, key: tuple[InstrumentId, str | None], quantity: Decimal, average: Decimal
    ) -> PositionStatusReport:
        [instrument] = [one for one in INSTRUMENTS if one.id == key[0]]
        return position_report(
            str(quantity),
            instrument=instrument,
            quantity=units(str(abs(quantity))),
            avg_px_open=average if self.averages_stated and quantity else None,
            venue_position_id=key[1],
        )

    # -- the node ----------------------------------------------------------------------------------------------------

    def belief(self, moment: int | None = None) -> Belief:
        """Return a node that heard of its own orders until `moment`, except for what got lost."""
        belief = Belief(*INSTRUMENTS, oms_type=self.policy.oms_type, allow_overfills=self.policy.allow_overfills)
        heard = sorted(self._heard(self.moment if moment is None else moment), key=lambda event: event.ts_event)
        for event in heard:
            belief.apply(admit(belief, event).events if belief.order(event.client_order_id) is not None else [event])
        return belief

    def _heard(self, moment: int) -> Iterator[OrderEvent]:
        for order in self.orders:
            if order.strategy is None or order.ts > moment:
                continue
            yield from order_events(order, moment)


def order_events(order: VenueOrder, moment: int) -> Iterator[OrderEvent]:
    """Yield what a node hears of an order of its own, in the order it happened."""
    limit = None if order.price is None else price(str(order.price))
    init: OrderInitialized = make_init(
        order.client_order_id.value,
        "BUY" if order.is_buy else "SELL",
        units(order.quantity),  # type: ignore[arg-type]  # values are taken too
        limit,  # type: ignore[arg-type]  # values are taken too
        instrument=order.instrument,
        ts=order.ts,
        strategy_id=StrategyId(order.strategy or ""),
    )
    common: dict[str, Any] = {
        "trader_id": init.trader_id,
        "strategy_id": init.strategy_id,
        "instrument_id": init.instrument_id,
        "client_order_id": init.client_order_id,
        "account_id": ACCOUNT,
    }

    def event(
        kind: Callable[..., OrderEvent], ts: int, venue_order_id: VenueOrderId | None, **values: Any
    ) -> OrderEvent:
        name = f"{order.client_order_id}-{kind}-{ts}-{values.get('trade_id', '')}"
        made: dict[str, Any] = {"event_id": name, "ts_event": ts, "ts_init": ts, "venue_order_id": venue_order_id}
        made |= {"provenance": Provenance.LOCAL if kind is OrderSubmitted else Provenance.STREAM, **common, **values}
        return kind(**made)

    steps: list[OrderEvent] = []
    if not order.ack_lost:
        steps.append(event(OrderAccepted, order.ts + 1, order.venue_order_id(0)))
    if not order.update_lost:
        new_limit = order.limit(END)
        updated = {"quantity": units(order.quantity), "price": None if new_limit is None else price(str(new_limit))}
        if order.ts_replaced < NEVER:
            steps.append(event(OrderUpdated, order.ts_replaced, order.venue_order_id(END), **updated))
    steps += [
        event(OrderFilled, trade.ts, order.venue_order_id(trade.ts), **_trade_fields(order, trade))
        for trade in order.trades
        if not trade.lost
    ]
    if order.end is not None and not order.end_lost:
        steps.append(event(ENDS[order.end], order.ts_end, order.venue_order_id(order.ts_end)))
    yield init
    yield event(OrderSubmitted, order.ts, None)
    yield from sorted((one for one in steps if one.ts_event <= moment), key=lambda one: one.ts_event)


def _trade_fields(order: VenueOrder, trade: Trade) -> dict[str, Any]:
    report = order.fill_report(trade)
    return {
        "trade_id": report.trade_id,
        "order_side": order.side,
        "order_type": OrderType.MARKET if order.price is None else OrderType.LIMIT,
        "last_qty": report.last_qty,
        "last_px": report.last_px,
        "currency": USD,
        "commission": report.commission,
        "liquidity_side": report.liquidity_side,
        "position_id": report.venue_position_id,
    }


# -- drawing -----------------------------------------------------------------------------------------------------------

_prices = st.integers(80, 160).map(lambda cents: Decimal(cents) / 100)
_times = st.integers(10, 60)
FLAWS = ("ack_lost", "end_lost", "update_lost", "unstated", "unlisted", "listed late", "pending")
_rarely = st.integers(0, 5).map(lambda number: number == 5)


@st.composite
def _orders(draw: st.DrawFn, number: int, hedging: bool, gaps: bool) -> VenueOrder:
    flaws = draw(st.sets(st.sampled_from(FLAWS), max_size=3)) if gaps else set()
    ts = draw(_times)
    quantity = draw(st.integers(1, 60))
    trades: list[Trade] = []
    left, at = quantity, ts + 1
    for index in range(draw(st.integers(0, 3))):
        size = draw(st.integers(1, left))
        at += draw(st.integers(0, 20))
        left -= size
        hidden_until = draw(st.sampled_from((0, 0, 0, 80, NEVER))) if gaps else 0
        lost = gaps and draw(_rarely)
        trades.append(Trade(f"T-{number}-{index}", size, draw(_prices), at, lost, hidden_until))
        if not left:
            break
    strategy = draw(st.sampled_from(("S-001", "S-001", "S-002", None)))
    ends: tuple[OrderStatus | None, ...] = (None, OrderStatus.CANCELED, OrderStatus.EXPIRED)
    if not trades:
        ends = (*ends, OrderStatus.REJECTED)
    order = VenueOrder(
        number=number,
        instrument=draw(st.sampled_from((PAIR, PAIR, PAIR, OTHER_PAIR))),
        is_buy=draw(st.booleans()),
        quantity=quantity,
        price=draw(st.none() | _prices) if gaps else draw(_prices),
        ts=ts,
        trades=tuple(trades),
        strategy=strategy,
        end=draw(st.sampled_from(ends)) if left else None,
        ts_end=at + draw(st.integers(0, 20)),
        ack_lost="ack_lost" in flaws,
        end_lost="end_lost" in flaws,
        update_lost="update_lost" in flaws,
        names_client=strategy is not None or draw(st.booleans()),
        states_average="unstated" not in flaws,
        listed_from=NEVER if "unlisted" in flaws else 90 if "listed late" in flaws else 0,
    )
    if hedging:
        order = replace(order, position=f"{order.instrument.id}-{draw(st.sampled_from(('LONG', 'SHORT')))}")
    if order.end is None:
        order = replace(order, ts_end=NEVER, pending="pending" in flaws)
    if strategy is not None and draw(_rarely):
        order = replace(order, ts_replaced=ts + 1 + draw(st.integers(1, 20)))
        if order.ts_replaced > order.ts_end or (order.trades and not left and order.ts_replaced > order.trades[-1].ts):
            order = replace(order, ts_replaced=NEVER)
    return order


@st.composite
def stories(
    draw: st.DrawFn, *, gaps: bool = True, hedging: bool | None = None, one_owner: bool = False, based: bool = True
) -> Story:
    """Draw a story; without `gaps` nothing is lost, hidden or left unstated."""
    hedges = draw(st.sampled_from((False, False, False, True))) if hedging is None else hedging
    orders = tuple(draw(_orders(number, hedges, gaps)) for number in range(1, draw(st.integers(1, 4)) + 1))
    if one_owner:
        orders = tuple(replace(order, strategy="S-001", names_client=True) for order in orders)
    base = {}
    if based and not hedges and draw(st.booleans()):
        base = {PAIR.id: (draw(st.integers(-80, 80).filter(bool)), draw(_prices))}
    policy = make_policy(
        oms_type=OmsType.HEDGING if hedges else OmsType.NETTING,
        claims={one.id: StrategyId("S-001") for one in INSTRUMENTS} if one_owner or draw(st.booleans()) else {},
    )
    return Story(
        orders=orders,
        policy=policy,
        moment=draw(st.sampled_from((0, 30, 50, 70, 90, END - 1))),
        base=base,
        averages_stated=not gaps or draw(st.booleans()),
        positions_listed=not gaps or not draw(_rarely),
        repeated=draw(st.integers(0, 1)),
    )


__all__ = ["END", "INSTRUMENTS", "Story", "Trade", "VenueOrder", "order_events", "stories"]
