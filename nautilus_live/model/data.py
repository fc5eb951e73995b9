"""Market data: quotes, trades and changes of order books. Times are integer nanoseconds since 1970 (UTC)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import force_setattr

from nautilus_live.model.enums import AggressorSide, BookAction, OrderSide, PriceType, RecordFlag
from nautilus_live.model.figures import Figure
from nautilus_live.model.identifiers import InstrumentId, TradeId
from nautilus_live.model.objects import MAX_PRECISION, Price, Quantity
from nautilus_live.model.plain import Plain
from nautilus_live.model.shown import full_line_of, line_of


class Data:
    """Anything with a `ts_event` and a `ts_init` that can be published. A user's own data are a subclass of it."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Let a class without an `__init__` be made of its annotated fields and its times, by their names."""
        super().__init_subclass__()
        # By `__new__`, which leaves room for the `__init__` that a dataclass makes; structs have their own ways.
        if cls.__init__ is object.__init__ and cls.__new__ is object.__new__ and not issubclass(cls, Struct):
            cls.__new__ = _new  # type: ignore[assignment]  # any fields, not those of one class

    @classmethod
    def fully_qualified_name(cls) -> str:
        """Return the path `module:Name` of the class."""
        return f"{cls.__module__}:{cls.__qualname__}"

    def is_signal(self, name: str = "") -> bool:
        """Return whether this is a signal (of that name)."""
        return False


def _new(cls: type[Data], *values: Any, **named: Any) -> Data:
    made = object.__new__(cls)
    if cls.__init__ is not object.__init__:
        return made  # which takes what it was given
    known = {"ts_event", "ts_init"}.union(*(vars(kind).get("__annotations__", ()) for kind in cls.__mro__))
    strange = [*map(repr, values), *(repr(name) for name in named if name not in known)]
    if strange:
        raise TypeError(f"{cls.__name__} must be made of its fields by their names, was given {', '.join(strange)}")
    for name, value in named.items():
        setattr(made, name, value)
    return made


class MarketData(Struct, Plain, Data, frozen=True, gc=False, tag=True):
    """Something observed about a market."""

    __str__ = line_of
    __repr__ = full_line_of


class QuoteTick(MarketData, frozen=True, gc=False, tag=True):
    """The best bid and ask with their sizes."""

    instrument_id: InstrumentId
    bid_price: Price
    ask_price: Price
    bid_size: Quantity
    ask_size: Quantity
    ts_event: int
    ts_init: int

    def extract_price(self, price_type: PriceType) -> Price:
        """Return the bid, ask or mid price; the mid has one decimal place more than the finer of the two.

        Raises:
            ValueError: for a price type that a quote does not have.

        """
        if price_type is PriceType.BID:
            return self.bid_price
        if price_type is PriceType.ASK:
            return self.ask_price
        if price_type is PriceType.MID:
            bid, ask = self.bid_price, self.ask_price
            precision = max(bid.precision, ask.precision) + 1
            return Price((bid.value + ask.value) / 2, min(precision, MAX_PRECISION))
        raise ValueError(f"a quote has BID, ASK and MID prices, was {price_type}")

    def extract_size(self, price_type: PriceType) -> Quantity:
        """Return the size at the bid or the ask; for the mid half of both together, with one decimal place more.

        Raises:
            ValueError: for a price type that a quote does not have.

        """
        if price_type is PriceType.BID:
            return self.bid_size
        if price_type is PriceType.ASK:
            return self.ask_size
        if price_type is PriceType.MID:
            bid, ask = self.bid_size, self.ask_size
            precision = max(bid.precision, ask.precision) + 1
            return Quantity((bid.value + ask.value) / 2, min(precision, MAX_PRECISION))
        raise ValueError(f"a quote has BID, ASK and MID sizes, was {price_type}")

    @staticmethod
    def from_raw(
        instrument_id: InstrumentId,
        bid_price_raw: int,
        ask_price_raw: int,
        bid_price_prec: int,
        ask_price_prec: int,
        bid_size_raw: int,
        ask_size_raw: int,
        bid_size_prec: int,
        ask_size_prec: int,
        ts_event: int,
        ts_init: int,
    ) -> QuoteTick:
        """Return the quote with those numbers in units of 10 to the power of -16."""
        return QuoteTick(
            instrument_id,
            Price.from_raw(bid_price_raw, bid_price_prec),
            Price.from_raw(ask_price_raw, ask_price_prec),
            Quantity.from_raw(bid_size_raw, bid_size_prec),
            Quantity.from_raw(ask_size_raw, ask_size_prec),
            ts_event,
            ts_init,
        )


