"""One market: price-time priority, triggers, trading phases.

May know: the model, this package's orders. It says who would trade with whom and which stops are due; settling is the
engine's work. Promises: the best price first, the earliest first at one price; scripted liquidity queues with everybody
else's and is consumed once.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from nautilus_live.model.enums import OrderSide, TrailingOffsetType, TriggerType
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.orders import TOUCH_TYPES, TRAILING_TYPES, ZERO, VenueOrder

BASIS_POINT = Decimal("0.0001")


class Resting:
    """Something in the book: an order of an account, or (`order` None) liquidity that a script put there."""

    __slots__ = ("order", "place", "price", "quantity")

    def __init__(self, price: Decimal, place: tuple[Decimal, int], quantity: Decimal, order: VenueOrder | None) -> None:
        self.price = price
        self.place = place
        self.quantity = quantity
        self.order = order

    @property
    def leaves(self) -> Decimal:
        """What can be taken from it."""
        return self.quantity if self.order is None else self.order.leaves


class BookSide:
    """The resting orders of one side, best first."""

    def __init__(self, side: OrderSide) -> None:
        self.sign = 1 if side is OrderSide.BUY else -1
        self._entries: list[tuple[tuple[Decimal, int], Resting]] = []

    def __iter__(self) -> Iterator[Resting]:
        return (entry for _, entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def best(self) -> Resting | None:
        """The first in the queue."""
        return self._entries[0][1] if self._entries else None

    def add(self, price: Decimal, sequence: int, quantity: Decimal, order: VenueOrder | None) -> None:
        """Put something at the end of the queue of its price; `sequence` must be larger than all before it."""
        place = (-price if self.sign > 0 else price, sequence)
        insort(self._entries, (place, Resting(price, place, quantity, order)), key=_place_of)
        if order is not None:
            order.place = place

    def remove(self, place: tuple[Decimal, int]) -> None:
        """Take out what stands at that place."""
        index = bisect_left(self._entries, place, key=_place_of)
        if index == len(self._entries) or self._entries[index][0] != place:
            raise AssertionError(f"the book must hold an entry at {place}, has {len(self._entries)} others")
        del self._entries[index]

    def clear_street(self) -> None:
        """Take out all scripted liquidity."""
        self._entries = [entry for entry in self._entries if entry[1].order is not None]

    def size_at_best(self) -> Decimal:
        """Return how much stands at the best price."""
        total = ZERO
        if self._entries:
            price = self._entries[0][1].price
            for _, entry in self._entries:
                if entry.price != price:
                    break
                total += entry.leaves
        return total

    def available(self, limit: Decimal | None, wanted: Decimal) -> Decimal:
        """Return how much can be taken at `limit` or better (`None`: at any price), at most `wanted`."""
        total = ZERO
        for _, entry in self._entries:
            if total >= wanted or not crosses(self.sign, entry.price, limit):
                break
            total += entry.leaves
        return min(total, wanted)


def _place_of(entry: tuple[tuple[Decimal, int], Resting]) -> tuple[Decimal, int]:
    return entry[0]


def crosses(maker_sign: int, maker_price: Decimal, limit: Decimal | None) -> bool:
    """Whether a maker of that side and price is good enough for a taker with that limit."""
    return limit is None or (maker_price >= limit if maker_sign > 0 else maker_price <= limit)


class Market:
    """One instrument's book, stops, prices and phase."""

    def __init__(self, instrument: InstrumentAny) -> None:
        self.instrument = instrument
        self.bids = BookSide(OrderSide.BUY)
        self.asks = BookSide(OrderSide.SELL)
        self.stops: dict[int, VenueOrder] = {}
        self.waiting: dict[int, VenueOrder] = {}
        self.last: Decimal | None = None
        self.mark: Decimal | None = None
        self.is_open = True
        self.quote: tuple[Decimal, Decimal, Decimal, Decimal] | None = None

    def side(self, side: OrderSide) -> BookSide:
        """Return the resting orders of that side."""
        return self.bids if side is OrderSide.BUY else self.asks

    def against(self, side: OrderSide) -> BookSide:
        """Return what an order of that side would trade with."""
        return self.asks if side is OrderSide.BUY else self.bids

    @property
    def bid(self) -> Decimal | None:
        """The best bid."""
        best = self.bids.best
        return best.price if best else None

    @property
    def ask(self) -> Decimal | None:
        """The best ask."""
        best = self.asks.best
        return best.price if best else None

    @property
    def mid(self) -> Decimal | None:
        """The middle of bid and ask."""
        bid, ask = self.bid, self.ask
        return None if bid is None or ask is None else (bid + ask) / 2

    def reference_prices(self, order: VenueOrder) -> list[Decimal]:
        """Return the prices that count for the order's trigger; what is unknown is left out."""
        touch = self.ask if order.sign > 0 else self.bid
        kind = order.request.trigger_type
        if kind in (TriggerType.BID_ASK, TriggerType.DOUBLE_BID_ASK):
            prices = [touch]
        elif kind in (TriggerType.LAST_PRICE, TriggerType.DOUBLE_LAST):
            prices = [self.last]
        elif kind in (TriggerType.MARK_PRICE, TriggerType.INDEX_PRICE):
            prices = [self.mark if self.mark is not None else self.mid]
        elif kind is TriggerType.MID_POINT:
            prices = [self.mid]
        else:
            prices = [touch, self.last]
        return [price for price in prices if price is not None]

    def is_due(self, order: VenueOrder) -> bool:
        """Whether the trigger is reached. A stop waits for the market to go against it, a touch to come its way."""
        trigger = order.trigger_price
        if trigger is None or not order.active:
            return False
        rising = (order.sign > 0) != (order.order_type in TOUCH_TYPES)
        return any(price >= trigger if rising else price <= trigger for price in self.reference_prices(order))

    def trail(self, order: VenueOrder) -> None:
        """Let a trailing stop follow the market: its trigger only ever comes closer."""
        if order.order_type not in TRAILING_TYPES:
            return
        for price in self.reference_prices(order):
            activation = order.request.activation_price
            if not order.active and activation is not None:
                order.active = price <= activation.value if order.sign > 0 else price >= activation.value
            if not order.active:
                continue
            wanted = price + order.sign * self.offset(order, order.request.trailing_offset, price)
            wanted = self.instrument.make_price(wanted).value
            trigger = order.trigger_price
            if trigger is None or (wanted < trigger if order.sign > 0 else wanted > trigger):
                order.trigger_price = wanted
                limit_offset = order.request.limit_offset
                if limit_offset is not None:
                    limit = wanted + order.sign * self.offset(order, limit_offset, wanted)
                    order.price = self.instrument.make_price(limit).value

    def offset(self, order: VenueOrder, amount: Decimal | None, price: Decimal) -> Decimal:
        """Return a trailing offset as a price difference."""
        offset = amount or ZERO
        kind = order.request.trailing_offset_type
        if kind is TrailingOffsetType.BASIS_POINTS:
            return price * offset * BASIS_POINT
        if kind is TrailingOffsetType.TICKS:
            return offset * self.instrument.price_increment.value
        return offset
