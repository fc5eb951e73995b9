"""States stated outright: what is true at the venue before the scenario begins.

May know: the sandbox's scripted actions. Everything stated is a fact there, in its books, at the time it is said to
have happened; nobody was listening, so its messages reach nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from nautilus_live.model.enums import LiquiditySide
from nautilus_live.model.orders import IN_FLIGHT_STATUSES, LOCAL_STATUSES
from sandbox_venues.orders import VenueOrder
from sandbox_venues.venue import Venue
from scenarios.format import GivenOrder, GivenPosition, GivenQuote
from scenarios.given import DatedFill, fills_of, order_type_of, placed_at
from scenarios.problems import ScenarioError
from scenarios.values import NANOSECONDS

SYMBOL_DEFAULT = "BTCUSDT"
QUOTE_SIZE = Decimal(1_000)
_NOT_AT_A_VENUE = {status.name for status in (*LOCAL_STATUSES, *IN_FLIGHT_STATUSES)}


def state_orders(venue: Venue, orders: list[GivenOrder], epoch_ns: int) -> None:
    """Make the stated orders true at the venue.

    Raises:
        ScenarioError: if an order contradicts itself, or the venue cannot have it.

    """
    actions: list[tuple[int, Callable[[int], None]]] = []
    for order in orders:
        if order.status in _NOT_AT_A_VENUE:
            raise ScenarioError([f"$.given.venue: an order at a venue cannot be {order.status}, was for {order.order}"])
        actions += _StatedOrder(venue, order).actions(epoch_ns)
    for at_ns, act in sorted(actions, key=_time_of):
        try:
            act(at_ns)
        except ValueError as error:
            raise ScenarioError([f"$.given.venue: {error}"]) from error


def state_position(venue: Venue, position: GivenPosition, now_ns: int) -> None:
    """Make a stated position true at the venue."""
    venue.set_position(
        position.instrument or SYMBOL_DEFAULT,
        Decimal(position.quantity),
        None if position.price is None else Decimal(position.price),
        position.position,
        _account(venue, position.account),
        now_ns=now_ns,
    )


def state_quote(venue: Venue, quote: GivenQuote, now_ns: int) -> None:
    """Let the venue's market be at a quote."""
    bids, asks = [(Decimal(quote.bid), QUOTE_SIZE)], [(Decimal(quote.ask), QUOTE_SIZE)]
    venue.set_book(quote.instrument or SYMBOL_DEFAULT, bids, asks, now_ns=now_ns)


class _StatedOrder:
    """One stated order on its way into the venue's books."""

    def __init__(self, venue: Venue, order: GivenOrder) -> None:
        self._venue = venue
        self._order = order
        self._placed: VenueOrder | None = None

    def actions(self, epoch_ns: int) -> list[tuple[int, Callable[[int], None]]]:
        """Return what makes the order true, each with its time."""
        order = self._order
        actions: list[tuple[int, Callable[[int], None]]] = [(placed_at(order, epoch_ns), self._place)]
        name = order.order or order.venue_order or "EXT"
        actions += [(fill.at_ns, partial(self._trade, fill)) for fill in fills_of(order, name, epoch_ns)]
        ending = {"CANCELED": self._cancel, "EXPIRED": self._expire, "TRIGGERED": self._trigger}.get(order.status)
        if ending is not None:
            actions.append((epoch_ns - NANOSECONDS["s"], ending))
        return actions

    def _place(self, now_ns: int) -> None:
        venue, order = self._venue, self._order
        before = len(venue.orders())
        venue.external_order(
            order.instrument or SYMBOL_DEFAULT,
            order.side,
            Decimal(order.quantity),
            None if order.price is None else Decimal(order.price),
            order_type_of(order).name,
            None if order.trigger is None else Decimal(order.trigger),
            order.tif,
            order.order,
            status="REJECTED" if order.status == "REJECTED" else None,
            reduce_only=order.reduce_only,
            position_id=order.position,
            venue_order_id=order.venue_order,
            account=_account(venue, order.account),
            now_ns=now_ns,
        )
        self._placed = venue._orders[before]

    def _trade(self, fill: DatedFill, now_ns: int) -> None:
        self._venue.trade(
            self._id,
            fill.quantity,
            fill.price,
            fill.trade_id,
            None if fill.commission is None else str(fill.commission),
            None if fill.liquidity is LiquiditySide.NO_LIQUIDITY_SIDE else fill.liquidity.name,
            late=True,  # the rest of a market order is canceled the moment it comes
            now_ns=now_ns,
        )

    def _cancel(self, now_ns: int) -> None:
        if self._made.is_open:
            self._venue.cancel(self._id, self._order.reason or "VENUE", now_ns=now_ns)

    def _expire(self, now_ns: int) -> None:
        if self._made.is_open:
            self._venue.expire(self._id, self._order.reason or "VENUE", now_ns=now_ns)

    def _trigger(self, now_ns: int) -> None:
        self._venue.trigger(self._id, now_ns=now_ns)

    @property
    def _made(self) -> VenueOrder:
        assert self._placed is not None, "an order is placed before anything else happens to it"
        return self._placed

    @property
    def _id(self) -> str:
        return str(self._made.venue_order_id)


def _account(venue: Venue, number: str | None) -> str:
    """Return the id of an account by its number; without one, of the first. The venue refuses one that it has not."""
    return str(venue.account_ids[0]) if number is None else f"{venue.name}-{number}"


def _time_of(action: tuple[int, object]) -> int:
    return action[0]
