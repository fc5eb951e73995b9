"""Belief and truth side by side: what the node thinks of its orders and positions, and what the venue's books say.

May know: orders, reports, the lines they are written as. Promises: `changed` is told of a subject only when its belief
or its truth is another than before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from msgspec import Struct

from nautilus_live.model.enums import OrderStatus
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import OrderStatusReport, PositionStatusReport
from scenarios.report.records import Family
from scenarios.texts import plain, position_text

Changed = Callable[[Family, str, str | None, str | None, bool], None]
"""Takes (family, subject, belief, truth, agree)."""

NEVER_AT_VENUE = tuple(
    status.name for status in (OrderStatus.INITIALIZED, OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.EMULATED)
)
"""With one of these, an order that the venue has never heard of is no difference."""


class Side(Struct, frozen=True):
    """One side's view of a subject: the words for it, and what is compared."""

    text: str
    facts: tuple[object, ...]


class States:
    """The two sides of every subject."""

    def __init__(self, changed: Changed) -> None:
        self._changed = changed
        self._sides: dict[tuple[Family, str], list[Side | None]] = {}
        self._names: dict[tuple[str, str], str] = {}

    def believe_order(self, order: Order) -> None:
        """Take what the node believes of an order; our own alignment orders are at no venue and not compared."""
        if order.strategy_id.is_internal():
            return
        name = order.client_order_id.value
        if order.venue_order_id is not None:
            name = self._names.setdefault((str(order.instrument_id), order.venue_order_id.value), name)
        self._put("order", name, 0, _order_side(order, order.average, order.status.name))

    def learn_order(self, report: OrderStatusReport) -> None:
        """Take what is true of an order."""
        key = (str(report.instrument_id), report.venue_order_id.value)
        name = report.client_order_id.value if report.client_order_id is not None else report.venue_order_id.value
        name = self._names.setdefault(key, name)
        self._put("order", name, 1, _order_side(report, report.avg_px, report.order_status.name))

    def believe_position(self, instrument: str, signed: Decimal, average: Decimal | None) -> None:
        """Take what the node believes of an instrument's net position."""
        self._put("position", instrument, 0, Side(position_text(signed, average), (signed,)))

    def learn_positions(self, reports: Iterable[PositionStatusReport]) -> None:
        """Take the venue's positions, all of one account."""
        held: dict[str, list[PositionStatusReport]] = {}
        for report in reports:
            held.setdefault(str(report.instrument_id), []).append(report)
        for instrument, parts in held.items():
            signed = sum((part.signed_qty for part in parts), Decimal(0))
            average = parts[0].avg_px_open if len(parts) == 1 else None
            self._put("position", instrument, 1, Side(position_text(signed, average), (signed,)))

    def _put(self, family: Family, subject: str, index: int, side: Side) -> None:
        sides = self._sides.setdefault((family, subject), [None, None])
        if sides[index] == side:
            return
        sides[index] = side
        belief, truth = sides
        self._changed(
            family,
            subject,
            None if belief is None else belief.text,
            None if truth is None else truth.text,
            _agree(family, belief, truth),
        )


def _order_side(order: Order | OrderStatusReport, average: Decimal | None, status: str) -> Side:
    filled, quantity = order.filled_qty.value, order.quantity.value
    is_open = order.is_open or status == OrderStatus.SUBMITTED.name
    words = [status]
    if filled:
        words += [f"{filled:f}" if filled == quantity else f"{filled:f} of {quantity:f}"]
        words += [f"@ {plain(average)}"] if average is not None else []
    else:
        words.append(f"{quantity:f}")
    if is_open and order.price is not None:
        words.append(f"limit {order.price}")
    facts = (status, filled, quantity, None if order.price is None else order.price.value) if is_open else None
    return Side(" ".join(words), facts or (status, filled))


def _agree(family: Family, belief: Side | None, truth: Side | None) -> bool:
    if belief is not None and truth is not None:
        return belief.facts == truth.facts
    if family == "position":
        there = belief or truth
        return there is None or not there.facts[0]
    return belief is not None and belief.facts[0] in NEVER_AT_VENUE
