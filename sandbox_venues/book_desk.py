"""The public face of a venue's books: snapshots and changes of what rests in each market, price by price.

May know: the model, markets. Pure: no clock, no loop. Promises: a snapshot and the changes after it, applied in order,
give the levels of the market exactly; each change is numbered and says which number came before it; a market that
nobody has asked for costs nothing. Resting orders of accounts and scripted liquidity are in it alike; what waits for a
trigger or an auction is not.
"""

from __future__ import annotations

from decimal import Decimal

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

BUY, SELL = OrderSide.BUY, OrderSide.SELL
ZERO = Decimal(0)
Levels = dict[tuple[OrderSide, Decimal], Decimal]


class _Told:
    """What was said about one market last."""

    __slots__ = ("levels", "market", "sequence")

    def __init__(self, market: Market) -> None:
        self.market = market
        self.levels = levels_of(market)
        self.sequence = 0


class BookDesk:
    """Says what changes in the books that somebody asked for."""

    def __init__(self) -> None:
        self._told: dict[InstrumentId, _Told] = {}

    @property
    def is_open(self) -> bool:
        """Whether anybody has asked for a book."""
        return bool(self._told)

    def open(self, market: Market) -> None:
        """Begin to tell of a market."""
        self._told.setdefault(market.instrument.id, _Told(market))

    def snapshot(self, market: Market, now_ns: int) -> OrderBookDeltas:
        """Return all there is, as it was last told."""
        self.open(market)
        told = self._told[market.instrument.id]
        instrument_id, flags = market.instrument.id, F_SNAPSHOT
        deltas = [OrderBookDelta.clear(instrument_id, told.sequence, now_ns, now_ns, flags)]
        entries = [(BookAction.ADD, *key, size) for key, size in told.levels.items()]
        deltas += _deltas(told, entries, flags, now_ns)
        return OrderBookDeltas(instrument_id, _ended(deltas))

    def depth(self, instrument_id: InstrumentId, now_ns: int) -> OrderBookDepth10:
        """Return the best ten levels of a market that is told of, as they were last told."""
        told = self._told[instrument_id]
        sides = {
            side: [_order(told.market, *key, size) for key, size in told.levels.items() if key[0] is side]
            for side in (BUY, SELL)
        }
        bids, asks = sides[BUY][:DEPTH10_LEVELS], sides[SELL][:DEPTH10_LEVELS]
        counts = [0] * len(bids), [0] * len(asks)
        return OrderBookDepth10(instrument_id, bids, asks, *counts, F_LAST, told.sequence, now_ns, now_ns)

    def changes(self, now_ns: int) -> list[OrderBookDeltas]:
        """Return what has changed since the last time, for each market that is told of."""
        found = []
        for instrument_id, told in self._told.items():
            new, old = levels_of(told.market), told.levels
            if new == old:
                continue
            # What left comes first, so that the book does not cross on the way.
            entries = [(BookAction.DELETE, *key, ZERO) for key in old if key not in new]
            entries += [
                (BookAction.UPDATE if key in old else BookAction.ADD, *key, size)
                for key, size in new.items()
                if old.get(key) != size
            ]
            before, told.levels = told.sequence, new
            told.sequence += 1
            deltas = _deltas(told, entries, 0, now_ns)
            deltas[0] = replace(deltas[0], previous_sequence=before)
            found.append(OrderBookDeltas(instrument_id, _ended(deltas)))
        return found


def levels_of(market: Market) -> Levels:
    """Return how much rests at each price, bids before asks, each best first."""
    levels: Levels = {}
    for side, book in ((BUY, market.bids), (SELL, market.asks)):
        _add_levels(levels, side, book)
    return levels


def _add_levels(levels: Levels, side: OrderSide, book: BookSide) -> None:
    for entry in book:
        key = (side, entry.price)
        levels[key] = levels.get(key, ZERO) + entry.leaves


def _order(market: Market, side: OrderSide, price: Decimal, size: Decimal) -> BookOrder:
    instrument = market.instrument
    return BookOrder(side, Price(price, instrument.price_precision), Quantity(size, instrument.size_precision))


def _deltas(
    told: _Told, entries: list[tuple[BookAction, OrderSide, Decimal, Decimal]], flags: int, now_ns: int
) -> list[OrderBookDelta]:
    instrument_id = told.market.instrument.id
    return [
        OrderBookDelta(
            instrument_id, action, _order(told.market, side, price, size), flags, told.sequence, now_ns, now_ns
        )
        for action, side, price, size in entries
    ]


def _ended(deltas: list[OrderBookDelta]) -> list[OrderBookDelta]:
    last = deltas[-1]
    return [*deltas[:-1], replace(last, flags=last.flags | F_LAST)]
