"""The public face of a venue's books: snapshots and changes of what rests in each market, by price or by order.

May know: the model, markets. Pure: no clock, no loop. Promises: a snapshot and the changes after it, applied in order,
give what rests in the market exactly, told order by order in the order of each queue; each change is numbered and says
which number came before it; a market that nobody has asked for costs nothing. Resting orders of accounts and scripted
liquidity are in it alike; what waits for a trigger or an auction is not, nor what an iceberg hides.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from nautilus_live.model.data import (
    DEPTH10_LEVELS,
    F_LAST,
    F_SNAPSHOT,
    BookOrder,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
)
from nautilus_live.model.enums import BookAction, OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.matching import BookSide, Market
from sandbox_venues.orders import nothing

BUY, SELL = OrderSide.BUY, OrderSide.SELL
ZERO = Decimal(0)


class Line(NamedTuple):
    """One line of a book: a price, or an order at it and its place in the queue (another one if it lines up anew)."""

    side: OrderSide
    price: Decimal
    order_id: int = 0
    place: int = 0


Lines = dict[Line, Decimal]
"""How much stands in each line, bids before asks, each best first and, of orders, earliest first."""


class _Told:
    """What was said about one market last."""

    __slots__ = ("lines", "market", "orders", "sequence")

    def __init__(self, market: Market, lines: Lines) -> None:
        self.market = market
        self.lines = lines
        self.orders: dict[Line, BookOrder] = {}
        self.sequence = 0

    def order(self, line: Line, size: Decimal) -> BookOrder:
        """Return a line as a change tells it; the next change of it has the same price."""
        instrument, known = self.market.instrument, self.orders.pop(line, None)
        price = Price(line.price, instrument.price_precision) if known is None else known.price
        if not size:
            return BookOrder(line.side, price, nothing(instrument.size_precision), line.order_id)
        made = BookOrder(line.side, price, Quantity(size, instrument.size_precision), line.order_id)
        self.orders[line] = made
        return made


class BookDesk:
    """Says what changes in the books that somebody asked for.

    Args:
        lines_of: what a book is made of: `levels_of`, `orders_of`.

    """

    def __init__(self, lines_of: Callable[[Market], Lines]) -> None:
        self._lines_of = lines_of
        self._told: dict[InstrumentId, _Told] = {}

    @property
    def is_open(self) -> bool:
        """Whether anybody has asked for a book."""
        return bool(self._told)

    def open(self, market: Market) -> None:
        """Begin to tell of a market."""
        if market.instrument.id not in self._told:
            self._told[market.instrument.id] = _Told(market, self._lines_of(market))

    def snapshot(self, market: Market, now_ns: int) -> OrderBookDeltas:
        """Return all there is, as it was last told."""
        self.open(market)
        told = self._told[market.instrument.id]
        instrument_id, flags = market.instrument.id, F_SNAPSHOT
        deltas = [OrderBookDelta.clear(instrument_id, told.sequence, now_ns, now_ns, flags)]
        entries = [(BookAction.ADD, line, size) for line, size in told.lines.items()]
        deltas += _deltas(told, entries, flags, now_ns)
        return OrderBookDeltas(instrument_id, _ended(deltas))

    def depth(self, instrument_id: InstrumentId, now_ns: int) -> OrderBookDepth10:
        """Return the best ten levels of a market that is told of, as they were last told."""
        told = self._told[instrument_id]
        sides = {
            side: [told.order(line, size) for line, size in told.lines.items() if line.side is side]
            for side in (BUY, SELL)
        }
        bids, asks = sides[BUY][:DEPTH10_LEVELS], sides[SELL][:DEPTH10_LEVELS]
        counts = [0] * len(bids), [0] * len(asks)
        return OrderBookDepth10(instrument_id, bids, asks, *counts, F_LAST, told.sequence, now_ns, now_ns)

    def changes(self, now_ns: int) -> list[OrderBookDeltas]:
        """Return what has changed since the last time, for each market that is told of."""
        found = []
        for instrument_id, told in self._told.items():
            new, old = self._lines_of(told.market), told.lines
            if new == old:
                continue
            # What left comes first, so that the book does not cross on the way. An order that lines up anew leaves and
            # comes; in the order of the queues, what comes stands behind what stayed.
            entries = [(BookAction.DELETE, line, ZERO) for line in old if line not in new]
            entries += [
                (BookAction.UPDATE if line in old else BookAction.ADD, line, size)
                for line, size in new.items()
                if old.get(line) != size
            ]
            before, told.lines = told.sequence, new
            told.sequence += 1
            deltas = _deltas(told, entries, 0, now_ns)
            deltas[0] = replace(deltas[0], previous_sequence=before)
            found.append(OrderBookDeltas(instrument_id, _ended(deltas)))
        return found


def levels_of(market: Market) -> Lines:
    """Return how much rests at each price."""
    levels: Lines = {}
    for side, book in ((BUY, market.bids), (SELL, market.asks)):
        _add_levels(levels, side, book)
    return levels


def _add_levels(levels: Lines, side: OrderSide, book: BookSide) -> None:
    price: Decimal | None = None
    total = ZERO
    for entry in book:  # best first, so that what stands at one price stands together
        if entry.price != price:
            if price is not None:
                levels[Line(side, price)] = total
            price, total = entry.price, ZERO
        total += entry.leaves
    if price is not None:
        levels[Line(side, price)] = total


def orders_of(market: Market) -> Lines:
    """Return how much each resting order shows.

    An order of an account keeps its public number for life. Each scripted order has its own, and so have all orders of
    a scripted book that is said anew.
    """
    orders: Lines = {}
    for side, book in ((BUY, market.bids), (SELL, market.asks)):
        for entry in book:
            place = entry.place[1]
            number = place if entry.order is None else entry.order.sequence
            orders[Line(side, entry.price, number, place)] = entry.leaves
    return orders


def _deltas(
    told: _Told, entries: list[tuple[BookAction, Line, Decimal]], flags: int, now_ns: int
) -> list[OrderBookDelta]:
    instrument_id = told.market.instrument.id
    return [
        OrderBookDelta(instrument_id, action, told.order(line, size), flags, told.sequence, now_ns, now_ns)
        for action, line, size in entries
    ]


def _ended(deltas: list[OrderBookDelta]) -> list[OrderBookDelta]:
    last = deltas[-1]
    return [*deltas[:-1], replace(last, flags=last.flags | F_LAST)]
