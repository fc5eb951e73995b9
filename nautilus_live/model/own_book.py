"""A book of our own orders in one instrument: what we show the market, price by price.

It holds what it is given and decides nothing; which orders belong in it says `core/own_books.py`. Within a price the
order that came there first stands first. An order that moves to another price goes to the end there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from decimal import Decimal

from msgspec import Struct

from nautilus_live.model.enums import OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId, StrategyId, TraderId, VenueOrderId
from nautilus_live.model.objects import Price, Quantity

ZERO = Decimal(0)
ACCEPTED = OrderStatus.ACCEPTED


class OwnBookOrder(Struct, frozen=True, kw_only=True, gc=False):
    """One of our orders; `size` is what can still be filled, times are in nanoseconds (0: not yet)."""

    trader_id: TraderId
    strategy_id: StrategyId
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None
    side: OrderSide
    price: Price
    size: Quantity
    order_type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    ts_last: int
    ts_accepted: int
    ts_submitted: int
    ts_init: int

    def exposure(self) -> Decimal:
        """Return price times size."""
        return self.price.value * self.size.value

    def signed_size(self) -> Decimal:
        """Return the size, negative for a sell."""
        return self.size.value * self.side.sign


class _OwnSide:
    """One side by price: prices rise, whichever side it is."""

    __slots__ = ("is_bid", "levels", "prices")

    def __init__(self, side: OrderSide) -> None:
        self.is_bid = side is OrderSide.BUY
        self.prices: list[Decimal] = []
        self.levels: list[dict[str, OwnBookOrder]] = []

    def put(self, order: OwnBookOrder) -> None:
        price, key = order.price.value, order.client_order_id.value
        place = bisect_left(self.prices, price)
        if place < len(self.prices) and self.prices[place] == price:
            self.levels[place][key] = order
        else:
            self.prices.insert(place, price)
            self.levels.insert(place, {key: order})

    def take(self, order: OwnBookOrder) -> None:
        place = bisect_left(self.prices, order.price.value)
        level = self.levels[place]
        del level[order.client_order_id.value]
        if not level:
            del self.prices[place], self.levels[place]

    def best_first(self) -> list[tuple[Decimal, list[OwnBookOrder]]]:
        pairs = [(price, list(level.values())) for price, level in zip(self.prices, self.levels, strict=True)]
        return pairs[::-1] if self.is_bid else pairs


class OwnOrderBook:
    """Our orders in one instrument."""

    def __init__(self, instrument_id: InstrumentId) -> None:
        self.instrument_id = instrument_id
        self.update_count = 0
        self.ts_last = 0
        self._bids = _OwnSide(OrderSide.BUY)
        self._asks = _OwnSide(OrderSide.SELL)
        self._orders: dict[str, OwnBookOrder] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.instrument_id} {len(self._orders)} orders)"

    def __len__(self) -> int:
        return len(self._orders)

    # -- changes -----------------------------------------------------------------------------------------------------

    def add(self, order: OwnBookOrder) -> None:
        """Let a new order in; one that is there already is changed."""
        self.update(order)

    def update(self, order: OwnBookOrder) -> None:
        """Change an order, or let it in if it is new. It keeps its place unless its price or side is another."""
        key = order.client_order_id.value
        known = self._orders.get(key)
        if known is not None and (known.price.value != order.price.value or known.side is not order.side):
            self._side(known).take(known)
        self._orders[key] = order
        self._side(order).put(order)
        self._note(order.ts_last)

    def delete(self, order: OwnBookOrder) -> None:
        """Take an order out, whatever of it has changed. Raises `ValueError` if it is not there."""
        if self.remove(order.client_order_id) is None:
            raise ValueError(f"{order.client_order_id}: must be in the book of {self.instrument_id}, was not")
        self._note(order.ts_last)

    def remove(self, client_order_id: ClientOrderId) -> OwnBookOrder | None:
        """Take the order with that id out and return it, `None` if it is not there."""
        known = self._orders.pop(client_order_id.value, None)
        if known is not None:
            self._side(known).take(known)
            self._note(self.ts_last)
        return known

    def clear(self) -> None:
        """Take all orders out."""
        for order in self.orders():
            self.remove(order.client_order_id)

    def audit_open_orders(self, open_order_ids: Collection[ClientOrderId]) -> list[ClientOrderId]:
        """Take out every order whose id is not among these; return the ids that were taken out."""
        gone = [order.client_order_id for order in self.orders() if order.client_order_id not in open_order_ids]
        for client_order_id in gone:
            self.remove(client_order_id)
        return gone

    def _side(self, order: OwnBookOrder) -> _OwnSide:
        return self._bids if order.side is OrderSide.BUY else self._asks

    def _note(self, ts_last: int) -> None:
        self.update_count += 1
        self.ts_last = max(self.ts_last, ts_last)

    # -- questions ---------------------------------------------------------------------------------------------------

    def is_order_in_book(self, client_order_id: ClientOrderId) -> bool:
        """Return whether an order with that id is there."""
        return client_order_id.value in self._orders

    def order(self, client_order_id: ClientOrderId) -> OwnBookOrder | None:
        """Return the order with that id."""
        return self._orders.get(client_order_id.value)

    def orders(self) -> list[OwnBookOrder]:
        """Return all orders, in the order they came in."""
        return list(self._orders.values())

    def bid_client_order_ids(self) -> list[ClientOrderId]:
        """Return the ids of the bids, best first."""
        return [order.client_order_id for order in self.bids_to_list()]

    def ask_client_order_ids(self) -> list[ClientOrderId]:
        """Return the ids of the asks, best first."""
        return [order.client_order_id for order in self.asks_to_list()]

    def bids_to_list(self) -> list[OwnBookOrder]:
        """Return the bids, best first."""
        return [order for _, level in self._bids.best_first() for order in level]

    def asks_to_list(self) -> list[OwnBookOrder]:
        """Return the asks, best first."""
        return [order for _, level in self._asks.best_first() for order in level]

    def bids_to_dict(
        self, status: Collection[OrderStatus] | None = None, accepted_buffer_ns: int = 0, ts_now: int | None = None
    ) -> dict[Decimal, list[OwnBookOrder]]:
        """Return the bids by price, best first, filtered as in `bid_quantity`."""
        return _filtered(self._bids, status, accepted_buffer_ns, ts_now)

    def asks_to_dict(
        self, status: Collection[OrderStatus] | None = None, accepted_buffer_ns: int = 0, ts_now: int | None = None
    ) -> dict[Decimal, list[OwnBookOrder]]:
        """Return the asks by price, best first, filtered as in `bid_quantity`."""
        return _filtered(self._asks, status, accepted_buffer_ns, ts_now)

    def bid_quantity(
        self,
        status: Collection[OrderStatus] | None = None,
        depth: int | None = None,
        accepted_buffer_ns: int = 0,
        ts_now: int | None = None,
    ) -> dict[Decimal, Decimal]:
        """Return how much we bid at each price, best first.

        Args:
            status: only orders in one of these.
            depth: that many prices at most.
            accepted_buffer_ns: only orders accepted at least so long ago, so that the venue's book can show them.
            ts_now: our time; needed with a buffer.

        Raises:
            ValueError: for a buffer without the time.

        """
        return _sums(_filtered(self._bids, status, accepted_buffer_ns, ts_now), depth)

    def ask_quantity(
        self,
        status: Collection[OrderStatus] | None = None,
        depth: int | None = None,
        accepted_buffer_ns: int = 0,
        ts_now: int | None = None,
    ) -> dict[Decimal, Decimal]:
        """Return how much we ask for at each price, best first; filtered as in `bid_quantity`."""
        return _sums(_filtered(self._asks, status, accepted_buffer_ns, ts_now), depth)

    def pprint(self, num_levels: int = 3) -> str:
        """Return the best levels as text, one a line, asks above bids."""
        asks, bids = self.ask_quantity(depth=num_levels), self.bid_quantity(depth=num_levels)
        lines = [f"{'':>14} {price!s:>14} {size}" for price, size in reversed(asks.items())]
        return "\n".join(lines + [f"{size!s:>14} {price!s:>14}" for price, size in bids.items()])


def _filtered(
    side: _OwnSide, status: Collection[OrderStatus] | None, accepted_buffer_ns: int, ts_now: int | None
) -> dict[Decimal, list[OwnBookOrder]]:
    if accepted_buffer_ns and ts_now is None:
        raise ValueError(f"accepted_buffer_ns must come with ts_now, was {accepted_buffer_ns} without it")
    found = {
        price: [
            order
            for order in level
            if (status is None or order.status in status) and _is_settled(order, accepted_buffer_ns, ts_now)
        ]
        for price, level in side.best_first()
    }
    return {price: level for price, level in found.items() if level}


def _is_settled(order: OwnBookOrder, buffer_ns: int, ts_now: int | None) -> bool:
    return not buffer_ns or ts_now is None or (order.ts_accepted > 0 and order.ts_accepted + buffer_ns <= ts_now)


def _sums(levels: dict[Decimal, list[OwnBookOrder]], depth: int | None) -> dict[Decimal, Decimal]:
    sums = {price: sum((order.size.value for order in level), ZERO) for price, level in levels.items()}
    return dict(list(sums.items())[:depth])
