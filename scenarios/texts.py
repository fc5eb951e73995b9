"""Orders, positions and events as one line of text, and such lines compared.

The grammar that files use for what they expect:

    order     STATUS [FILLED [@ AVERAGE]] [clauses]     FILLED 1.000 @ 50000.00 by EXTERNAL
    position  FLAT | LONG|SHORT QUANTITY [@ AVERAGE] [realized AMOUNT]
    event     KIND ORDER [details] [from PROVENANCE]    OrderFilled O-1 1.000 @ 50000.00 T-1 from reconciliation

Order clauses, in any order: BUY or SELL, an order type, `by STRATEGY`, `tag TEXT`, `quantity Q`, `price P`, `trigger
P`, `venue ID`, `provisional`. Without FILLED nothing may be filled (status FILLED: all of it). A `*` in an event
stands for one word. Numbers are compared as numbers; an average at the decimal places it is written with.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from msgspec import Struct

from nautilus_live.model.book import OrderBook
from nautilus_live.model.enums import BookType, OrderSide, OrderStatus, OrderType, PositionSide, Provenance
from nautilus_live.model.events import (
    OrderCanceled,
    OrderCancelRejected,
    OrderDenied,
    OrderEvent,
    OrderFilled,
    OrderFillVoided,
    OrderInitialized,
    OrderModifyRejected,
    OrderRejected,
    OrderUpdated,
)
from nautilus_live.model.objects import FixedPoint
from scenarios.problems import nearest

ZERO = Decimal(0)
STATUSES = tuple(status.name for status in OrderStatus)
SIDES = (OrderSide.BUY.name, OrderSide.SELL.name)
TYPES = tuple(kind.name for kind in OrderType)
VALUED_CLAUSES = ("by", "tag", "quantity", "price", "trigger", "venue")
TOLD_PROVENANCES = (Provenance.RECONCILIATION, Provenance.INFERRED, Provenance.POLICY)
REASONED = (OrderDenied, OrderRejected, OrderCanceled, OrderModifyRejected, OrderCancelRejected)


class OrderLine(Struct, frozen=True, kw_only=True):
    """What a line says about an order; `None` where it says nothing."""

    status: str
    filled: Decimal | None = None
    average: Decimal | None = None
    side: str | None = None
    type: str | None = None
    by: str | None = None
    tags: tuple[str, ...] = ()
    quantity: Decimal | None = None
    price: Decimal | None = None
    trigger: Decimal | None = None
    venue: str | None = None
    provisional: bool = False


class OrderFacts(Struct, frozen=True, kw_only=True):
    """An order as it is, the node's or the venue's."""

    status: str
    quantity: Decimal
    filled: Decimal
    average: Decimal | None
    side: str
    type: str
    price: Decimal | None = None
    trigger: Decimal | None = None
    by: str = ""
    tags: tuple[str, ...] = ()
    venue: str = ""
    provisional: bool = False

    def __str__(self) -> str:
        text = self.status
        if self.filled:
            text += f" {self.filled:f}" + (f" @ {plain(self.average)}" if self.average is not None else "")
        return f"{text} ({self.side} {self.quantity:f} {self.type}{' by ' + self.by if self.by else ''})"


def parse_order(text: str) -> OrderLine:
    """Return what `text` says about an order.

    Raises:
        ValueError: if it does not follow the grammar.

    """
    words = text.split()
    if not words or words[0] not in STATUSES:
        first = words[0] if words else ""
        raise ValueError(f"an order must begin with its status, was {text!r}{nearest(first, STATUSES)}")
    found: dict[str, object] = {"status": words.pop(0)}
    if words and _is_number(words[0]):
        found["filled"] = Decimal(words.pop(0))
        if words and words[0] == "@":
            found["average"] = _number_after(words, "@", text)
    tags: list[str] = []
    while words:
        word = words.pop(0)
        if word in SIDES:
            found["side"] = word
        elif word in TYPES:
            found["type"] = word
        elif word == "provisional":
            found["provisional"] = True
        elif word not in VALUED_CLAUSES or not words:
            known = (*VALUED_CLAUSES, *SIDES, *TYPES, "provisional")
            raise ValueError(f"{text!r}: an order has no clause {word!r}{nearest(word, known)}")
        elif word == "tag":
            tags.append(words.pop(0))
        else:
            found[word] = words.pop(0) if word in ("by", "venue") else _number_after([word, *words[:1]], word, text)
            if word not in ("by", "venue"):
                words.pop(0)
    return OrderLine(**found, tags=tuple(tags))  # type: ignore[arg-type]  # collected by name above


def order_difference(wanted: OrderLine, was: OrderFacts) -> str:
    """Return how `was` differs from `wanted`, empty if it does not."""
    full = was.quantity if wanted.status == OrderStatus.FILLED.name else ZERO
    filled = full if wanted.filled is None else wanted.filled
    pairs: list[tuple[str, object, object]] = [("status", wanted.status, was.status), ("filled", filled, was.filled)]
    if wanted.average is not None:
        pairs.append(("average", wanted.average, _at_places_of(wanted.average, was.average)))
    for name in ("side", "type", "by", "quantity", "price", "trigger", "venue"):
        value = getattr(wanted, name)
        if value is not None:
            pairs.append((name, value, getattr(was, name)))
    pairs.extend(("tag", tag, tag if tag in was.tags else " ".join(was.tags) or "no tag") for tag in wanted.tags)
    if wanted.provisional and not was.provisional:
        pairs.append(("provisional", True, False))
    return ", ".join(f"{name} {value} was {other}" for name, value, other in pairs if value != other)


class PositionLine(Struct, frozen=True, kw_only=True):
    """What a line says about a position; `None` where it says nothing."""

    signed: Decimal
    average: Decimal | None = None
    realized: Decimal | None = None


def parse_position(text: str) -> PositionLine:
    """Return what `text` says about a position.

    Raises:
        ValueError: if it does not follow the grammar.

    """
    words = text.split()
    rule = f"a position must be FLAT, or LONG or SHORT with a quantity, was {text!r}"
    side = words.pop(0) if words else ""
    if side not in ("FLAT", "LONG", "SHORT"):
        raise ValueError(rule)
    signed, average, realized = ZERO, None, None
    if side != "FLAT":
        if not words or not _is_number(words[0]):
            raise ValueError(rule)
        signed = Decimal(words.pop(0)) * (1 if side == "LONG" else -1)
        if words and words[0] == "@":
            average = _number_after(words, "@", text)
    if words and words[0] == "realized":
        realized = _number_after(words, "realized", text)
    if words:
        raise ValueError(f"{rule}; cannot read {words[0]!r}")
    return PositionLine(signed=signed, average=average, realized=realized)


def position_text(signed: Decimal, average: Decimal | None, realized: Decimal | None = None) -> str:
    """Return a position as a line."""
    if not signed:
        text = PositionSide.FLAT.name
    else:
        text = f"{'LONG' if signed > 0 else 'SHORT'} {abs(signed):f}" + (f" @ {plain(average)}" if average else "")
    return text + (f" realized {plain(realized)}" if realized is not None else "")


def position_matches(wanted: PositionLine, signed: Decimal, average: Decimal | None, realized: Decimal | None) -> bool:
    """Return whether a position is what a line says."""
    if wanted.signed != signed:
        return False
    if wanted.average is not None and _at_places_of(wanted.average, average) != wanted.average:
        return False
    return wanted.realized is None or _at_places_of(wanted.realized, realized) == wanted.realized


def event_text(event: OrderEvent) -> str:
    """Return an event as a line; it begins with its kind and its order."""
    words = [type(event).__name__, event.client_order_id.value]
    if isinstance(event, OrderFilled):
        words += [str(event.last_qty), "@", str(event.last_px), event.trade_id.value]
        words += [f"replaces {trade_id}" for trade_id in event.replaces]
        words += [f"corrects {event.corrects}"] if event.corrects is not None else []
    elif isinstance(event, OrderFillVoided):
        words += [event.trade_id.value, *([f"({event.reason})"] if event.reason else [])]
    elif isinstance(event, OrderInitialized):
        words += [event.order_side.name, event.order_type.name, str(event.quantity)]
        words += ["@", str(event.price)] if event.price is not None else []
        words += ["by", event.strategy_id.value]
    elif isinstance(event, OrderUpdated):
        words += [str(event.quantity)]
        words += ["@", str(event.price)] if event.price is not None else []
        words += ["trigger", str(event.trigger_price)] if event.trigger_price is not None else []
    elif isinstance(event, REASONED) and event.reason:
        words.append(f"({event.reason})")
    if event.provenance in TOLD_PROVENANCES:
        words += ["from", event.provenance.name.lower()]
    return " ".join(words)


def event_matches(wanted: str, was: str) -> bool:
    """Return whether an event's line is the one wanted; a reason in brackets counts only where it is wanted."""
    if "(" not in wanted and "(" in was:
        head, _, rest = was.partition(" (")
        was = head + rest[rest.rfind(")") + 1 :]
    ours, theirs = wanted.split(), was.split()
    return len(ours) == len(theirs) and all(_same_word(a, b) for a, b in zip(ours, theirs, strict=True))


