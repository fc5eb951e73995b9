"""The sides of an order book: levels by price, found by bisection.

Each side is a sorted list of prices beside a list of their levels: a change finds its place by bisection and costs the
same however it comes; nothing is sorted again.
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal

from nautilus_live.model.data import BookOrder
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.figures import Figure
from nautilus_live.model.objects import Price, Quantity

ZERO = Decimal(0)


class BookLevel:
    """All that stands at one price, in one record."""

    __slots__ = ("record",)

    def __init__(self, order: BookOrder) -> None:
        self.record = order

    def __repr__(self) -> str:
        return f"BookLevel(price={self.price}, orders={self.orders()})"

    @property
    def price(self) -> Price:
        """The price."""
        return self.record.price

    @property
    def side(self) -> OrderSide:
        """BUY for a bid, SELL for an ask."""
        return self.record.side

    def size(self) -> Decimal:
        """Return how much stands there; a figure, which goes with floats."""
        return Figure(self.total())

    def total(self) -> Decimal:
        """Return how much stands there."""
        return self.record.size.value

    def quantity(self) -> Quantity:
        """Return how much stands there, as a quantity."""
        return self.record.size

    def exposure(self) -> Decimal:
        """Return price times size; a figure, which goes with floats."""
        return Figure(self.price.value * self.total())

    def orders(self) -> list[BookOrder]:
        """Return what stands there, the earliest first."""
        return [self.record]


class QueueLevel(BookLevel):
    """All that stands at one price, order by order."""

    __slots__ = ("by_id",)

    def __init__(self, order: BookOrder) -> None:
        super().__init__(order)
        self.by_id = {order.order_id: order}

    def total(self) -> Decimal:
        """Return how much stands there, added up."""
        return sum((order.size.value for order in self.by_id.values()), ZERO)

    def quantity(self) -> Quantity:
        """Return how much stands there, as a quantity."""
        return Quantity(self.total(), self.record.size.precision)

    def orders(self) -> list[BookOrder]:
        """Return what stands there, the earliest first."""
        return list(self.by_id.values())


class LevelSide:
    """One side of a book by price: prices rise, whichever side it is."""

    __slots__ = ("is_bid", "levels", "prices")

    def __init__(self, side: OrderSide) -> None:
        self.is_bid = side is OrderSide.BUY
        self.prices: list[Decimal] = []
        self.levels: list[BookLevel] = []

    def clear(self) -> None:
        """Take everything out."""
        self.prices.clear()
        self.levels.clear()

    def put(self, order: BookOrder) -> None:
        """Let `order` be what stands at its price."""
        price, prices = order.price.value, self.prices
        place = bisect_left(prices, price)
        if place < len(prices) and prices[place] == price:
            self.levels[place].record = order
        else:
            prices.insert(place, price)
            self.levels.insert(place, BookLevel(order))

    def take(self, order: BookOrder) -> None:
        """Let nothing stand at the price of `order`."""
        price, prices = order.price.value, self.prices
        place = bisect_left(prices, price)
        if place < len(prices) and prices[place] == price:
            del prices[place], self.levels[place]

    @property
    def best(self) -> BookLevel | None:
        """The highest bid or the lowest ask."""
        return self.levels[-1 if self.is_bid else 0] if self.levels else None

    def best_first(self) -> list[BookLevel]:
        """Return the levels, best first."""
        return self.levels[::-1] if self.is_bid else self.levels[:]

    def at(self, price: Decimal) -> BookLevel | None:
        """Return what stands at that price."""
        place = bisect_left(self.prices, price)
        return self.levels[place] if place < len(self.prices) and self.prices[place] == price else None


class TopSide(LevelSide):
    """The best price of one side: another one takes its place."""

    __slots__ = ()

    def put(self, order: BookOrder) -> None:
        """Let `order` be the best price, and the only one."""
        self.prices[:] = [order.price.value]
        self.levels[:] = [BookLevel(order)]


class QueueSide(LevelSide):
    """One side of a book by order id. What changes its price goes to the end of the other queue."""

    __slots__ = ("by_id",)

    def __init__(self, side: OrderSide) -> None:
        super().__init__(side)
        self.by_id: dict[int, BookOrder] = {}

    def clear(self) -> None:
        """Take everything out."""
        super().clear()
        self.by_id.clear()

    def put(self, order: BookOrder) -> None:
        """Let an order in, or change it."""
        known = self.by_id.get(order.order_id)
        if known is not None and known.price.value != order.price.value:
            self.take(known)
        self.by_id[order.order_id] = order
        level = self.at(order.price.value)
        if isinstance(level, QueueLevel):
            level.by_id[order.order_id] = order
            return
        place = bisect_left(self.prices, order.price.value)
        self.prices.insert(place, order.price.value)
        self.levels.insert(place, QueueLevel(order))

    def take(self, order: BookOrder) -> None:
        """Take an order out; one that is not there cannot leave."""
        known = self.by_id.pop(order.order_id, None)
        if known is None:
            return
        level = self.at(known.price.value)
        assert isinstance(level, QueueLevel), f"order {known.order_id} must stand at {known.price}"
        del level.by_id[known.order_id]
        if not level.by_id:
            super().take(known)
