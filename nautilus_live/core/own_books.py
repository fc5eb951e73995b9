"""Own order books: which orders stand in them, what is wrong with one, and what a venue's public book says of it.

Pure. Two audits, of different weight:

- Against our own orders (`audit`). Both are ours and change together, so any difference is a fault of the node: it is
  corrected and told as an error.
- Against the venue's public book (`PublicBookCheck`), which shows what really stands in the market: the price of an
  order that rests there must be in it, with no less than ours. A level that is missing says that we missed a message;
  it does not say which, so that the venue is asked about the order, and nothing is concluded here.

Rules of the second:
1. A book that is unknown, crossed, or older than what we last heard of an order says nothing about it; nor does one
   that ends before the order's price.
2. Market data and the messages of our account come on two ways. A difference counts when the order has been quiet for
   the threshold, and two audits, at least the threshold apart, have seen it.
3. It is told once, with an alarm, and asked about until answers have come that change nothing, `ANSWERS_MAX` of them:
   one alone may be overtaken, or wait for its trades. When the order or the book has moved, all of it begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from nautilus_live.core.conclusions import NANOSECONDS_PER_MILLISECOND, Outcome
from nautilus_live.core.last_news import last_news_ns
from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.core.reconciliation.types import Level, Note
from nautilus_live.model.book import OrderBook
from nautilus_live.model.enums import BookType, OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId
from nautilus_live.model.orders import IN_FLIGHT_STATUSES, OPEN_STATUSES, TRIGGERABLE_TYPES, Order
from nautilus_live.model.own_book import OwnBookOrder, OwnOrderBook

ZERO = Decimal(0)
BOOK_STATUSES = OPEN_STATUSES | IN_FLIGHT_STATUSES
IMMEDIATE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
AT_AUCTION = frozenset({TimeInForce.AT_THE_OPEN, TimeInForce.AT_THE_CLOSE})
ANSWERS_MAX = 3
RESTING_STATUSES = frozenset({OrderStatus.ACCEPTED, OrderStatus.TRIGGERED, OrderStatus.PARTIALLY_FILLED})

OrderOf = Callable[[ClientOrderId], Order | None]
BookOf = Callable[[InstrumentId], OrderBook | None]


def belongs(order: Order) -> bool:
    """Return whether an order stands in its own book: it has a price, may rest there, and is sent and not done."""
    return (
        order.status in BOOK_STATUSES
        and order.price is not None
        and order.time_in_force not in IMMEDIATE
        and order.quantity.value > order.filled_qty.value
    )


def entry_of(order: Order) -> OwnBookOrder:
    """Return what an own book says of an order. Raises `ValueError` for one without a price."""
    return order.to_own_book_order()


def place(book: OwnOrderBook, order: Order) -> None:
    """Bring what `book` says of `order` up to date."""
    if belongs(order):
        book.update(entry_of(order))
    else:
        book.remove(order.client_order_id)


# -- against our own orders --------------------------------------------------------------------------------------------


class Correction(Struct, frozen=True):
    """Let `entry` stand in the book under `client_order_id` (None: nothing); `note` says what was wrong."""

    client_order_id: ClientOrderId
    entry: OwnBookOrder | None
    note: Note


def audit(book: OwnOrderBook, orders: Iterable[Order], order_of: OrderOf) -> list[Correction]:
    """Return what is wrong with a book.

    Args:
        book: the own book of one instrument; only read.
        orders: our open and in-flight orders in it, all of them.
        order_of: finds whatever else we know of an order.

    """
    wanted = {order.client_order_id: entry_of(order) for order in orders if belongs(order)}
    found: list[Correction] = []
    for entry in book.orders():
        name = entry.client_order_id
        if name not in wanted:
            order = order_of(name)
            state = "is not known" if order is None else f"is {order.status}"
            if order is not None and order.status in BOOK_STATUSES:
                state = "has no place there"  # its price or its rest is gone
            found.append(_correction(book, name, None, "own_books.not_open", f"in the own book, but {state}; removed"))
    for name, entry in wanted.items():
        known = book.order(name)
        if known is None:
            text = f"{entry.status}, but absent from the own book; added"
            found.append(_correction(book, name, entry, "own_books.absent", text))
        elif known != entry:
            text = f"the own book has {_shown(known)}, the order is {_shown(entry)}; corrected"
            found.append(_correction(book, name, entry, "own_books.differs", text))
    return found


def correct(book: OwnOrderBook, corrections: Iterable[Correction]) -> None:
    """Carry out corrections; the next audit then finds nothing."""
    for correction in corrections:
        if correction.entry is None:
            book.remove(correction.client_order_id)
        else:
            book.update(correction.entry)


def _correction(
    book: OwnOrderBook, name: ClientOrderId, entry: OwnBookOrder | None, kind: str, text: str
) -> Correction:
    note = Note(
        level=Level.ERROR,
        kind=kind,
        text=f"{name}: {text}",
        instrument_id=book.instrument_id,
        client_order_id=name,
        venue_order_id=None if entry is None else entry.venue_order_id,
    )
    return Correction(name, entry, note)


def _shown(entry: OwnBookOrder) -> str:
    return f"{entry.side} {entry.size} @ {entry.price} {entry.status} ({entry.venue_order_id})"


# -- against the venue's public book -----------------------------------------------------------------------------------


class Finding(Struct, frozen=True):
    """Ask the venue about `order`; `note` is to be told first, None if it was told before."""

    order: Order
    note: Note | None


class _Watch:
    """What is known of one difference since it was first seen."""

    __slots__ = ("answers", "count", "events_seen", "since_ns", "told")

    def __init__(self, order: Order, now: int) -> None:
        self.events_seen = len(order.events)
        self.since_ns = now
        self.count = 0
        self.told = False
        self.answers = 0


class PublicBookCheck:
    """Compares our resting orders with the venue's public books.

    Args:
        threshold_ms: how long market data and messages of our account may be apart.
        filtered: orders that are none of our business.

    """

    def __init__(self, *, threshold_ms: int = 5_000, filtered: Iterable[ClientOrderId] = ()) -> None:
        self._threshold_ns = threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._filtered = frozenset(filtered)
        self._watches: dict[ClientOrderId, _Watch] = {}

    def compare(self, orders: Sequence[Order], book_of: BookOf, now: int) -> list[Finding]:
        """Return the orders to ask about.

        Args:
            orders: our open orders, in the order they were sent; only read.
            book_of: finds the public book of an instrument, where there is one.
            now: our time, in nanoseconds.

        """
        self._watches = {
            order.client_order_id: watch
            for order in orders
            if (watch := self._watches.get(order.client_order_id)) is not None
            and watch.events_seen == len(order.events)
        }
        found: list[Finding] = []
        for standing, shown in self._levels(orders, book_of, now):
            for order in standing:
                finding = self._look_at(order, shown, standing, now)
                if finding is not None:
                    found.append(finding)
        return found

    def still_differs(self, order: Order, orders: Sequence[Order], book_of: BookOf, now: int) -> bool:
        """Return whether the book lacks `order` as before: news of another one at its price may have explained it."""
        lacking = any(order.client_order_id in shown for _, shown in self._levels(orders, book_of, now))
        if not lacking:
            self._watches.pop(order.client_order_id, None)
        return lacking

    def _levels(
        self, orders: Sequence[Order], book_of: BookOf, now: int
    ) -> list[tuple[list[Order], dict[ClientOrderId, str]]]:
        """Return our orders price by price, each with what the book shows instead, where it lacks them."""
        levels: dict[tuple[InstrumentId, OrderSide, Decimal], list[Order]] = {}
        for order in orders:
            book = book_of(order.instrument_id)
            if order.price is not None and self._rests(order) and self._can_tell(order, book, now):
                levels.setdefault((order.instrument_id, order.side, order.price.value), []).append(order)
        found = []
        for (instrument_id, _, _), standing in levels.items():
            book = book_of(instrument_id)
            assert book is not None, "a book can tell of every order that was listed"
            found.append((standing, _shown_of(book, standing)))
        return found

    def answered(self, order: Order, outcome: Outcome) -> Note | None:
        """Take what came of the question about `order`; return what is left to say."""
        watch = self._watches.get(order.client_order_id)
        if watch is None or outcome is Outcome.UNANSWERED:
            return None
        if len(order.events) != watch.events_seen:
            return None  # the answer brought the news
        watch.answers += 1
        if watch.answers < ANSWERS_MAX:
            return None
        says = "that it works" if outcome is Outcome.FOUND else "that it has no such order"
        text = f"{order.client_order_id}: the venue's book does not show it, the venue answers {says}; left as it is"
        return _note(order, Level.WARNING, "own_books.public_contradiction", text)

    def _rests(self, order: Order) -> bool:
        """Return whether the venue's book must show the order."""
        if order.status not in RESTING_STATUSES or order.time_in_force in AT_AUCTION | IMMEDIATE:
            return False
        if order.client_order_id in self._filtered or is_alignment(order) or order.is_quote_quantity:
            return False
        works = order.order_type in (OrderType.LIMIT, OrderType.MARKET_TO_LIMIT) or (
            order.order_type in TRIGGERABLE_TYPES
            and (order.status is OrderStatus.TRIGGERED or bool(order.filled_qty.value))
        )
        return works and _visible(order) > 0

    def _can_tell(self, order: Order, book: OrderBook | None, now: int) -> bool:
        if book is None or not book.is_valid or book.is_crossed:
            return False
        if book.ts_init <= order.last_event.ts_init or now - last_news_ns(order) < self._threshold_ns:
            return False
        levels = book.bids() if order.side is OrderSide.BUY else book.asks()
        if not book.depth or len(levels) < book.depth or order.price is None:
            return True
        worst, price = levels[-1].price.value, order.price.value
        return price >= worst if order.side is OrderSide.BUY else price <= worst

    def _look_at(
        self, order: Order, shown: dict[ClientOrderId, str], standing: list[Order], now: int
    ) -> Finding | None:
        name = order.client_order_id
        if name not in shown:
            self._watches.pop(name, None)
            return None
        watch = self._watches.setdefault(name, _Watch(order, now))
        watch.count += 1
        if watch.count < 2 or now - watch.since_ns < self._threshold_ns or watch.answers == ANSWERS_MAX:
            return None
        if watch.told:
            return Finding(order, None)
        watch.told = True
        others = f" (with {len(standing) - 1} more of ours)" if len(standing) > 1 else ""
        text = (
            f"{name}: {order.status} here, {order.side} {_visible(order)} @ {order.price}{others}, but the venue's book"
            f" shows {shown[name]}; the venue is asked"
        )
        return Finding(order, _note(order, Level.ERROR, "own_books.public_mismatch", text, alarm=True))