def _same_word(wanted: str, was: str) -> bool:
    if wanted in ("*", was):
        return True
    return _is_number(wanted) and _is_number(was) and Decimal(wanted) == Decimal(was)


def plain(number: Decimal | None) -> str:
    """Return a number without exponent, shortened to 8 decimal places."""
    if number is None:
        return "?"
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -8:
        number = number.quantize(Decimal("1e-8")).normalize()
    return f"{number:f}"


def decimal_of(value: FixedPoint | None) -> Decimal | None:
    """Return the number in a price or quantity."""
    return None if value is None else value.value


def _at_places_of(wanted: Decimal, was: Decimal | None) -> Decimal | None:
    return None if was is None else was.quantize(Decimal(1).scaleb(int(wanted.as_tuple().exponent)))


def _is_number(word: str) -> bool:
    try:
        return Decimal(word).is_finite()
    except InvalidOperation:
        return False


def _number_after(words: list[str], mark: str, text: str) -> Decimal:
    words.pop(0)
    if not words or not _is_number(words[0]):
        raise ValueError(f"{text!r}: {mark!r} must be followed by a number")
    return Decimal(words.pop(0))


def public_book_text(book: OrderBook) -> str:
    """Return a venue's book as the node knows it; of a book of orders, each of them in the order of its queue."""
    if not book.is_valid:
        return "UNKNOWN"
    if book.book_type is not BookType.L3_MBO:
        return book_text(book.bids_to_dict(), book.asks_to_dict())
    sides = [
        " ".join(f"{' + '.join(str(one.size) for one in level.orders())} @ {level.price}" for level in levels)
        for levels in (book.bids(), book.asks())
    ]
    return " / ".join(sides).strip()


def book_text(bids: dict[Decimal, Decimal], asks: dict[Decimal, Decimal]) -> str:
    """Return the levels of a book, best first: bids, a stroke, asks."""
    sides = [" ".join(f"{size:f} @ {price:f}" for price, size in side.items()) for side in (bids, asks)]
    return " / ".join(sides).strip()
