"""Order books: what a venue says about who wants to trade at which price.

An `OrderBook` holds what it is given and decides nothing; what to do about a message that was lost is for
`engine/books.py`. L1_MBP has the best price of each side, L2_MBP one size a price, L3_MBO every order with its id.

Sums and averages are Decimals (figures, which go with floats), and `None` where there is nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from nautilus_live.model.book_text import summary_of, table_of
from nautilus_live.model.data import (
    DEPTH10_LEVELS,
    BookOrder,
    Data,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
    QuoteTick,
    TradeTick,
)
from nautilus_live.model.enums import BookAction, BookType, OrderSide
from nautilus_live.model.figures import Figure
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.ladder import BookLevel, LevelSide, QueueSide, TopSide
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.model.own_book import OwnBookOrder, OwnOrderBook

if TYPE_CHECKING:
    from nautilus_live.model.orders import Order

__all__ = ["BookLevel", "OrderBook", "OwnBookOrder", "OwnOrderBook"]

ZERO = Decimal(0)
BUY, SELL = OrderSide.BUY, OrderSide.SELL
ADD, UPDATE, DELETE, CLEAR = BookAction.ADD, BookAction.UPDATE, BookAction.DELETE, BookAction.CLEAR


_SIDES: dict[BookType, type[LevelSide]] = {
    BookType.L1_MBP: TopSide,
    BookType.L2_MBP: LevelSide,
    BookType.L3_MBO: QueueSide,
}


class OrderBook(Data):
    """The book of one instrument.

    `depth` is how many levels a side its source tells of at most (0: all). `sequence` is the venue's number of the
    latest message, `ts_event` the venue's time of it and `ts_init` ours, `update_count` the number of changes so far.
    A book that is not `is_valid` is unknown, and empty: a message of it was missed, and `unknown_because` says which.
    """

    __slots__ = (
        "_asks",
        "_bids",
        "book_type",
        "depth",
        "instrument_id",
        "sequence",
        "ts_event",
        "ts_init",
        "unknown_because",
        "update_count",
    )

    def __init__(self, instrument_id: InstrumentId, book_type: BookType = BookType.L2_MBP, depth: int = 0) -> None:
        self.instrument_id = instrument_id
        self.book_type = book_type
        self.depth = 1 if book_type is BookType.L1_MBP else depth
        self._bids = _SIDES[book_type](BUY)
        self._asks = _SIDES[book_type](SELL)
        self.unknown_because = ""
        self.sequence = self.update_count = self.ts_event = self.ts_init = 0

    def __repr__(self) -> str:
        top = f"{self.best_bid_price()} / {self.best_ask_price()}" if self.is_valid else self.unknown_because
        return f"{type(self).__name__}({self.instrument_id} {self.book_type} {top})"

    def __str__(self) -> str:
        return summary_of(self)

    # -- changes -----------------------------------------------------------------------------------------------------

    def apply(self, data: OrderBookDelta | OrderBookDeltas | OrderBookDepth10 | QuoteTick) -> None:
        """Take whatever says something about the book."""
        match data:
            case OrderBookDelta():
                self.apply_delta(data)
            case OrderBookDeltas():
                self.apply_deltas(data)
            case OrderBookDepth10():
                self.apply_depth(data)
            case QuoteTick():
                self.update_quote_tick(data)

    def apply_delta(self, delta: OrderBookDelta) -> None:
        """Take one change. Without anything left at a price, the level is gone; what is not there cannot leave."""
        order, action = delta.order, delta.action
        if order is None or not order.side:
            self._bids.clear()
            self._asks.clear()
        else:
            side = self._bids if order.side is BUY else self._asks
            if action is CLEAR:
                side.clear()
            elif action is DELETE or not order.size.value:
                side.take(order)
            else:
                side.put(order)
        self.update_count += 1
        self.sequence = delta.sequence
        self.ts_event = delta.ts_event
        self.ts_init = delta.ts_init

    def apply_deltas(self, deltas: OrderBookDeltas) -> None:
        """Take changes that belong together. A snapshot replaces what was there by beginning with CLEAR."""
        for delta in deltas.deltas:
            self.apply_delta(delta)

    def apply_depth(self, depth: OrderBookDepth10) -> None:
        """Replace all levels by the best ten."""
        self._bids.clear()
        self._asks.clear()
        for order in depth.bids + depth.asks:
            if order.size.value:
                (self._bids if order.side is BUY else self._asks).put(order)
        self._note(depth.sequence, depth.ts_event, depth.ts_init)

    def update_quote_tick(self, tick: QuoteTick) -> None:
        """Take the best bid and ask. Raises `ValueError` unless the book is an L1_MBP."""
        if self.book_type is not BookType.L1_MBP:
            raise ValueError(f"{self.instrument_id}: a quote makes an L1_MBP book, was {self.book_type}")
        for side, order in (
            (self._bids, BookOrder(BUY, tick.bid_price, tick.bid_size)),
            (self._asks, BookOrder(SELL, tick.ask_price, tick.ask_size)),
        ):
            side.put(order) if order.size.value else side.clear()
        self._note(self.sequence, tick.ts_event, tick.ts_init)

    def update_trade_tick(self, tick: TradeTick) -> None:
        """Let a trade be the best bid and ask, both of its size. Raises `ValueError` unless the book is an L1_MBP."""
        if self.book_type is not BookType.L1_MBP:
            raise ValueError(f"{self.instrument_id}: a trade makes an L1_MBP book, was {self.book_type}")
        self._bids.put(BookOrder(BUY, tick.price, tick.size))
        self._asks.put(BookOrder(SELL, tick.price, tick.size))
        self._note(self.sequence, tick.ts_event, tick.ts_init)

    def add(self, order: BookOrder, ts_event: int, flags: int = 0, sequence: int = 0) -> None:
        """Let an order in."""
        self.apply_delta(OrderBookDelta(self.instrument_id, ADD, order, flags, sequence, ts_event, ts_event))

    def update(self, order: BookOrder, ts_event: int, flags: int = 0, sequence: int = 0) -> None:
        """Change an order (L3) or what stands at its price; let it in if it is new."""
        self.apply_delta(OrderBookDelta(self.instrument_id, UPDATE, order, flags, sequence, ts_event, ts_event))

    def delete(self, order: BookOrder, ts_event: int, flags: int = 0, sequence: int = 0) -> None:
        """Take an order (L3) or all that stands at its price out."""
        self.apply_delta(OrderBookDelta(self.instrument_id, DELETE, order, flags, sequence, ts_event, ts_event))

    def clear(self, ts_event: int, sequence: int = 0) -> None:
        """Take everything out."""
        self.apply_delta(OrderBookDelta.clear(self.instrument_id, sequence, ts_event, ts_event))

    def clear_bids(self, ts_event: int, sequence: int = 0) -> None:
        """Take all bids out."""
        self._bids.clear()
        self._note(sequence, ts_event, ts_event)

    def clear_asks(self, ts_event: int, sequence: int = 0) -> None:
        """Take all asks out."""
        self._asks.clear()
        self._note(sequence, ts_event, ts_event)

    def reset(self) -> None:
        """Go back to the beginning: empty, and nothing counted."""
        self._bids.clear()
        self._asks.clear()
        self.sequence = self.update_count = self.ts_event = self.ts_init = 0

    def _note(self, sequence: int, ts_event: int, ts_init: int) -> None:
        self.update_count += 1
        self.sequence, self.ts_event, self.ts_init = sequence, ts_event, ts_init

    # -- whether it can be trusted -----------------------------------------------------------------------------------

    @property
    def is_valid(self) -> bool:
        """Whether the levels are the venue's, as far as we have heard."""
        return not self.unknown_because

    def invalidate(self, reason: str) -> None:
        """Let the book be unknown, and empty: a level that may be gone is worse than none."""
        self._bids.clear()
        self._asks.clear()
        self.unknown_because = reason

    def restore(self) -> None:
        """Trust the book again: a snapshot of it was taken."""
        self.unknown_because = ""

    @property
    def is_crossed(self) -> bool:
        """Whether somebody bids what somebody else asks, or more."""
        bid, ask = self._bids.best, self._asks.best
        return bid is not None and ask is not None and bid.price.value >= ask.price.value

    def check_integrity(self) -> None:
        """Raise `ValueError` if the book is crossed."""
        if self.is_crossed:
            raise ValueError(
                f"{self.instrument_id}: the best bid must be below the best ask,"
                f" was {self.best_bid_price()} / {self.best_ask_price()}"
            )

    # -- questions ---------------------------------------------------------------------------------------------------

    @property
    def ts_last(self) -> int:
        """The venue's time of the latest message."""
        return self.ts_event

    def bids(self, depth: int | None = None) -> list[BookLevel]:
        """Return the levels of the bids, best first, `depth` of them at most."""
        return self._bids.best_first()[:depth]

    def asks(self, depth: int | None = None) -> list[BookLevel]:
        """Return the levels of the asks, best first, `depth` of them at most."""
        return self._asks.best_first()[:depth]

    def bids_to_dict(self, depth: int | None = None) -> dict[Decimal, Decimal]:
        """Return the size at each bid price, best first."""
        return {level.price.value: level.total() for level in self.bids(depth)}

    def asks_to_dict(self, depth: int | None = None) -> dict[Decimal, Decimal]:
        """Return the size at each ask price, best first."""
        return {level.price.value: level.total() for level in self.asks(depth)}

    def level_at(self, price: Price, side: OrderSide) -> BookLevel | None:
        """Return what stands at `price` on that side: BUY for the bids."""
        return (self._bids if side is BUY else self._asks).at(price.value)

    def order(self, order_id: int, side: OrderSide) -> BookOrder | None:
        """Return the order of that id on that side, `None` if it is not there or the book knows no orders."""
        found = self._bids if side is BUY else self._asks
        return found.by_id.get(order_id) if isinstance(found, QueueSide) else None

    def best_bid_price(self) -> Price | None:
        """Return the highest bid."""
        return None if self._bids.best is None else self._bids.best.price

    def best_ask_price(self) -> Price | None:
        """Return the lowest ask."""
        return None if self._asks.best is None else self._asks.best.price

    def best_bid_size(self) -> Quantity | None:
        """Return how much the highest bid is for."""
        return None if self._bids.best is None else self._bids.best.quantity()

    def best_ask_size(self) -> Quantity | None:
        """Return how much the lowest ask is for."""
        return None if self._asks.best is None else self._asks.best.quantity()

    def spread(self) -> Decimal | None:
        """Return the lowest ask less the highest bid."""
        bid, ask = self._bids.best, self._asks.best
        return None if bid is None or ask is None else Figure(ask.price.value - bid.price.value)

    def midpoint(self) -> Decimal | None:
        """Return the middle of the highest bid and the lowest ask."""
        bid, ask = self._bids.best, self._asks.best
        return None if bid is None or ask is None else Figure((bid.price.value + ask.price.value) / 2)

    def get_avg_px_for_quantity(self, quantity: Quantity, order_side: OrderSide) -> Decimal | None:
        """Return the average price that an order of that side would pay now; for as much of it as there is."""
        wanted, taken, paid = quantity.value, ZERO, ZERO
        for level in self._asks.best_first() if order_side is BUY else self._bids.best_first():
            size = min(level.total(), wanted - taken)
            taken += size
            paid += size * level.price.value
            if taken >= wanted:
                break
        return Figure(paid / taken) if taken else None

    def get_quantity_for_price(self, price: Price, order_side: OrderSide) -> Decimal:
        """Return how much an order of that side with that limit would get now."""
        side = self._asks if order_side is BUY else self._bids
        place = bisect_left(side.prices, price.value)
        if side.is_bid:
            return Figure(sum((level.total() for level in islice(side.levels, place, None)), ZERO))
        place += place < len(side.prices) and side.prices[place] == price.value
        return Figure(sum((level.total() for level in islice(side.levels, place)), ZERO))

    def get_worst_px_for_quantity(self, quantity: Quantity, order_side: OrderSide) -> Price | None:
        """Return the last price that an order of that side would come to now; None if it would trade nothing."""
        missing, worst = quantity.value, None
        for level in self._asks.best_first() if order_side is BUY else self._bids.best_first():
            if missing <= 0:
                break
            missing, worst = missing - level.total(), level.price
        return worst

    def get_quantity_at_level(self, price: Price, order_side: OrderSide, size_precision: int) -> Quantity:
        """Return how much an order of that side would find at that price alone."""
        level = (self._asks if order_side is BUY else self._bids).at(price.value)
        return Quantity(ZERO if level is None else level.total(), size_precision)

    def get_all_crossed_levels(
        self, order_side: OrderSide, price: Price, size_prec: int
    ) -> list[tuple[Price, Quantity]]:
        """Return the prices and sizes that an order of that side with that limit could reach, the best first."""
        levels = self._asks.best_first() if order_side is BUY else self._bids.best_first()
        return [
            (level.price, Quantity(level.total(), size_prec))
            for level in levels
            if (level.price <= price if order_side is BUY else level.price >= price)
        ]

    def simulate_fills(
        self, order: Order, price_prec: int, size_prec: int, is_aggressive: bool
    ) -> list[tuple[Price, Quantity]]:
        """Return the prices and sizes that the rest of an order would get now, the best first; nothing is taken.

        It is bound by its price unless `is_aggressive`, and gets a piece of each order that stands in the book (L3),
        or of each level.

        Raises:
            ValueError: if there is no price to bind it.

        """
        limit = None if is_aggressive else order.price
        if limit is None and not is_aggressive:
            raise ValueError(f"{order.client_order_id}: must have a price or be aggressive, was {order.order_type}")
        missing = order.leaves_qty.value
        fills: list[tuple[Price, Quantity]] = []
        for level in self._asks.best_first() if order.side is BUY else self._bids.best_first():
            if not missing or (limit is not None and (level.price.value - limit.value) * order.side.sign > 0):
                break
            for standing in level.orders():
                taken = min(standing.size.value, missing)
                missing -= taken
                if taken:
                    fills.append((Price(level.price.value, price_prec), Quantity(taken, size_prec)))
        return fills

    def to_quote_tick(self) -> QuoteTick | None:
        """Return the top of the book as a quote, `None` if a side is empty."""
        bid, ask = self._bids.best, self._asks.best
        if bid is None or ask is None:
            return None
        sizes = bid.quantity(), ask.quantity()
        return QuoteTick(self.instrument_id, bid.price, ask.price, *sizes, self.ts_event, self.ts_init)

    def to_depth10(self) -> OrderBookDepth10:
        """Return the best ten levels a side."""
        bids, asks = self.bids(DEPTH10_LEVELS), self.asks(DEPTH10_LEVELS)
        return OrderBookDepth10(
            self.instrument_id,
            [BookOrder(BUY, level.price, level.quantity()) for level in bids],
            [BookOrder(SELL, level.price, level.quantity()) for level in asks],
            [len(level.orders()) for level in bids],
            [len(level.orders()) for level in asks],
            0,
            self.sequence,
            self.ts_event,
            self.ts_init,
        )

    def pprint(self, num_levels: int = 3) -> str:
        """Return the best levels as a table, asks above bids."""
        return table_of(self, num_levels)