class TradeTick(MarketData, frozen=True, gc=False, tag=True):
    """One public trade."""

    instrument_id: InstrumentId
    price: Price
    size: Quantity
    aggressor_side: AggressorSide
    trade_id: TradeId
    ts_event: int
    ts_init: int

    @staticmethod
    def from_raw(
        instrument_id: InstrumentId,
        price_raw: int,
        price_prec: int,
        size_raw: int,
        size_prec: int,
        aggressor_side: AggressorSide,
        trade_id: TradeId,
        ts_event: int,
        ts_init: int,
    ) -> TradeTick:
        """Return the trade with those numbers in units of 10 to the power of -16."""
        price, size = Price.from_raw(price_raw, price_prec), Quantity.from_raw(size_raw, size_prec)
        return TradeTick(instrument_id, price, size, aggressor_side, trade_id, ts_event, ts_init)


F_LAST, F_SNAPSHOT = int(RecordFlag.F_LAST), int(RecordFlag.F_SNAPSHOT)
DEPTH10_LEVELS = 10


class BookOrder(Struct, Plain, frozen=True, gc=False):
    """What stands in a book: one order (L3), or all there is at one price (L2, where `order_id` says nothing)."""

    side: OrderSide
    price: Price
    size: Quantity
    order_id: int = 0

    __str__ = line_of
    __repr__ = full_line_of

    @staticmethod
    def from_raw(
        side: OrderSide, price_raw: int, price_prec: int, size_raw: int, size_prec: int, order_id: int
    ) -> BookOrder:
        """Return the order with those numbers in units of 10 to the power of -16."""
        return BookOrder(side, Price.from_raw(price_raw, price_prec), Quantity.from_raw(size_raw, size_prec), order_id)

    def exposure(self) -> Figure:
        """Return price times size."""
        return Figure(self.price.value * self.size.value)

    def signed_size(self) -> Figure:
        """Return the size, negative for a sell."""
        return Figure(self.size.value * self.side.sign)


NO_ORDER = BookOrder(OrderSide.NO_ORDER_SIDE, Price(Decimal(0), 0), Quantity(Decimal(0), 0))
"""What a change that empties a book has for an order."""


class OrderBookDelta(MarketData, frozen=True, gc=False, tag=True):
    """One change of a book.

    `sequence` numbers the venue's messages about this book (0: it numbers none). `previous_sequence` is the number of
    the message before this one, where the venue says it: a book that has not seen that one has a gap. The last change
    of a message has the flag F_LAST; those of a snapshot have F_SNAPSHOT.

    Raises:
        ValueError: if a change other than CLEAR has no order.

    """

    instrument_id: InstrumentId
    action: BookAction
    order: BookOrder | None
    flags: int
    sequence: int
    ts_event: int
    ts_init: int
    previous_sequence: int | None = None

    def __post_init__(self) -> None:
        if self.order is None and self.action is not BookAction.CLEAR:
            raise ValueError(f"{self.instrument_id}: a change {self.action} must have an order, had none")

    @classmethod
    def clear(
        cls, instrument_id: InstrumentId, sequence: int, ts_event: int, ts_init: int, flags: int = 0
    ) -> OrderBookDelta:
        """Return the change that empties a book."""
        return cls(instrument_id, BookAction.CLEAR, NO_ORDER, flags, sequence, ts_event, ts_init)

    @staticmethod
    def from_raw(
        instrument_id: InstrumentId,
        action: BookAction,
        side: OrderSide,
        price_raw: int,
        price_prec: int,
        size_raw: int,
        size_prec: int,
        order_id: int,
        flags: int,
        sequence: int,
        ts_event: int,
        ts_init: int,
    ) -> OrderBookDelta:
        """Return the change with those numbers in units of 10 to the power of -16."""
        order = BookOrder.from_raw(side, price_raw, price_prec, size_raw, size_prec, order_id)
        return OrderBookDelta(instrument_id, action, order, flags, sequence, ts_event, ts_init)

    @property
    def is_add(self) -> bool:
        """Whether something came in."""
        return self.action is BookAction.ADD

    @property
    def is_update(self) -> bool:
        """Whether something changed."""
        return self.action is BookAction.UPDATE

    @property
    def is_delete(self) -> bool:
        """Whether something left."""
        return self.action is BookAction.DELETE

    @property
    def is_clear(self) -> bool:
        """Whether everything left."""
        return self.action is BookAction.CLEAR


