"""One market: its book, and what is known of it.

May know: the model, this package's orders. It says who would trade with whom; which stops are due is in `triggers.py`,
settling is the engine's work. Promises: the best price first, the earliest first at one price; scripted liquidity
queues with everybody else's and is consumed once; of an iceberg only the tip stands in the queue, and a new tip goes to
its end.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from nautilus_live.model.enums import OrderSide
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.orders import ZERO, VenueOrder

Phase = Literal["pre_open", "open", "halted", "closed", "delisted"]
Queues = dict[Decimal, list[tuple["Resting", Decimal]]]
"""The orders of accounts at each price, first come first, and how much of others stands before each of them."""


class Resting:
    """Something in the book: an order of an account, or (`order` None) liquidity that a script put there.

    `quantity` is how much of scripted liquidity is left, or how much of an iceberg's tip; 0 for all other orders.
    """

    __slots__ = ("order", "place", "price", "quantity")

    def __init__(self, price: Decimal, place: tuple[Decimal, int], quantity: Decimal, order: VenueOrder | None) -> None:
        self.price = price
        self.place = place
        self.quantity = quantity
        self.order = order

    @property
    def leaves(self) -> Decimal:
        """What can be taken from it in its place."""
        order, quantity = self.order, self.quantity
        if order is None:
            return quantity
        leaves = order.leaves
        return leaves if not quantity or leaves < quantity else quantity


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

    def queues(self) -> Queues:
        """Return where the orders of accounts stand among the scripted liquidity of their prices."""
        found: Queues = {}
        price, ahead = ZERO, ZERO
        for _, entry in self._entries:
            if entry.price != price:
                price, ahead = entry.price, ZERO
            if entry.order is None:
                ahead += entry.quantity
            else:
                found.setdefault(price, []).append((entry, ahead))
        return found

    def street(self) -> dict[Decimal, Decimal]:
        """Return how much scripted liquidity there is at each price."""
        found: dict[Decimal, Decimal] = {}
        for _, entry in self._entries:
            if entry.order is None:
                found[entry.price] = found.get(entry.price, ZERO) + entry.quantity
        return found


def _place_of(entry: tuple[tuple[Decimal, int], Resting]) -> tuple[Decimal, int]:
    return entry[0]


def crosses(maker_sign: int, maker_price: Decimal, limit: Decimal | None) -> bool:
    """Whether a maker of that side and price is good enough for a taker with that limit."""
    return limit is None or (maker_price >= limit if maker_sign > 0 else maker_price <= limit)


class Market:
    """One instrument's book, stops, prices and phase.

    `held` are orders that wait for another order, `prints` counts the trades and `moves` the changes that others made
    to the book, `said` is what the last scripted book had at each price.
    """

    def __init__(self, instrument: InstrumentAny) -> None:
        self.instrument = instrument
        self.bids = BookSide(OrderSide.BUY)
        self.asks = BookSide(OrderSide.SELL)
        self.stops: dict[int, VenueOrder] = {}
        self.waiting: dict[int, VenueOrder] = {}
        self.held: dict[int, VenueOrder] = {}
        self.last: Decimal | None = None
        self.mark: Decimal | None = None
        self.index: Decimal | None = None
        self.funding_rate: Decimal | None = None
        self.prints = 0
        self.moves = 0
        self.phase: Phase = "open"
        self.is_open = True
        self.quote: tuple[Decimal, Decimal, Decimal, Decimal] | None = None
        self.said: dict[OrderSide, dict[Decimal, Decimal]] = {}

    def printed(self, price: Decimal) -> None:
        """Note that somebody traded at that price."""
        self.last = price
        self.prints += 1

    def enter(self, phase: Phase) -> None:
        """Go into a phase; orders are matched in `open` only."""
        self.phase, self.is_open = phase, phase == "open"

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

    @property
    def mark_price(self) -> Decimal | None:
        """What positions are valued at: the mark price as last said, else the middle, else the last price."""
        if self.mark is not None:
            return self.mark
        mid = self.mid
        return self.last if mid is None else mid

    @property
    def index_price(self) -> Decimal | None:
        """The index price as last said, else the mark price."""
        return self.mark_price if self.index is None else self.index