def _visible(order: Order) -> Decimal:
    leaves = order.leaves_qty.value
    return leaves if order.display_qty is None else min(leaves, order.display_qty.value)


def _shown_of(book: OrderBook, standing: list[Order]) -> dict[ClientOrderId, str]:
    """Return, for each of our orders at one price that the book lacks, what it shows instead."""
    lacking: dict[ClientOrderId, str] = {}
    by_size: list[Order] = []
    for order in standing:
        number = "" if order.venue_order_id is None else order.venue_order_id.value
        if book.book_type is not BookType.L3_MBO or not number.isdecimal():
            by_size.append(order)
            continue
        entry = book.order(int(number), order.side)
        if entry is None or order.price is None or entry.price.value != order.price.value:
            lacking[order.client_order_id] = "no such order there"
        elif entry.size.value < _visible(order):
            lacking[order.client_order_id] = f"only {entry.size} of it"
    if by_size:
        price = by_size[0].price
        assert price is not None, "only orders with a price are listed"
        level = book.level_at(price, by_size[0].side)
        shown = ZERO if level is None else level.size()
        if shown < sum((_visible(order) for order in by_size), ZERO):
            text = f"{shown} at that price" if shown else "nothing at that price"
            lacking.update((order.client_order_id, text) for order in by_size)
    return lacking


def _note(order: Order, level: Level, kind: str, text: str, *, alarm: bool = False) -> Note:
    return Note(
        level=level,
        kind=kind,
        text=text,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        alarm=alarm,
    )