class OrderBookDeltas(MarketData, frozen=True, gc=False, tag=True):
    """Changes of one book that belong together, in their order.

    Raises:
        ValueError: if there are none.

    """

    instrument_id: InstrumentId
    deltas: list[OrderBookDelta]

    def __repr__(self) -> str:
        said = f"is_snapshot={self.is_snapshot}, sequence={self.sequence}"
        when = f"ts_event={self.ts_event}, ts_init={self.ts_init}"
        return f"OrderBookDeltas(instrument_id={self.instrument_id}, {self.deltas}, {said}, {when})"

    __str__ = __repr__

    def __post_init__(self) -> None:
        if not self.deltas:
            raise ValueError(f"{self.instrument_id}: there must be at least one change, were none")

    @staticmethod
    def batch(data: Iterable[OrderBookDelta]) -> list[OrderBookDeltas]:
        """Return changes in their order, those of one message together: the last one of it has the flag F_LAST."""
        batches: list[OrderBookDeltas] = []
        waiting: list[OrderBookDelta] = []
        for delta in data:
            waiting.append(delta)
            if delta.flags & F_LAST:
                batches.append(OrderBookDeltas(delta.instrument_id, waiting))
                waiting = []
        return [*batches, OrderBookDeltas(waiting[0].instrument_id, waiting)] if waiting else batches

    @property
    def is_snapshot(self) -> bool:
        """Whether they say all there is in the book, and so replace it."""
        return self.deltas[0].flags & F_SNAPSHOT != 0

    @property
    def is_complete(self) -> bool:
        """Whether they end the venue's message."""
        return self.deltas[-1].flags & F_LAST != 0

    @property
    def flags(self) -> int:
        """The flags of the last change."""
        return self.deltas[-1].flags

    @property
    def sequence(self) -> int:
        """The number of the venue's message."""
        return self.deltas[-1].sequence

    @property
    def previous_sequence(self) -> int | None:
        """The number of the message before, where the venue says it."""
        return self.deltas[0].previous_sequence

    @property
    def ts_event(self) -> int:
        """When the last change happened, by the venue's clock."""
        return self.deltas[-1].ts_event

    @property
    def ts_init(self) -> int:
        """When the last change was heard of, by ours."""
        return self.deltas[-1].ts_init


class OrderBookDepth10(MarketData, frozen=True, gc=False, tag=True):
    """The best ten levels a side, best first, and how many orders stand at each (0: not said).

    Where there are fewer, `NO_ORDER` fills the rest.

    Raises:
        ValueError: if a side has more than ten levels.

    """

    instrument_id: InstrumentId
    bids: list[BookOrder]
    asks: list[BookOrder]
    bid_counts: list[int]
    ask_counts: list[int]
    flags: int
    sequence: int
    ts_event: int
    ts_init: int

    def __post_init__(self) -> None:
        if len(self.bids) > DEPTH10_LEVELS or len(self.asks) > DEPTH10_LEVELS:
            raise ValueError(
                f"{self.instrument_id}: a side must have at most {DEPTH10_LEVELS} levels, was {len(self.bids)} bids"
                f" and {len(self.asks)} asks"
            )
        for name, nothing in (("bids", NO_ORDER), ("asks", NO_ORDER), ("bid_counts", 0), ("ask_counts", 0)):
            told = getattr(self, name)
            if len(told) < DEPTH10_LEVELS:
                force_setattr(self, name, [*told, *(nothing for _ in range(DEPTH10_LEVELS - len(told)))])

    def to_quote_tick(self) -> QuoteTick | None:
        """Return the best levels as a quote, `None` if a side is empty."""
        bid, ask = self.bids[0], self.asks[0]
        if not bid.size.value or not ask.size.value:
            return None
        return QuoteTick(self.instrument_id, bid.price, ask.price, bid.size, ask.size, self.ts_event, self.ts_init)
