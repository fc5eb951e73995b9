"""States stated outright: what the node has in its store before its first start.

A stated order or position becomes the events that lead there, and those go through the kernel's own engine into the
store: nothing is written that could not have happened. The venue's side of it is in `scenarios/given_venue.py`; both
give fills the same ids and times, so that the same words on both sides mean the same fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from nautilus_live.model.enums import (
    LiquiditySide,
    OrderSide,
    OrderStatus,
    OrderType,
    Provenance,
    TimeInForce,
    TriggerType,
)
from nautilus_live.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderInitialized,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderSubmitted,
    OrderTriggered,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Money, Price, Quantity
from scenarios.format import GivenFill, GivenOrder, GivenPosition
from scenarios.problems import ScenarioError
from scenarios.values import NANOSECONDS, Size, Time

ORDER_AGO = Time(10 * NANOSECONDS["m"])
ZERO = Decimal(0)


class DatedFill(Struct, frozen=True, kw_only=True):
    """A stated fill with everything settled: its id, price and time."""

    trade_id: str
    quantity: Decimal
    price: Decimal
    commission: Money | None
    liquidity: LiquiditySide
    at_ns: int


def placed_at(order: GivenOrder, epoch_ns: int) -> int:
    """Return when a stated order was placed."""
    return epoch_ns - (order.ago if order.ago is not None else ORDER_AGO)


def fills_of(order: GivenOrder, name: str, epoch_ns: int) -> list[DatedFill]:
    """Return the fills of a stated order; what `filled` says beyond the list is one more fill at the average it needs.

    Raises:
        ScenarioError: if the fills contradict `filled`, or have no price.

    """
    stated = list(order.fills)
    listed = sum((Decimal(fill.quantity) for fill in stated), ZERO)
    if order.filled is not None:
        missing = Decimal(order.filled) - listed
    else:
        missing = Decimal(order.quantity) - listed if order.status == "FILLED" else ZERO
    if missing < 0:
        raise ScenarioError([f"$.given: {name} must not have more fills than it is filled, was {-missing} more"])
    if missing:
        stated.append(GivenFill(trade=f"T-{name}-{len(stated) + 1}", quantity=Size(missing)))
    age = order.ago if order.ago is not None else ORDER_AGO
    dated = []
    for index, fill in enumerate(stated):
        price = fill.price if fill.price is not None else (order.avg if order.avg is not None else order.price)
        if price is None:
            raise ScenarioError([f"$.given: fill {fill.trade} of {name} must have a price, was none"])
        ago = fill.ago if fill.ago is not None else age // 2 - index * NANOSECONDS["s"]
        dated.append(
            DatedFill(
                trade_id=fill.trade,
                quantity=Decimal(fill.quantity),
                price=Decimal(price),
                commission=Money.from_str(fill.commission) if fill.commission else None,
                liquidity=LiquiditySide[fill.liquidity] if fill.liquidity else LiquiditySide.NO_LIQUIDITY_SIDE,
                at_ns=epoch_ns - ago,
            )
        )
    return dated


def order_type_of(order: GivenOrder) -> OrderType:
    """Return the type of a stated order; without one: LIMIT with a price, MARKET without."""
    if order.type is not None:
        return OrderType[order.type]
    return OrderType.LIMIT if order.price is not None else OrderType.MARKET


class NodeHistory:
    """Makes the events that lead to stated orders and positions.

    Args:
        trader_id: whose they are.
        strategy_id: the strategy that placed them, unless they say otherwise.
        epoch_ns: when the scenario begins.
        find: what gives the instrument and the account of a stated order or position, by instrument, venue, account.
        next_event_id: what makes event ids.

    """

    def __init__(
        self,
        trader_id: TraderId,
        strategy_id: StrategyId,
        epoch_ns: int,
        find: Callable[[str | None, str | None, str | None], tuple[Instrument, AccountId]],
        next_event_id: Callable[[], str],
    ) -> None:
        self._trader_id = trader_id
        self._strategy_id = strategy_id
        self._epoch_ns = epoch_ns
        self._find = find
        self._next_event_id = next_event_id
        self._made = 0

    def order(self, order: GivenOrder) -> list[OrderEvent]:
        """Return the events that lead to a stated order.

        Raises:
            ScenarioError: if it has no client order id, or contradicts itself.

        """
        if order.order is None:
            raise ScenarioError(
                ["$.given.node: an order of the node must have its client order id in `order`, was none"]
            )
        return sorted(self._order_events(order, order.order), key=lambda event: event.ts_event)

    def position(self, position: GivenPosition) -> list[OrderEvent]:
        """Return the events that lead to a stated position: a filled order that the venue has long forgotten."""
        if position.price is None:
            raise ScenarioError(["$.given.node: a position of the node must have an average price, was none"])
        if not position.quantity:
            return []
        self._made += 1
        order = GivenOrder(
            order=f"GIVEN-{self._made}",
            venue_order=f"GIVEN-V-{self._made}",
            side="BUY" if position.quantity > 0 else "SELL",
            quantity=Size(abs(position.quantity)),
            price=position.price,
            status="FILLED",
            # What an earlier life of the account cost is not this scenario's business.
            fills=[
                GivenFill(trade=f"GIVEN-T-{self._made}", quantity=Size(abs(position.quantity)), commission="0 USDT")
            ],
            instrument=position.instrument,
            venue=position.venue,
            account=position.account,
            position=position.position,
            by=position.by,
        )
        return self.order(order)

    def _order_events(self, order: GivenOrder, name: str) -> Iterator[OrderEvent]:
        instrument, account_id = self._find(order.instrument, order.venue, order.account)
        strategy = StrategyId(order.by) if order.by else self._strategy_id
        foreign = strategy.is_external() or strategy.is_internal()
        start = placed_at(order, self._epoch_ns)
        common: dict[str, Any] = {
            "trader_id": self._trader_id,
            "strategy_id": strategy,
            "instrument_id": instrument.id,
            "client_order_id": ClientOrderId(name),
            "account_id": account_id,
            "provenance": Provenance.RECONCILIATION if foreign else Provenance.LOCAL,
        }

        def event(kind: type[OrderEvent], at_ns: int, **fields: Any) -> OrderEvent:
            return kind(**{**common, **fields}, event_id=self._next_event_id(), ts_event=at_ns, ts_init=at_ns)

        tags = ("EXTERNAL",) if strategy.is_external() else ("RECONCILIATION",) if strategy.is_internal() else ()
        yield event(
            OrderInitialized,
            start,
            account_id=None,
            order_side=OrderSide[order.side],
            order_type=order_type_of(order),
            quantity=Quantity(Decimal(order.quantity), instrument.size_precision),
            time_in_force=TimeInForce[order.tif],
            price=None if order.price is None else Price(Decimal(order.price), instrument.price_precision),
            trigger_price=None if order.trigger is None else Price(Decimal(order.trigger), instrument.price_precision),
            trigger_type=TriggerType.NO_TRIGGER if order.trigger is None else TriggerType.DEFAULT,
            post_only=order.post_only,
            reduce_only=order.reduce_only,
            tags=tags,
        )
        if order.status == "INITIALIZED":
            return
        if not foreign:
            yield event(OrderSubmitted, start)
        venue_order_id = VenueOrderId(order.venue_order or f"V-{name}")
        heard: dict[str, Any] = {"provenance": common["provenance"] if foreign else Provenance.STREAM}
        if order.status not in ("SUBMITTED", "REJECTED"):
            heard["venue_order_id"] = venue_order_id
            yield event(OrderAccepted, start, **heard)
        for fill in fills_of(order, name, self._epoch_ns):
            liquidity, paid = fill.liquidity or _usual_liquidity(order), fill.commission
            yield event(
                OrderFilled,
                fill.at_ns,
                **heard,
                trade_id=TradeId(fill.trade_id),
                order_side=OrderSide[order.side],
                order_type=order_type_of(order),
                last_qty=Quantity(fill.quantity, instrument.size_precision),
                last_px=Price(fill.price, instrument.price_precision),
                currency=instrument.quote_currency,
                commission=_usual_commission(fill, liquidity, instrument) if paid is None else paid,
                liquidity_side=liquidity,
                position_id=PositionId(order.position) if order.position else None,
            )
        ending = _ENDINGS.get(OrderStatus[order.status])
        if ending is not None:
            if order.provisional:
                heard["provenance"] = Provenance.POLICY
            elif ending in (OrderPendingCancel, OrderPendingUpdate):
                heard["provenance"] = Provenance.LOCAL
            elif ending is OrderRejected and not foreign:
                heard["provenance"] = Provenance.STREAM
            if order.reason and ending in (OrderRejected, OrderCanceled):
                heard["reason"] = order.reason
            yield event(ending, self._epoch_ns - NANOSECONDS["s"], **heard)


def _usual_liquidity(order: GivenOrder) -> LiquiditySide:
    """Return what the sandbox says of a scripted trade."""
    market_style = order_type_of(order).name.endswith("MARKET") or order.type == "MARKET_IF_TOUCHED"
    return LiquiditySide.TAKER if market_style else LiquiditySide.MAKER


def _usual_commission(fill: DatedFill, liquidity: LiquiditySide, instrument: Instrument) -> Money:
    """Return what the sandbox charges for a trade, so that a fill stated on both sides is the same fill."""
    rate = instrument.taker_fee if liquidity is LiquiditySide.TAKER else instrument.maker_fee
    notional = fill.quantity * instrument.multiplier.value * fill.price
    return Money(notional * rate, instrument.settlement_currency)


_ENDINGS: dict[OrderStatus, type[OrderEvent]] = {
    OrderStatus.REJECTED: OrderRejected,
    OrderStatus.CANCELED: OrderCanceled,
    OrderStatus.EXPIRED: OrderExpired,
    OrderStatus.TRIGGERED: OrderTriggered,
    OrderStatus.PENDING_UPDATE: OrderPendingUpdate,
    OrderStatus.PENDING_CANCEL: OrderPendingCancel,
}
